"""What Windows tells a program of its console: Ctrl+C, Ctrl+Break, the window's close button.

Python's own handlers of signals wait until its main thread runs Python again. While Qt waits for
messages that thread does not, and an idle tray heeded Ctrl+C only with its next heartbeat. Windows
calls a console's handler in a thread made for it. A session's end comes as a message to windows: a
process that has windows gets no event of a console for that.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable

import win32api

assert sys.platform == "win32"  # tells the type checker, too

_MAY_GO_ON = (signal.CTRL_C_EVENT, signal.CTRL_BREAK_EVENT)
_LONGEST_S = 10.0
"""Windows itself waits 5 seconds."""


def obey_console(ask: Callable[[], object]) -> None:
    """Call *ask*, in another thread, when this process is to end; for as long as it runs.

    After the close button Windows ends the process as soon as the handler returns. So it does not
    return: the process ends before, in good order.
    """

    def heard(event: int) -> bool:
        ask()
        if event not in _MAY_GO_ON:
            threading.Event().wait(_LONGEST_S)
        return True

    win32api.SetConsoleCtrlHandler(heard, True)
