"""Sentences about answers that were given elsewhere, for the popup and the inbox."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from shared.text import safe_line

SHOWN_ENDPOINT, SHOWN_ACCOUNT = 40, 20
"""Characters of names that may be a forger's, beside what head office says."""


def answered_sentence(by: str, user: str, reply: str) -> str:
    """Say who has answered what is closed here now."""
    if reply:
        words = QCoreApplication.translate("answers", "Answered by {endpoint}: {reply}")
        return words.format(endpoint=_who(by, user), reply=safe_line(reply))
    words = QCoreApplication.translate("answers", "Answered by {endpoint}.")
    return words.format(endpoint=_who(by, user))


def claim_sentence(by: str, user: str, reply: str, *, for_outlet: bool) -> str:
    """Say who is said to have answered what is still open here."""
    who = _who(by, user)
    if not for_outlet:
        words = QCoreApplication.translate(
            "answers", "Reported as acknowledged by {endpoint}, but not on this screen."
        )
        return words.format(endpoint=who)
    if reply:
        words = QCoreApplication.translate("answers", "Already answered by {endpoint}: {reply}")
        return words.format(endpoint=who, reply=safe_line(reply))
    words = QCoreApplication.translate("answers", "Already answered by {endpoint}.")
    return words.format(endpoint=who)


def _who(by: str, user: str) -> str:
    """``JKT-014/till-2 (sari)``, as far as it is known; there is no room for a message in it."""
    endpoint, account = safe_line(by, SHOWN_ENDPOINT), safe_line(user, SHOWN_ACCOUNT)
    return f"{endpoint} ({account})" if account else endpoint
