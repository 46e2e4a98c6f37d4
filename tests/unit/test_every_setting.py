"""Every setting of the table from every source: read, obeyed in order, refused, expanded.

The examples below are all that a new setting needs; everything else comes from the table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_origin

import msgspec
import pytest
import tomlkit

from shared.errors import BadInput
from shared.registry import REGISTRY_MACHINE, REGISTRY_POLICIES
from shared.settings import STRICTEST, TABLE, Loaded, Settings, Source, demand
from tests.file_access import forbid
from tests.unit.test_sources import CONTROL, FakeWinreg, every_source, sentences

SYSTEM_VARIABLES = rf"{CONTROL}\Session Manager\Environment"
KEY = {"public": "QUJD", "channels": ["A"], "valid_until": "2027-12-31"}
EXAMPLES: dict[str, tuple[Any, Any]] = {
    "redis_url": ("rediss://hq.example:6380", "redis://other:6379"),
    "username": ("outlet", "anybody"),
    "password_file": ("/etc/siaran/kata sandi", "/other"),
    "ca_file": ("/etc/siaran/ca é.pem", "/other"),
    "cert_file": ("/etc/siaran/pc.pem", "/other"),
    "key_file": ("/etc/siaran/pc.key", "/other"),
    "namespace": ("toko-1", "other"),
    "channels": (["Channel 1", "Jawa Timur"], ["Other"]),
    "outlet": ("JKT-014", "OTHER"),
    "outlet_pattern": ("(?P<outlet>[A-Z]+-[0-9]+)-(?P<pc>.+)", "(?P<outlet>.+)"),
    "pc": ("till 2", "other"),
    "data_dir": ("/srv/siaran", "/other"),
    "theme": ("dark", "light"),
    "language": ("id", "en"),
    "support": ("IT helpdesk, ext. 123", "Nobody"),
    "popup_screens": ("pointer", "primary"),
    "popup_position": ("top", "bottom_right"),
    "emergency_fullscreen": (True, False),
    "sound": ("off", "emergency"),
    "popup_hotkey": ("Ctrl+Alt+M", "Ctrl+F9"),
    "sender": ("Kantor pusat", "Nobody"),
    "undo_seconds": (10, 0),
    "signing_key_file": ("/etc/siaran/hq.key", "/other"),
    "trusted_keys": ({"hq": KEY}, {"other": {"public": "REVG"}}),
    "require_signatures": (True, False),
    "retention_hours": (24, 48),
    "receipt_days": (14, 30),
    "heartbeat_seconds": (30, 45),
    "snooze_minutes": (15, 0),
    "do_not_disturb_minutes": (30, 0),
    "popups_per_minute": (10, 1),
    "ring_seconds": (10, 300),
    "answers_from_others": (False, True),
}
"""For each setting two values as a TOML file would have them, neither of them the default."""

PLACES = {
    "registry policy": Source.POLICY,
    "policy file": Source.POLICY,
    "command line": Source.COMMAND_LINE,
    "environment": Source.ENVIRONMENT,
    "user file": Source.USER,
    "registry": Source.MACHINE,
    "machine file": Source.MACHINE,
}
"""Everything that can give a setting, in falling order of authority."""
FILES = ("policy file", "user file", "machine file")

every_setting = pytest.mark.parametrize("name", TABLE)
every_place = pytest.mark.parametrize("place", PLACES)


class Pc:
    """One PC whose sources of settings are filled by the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.registry: dict[str, dict[str, Any]] = {}
        self.command_line: dict[str, str] = {}
        self.environ: dict[str, str] = {"EXAMPLE": "example"}
        (folder / "policies").mkdir()

    def put(self, place: str, name: str, value: Any) -> None:
        """Let *place* give *value*, in the form that values have there."""
        if place in FILES:
            self.file(place).write_bytes(content(place, name, value).encode())
        elif place == "command line":
            self.command_line[name] = as_text(value)
        elif place == "environment":
            self.environ[TABLE[name].variable] = as_text(value)
        else:
            self._put_registry(place, name, value)

    def file(self, place: str) -> Path:
        """The file that *place* is."""
        names = {"policy file": "policies/it.json", "user file": "user.toml"}
        path = self.folder / names.get(place, "machine.toml")
        path.touch(0o644)
        return path

    def load(self, name: str) -> Loaded:
        """Read all sources as the first of the programs that know the setting."""
        return every_source(
            self.folder,
            TABLE[name].programs[0],
            environ=self.environ,
            command_line=self.command_line,
            winreg=FakeWinreg(self.registry),
        ).load()

    def _put_registry(self, place: str, name: str, value: Any) -> None:
        root = REGISTRY_POLICIES if place == "registry policy" else REGISTRY_MACHINE
        if isinstance(value, list):
            numbered = {str(number): one for number, one in enumerate(value, 1)}
            self.registry[rf"{root}\{name}"] = numbered
        elif isinstance(value, dict):
            rows = {key: json.dumps(one) for key, one in value.items()}
            self.registry[rf"{root}\{name}"] = rows
        else:
            number = int(value) if isinstance(value, bool) else value
            self.registry.setdefault(root, {})[name] = number


