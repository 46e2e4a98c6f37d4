"""qasync 0.28 on Windows: it asks for completions 100 times a second, and one stray one ends it.

python qasync-windows-poller.py          # on Windows; needs qasync and PySide6

Exit status 1: a fault is there.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import sys
from typing import Any

os.environ.setdefault("QT_API", "pyside6")

import PySide6
import qasync
from PySide6.QtCore import QCoreApplication

PAUSE_S = 2.0
waits: list[float | None] = []


def count_waits() -> None:
    """Note each time qasync's thread begins to wait."""
    from qasync import _windows  # only there is it importable

    proactor: Any = _windows._IocpProactor
    select = proactor.select

    def counted(self: Any, timeout: float | None = None) -> Any:
        waits.append(timeout)
        return select(self, timeout)

    proactor.select = counted


async def measure() -> bool:
    """Return whether a fault is there."""
    import _overlapped  # type: ignore[import-not-found,unused-ignore]

    await asyncio.sleep(0.1)
    waits.clear()
    await asyncio.sleep(PAUSE_S)
    idle = len(waits)
    print(f"waits for completions in {PAUSE_S} s in which nothing happened: {idle}")
    print("a connection gets an answer:", before := await answers())
    # Anything in the process may post one: all that use the port share it.
    port = asyncio.get_running_loop()._proactor._iocp  # type: ignore[attr-defined]
    _overlapped.PostQueuedCompletionStatus(port, 0, 0, 0)
    await asyncio.sleep(0.5)
    print("the same after a completion without an OVERLAPPED:", after := await answers())
    return idle > 10 * PAUSE_S or (before and not after)


async def answers() -> bool:
    """Return whether a connection to this very process gets an answer within 2 s."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\n")
        writer.close()

    try:
        async with asyncio.timeout(2):
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            line = await reader.readline()
            writer.close()
            server.close()
            return line == b"hello\n"
    except TimeoutError:
        return False


def main() -> int:
    """Run it."""
    if sys.platform != "win32":
        print("This is about what qasync does on Windows.", file=sys.stderr)
        return 2
    versions = f"qasync {importlib.metadata.version('qasync')}, PySide6 {PySide6.__version__}"
    print(f"{versions}, Python {sys.version.split()[0]}, {sys.platform}")
    count_waits()
    fault = qasync.QEventLoop(QCoreApplication([])).run_until_complete(measure())
    return int(fault)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)
