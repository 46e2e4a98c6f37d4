"""Brings the translations up to date: ``python3 run.py translate``.

Collects every text that people see into ``shared/qt/translations/*.ts`` (Qt Linguist's form) with
lupdate, and makes the ``.qm`` files that the programs load. Both tools come with PySide6. The
``.qm`` are kept with the source, so that a machine with only Python, and what is frozen or
installed from it, speaks Indonesian; a test makes them again and compares.

lupdate reads ``tr`` and ``QCoreApplication.translate``. It cannot know the patterns of
``shared.phrases`` in code without Qt, nor the names and explanations of the settings, which are
data: those are written into a file of markers for it first.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging" / "windows")]

PROGRAMS = ("shared", "admin_app", "tray_client")
FOLDER = ROOT / "shared" / "qt" / "translations"
INDONESIAN, ENGLISH, QT = (FOLDER / f"{name}.ts" for name in ("siaran_id", "siaran_en", "qt_id"))
PHRASES, SETTINGS = "phrases", "settings"
"""Contexts of what lupdate cannot find itself."""

Message = tuple[str, str]
"""Context and English text."""


def main() -> int:
    """Update everything and say what is still to be translated."""
    collect(INDONESIAN)
    collect(ENGLISH, plurals_only=True)
    if fill_settings(INDONESIAN):
        collect(INDONESIAN)
    for ts in (INDONESIAN, ENGLISH, QT):
        release(ts, ts.with_suffix(".qm"))
    left = [text for ts in (INDONESIAN, ENGLISH, QT) for text in unfinished(ts)]
    for context, text in left:
        print(f"not translated: {context}: {text}")
    return 1 if left else 0


def collect(ts: Path, *, plurals_only: bool = False) -> None:
    """Let lupdate bring *ts* up to date; what is gone from the source goes from it."""
    with tempfile.TemporaryDirectory(prefix="siaran-lupdate-") as temp:
        markers = Path(temp) / "markers.py"
        markers.write_text(_markers(), encoding="utf-8")
        options = ["-silent", "-no-obsolete", "-locations", "none", "-no-ui-lines"]
        if plurals_only:
            options.append("-pluralonly")
        language = ts.stem.rpartition("_")[2]
        files = [*map(str, sources()), str(markers)]
        _tool("lupdate", *options, *files, "-target-language", language, "-ts", str(ts))


def release(ts: Path, qm: Path) -> None:
    """Make *qm*; what is unfinished stays out and so is said in English."""
    _tool("lrelease", "-silent", str(ts), "-qm", str(qm))


def sources() -> list[Path]:
    """Every module of the programs."""
    return [path for name in PROGRAMS for path in sorted((ROOT / name).rglob("*.py"))]


def phrases(path: Path) -> Iterator[str]:
    """The patterns in the calls of ``phrase`` and ``phrase_n`` in *path*."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            count = {"phrase": 1, "phrase_n": 2}.get(node.func.id, 0)
            for argument in node.args[:count]:
                yield _literal(argument, path)


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
        (context, message.findtext("source") or "")
        for context, message in _messages(ET.parse(ts))
        if (found := message.find("translation")) is None or found.get("type")
    ]


def _messages(tree: ET.ElementTree[ET.Element]) -> Iterator[tuple[str, ET.Element]]:
    for context in tree.iter("context"):
        for message in context.iter("message"):
            yield context.findtext("name") or "", message


def _markers() -> str:
    """Python that lupdate can read, with everything that it cannot find."""
    texts: list[Message] = [(SETTINGS, text) for text in settings_texts()]
    texts += [(PHRASES, text) for path in sources() for text in phrases(path)]
    return "".join(f"QT_TRANSLATE_NOOP({c!r}, {_quoted(text)})\n" for c, text in texts)


def _quoted(text: str) -> str:
    """*text* as a literal that lupdate's reader understands."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _literal(argument: ast.expr, path: Path) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    where = f"{path.relative_to(ROOT)}:{argument.lineno}"
    raise SystemExit(f"{where}: a phrase's pattern has to be written out, or nobody can find it.")


def _tool(name: str, *arguments: str) -> None:
    import PySide6

    suffix = ".exe" if sys.platform == "win32" else ""
    subprocess.run([str(Path(PySide6.__file__).parent / f"{name}{suffix}"), *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main())
