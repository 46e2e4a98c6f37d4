"""Makes the packages siaran-console and siaran-tray from frozen folders: ``python3 run.py deb``.

The same commit gives the same bytes: fixed dates, owners and modes, and one thread that packs.
Each package stands alone, so that a till has nothing of the console.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE), str(HERE.parent / "freeze")]

import freeze  # noqa: E402
from depends import depends  # noqa: E402
from man_pages import man_pages  # noqa: E402

from shared import __version__  # noqa: E402
from shared.settings import Program  # noqa: E402

FILES = HERE / "deb"
ICONS = HERE.parent / "icons" / "siaran.ico"
DRAWING = ROOT / "shared" / "qt" / "resources" / "app.svg"
EXECUTABLE, READABLE = 0o755, 0o644


@dataclass(frozen=True, slots=True)
class Package:
    """One of the two packages."""

    program: Program
    summary: str
    text: str
    needs: tuple[str, ...] = ()
    """Debian's packages whose files it reads."""

    @property
    def name(self) -> str:
        """As in ``apt install NAME``."""
        return f"siaran-{self.program}"


PACKAGES = (
    Package(
        Program.CONSOLE,
        "sends messages to the screens of all outlets",
        "Head office writes a message once; every outlet PC shows it at once.\n"
        "This is the console, which sends it over Redis.",
        needs=("tzdata",),
    ),
    Package(
        Program.TRAY,
        "shows messages from head office on an outlet PC",
        "Head office writes a message once; every outlet PC shows it at once.\n"
        "This is the tray, which starts with every session of the PC, follows its\n"
        "channels in Redis, and shows each message in a popup.",
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Build both packages, freezing first if that has to be."""
    parser = argparse.ArgumentParser(prog="run.py deb", description=__doc__)
    parser.add_argument("--maintainer", default="Siaran <siaran@localhost>", help="NAME <ADDRESS>")
    parser.add_argument("--lintian", action="store_true", help="fail if lintian finds an error")
    options = parser.parse_args(argv)
    place = freeze.folder_of()
    apart = all((place / package.name).is_dir() for package in PACKAGES)
    if not (apart and is_fresh(place)):
        freeze.build(place, "--apart")
    for package in PACKAGES:
        file = build(package, place / package.name, place, maintainer=options.maintainer)
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e6:.1f} MB")
        if options.lintian:
            subprocess.check_call(["lintian", "--allow-root", str(file)])
    return 0


def is_fresh(place: Path) -> bool:
    """Whether the folders in *place* were frozen from this very tree."""
    stamp = place / "stamp"
    return stamp.exists() and stamp.read_text() == freeze.digest()


def build(
    package: Package,
    frozen: Path,
    place: Path,
    *,
    version: str = __version__,
    maintainer: str = "Siaran <siaran@localhost>",
    compression: Sequence[str] = ("-Zxz", "--threads-max=1"),
) -> Path:
    """Build *package* from the folder *frozen* into *place*; return the file.

    Raises:
        subprocess.CalledProcessError: a tool failed; its output says why.
    """
    architecture = _output("dpkg", "--print-architecture")
    epoch = int(freeze.sameness()["SOURCE_DATE_EPOCH"])
    staging = ROOT / "build" / "deb" / f"{package.name}_{version}"
    shutil.rmtree(staging, ignore_errors=True)
    needs = _put_program(package, frozen, staging)
    _put_desktop(package, staging)
    _put_documents(package, staging, version, maintainer, epoch)
    _put_control(package, staging, version, maintainer, architecture, needs)
    _settle(staging, epoch)
    file = place / f"{package.name}_{version}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", *compression, "--build", str(staging), str(file)],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    shutil.rmtree(staging)
    return file


# --- what is in it -------------------------------------------------------------------------------


def _put_program(package: Package, frozen: Path, staging: Path) -> list[str]:
    """The frozen folder, the name people type, and the place of policies."""
    home = staging / "usr" / "lib" / package.name
    shutil.copytree(frozen, home, symlinks=True)
    link = staging / "usr" / "bin" / package.name
    link.parent.mkdir(parents=True)
    link.symlink_to(f"../lib/{package.name}/{package.name}")
    (staging / "etc" / "siaran" / "policies" / "managed").mkdir(parents=True)
    return sorted([*depends(staging), *package.needs])


def _put_desktop(package: Package, staging: Path) -> None:
    """Menu entry, icons, and for the tray its start with every session."""
    share = staging / "usr" / "share"
    _write(share / "applications" / f"{package.name}.desktop", _file(f"{package.name}.desktop"))
    icons = share / "icons" / "hicolor"
    _write(icons / "scalable" / "apps" / f"{package.name}.svg", DRAWING.read_bytes())
    for size, picture in pictures(ICONS.read_bytes()).items():
        _write(icons / f"{size}x{size}" / "apps" / f"{package.name}.png", picture)
    if package.program is Program.TRAY:
        home = staging / "usr" / "lib" / package.name
        _write(home / "start-with-session", _file("start-with-session"), EXECUTABLE)
        start = staging / "etc" / "xdg" / "autostart" / "siaran-tray.desktop"
        _write(start, _file("autostart.desktop"))


def pictures(icon: bytes) -> dict[int, bytes]:
    """The PNG files in a Windows icon, by their size in pixels."""
    (count,) = struct.unpack_from("<H", icon, 4)
    found = {}
    for number in range(count):
        side, length, at = struct.unpack_from("<B7xII", icon, 6 + 16 * number)
        found[side or 256] = icon[at : at + length]
    return found


def _put_documents(
    package: Package, staging: Path, version: str, maintainer: str, epoch: int
) -> None:
    """Manual pages, licence, changes, and the example and schema of policies."""
    share, when = staging / "usr" / "share", datetime.fromtimestamp(epoch, UTC)
    for name, text in man_pages(package.program, f"{when:%Y-%m-%d}").items():
        _write(share / "man" / "man1" / f"{name}.gz", _packed(text.encode("ascii")))
    documents = share / "doc" / package.name
    _write(documents / "copyright", _copyright(package))
    entry = (
        f"siaran ({version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n"
        f" -- {maintainer}  {format_datetime(when)}\n"
    )
    _write(documents / "changelog.gz", _packed(entry.encode("utf-8")))
    _write(documents / "CHANGELOG.md.gz", _packed((ROOT / "CHANGELOG.md").read_bytes()))
    for path in sorted((HERE / "policies").iterdir()):
        _write(documents / "examples" / path.name, path.read_bytes())
    for name in freeze.BILLS:
        (documents / name).symlink_to(f"../../../lib/{package.name}/_internal/{name}")
    overrides = _file("lintian-overrides").replace(b"PACKAGE", package.name.encode())
    _write(share / "lintian" / "overrides" / package.name, overrides)


def _copyright(package: Package) -> bytes:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8").splitlines()
    text = "\n".join(f" {line}" if line.strip() else " ." for line in licence)
    template = _file("copyright").decode("utf-8").replace("PACKAGE", package.name)
    return template.replace("LICENCE-TEXT", text).encode("utf-8")


# --- what dpkg wants to know ---------------------------------------------------------------------


def _put_control(
    package: Package,
    staging: Path,
    version: str,
    maintainer: str,
    architecture: str,
    needs: Sequence[str],
) -> None:
    control = staging / "DEBIAN"
    kilobytes = sum(-(-path.lstat().st_size // 1024) for path in _files(staging))
    fields = {
        "Package": package.name,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": maintainer,
        "Installed-Size": str(kilobytes),
        "Depends": ", ".join(needs),
        "Recommends": "fonts-dejavu-core | fonts-freefont-ttf",
        "Suggests": "fonts-noto-color-emoji",
        "Section": "net",
        "Priority": "optional",
        "Description": f"{package.summary}\n " + package.text.replace("\n", "\n "),
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    sums = [f"{_md5(path)}  {path.relative_to(staging)}\n" for path in _files(staging)]
    _write(control / "control", text.encode("utf-8"))
    _write(control / "md5sums", "".join(sums).encode("utf-8"))
    other = next(one.name for one in PACKAGES if one is not package)
    _write(control / "postrm", _file("postrm").replace(b"OTHER", other.encode()), EXECUTABLE)
    if package.program is Program.TRAY:
        _write(control / "conffiles", b"/etc/xdg/autostart/siaran-tray.desktop\n")
        for script in ("prerm", "postinst"):
            _write(control / script, _file(f"siaran-tray.{script}"), EXECUTABLE)


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _files(staging: Path) -> list[Path]:
    """Everything in the package but what dpkg keeps for itself, and no links."""
    own = staging / "DEBIAN"
    found = (p for p in sorted(staging.rglob("*")) if p.is_file() and not p.is_symlink())
    return [path for path in found if own not in path.parents]


def _settle(staging: Path, epoch: int) -> None:
    """One date for everything, and modes that do not depend on who builds."""
    for path in (staging, *staging.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or _runs(path)
            path.chmod(EXECUTABLE if runs else READABLE)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def _runs(path: Path) -> bool:
    """Whether it is a program: libraries are marked as such, too, where they come from."""
    return bool(path.stat().st_mode & 0o100) and ".so" not in path.suffixes


def _write(path: Path, content: bytes, mode: int = READABLE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def _file(name: str) -> bytes:
    return (FILES / name).read_bytes()


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
