"""The guides for people say what the windows say, in both languages, with pictures."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "packaging" / "guide"
PAGES = ("admin", "cashier")
NAMES = {"en": {"Siaran console"}, "id": {"Konsol Siaran"}}
"""What the system's menu calls the programs."""


def text_of(page: str, language: str) -> str:
    """One guide."""
    return (GUIDE / f"{page}.{language}.md").read_text(encoding="utf-8")


def said(language: str) -> set[str]:
    """Everything that the windows say, without access keys and dots, in small letters."""
    found = set(NAMES[language])
    tree = ET.parse(ROOT / "shared" / "qt" / "translations" / "siaran_id.ts")
    for message in tree.iter("message"):
        translation = message.find("translation")
        assert translation is not None
        forms = [form.text or "" for form in translation.iter("numerusform")]
        ours = forms or [translation.text or ""]
        found |= {message.findtext("source") or ""} if language == "en" else set(ours)
    return {plain(text) for text in found}


def test_no_picture_is_left_over() -> None:
    linked = {
        name
        for page in PAGES
        for language in ("en", "id")
        for name in re.findall(r"\(pictures/([\w-]+\.png)\)", text_of(page, language))
    }
    assert {path.name for path in (GUIDE / "pictures").iterdir()} == linked


def plain(text: str) -> str:
    """*text* without what marks it."""
    return re.split("[:,]", text.replace("&", "").removesuffix(" …"))[0].strip().casefold()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "id"])
def test_what_stands_in_bold_is_a_word_of_the_windows(page: str, language: str) -> None:
    known = said(language)
    words = re.findall(r"\*\*([^*]+)\*\*", text_of(page, language))
    unknown = [word for word in words if not word.endswith(".") and plain(word) not in known]
    assert unknown == []


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_parts_and_pictures(page: str) -> None:
    english, indonesian = text_of(page, "en"), text_of(page, "id")
    assert len(re.findall("^#", english, re.M)) == len(re.findall("^#", indonesian, re.M))
    pictures = [
        re.findall(r"\(pictures/([\w-]+)-(\w\w)\.png\)", text) for text in (english, indonesian)
    ]
    assert [name for name, _ in pictures[0]] == [name for name, _ in pictures[1]]
    assert {language for _, language in pictures[0]} == {"en"}
    assert {language for _, language in pictures[1]} == {"id"}
    for name, language in pictures[0] + pictures[1]:
        assert (GUIDE / "pictures" / f"{name}-{language}.png").exists()
    assert f"({page}.id.md)" in english
    assert f"({page}.en.md)" in indonesian
