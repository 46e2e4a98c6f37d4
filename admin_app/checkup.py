"""``siaran-console check``: what works, what does not, and what is weak, in plain words."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from admin_app.ahead import read_series
from admin_app.channels import unknown, with_defaults
from admin_app.log_repair import AHEAD_MS
from admin_app.templates import read_templates
from admin_app.troubles import by_trouble, trouble_words
from admin_app.unreadable import Unreadable
from shared.bus import Access, ChannelInfo, ClusterMaster, ConsoleLink, EndpointReport, ServerFacts
from shared.clock import wall_ms
from shared.errors import NotPermitted, Problem, SiaranError
from shared.model import ALL_CHANNELS, HOUR_MS
from shared.phrases import phrase, phrase_n, together
from shared.repair import ServerMemory
from shared.settings import Settings
from shared.text import in_bytes, safe_line

OLDEST = (6, 2)
MAX_CLOCK_OFFSET_MS = 60_000
ALIKE_S = 0.5
"""How wrong this PC's clock may be before it is worth a word; Siaran itself uses Redis' clock."""


MAX_TROUBLE_FINDINGS = 10
"""Kinds of trouble worth a line each: any endpoint may invent codes."""


FILLING, FULL = 0.7, 0.9
"""Shares of Redis' memory that are weak and bad; it takes nothing new when it is full."""
MOST_ENDLESS = 200
"""Keys that never expire and belong to no channel; Siaran has about ten."""


