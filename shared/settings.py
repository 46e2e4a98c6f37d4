"""Every setting, defined once; and how a value is found for it.

The class ``Settings`` *is* the table: name, type, default, one sentence of help, whose it is, and
whether a person may change it. Help texts and documents are made from it.

A value is looked for in this order: policy (locked) > command line > environment ``SIARAN_*`` >
user > machine > default. Each source is checked on its own; a wrong value is reported with its
source and the next source is asked, so that one typing error never stops a tray.
"""

from __future__ import annotations

import enum
import json
import os
import tomllib
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from shared.codec import MAX_REPLY, is_channel_name
from shared.errors import BadInput, Problem
from shared.keys import NAMESPACE
from shared.model import MAX_SENDER

ENV_PREFIX = "SIARAN_"
PASSWORD_VARIABLE = "SIARAN_PASSWORD"  # noqa: S105  # the name of a variable, not a password


class Program(enum.StrEnum):
    """The two programs that read settings."""

    CONSOLE = "console"
    TRAY = "tray"


class Theme(enum.StrEnum):
    """Colours of the windows."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Source(enum.StrEnum):
    """Where a value came from, in falling order of authority."""

    POLICY = "set by your organisation"
    COMMAND_LINE = "command line"
    ENVIRONMENT = "environment"
    USER = "user settings"
    MACHINE = "settings of this PC"
    DEFAULT = "default"


BOTH = (Program.CONSOLE, Program.TRAY)


def _about(sentence: str, *programs: Program, admin: bool = False) -> Meta:
    """Help of one setting; *admin*: a person may not change it, only IT."""
    return Meta(description=sentence, extra={"programs": programs or BOTH, "admin": admin})


class TrustedKeySetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of ``trusted_keys``."""

    public: str
    channels: list[str] = msgspec.field(default_factory=list)
    valid_until: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of both programs, with their defaults."""

    redis_url: Annotated[
        str, _about("Address of Redis: redis://host:port, or rediss:// for an encrypted link.")
    ] = "redis://127.0.0.1:6379"
    username: Annotated[str, _about("Name of the Redis account, empty for none.")] = ""
    password_file: Annotated[
        str, _about("File whose first line is the password of the Redis account.")
    ] = ""
    ca_file: Annotated[str, _about("Certificates (PEM) of whoever signs Redis' certificate.")] = ""
    cert_file: Annotated[str, _about("This PC's certificate (PEM), if Redis asks for one.")] = ""
    key_file: Annotated[str, _about("Private key (PEM) of cert_file.")] = ""
    namespace: Annotated[
        str, _about("First part of every name in Redis; the same on every PC.", admin=True)
    ] = "siaran"
    channels: Annotated[
        list[str],
        _about("Channels this PC follows, besides All channels.", Program.TRAY, admin=True),
    ] = msgspec.field(default_factory=lambda: ["Channel 1"])
    outlet: Annotated[
        str,
        _about(
            "Name of the shop this PC stands in, empty for the host name.",
            Program.TRAY,
            admin=True,
        ),
    ] = ""
    pc: Annotated[
        str, _about("Name of this PC in its shop, empty for the host name.", Program.TRAY)
    ] = ""
    data_dir: Annotated[str, _about("Folder for the program's data, empty for the usual one.")] = ""
    theme: Annotated[Theme, _about("Colours of the windows: system, light or dark.")] = Theme.SYSTEM
    sender: Annotated[str, _about("Name shown to outlets as the sender.", Program.CONSOLE)] = (
        "Head office"
    )
    retention_hours: Annotated[
        int, _about("Hours a message is kept for PCs that are off.", admin=True)
    ] = 168
    heartbeat_seconds: Annotated[
        int, _about("Seconds between a tray's signs of life.", admin=True)
    ] = 60
    trusted_keys: Annotated[
        dict[str, TrustedKeySetting],
        _about("Public keys whose messages are shown, by key id.", Program.TRAY, admin=True),
    ] = msgspec.field(default_factory=dict)
    require_signatures: Annotated[
        bool | None,
        _about(
            "Show only signed messages; unset: as soon as a key is trusted.",
            Program.TRAY,
            admin=True,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One row of the table."""

    name: str
    type: Any
    help: str
    programs: tuple[Program, ...]
    admin: bool

    @property
    def option(self) -> str:
        """How the command line calls it."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """How the environment calls it."""
        return ENV_PREFIX + self.name.upper()


def _table() -> dict[str, SettingInfo]:
    table = {}
    for name, hint in typing.get_type_hints(Settings, include_extras=True).items():
        kind, meta = typing.get_args(hint)[:2]
        extra = meta.extra
        table[name] = SettingInfo(name, kind, meta.description, extra["programs"], extra["admin"])
    return table


TABLE: Mapping[str, SettingInfo] = _table()


# --- rules beyond types --------------------------------------------------------------------------


def _between(low: int, high: int) -> Callable[[int], str | None]:
    return lambda value: None if low <= value <= high else f"a number from {low} to {high}"


def _channel_names(names: list[str]) -> str | None:
    return None if all(map(is_channel_name, names)) else "channel names of 1 to 100 characters"


def _name_part(value: str) -> str | None:
    fine = "/" not in value and value.isprintable() and len(value) <= MAX_REPLY
    return None if fine else f"a name of at most {MAX_REPLY} characters without a slash"


RULES: Mapping[str, Callable[[Any], str | None]] = {
    "namespace": lambda v: None if NAMESPACE.fullmatch(v) else "letters, digits, . _ - only",
    "channels": _channel_names,
    "outlet": _name_part,
    "pc": _name_part,
    "sender": lambda v: None if len(v) <= MAX_SENDER else f"at most {MAX_SENDER} characters",
    "retention_hours": _between(1, 24 * 90),
    "heartbeat_seconds": _between(5, 3600),
}
"""Setting to a check that returns what would be right, None for a good value."""


# --- sources -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layer:
    """The values that one source gives. ``place`` is what a person would open to change them.

    ``text`` values are strings (environment, command line) and are converted to the type.
    """

    source: Source
    place: str
    values: Mapping[str, Any]
    text: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, where each came from, and everything that was wrong."""

    settings: Settings
    origins: Mapping[str, Source]
    problems: list[Problem] = field(default_factory=list)

    def locked(self, name: str) -> bool:
        """Whether a policy decides this setting."""
        return self.origins.get(name) is Source.POLICY


