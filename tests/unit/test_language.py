"""Which language is spoken, and that what the programs load is what the translations say."""

from __future__ import annotations

import runpy
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from shared.qt.language import FOLDER, locale_for, spoken
from shared.settings import Language

ROOT = Path(__file__).resolve().parents[2]
update = runpy.run_path(str(ROOT / "packaging" / "languages" / "update.py"))
FILES = [update[name] for name in ("INDONESIAN", "ENGLISH", "QT")]


@pytest.mark.parametrize(
    ("wanted", "system", "language"),
    [
        (Language.SYSTEM, ["id-ID", "en-US"], Language.INDONESIAN),
        (Language.SYSTEM, ["in"], Language.INDONESIAN),
        (Language.SYSTEM, ["jv-ID", "id", "en"], Language.INDONESIAN),
        (Language.SYSTEM, ["de-DE"], Language.ENGLISH),
        (Language.SYSTEM, ["C"], Language.ENGLISH),
        (Language.SYSTEM, [], Language.ENGLISH),
        (Language.ENGLISH, ["id-ID"], Language.ENGLISH),
        (Language.INDONESIAN, ["en-US"], Language.INDONESIAN),
    ],
)
def test_which_language_is_spoken(wanted: Language, system: list[str], language: Language) -> None:
    assert spoken(wanted, system) is language


def test_dates_and_numbers_follow_the_language_or_the_system_that_speaks_it() -> None:
    american, german = QLocale("en_US"), QLocale("de_DE")
    assert locale_for(Language.ENGLISH, american) == american
    assert locale_for(Language.ENGLISH, german) == QLocale("en_GB")
    assert locale_for(Language.INDONESIAN, american) == QLocale("id_ID")


@pytest.mark.parametrize("ts", FILES, ids=lambda path: path.stem)
def test_the_files_that_are_loaded_are_what_the_translations_say(ts: Path, tmp_path: Path) -> None:
    update["release"](ts, tmp_path / "made.qm")
    made = (tmp_path / "made.qm").read_bytes()
    assert ts.with_suffix(".qm").read_bytes() == made, "python3 run.py translate"
    assert ts.parent == FOLDER


@pytest.mark.parametrize("ts", FILES, ids=lambda path: path.stem)
def test_no_text_is_there_twice(ts: Path) -> None:
    seen = [
        (context.findtext("name"), message.findtext("source"), message.findtext("comment"))
        for context in ET.parse(ts).iter("context")
        for message in context.iter("message")
    ]
    assert len(seen) == len(set(seen))
