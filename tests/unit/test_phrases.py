"""English sentences that can be said again in another language."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from shared.errors import BadInput, Problem, StorageError
from shared.phrases import Phrase, fields_of, phrase, phrase_n, reason_of, together

ROOT = Path(__file__).resolve().parents[2]
INDONESIAN = {
    "{path} cannot be read ({reason}).": "{path} tidak dapat dibaca ({reason}).",
    "not text": "bukan teks",
    "Try again.": "Coba lagi.",
    "{n} PCs": "{n} PC",
    "{n} PC": "{n} PC",
}


def said(text: str) -> str:
    """*text* in Indonesian, as a window would have it."""
    assert isinstance(text, Phrase)
    return text.in_other_words(
        lambda pattern: INDONESIAN.get(pattern, pattern), lambda n: f"{n:,}".replace(",", ".")
    )


def test_a_phrase_is_its_english_text() -> None:
    text = phrase("{path} cannot be read ({reason}).", path=Path("a/b"), reason=phrase("not text"))
    assert text == f"{Path('a/b')} cannot be read (not text)."
    assert json.dumps([text]) == json.dumps([f"{Path('a/b')} cannot be read (not text)."])
    assert said(text) == f"{Path('a/b')} tidak dapat dibaca (bukan teks)."


def test_values_are_never_read_as_patterns() -> None:
    text = phrase("{path} cannot be read ({reason}).", path="{reason}", reason="{0.__class__} {")
    assert text == "{reason} cannot be read ({0.__class__} {)."
    assert said(text) == "{reason} tidak dapat dibaca ({0.__class__} {)."


@pytest.mark.parametrize(
    ("n", "english", "other"), [(1, "1 PC", "1 PC"), (12000, "12,000 PCs", "12.000 PC")]
)
def test_plural_forms_and_numbers(n: int, english: str, other: str) -> None:
    text = phrase_n("{n} PC", "{n} PCs", n)
    assert text == english
    assert said(text) == other


def test_fractions_have_one_decimal() -> None:
    assert phrase("{seconds} s", seconds=1.25) == "1.2 s"


def test_errors_are_said_with_their_advice() -> None:
    sentence = phrase("{path} cannot be read ({reason}).", path="x", reason="EIO")
    error = StorageError(sentence, phrase("Try again."))
    assert str(error) == "x cannot be read (EIO). Try again."
    assert said(error.whole) == "x tidak dapat dibaca (EIO). Coba lagi."
    several = BadInput([Problem("a", sentence), Problem("b", phrase("Try again."))])
    assert said(several.whole) == "x tidak dapat dibaca (EIO). Coba lagi."
    assert said(together("", "as it is", phrase("Try again."))) == "as it is Coba lagi."


def test_what_a_value_error_was_raised_with_is_kept() -> None:
    assert isinstance(reason_of(ValueError(phrase("not text"))), Phrase)
    assert reason_of(OSError(2, "gone")) == "[Errno 2] gone"
    assert reason_of(ValueError()) == ""


def test_fields_of_a_pattern() -> None:
    assert fields_of("{name!r} of {{n}} has {n}") == {"name", "n"}


# Command lines, logs and the wire stay English.
ENGLISH_ONLY = (
    "/cli.py",
    "/send_command.py",
    "command_line.py",
    "codec.py",
    "unix_sessions.py",
    "logs.py",
    "manual.py",
)
SENTENCES = {
    "Problem": (1,),
    "Finding": (2,),
    "StorageError": (0, 1),
    "AlreadyRunning": (0, 1),
    **dict.fromkeys(
        (
            *("RedisError", "RedisUnreachable", "LinkLost", "NotRedis", "RedisLoading"),
            *("LoginRefused", "NotPermitted", "TlsRefused", "RedisCannotStore"),
        ),
        (1, 2),
    ),
}
"""Where the sentences stand in the calls of those that carry them."""


def untranslatable(path: Path) -> list[str]:
    """Sentences of *path* that no window could say in another language."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for place in SENTENCES.get(node.func.id, ()):
                if place < len(node.args) and is_bare(node.args[place]):
                    found.append(f"{path.name}:{node.lineno}")
    return found


def is_bare(node: ast.expr) -> bool:
    """Whether *node* is a text that was written here and is no phrase."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)
    )


def test_every_sentence_for_people_is_a_phrase() -> None:
    paths = [
        p for name in ("shared", "admin_app", "tray_client") for p in (ROOT / name).rglob("*.py")
    ]
    found = [
        place
        for path in paths
        if not path.as_posix().endswith(ENGLISH_ONLY)
        for place in untranslatable(path)
    ]
    assert found == [], (
        "windows could not say this in Indonesian; write phrase('… {name} …', name=name) from"
        " shared.phrases in place of a text or an f-string"
    )
