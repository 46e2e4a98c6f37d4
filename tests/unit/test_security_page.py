"""``packaging/SECURITY.md`` names what proves it: those tests are there, and none is left out."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "packaging" / "SECURITY.md").read_text(encoding="utf-8")
ATTACKS = ROOT / "tests" / "integration" / "attacks"
NO_ATTACK = {"harness"}


def test_every_test_that_is_named_is_there() -> None:
    named = set(re.findall(r"`test_(\w+)`", PAGE))
    assert named <= {path.stem.removeprefix("test_") for path in ATTACKS.glob("test_*.py")}
    for path in re.findall(r"`(tests/[\w/.]+)`", PAGE):
        assert (ROOT / path).exists(), path


def test_every_kind_of_attack_is_named() -> None:
    kinds = {path.stem.removeprefix("test_") for path in ATTACKS.glob("test_*.py")} - NO_ATTACK
    assert [kind for kind in sorted(kinds) if f"`test_{kind}`" not in PAGE] == []


def test_links_lead_somewhere() -> None:
    readme = (ROOT / "packaging" / "README.md").read_text(encoding="utf-8")
    places = {"": _anchors(PAGE), "README.md": _anchors(readme)}
    for file, anchor in re.findall(r"\]\(([\w.]*)#([\w-]+)\)", PAGE):
        assert anchor in places[file], anchor
    for anchor in re.findall(r"\]\(SECURITY\.md#([\w-]+)\)", readme):
        assert anchor in places[""], anchor


def _anchors(page: str) -> set[str]:
    titles = re.findall(r"(?m)^#+ (.+)$", page)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
