"""Cabinets and the installers around them: complete, readable by others, the same every time."""

from __future__ import annotations

import base64
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

WINDOWS = Path(__file__).resolve().parents[2] / "packaging" / "windows"
sys.path.insert(0, str(WINDOWS))

import cabinet  # noqa: E402
from build_machine import CannotBuildError  # noqa: E402
from msi import contents, make_cabinets, make_msi  # noqa: E402
from products import CONSOLE, PRODUCTS, TRAY, Product  # noqa: E402

AT = 1_735_689_600
MIXTURE = {
    "f_text": b"one line after another\n" * 9000,
    "f_nothing": b"",
    "f_noise": random.Random(1).randbytes(100_001),
    "f_a": b"x",
}
UNPACKERS = {
    "cabextract": ("cabextract", "-q", "-d", "out", "made.cab"),
    "7z": ("7z", "x", "-y", "-bd", "-oout", "made.cab"),
}
AS_MAKECAB = base64.b64decode(
    "TVNDRgAAAADgAAAAAAAAACwAAAAAAAAAAwEBAAIAAAAAAAAAVAAAAAIAAxWwswAAAAAAAAAAIVoAACAAZl8yAAAAAACw"
    "swAAAAAhWgAAIABmXzEASsXhQG4AAIAAgNhZCxACOwAAAAACAAAwDjIdzMp/RQbIBH4jEP0AAAAAAwADAAgh4PvfZ/d9"
    "qN8AAAAAAAAIAEHMr/bv07mTG1NM1R5fxZ6e6/bMEN8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAA+AsDMO"
    "ALAzAAAAAAAAAAAAAAAAgAE="
)
"""A cabinet with LZX: ``f_2``, one line 2000 times, and ``f_1``, which is empty."""


def need(*programs: str) -> None:
    """Skip loudly where *programs* are missing, but not in CI."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI has to make and unpack cabinets: {', '.join(missing)} not installed")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def placed(folder: Path, files: dict[str, bytes]) -> dict[str, Path]:
    """The *files* on disk, under other names than their keys, as files of the programs are."""
    folder.mkdir(exist_ok=True)
    places = {key: folder / f"{number}.bin" for number, key in enumerate(files)}
    for key, place in places.items():
        place.write_bytes(files[key])
    return places


@pytest.mark.parametrize("unpacker", UNPACKERS)
def test_other_programs_give_back_what_was_put_in(unpacker: str, tmp_path: Path) -> None:
    need("gcab", unpacker)
    places = placed(tmp_path / "in", MIXTURE)
    cabinet.make(tmp_path / "made.cab", places, AT)
    (tmp_path / "out").mkdir()
    subprocess.run(UNPACKERS[unpacker], cwd=tmp_path, check=True, capture_output=True)
    unpacked = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert unpacked == MIXTURE
    cabinet.check(tmp_path / "made.cab", places)


def test_bytes_depend_on_files_and_order_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("gcab")
    first, second, turned = (tmp_path / f"{name}.cab" for name in ("first", "second", "turned"))
    places = placed(tmp_path / "in", MIXTURE)
    cabinet.make(first, places, AT)
    monkeypatch.setenv("TZ", "Asia/Jakarta")
    elsewhere = placed(tmp_path / "elsewhere", MIXTURE)
    for place in elsewhere.values():
        os.utime(place, (0, 0))
        place.chmod(0o555)
    cabinet.make(second, elsewhere, AT)
    assert first.read_bytes() == second.read_bytes()
    cabinet.make(turned, dict(reversed(places.items())), AT)
    assert turned.read_bytes() != first.read_bytes()


@pytest.mark.parametrize(
    ("inside", "word"),
    [
        (dict(reversed(MIXTURE.items())), "order"),
        ({key: MIXTURE[key] for key in list(MIXTURE)[1:]}, "other files"),
        ({**MIXTURE, "f_more": b""}, "other files"),
        ({**MIXTURE, "f_a": b"y"}, r"another 3\.bin"),
    ],
    ids=["another order", "one less", "one more", "another byte"],
)
def test_a_cabinet_with_something_else_is_refused(
    inside: dict[str, bytes], word: str, tmp_path: Path
) -> None:
    need("gcab")
    cabinet.make(tmp_path / "made.cab", placed(tmp_path / "in", inside), AT)
    with pytest.raises(CannotBuildError, match=word):
        cabinet.check(tmp_path / "made.cab", placed(tmp_path / "wanted", MIXTURE))


def test_a_damaged_cabinet_is_refused(tmp_path: Path) -> None:
    need("gcab")
    (tmp_path / "made.cab").write_bytes(b"MSCF")
    with pytest.raises(CannotBuildError, match="gcab"):
        cabinet.check(tmp_path / "made.cab", {})


def test_what_makecab_packs_can_be_checked(tmp_path: Path) -> None:
    need("gcab")
    (tmp_path / "made.cab").write_bytes(AS_MAKECAB)
    wanted = {"f_2": b"one line after another\n" * 2000, "f_1": b""}
    cabinet.check(tmp_path / "made.cab", placed(tmp_path / "in", wanted))


# --- for Windows ---------------------------------------------------------------------------------


def test_makecab_is_told_one_cabinet_of_lzx_in_this_order() -> None:
    assert cabinet.directives("siaran-tray.cab", ["f_2", "f_1"]).split("\r\n") == [
        ".Option Explicit",
        ".Set CabinetNameTemplate=siaran-tray.cab",
        ".Set Cabinet=on",
        ".Set Compress=on",
        ".Set CompressionType=LZX",
        ".Set CompressionMemory=21",
        ".Set MaxDiskSize=0",
        ".Set DiskDirectoryTemplate=.",
        ".Set InfFileName=nul",
        ".Set RptFileName=nul",
        '"f_2"',
        '"f_1"',
        "",
    ]


MAKECAB = """#!/bin/sh
set -e
test "$1" = /f
tr -d '\\r' <"$2" | sed -n 's/^"\\(.*\\)"$/\\1/p' >keys
exec gcab --create "$(tr -d '\\r' <"$2" | sed -n 's/^.Set CabinetNameTemplate=//p')" $(cat keys)
"""
"""Stands in for Windows' own, as far as it reads names in the folder that it is started in."""