class Grade(enum.StrEnum):
    """How good a finding is."""

    GOOD = "good"
    WEAK = "weak"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    topic: str
    grade: Grade
    sentence: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found behind a connection that worked."""

    facts: ServerFacts
    lacking: Mapping[str, str] | SiaranError | None
    """Rights that are missing for publishing, by channel; or why nothing can be published at all;
    None where the server cannot tell."""
    channels: Sequence[ChannelInfo]
    endpoints: Sequence[EndpointReport]
    wall_ms: int
    unreadable: Unreadable = field(default_factory=Unreadable)
    ahead: Sequence[str] = ()
    """Channels whose logs end in the future."""
    access: Access = Access.UNKNOWN


async def seen_behind(link: ConsoleLink) -> Seen:
    """Ask everything that is graded; nothing is written, and nobody hears of it.

    Raises:
        SiaranError: the account may not even look.
    """
    facts, channels = await link.inspect(), await link.channels()
    offered = [info.name for info in with_defaults(channels) if not info.retired]
    lacking: Mapping[str, str] | SiaranError | None
    try:
        lacking = await link.missing_rights([ALL_CHANNELS, *offered])
    except SiaranError as error:
        lacking = error
    endpoints = await link.endpoints()
    left_out = replace(
        await _unreadable_documents(link),
        registry=endpoints.unreadable,
        channels=channels.unreadable,
        cut=endpoints.cut,
    )
    last_ids = await link.last_ids([ALL_CHANNELS, *offered])
    latest = max(facts.time_ms, wall_ms()) + AHEAD_MS
    ahead = [name for name, last in last_ids.items() if last and last.ms > latest]
    access = await link.access()
    return Seen(facts, lacking, channels, endpoints, wall_ms(), left_out, ahead, access)


async def _unreadable_documents(link: ConsoleLink) -> Unreadable:
    """Count in what consoles share; an account that may not read it sees none."""
    found = Unreadable()
    with suppress(NotPermitted):
        found = replace(found, outlets=(await link.expected_outlets()).unreadable)
        found = replace(found, templates=(await read_templates(link)).unreadable)
        found = replace(found, series=(await read_series(link)).unreadable)
    return found


def of_settings(problems: Iterable[Problem]) -> list[Finding]:
    """Findings about the settings themselves."""
    return [Finding("settings", Grade.BAD, problem.sentence) for problem in problems]


def of_failure(error: SiaranError) -> Finding:
    """The finding when nothing could be looked at."""
    return Finding("connection", Grade.BAD, error.whole)


def of_server(settings: Settings, address: str, seen: Seen) -> list[Finding]:
    """Everything there is to say about a server that answered."""
    return [
        Finding("connection", Grade.GOOD, phrase("Redis answers at {address}.", address=address)),
        _version(seen.facts),
        _encryption(settings),
        _accounts(seen.access),
        _signatures(settings, seen),
        _publishing(seen),
        _persistence(seen.facts),
        _eviction(seen.facts),
        _memory(seen),
        _role(seen.facts),
        _clock(seen),
        _logs(seen),
        _channels(seen),
        _endpoints(settings, seen),
        *_troubles(settings, seen),
        _entries(seen.unreadable),
    ]


def _version(facts: ServerFacts) -> Finding:
    if facts.version is None:
        return Finding(
            "version", Grade.WEAK, phrase("The account may not ask for Redis' version (INFO).")
        )
    numbers = tuple(int(part) for part in re.findall(r"\d+", facts.version)[:2])
    if numbers < OLDEST:
        return Finding(
            "version",
            Grade.BAD,
            phrase(
                "Version {version} is too old; Siaran needs 6.2 or newer.", version=facts.version
            ),
        )
    return Finding("version", Grade.GOOD, phrase("Version {version}.", version=facts.version))


def _encryption(settings: Settings) -> Finding:
    if settings.redis_url.startswith(("rediss", "unix://")):
        return Finding(
            "encryption", Grade.GOOD, phrase("The connection is encrypted, or stays here.")
        )
    return Finding(
        "encryption",
        Grade.WEAK,
        phrase("The connection is not encrypted: use rediss:// outside a network you trust."),
    )


def _accounts(access: Access) -> Finding:
    sentences = {
        Access.ACCOUNTS: phrase("The server asks for a login, and this console has an account."),
        Access.EVERYBODY: phrase(
            "The server lets everybody in, without a password. Make accounts: accounts.py."
        ),
        Access.SHARED: phrase(
            "There is one password for everything: PCs can do what this console can. Make"
            " accounts: accounts.py."
        ),
        Access.UNKNOWN: phrase(
            "It could not be found out whether the server lets in who does not log in."
        ),
    }
    grade = Grade.GOOD if access is Access.ACCOUNTS else Grade.WEAK
    return Finding("accounts", grade, sentences[access])


def _signatures(settings: Settings, seen: Seen) -> Finding:
    """Whether this console signs, and the PCs seen within the retention ask for it."""
    since = seen.facts.time_ms - settings.retention_hours * HOUR_MS
    recent = [one for one in seen.endpoints if one.seen_at >= since]
    lax = [one for one in recent if one.requires_signatures is False]
    mute = [one for one in recent if one.requires_signatures is None]
    found: list[str] = []
    if not settings.signing_key_file:
        found.append(phrase("This console does not sign its messages (signing_key_file)."))
    if lax:
        found.append(
            phrase_n(
                "{n} PC shows messages that nobody has signed: {names}.",
                "{n} PCs show messages that nobody has signed: {names}.",
                len(lax),
                names=_some([one.endpoint for one in lax]),
            )
        )
    if mute:
        found.append(
            phrase_n(
                "{n} PC does not say whether it asks for signatures: {names}.",
                "{n} PCs do not say whether they ask for signatures: {names}.",
                len(mute),
                names=_some([one.endpoint for one in mute]),
            )
        )
    if found:
        return Finding("signatures", Grade.WEAK, together(*found))
    sentence = phrase("This console signs its messages, and every PC asks for that.")
    return Finding("signatures", Grade.GOOD, sentence)


def _some(names: Sequence[str]) -> str:
    """The first ten of *names*, cleaned: any endpoint may call itself anything."""
    shown = ", ".join(safe_line(name, 40) for name in sorted(names)[:10])
    return shown if len(names) <= 10 else f"{shown}, …"


def _publishing(seen: Seen) -> Finding:
    if isinstance(seen.lacking, SiaranError):
        return Finding(
            "permissions", Grade.BAD, together(phrase("Nothing can be sent."), seen.lacking.whole)
        )
    if seen.lacking is None:
        sentence = phrase("Only Redis 7 or newer can tell where the account may send.")
        return Finding("permissions", Grade.WEAK, sentence)
    if not seen.lacking:
        return Finding("permissions", Grade.GOOD, phrase("The account may send to every channel."))
    reasons = [
        phrase(
            "Nothing can be sent to {channel}: the account lacks {right}.",
            channel=phrase("All channels") if name == ALL_CHANNELS else name,
            right=words,
        )
        for name, words in seen.lacking.items()
    ]
    more = len(reasons) - 10
    if more > 0:
        rest = phrase_n("And so for {n} more channel.", "And so for {n} more channels.", more)
        reasons = [*reasons[:10], rest]
    return Finding("permissions", Grade.BAD, together(*reasons))


def _persistence(facts: ServerFacts) -> Finding:
    if facts.append_only is None:
        return Finding(
            "persistence", Grade.WEAK, phrase("The account may not see how Redis stores data.")
        )
    if facts.append_only:
        return Finding("persistence", Grade.GOOD, phrase("Redis keeps an append-only file."))
    return Finding(
        "persistence",
        Grade.BAD,
        phrase("Redis keeps no append-only file: a restart loses messages. Set appendonly yes."),
    )


def _eviction(facts: ServerFacts) -> Finding:
    if facts.eviction is None:
        return Finding(
            "eviction", Grade.WEAK, phrase("The account may not see Redis' eviction policy.")
        )
    if facts.eviction == "noeviction" or facts.memory_limit == 0:
        return Finding(
            "eviction", Grade.GOOD, phrase("Redis drops nothing when its memory is full.")
        )
    return Finding(
        "eviction",
        Grade.BAD,
        phrase(
            "With maxmemory-policy {eviction} Redis may drop messages. Set noeviction.",
            eviction=facts.eviction,
        ),
    )


def _memory(seen: Seen) -> Finding:
    """How full the fullest server is, and whether there are more keys for ever than ours."""
    known = [one for one in seen.facts.memory if one.used is not None and one.limit is not None]
    if not known:
        sentence = phrase("The account may not see how full Redis' memory is.")
        return Finding("memory", Grade.WEAK, sentence)
    grade, fullness = max(map(_fullness, known), key=lambda one: list(Grade).index(one[0]))
    sentences = [fullness]
    endless = sum(one.endless or 0 for one in known)
    too_many = endless > MOST_ENDLESS + 2 * len(_names_of_channels(seen))
    if too_many:
        more = phrase_n(
            "{n} key of it never expires, which is more than Siaran has.",
            "{n} keys of it never expire, which is more than Siaran has.",
            endless,
        )
        sentences.append(more)
    if too_many or grade is not Grade.GOOD:
        grade = Grade.WEAK if grade is Grade.GOOD else grade
        how = phrase("siaran-console repair, with the account operator, says what fills it.")
        sentences.append(how)
    return Finding("memory", grade, together(*sentences))


def _names_of_channels(seen: Seen) -> set[str]:
    """Every channel that may have a log and a set of its PCs."""
    followed = (name for one in seen.endpoints for name in one.channels)
    return {*followed, *(one.name for one in seen.channels)}


def _fullness(memory: ServerMemory) -> tuple[Grade, str]:
    used, limit = memory.used or 0, memory.limit or 0
    if not limit:
        sentence = phrase(
            "Redis at {address} uses {used} of memory, and has no limit. Set maxmemory.",
            address=memory.address,
            used=in_bytes(used),
        )
        return Grade.WEAK, sentence
    share = used / limit
    sentence = phrase(
        "Redis at {address} uses {used} of {limit} of memory; connections hold {held}.",
        address=memory.address,
        used=in_bytes(used),
        limit=in_bytes(limit),
        held=in_bytes(memory.clients or 0),
    )
    return Grade.GOOD if share < FILLING else Grade.WEAK if share < FULL else Grade.BAD, sentence


def _role(facts: ServerFacts) -> Finding:
    if facts.replica:
        return Finding("role", Grade.BAD, phrase("This is a replica, which takes no messages."))
    if facts.masters:
        return _masters(facts.masters)
    return Finding("role", Grade.GOOD, phrase("This server takes messages itself."))


def _masters(masters: Sequence[ClusterMaster]) -> Finding:
    silent = [one.address for one in masters if not one.answers]
    if silent:
        names = ", ".join(silent[:10])
        sentence = phrase("Masters of the Cluster do not answer: {names}.", names=names)
        return Finding("role", Grade.BAD, sentence)
    alone = [one.address for one in masters if not one.replicas]
    if alone:
        names = ", ".join(alone[:10])
        sentence = phrase("Masters of the Cluster have no replica: {names}.", names=names)
        return Finding("role", Grade.WEAK, sentence)
    n = len(masters)
    sentence = phrase("All {n} masters of the Cluster answer, and each has a replica.", n=n)
    return Finding("role", Grade.GOOD, sentence)


def _clock(seen: Seen) -> Finding:
    offset_s = (seen.facts.time_ms - seen.wall_ms) / 1000
    if abs(offset_s) < ALIKE_S:
        words = phrase("Redis' clock is right.")
    elif offset_s > 0:
        words = phrase("Redis' clock is {seconds} s ahead of ours.", seconds=offset_s)
    else:
        words = phrase("Redis' clock is {seconds} s behind ours.", seconds=-offset_s)
    good = abs(offset_s) * 1000 <= MAX_CLOCK_OFFSET_MS
    return Finding("clock", Grade.GOOD if good else Grade.WEAK, words)


def _logs(seen: Seen) -> Finding:
    if not seen.ahead:
        return Finding("logs", Grade.GOOD, phrase("No log ends in the future."))
    all_channels = phrase("All channels")
    names = [all_channels if name == ALL_CHANNELS else safe_line(name, 40) for name in seen.ahead]
    sentence = phrase(
        "These logs end in the future, so nothing is trimmed from them: {names}."
        " siaran-console repair --logs sets them back.",
        names=", ".join(names[:10]),
    )
    return Finding("logs", Grade.WEAK, sentence)


def _channels(seen: Seen) -> Finding:
    channels = seen.channels
    strange = unknown(channels, [name for one in seen.endpoints for name in one.channels])
    if strange:
        names = ", ".join(safe_line(name, 40) for name in strange[:10])
        sentence = phrase("PCs follow channels that nobody offers: {names}.", names=names)
        return Finding("channels", Grade.WEAK, sentence)
    if not channels:
        sentence = phrase("No channels were set up: the three default ones are offered.")
        return Finding("channels", Grade.GOOD, sentence)
    names = ", ".join(info.label for info in channels if not info.retired)
    return Finding("channels", Grade.GOOD, phrase("Channels: {names}.", names=names))


def _endpoints(settings: Settings, seen: Seen) -> Finding:
    since = seen.facts.time_ms - 2000 * settings.heartbeat_seconds
    alive = [one for one in seen.endpoints if one.seen_at >= since and not one.left]
    rivals = sorted(one.endpoint for one in alive if one.rival)
    sentence = phrase("No PC has been connected yet.")
    if seen.endpoints:
        sentence = phrase(
            "{n} of {known} known PCs are connected now.", n=len(alive), known=len(seen.endpoints)
        )
    if rivals:
        names = ", ".join(rivals[:10])
        twice = phrase("Used by two PCs at once: {names}.", names=names)
        return Finding("endpoints", Grade.WEAK, together(sentence, twice))
    return Finding("endpoints", Grade.GOOD, sentence)


def _troubles(settings: Settings, seen: Seen) -> list[Finding]:
    """One finding for each kind of trouble that PCs seen within the retention report."""
    since = seen.facts.time_ms - settings.retention_hours * HOUR_MS
    recent = [one for one in seen.endpoints if one.seen_at >= since]
    found = by_trouble(recent)
    if not found:
        return [Finding("troubles", Grade.GOOD, phrase("No PC reports anything wrong."))]
    return [
        Finding(
            "troubles",
            Grade.WEAK,
            phrase_n(
                "{what}: reported by {n} PC ({names}).",
                "{what}: reported by {n} PCs ({names}).",
                len(names),
                what=trouble_words(code),
                names=", ".join(safe_line(name, 60) for name in names[:10])
                + (", …" if len(names) > 10 else ""),
            ),
        )
        for code, names in list(found.items())[:MAX_TROUBLE_FINDINGS]
    ]


def _entries(left_out: Unreadable) -> Finding:
    if sentence := left_out.sentence:
        return Finding("entries", Grade.WEAK, sentence)
    return Finding("entries", Grade.GOOD, phrase("Everything that is stored can be read."))
