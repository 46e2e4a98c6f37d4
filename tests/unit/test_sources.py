"""Where settings come from: the order, policies that lock, and everything that can be wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from shared.phrases import phrase
from shared.registry import REGISTRY_MACHINE, REGISTRY_POLICIES
from shared.settings import TABLE, Loaded, Program, Source, Strictest
from shared.sources import Sources

ME = frozenset({Path.home().stat().st_uid if sys.platform == "win32" else os.getuid()})
"""Windows has no uids: there all files belong to 0."""


class FakeWinreg:
    """A stand-in for the module ``winreg``: keys of HKEY_LOCAL_MACHINE as a dict."""

    HKEY_LOCAL_MACHINE = 1
    KEY_READ, KEY_WOW64_64KEY = 1, 256
    REG_NONE, REG_SZ, REG_EXPAND_SZ, REG_BINARY, REG_DWORD, REG_MULTI_SZ = 0, 1, 2, 3, 4, 7

    def __init__(self, keys: Mapping[str, Mapping[str, Any]], denied: Sequence[str] = ()) -> None:
        self._keys = keys
        self._denied = denied
        self.accesses: set[int] = set()

    class Key(list[tuple[str, Any, int]]):
        """An open key."""

        path = ""

        def __enter__(self) -> FakeWinreg.Key:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    def OpenKey(self, _root: int, path: str, _reserved: int, access: int) -> Key:
        """Open a key or say that there is none."""
        self.accesses.add(access)
        if path in self._denied:
            raise PermissionError(13, "Access is denied")
        if path not in self._keys and not any(one.startswith(f"{path}\\") for one in self._keys):
            raise FileNotFoundError(path)
        rows = self._keys.get(path, {}).items()
        key = self.Key([(name, value, self._kind(value)) for name, value in rows])
        key.path = path
        return key

    def QueryInfoKey(self, key: Key) -> tuple[int, int, int]:
        """Count the keys below and the values."""
        return len(self._below(key)), len(key), 0

    def EnumKey(self, key: Key, index: int) -> str:
        """The name of one key below."""
        return self._below(key)[index]

    def EnumValue(self, key: Key, index: int) -> tuple[str, Any, int]:
        """One value."""
        return key[index]

    def _below(self, key: Key) -> list[str]:
        start = f"{key.path}\\"
        below = (path.removeprefix(start) for path in self._keys if path.startswith(start))
        return sorted({path.partition("\\")[0] for path in below})

    def _kind(self, value: Any) -> int:
        kinds = {type(None): self.REG_NONE, bytes: self.REG_BINARY, list: self.REG_MULTI_SZ}
        if not isinstance(value, str):
            return kinds.get(type(value), self.REG_DWORD)
        return self.REG_EXPAND_SZ if "%" in value else self.REG_SZ


CONTROL = r"SYSTEM\CurrentControlSet\Control"
NT = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
WINDOWS: Mapping[str, Mapping[str, Any]] = {
    rf"{CONTROL}\Session Manager\Environment": {
        "Path": r"%SystemRoot%\system32",
        "windir": "%SystemRoot%",
        "Till_Files": r"%SystemDrive%\Tills",
        "Number": 5,
    },
    rf"{CONTROL}\ComputerName\ActiveComputerName": {"ComputerName": "JKT-014-TILL2"},
    NT: {"SystemRoot": r"C:\Windows"},
    rf"{NT}\ProfileList": {
        "ProgramData": r"%SystemDrive%\ProgramData",
        "Public": r"%SystemDrive%\Users\Public",
    },
    r"SOFTWARE\Microsoft\Windows\CurrentVersion": {"ProgramFilesDir": r"C:\Program Files"},
}
"""Where Windows keeps the variables of the system."""


def every_source(folder: Path, program: Program = Program.TRAY, **more: Any) -> Sources:
    """Sources that all say something about ``outlet``."""
    (folder / "policies").mkdir(exist_ok=True)
    return Sources(
        program,
        **{
            "environ": {},
            "user_file": folder / "user.toml",
            "machine_file": folder / "machine.toml",
            "policy_folder": folder / "policies",
            "host": "JKT-014-till2",
            "system_uids": ME,
            **more,
        },
    )


def write(path: Path, text: str) -> None:
    """Write a file as IT would."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def sentences(loaded: Loaded) -> str:
    """All problems as one text."""
    return "\n".join(problem.sentence for problem in loaded.problems)


