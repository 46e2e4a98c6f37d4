"""Settings: which source wins, how text becomes a value, and that nothing wrong stays unsaid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.errors import BadInput
from shared.settings import (
    TABLE,
    Layer,
    Loaded,
    Program,
    Settings,
    Source,
    Theme,
    TrustedKeySetting,
    demand,
    resolve,
)
from shared.sources import Sources, fixed


def from_text(**values: str) -> Loaded:
    """Settings given as text, as in the environment."""
    return resolve([Layer(Source.ENVIRONMENT, "environment", values, text=True)])


def from_file(path: Path, text: str | bytes) -> Loaded:
    """Settings of one user's file."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    return Sources(Program.TRAY, user_file=path).load()


def sentences(loaded: Loaded) -> list[str]:
    """What the person is told."""
    return [problem.sentence for problem in loaded.problems]


# --- which source wins ---------------------------------------------------------------------------


def test_without_any_source_the_defaults_are_in_force() -> None:
    loaded = resolve([])
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {Source.DEFAULT}
    assert loaded.problems == []
    assert fixed().settings == Settings()


def test_the_first_source_with_a_value_wins() -> None:
    order = [Source.POLICY, Source.COMMAND_LINE, Source.ENVIRONMENT, Source.USER, Source.MACHINE]
    layers = [Layer(source, source.value, {"sender": source.value}) for source in order]
    for number, source in enumerate(order):
        loaded = resolve(layers[number:])
        assert (loaded.settings.sender, loaded.origins["sender"]) == (source.value, source)
        assert loaded.locked("sender") is (source is Source.POLICY)


def test_every_source_of_a_pc_is_read_in_its_order(tmp_path: Path) -> None:
    user, machine = tmp_path / "user.toml", tmp_path / "machine.toml"
    user.write_text('pc = "user"\nca_file = "user"\n')
    machine.write_text('outlet = "m"\npc = "m"\nca_file = "m"\nsender = "m"\n')
    for path in (user, machine, tmp_path):
        path.chmod(0o700)
    sources = Sources(
        Program.TRAY,
        {"outlet": "given", "theme": None},
        {"SIARAN_OUTLET": "environment", "SIARAN_PC": "environment"},
        user_file=user,
        machine_file=machine,
        system_uids=frozenset({user.stat().st_uid}),
    )
    loaded = sources.load()
    got = loaded.settings
    assert (got.outlet, got.pc, got.ca_file, got.sender) == ("given", "environment", "user", "m")
    assert loaded.origins["theme"] is Source.DEFAULT
    assert loaded.problems == []


def test_a_wrong_value_is_reported_and_the_next_source_is_asked() -> None:
    loaded = resolve(
        [
            Layer(Source.POLICY, "policy.json", {"heartbeat_seconds": 1}),
            Layer(Source.MACHINE, "machine.toml", {"heartbeat_seconds": 30}),
        ]
    )
    assert loaded.settings.heartbeat_seconds == 30
    assert loaded.origins["heartbeat_seconds"] is Source.MACHINE
    assert sentences(loaded) == [
        "policy.json: heartbeat_seconds is wrong; it has to be a number from 5 to 3600."
    ]


# --- text becomes values -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("sender", "Head office", "Head office"),
        ("sender", "7", "7"),
        ("retention_hours", "24", 24),
        ("theme", "dark", Theme.DARK),
        ("require_signatures", "true", True),
        ("require_signatures", "0", False),
        ("channels", "A", ["A"]),
        ("channels", "A; B ;;C D;", ["A", "B", "C D"]),
        ("channels", "A\nB\r\n C\n", ["A", "B", "C"]),
        ("trusted_keys", '{"hq": {"public": "x"}}', {"hq": TrustedKeySetting("x")}),
    ],
)
def test_text_becomes_the_settings_type(name: str, text: str, value: Any) -> None:
    loaded = from_text(**{name: text})
    assert loaded.problems == []
    assert getattr(loaded.settings, name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("retention_hours", "soon"), ("retention_hours", "0"), ("retention_hours", "2161")),
        *(("theme", "pink"), ("require_signatures", "maybe"), ("namespace", "a b")),
        *(("channels", "*"), ("channels", "x" * 101), ("outlet", "a/b"), ("pc", "x" * 41)),
        *(("trusted_keys", "{"), ("trusted_keys", "[]"), ("sender", "x" * 101)),
        ("trusted_keys", '{"hq": {"public": "x", "chanels": []}}'),
        *(("outlet_pattern", "("), ("outlet_pattern", "(?P<shop>.*)")),
    ],
)
def test_a_wrong_text_is_reported_with_its_place(name: str, text: str) -> None:
    loaded = from_text(**{name: text})
    assert getattr(loaded.settings, name) == getattr(Settings(), name)
    assert [problem.field for problem in loaded.problems] == [name]
    assert sentences(loaded)[0].startswith(f"environment: {name} is wrong")


