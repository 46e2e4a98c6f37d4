"""Ending the trays of all users on Unix, as root does before an upgrade.

Whoever listens is asked for its credentials before anything is sent: a user could have put a link
to another program's socket into the folder.
"""

from __future__ import annotations

import os
import select
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from shared.instance import Command, Outcome, still_there

assert sys.platform != "win32"  # tells the type checker, too

from shared.instance.runtime import peer_of, sockets_in, user_folders  # noqa: E402

_CONNECT_S = 2.0
Ended = Callable[[], bool]


def quit_found(run_user: Path, tmp: Path, timeout_s: float) -> Outcome:
    """End the trays whose sockets lie below *run_user* or *tmp*; wait at most *timeout_s*."""
    asked: list[Ended] = []
    skipped: dict[str, None] = {}
    with ExitStack() as stack:
        for folder, uid in user_folders(run_user, tmp):
            try:
                for path in sockets_in(folder, uid):
                    asked += _ask_to_end(path, uid, stack)
            except PermissionError:
                skipped[f"User {uid} is out of reach; only root can end their tray."] = None
        left = still_there(asked, timeout_s)
    return Outcome(len(asked), left, tuple(skipped))


def _ask_to_end(path: Path, uid: int, stack: ExitStack) -> list[Ended]:
    """Ask the tray behind *path*; nothing where nobody listens, or somebody else than *uid*.

    The connection stays open until *stack* ends: the tray answers on it before it obeys.
    """
    client = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    client.settimeout(_CONNECT_S)
    try:
        client.connect(str(path))
        pid, listener = peer_of(client)
        if listener != uid:
            return []
        process = _open_process(pid)
        if process is not None:
            stack.callback(os.close, process)
        client.sendall(Command.QUIT.encode())
    except (ConnectionRefusedError, FileNotFoundError):
        return []
    except PermissionError:
        raise
    except OSError:  # it hangs, or ends at this moment
        return [lambda: not _listens(path)]
    return [lambda: not _listens(path) if process is None else _has_ended(process)]


def _open_process(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends; None where there is no such."""
    try:
        return os.pidfd_open(pid)
    except OSError:  # an old kernel, or a process of another container
        return None


def _has_ended(process: int) -> bool:
    return bool(select.select([process], [], [], 0)[0])


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_CONNECT_S)
        try:
            client.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
    return True
