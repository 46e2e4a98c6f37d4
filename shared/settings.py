"""Every setting, defined once; and how a value is found for it.

The class ``Settings`` *is* the table: name, type, default, one sentence of help, whose it is, and
whether a person may change it. Help texts and documents are made from it.

A value is looked for in this order: policy (locked) > command line > environment ``SIARAN_*`` >
user > machine > default. Each source is checked on its own; a wrong value is reported with its
source and the next source is asked, so that one typing error never stops a tray. Not so for the
settings of ``STRICTEST``: there the next source could be somebody who wants less security, so a
value that cannot be used counts as the strictest one.

Settings that only IT may set come from policy and machine alone as soon as either has any value;
without both (a demonstration, a PC of a developer) the command line and the environment may set
them, too. The user's file never does.
"""

from __future__ import annotations

import enum
import json
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from shared.codec import MAX_REPLY, is_channel_name
from shared.errors import BadInput, Problem
from shared.hotkey import parse_hotkey
from shared.keys import NAMESPACE
from shared.model import MAX_SENDER
from shared.pattern_cost import is_cheap
from shared.phrases import Phrase, phrase, reason_of
from shared.text import safe_line

MAX_SUPPORT = 100
"""Characters of ``support``; ours, so that it fits a line of the tray's menu."""
MAX_TEXT = 4096
"""Characters of any text; ours. A cluster's address and the longest path of Linux fit."""
PATHS = frozenset(
    {"password_file", "ca_file", "cert_file", "key_file", "data_dir", "signing_key_file"}
)
"""Settings that name a file or folder; such a name need not be text that can be encoded."""
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


class Language(enum.StrEnum):
    """What the windows are written in."""

    SYSTEM = "system"
    ENGLISH = "en"
    INDONESIAN = "id"


class PopupScreens(enum.StrEnum):
    """Which of several screens show popups."""

    EVERY = "every"
    """Emergencies on all of them; other levels where the mouse pointer is."""
    POINTER = "pointer"
    """Also emergencies only where the mouse pointer is."""
    PRIMARY = "primary"
    """The main screen alone, whatever the level: the other one faces the customer."""


class PopupPosition(enum.StrEnum):
    """Where on the screen popups appear."""

    CENTRE = "centre"
    TOP = "top"
    BOTTOM = "bottom"
    TOP_RIGHT = "top_right"
    BOTTOM_RIGHT = "bottom_right"


class Sound(enum.StrEnum):
    """Which popups can be heard."""

    OFF = "off"
    EMERGENCY = "emergency"
    URGENT = "urgent"


class Source(enum.StrEnum):
    """Where a value came from, in falling order of authority."""

    POLICY = "set by your organisation"
    COMMAND_LINE = "command line"
    ENVIRONMENT = "environment"
    USER = "user settings"
    MACHINE = "settings of this PC"
    DEFAULT = "default"


BOTH = (Program.CONSOLE, Program.TRAY)


class Group(enum.StrEnum):
    """What a setting is about: headings of the settings page and folders of the policy editor."""

    CONNECTION = "connection"
    PROGRAM = "program"
    OUTLET = "outlet"
    POPUPS = "popups"
    SIGNING = "signing"
    RULES = "rules"


def _about(
    group: Group,
    label: str,
    sentence: str,
    *programs: Program,
    admin: bool = False,
    restart: bool = False,
) -> Meta:
    """Describe one setting.

    *admin*: a person may not change it, only IT. *restart*: a running program takes over a change
    only when it is started again; all others it takes over while it runs.
    """
    extra = {"group": group, "programs": programs or BOTH, "admin": admin, "restart": restart}
    return Meta(title=label, description=sentence, extra=extra)


class TrustedKeySetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of ``trusted_keys``."""

    public: str
    channels: list[str] = msgspec.field(default_factory=list)
    valid_until: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of both programs, with their defaults."""

    redis_url: Annotated[
        str,
        _about(
            Group.CONNECTION,
            "Redis address",
            "Address of Redis: redis://host:port, or rediss:// for an encrypted link;"
            " redis+sentinel://host,host/service behind Sentinel;"
            " redis+cluster://host,host for a Cluster.",
        ),
    ] = "redis://127.0.0.1:6379"
    username: Annotated[
        str,
        _about(Group.CONNECTION, "User name", "Name of the Redis account, empty for none."),
    ] = ""
    password_file: Annotated[
        str,
        _about(
            Group.CONNECTION,
            "Password file",
            "File whose first line is the password of the Redis account.",
        ),
    ] = ""
    ca_file: Annotated[
        str,
        _about(
            Group.CONNECTION,
            "Certificate authority",
            "Certificates (PEM) of whoever signs Redis' certificate; then only these are trusted.",
        ),
    ] = ""
    cert_file: Annotated[
        str,
        _about(
            Group.CONNECTION,
            "Certificate",
            "This PC's certificate (PEM), if Redis asks for one.",
        ),
    ] = ""
    key_file: Annotated[
        str, _about(Group.CONNECTION, "Private key", "Private key (PEM) of cert_file.")
    ] = ""
    namespace: Annotated[
        str,
        _about(
            Group.CONNECTION,
            "Namespace",
            "First part of every name in Redis; the same on every PC.",
            admin=True,
        ),
    ] = "siaran"
    channels: Annotated[
        list[str],
        _about(
            Group.OUTLET,
            "Channels",
            "Channels this PC follows, besides All channels.",
            Program.TRAY,
            admin=True,
        ),
    ] = msgspec.field(default_factory=lambda: ["Channel 1"])
    outlet: Annotated[
        str,
        _about(
            Group.OUTLET,
            "Outlet",
            "Name of the shop this PC stands in, empty for the host name.",
            Program.TRAY,
            admin=True,
        ),
    ] = ""
    outlet_pattern: Annotated[
        str,
        _about(
            Group.OUTLET,
            "Outlet pattern",
            "Regular expression on the host name with groups outlet and pc, for names IT"
            " need not type: (?P<outlet>[A-Z]+-[0-9]+)-(?P<pc>.+)",
            Program.TRAY,
            admin=True,
        ),
    ] = ""
    pc: Annotated[
        str,
        _about(
            Group.OUTLET,
            "PC name",
            "Name of this PC in its shop, empty for the host name.",
            Program.TRAY,
        ),
    ] = ""
    data_dir: Annotated[
        str,
        _about(
            Group.PROGRAM,
            "Data folder",
            "Folder for the program's data, empty for the usual one.",
            restart=True,
        ),
    ] = ""
    theme: Annotated[
        Theme,
        _about(Group.PROGRAM, "Colours", "Colours of the windows: system, light or dark."),
    ] = Theme.SYSTEM
    language: Annotated[
        Language,
        _about(
            Group.PROGRAM,
            "Language",
            "Language of the windows: system, en (English) or id (Indonesian).",
        ),
    ] = Language.SYSTEM
    support: Annotated[
        str,
        _about(
            Group.PROGRAM,
            "Help contact",
            "Whom people ask when something does not work, for example: IT helpdesk, ext. 123.",
            admin=True,
        ),
    ] = ""
    popup_screens: Annotated[
        PopupScreens,
        _about(
            Group.POPUPS,
            "Screens",
            "Where messages open: every (emergencies on all screens, others where the mouse pointer"
            " is), pointer (only there), or primary (only on the main screen, so that a customer"
            " display stays free).",
            Program.TRAY,
            admin=True,
        ),
    ] = PopupScreens.EVERY
    popup_position: Annotated[
        PopupPosition,
        _about(
            Group.POPUPS,
            "Position",
            "Where on the screen messages open: centre, top, bottom, top_right or bottom_right.",
            Program.TRAY,
            admin=True,
        ),
    ] = PopupPosition.CENTRE
    emergency_fullscreen: Annotated[
        bool | None,
        _about(
            Group.POPUPS,
            "Emergencies fill the screen",
            "Whether an emergency covers its whole screen; unset: it does not.",
            Program.TRAY,
            admin=True,
        ),
    ] = None
    sound: Annotated[
        Sound,
        _about(
            Group.POPUPS,
            "Sound",
            "Which messages can be heard until somebody answers: off, emergency, or urgent"
            " (emergencies too).",
            Program.TRAY,
            admin=True,
        ),
    ] = Sound.URGENT
    popup_hotkey: Annotated[
        str,
        _about(
            Group.POPUPS,
            "Hotkey",
            "Keys that give the open message the keyboard, for example Ctrl+Alt+M; empty for none.",
            Program.TRAY,
        ),
    ] = ""
    sender: Annotated[
        str,
        _about(Group.PROGRAM, "Sender", "Name shown to outlets as the sender.", Program.CONSOLE),
    ] = "Head office"
    undo_seconds: Annotated[
        int,
        _about(
            Group.PROGRAM,
            "Time to undo",
            "Seconds that a message can be taken back after Send; 0 for none. Urgent messages and"
            " emergencies never wait.",
            Program.CONSOLE,
        ),
    ] = 5
    signing_key_file: Annotated[
        str,
        _about(
            Group.SIGNING,
            "Signing key",
            "File with the key that signs messages, made by siaran-console keygen.",
            Program.CONSOLE,
        ),
    ] = ""
    trusted_keys: Annotated[
        dict[str, TrustedKeySetting],
        _about(
            Group.SIGNING,
            "Trusted keys",
            "Public keys whose messages are shown, by key id. One that cannot be used is left out,"
            " and signatures are then required.",
            Program.TRAY,
            admin=True,
        ),
    ] = msgspec.field(default_factory=dict)
    require_signatures: Annotated[
        bool | None,
        _about(
            Group.SIGNING,
            "Require signatures",
            "Show only signed messages; unset: as soon as a key is trusted. What is neither yes nor"
            " no counts as yes.",
            Program.TRAY,
            admin=True,
        ),
    ] = None
    retention_hours: Annotated[
        int,
        _about(
            Group.RULES,
            "Retention",
            "Hours a message is kept for PCs that are off.",
            admin=True,
        ),
    ] = 168
    receipt_days: Annotated[
        int,
        _about(
            Group.RULES,
            "Receipts",
            "Days that the receipts of each PC are kept; totals and who did not acknowledge stay.",
            Program.CONSOLE,
            admin=True,
        ),
    ] = 7
    heartbeat_seconds: Annotated[
        int,
        _about(Group.RULES, "Heartbeat", "Seconds between a tray's signs of life.", admin=True),
    ] = 60
    snooze_minutes: Annotated[
        int,
        _about(
            Group.RULES,
            "Later",
            "For how many minutes in all a person may put one message off; 0: not at all.",
            Program.TRAY,
            admin=True,
        ),
    ] = 60
    do_not_disturb_minutes: Annotated[
        int,
        _about(
            Group.RULES,
            "Do not disturb",
            "For how many minutes at once a person may ask not to be disturbed; 0: not at all."
            " Emergencies come all the same.",
            Program.TRAY,
            admin=True,
        ),
    ] = 60
    popups_per_minute: Annotated[
        int,
        _about(
            Group.RULES,
            "Messages a minute",
            "How many messages of one level, sent within a minute, open one by one; the others"
            " are folded into one. This never folds emergencies, messages that take the place of"
            " another, and important or urgent ones that were missed while the PC was off or not"
            " connected.",
            Program.TRAY,
            admin=True,
        ),
    ] = 5
    ring_seconds: Annotated[
        int,
        _about(
            Group.RULES,
            "Heard again",
            "Seconds after which an urgent message is heard again until somebody answers.",
            Program.TRAY,
            admin=True,
        ),
    ] = 30
    answers_from_others: Annotated[
        bool | None,
        _about(
            Group.RULES,
            "Answers from other PCs",
            "Whether an answer that Redis reports, of another PC of the outlet or in this PC's"
            " name, closes a message here; unset: yes. Whoever knows the outlets' password can"
            " forge one. Urgent messages and emergencies are never closed so.",
            Program.TRAY,
            admin=True,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One row of the table."""

    name: str
    type: Any
    group: Group
    label: str
    help: str
    programs: tuple[Program, ...]
    admin: bool
    restart: bool

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
        table[name] = SettingInfo(
            name=name, type=kind, label=meta.title, help=meta.description, **meta.extra
        )
    return table


TABLE: Mapping[str, SettingInfo] = _table()


# --- rules beyond types --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Between:
    """A rule that the policy editor can show: a number from *low* to *high*."""

    low: int
    high: int

    def __call__(self, value: int) -> str | None:
        """Return what would be right, None for a good value."""
        fine = self.low <= value <= self.high
        if fine:
            return None
        return phrase("a number from {low} to {high}", low=self.low, high=self.high)


@dataclass(frozen=True, slots=True)
class AtMost:
    """A rule that the policy editor can show: at most so many *characters*."""

    characters: int

    def __call__(self, value: str) -> str | None:
        """Return what would be right, None for a good value."""
        if len(value) <= self.characters:
            return None
        return phrase("at most {n} characters", n=self.characters)


def _channel_names(names: list[str]) -> str | None:
    fine = all(map(is_channel_name, names))
    return None if fine else phrase("channel names of 1 to 100 characters")


def _namespace(value: str) -> str | None:
    return None if NAMESPACE.fullmatch(value) else phrase("letters, digits, . _ - only")


def _name_part(value: str) -> str | None:
    fine = "/" not in value and value.isprintable() and len(value) <= MAX_REPLY
    if fine:
        return None
    return phrase("a name of at most {n} characters without a slash", n=MAX_REPLY)


def _hotkey(text: str) -> str | None:
    fine = not text or parse_hotkey(text) is not None
    return None if fine else phrase("keys such as Ctrl+Alt+M")


def _pattern(text: str) -> str | None:
    try:
        groups = re.compile(text).groupindex
    except (re.error, RecursionError, OverflowError):
        return phrase("a regular expression")
    if text and "outlet" not in groups:
        return phrase("an expression with a group (?P<outlet>…)")
    return None if is_cheap(text) else phrase("an expression without repeats within repeats")


RULES: Mapping[str, Callable[[Any], str | None]] = {
    "namespace": _namespace,
    "channels": _channel_names,
    "outlet": _name_part,
    "outlet_pattern": _pattern,
    "pc": _name_part,
    "support": AtMost(MAX_SUPPORT),
    "popup_hotkey": _hotkey,
    "sender": AtMost(MAX_SENDER),
    "undo_seconds": Between(0, 30),
    "retention_hours": Between(1, 24 * 90),
    "receipt_days": Between(1, 90),
    "heartbeat_seconds": Between(5, 3600),
    "snooze_minutes": Between(0, 24 * 60),
    "do_not_disturb_minutes": Between(0, 24 * 60),
    "popups_per_minute": Between(1, 1000),
    "ring_seconds": Between(5, 3600),
}
"""Setting to a check that returns what would be right, None for a good value."""


def _text(name: str, value: Any) -> str | None:
    """Return what would be right for any text in *value*, None for a good one."""
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return phrase("at most {n} characters", n=MAX_TEXT)
    if name not in PATHS and not _is_whole(value):
        return phrase("text without half characters")
    return None


def _is_whole(value: Any) -> bool:
    """Whether no text in *value* has a lone surrogate, which neither Redis nor a file takes."""
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        return False
    return True


# --- what a wrong value means for security -------------------------------------------------------


class Strictest(enum.Enum):
    """What happens while a security setting is there but cannot be used."""

    NO_CONNECTION = "the program does not connect"
    NO_SENDING = "the console sends nothing"
    SIGNATURES_REQUIRED = "only signed messages are shown"


STRICTEST: Mapping[str, Strictest | bool | int] = {
    # Without these the program would log in elsewhere, as somebody else, or trust any certificate.
    "redis_url": Strictest.NO_CONNECTION,
    "username": Strictest.NO_CONNECTION,
    "password_file": Strictest.NO_CONNECTION,
    "ca_file": Strictest.NO_CONNECTION,
    "cert_file": Strictest.NO_CONNECTION,
    "key_file": Strictest.NO_CONNECTION,
    "namespace": Strictest.NO_CONNECTION,  # a signature of another namespace counts there
    "signing_key_file": Strictest.NO_SENDING,
    "trusted_keys": Strictest.SIGNATURES_REQUIRED,  # beside the entries that can be used
    "require_signatures": Strictest.SIGNATURES_REQUIRED,
    "answers_from_others": False,
}
"""Settings with a meaning for security, and what counts while one is there but cannot be used.

A word of ``Strictest``, or for other settings the strictest value itself. No other source is asked.
"""


def meant_by(name: str) -> str | None:
    """Return the security setting that *name*, which is none, seems to mean; None if it is another.

    ``Trusted-Key`` is a slip: capitals, what is between the letters, and a plural do not count.
    """
    return _LETTERS.get(_letters(name))


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold())).removesuffix("s")


_LETTERS = {_letters(name): name for name in STRICTEST}


# --- sources -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Misfit:
    """What a source has in place of a value that could be one; *reason* says what it is."""

    reason: Phrase


@dataclass(frozen=True, slots=True)
class Layer:
    """The values that one source gives. ``place`` is what a person would open to change them.

    ``text`` values are strings (environment, command line) and are converted to the type. A layer
    without a place is what somebody is typing: its problems are shown beside the very field.
    ``broken``: some of it is there but cannot be used, so nobody knows what it demands.
    """

    source: Source
    place: str
    values: Mapping[str, Any]
    text: bool = False
    broken: bool = False

    @property
    def of_it(self) -> bool:
        """Whether only IT can have written it."""
        return self.source in (Source.POLICY, Source.MACHINE)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, where each came from, and everything that was wrong.

    ``unusable`` are security settings whose value cannot be used, so that the strictest counts;
    ``broken``: a policy or the machine's settings are there and cannot be used.
    """

    settings: Settings
    origins: Mapping[str, Source]
    problems: list[Problem] = field(default_factory=list)
    unusable: frozenset[str] = frozenset()
    broken: bool = False

    def locked(self, name: str) -> bool:
        """Whether a policy decides this setting."""
        return self.origins.get(name) is Source.POLICY

    def refusal(self, what: Strictest) -> BadInput | None:
        """Return why *what* is in force, with the problems behind it; None if it is not."""
        names = {name for name in self.unusable if STRICTEST[name] is what}
        problems = [problem for problem in self.problems if problem.field in names]
        return BadInput(problems) if problems else None


Expand = Callable[[str, Layer], str]
"""Replaces the names of variables in a text by what they are for that layer; may raise ValueError.
"""


def _unexpanded(text: str, _layer: Layer) -> str:
    return text


def resolve(layers: Iterable[Layer], expand: Expand = _unexpanded) -> Loaded:
    """Find a value for every setting in *layers*, which are in falling order of authority."""
    resolver = _Resolver(list(layers), expand)
    return resolver.loaded()


class _Unusable(Exception):
    """A value that is there but cannot be used; the problem has been noted."""


class _Resolver:
    """Goes through the layers from the highest authority to the lowest."""

    def __init__(self, layers: list[Layer], expand: Expand) -> None:
        self._layers = layers
        self._expand = expand
        self._managed = any(one.of_it and (one.values or one.broken) for one in layers)
        self._chosen: dict[str, Any] = {}
        self._origins = dict.fromkeys(TABLE, Source.DEFAULT)
        self._problems: list[Problem] = []
        self._unusable: set[str] = set()

    def loaded(self) -> Loaded:
        """Take every value of every layer."""
        for layer in self._layers:
            if layer.broken and "require_signatures" not in self._chosen:
                self._chosen["require_signatures"] = True
                self._origins["require_signatures"] = layer.source
            for name in sorted(layer.values, key=lambda name: name not in TABLE):  # slips last
                self._take(layer, name, layer.values[name])
        if self._unusable & {"trusted_keys", "require_signatures"}:
            self._chosen["require_signatures"] = True
        return Loaded(
            Settings(**self._chosen),
            self._origins,
            self._problems,
            frozenset(self._unusable),
            broken=any(layer.broken for layer in self._layers),
        )

    def _take(self, layer: Layer, name: str, raw: Any) -> None:
        info = TABLE.get(name)
        if info is None:
            self._take_unknown(layer, name)
            return
        if info.admin and not self._may_set(layer):
            sentence = phrase(
                "{place}: {name} is for IT to set, in a policy or for the whole PC.",
                place=layer.place,
                name=name,
            )
            self._problems.append(Problem(name, sentence))
            return
        before = len(self._problems)
        try:
            value = self._read(layer, info, raw)
        except _Unusable:
            value = None
        if name in self._chosen:
            return
        if len(self._problems) > before and name in STRICTEST:
            self._be_strict(name, layer.source)
        if value is not None:
            self._chosen[name] = value
            self._origins[name] = layer.source

    def _take_unknown(self, layer: Layer, name: str) -> None:
        meant = meant_by(name) if layer.of_it else None
        sentence = phrase(
            "{place}: there is no setting {name!r}.", place=layer.place, name=safe_line(name, 64)
        )
        self._problems.append(Problem(meant or name, sentence))
        if meant is not None and meant not in self._chosen:
            self._be_strict(meant, layer.source)

    def _may_set(self, layer: Layer) -> bool:
        """Whether *layer* may say what only IT decides."""
        return layer.of_it or (not self._managed and layer.source is not Source.USER)

    def _be_strict(self, name: str, source: Source) -> None:
        """Ask no other source about *name*, whose value cannot be used."""
        self._unusable.add(name)
        self._origins[name] = source
        strictest = STRICTEST[name]
        kept = getattr(Settings(), name) if isinstance(strictest, Strictest) else strictest
        self._chosen[name] = kept

    def _read(self, layer: Layer, info: SettingInfo, raw: Any) -> Any:
        """Convert *raw*; of a table the entries that can be used.

        Raises:
            _Unusable: nothing of it can be used.
        """
        try:
            raw = _fitting(raw)
            if layer.text and isinstance(raw, str):
                raw = _from_text(raw, info.type)
            raw = _expanded(raw, lambda text: self._expand(text, layer))
            if typing.get_origin(info.type) is dict and isinstance(raw, Mapping):
                return self._entries(layer, info, raw)
            kind = _without_none(info.type) if layer.text else info.type
            value = msgspec.convert(raw, kind, strict=not layer.text)
        except (msgspec.ValidationError, ValueError, RecursionError) as error:
            self._problems.append(_wrong(layer, info.name, reason_of(error)))
            raise _Unusable from None
        wanted = _text(info.name, value) or RULES.get(info.name, lambda _value: None)(value)
        if wanted is not None:
            self._problems.append(_not_as_wanted(layer, info.name, wanted))
            raise _Unusable
        return value

    def _entries(self, layer: Layer, info: SettingInfo, raw: Mapping[str, Any]) -> dict[str, Any]:
        kind = typing.get_args(info.type)[1]
        found = {}
        for key, entry in raw.items():
            try:
                used = msgspec.convert(_fitting(entry), kind, strict=not layer.text)
                if (wanted := _text(info.name, [key, used])) is not None:
                    raise ValueError(wanted)  # noqa: TRY301  # said as what convert refuses
                found[key] = used
            except (msgspec.ValidationError, ValueError) as error:
                name = f"{info.name}.{safe_line(key, 40)}"
                wrong = _wrong(layer, name, reason_of(error))
                self._problems.append(Problem(info.name, wrong.sentence))
        return found


def _fitting(raw: Any) -> Any:
    """Return *raw* unless it is a misfit.

    Raises:
        ValueError: it is one.
    """
    if isinstance(raw, Misfit):
        raise ValueError(raw.reason)  # noqa: TRY004  # what convert raises, too
    return raw


def _without_none(kind: Any) -> Any:
    """Return *kind* without None: in a text ``null`` is neither yes nor no."""
    kinds = typing.get_args(kind)
    return kinds[0] if type(None) in kinds else kind


def _wrong(layer: Layer, name: str, reason: str) -> Problem:
    if not isinstance(reason, Phrase):  # it may have the whole value in it
        reason = safe_line(reason, 200)
    if not layer.place:
        return Problem(name, phrase("This is wrong ({reason}).", reason=reason))
    sentence = phrase(
        "{place}: {name} is wrong ({reason}).", place=layer.place, name=name, reason=reason
    )
    return Problem(name, sentence)


def _not_as_wanted(layer: Layer, name: str, wanted: str) -> Problem:
    if not layer.place:
        return Problem(name, phrase("This is wrong; it has to be {wanted}.", wanted=wanted))
    sentence = phrase(
        "{place}: {name} is wrong; it has to be {wanted}.",
        place=layer.place,
        name=name,
        wanted=wanted,
    )
    return Problem(name, sentence)


def _expanded(raw: Any, expand: Callable[[str], str]) -> Any:
    if isinstance(raw, str):
        return expand(raw)
    if isinstance(raw, list):
        return [expand(one) if isinstance(one, str) else one for one in raw]
    return raw


def _from_text(raw: str, kind: Any) -> Any:
    if typing.get_origin(kind) is list:
        return [part.strip() for part in raw.replace("\n", ";").split(";") if part.strip()]
    if typing.get_origin(kind) is dict:
        return json.loads(raw)
    return raw


CONNECTION = ("", *(name for name, info in TABLE.items() if info.group is Group.CONNECTION))
"""Settings that every command uses which connects; a broken file may have held any of them."""


def demand(loaded: Loaded, *used: str) -> Settings:
    """Return the settings if nothing is wrong with those *used*; without names, with any.

    The name ``""`` stands for what is wrong with a file as a whole.

    Raises:
        BadInput: with the problems of those settings.
    """
    problems = [one for one in loaded.problems if not used or one.field in used]
    if problems:
        raise BadInput(problems)
    return loaded.settings
