"""Brings the translations up to date: ``python3 run.py translate``.

Collects every text that people see into ``shared/qt/translations/*.ts`` (Qt Linguist's form) with
lupdate, and makes the ``.qm`` files that the programs load. Both tools come with PySide6. The
``.qm`` are kept with the source, so that a machine with only Python, and what is frozen or
installed from it, speaks Indonesian; a test makes them again and compares.

lupdate itself misses, without a word, plural forms in ``QCoreApplication.translate``, and cannot
know the patterns of ``shared.phrases`` in code without Qt, nor the names and explanations of the
settings, which are data. So everything is found here, in Python's own reading of the source, and
written into one file of ``tr`` calls for it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging" / "windows")]

PROGRAMS = ("shared", "admin_app", "tray_client")
FOLDER = ROOT / "shared" / "qt" / "translations"
INDONESIAN, ENGLISH, QT = (FOLDER / f"{name}.ts" for name in ("siaran_id", "siaran_en", "qt_id"))
PHRASES, SETTINGS = "phrases", "settings"
"""Contexts of what code without Qt says, and of the settings table."""
DATA = {"info.label", "info.help", "pattern"}
"""What may be looked up without being written out: it is collected from where it comes from."""


class Message(NamedTuple):
    """One text to translate, in English."""

    context: str
    text: str
    comment: str = ""
    plural: bool = False


def main() -> int:
    """Update everything and say what is still to be translated."""
    collect(INDONESIAN)
    collect(ENGLISH, plurals_only=True)
    if fill_settings(INDONESIAN):
        collect(INDONESIAN)
    for ts in (INDONESIAN, ENGLISH, QT):
        release(ts, ts.with_suffix(".qm"))
    left = [text for ts in (INDONESIAN, ENGLISH, QT) for text in unfinished(ts)]
    for message in left:
        print(f"not translated: {message.context}: {message.text}")
    return 1 if left else 0


def collect(ts: Path, *, plurals_only: bool = False) -> None:
    """Let lupdate bring *ts* up to date; what is gone from the source goes from it."""
    with tempfile.TemporaryDirectory(prefix="siaran-lupdate-") as temp:
        calls = Path(temp) / "calls.py"
        calls.write_text(_calls(messages()), encoding="utf-8")
        options = ["-silent", "-no-obsolete", "-locations", "none"]
        if plurals_only:
            options.append("-pluralonly")
        language = ts.stem.rpartition("_")[2]
        _tool("lupdate", *options, str(calls), "-target-language", language, "-ts", str(ts))


def release(ts: Path, qm: Path) -> None:
    """Make *qm*; what is unfinished stays out and so is said in English."""
    _tool("lrelease", "-silent", str(ts), "-qm", str(qm))


def sources() -> list[Path]:
    """Every module of the programs."""
    return [path for name in PROGRAMS for path in sorted((ROOT / name).rglob("*.py"))]


def messages() -> list[Message]:
    """Everything that the programs can say."""
    found = [Message(SETTINGS, text) for text in settings_texts()]
    for path in sources():
        found += _said_in(path)
    return list(dict.fromkeys(found))


def settings_texts() -> dict[str, str]:
    """English to Indonesian of the names and explanations, which policies have, too."""
    from admx_texts import SETTINGS as INDONESIAN_TEXTS

    from shared.settings import TABLE

    texts = {}
    for name, info in TABLE.items():
        texts[info.label] = INDONESIAN_TEXTS[name].label
        texts[info.help] = INDONESIAN_TEXTS[name].help
    return texts


def fill_settings(ts: Path) -> bool:
    """Put the settings' Indonesian into *ts*; say whether that changed it."""
    texts, changed = settings_texts(), False
    tree = ET.parse(ts)
    for context, message in _messages(tree):
        source = message.findtext("source") or ""
        translation = message.find("translation")
        if context != SETTINGS or source not in texts or translation is None:
            continue
        if translation.text != texts[source] or translation.get("type"):
            translation.text, changed = texts[source], True
            translation.attrib.pop("type", None)
    if changed:
        tree.write(ts, encoding="utf-8", xml_declaration=True)
    return changed


def unfinished(ts: Path) -> list[Message]:
    """What *ts* has no translation for yet."""
    return [
        Message(context, message.findtext("source") or "")
        for context, message in _messages(ET.parse(ts))
        if (found := message.find("translation")) is None or found.get("type")
    ]


def _messages(tree: ET.ElementTree[ET.Element]) -> Iterator[tuple[str, ET.Element]]:
    for context in tree.iter("context"):
        for message in context.iter("message"):
            yield context.findtext("name") or "", message


def _said_in(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = {
        id(inner): outer.name
        for outer in ast.walk(tree)
        if isinstance(outer, ast.ClassDef)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _said_by(node, classes.get(id(node), ""), path)


def _said_by(call: ast.Call, class_name: str, path: Path) -> Iterator[Message]:
    """What one call of ``phrase``, ``phrase_n``, ``tr`` or ``translate`` can say."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    given = call.args
    if name in {"phrase", "phrase_n"}:
        for argument in given[: 1 + (name == "phrase_n")]:
            yield Message(PHRASES, _literal(argument, path))
    elif name == "tr" and class_name:
        yield _message(class_name, given, path)
    elif name == "translate" and _is_text(given[0]) and ast.unparse(given[1]) not in DATA:
        yield _message(_literal(given[0], path), given[1:], path)


def _message(context: str, given: list[ast.expr], path: Path) -> Message:
    text, *more = given
    comment = _literal(more[0], path) if more and ast.unparse(more[0]) != "None" else ""
    return Message(context, _literal(text, path), comment, plural=len(more) > 1)


def _calls(found: list[Message]) -> str:
    """The same in a form that lupdate reads without fail."""
    lines = []
    for context in sorted({message.context for message in found}):
        lines += [f"class {context}:", "    def say(self, n):"]
        for message in found:
            if message.context == context:
                n = ", n" if message.plural else ""
                lines.append(
                    f"        self.tr({_quoted(message.text)}, {_quoted(message.comment)}{n})"
                )
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """*text* as a literal that lupdate's reader understands."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _literal(argument: ast.expr, path: Path) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    where = f"{path.relative_to(ROOT)}:{argument.lineno}"
    raise SystemExit(f"{where}: write the text out where it is said, or nobody can find it.")


def _is_text(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Constant) and isinstance(argument.value, str)


def _tool(name: str, *arguments: str) -> None:
    import PySide6

    suffix = ".exe" if sys.platform == "win32" else ""
    subprocess.run([str(Path(PySide6.__file__).parent / f"{name}{suffix}"), *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
