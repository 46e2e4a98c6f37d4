"""Settings in Windows' own registry: every type of value for every setting, and who is heard."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, get_origin

import msgspec
import pytest

if sys.platform != "win32":
    pytest.skip("the registry is of Windows", allow_module_level=True)

import winreg

import win32api
import win32con
import win32security

from shared.registry import REGISTRY_MACHINE, REGISTRY_POLICIES
from shared.settings import STRICTEST, TABLE, Loaded, Program, Settings, Source
from shared.settings_watch import SettingsWatch
from shared.sources import Sources
from tests.children import run_program
from tests.unit.test_every_setting import EXAMPLES, value_of
from tests.unit.test_sources import sentences
from tests.windows.registry import (
    HKLM,
    KINDS,
    WRITE,
    empty_registry,
    put,
    put_text,
    remove,
    utf_16,
)

HUGE = 1 << 20
every_setting = pytest.mark.parametrize("name", TABLE)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """Siaran's part of the registry, empty."""
    with empty_registry():
        yield


def load(name: str = "pc") -> Loaded:
    """What the first program that knows *name* reads on this PC."""
    return Sources.of_this_pc(TABLE[name].programs[0], {}).load()


def is_list(name: str) -> bool:
    """Whether a setting is a list of texts."""
    return get_origin(TABLE[name].type) is list


def is_number(name: str) -> bool:
    """Whether a number stands for a value of the setting."""
    return isinstance(EXAMPLES[name][0], int)


def as_text(name: str) -> str:
    """The example as one text."""
    example = EXAMPLES[name][0]
    if is_list(name):
        return ";".join(example)
    return example if isinstance(example, str) else json.dumps(example)


def good(name: str, kind: str) -> bytes | None:
    """The example as the bytes of a value of type *kind*; None: that type cannot hold it."""
    if kind in ("REG_SZ", "REG_EXPAND_SZ"):
        return utf_16(as_text(name) + "\0")
    if kind == "REG_MULTI_SZ" and is_list(name):
        return utf_16("".join(f"{one}\0" for one in EXAMPLES[name][0]) + "\0")
    if kind in ("REG_DWORD", "REG_QWORD") and is_number(name):
        return int(EXAMPLES[name][0]).to_bytes(4 if kind == "REG_DWORD" else 8, "little")
    return None


def refused(loaded: Loaded, name: str) -> str:
    """Check that a policy for *name* is not used, and said; return the sentence."""
    said = [problem for problem in loaded.problems if problem.field == name]
    assert len(said) == 1, loaded.problems
    assert said[0].sentence.startswith(rf"HKLM\{REGISTRY_POLICIES}: {name} is wrong")
    assert len(said[0].sentence) < 400
    msgspec.json.encode(
        str(said[0].sentence)
    )  # neither a log nor a file would take half a character
    by_policy = name in STRICTEST
    assert loaded.origins[name] is (Source.POLICY if by_policy else Source.MACHINE)
    if not by_policy:
        assert getattr(loaded.settings, name) == value_of(name, EXAMPLES[name][1])
    return str(said[0].sentence)


def put_machine_value(name: str) -> None:
    """Let the next source have the other example."""
    other = EXAMPLES[name][1]
    text = ";".join(other) if is_list(name) else other
    put_text(REGISTRY_MACHINE, name, text if isinstance(text, str) else json.dumps(text))


@every_setting
@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_each_type_is_read_or_said(name: str, kind: str) -> None:
    data = good(name, kind)
    put_machine_value(name)
    put(REGISTRY_POLICIES, name, KINDS[kind], utf_16("1\0") if data is None else data)
    loaded = load(name)
    if data is None:
        assert f"({kind} instead of REG_" in refused(loaded, name)
    else:
        assert loaded.problems == []
        assert getattr(loaded.settings, name) == value_of(name, EXAMPLES[name][0])
        assert loaded.locked(name)


@every_setting
@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_no_bytes_is_read_as_empty_or_said(name: str, kind: str) -> None:
    put_machine_value(name)
    put(REGISTRY_POLICIES, name, KINDS[kind], b"")
    loaded = load(name)
    is_text = kind in ("REG_SZ", "REG_EXPAND_SZ")
    empty = (is_text and TABLE[name].type is str and name != "namespace") or (
        is_list(name) and (is_text or kind == "REG_MULTI_SZ")
    )
    if empty:
        assert loaded.problems == []
        assert getattr(loaded.settings, name) in ("", [])
        assert loaded.locked(name)
    else:
        refused(loaded, name)


@every_setting
def test_a_text_without_its_zero_is_read_and_one_ends_at_its_first(name: str) -> None:
    for end in ("", "\0", "\0\0\0", "\0hidden\0"):
        put(REGISTRY_POLICIES, name, winreg.REG_SZ, utf_16(as_text(name) + end))
        loaded = load(name)
        assert loaded.problems == []
        assert getattr(loaded.settings, name) == value_of(name, EXAMPLES[name][0])


