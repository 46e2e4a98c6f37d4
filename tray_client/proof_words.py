"""What is said of a message's sender, for the popup and the inbox."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from tray_client.records import Proof


def proof_words(proof: Proof) -> str:
    """Say in two words that nobody could check who sent it; empty where there is nothing to add.

    What no key vouches for where keys are trusted is said in a sentence of its own.
    """
    if proof is Proof.UNSIGNED:
        return QCoreApplication.translate("proof", "not signed")
    if proof is Proof.UNCHECKED:
        return QCoreApplication.translate("proof", "signature not checked")
    return ""
