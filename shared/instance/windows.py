"""Single instance on Windows: a named mutex decides, named events carry commands.

Names begin with ``Local\\``, so each login session has its own. Not yet tried on real Windows.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.errors import AlreadyRunning
from shared.instance import Command

assert sys.platform == "win32"  # tells the type checker, too

_ERROR_ALREADY_EXISTS = 183
_WAIT_OBJECT_0 = 0
_EVENT_MODIFY_STATE = 0x0002
_SYNCHRONIZE = 0x00100000
_INFINITE = 0xFFFFFFFF
_POLL_S = 0.05


class WindowsInstance:
    """Holds the mutex; waits for the events in a thread once asked to listen."""

    def __init__(self, mutex: int, name: str) -> None:
        self._mutex = mutex
        self._name = name
        self._stop = 0
        self._thread: threading.Thread | None = None

    def listen(self, obey: Callable[[Command], None]) -> None:
        """Call *obey* for each command, in the running event loop; instead of an earlier one."""
        self._stop_listening()
        kernel = _kernel32()
        loop = asyncio.get_running_loop()
        self._stop = kernel.CreateEventW(None, False, False, None)
        events = [kernel.CreateEventW(None, False, False, f"{self._name}-{c}") for c in Command]
        self._thread = threading.Thread(
            target=self._wait, args=(events, loop, obey), name="instance", daemon=True
        )
        self._thread.start()

    def release(self) -> None:
        """Stop listening and give the right away. Safe to call twice."""
        self._stop_listening()
        if self._mutex:
            _kernel32().CloseHandle(self._mutex)
            self._mutex = 0

    def _stop_listening(self) -> None:
        if self._thread is not None:
            _kernel32().SetEvent(self._stop)
            self._thread.join()
            self._thread = None

    def _wait(
        self,
        events: list[int],
        loop: asyncio.AbstractEventLoop,
        obey: Callable[[Command], None],
    ) -> None:
        import ctypes

        kernel = _kernel32()
        handles = (ctypes.c_void_p * (len(events) + 1))(*events, self._stop)
        commands = list(Command)
        while True:
            woken = kernel.WaitForMultipleObjects(len(handles), handles, False, _INFINITE)
            index = woken - _WAIT_OBJECT_0
            if not 0 <= index < len(commands):
                break
            loop.call_soon_threadsafe(obey, commands[index])
        for handle in (*events, self._stop):
            kernel.CloseHandle(handle)


def claim(data_dir: Path) -> WindowsInstance:
    """See ``shared.instance.claim``."""
    import ctypes

    name = _name(data_dir)
    mutex = _kernel32().CreateMutexW(None, False, name)
    if ctypes.get_last_error() == _ERROR_ALREADY_EXISTS:
        _kernel32().CloseHandle(mutex)
        raise AlreadyRunning("Siaran is already running here.")
    return WindowsInstance(mutex, name)


def tell(data_dir: Path, command: Command, timeout_s: float) -> bool:
    """See ``shared.instance.tell``."""
    kernel = _kernel32()
    name = _name(data_dir)
    if not _exists(name):
        return False
    event = kernel.OpenEventW(_EVENT_MODIFY_STATE, False, f"{name}-{command}")
    if not event:
        return False
    kernel.SetEvent(event)
    kernel.CloseHandle(event)
    deadline = time.monotonic() + timeout_s
    while command is Command.QUIT and _exists(name):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_POLL_S)
    return True


def is_running(data_dir: Path) -> bool:
    """See ``shared.instance.is_running``."""
    return _exists(_name(data_dir))


def _exists(name: str) -> bool:
    kernel = _kernel32()
    mutex = kernel.OpenMutexW(_SYNCHRONIZE, False, name)
    if mutex:
        kernel.CloseHandle(mutex)
    return bool(mutex)


def _name(data_dir: Path) -> str:
    folder = str(data_dir.resolve()).casefold()
    return "Local\\Siaran-" + hashlib.sha256(folder.encode()).hexdigest()[:16]


def _kernel32() -> Any:
    """kernel32 with handles as pointers: the default, int, would cut them on 64-bit Windows."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    for function in ("CreateMutexW", "OpenMutexW", "CreateEventW", "OpenEventW"):
        getattr(kernel, function).restype = ctypes.c_void_p
    kernel.CloseHandle.argtypes = kernel.SetEvent.argtypes = [ctypes.c_void_p]
    return kernel