@every_setting
def test_half_a_character_at_the_end_is_no_part_of_the_text(name: str) -> None:
    put(REGISTRY_POLICIES, name, winreg.REG_SZ, utf_16(as_text(name)) + b"x")
    loaded = load(name)
    assert loaded.problems == []
    assert getattr(loaded.settings, name) == value_of(name, EXAMPLES[name][0])


@pytest.mark.parametrize("name", [name for name in TABLE if is_number(name)])
@pytest.mark.parametrize(
    ("kind", "size"),
    [
        *(("REG_DWORD", size) for size in (0, 1, 2, 3, 5, 8)),
        *(("REG_QWORD", size) for size in (0, 1, 4, 7, 9)),
    ],
)
def test_a_number_of_another_length_is_said(name: str, kind: str, size: int) -> None:
    put_machine_value(name)
    put(REGISTRY_POLICIES, name, KINDS[kind], b"\x01\0\0\0\0\0\0\0\0"[:size])
    assert f"a number of {size} bytes instead of" in refused(load(name), name)


@every_setting
def test_a_text_of_a_megabyte_is_refused_in_a_short_sentence(name: str) -> None:
    put_machine_value(name)
    for start, end in (("x", ""), ("(?P<outlet>a|", ")"), ("%", "%"), ("rediss://", "")):
        put_text(REGISTRY_POLICIES, name, start + "x" * HUGE + end)
        refused(load(name), name)


@every_setting
def test_half_of_a_character_is_refused_where_it_would_be_sent_or_stored(name: str) -> None:
    put_machine_value(name)
    put_text(REGISTRY_POLICIES, name, "a\ud800b")
    if name.endswith(("_file", "_dir")):  # Windows has files with such names
        assert load(name).problems == []
    else:
        refused(load(name), name)


def test_characters_beyond_the_first_plane_are_whole() -> None:
    put_text(REGISTRY_POLICIES, "outlet", "Toko 🏪")
    put_text(rf"{REGISTRY_POLICIES}\channels", "1", "Kanal 📻")
    loaded = load()
    assert loaded.problems == []
    assert (loaded.settings.outlet, loaded.settings.channels) == ("Toko 🏪", ["Kanal 📻"])


@pytest.mark.parametrize("kind", ["REG_SZ", "REG_EXPAND_SZ"])
def test_the_pcs_name_is_put_in_and_no_variable_of_the_user(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    computer = win32api.GetComputerName()
    monkeypatch.setenv("COMPUTERNAME", "evil")
    monkeypatch.setenv("SHOP", "evil")
    put(REGISTRY_POLICIES, "pc", KINDS[kind], utf_16("%ComputerName%-1\0"))
    put(rf"{REGISTRY_POLICIES}\channels", "1", KINDS[kind], utf_16("Till %COMPUTERNAME%\0"))
    put(REGISTRY_POLICIES, "outlet", KINDS[kind], utf_16("%SHOP%\0"))
    loaded = load()
    assert loaded.settings.pc == f"{computer}-1"
    assert loaded.settings.channels == [f"Till {computer}"]
    assert "outlet is wrong (there is no variable %SHOP% here)" in sentences(loaded)


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name, info in TABLE.items() if get_origin(info.type) not in (list, dict)]
)
def test_a_key_where_a_value_should_be_is_said(name: str) -> None:
    put_machine_value(name)
    put_text(rf"{REGISTRY_POLICIES}\{name.upper()}", "", as_text(name))
    assert "(a key instead of a value)" in refused(load(name), name)
    put_text(REGISTRY_POLICIES, name, as_text(name))  # who has both has the value
    assert load(name).problems == []


def test_a_slip_in_a_keys_name_counts_as_the_strictest() -> None:
    put_text(rf"{REGISTRY_POLICIES}\Trusted-Keys", "hq", "QUJD")
    put_text(rf"{REGISTRY_POLICIES}\Another program", "x", "y")
    loaded = load("trusted_keys")
    assert loaded.settings.require_signatures is True
    assert sentences(loaded) == rf"HKLM\{REGISTRY_POLICIES}: there is no setting 'Trusted-Keys'."


def test_a_list_is_in_the_order_of_its_numbers_and_any_name_will_do() -> None:
    names = {"10": "C", "9": "B", "1": "A", "²": "E", "9" * 5000: "D", "x": "F"}
    for name, text in names.items():
        put_text(rf"{REGISTRY_POLICIES}\channels", name, text)
    loaded = load("channels")
    assert loaded.problems == []
    assert loaded.settings.channels[:3] == ["A", "B", "C"]
    assert sorted(loaded.settings.channels[3:]) == ["D", "E", "F"]


@pytest.mark.parametrize("kind", ["REG_DWORD", "REG_BINARY", "REG_NONE", "REG_MULTI_SZ"])
def test_lists_and_tables_hold_texts_only(kind: str) -> None:
    for name in ("channels", "trusted_keys"):
        put_text(rf"{REGISTRY_POLICIES}\{name}", "1", "A")
        put(rf"{REGISTRY_POLICIES}\{name}", "2", KINDS[kind], b"\1\0\0\0")
    loaded = load()
    assert loaded.settings.channels == Settings().channels
    assert list(loaded.settings.trusted_keys) == ["1"]
    assert loaded.settings.require_signatures is True
    assert f"channels is wrong ({kind} instead of REG_SZ)" in sentences(loaded)
    assert f"trusted_keys.2 is wrong ({kind} instead of REG_SZ)" in sentences(loaded)


