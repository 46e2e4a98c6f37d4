"""A copy of this machine's system that a test may change: packages are installed there, not here.

An overlay on ``/`` in mount and process namespaces of its own, so nothing outside sees it and
everything inside ends with it. Needs root, and the packages' dependencies on this machine.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

USER, UID = "budi", 4321
_MAKE = """
set -e
hostname JKT-014-till2
ip link set lo up 2>/dev/null || true  # needed in a network of its own only
mount --make-rprivate /
mount -t tmpfs none "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay none -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"
mount -t proc none "$0/root/proc"
mount --rbind /dev "$0/root/dev"
mount -t tmpfs none "$0/root/run"
mount -t tmpfs none "$0/root/tmp"
chmod 1777 "$0/root/tmp"
echo ready
while :; do
    sleep 60 &
    wait $!  # for whatever ends here: this is the parent of all that have lost theirs
done
"""
UNSHARE = ("unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child=KILL")


class OtherRoot:
    """The copied system. Programs inside reach this machine's network and screens.

    *alone*: it has a network of its own, with nothing but itself in it.
    """

    def __init__(self, folder: Path, *, alone: bool = False) -> None:
        folder.mkdir()
        self._started: list[subprocess.Popen[bytes]] = []
        self._holder = subprocess.Popen(
            [*UNSHARE, *(["--net"] if alone else []), "sh", "-c", _MAKE, str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            raise OSError(self._holder.communicate()[1])
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        self._inside = children.read_text().split()[0]
        self._root = folder / "root"
        try:
            self.run(f"useradd --uid {UID} --create-home {USER}")
            self.run(f"install -d -o {USER} -m 700 /run/user/{UID}")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End everything inside; the mounts go with the last process."""
        self._holder.kill()
        self._holder.communicate()
        for process in self._started:
            process.wait(timeout=15)

    def put(self, file: Path, place: str) -> None:
        """Copy a file of this machine to *place* inside."""
        if file.is_dir():
            self.run(f"mkdir -p {place}")
            for one in file.iterdir():
                self.put(one, f"{place}/{one.name}")
            return
        with file.open("rb") as content:
            subprocess.run([*self._enter("root"), f"cat > {place}"], stdin=content, check=True)

    def write(self, place: str, text: str) -> None:
        """Write a file as root, for everybody to read."""
        command = f"umask 022; printf %s {shlex.quote(text)} > {place}"
        subprocess.run([*self._enter("root"), command], check=True)

    def run(self, command: str, *, user: str = "root", check: bool = True) -> str:
        """Run a shell's command; return what it printed."""
        done = subprocess.run(
            [*self._enter(user), command], capture_output=True, text=True, timeout=120, check=False
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, command: str, *, user: str, display: str) -> None:
        """Start something that goes on, as a session does; without *display* nobody sees it."""
        screen = f"DISPLAY={display}" if display else "QT_QPA_PLATFORM=offscreen"
        process = subprocess.Popen(
            [*self._enter(user, screen), f"exec {command}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._started.append(process)

    def there(self, place: str) -> bool:
        """Whether there is such a file or folder inside."""
        return self.run(f"test -e {place} && echo yes", check=False) == "yes\n"

    def _enter(self, user: str, *variables: str) -> list[str]:
        """The command up to the shell's own; nothing of this process' environment goes along."""
        uid = UID if user == USER else 0
        home = f"/home/{USER}" if user == USER else "/root"
        return [
            *("nsenter", "--target", self._inside, "--mount", "--pid", "--uts", "--net"),
            *("chroot", str(self._root), "setpriv", f"--reuid={uid}", f"--regid={uid}"),
            *("--clear-groups", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
            *(f"HOME={home}", f"USER={user}", f"XDG_RUNTIME_DIR=/run/user/{uid}"),
            *("LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *variables, "sh", "-c"),
        ]


def is_root() -> bool:
    """Whether this process may make one."""
    return os.geteuid() == 0
