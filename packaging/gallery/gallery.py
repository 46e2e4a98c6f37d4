"""``run.py gallery``: pictures of every window in every state, and a page to look through them."""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = ROOT / "build" / "gallery"
MAKERS = ("popups.py", "console_pages.py")
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Siaran: gallery</title>
<style>
body {{ font: 15px system-ui, sans-serif; margin: 24px; background: #8a9099; }}
h2 {{ margin: 32px 0 8px; }}
div {{ display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }}
figure {{ margin: 0; max-width: 560px; }}
img {{ max-width: 100%; }}
</style>
<h1>Siaran: gallery</h1>
{sections}
</html>
"""


def main() -> int:
    """Make all pictures anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for maker in MAKERS:
        subprocess.run([sys.executable, HERE / maker, FOLDER], check=True)
    pictures = sorted(FOLDER.glob("*.png"))
    (FOLDER / "index.html").write_text(page(pictures), encoding="utf-8")
    print(f"{len(pictures)} pictures: {(FOLDER / 'index.html').relative_to(ROOT)}")
    return 0


def page(pictures: list[Path]) -> str:
    """An HTML page of *pictures*; what shows the same in another look stands side by side."""
    groups: dict[str, list[Path]] = defaultdict(list)
    for picture in pictures:
        groups[picture.stem.rpartition("-")[0]].append(picture)
    sections = (
        f"<h2>{html.escape(name)}</h2><div>{''.join(map(_figure, group))}</div>"
        for name, group in groups.items()
    )
    return PAGE.format(sections="\n".join(sections))


def _figure(picture: Path) -> str:
    name = html.escape(picture.name)
    look = html.escape(picture.stem.rpartition("-")[2])
    image = f'<img loading="lazy" src="{name}" alt="{html.escape(picture.stem)}">'
    return f"<figure>{image}<figcaption>{look}</figcaption></figure>"


if __name__ == "__main__":
    sys.exit(main())
