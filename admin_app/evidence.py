"""Whether the report of a message can be relied on: what the receipts themselves say.

Whoever knows the outlets' password can write receipts in any PC's name, receipts of PCs that do not
exist, and any number into the counters. None of it stays hidden: a PC contradicts what is not its
own, invented PCs are neither registered nor listed, and the receipts can be counted. Then the
receipts count, and the report says so.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from admin_app.report_rows import Progress, Row, row_of
from shared.bus import EndpointReport, ReceiptPage
from shared.documents import Entries
from shared.model import Message
from shared.outlets import ExpectedOutlet
from shared.phrases import Phrase, phrase, phrase_n, together
from shared.receipts import (
    BUCKETS_PER_OCTAVE,
    FIRST_BUCKET_MS,
    Buckets,
    Counts,
    Receipt,
    Stage,
    speaks_against,
)

MAX_STRANGERS = 5_000
"""Endpoints that nobody knows of which there is a row; of more, how many there are."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """What somebody has spoiled of a message's receipts.

    ``contradicted``: PCs whose receipt is not their own, as they say. ``strangers``: endpoints that
    are neither registered nor in the imported list. ``counters``: what the counters say, where the
    receipts say otherwise; None: they agree.
    """

    contradicted: int = 0
    strangers: int = 0
    counters: Counts | None = None

    def __bool__(self) -> bool:
        return bool(self.contradicted or self.strangers or self.counters)

    @property
    def sentence(self) -> Phrase:
        """A sentence for each kind of which there is any; empty if all is well."""
        found = []
        if self.contradicted:
            found.append(
                phrase_n(
                    "{n} PC says that the receipt in its name is not its own.",
                    "{n} PCs say that the receipts in their names are not their own.",
                    self.contradicted,
                )
            )
        if self.strangers:
            found.append(
                phrase_n(
                    "{n} PC is not known and does not count.",
                    "{n} PCs are not known and do not count.",
                    self.strangers,
                )
            )
        if self.counters is not None:
            found.append(
                phrase(
                    "The counters are wrong ({received} received, {displayed} displayed,"
                    " {acknowledged} acknowledged); this report counts the receipts themselves.",
                    received=self.counters.received,
                    displayed=self.counters.displayed,
                    acknowledged=self.counters.acknowledged,
                )
            )
        return together(*found)


NO_DOUBTS = Doubts()


def counts_of(rows: Iterable[Row], noted: Counts, message: Message) -> Counts:
    """Count *rows*, as the counters should; what consoles *noted* stays.

    PCs that nobody knows do not count, and what is contradicted is no acknowledgement.
    """
    known = [row for row in rows if row.known]
    answered = [row for row in known if row.acknowledged_at is not None and row.claim is None]
    firsts: dict[str, int] = {}
    for row in answered:
        at = row.acknowledged_at or 0
        firsts[row.outlet] = min(at, firsts.get(row.outlet, at))
    ended = [row.progress for row in known if row.closed]
    due_at = message.due_at()
    return replace(
        noted,
        received=sum(row.received_at is not None for row in known),
        displayed=sum(row.displayed_at is not None for row in known),
        acknowledged=len(answered),
        outlets=len(firsts),
        expired=ended.count(Progress.EXPIRED),
        recalled=ended.count(Progress.RECALLED),
        reach={
            Stage.RECEIVED: _buckets((row.received_at for row in known), message.sent_at),
            Stage.DISPLAYED: _buckets((row.displayed_at for row in known), due_at),
            Stage.ACKNOWLEDGED: _buckets((row.acknowledged_at for row in answered), due_at),
        },
        outlet_reach=_buckets(firsts.values(), due_at),
    )


class ReceiptBook:
    """What was read of the receipts of one message, and which endpoints head office knows.

    ``whole``: Redis has lost none of them, so nothing else can be true of the counters.
    ``overlong``: fields whose names are too long to be anybody's.
    """

    def __init__(self, message: Message) -> None:
        self.whole = False
        self.overlong = 0
        self.registry: dict[str, EndpointReport] = {}
        self._message = message
        self._entries: dict[str, Receipt] = {}
        self._words: dict[str, Receipt] = {}
        self._garbage: set[str] = set()
        self._listed: set[str] | None = None
        self._reading = (0, 0, False)
        self._left_out = 0
        self._strangers = 0

    def begin(self) -> None:
        """A reading of all pages begins."""
        self._reading = (0, 0, False)

    def note(self, page: ReceiptPage) -> list[str]:
        """Take in one page; return whose rows it concerns."""
        changed: dict[str, None] = {}
        overlong, left_out, whole = self._reading
        self._garbage -= {one.endpoint for one in page.receipts}
        for name in page.unreadable:
            if name in self._entries or self.knows(name):
                self._entries.pop(name, None)
                self._garbage.add(name)
                changed[name] = None
        for receipt in page.receipts:
            if self._has_room(receipt.endpoint):
                self._entries[receipt.endpoint] = receipt
                changed[receipt.endpoint] = None
            else:
                left_out += 1
        for word in page.contradictions:
            if self._has_room(word.endpoint):
                self._words[word.endpoint] = word
                changed[word.endpoint] = None
        self._reading = overlong + page.strange, left_out, whole or page.whole
        if page.position == 0:
            self.overlong, self._left_out, self.whole = self._reading
        return list(changed)

    def learn(self, registry: Entries[EndpointReport], listed: Sequence[ExpectedOutlet]) -> None:
        """Take over who is registered, and who is in the imported list."""
        self.registry = {one.endpoint: one for one in registry}
        names = {name for one in listed for name in one.endpoints()}
        # Of a registry that is too long nobody knows the rest; an empty one tells nobody apart.
        self._listed = None if registry.cut or not (registry or names) else names

    def knows(self, endpoint: str) -> bool:
        """Whether *endpoint* is registered, or in the list: by name, or as one of its outlet."""
        if self._listed is None or endpoint in self.registry or endpoint in self._listed:
            return True
        return f"{endpoint.partition('/')[0]}/" in self._listed

    def row(self, endpoint: str) -> Row:
        """What is known of *endpoint*: by its own word, where that is another than its entry."""
        entry, word = self._entries.get(endpoint), self._words.get(endpoint)
        known = self.knows(endpoint)
        if entry is None and word is not None and endpoint in self._garbage:
            entry = Receipt(self._message.id, 0, 0, endpoint=endpoint)
        if entry is None:
            return Row(endpoint, known=known)
        if word is not None and speaks_against(word, entry):
            return replace(row_of(word), claim=entry, known=known)
        return replace(row_of(entry), known=known)

    def agrees(self, before: Counts, after: Counts) -> bool:
        """Whether counters from *before* and *after* a reading fit what was read.

        Each receipt moves them in one step with its entry, and nothing takes one away. Nobody can
        tell where something was lost or left out.
        """
        if not self.whole or self._left_out:
            return True
        tests: tuple[tuple[str, Callable[[Receipt], bool]], ...] = (
            ("received", lambda one: bool(one.received_at)),
            ("displayed", lambda one: one.displayed_at is not None),
            ("acknowledged", lambda one: one.acknowledged_at is not None),
        )
        receipts, unread = list(self._entries.values()), len(self._garbage)
        answered = (one.endpoint for one in receipts if one.acknowledged_at is not None)
        counted = {name: sum(map(test, receipts)) for name, test in tests}
        counted["outlets"] = len({name.partition("/")[0] for name in answered})
        return all(
            getattr(before, name) - unread <= number <= getattr(after, name)
            for name, number in counted.items()
        )

    @property
    def left_out(self) -> int:
        """Entries of endpoints that nobody knows, beyond those that have a row."""
        return self._left_out

    def _has_room(self, endpoint: str) -> bool:
        """Whether to keep an entry: all of those that are known, and not too many others."""
        if endpoint in self._entries or self.knows(endpoint):
            return True
        self._strangers += 1
        return self._strangers <= MAX_STRANGERS


def _buckets(times: Iterable[int | None], since: int) -> Buckets:
    """The curve of *times* (ms), as the counters have it."""
    taken = [max(at - since, FIRST_BUCKET_MS) for at in times if at is not None]
    found = Counter(math.floor(BUCKETS_PER_OCTAVE * math.log2(ms)) for ms in taken)
    return dict(sorted(found.items()))
