"""Group Policy, from the template to the running programs, through Windows' own registry.

``policy_editor`` writes what the policy editor would, a Registry.pol; this file does to the
registry what Windows does with it; the programs read that.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

if sys.platform != "win32":
    pytest.skip("the registry is of Windows", allow_module_level=True)

import winreg

from shared.settings import BOTH, TABLE, Program, Settings, Source
from shared.sources import Sources
from tests.children import own_environment, python, run_program
from tests.unit import registry_pol
from tests.unit.policy_editor import Editor, Orders
from tests.unit.test_admx import ADMX, as_read, policy_rows
from tests.unit.test_every_setting import EXAMPLES
from tests.windows.registry import HKLM, WRITE, empty_registry, exists, put, put_text, utf_16

NO_SERVER = "redis://127.0.0.1:1"
RUNS_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def editor() -> Editor:
    """The committed template."""
    return Editor(ADMX)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """Siaran's part of the registry, empty."""
    with empty_registry():
        yield


def apply(*orders: Orders) -> list[registry_pol.Entry]:
    """Do what Windows does with a Registry.pol of these *orders*; return its entries."""
    written = registry_pol.write(registry_pol.Entry(*one) for order in orders for one in order)
    entries = list(registry_pol.read(written))
    for key, name, value in entries:
        if name.startswith(registry_pol.DELETE_ALL):
            for there in _value_names(key):
                _delete(key, there)
        elif name.startswith(registry_pol.DELETE):
            _delete(key, name.removeprefix(registry_pol.DELETE))
        elif isinstance(value, int):
            put(key, name, winreg.REG_DWORD, value.to_bytes(4, "little"))
        else:
            put(key, name, winreg.REG_SZ, utf_16(f"{value}\0"))
    return entries


def take_back(entries: list[registry_pol.Entry]) -> None:
    """Do what Windows does when a policy is no longer configured: remove what it had written."""
    for key, name, _value in entries:
        if not name.startswith("**"):
            _delete(key, name)


def _value_names(path: str) -> list[str]:
    if not exists(path):
        return []
    with winreg.OpenKey(HKLM, path, 0, WRITE) as key:
        return [winreg.EnumValue(key, index)[0] for index in range(winreg.QueryInfoKey(key)[1])]


def _delete(path: str, name: str) -> None:
    if name in _value_names(path):
        with winreg.OpenKey(HKLM, path, 0, WRITE) as key:
            winreg.DeleteValue(key, name)


def typed(value: Any) -> Any:
    """What IT types into the form for an example; a table's rows are JSON."""
    if isinstance(value, dict):
        return {key: json.dumps(one) for key, one in value.items()}
    return value


def read_by(program: Program, name: str) -> tuple[Any, Source]:
    """The value that *program* has for a setting, and where it is from; nothing is wrong."""
    loaded = Sources.of_this_pc(program, {}).load()
    assert loaded.problems == []
    return msgspec.to_builtins(getattr(loaded.settings, name)), loaded.origins[name]


@pytest.mark.parametrize("policy", policy_rows)
def test_each_state_of_each_policy_reaches_the_program(policy: Any, editor: Editor) -> None:
    name = policy.info.name
    default = (msgspec.to_builtins(getattr(Settings(), name)), Source.DEFAULT)
    meant = [program for program in BOTH if policy.program in (None, program)]
    for example in EXAMPLES[name]:
        entries = apply(editor.enable(policy.name, typed(example)))
        for program in BOTH:
            own = (as_read(name, example), Source.POLICY)
            assert read_by(program, name) == (own if program in meant else default)
    if editor.element(policy.name) is None:  # enabled and disabled are yes and no
        assert {value for _, _, value in entries} == {int(EXAMPLES[name][1])}
    else:
        entries += apply(editor.disable(policy.name))
        assert [read_by(program, name) for program in BOTH] == [default, default]
    take_back(entries)
    assert [read_by(program, name) for program in BOTH] == [default, default]


def test_a_shorter_list_leaves_nothing_of_a_longer_one(editor: Editor) -> None:
    apply(editor.enable("tray_channels", ["A", "B", "C"]))
    apply(editor.enable("tray_channels", ["D"]))
    assert read_by(Program.TRAY, "channels") == (["D"], Source.POLICY)


def test_what_was_there_before_a_policy_counts_again_after_it(editor: Editor) -> None:
    put_text(r"Software\Siaran", "outlet", "JKT-014")
    entries = apply(editor.enable("tray_outlet", "BDG-002"))
    assert read_by(Program.TRAY, "outlet") == ("BDG-002", Source.POLICY)
    take_back(entries)
    assert read_by(Program.TRAY, "outlet") == ("JKT-014", Source.MACHINE)


def test_a_running_tray_and_the_consoles_check_obey_every_policy_at_once(
    editor: Editor, tmp_path: Path
) -> None:
    values = {name: example for name, (example, _) in EXAMPLES.items()}
    values |= dict.fromkeys(("ca_file", "cert_file", "key_file", "password_file"), None)
    values |= {"redis_url": NO_SERVER, "data_dir": str(tmp_path / "data"), "username": None}
    values |= {"signing_key_file": None}
    for name, value in values.items():
        if value is not None:
            for policy in policy_rows:
                row: Any = policy.values[0]
                if row.info.name == name and name in TABLE:
                    apply(editor.enable(row.name, typed(value)))
    check = run_program("admin_app", "check")
    assert "127.0.0.1:1" in check.stdout + check.stderr
    assert " is wrong" not in check.stdout + check.stderr
    tray = subprocess.Popen([python(), "-m", "tray_client"], env=own_environment())
    try:
        status = running_status()
    finally:
        run_program("tray_client", "--quit")
        tray.wait(RUNS_WITHIN_S)
    assert status["endpoint"] == "JKT-014/till 2"
    assert status["channels"] == ["*", *values["channels"]]
    assert "127.0.0.1:1" in status["address"]
    assert [one for one in status["problems"] if "HKLM" in one] == []


def running_status() -> dict[str, Any]:
    """What ``status`` says of the tray as soon as it runs."""
    deadline = time.monotonic() + RUNS_WITHIN_S
    while True:
        said = run_program("tray_client", "status", "--json").stdout
        status: dict[str, Any] = json.loads(said) if said.strip() else {}
        if status.get("running") and status["endpoint"]:
            return status
        assert time.monotonic() < deadline, "no tray runs"
