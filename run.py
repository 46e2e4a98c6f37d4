#!/usr/bin/env python3
"""Siaran for newcomers: ``python3 run.py demo`` and ``python3 run.py test``.

Needs nothing but Python 3.11 to 3.13. Makes its own environment in ``.venv`` from hash-locked
requirements, and says, or as root installs, what the system lacks.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "packaging" / "requirements"
OLDEST, NEWEST = (3, 11), (3, 13)
RECIPE = ".github/workflows/windows.yml"
LINUX_ONLY = r"shared/system_events/(linux|logind|netlink|dbus_link|bus_keeper|screen_saver|sleep_)"
"""Modules that only Linux imports, and that a type checker cannot read as Windows."""

# What a bare Debian lacks, by the file that shows it; each was found missing on a minimal system.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
DBUS = {"dbus-daemon": "dbus-daemon"}
SCREEN = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool"}
"""A screen, a window manager, and hands: tests type and click beside a real program."""
SERVER_TOOLS = {
    "faketime": "faketime",
    "git": "git",
    "ip": "iproute2",
    "nft": "nftables",
    "openssl": "openssl",
}
"""What a test needs that follows the page for IT on a server of its own."""
PDF_READER = {"pdftotext": "poppler-utils"}
"""It reads what is printed, and is not ours."""
FREEZERS = {"strip": "binutils", "icupkg": "icu-devtools"}
PRINTING = {"libcups.so.2": "libcups2"}
"""Qt's plugin for printers links to it: dpkg-shlibdeps has to find its package."""
DEB_TOOLS = {"dpkg-deb": "dpkg", "dpkg-shlibdeps": "dpkg-dev"}
PACKERS = {"gcab": "gcab", "msibuild": "msitools", "cabextract": "cabextract", "7z": "p7zip-full"}
"""Two make installers, two others read their cabinets."""
X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    _use_a_fitting_python()
    parser = argparse.ArgumentParser(
        prog="run.py", description="Siaran: try it, test it, work on it."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, sentence) in COMMANDS.items():
        commands.add_parser(name, help=sentence, add_help=False)
    arguments, rest = parser.parse_known_args(argv)
    if arguments.command in WITHOUT_OPTIONS and {"-h", "--help"} & set(rest):
        print(COMMANDS[arguments.command][1])
        return 0
    try:
        return COMMANDS[arguments.command][0](rest)
    except KeyboardInterrupt:
        return 130
    except subprocess.CalledProcessError as error:
        print(f"run.py: {_shown(error.cmd)} failed.", file=sys.stderr)
        return error.returncode or 1


WITHOUT_OPTIONS = {"screenshots", "gallery", "translate"}
"""Commands whose scripts would take ``--help`` for something to work on."""


# --- commands ------------------------------------------------------------------------------------


def demo(rest: Sequence[str]) -> int:
    """Try the pair: a broker, the console, three outlets."""
    x11 = X11_LIBRARIES if os.environ.get("DISPLAY") else {}
    _need_system({**QT_LIBRARIES, **x11})
    _need_environment("demo")
    return _python(ROOT / "packaging" / "demo" / "demo.py", *rest)


def test(rest: Sequence[str]) -> int:
    """Run the whole suite, a real redis-server included; --windows: in Windows' Python."""
    tools = {**DBUS, **SCREEN, **SERVER_TOOLS, **PACKERS, **DEB_TOOLS, **PDF_READER}
    programs = {"redis-server": "redis-server", **tools}
    _need_system({**QT_LIBRARIES, **X11_LIBRARIES}, programs=programs)
    _need_environment("dev")
    if "--windows" in rest:
        suite = ROOT / "tests" / "windows_suite.py"
        return _python(suite, *(one for one in rest if one != "--windows"))
    if sys.platform != "linux" and not _has("redis-server"):
        print("No redis-server here: tests that need one are skipped, and listed.", flush=True)
    platform = {} if sys.platform == "win32" else {"QT_QPA_PLATFORM": "offscreen"}
    return _python("-m", "pytest", *rest, **platform)


def servers(rest: Sequence[str]) -> int:
    """Run the attacks against other servers, fetched for it: redis-6, redis-8, valkey-8, or all."""
    _need_system({**QT_LIBRARIES, **X11_LIBRARIES})
    _need_environment("dev")
    return _python(ROOT / "tests" / "other_servers.py", *rest, QT_QPA_PLATFORM="offscreen")