@pytest.fixture
def pc(tmp_path: Path) -> Pc:
    """A PC without any settings."""
    return Pc(tmp_path)


def examples(name: str) -> tuple[Any, Any]:
    """The two values for a setting."""
    assert name in EXAMPLES, f"Add two values for {name} to EXAMPLES in this file."
    return EXAMPLES[name]


def as_text(value: Any) -> str:
    """How a command line or a variable would say it."""
    if isinstance(value, list):
        return "; ".join(value)
    return value if isinstance(value, str) else json.dumps(value)


def content(place: str, name: str, value: Any) -> str:
    """The text of a file with this one setting."""
    if place == "policy file":
        return json.dumps({name: value}, ensure_ascii=False)
    return tomlkit.dumps({name: value})


def value_of(name: str, example: Any) -> Any:
    """What a program gets."""
    return msgspec.convert(example, TABLE[name].type)


def may_set(place: str, name: str) -> bool:
    """Whether *place* is heard about this setting, where IT has said nothing."""
    return not (TABLE[name].admin and PLACES[place] is Source.USER)


def is_its(place: str) -> bool:
    """Whether only IT can set something in *place*."""
    return PLACES[place] in (Source.POLICY, Source.MACHINE)


def beaten(place: str, name: str) -> list[str]:
    """The places below *place* that would be heard about a setting, too.

    Where IT has said anything, nobody else is heard about what only IT may set.
    """
    order = list(PLACES)
    below = order[order.index(place) + 1 :]
    if not TABLE[name].admin:
        return below
    its = is_its(place) or not may_set(place, name)
    return [one for one in below if may_set(one, name) and is_its(one) is its]


def takes_text(name: str) -> bool:
    """Whether a text stands for the value in every source: texts, words, lists of texts."""
    kind = TABLE[name].type
    return get_origin(kind) is list or (isinstance(kind, type) and issubclass(kind, str))


def can_be_empty(place: str, name: str) -> bool:
    """Whether an empty text is a good value: for texts, and as a list where lists are texts."""
    if TABLE[name].type is str:
        return name != "namespace"
    return get_origin(TABLE[name].type) is list and place not in FILES


def decided_by(place: str, name: str) -> Source:
    """Who decides about a setting for which *place* alone has a value that cannot be used."""
    return PLACES[place] if name in STRICTEST else Source.DEFAULT


def allowed(names: Iterable[str], places: Iterable[str] = PLACES) -> list[tuple[str, str]]:
    """All pairs of a place and a setting that it is heard about."""
    return [(place, name) for name in names for place in places if may_set(place, name)]


TEXTS = [name for name in TABLE if takes_text(name)]


def test_every_setting_has_its_examples_here() -> None:
    gone = set(EXAMPLES) - set(TABLE)
    assert not gone, f"These settings are gone; take them out of EXAMPLES: {', '.join(gone)}."
    for name in TABLE:
        one, other = (value_of(name, example) for example in examples(name))
        default = getattr(Settings(), name)
        assert one != other != default != one, f"The values for {name} have to differ."


# --- who wins ------------------------------------------------------------------------------------


@every_setting
@every_place
def test_a_value_is_read_and_beats_every_source_below(pc: Pc, name: str, place: str) -> None:
    value, other = examples(name)
    pc.put(place, name, value)
    for below in beaten(place, name):
        pc.put(below, name, other)
    loaded = pc.load(name)
    if may_set(place, name):
        assert loaded.problems == []
        assert getattr(loaded.settings, name) == value_of(name, value)
        assert loaded.origins[name] is PLACES[place]
        assert loaded.locked(name) is (PLACES[place] is Source.POLICY)
    else:
        assert sentences(loaded) == (
            f"{pc.file(place)}: {name} is for IT to set, in a policy or for the whole PC."
        )
        assert getattr(loaded.settings, name) == value_of(name, other)


@every_setting
def test_what_is_set_nowhere_is_the_default(pc: Pc, name: str) -> None:
    loaded = pc.load(name)
    assert loaded.problems == []
    assert getattr(loaded.settings, name) == getattr(Settings(), name)
    assert loaded.origins[name] is Source.DEFAULT


