"""Settings: which source wins, how text becomes a value, and that nothing wrong stays unsaid."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadInput
from shared.settings import (
    CONNECTION,
    STRICTEST,
    TABLE,
    Group,
    Layer,
    Loaded,
    Program,
    Settings,
    Source,
    Strictest,
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
    machine.write_text('username = "m"\npc = "m"\nca_file = "m"\nsender = "m"\n')
    for path in (user, machine, tmp_path):
        path.chmod(0o700)
    sources = Sources(
        Program.TRAY,
        {"username": "given", "theme": None},
        {"SIARAN_USERNAME": "environment", "SIARAN_PC": "environment"},
        user_file=user,
        machine_file=machine,
        system_uids=frozenset({user.stat().st_uid}),
    )
    loaded = sources.load()
    got = loaded.settings
    assert (got.username, got.pc, got.ca_file, got.sender) == ("given", "environment", "user", "m")
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


# --- a security setting that cannot be used counts as the strictest ------------------------------

GOOD_KEY = {"public": "QUJD"}
NOT_USABLE: list[tuple[str, Any]] = [
    ("trusted_keys", 5),
    ("trusted_keys", [GOOD_KEY]),
    ("trusted_keys", "hq"),
    ("trusted_keys", {"hq": 5}),
    ("trusted_keys", {"hq": {"public": 5}}),
    ("trusted_keys", {"hq": {}}),
    ("trusted_keys", {"hq": GOOD_KEY | {"channel": ["A"]}}),
    ("require_signatures", "maybe"),
    ("require_signatures", "false"),
    ("require_signatures", 0),
    ("require_signatures", []),
    ("namespace", "a b"),
    ("namespace", ["siaran"]),
    *((name, 5) for name in STRICTEST if TABLE[name].type is str),
    *((name, "%NOPE%/x") for name in STRICTEST if TABLE[name].type is str),
]


def no_variables(text: str, _layer: Layer) -> str:
    """There is none."""
    if "%" in text:
        raise ValueError("there is no variable here")
    return text


@pytest.mark.parametrize(("name", "value"), NOT_USABLE)
def test_no_source_below_a_value_that_cannot_be_used_is_asked(name: str, value: Any) -> None:
    lower: dict[str, Any] = {
        "trusted_keys": {"evil": GOOD_KEY},
        "require_signatures": False,
        name: {"trusted_keys": {"evil": GOOD_KEY}, "require_signatures": False}.get(name, "evil"),
    }
    layers = [
        Layer(Source.POLICY, "policy", {name: value}),
        *(Layer(source, source.value, lower) for source in list(Source)[1:-1]),
    ]
    loaded = resolve(layers, no_variables)
    assert loaded.unusable == {name}
    assert loaded.origins[name] is Source.POLICY
    assert loaded.locked(name)
    assert loaded.problems[0].field == name
    signatures = name in ("trusted_keys", "require_signatures")
    assert loaded.settings.require_signatures is signatures
    if name == "trusted_keys":
        assert loaded.settings.trusted_keys == {}
    elif not signatures:
        assert getattr(loaded.settings, name) == getattr(Settings(), name)
        what = STRICTEST[name]
        assert isinstance(what, Strictest)
        refusal = loaded.refusal(what)
        assert refusal is not None
        assert loaded.problems[0] in refusal.problems


def test_a_wrong_value_below_a_good_one_changes_nothing() -> None:
    good = {"trusted_keys": {"hq": GOOD_KEY}, "require_signatures": False, "ca_file": "ca.pem"}
    wrong = {"trusted_keys": 5, "require_signatures": "no", "ca_file": 5}
    loaded = resolve(
        [Layer(Source.POLICY, "policy", good), Layer(Source.MACHINE, "machine", wrong)]
    )
    assert (loaded.unusable, loaded.settings.require_signatures) == (frozenset(), False)
    assert loaded.settings.ca_file == "ca.pem"
    assert list(loaded.settings.trusted_keys) == ["hq"]
    assert len(loaded.problems) == 3
    assert loaded.refusal(Strictest.NO_CONNECTION) is None


SLIPS = ["Trusted_Keys", "trusted-keys", "trusted_key", "trustedKeys", "TRUSTED KEYS"]


@pytest.mark.parametrize("source", [Source.POLICY, Source.MACHINE])
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_the_name_of_a_security_setting_counts_as_the_strictest(
    slip: str, source: Source
) -> None:
    loaded = resolve([Layer(source, "it", {slip: {"hq": GOOD_KEY}})])
    assert loaded.unusable == {"trusted_keys"}
    assert loaded.settings.require_signatures is True
    assert sentences(loaded) == [f"it: there is no setting {slip!r}."]
    both = resolve([Layer(source, "it", {slip: {}, "trusted_keys": {"hq": GOOD_KEY}})])
    assert list(both.settings.trusted_keys) == ["hq"]
    assert both.settings.require_signatures is None
    mine = resolve([Layer(Source.USER, "mine", {slip: {}})])
    assert (mine.unusable, mine.settings.require_signatures) == (frozenset(), None)


@pytest.mark.parametrize("slip", ["ca-file", "CA_FILE", "cafile", "Redis_URL", "user_name"])
def test_a_slip_in_the_name_of_what_a_connection_needs_prevents_it(slip: str) -> None:
    loaded = resolve([Layer(Source.POLICY, "policy", {slip: "x"})])
    refusal = loaded.refusal(Strictest.NO_CONNECTION)
    assert refusal is not None
    assert slip in str(refusal)


@pytest.mark.parametrize("name", ["key_rights", "approvals", "keys", "require", "cafe_file"])
def test_a_setting_of_a_newer_version_is_no_slip(name: str) -> None:
    loaded = resolve([Layer(Source.POLICY, "policy", {name: "x"})])
    assert (loaded.unusable, loaded.settings.require_signatures) == (frozenset(), None)


ANY = st.sampled_from(
    [True, False, None, 0, 5, "", "text", "a b", "%X%", [], ["a"], {}, {"hq": GOOD_KEY}, {"x": 5}]
)
LAYERS = st.tuples(
    *(st.dictionaries(st.sampled_from(sorted(STRICTEST)), ANY, max_size=4) for _ in range(5)),
    st.sampled_from([None, Source.POLICY, Source.MACHINE]),
)


@given(LAYERS)
def test_whoever_speaks_first_of_a_security_setting_decides_alone(layers: Sequence[Any]) -> None:
    *values, broken = layers
    order = [Source.POLICY, Source.COMMAND_LINE, Source.ENVIRONMENT, Source.USER, Source.MACHINE]
    made = [
        Layer(source, source.value, given, broken=source is broken)
        for source, given in zip(order, values, strict=True)
    ]
    loaded = resolve(made, no_variables)
    managed = bool(values[0] or values[-1] or broken)
    for name in STRICTEST:
        heard = [
            layer
            for layer in made
            if not TABLE[name].admin
            or layer.of_it
            or (layer.source is not Source.USER and not managed)
        ]
        unset = None if TABLE[name].type == (bool | None) else ()
        first = next((one for one in heard if one.values.get(name, unset) is not unset), None)
        alone = resolve([] if first is None else [first], no_variables)
        if name != "require_signatures":
            assert getattr(loaded.settings, name) == getattr(alone.settings, name), name
            assert (name in loaded.unusable) is (name in alone.unusable)
    if broken is Source.POLICY or {"trusted_keys", "require_signatures"} & loaded.unusable:
        assert loaded.settings.require_signatures is True


def test_the_good_keys_beside_a_wrong_one_are_trusted_and_signatures_required() -> None:
    keys = {"hq": GOOD_KEY, "eu": {"publik": "QUJD"}, "id": GOOD_KEY}
    values = {"trusted_keys": keys, "require_signatures": False}
    loaded = resolve([Layer(Source.POLICY, "policy", values)])
    assert list(loaded.settings.trusted_keys) == ["hq", "id"]
    assert loaded.settings.require_signatures is True
    assert loaded.unusable == {"trusted_keys"}
    assert "policy: trusted_keys.eu is wrong" in sentences(loaded)[0]


@pytest.mark.parametrize("source", [Source.POLICY, Source.MACHINE])
def test_a_layer_that_cannot_be_read_requires_signatures_of_all_below(source: Source) -> None:
    open_to_all = {"require_signatures": False}
    layers = [Layer(source, "broken", {}, broken=True), Layer(Source.MACHINE, "m", open_to_all)]
    loaded = resolve(layers)
    assert loaded.broken
    assert loaded.settings.require_signatures is True
    above = resolve([Layer(Source.POLICY, "above", open_to_all), *layers])
    assert above.settings.require_signatures is False


VALUES = [name for name, what in STRICTEST.items() if not isinstance(what, Strictest)]


@pytest.mark.parametrize("name", VALUES)
def test_the_strictest_value_counts_for_one_that_cannot_be_used(name: str) -> None:
    loaded = resolve(
        [Layer(Source.POLICY, "policy", {name: ["?"]}), Layer(Source.MACHINE, "m", {})]
    )
    assert getattr(loaded.settings, name) == STRICTEST[name]
    assert loaded.unusable == {name}
    assert loaded.origins[name] is Source.POLICY


HARMLESS = {
    *("channels", "outlet", "outlet_pattern", "pc", "data_dir", "theme", "language", "support"),
    *("popup_screens", "popup_position", "emergency_fullscreen", "sound", "popup_hotkey"),
    *("sender", "undo_seconds", "retention_hours", "receipt_days", "heartbeat_seconds"),
    *("snooze_minutes", "do_not_disturb_minutes", "popups_per_minute", "ring_seconds"),
}
"""Settings whose default lets nobody in, if a value of theirs cannot be used."""


def test_of_every_setting_somebody_has_decided_what_is_strictest() -> None:
    undecided = set(TABLE) - set(STRICTEST) - HARMLESS
    assert not undecided, f"Add {undecided} to STRICTEST in shared/settings.py, or to HARMLESS."
    assert set(STRICTEST) <= set(TABLE)
    assert not HARMLESS & set(STRICTEST)
    connection = {name for name, info in TABLE.items() if info.group is Group.CONNECTION}
    assert {n for n, what in STRICTEST.items() if what is Strictest.NO_CONNECTION} == connection
    assert set(CONNECTION) == {"", *connection}


# --- what only IT may set ------------------------------------------------------------------------

ADMIN = [name for name, info in TABLE.items() if info.admin]


@pytest.mark.parametrize("name", ADMIN)
@pytest.mark.parametrize("source", [Source.COMMAND_LINE, Source.ENVIRONMENT, Source.USER])
@pytest.mark.parametrize("it", [Source.POLICY, Source.MACHINE])
@pytest.mark.parametrize("values", [{"theme": "dark"}, {"unknown": 1}, {"theme": 5}, None])
def test_where_it_has_said_anything_nobody_else_sets_what_is_its(
    name: str, source: Source, it: Source, values: dict[str, Any] | None
) -> None:
    layers = [
        Layer(source, "mine", {name: 7, "pc": "mine"}),
        Layer(it, "it", values or {}, broken=values is None),
    ]
    loaded = resolve(sorted(layers, key=lambda layer: list(Source).index(layer.source)))
    wanted = values is None and name == "require_signatures"
    assert getattr(loaded.settings, name) == (True if wanted else getattr(Settings(), name))
    assert f"mine: {name} is for IT to set, in a policy or for the whole PC." in sentences(loaded)
    assert loaded.settings.pc == "mine"


def test_where_it_has_said_nothing_command_line_and_environment_set_everything() -> None:
    layers = [
        Layer(Source.POLICY, "policy", {}),
        Layer(Source.COMMAND_LINE, "line", {"outlet": "line"}, text=True),
        Layer(Source.ENVIRONMENT, "environment", {"channels": "A"}, text=True),
        Layer(Source.USER, "user", {"namespace": "mine"}),
        Layer(Source.MACHINE, "machine", {}),
    ]
    loaded = resolve(layers)
    assert (loaded.settings.outlet, loaded.settings.channels) == ("line", ["A"])
    assert loaded.settings.namespace == "siaran"
    assert [problem.field for problem in loaded.problems] == ["namespace"]


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
        *(("outlet_pattern", "(?P<outlet>([A-Z]+)+)-x"), ("outlet_pattern", "(" * 5000)),
    ],
)
def test_a_wrong_text_is_reported_with_its_place(name: str, text: str) -> None:
    loaded = from_text(**{name: text})
    wanted = True if name == "require_signatures" else getattr(Settings(), name)
    assert getattr(loaded.settings, name) == wanted
    assert [problem.field for problem in loaded.problems] == [name]
    assert re.match(rf"environment: {name}(\.hq)? is wrong", sentences(loaded)[0])


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


def test_demand_minds_only_the_settings_that_are_used(tmp_path: Path) -> None:
    loaded = from_text(trusted_keys="{", sender="HQ", theme="pink")
    assert demand(loaded, "sender", "redis_url").sender == "HQ"
    with pytest.raises(BadInput) as caught:
        demand(loaded, "sender", "theme")
    assert [problem.field for problem in caught.value.problems] == ["theme"]
    broken = from_file(tmp_path / "siaran.toml", "[")
    assert demand(broken, "data_dir") == Settings()
    with pytest.raises(BadInput):  # it may have held the address
        demand(broken, *CONNECTION)


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
    # Windows opens no folder, and says of a path below a file that it is not there.
    said = "Permission denied" if sys.platform == "win32" else "Is a directory"
    assert sentences(loaded) == [f"{tmp_path} cannot be read ({said})."]
    (tmp_path / "file").write_text("")
    below = tmp_path / "file" / "siaran.toml"
    loaded = Sources(Program.TRAY, user_file=below).load()
    nothing_there = sys.platform == "win32"
    assert sentences(loaded) == (
        [] if nothing_there else [f"{below} cannot be read (Not a directory)."]
    )


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
