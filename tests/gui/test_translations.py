"""Two languages, whole: nothing is missing, left over or hidden from translation.

What a failure asks for: ``python3 run.py translate`` brings the ``.ts`` up to date and names what
is to be translated, in ``shared/qt/translations/siaran_id.ts``; plural forms in ``siaran_en.ts``.
"""

from __future__ import annotations

import ast
import re
import runpy
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication, QLineEdit

from shared.errors import ChangedMeanwhile, StorageError
from shared.model import Level
from shared.phrases import fields_of, phrase
from shared.qt.language import speak
from shared.qt.words import (
    exact_moment,
    level_name,
    localized,
    moment,
    number,
    with_seconds,
    zone_name,
)
from shared.settings import Language
from tray_client.presenter import Presenter

ROOT = Path(__file__).resolve().parents[2]
update = runpy.run_path(str(ROOT / "packaging" / "languages" / "update.py"))
INDONESIAN, ENGLISH = update["INDONESIAN"], update["ENGLISH"]


def translations(ts: Path) -> Iterator[tuple[str, list[str]]]:
    """Every English text of *ts* with its translation, or its plural forms."""
    for message in ET.parse(ts).iter("message"):
        found = message.find("translation")
        assert found is not None
        forms = [form.text or "" for form in found.iter("numerusform")]
        yield message.findtext("source") or "", forms or [found.text or ""]


@pytest.fixture
def indonesian(qapp: QApplication) -> Iterator[None]:
    """Everything is said in Indonesian."""
    speak(qapp, Language.INDONESIAN)
    yield
    speak(qapp, Language.ENGLISH)


# --- the files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ts", "plurals_only"), [(INDONESIAN, False), (ENGLISH, True)])
def test_every_text_of_the_source_is_there_and_no_other(
    ts: Path, plurals_only: bool, tmp_path: Path
) -> None:
    fresh = tmp_path / ts.name
    shutil.copyfile(ts, fresh)
    update["collect"](fresh, plurals_only=plurals_only)
    there, wanted = (sorted(source for source, _ in translations(path)) for path in (ts, fresh))
    assert there == wanted, "python3 run.py translate"


@pytest.mark.parametrize("ts", [INDONESIAN, ENGLISH, update["QT"]], ids=lambda path: path.stem)
def test_everything_is_translated(ts: Path) -> None:
    assert update["unfinished"](ts) == []
    assert [source for source, forms in translations(ts) if not all(forms)] == []


@pytest.mark.parametrize("ts", [INDONESIAN, ENGLISH], ids=lambda path: path.stem)
def test_translations_take_the_same_values(ts: Path) -> None:
    wrong = [
        source
        for source, forms in translations(ts)
        for form in forms
        if fields_of(source) != fields_of(form)
        or re.findall("%L?n", source) != re.findall("%L?n", form)
    ]
    assert wrong == []


def test_translations_end_as_the_english_does_and_keep_access_keys() -> None:
    wrong = [
        source
        for source, forms in translations(INDONESIAN)
        for form in forms
        if ending(source) != ending(form) or source.count("&") != form.count("&")
    ]
    assert wrong == []


def ending(text: str) -> str:
    """A sentence's mark at its end, or none."""
    return text[-1:] if text[-1:] in {".", "?", "!", ":", "…"} else ""


