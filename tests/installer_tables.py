"""The tables of an installer of a program with three files."""

from __future__ import annotations

import sys
from pathlib import Path

WINDOWS = Path(__file__).resolve().parents[1] / "packaging" / "windows"
sys.path.insert(0, str(WINDOWS))

from msi_tables import Row  # noqa: E402
from products import InstalledFile, Product, tables  # noqa: E402

PRODUCT_CODE = "{A7F5B0C2-6E5D-5C1B-8E0A-0D8A5C7E9B10}"


def rows_of(product: Product, folder: Path) -> dict[str, list[Row]]:
    """The tables of *product*, whose files are put into *folder*."""
    files = []
    for name in (product.exe, f"siaran-{product.program}.exe", "_internal/a.dll"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"MZ")
        files.append(
            InstalledFile(f"f_{path.stem}_{path.suffix[1:]}".replace("-", "_"), path, Path(name))
        )
    return tables(product, "1.2.3", PRODUCT_CODE, files)
