"""Makes the Windows programs and installers on Linux: ``python3 run.py freeze --windows``.

The result is in ``dist/windows``: ``SiaranConsole.msi`` and ``SiaranTray.msi``, and the folders of
the programs: ``siaran`` with both, ``siaran-console`` and ``siaran-tray`` with one each.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from frozen import BUILD_TIME, FOLDERS, frozen_programs, inputs, megabytes  # noqa: E402
from lzx_matches import ZstdError  # noqa: E402
from msi import make_all  # noqa: E402
from prove import NotProvedError, prove  # noqa: E402
from signing import Signer  # noqa: E402
from wine_root import HERE, CannotBuildError, cached, digest, need_machine  # noqa: E402

from shared import __version__  # noqa: E402

DIST = ROOT / "dist" / "windows"


def main(argv: Sequence[str] | None = None) -> int:
    """Build as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="run.py freeze --windows", description=__doc__)
    parser.add_argument(
        "--prove", action="store_true", help="install, upgrade and remove it all under Wine"
    )
    parser.add_argument(
        "--from",
        dest="frozen",
        type=Path,
        metavar="FOLDER",
        help="make the installers of what a Windows machine has frozen (run.py freeze --apart)",
    )
    parser.add_argument(
        "--sign-with", type=Path, metavar="PFX", help="a certificate with its key, to sign it all"
    )
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="holds the certificate's password"
    )
    parser.add_argument(
        "--timestamp", default="", metavar="URL", help="who signs the time (RFC 3161)"
    )
    options = parser.parse_args(argv)
    signer = None
    if options.sign_with:
        signer = Signer(options.sign_with, options.password_file, options.timestamp)
    try:
        need_machine(wine=options.prove or options.frozen is None)
        build(DIST, signer, options.frozen)
        if options.prove:
            prove(DIST, DIST, __version__)
    except (CannotBuildError, NotProvedError, ZstdError) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    return 0


def build(place: Path, signer: Signer | None = None, frozen: Path | None = None) -> None:
    """Put everything into *place*, made of the folders in *frozen*, signed by *signer*.

    Raises:
        CannotBuildError: this machine cannot.
    """
    source = frozen or frozen_programs()
    missing = [name for name in FOLDERS if not (source / name).is_dir()]
    if missing or source.resolve() == place.resolve():
        wanted = " ".join(FOLDERS)
        raise CannotBuildError(f"--from wants a folder elsewhere than dist/windows with {wanted}.")
    shutil.rmtree(place, ignore_errors=True)
    for name in FOLDERS:
        shutil.copytree(source / name, place / name)
        if signer:
            print(f"{name}: {signer.sign_folder(place / name)} files signed")
    if (source / "probe").is_dir():
        shutil.copytree(source / "probe", place / "probe")
    if signer or frozen:
        for msi in _pack(place, place):
            if signer:
                signer.sign(msi)
    else:
        shutil.copytree(installers(place), place, dirs_exist_ok=True)
    for made in (*(place / name for name in FOLDERS), *sorted(place.glob("*.msi"))):
        size = megabytes(made) if made.is_dir() else made.stat().st_size / 1e6
        print(f"{made.relative_to(ROOT)}: {size:.1f} MB")


def installers(frozen: Path) -> Path:
    """The folder of the two MSIs, made of the folders in *frozen*."""
    key = digest(*inputs(), *sorted(HERE.glob("*.py")))
    return cached("msi", key, lambda folder: _pack(frozen, folder))


def _pack(frozen: Path, folder: Path) -> list[Path]:
    print("Packing the installers (a minute) ...", flush=True)
    begun = time.monotonic()
    made = make_all(frozen, __version__, folder, BUILD_TIME)
    print(f"  took {time.monotonic() - begun:.0f} s")
    return made


if __name__ == "__main__":
    sys.exit(main())
