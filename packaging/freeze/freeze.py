"""Freezes the programs for the machine that it runs on: ``python3 run.py freeze``.

Makes ``dist/<platform>/siaran`` with both programs, with ``--apart`` also ``siaran-console`` and
``siaran-tray`` with one each, for installers. Runs in any Python that has the requirements
``freeze.txt``, also in a Windows one.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "packaging" / "siaran.spec"
PLATFORM = {"win32": "windows"}.get(sys.platform, sys.platform)
BILLS = ("sbom.cdx.json", "THIRD-PARTY.txt")
NO_COMMIT_TIME = "315532800"
"""1980 (s since 1970), the earliest that archives know: for a tree that no git knows."""
FROZEN = ("admin_app", "shared", "tray_client", "packaging/freeze", "packaging/icons")
"""Folders whose files decide what a freeze is, beside the spec and the requirements."""


def main(argv: Sequence[str] | None = None) -> int:
    """Freeze as the command line says."""
    parser = argparse.ArgumentParser(prog="run.py freeze", description=__doc__)
    parser.add_argument("--apart", action="store_true", help="also one folder for each program")
    parser.add_argument("--naive", action="store_true", help="leave nothing out, to compare with")
    parser.add_argument("--verify", action="store_true", help="freeze twice and compare the bytes")
    options = parser.parse_args(argv)
    if options.verify:
        return _verify()
    place = folder_of(naive=options.naive)
    flags = [f"--{one}" for one in ("naive", "apart") if getattr(options, one)]
    build(place, *flags)
    for folder in sorted(place.glob("siaran*/")):
        megabytes = sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6
        print(f"{folder.relative_to(ROOT)}: {megabytes:.1f} MB")
    return 0


def folder_of(*, naive: bool = False) -> Path:
    """Where the frozen folders of this platform are put."""
    return ROOT / "dist" / (f"{PLATFORM}-naive" if naive else PLATFORM)


def build(place: Path, *flags: str) -> None:
    """Freeze into *place*, with *flags* for the spec.

    Raises:
        subprocess.CalledProcessError: PyInstaller failed; its output says why.
    """
    shutil.rmtree(place, ignore_errors=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    folders = ["--distpath", str(place), "--workpath", str(_work_folder(place))]
    environment = {**os.environ, **sameness()}
    environment["PYINSTALLER_CONFIG_DIR"] = str(
        _work_folder(place)
    )  # its cache, of this build only
    command += [*folders, str(SPEC), "--", *flags]
    subprocess.check_call(command, cwd=ROOT, env=environment)
    for folder in place.glob("siaran*/"):
        for name in BILLS:  # in the folder to travel with it, beside it to be found
            shutil.copy2(folder / "_internal" / name, place / f"{folder.name}.{name}")
    _put_probes(place)
    (place / "stamp").write_text(digest())


def _work_folder(place: Path) -> Path:
    return ROOT / "build" / place.relative_to(ROOT).as_posix().replace("/", "-")


def _verify() -> int:
    """Freeze twice, in different places, and compare every file."""
    places = [ROOT / "build" / name / "frozen" for name in ("once", "again")]
    contents = []
    for place in places:
        build(place)
        contents.append(
            {file.relative_to(place): _content(file) for file in sorted(place.rglob("*"))}
        )
    once, again = contents
    different = [name for name in {**once, **again} if once.get(name) != again.get(name)]
    for name in different:
        print(f"different: {name}", file=sys.stderr)
    if not different:
        print(f"Two builds, {len(once)} files: no byte differs.")
    return 1 if different else 0


def _content(file: Path) -> bytes | str | None:
    if file.is_symlink():
        return str(file.readlink())
    return file.read_bytes() if file.is_file() else None


def _put_probes(place: Path) -> None:
    """Put the tests' programs where they find the libraries, and where they are not installed."""
    folder = place / "probe"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    ending = ".exe" if sys.platform == "win32" else ""
    for program in ("console", "tray"):
        shutil.copy2(_work_folder(place) / "siaran" / f"probe-{program}{ending}", folder)
    if sys.platform != "win32":
        (folder / "_internal").symlink_to("../siaran/_internal")


def sameness() -> dict[str, str]:
    """Variables with which two builds of one commit are the same, byte by byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or _commit_time() or NO_COMMIT_TIME
    same = {"SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "0"}
    # Without what only tells the columns of a traceback, and packed as small as it can be.
    return {**same, "PYTHONNODEBUGRANGES": "1", "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": "9"}


def _commit_time() -> str:
    """When this commit was made (s since 1970); empty without git, or outside a repository."""
    git = shutil.which("git")
    if git is None:
        return ""
    asked = [git, "log", "-1", "--format=%ct"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def digest() -> str:
    """Of everything in this tree that a freeze is made of."""
    total = hashlib.sha256(repr(sys.version_info[:3]).encode())
    for path in _sources():
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _sources() -> Iterator[Path]:
    yield SPEC
    yield ROOT / "packaging" / "requirements" / "freeze.txt"
    yield ROOT / "tests" / "frozen" / "probe.py"
    for folder in FROZEN:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                yield path


if __name__ == "__main__":
    sys.exit(main())
