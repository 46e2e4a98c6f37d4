"""The troubles that trays report with their heartbeat, in words for people.

The vocabulary is open: a code that this console does not know is shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shared.bus import EndpointReport, Trouble
from shared.phrases import phrase

WORDS: Mapping[str, Callable[[], str]] = {
    Trouble.TRUSTED_KEYS: lambda: phrase("Some trusted keys cannot be used"),
    Trouble.REQUIRE_SIGNATURES: lambda: phrase("require_signatures is neither yes nor no"),
    Trouble.SYSTEM_FILE: lambda: phrase("A policy or settings file cannot be used"),
    Trouble.SETTINGS: lambda: phrase("A setting is wrong"),
    Trouble.NO_RIGHT: lambda: phrase("Its account may not read some of its channels"),
    Trouble.CLOCK: lambda: phrase("The server's clock has jumped"),
    Trouble.UNREADABLE_LOG: lambda: phrase("A log has an entry that is too long to be read"),
    Trouble.NO_ANSWERS: lambda: phrase("Not told at once of answers in its outlet"),
}


def trouble_words(code: str) -> str:
    """Say what *code* of a heartbeat means; an unknown code stays as it is, in quotes.

    Codes are cleaned and bounded when the report is read.
    """
    known = WORDS.get(code)
    return known() if known else phrase("Unknown trouble {code!r}", code=code)


def by_trouble(reports: Sequence[EndpointReport]) -> dict[str, list[str]]:
    """Return the endpoints that report each trouble, by its code; the most frequent first."""
    found: dict[str, list[str]] = {}
    for report in reports:
        for code in dict.fromkeys(report.troubles):
            found.setdefault(code, []).append(report.endpoint)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))