def test_a_file_is_taken_at_its_word_about_types() -> None:
    loaded = resolve([Layer(Source.USER, "user.toml", {"retention_hours": "24", "channels": "A"})])
    assert loaded.settings == Settings()
    assert [problem.field for problem in loaded.problems] == ["retention_hours", "channels"]


def test_empty_environment_values_and_foreign_variables_are_ignored() -> None:
    environ = {"SIARAN_OUTLET": "", "SIARAN_CHANNELS": "", "SIARAN_PASSWORD": "x", "OUTLET": "y"}
    loaded = Sources(Program.TRAY, environ=environ).load()
    assert (loaded.settings, loaded.problems) == (Settings(), [])


# --- variables in texts --------------------------------------------------------------------------


def test_variables_are_replaced_by_the_environments_values() -> None:
    environ = {"SIARAN_PC": "till-%computername%", "SIARAN_CHANNELS": "%Area%;B", "AREA": "West"}
    loaded = Sources(Program.TRAY, environ=environ, host="PC7").load()
    assert (loaded.settings.pc, loaded.settings.channels) == ("till-PC7", ["West", "B"])
    assert loaded.problems == []


def test_an_unknown_variable_is_reported() -> None:
    loaded = Sources(Program.TRAY, {"outlet": "%NOWHERE%"}).load()
    assert loaded.settings.outlet == ""
    assert sentences(loaded) == [
        "command line: outlet is wrong (there is no variable %NOWHERE% here)."
    ]


@pytest.mark.parametrize("password", ["%C3%A9", "%40%40", "p%AB%CDq", "%ff%fe"])
def test_percent_signs_of_an_address_are_no_variables(password: str) -> None:
    url = f"redis://:{password}@hq:6379"
    loaded = Sources(Program.TRAY, {"redis_url": url}).load()
    assert loaded.problems == []
    assert loaded.settings.redis_url == url


# --- everything wrong is said --------------------------------------------------------------------


def test_every_problem_is_reported_together(tmp_path: Path) -> None:
    broken = tmp_path / "user.toml"
    broken.write_text("outlet = ")
    broken.chmod(0o600)
    environ = {"SIARAN_THEME": "pink", "SIARAN_RETENTION_HOURS": "x"}
    loaded = Sources(Program.TRAY, {"namespace": "{}"}, environ, user_file=broken).load()
    fields = [problem.field for problem in loaded.problems]
    assert sorted(fields) == ["", "namespace", "retention_hours", "theme"]
    with pytest.raises(BadInput) as caught:
        demand(loaded)
    assert caught.value.problems == loaded.problems
    for sentence in sentences(loaded):
        assert sentence in str(caught.value)


def test_demand_returns_settings_without_fault() -> None:
    assert demand(from_text(outlet="JKT-014")).outlet == "JKT-014"


def test_an_unknown_name_in_a_file_is_reported_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    loaded = from_file(path, 'outlett = "JKT-014"\npc = "till-1"\n')
    assert loaded.settings.pc == "till-1"
    assert sentences(loaded) == [f"{path}: there is no setting 'outlett'."]


@pytest.mark.parametrize("text", ["outlet = JKT", "[", b'outlet = "\xff"', 'pc="a"\npc="b"'])
def test_a_malformed_file_is_reported_and_gives_nothing(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / "siaran.toml"
    loaded = from_file(path, text)
    assert loaded.settings == Settings()
    assert len(loaded.problems) == 1
    assert sentences(loaded)[0].startswith(f"{path} is not valid TOML: ")


def test_a_file_written_by_notepad_is_read(tmp_path: Path) -> None:
    loaded = from_file(tmp_path / "siaran.toml", b'\xef\xbb\xbfpc = "JKT-014"\r\n')
    assert loaded.problems == []
    assert loaded.settings.pc == "JKT-014"


def test_a_missing_file_is_no_problem(tmp_path: Path) -> None:
    assert Sources(Program.TRAY, user_file=tmp_path / "none" / "siaran.toml").load().problems == []


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    loaded = Sources(Program.TRAY, user_file=tmp_path).load()  # a folder
    assert loaded.settings == Settings()
    assert sentences(loaded) == [f"{tmp_path} cannot be read (Is a directory)."]
    (tmp_path / "file").write_text("")
    below = tmp_path / "file" / "siaran.toml"
    loaded = Sources(Program.TRAY, user_file=below).load()
    assert sentences(loaded) == [f"{below} cannot be read (Not a directory)."]


def test_each_program_has_its_own_part_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "siaran.toml"
    text = 'sender = "both"\n[console]\nsender = "console"\n[tray]\npc = "x"\n'
    assert from_file(path, text).settings == Settings(sender="both", pc="x")
    console = Sources(Program.CONSOLE, user_file=path).load()
    assert console.settings == Settings(sender="console")


def test_the_table_explains_every_setting() -> None:
    assert list(TABLE) == list(Settings.__struct_fields__)
    for name, info in TABLE.items():
        assert info.help.strip().endswith((".", ")"))
        assert info.variable == f"SIARAN_{name.upper()}"
        assert info.option == f"--{name.replace('_', '-')}"