def test_the_order_is_policy_command_line_environment_user_machine_default(tmp_path: Path) -> None:
    write(tmp_path / "machine.toml", 'sender = "machine"')
    steps: list[tuple[str, Source]] = []
    sources = every_source(tmp_path)
    assert Sources(Program.TRAY).load().origins["sender"] is Source.DEFAULT
    steps.append((sources.load().settings.sender, sources.load().origins["sender"]))
    sources = every_source(tmp_path, environ={"SIARAN_SENDER": "environment"})
    steps.append((sources.load().settings.sender, sources.load().origins["sender"]))
    sources = every_source(
        tmp_path,
        environ={"SIARAN_SENDER": "environment"},
        command_line={"sender": "command"},
    )
    steps.append((sources.load().settings.sender, sources.load().origins["sender"]))
    write(tmp_path / "policies" / "a.json", json.dumps({"sender": "policy"}))
    loaded = sources.load()
    steps.append((loaded.settings.sender, loaded.origins["sender"]))
    assert steps == [
        ("machine", Source.MACHINE),
        ("environment", Source.ENVIRONMENT),
        ("command", Source.COMMAND_LINE),
        ("policy", Source.POLICY),
    ]
    assert loaded.locked("sender")
    assert not loaded.locked("pc")
    assert loaded.problems == []


def test_the_user_s_file_goes_before_the_machine_s_but_not_for_what_is_it_s(
    tmp_path: Path,
) -> None:
    sources = every_source(tmp_path)
    write(tmp_path / "machine.toml", 'pc = "machine"\noutlet = "machine"')
    write(tmp_path / "user.toml", 'pc = "user"\noutlet = "user"')
    loaded = sources.load()
    assert (loaded.settings.pc, loaded.origins["pc"]) == ("user", Source.USER)
    assert (loaded.settings.outlet, loaded.origins["outlet"]) == ("machine", Source.MACHINE)
    assert "outlet is for IT to set" in sentences(loaded)


def test_a_program_s_own_part_overrides_the_general_one(tmp_path: Path) -> None:
    write(tmp_path / "machine.toml", 'theme = "dark"\n[console]\ntheme = "light"\n[tray]\npc = "x"')
    console = every_source(tmp_path, Program.CONSOLE).load()
    tray = every_source(tmp_path, Program.TRAY).load()
    assert (console.settings.theme, console.settings.pc) == ("light", "")
    assert (tray.settings.theme, tray.settings.pc) == ("dark", "x")
    assert console.problems == tray.problems == []


