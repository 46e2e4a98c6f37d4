"""The setting ``language`` reaches both programs, and a running console changes its language.

Each runs as a process of its own: one process has one QApplication.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 60.0
CONSOLE = """
import json, sys
from pathlib import Path
from admin_app.app import run_console, spoken
from admin_app.views.rail import Page
from shared.settings import Program
from shared.sources import Sources

folder, said = Path(sys.argv[1]), []

def started(app, quit_request):
    said.append(app.window.rail.buttons[Page.SETTINGS].text())
    said.append(app.window.settings.rows["sender"].editor.text())
    said.append(spoken(app.configuration).sender)
    if len(said) == 3:
        app.configuration.save({"language": "id"})
    else:
        quit_request.ask()

file = folder / "siaran.toml"
file.write_text('language = "en"')
file.chmod(0o600)
given = {"redis_url": "redis://127.0.0.1:1"}
run_console(Sources(Program.CONSOLE, given, user_file=file), folder, {}, started=started)
print(json.dumps(said))
"""
TRAY = """
import json, sys
from pathlib import Path
from shared.instance import claim
from shared.sources import fixed
from tray_client.lives import run_tray

folder, said = Path(sys.argv[1]), []

def started(app, quit_request):
    said.extend(action.text() for action in app.tray.menu.actions() if action.text())
    quit_request.ask()

loaded = fixed(redis_url="redis://127.0.0.1:1", language="id", pc="a", outlet="b")
run_tray(loaded, folder, claim(folder), {}, started=started)
print(json.dumps(said))
"""


def said(code: str, folder: Path) -> list[str]:
    """What a program that *code* starts says of itself."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [str(line) for line in json.loads(done.stdout)]


def test_a_running_console_changes_its_language(tmp_path: Path) -> None:
    """With it the name of a sender whom nobody has named."""
    english, indonesian = ["Settings", *["Head office"] * 2], ["Pengaturan", *["Kantor pusat"] * 2]
    assert said(CONSOLE, tmp_path) == english + indonesian


def test_the_tray_speaks_as_it_is_set(tmp_path: Path) -> None:
    words = said(TRAY, tmp_path)
    assert "PC ini: b/a" in words
    assert "Keluar" in words