# --- empty values --------------------------------------------------------------------------------


@every_setting
def test_an_empty_variable_is_no_value(pc: Pc, name: str) -> None:
    pc.environ[TABLE[name].variable] = ""
    pc.put("machine file", name, examples(name)[1])
    loaded = pc.load(name)
    assert loaded.problems == []
    assert loaded.origins[name] is Source.MACHINE


@pytest.mark.parametrize(
    ("place", "name"), allowed(TABLE, [one for one in PLACES if one != "environment"])
)
def test_an_empty_text_is_a_value_where_it_can_be_one(pc: Pc, place: str, name: str) -> None:
    pc.put(place, name, "")
    loaded = pc.load(name)
    if can_be_empty(place, name):
        assert loaded.problems == []
        assert getattr(loaded.settings, name) in ("", [])
        assert loaded.origins[name] is PLACES[place]
    else:
        assert f"{name} is wrong" in sentences(loaded)
        assert loaded.origins[name] is decided_by(place, name)


# --- %NAME% --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "name"), allowed(TEXTS))
def test_names_in_percent_signs_are_expanded(pc: Pc, place: str, name: str) -> None:
    example = examples(name)[0]
    listed = isinstance(example, list)
    variables = pc.registry.setdefault(SYSTEM_VARIABLES, {}) if is_its(place) else pc.environ
    variables["Wert"] = example[0] if listed else example
    pc.put(place, name, ["%WERT%"] if listed else "%wert%")
    loaded = pc.load(name)
    assert loaded.problems == []
    assert getattr(loaded.settings, name) == value_of(name, example[:1] if listed else example)


@pytest.mark.parametrize(("place", "name"), allowed(TEXTS))
def test_what_it_sets_takes_no_variable_of_the_user(pc: Pc, place: str, name: str) -> None:
    example = examples(name)[0]
    listed = isinstance(example, list)
    pc.environ["Wert"] = example[0] if listed else example
    pc.put(place, name, ["%WERT%"] if listed else "%WERT%")
    loaded = pc.load(name)
    assert bool(loaded.problems) is is_its(place)
    if is_its(place):
        assert f"{name} is wrong (there is no variable %WERT% here)." in sentences(loaded)


@pytest.mark.parametrize(("place", "name"), allowed(TEXTS))
def test_an_unknown_name_in_percent_signs_is_said(pc: Pc, place: str, name: str) -> None:
    pc.put(place, name, ["%NOPE%"] if isinstance(examples(name)[0], list) else "%NOPE%")
    loaded = pc.load(name)
    assert f"{name} is wrong (there is no variable %NOPE% here)." in sentences(loaded)
    assert loaded.origins[name] is decided_by(place, name)
    with pytest.raises(BadInput):
        demand(loaded)


# --- files as people and their editors leave them ------------------------------------------------


@pytest.mark.parametrize(("place", "name"), allowed(TABLE, FILES))
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_byte_order_mark_and_any_line_end_are_read(
    pc: Pc, place: str, name: str, mark: bytes, end: bytes
) -> None:
    text = content(place, name, examples(name)[0])
    lines = f"\n{text}\n" if place == "policy file" else f"# IT\n\n{text}"
    pc.file(place).write_bytes(mark + lines.encode().replace(b"\n", end))
    loaded = pc.load(name)
    assert loaded.problems == []
    assert getattr(loaded.settings, name) == value_of(name, examples(name)[0])


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir(0o755)


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize("place", FILES)
@pytest.mark.parametrize("spoil", [_folder, _loop, forbid])
def test_a_file_that_cannot_be_read_is_said_and_the_others_count(
    pc: Pc, place: str, spoil: Callable[[Path], None]
) -> None:
    pc.put("environment", "pc", "till")
    spoil(pc.file(place))
    loaded = pc.load("pc")
    assert f"{pc.folder}" in sentences(loaded)
    assert "cannot be read (" in sentences(loaded)
    assert len(loaded.problems) == 1
    assert loaded.settings.pc == "till"


@pytest.mark.parametrize("place", FILES)
@pytest.mark.parametrize("mode", [0o646, 0o664, 0o666, 0o777], ids=oct)
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_others_may_write_is_ignored_and_said(
    pc: Pc, place: str, mode: int, what: str
) -> None:
    pc.put(place, "pc", "evil")
    assert pc.load("pc").settings.pc == "evil"
    loose = pc.file(place) if what == "file" else pc.file(place).parent
    loose.chmod(mode | (0o111 if what == "folder" else 0))
    loaded = pc.load("pc")
    assert loaded.settings.pc == ""
    assert f"{loose} is ignored: others than its owner could have written it." in sentences(loaded)