def test_all_errors_are_reported_together_with_source_setting_and_what_is_right(
    tmp_path: Path,
) -> None:
    sources = every_source(tmp_path, environ={"SIARAN_THEME": "pink"})
    write(tmp_path / "user.toml", 'pc = 5\nchannel = "x"')
    write(tmp_path / "machine.toml", "heartbeat_seconds = 30")
    write(tmp_path / "policies" / "a.json", json.dumps({"retention_hours": 0, "redis_url": 5}))
    loaded = sources.load()
    text = sentences(loaded)
    assert len(loaded.problems) == 5
    assert "user.toml: pc is wrong" in text
    assert "there is no setting 'channel'" in text
    assert "retention_hours is wrong; it has to be a number from 1 to 2160" in text
    assert "redis_url is wrong" in text
    assert "environment: theme is wrong" in text
    assert loaded.settings.heartbeat_seconds == 30
    assert loaded.settings.retention_hours == 168


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("user.toml", "outlet = ", "user.toml is not valid TOML"),
        ("user.toml", "a = " + "[" * 100_000, "user.toml is not valid TOML"),
        ("machine.toml", "\udc80", "machine.toml is not valid TOML"),
        ("machine.toml", "tray = 5", "machine.toml, 'tray' is no table"),
        ("machine.toml", "a = " + "[" * 100_000, "machine.toml is not valid TOML"),
        ("policies/a.json", "", "a.json is not valid JSON"),
        ("policies/a.json", "{", "a.json is not valid JSON"),
        ("policies/a.json", "\udc80", "a.json is not valid JSON"),
        ("policies/a.json", "[" * 100_000, "a.json is not valid JSON"),
        ("policies/a.json", "[1]", "a.json has to hold a JSON object"),
        ("policies/a.json", '{"tray": []}', "a.json, 'tray' is no table"),
        (
            "policies/a.json",
            '{"require_signatures": true, "require_signatures": false}',
            "'require_signatures' stands in it twice",
        ),
    ],
)
def test_a_broken_file_is_said_and_the_rest_still_counts(
    tmp_path: Path, name: str, content: str, expected: str
) -> None:
    sources = every_source(tmp_path, environ={"SIARAN_SENDER": "environment"})
    (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    loaded = sources.load()
    assert expected in sentences(loaded)
    assert loaded.settings.sender == "environment"
    assert loaded.broken is (name != "user.toml")
    assert loaded.settings.require_signatures is (True if loaded.broken else None)


@pytest.mark.parametrize("name", ["user.toml", "machine.toml", "policies/a.json"])
def test_a_file_that_others_can_write_is_ignored_and_said(tmp_path: Path, name: str) -> None:
    sources = every_source(tmp_path)
    text = json.dumps({"outlet": "evil"}) if name.endswith("json") else 'outlet = "evil"'
    write(tmp_path / name, text.replace("outlet", "pc"))
    assert sources.load().settings.pc == "evil"
    (tmp_path / name).chmod(0o666)
    loaded = sources.load()
    assert loaded.settings.pc == ""
    assert loaded.broken is (name != "user.toml")
    assert "is ignored: others than its owner could have written it" in sentences(loaded)


def test_a_policy_that_does_not_belong_to_root_is_ignored_and_said(tmp_path: Path) -> None:
    sources = every_source(tmp_path, system_uids=frozenset({12345}))
    write(tmp_path / "policies" / "a.json", json.dumps({"outlet": "evil"}))
    loaded = sources.load()
    assert loaded.settings.outlet == ""
    assert loaded.broken
    assert loaded.settings.require_signatures is True
    assert "Let it belong to root" in sentences(loaded)


def _gone(_folder: Path) -> None:
    """No such folder is no policy."""


def _file(folder: Path) -> None:
    folder.write_text("")


def _dangling(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    (folder / "a.json").symlink_to("nowhere")


def _pipe(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    os.mkfifo(folder / "a.json", 0o644)


def _directory(folder: Path) -> None:
    (folder / "a.json").mkdir(parents=True, mode=0o755)


def _another_kind(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    write(folder / "a.json.bak", "{")


@pytest.mark.parametrize(
    ("make", "broken"),
    [
        (_gone, False),
        (_file, True),
        (_dangling, True),
        (_pipe, True),
        (_directory, True),
        (_another_kind, False),
    ],
)
def test_policies_that_are_there_but_no_files_count_as_the_strictest(
    tmp_path: Path, make: Callable[[Path], None], broken: bool
) -> None:
    make(tmp_path / "managed")
    loaded = every_source(tmp_path, policy_folder=tmp_path / "managed").load()
    assert loaded.broken is broken
    assert loaded.settings.require_signatures is (True if broken else None)
    assert len(loaded.problems) == int(broken)


def test_good_files_count_beside_a_broken_one(tmp_path: Path) -> None:
    sources = every_source(tmp_path)
    keys = {"hq": {"public": "QUJD"}}
    write(tmp_path / "policies" / "a.json", json.dumps({"trusted_keys": keys, "pc": "a"}))
    write(tmp_path / "policies" / "b.json", "{")
    write(tmp_path / "machine.toml", "require_signatures = false")
    loaded = sources.load()
    assert loaded.settings.pc == "a"
    assert list(loaded.settings.trusted_keys) == ["hq"]
    assert loaded.settings.require_signatures is True


def test_empty_environment_values_count_as_unset(tmp_path: Path) -> None:
    loaded = every_source(tmp_path, environ={"SIARAN_OUTLET": ""}).load()
    assert loaded.origins["outlet"] is Source.DEFAULT


def test_names_in_percent_signs_are_expanded_and_unknown_ones_are_said(tmp_path: Path) -> None:
    write(
        tmp_path / "user.toml",
        'pc = "%COMPUTERNAME%"\nca_file = "%Folder%/ca.pem"\nkey_file = "%NOPE%/key"',
    )
    loaded = every_source(tmp_path, environ={"FOLDER": "/c ä"}).load()
    assert loaded.settings.pc == "JKT-014-till2"
    assert loaded.settings.ca_file == "/c ä/ca.pem"
    assert loaded.settings.key_file == ""
    assert "key_file is wrong (there is no variable %NOPE% here)" in sentences(loaded)


@pytest.mark.parametrize("name", ["policies/a.json", "machine.toml"])
def test_what_it_sets_is_not_expanded_by_the_user_s_environment(tmp_path: Path, name: str) -> None:
    sources = every_source(tmp_path, environ={"FOLDER": "/evil", "COMPUTERNAME": "evil"})
    values = {"pc": "%computername%", "ca_file": "%FOLDER%/ca.pem"}
    text = json.dumps(values) if name.endswith("json") else tomlkit.dumps(values)
    write(tmp_path / name, text)
    loaded = sources.load()
    assert loaded.settings.pc == "JKT-014-till2"
    assert loaded.settings.ca_file == ""
    assert loaded.refusal(Strictest.NO_CONNECTION) is not None


def test_the_registry_gives_policies_machine_settings_lists_and_keys() -> None:
    registry = FakeWinreg(
        {
            REGISTRY_POLICIES: {"Redis_Url": "rediss://hq:6380", "heartbeat_seconds": 30},
            rf"{REGISTRY_POLICIES}\Tray": {"heartbeat_seconds": 45, "require_signatures": 1},
            rf"{REGISTRY_POLICIES}\channels": {"2": "B", "10": "C", "1": "A"},
            rf"{REGISTRY_POLICIES}\trusted_keys": {"hq": "QUJD", "eu": '{"public": "REVG"}'},
            **WINDOWS,
            REGISTRY_MACHINE: {
                "redis_url": "redis://other",
                "outlet": "JKT-014",
                "ca_file": r"%ProgramData%\ca.pem",
                "InstallDir": "of the installer, not ours",
            },
        }
    )
    loaded = Sources(Program.TRAY, winreg=registry).load()
    settings = loaded.settings
    assert loaded.problems == []
    assert settings.redis_url == "rediss://hq:6380"
    assert settings.heartbeat_seconds == 45
    assert settings.require_signatures is True
    assert settings.channels == ["A", "B", "C"]
    assert {key: one.public for key, one in settings.trusted_keys.items()} == {
        "hq": "QUJD",
        "eu": "REVG",
    }
    assert settings.outlet == "JKT-014"
    assert settings.ca_file == r"C:\ProgramData\ca.pem"
    assert loaded.origins["outlet"] is Source.MACHINE
    assert loaded.locked("channels")
    assert registry.accesses == {FakeWinreg.KEY_READ | FakeWinreg.KEY_WOW64_64KEY}


def test_registry_values_are_expanded_by_the_system_s_variables() -> None:
    environ = {"PROGRAMDATA": r"C:\evil", "TILL_FILES": "evil", "COMPUTERNAME": "evil", "OWN": "x"}
    for text, value in {
        r"%ProgramData%\Siaran\ca.pem": r"C:\ProgramData\Siaran\ca.pem",
        "%till_files%": r"C:\Tills",
        "%windir%;%PUBLIC%": r"C:\Windows;C:\Users\Public",
        "%ProgramFiles%": r"C:\Program Files",
        "%COMPUTERNAME%": "JKT-014-TILL2",
        "%OWN%": None,
        "%APPDATA%": None,
        "%Number%": None,
    }.items():
        registry = FakeWinreg({**WINDOWS, REGISTRY_POLICIES: {"ca_file": text}})
        loaded = Sources(Program.TRAY, environ=environ, winreg=registry, host="host").load()
        assert loaded.settings.ca_file == (value or ""), text
        assert (loaded.refusal(Strictest.NO_CONNECTION) is None) is (value is not None)


@pytest.mark.parametrize("key", [REGISTRY_POLICIES, rf"{REGISTRY_MACHINE}\Tray"])
def test_a_key_that_may_not_be_read_counts_as_the_strictest(key: str) -> None:
    registry = FakeWinreg({REGISTRY_MACHINE: {"require_signatures": 0}}, denied=[key])
    loaded = Sources(Program.TRAY, winreg=registry).load()
    assert loaded.broken
    assert loaded.settings.require_signatures is True
    assert "cannot be read" in sentences(loaded)


def test_a_slip_in_a_value_s_name_counts_as_the_strictest_and_foreign_values_do_not() -> None:
    registry = FakeWinreg({REGISTRY_POLICIES: {"RequireSignature": 1, "InstallDir": "C:"}})
    loaded = Sources(Program.TRAY, winreg=registry).load()
    assert loaded.unusable == {"require_signatures"}
    assert loaded.settings.require_signatures is True
    assert len(loaded.problems) == 1


@pytest.mark.parametrize("value", [2, 5, "", "maybe", "null", None, b"\0", ["0"]])
def test_a_yes_or_no_of_another_type_requires_signatures(value: Any) -> None:
    registry = FakeWinreg(
        {
            REGISTRY_POLICIES: {"require_signatures": value},
            REGISTRY_MACHINE: {"require_signatures": 0},
        }
    )
    loaded = Sources(Program.TRAY, winreg=registry).load()
    assert loaded.settings.require_signatures is True
    assert loaded.unusable == {"require_signatures"}


@pytest.mark.parametrize("value", [5, "hq", b"\0", ["QUJD"], "[" * 100_000])
def test_trusted_keys_of_another_type_require_signatures(value: Any) -> None:
    registry = FakeWinreg({REGISTRY_POLICIES: {"trusted_keys": value}})
    loaded = Sources(Program.TRAY, winreg=registry).load()
    assert loaded.settings.require_signatures is True
    assert loaded.settings.trusted_keys == {}
    assert loaded.unusable == {"trusted_keys"}


def test_a_slip_in_a_keys_name_and_odd_numbers_in_a_list_are_no_traceback() -> None:
    registry = FakeWinreg(
        {
            rf"{REGISTRY_POLICIES}\TrustedKey": {"hq": "QUJD"},
            rf"{REGISTRY_POLICIES}\channels": {"\u00b2": "B", "9" * 5000: "C", "1": "A"},
        }
    )
    loaded = Sources(Program.TRAY, winreg=registry).load()
    assert loaded.settings.channels[0] == "A"
    assert loaded.unusable == {"trusted_keys"}
    assert loaded.settings.require_signatures is True


@pytest.mark.parametrize("name", ["sender", "trusted_keys", "password_file"])
def test_half_characters_are_refused_but_in_paths_and_no_sentence_has_them(name: str) -> None:
    value = {"a\ud800": "QUJD"} if name == "trusted_keys" else {}
    registry = FakeWinreg(
        {
            REGISTRY_POLICIES: {name: "a\ud800"} if not value else {},
            rf"{REGISTRY_POLICIES}\{name}": value,
        }
    )
    loaded = Sources(TABLE[name].programs[0], winreg=registry).load()
    assert bool(loaded.problems) is (name != "password_file")
    sentences(loaded).encode()
    str(phrase("{path} cannot be read.", path="a\ud800")).encode()


def test_wrong_registry_types_are_said_and_fall_back() -> None:
    registry = FakeWinreg(
        {REGISTRY_POLICIES: {"heartbeat_seconds": "soon", "outlet": 5, "channels": 7}}
    )
    loaded = Sources(Program.TRAY, winreg=registry).load()
    assert loaded.settings.heartbeat_seconds == 60
    assert loaded.settings.channels == ["Channel 1"]
    assert "heartbeat_seconds is wrong" in sentences(loaded)
    assert "channels is wrong" in sentences(loaded)


def test_lists_from_text_are_separated_by_semicolons_or_lines(tmp_path: Path) -> None:
    for text in ("A; B ;C", "A\nB\nC\n"):
        loaded = every_source(tmp_path, environ={"SIARAN_CHANNELS": text}).load()
        assert loaded.settings.channels == ["A", "B", "C"]