def test_on_windows_makecab_packs_each_program_beside_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("gcab")
    (tmp_path / "makecab").write_text(MAKECAB)
    (tmp_path / "makecab").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(sys, "platform", "win32")
    frozen = freeze(tmp_path / "frozen", PRODUCTS)
    made = make_cabinets(frozen, AT)
    assert [path.name for path in made] == ["siaran-console.cab", "siaran-tray.cab"]
    for product, path in zip(PRODUCTS, made, strict=True):
        files = contents(product, frozen / path.stem, tmp_path)
        assert any(file.path.name == "task.xml" for file in files) is (product is TRAY)
        cabinet.check(path, {key: place for key, place, _ in files})
    assert sorted(path.name for path in frozen.iterdir() if path.is_file()) == [
        path.name for path in made
    ]


# --- the installers ------------------------------------------------------------------------------


def freeze(folder: Path, products: Sequence[Product]) -> Path:
    """A folder as a freeze leaves it, with little in it."""
    for product in products:
        place = folder / f"siaran-{product.program}"
        (place / "_internal" / "Qt").mkdir(parents=True)
        for name in (product.exe, f"siaran-{product.program}.exe", "_internal/Qt/a.dll"):
            (place / name).write_bytes(b"MZ" + name.encode() * 9000)
    return folder


def test_an_installer_has_its_files_and_the_same_bytes_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("gcab", "msibuild", "msiextract")
    made = []
    for name, zone in (("one", "UTC"), ("other", "Asia/Jakarta")):
        place = tmp_path / name
        monkeypatch.setenv("TZ", zone)
        frozen = freeze(place, [CONSOLE]) / "siaran-console"
        made.append(make_msi(CONSOLE, frozen, "1.2.3", place, AT))
    assert made[0].read_bytes() == made[1].read_bytes()
    out = tmp_path / "out"
    command = ["msiextract", "--directory", str(out), str(made[0])]
    subprocess.run(command, check=True, capture_output=True)
    [program] = [path.parent for path in out.rglob(CONSOLE.exe)]
    assert program.parts[-2:] == ("Siaran", "Console")
    wanted = {path.relative_to(frozen) for path in frozen.rglob("*") if path.is_file()}
    assert {path.relative_to(program) for path in out.rglob("*") if path.is_file()} == wanted
    assert all((program / one).read_bytes() == (frozen / one).read_bytes() for one in wanted)


def test_a_cabinet_from_windows_is_taken_only_with_these_very_programs(tmp_path: Path) -> None:
    need("gcab", "msibuild")
    frozen = freeze(tmp_path, [TRAY]) / "siaran-tray"
    ready = tmp_path / "ready.cab"
    places = {key: place for key, place, _ in contents(TRAY, frozen, tmp_path)}
    cabinet.make(ready, places, AT + 2)  # a date by which to tell it from a new one
    msi = make_msi(TRAY, frozen, "1.2.3", tmp_path, AT, ready)
    assert ready.read_bytes() in msi.read_bytes()
    (frozen / TRAY.exe).write_bytes(b"MZ of another day")
    with pytest.raises(CannotBuildError, match=r"another SiaranTray\.exe"):
        make_msi(TRAY, frozen, "1.2.3", tmp_path, AT, ready)
