"""What both real programs mark for the Event Log in one life: start, wrong settings, end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.test_command_line import ROOT, wait_for
from tests.redis_server import free_port

PROGRAM = """
import importlib, logging, sys
from shared.event_log import is_for_it
class Marked(logging.Handler):
    def emit(self, record):
        print(record.levelname, int(record.event), record.getMessage(), flush=True)
marked = Marked()
marked.addFilter(is_for_it)
logging.getLogger().addHandler(marked)
sys.exit(importlib.import_module(sys.argv.pop(1)).main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="ended by a signal")
@pytest.mark.parametrize(
    ("module", "program"),
    [("tray_client.cli", "siaran-tray"), ("admin_app.cli", "siaran-console")],
)
def test_start_wrong_settings_and_end_are_marked(module: str, program: str, tmp_path: Path) -> None:
    url = f"redis://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", PROGRAM, module, "--redis-url", url),
            *("--data-dir", str(tmp_path), "--theme", "mauve"),
        ],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        log = tmp_path / "logs" / f"{program.removeprefix('siaran-')}.log"
        wait_for(lambda: log.exists() and "reconnecting" in log.read_text(encoding="utf-8"))
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)[0].splitlines()
    assert process.returncode == 0
    assert said[0].startswith(f"INFO 1 {program} ")
    assert all(line.startswith("WARNING 20 ") for line in said[1:-1])
    assert any("mauve" in line for line in said[1:-1])
    assert said[-1] == f"INFO 2 {program} ends"