@pytest.mark.parametrize("below", ["", r"\Tray", r"\channels", r"\trusted_keys"])
def test_a_key_that_may_not_be_read_is_said_and_the_others_count(below: str) -> None:
    put_text(REGISTRY_POLICIES, "pc", "till")
    put_text(REGISTRY_MACHINE, "outlet", "shop")
    path = REGISTRY_POLICIES + below
    put_text(path, "1", "x")
    _deny(path, "D:P(D;;KR;;;WD)(A;;KA;;;BA)")
    try:
        loaded = load()
    finally:
        _deny(path, "D:P(A;;KA;;;WD)")
    assert sentences(loaded).startswith(rf"HKLM\{path} cannot be read (")
    assert loaded.settings.outlet == "shop"
    assert loaded.settings.pc == ("till" if below else "")
    assert loaded.broken
    assert loaded.settings.require_signatures is True


def _deny(path: str, sddl: str) -> None:
    descriptor = win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(sddl, 1)
    access = win32con.WRITE_DAC | winreg.KEY_WOW64_64KEY
    key = win32api.RegOpenKeyEx(win32con.HKEY_LOCAL_MACHINE, path, 0, access)
    win32api.RegSetKeySecurity(key, win32security.DACL_SECURITY_INFORMATION, descriptor)


# --- who is heard --------------------------------------------------------------------------------


def test_policies_go_before_the_machines_and_one_programs_before_both() -> None:
    steps = [
        (REGISTRY_MACHINE, Source.MACHINE),
        (rf"{REGISTRY_MACHINE}\Tray", Source.MACHINE),
        (REGISTRY_POLICIES, Source.POLICY),
        (rf"{REGISTRY_POLICIES}\Tray", Source.POLICY),
    ]
    for path, source in steps:
        put_text(path, "namespace", path.replace("\\", "."))
        loaded = load("pc")
        assert loaded.settings.namespace == path.replace("\\", ".")
        assert loaded.origins["namespace"] is source
    console = Sources.of_this_pc(Program.CONSOLE, {}).load()
    assert console.settings.namespace == REGISTRY_POLICIES.replace("\\", ".")


@pytest.mark.parametrize("path", [REGISTRY_POLICIES, REGISTRY_MACHINE])
def test_nothing_that_a_user_can_write_is_read(path: str) -> None:
    try:
        with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, path, 0, WRITE) as key:
            winreg.SetValueEx(key, "outlet", 0, winreg.REG_SZ, "evil")
        assert load().settings == Settings()
    finally:
        remove(path, root=winreg.HKEY_CURRENT_USER)


def test_what_a_32_bit_program_writes_for_the_machine_is_not_read() -> None:
    """Policies have one key for both (Microsoft, *Registry Keys Affected by WOW64*)."""
    narrow = winreg.KEY_WOW64_32KEY
    try:
        for path in (REGISTRY_MACHINE, REGISTRY_POLICIES):
            put_text(path, "pc", path, access=winreg.KEY_ALL_ACCESS | narrow)
        loaded = load()
        assert (loaded.settings.pc, loaded.origins["pc"]) == (REGISTRY_POLICIES, Source.POLICY)
        winreg.DeleteKeyEx(HKLM, REGISTRY_POLICIES, narrow, 0)
        assert load().settings == Settings()
    finally:
        remove(REGISTRY_MACHINE, access=narrow)


async def test_a_policy_that_changes_is_noticed_when_it_is_whole() -> None:
    now = load()
    watch = SettingsWatch(load, 0.05)
    put_text(rf"{REGISTRY_POLICIES}\channels", "1", "Jawa Timur")
    put_text(REGISTRY_POLICIES, "theme", "pink")
    fresh = await watch.changed(now)
    assert fresh.settings.channels == ["Jawa Timur"]
    assert "theme is wrong" in sentences(fresh)
    removed = asyncio.create_task(watch.changed(fresh))
    remove(REGISTRY_POLICIES)
    assert (await removed).settings == Settings()


# --- what the programs say -----------------------------------------------------------------------


def said_by(*command: str) -> subprocess.CompletedProcess[str]:
    """Run one of the programs; it ends without a traceback."""
    said = run_program(*command)
    assert "Traceback" not in said.stderr
    return said


def test_status_and_check_say_every_value_that_cannot_be_used() -> None:
    spoilt: dict[str, Any] = dict.fromkeys(TABLE, (winreg.REG_BINARY, b"\1"))
    spoilt["theme"] = (winreg.REG_SZ, utf_16("x" * HUGE))
    spoilt["sender"] = (winreg.REG_SZ, utf_16("a\ud800"))
    for name, (kind, data) in spoilt.items():
        put(REGISTRY_POLICIES, name, kind, data)
    status = said_by("tray_client", "status").stderr
    check = said_by("admin_app", "check")
    for name in TABLE:
        assert f"Siaran: {name} is wrong" in status
        assert f"Siaran: {name} is wrong" in check.stdout + check.stderr