def test_what_qt_says_is_what_qt_says() -> None:
    """Qt has German, so whatever German has no words for is nothing that Qt says."""
    german = QTranslator()
    assert german.load("qtbase_de.qm", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    unknown = [
        (context.findtext("name"), message.findtext("source"))
        for context in ET.parse(update["QT"]).iter("context")
        for message in context.iter("message")
        if not german.translate(
            context.findtext("name") or "",
            message.findtext("source") or "",
            message.findtext("comment") or "",
        )
    ]
    assert unknown == []


def test_settings_are_called_in_windows_as_in_policies() -> None:
    names = update["settings_texts"]()
    there = dict(translations(INDONESIAN))
    assert {source: there[source] for source in names} == {s: [t] for s, t in names.items()}


# --- the source -----------------------------------------------------------------------------------

SAYING = re.compile(
    "(set)?(Text|PlaceholderText|ToolTip|WindowTitle|Title|AccessibleName|AccessibleDescription|"
    "InformativeText|StatusTip|WhatsThis|LabelText|ItemText|TabText|Suffix|Prefix|NameFilter)|"
    "set_hint|say|add(Action|Item|Tab|Menu|Section|Row|Button)|"
    "Q(Label|PushButton|ToolButton|CheckBox|RadioButton|GroupBox|Action|Menu|DockWidget)|"
    "(Plain|Wrapped|Elided)Label"
)
"""Calls that show a text, or let it be read aloud."""
NO_WORDS = {"redis://hq-redis:6379", "Siaran", "English", "Bahasa Indonesia"}
"""Names and examples that are the same in every language."""


def qt_modules() -> list[Path]:
    """Every module of the programs that shows something."""
    names = ("shared", "admin_app", "tray_client")
    paths = [path for name in names for path in sorted((ROOT / name).rglob("*.py"))]
    return [path for path in paths if "PySide6" in path.read_text(encoding="utf-8")]


def untranslated(path: Path) -> Iterator[str]:
    """Texts that *path* shows as they stand in the source."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if SAYING.fullmatch(name):
            for argument in node.args:
                if any(words(text) for text in literals(argument)):
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(argument)}"


def literals(node: ast.expr) -> list[str]:
    """Texts in *node* that are shown as they are."""
    if isinstance(node, ast.JoinedStr):
        return [text for part in node.values for text in literals(part)]
    if isinstance(node, ast.BinOp | ast.IfExp | ast.BoolOp):
        return [
            text
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr)
            for text in literals(child)
        ]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def words(text: str) -> bool:
    """Whether *text* says something."""
    return text not in NO_WORDS and bool(re.search("[A-Za-z]{2}", text))


def test_no_window_says_what_nobody_can_translate() -> None:
    found = [place for path in qt_modules() for place in untranslated(path)]
    assert found == [], "put the text into self.tr(…)"


def test_nothing_is_translated_before_the_language_is_known() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in qt_modules()
        for call in at_import(ast.parse(path.read_text(encoding="utf-8")))
        if ast.unparse(call.func).endswith((".tr", "translate"))
    ]
    assert found == [], "a module or class has this when it is imported, and keeps it in English"


def at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Calls that run when their module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from at_import(child)


def test_windows_say_errors_in_the_persons_language() -> None:
    pattern = re.compile(
        r"\bstr\((\w+\.)*error\)|=(\w+\.)*error\)|\{(\w+\.)*error\}|join\(\w+\.sentence"
    )
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {line.strip()}"
        for path in qt_modules()
        for line in path.read_text(encoding="utf-8").splitlines()
        if pattern.search(line) and "log." not in line
    ]
    allowed = {"tray_client/app.py: error=None if status.error is None else str(status.error),"}
    assert set(found) <= allowed, "use shared.qt.words.localized(error)"


# --- what is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("ts", "plurals_only"), [(INDONESIAN, False), (ENGLISH, True)])
def test_programs_find_every_text(ts: Path, plurals_only: bool) -> None:
    translator = QTranslator()
    assert translator.load(str(ts.with_suffix(".qm")))
    missing = [
        message
        for message in update["messages"]()
        if (message.plural or not plurals_only)
        and not translator.translate(message.context, message.text, message.comment, 1)
    ]
    assert missing == []


@pytest.mark.usefixtures("indonesian")
def test_words_errors_and_numbers_in_indonesian(qapp: QApplication) -> None:
    assert level_name(Level.EMERGENCY) == "Darurat"
    error = StorageError(
        phrase("{path} cannot be written ({reason}).", path="/x {y}", reason="No space left"),
        phrase("Make room on the disk, or let this user write there."),
    )
    assert localized(error) == (
        "/x {y} tidak dapat ditulis (No space left). "
        "Kosongkan ruang di disk, atau izinkan pengguna ini menulis di sana."
    )
    assert str(error).startswith("/x {y} cannot be written")
    assert (number(12345), number(1.5)) == ("12.345", "1,5")
    assert localized("as it is") == "as it is"
    assert localized(ChangedMeanwhile()).startswith("Sementara itu orang lain telah mengubah")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Batal"
    line = QLineEdit()
    labels = [action.text() for action in line.createStandardContextMenu().actions()]
    line.deleteLater()
    assert any(text.startswith("&Salin") for text in labels)


def test_plural_forms(qapp: QApplication) -> None:
    def missed(count: int) -> str:
        return QCoreApplication.translate("Presenter", "You missed %Ln message(s)", None, count)

    assert Presenter.__name__ == "Presenter"
    speak(qapp, Language.ENGLISH)
    assert [missed(n) for n in (1, 2, 12345)] == [
        "You missed 1 message",
        "You missed 2 messages",
        "You missed 12,345 messages",
    ]
    speak(qapp, Language.INDONESIAN)
    assert [missed(n) for n in (1, 12345)] == [
        "Anda melewatkan 1 pesan",
        "Anda melewatkan 12.345 pesan",
    ]
    speak(qapp, Language.ENGLISH)


@pytest.mark.usefixtures("indonesian")
def test_the_clock_has_24_hours_and_the_day_comes_first() -> None:
    assert QLocale().territory() == QLocale.Country.Indonesia
    assert re.fullmatch(r"\d{1,2}/\d{2}/\d{2} \d{2}\.\d{2}", moment(1_700_000_000_000))
    assert re.fullmatch(r"\d{2}\.\d{2}\.\d{2}", exact_moment(1_700_000_000_000, 1_700_000_000_000))


@pytest.mark.parametrize(
    ("usual", "exact"),
    [
        ("HH:mm", "HH:mm:ss"),
        ("HH.mm", "HH.mm.ss"),
        ("h:mm AP", "h:mm:ss AP"),
        ("H.m", "H.m.ss"),
        ("HH 'h' mm", "HH 'h' mm:ss"),
        ("HH'heure'mm", "HH'heure'mm:ss"),
        ("mm", "mm"),
    ],
)
def test_seconds_go_into_every_format_that_windows_lets_people_write(
    usual: str, exact: str
) -> None:
    """A report on a PC with ``H.m`` ended in an error."""
    assert with_seconds(usual) == exact


def test_indonesias_three_times_have_names() -> None:
    zones = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura", "Asia/Singapore")
    assert [zone_name(zone) for zone in zones] == ["WIB", "WIB", "WITA", "WIT", ""]
