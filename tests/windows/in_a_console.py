"""A program in a console of its own: what its screen has, and the keys that end programs there.

``run`` starts this file with a new console. It sets the code page, starts the command, presses a
key when there is the file that it waits for, and writes what the screen has at the end.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import win32api
import win32console

assert sys.platform == "win32"  # tells the type checker, too

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 200, 300
POLL_S = 0.05
WITHIN_S = 100.0
KEYS = {"Ctrl+C": 0, "Ctrl+Break": 1}


@dataclass(frozen=True)
class Ran:
    """What became of a program."""

    code: int
    screen: str
    """What it printed, without the spaces at the ends of lines."""
    ended_in_s: float
    """From the key to its end."""


def run(
    command: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    *,
    code_page: int = 0,
    key: str = "",
    when: Path | None = None,
) -> Ran:
    """Run *command* in a console with *code_page* (0: the PC's own) and give what became of it.

    *key* is pressed as soon as the file *when* is there.
    """
    order, answer = folder / "order.json", folder / "answer.json"
    order.write_text(
        json.dumps(
            {
                "command": list(command),
                "code_page": code_page,
                "key": key,
                "when": "" if when is None else str(when),
                "answer": str(answer),
            }
        )
    )
    subprocess.run(
        [sys.executable, __file__, str(order)],
        creationflags=subprocess.CREATE_NEW_CONSOLE,
        env=dict(environ),
        cwd=ROOT,
        timeout=WITHIN_S,
        check=True,
    )
    said = json.loads(answer.read_bytes())
    assert "trouble" not in said, said["trouble"]
    return Ran(**said)


def main() -> None:
    """Do what the file named on the command line says."""
    order = json.loads(Path(sys.argv[1]).read_bytes())
    try:
        answer = _do(order)
    except Exception:  # noqa: BLE001  # its own words would be on a screen that is gone
        answer = {"trouble": traceback.format_exc()}
    Path(order["answer"]).write_text(json.dumps(answer))


def _do(order: Mapping[str, Any]) -> dict[str, object]:
    screen = win32console.GetStdHandle(win32console.STD_OUTPUT_HANDLE)
    screen.SetConsoleScreenBufferSize(win32console.PyCOORDType(WIDTH, HEIGHT))
    if order["code_page"]:
        win32console.SetConsoleCP(order["code_page"])
        win32console.SetConsoleOutputCP(order["code_page"])
    process = subprocess.Popen(order["command"], cwd=ROOT)
    pressed = time.monotonic()
    if order["key"]:
        win32api.SetConsoleCtrlHandler(lambda _event: True, True)  # it is for the other program
        while not Path(order["when"]).exists() and process.poll() is None:
            time.sleep(POLL_S)
        pressed = time.monotonic()
        win32api.GenerateConsoleCtrlEvent(KEYS[order["key"]], 0)
    code = process.wait()
    ended = time.monotonic() - pressed
    begin = win32console.PyCOORDType(0, 0)
    cells = screen.ReadConsoleOutputCharacter(WIDTH * HEIGHT, begin)
    lines = [cells[at : at + WIDTH].rstrip() for at in range(0, len(cells), WIDTH)]
    return {"code": code, "screen": "\n".join(lines).rstrip(), "ended_in_s": ended}


if __name__ == "__main__":
    main()