def lint(rest: Sequence[str]) -> int:
    """Check style and types, for Linux and for Windows, and the recipe for Windows."""
    _need_environment("dev")
    steps = (
        ("-m", "ruff", "check", "."),
        ("-m", "ruff", "format", "--check", "."),
        ("-m", "mypy", "--platform", "linux"),
        (
            *("-m", "mypy", "--platform", "win32", "--exclude", LINUX_ONLY),
            *("shared", "admin_app", "tray_client"),
        ),
    )
    recipe = ("-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", RECIPE)
    return max(*(_python(*step, *rest) for step in steps), _python(*recipe))


def recipe(rest: Sequence[str]) -> int:
    """Run the recipe for Windows (.github/workflows/windows.yml) here, under Wine."""
    _need_system(QT_LIBRARIES, programs=SCREEN)
    _need_environment("dev")
    return _python(ROOT / "packaging" / "windows" / "recipe.py", *rest)


def screenshots(rest: Sequence[str]) -> int:
    """Make the README's and the guides' pictures anew."""
    _need_system(QT_LIBRARIES)
    _need_environment("demo")
    scripts = (Path("demo", "screenshots.py"), Path("guide", "pictures.py"))
    return max(
        _python(ROOT / "packaging" / script, *rest, QT_QPA_PLATFORM="offscreen")
        for script in scripts
    )


def gallery(rest: Sequence[str]) -> int:
    """Make pictures of every window in every state, in build/gallery."""
    _need_system(QT_LIBRARIES)
    _need_environment("demo")
    return _python(
        ROOT / "packaging" / "gallery" / "gallery.py", *rest, QT_QPA_PLATFORM="offscreen"
    )


def translate(rest: Sequence[str]) -> int:
    """Bring the translations up to date with the source."""
    _need_system(QT_LIBRARIES)
    _need_environment("demo")
    return _python(ROOT / "packaging" / "languages" / "update.py", *rest)


def bench(rest: Sequence[str]) -> int:
    """Measure how long things take here, and print it."""
    _need_system(QT_LIBRARIES, programs={"redis-server": "redis-server", **DBUS})
    _need_environment("dev")
    script = ROOT / "tests" / "bench" / "bench.py"
    return _python(script, *rest, QT_QPA_PLATFORM="offscreen")


def freeze(rest: Sequence[str]) -> int:
    """Make programs that need no Python, in dist/; --windows: those for Windows, on Linux."""
    if "--windows" in rest:
        _need_environment("dev")
        script = ROOT / "packaging" / "windows" / "build.py"
        return _python(script, *(one for one in rest if one != "--windows"))
    libpython = sysconfig.get_config_var("INSTSONAME") or ""
    version = ".".join(map(str, sys.version_info[:2]))
    own = Path(sysconfig.get_config_var("LIBDIR") or "", libpython)
    needed = {} if own.is_file() else {libpython: f"libpython{version}"}
    _need_system({**QT_LIBRARIES, **X11_LIBRARIES, **PRINTING, **needed}, tools=FREEZERS)
    _need_environment("dev")
    return _python(ROOT / "packaging" / "freeze" / "freeze.py", *rest)


def deb(rest: Sequence[str]) -> int:
    """Make packages for Debian and Ubuntu of the frozen programs, in dist/linux/."""
    _need_system({**QT_LIBRARIES, **PRINTING}, tools={**FREEZERS, **DEB_TOOLS})
    _need_environment("dev")
    return _python(ROOT / "packaging" / "linux" / "build_deb.py", *rest)


def setup(rest: Sequence[str]) -> int:
    """Make the environment alone, with everything for development."""
    del rest
    _need_system(QT_LIBRARIES)
    _need_environment("dev")
    print(f"The environment is ready: {_venv_python().relative_to(ROOT)}")
    return 0


COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    command.__name__: (command, (command.__doc__ or "").strip())
    for command in (
        demo,
        test,
        servers,
        lint,
        recipe,
        screenshots,
        gallery,
        translate,
        bench,
        freeze,
        deb,
        setup,
    )
}


# --- Python and its environment ------------------------------------------------------------------


