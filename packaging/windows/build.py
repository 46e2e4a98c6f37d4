"""Makes the Windows programs and installers on Linux: ``python3 run.py freeze --windows``.

The result is in ``dist/windows``: ``SiaranConsole.msi`` and ``SiaranTray.msi``, and the folders of
the programs: ``siaran`` with both, ``siaran-console`` and ``siaran-tray`` with one each.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import ice  # noqa: E402
from build_machine import CannotBuildError, need_machine  # noqa: E402
from frozen import BUILD_TIME, FOLDERS, frozen_programs, megabytes  # noqa: E402
from mishaps import NotProvedError  # noqa: E402
from msi import make_cabinets, make_msi  # noqa: E402
from products import PRODUCTS  # noqa: E402
from prove import prove  # noqa: E402
from signing import Signer  # noqa: E402

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
        help="make the installers of what a Windows machine has frozen (run.py freeze --apart), "
        "with the cabinets in it (--cabinets) unless the programs are signed here",
    )
    parser.add_argument(
        "--cabinets",
        action="store_true",
        help="on Windows, after run.py freeze --apart: pack the programs by makecab, for --from",
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
        if options.cabinets:
            return _make_cabinets()
        need_machine(wine=options.prove or options.frozen is None)
        build(DIST, signer, options.frozen)
        if options.prove:
            prove(DIST, DIST, __version__)
    except (CannotBuildError, NotProvedError) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    return 0


def _make_cabinets() -> int:
    if sys.platform != "win32":
        raise CannotBuildError("--cabinets wants Windows, which has makecab.")
    for made in make_cabinets(DIST, BUILD_TIME):
        print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.1f} MB")
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
    _make_installers(source, place, signer)
    for made in (*(place / name for name in FOLDERS), *sorted(place.glob("*.msi"))):
        size = megabytes(made) if made.is_dir() else made.stat().st_size / 1e6
        print(f"{made.relative_to(ROOT)}: {size:.1f} MB")


def _make_installers(source: Path, place: Path, signer: Signer | None) -> None:
    """Both, of the programs in *place*, with the cabinets that Windows may have left in *source*.

    Not where the programs were signed here: they are no longer what Windows has packed.
    """
    for product in PRODUCTS:
        folder = f"siaran-{product.program}"
        ready = (source / folder).with_suffix(".cab")
        taken = ready if ready.is_file() and not signer else None
        msi = make_msi(product, place / folder, __version__, place, BUILD_TIME, taken)
        ice.check(msi)
        if signer:
            signer.sign(msi)


if __name__ == "__main__":
    sys.exit(main())