def resolve(layers: Iterable[Layer]) -> Loaded:
    """Find a value for every setting in *layers*, which are in falling order of authority."""
    chosen: dict[str, Any] = {}
    origins = dict.fromkeys(TABLE, Source.DEFAULT)
    problems: list[Problem] = []
    for layer in layers:
        for name, raw in layer.values.items():
            value = _checked(layer, name, raw, problems)
            if value is not None and name not in chosen:
                chosen[name] = value
                origins[name] = layer.source
    return Loaded(Settings(**chosen), origins, problems)


def _checked(layer: Layer, name: str, raw: Any, problems: list[Problem]) -> Any:
    info = TABLE.get(name)
    if info is None:
        problems.append(Problem(name, f"{layer.place}: there is no setting {name!r}."))
        return None
    try:
        if layer.text and isinstance(raw, str):
            raw = _from_text(raw, info.type)
        value = msgspec.convert(raw, info.type, strict=not layer.text)
    except (msgspec.ValidationError, ValueError) as error:
        problems.append(Problem(name, f"{layer.place}: {name} is wrong ({error})."))
        return None
    wanted = RULES.get(name, lambda _value: None)(value)
    if wanted is not None:
        problems.append(Problem(name, f"{layer.place}: {name} is wrong; it has to be {wanted}."))
        return None
    return value


def _from_text(raw: str, kind: Any) -> Any:
    if typing.get_origin(kind) is list:
        return [part.strip() for part in raw.replace("\n", ";").split(";") if part.strip()]
    if typing.get_origin(kind) is dict:
        return json.loads(raw)
    return raw


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Values of ``SIARAN_*`` that are set and not empty."""
    values = {
        name: environ[info.variable] for name, info in TABLE.items() if environ.get(info.variable)
    }
    return Layer(Source.ENVIRONMENT, "environment", values, text=True)


def toml_layer(source: Source, path: Path, problems: list[Problem]) -> Layer:
    """Values of a TOML file; a missing file has none, a broken one is reported."""
    values: dict[str, Any] = {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    except OSError as error:
        problems.append(Problem("", f"{path} cannot be read ({error.strerror})."))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem("", f"{path} is not valid TOML: {error}."))
    return Layer(source, str(path), values)


def load(
    command_line: Mapping[str, Any],
    *,
    environ: Mapping[str, str] | None = None,
    user_file: Path | None = None,
    machine_file: Path | None = None,
) -> Loaded:
    """Read every source of this PC and resolve them."""
    problems: list[Problem] = []
    given = {name: value for name, value in command_line.items() if value is not None}
    layers = [
        Layer(Source.COMMAND_LINE, "command line", given, text=True),
        environment_layer(os.environ if environ is None else environ),
    ]
    for source, path in ((Source.USER, user_file), (Source.MACHINE, machine_file)):
        if path is not None:
            layers.append(toml_layer(source, path, problems))
    loaded = resolve(layers)
    return Loaded(loaded.settings, loaded.origins, problems + loaded.problems)


def demand(loaded: Loaded) -> Settings:
    """Return the settings if nothing was wrong with them, as command lines need it.

    Raises:
        BadInput: with every problem.
    """
    if loaded.problems:
        raise BadInput(loaded.problems)
    return loaded.settings
