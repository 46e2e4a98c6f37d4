"""The list of parts and the notices are complete, and name nothing that is not there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.frozen.programs import ROOT, Frozen

PARTS = {
    *("CPython", "Qt", "ICU", "PySide6_Essentials", "shiboken6", "msgspec", "PyNaCl", "cffi"),
    *("redis", "jeepney", "tzlocal"),
}


@pytest.fixture
def bill(frozen: Frozen) -> dict[str, Any]:
    """The CycloneDX document of the folder with both programs."""
    found: dict[str, Any] = json.loads((frozen.folder / "siaran.sbom.cdx.json").read_text())
    return found


def test_the_bill_lists_what_is_locked_and_nothing_else(bill: dict[str, Any]) -> None:
    lock = (ROOT / "packaging" / "requirements" / "freeze.txt").read_text()
    locked = set(re.findall(r"^([\w-]+)==([\w.]+)", lock, re.M))
    named = {one["name"] for one in bill["components"]}
    assert named > PARTS
    for component in bill["components"]:
        package = re.fullmatch(r"pkg:pypi/(.+)@(.+)", component["purl"])
        assert package is None or package.groups() in locked
        assert re.fullmatch(r"[\w.-]+( (OR|AND|WITH) [\w.-]+)*", _licence(component))


def _licence(component: dict[str, Any]) -> str:
    (choice,) = component["licenses"]
    return str(choice["expression"])


def test_the_bill_has_what_cyclonedx_demands(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(set(references)) == len(references)
    root, *others = bill["dependencies"]
    assert root["ref"] == bill["metadata"]["component"]["bom-ref"]
    assert root["dependsOn"] == references == [one["ref"] for one in others]


def test_the_notices_travel_with_the_programs_and_have_every_licence(
    frozen: Frozen, bill: dict[str, Any]
) -> None:
    inside = frozen.folder / "siaran" / "_internal"
    text = (inside / "THIRD-PARTY.txt").read_text()
    assert text == (frozen.folder / "siaran.THIRD-PARTY.txt").read_text()
    assert json.loads((inside / "sbom.cdx.json").read_text()) == bill
    for component in bill["components"]:
        assert f"\n{component['name']} {component['version']}\nLicence: " in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "you may replace" in text


def test_the_qt_libraries_can_be_exchanged(frozen: Frozen) -> None:
    place = frozen.folder / "siaran" / "_internal" / "PySide6" / "Qt"
    assert {path.name for path in (place / "lib").glob("libQt6*")} >= {
        f"libQt6{name}.so.6" for name in ("Core", "Gui", "Widgets")
    }
    assert _is_library(place / "plugins" / "platforms" / "libqxcb.so")


def _is_library(path: Path) -> bool:
    return path.read_bytes()[:4] == b"\x7fELF"