def _use_a_fitting_python() -> None:
    """Go on with a Python that fits, if this one does not; else say which one to get."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other:
            raise SystemExit(subprocess.call([other, str(ROOT / "run.py"), *sys.argv[1:]]))
    have = ".".join(map(str, sys.version_info[:2]))
    sys.exit(
        f"Siaran needs Python 3.11, 3.12 or 3.13; this is {have}.\n"
        "Get 3.13 from python.org or your system's packages and start run.py with it, for example\n"
        "  python3.13 run.py demo      (on Windows: py -3.13 run.py demo)"
    )


def _need_environment(name: str) -> None:
    """Make ``.venv`` hold the requirements *name* (``demo`` or ``dev``), unless it does."""
    if _is_installed(name) or (name == "demo" and _is_installed("dev")):
        return
    _make_venv()
    print(f"Installing what {name} needs into .venv (about 100 MB, once) ...", flush=True)
    pip = [str(_venv_python()), "-m", "pip", "--disable-pip-version-check", "install"]
    wanted = str(REQUIREMENTS / f"{name}.txt")
    subprocess.check_call([*pip, "--require-hashes", "--only-binary", ":all:", "-r", wanted])
    _stamp(name).write_text(_digest(name))


def _is_installed(name: str) -> bool:
    return _stamp(name).exists() and _stamp(name).read_text() == _digest(name)


def _stamp(name: str) -> Path:
    return VENV / f".{name}-installed"


def _digest(name: str) -> str:
    """Changes with the requirements and with the Python they are installed for."""
    requirements = (REQUIREMENTS / f"{name}.txt").read_bytes()
    return hashlib.sha256(requirements + repr(sys.version_info[:2]).encode()).hexdigest()


def _make_venv() -> None:
    if _venv_works():
        return
    if importlib.util.find_spec("ensurepip") is None:
        _need_packages(["python3-venv"])
    # A failed venv leaves a folder that looks like one, and another Python's cannot be reused.
    shutil.rmtree(VENV, ignore_errors=True)
    print("Making the environment .venv ...", flush=True)
    subprocess.check_call([sys.executable, "-m", "venv", str(VENV)])


def _venv_works() -> bool:
    if not _venv_python().exists():
        return False
    code = "import sys, pip; print(sys.version_info[:2])"
    answer = subprocess.run(
        [str(_venv_python()), "-c", code], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() == repr(sys.version_info[:2])


def _venv_python() -> Path:
    if sys.platform == "win32":
        return VENV / "Scripts" / "python.exe"
    return VENV / "bin" / "python"


def _python(*arguments: str | Path, **environment: str) -> int:
    command = [str(_venv_python()), *map(str, arguments)]
    return subprocess.call(
        command, cwd=ROOT, env={**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    )


# --- the system ----------------------------------------------------------------------------------


def _need_system(
    libraries: dict[str, str],
    programs: dict[str, str] | None = None,
    tools: dict[str, str] | None = None,
) -> None:
    """Install, or ask for, the packages of libraries and programs that are not there.

    *programs* are what tests use if it is there; without *tools* the command cannot do its work.
    """
    if sys.platform != "linux":
        return
    missing = [package for library, package in libraries.items() if not _loads(library)]
    missing += [package for program, package in (tools or {}).items() if not _has(program)]
    wanted = programs or {}
    optional = [package for program, package in wanted.items() if not _has(program)]
    if missing or (optional and os.geteuid() == 0):
        _need_packages(missing + optional)
    elif optional:
        print(f"Not installed: {', '.join(optional)}. Tests that need it are skipped.")


def _has(program: str) -> bool:
    # Not on the path of Debian's users:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    names = (program, program.replace("redis", "valkey"))
    return any(shutil.which(name, path=path) for name in names)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _need_packages(packages: list[str]) -> None:
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Installing {', '.join(packages)} ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # Tests start their own servers: no package may start one for the whole machine.
        environment["RUNLEVEL"] = "1"
        subprocess.check_call(["apt-get", "update", "-qq"], env=environment)
        subprocess.check_call([*command[:2], "-qq", *command[2:]], env=environment)
        return
    print("This system lacks what Siaran needs. Install it and start again:", file=sys.stderr)
    if shutil.which("apt-get"):
        print(f"  sudo {' '.join(command)}", file=sys.stderr)
    else:
        print(f"  (names of Debian's packages) {' '.join(packages)}", file=sys.stderr)
    sys.exit(1)


def _shown(command: Sequence[str] | str) -> str:
    return command if isinstance(command, str) else " ".join(map(str, command))


if __name__ == "__main__":
    sys.exit(main())
