"""What a program can see of what is wrong with a window: texts that are cut off, keys twice.

A text that may be cut has to say so: an ``ElidedLabel`` has the whole as its tooltip, a table's
cells have it too. Everything else has to have room for its words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from shared.qt.text import ElidedLabel

TOLERANCE = 1
"""Device-independent pixels; rounding."""


def widgets(root: QWidget) -> Iterator[QWidget]:
    """Everything in *root* that is shown, itself too."""
    yield root
    for widget in root.findChildren(QWidget):
        if widget.isVisible():
            yield widget


def cut_off(root: QWidget) -> list[str]:
    """Every text in *root* that has less room than it needs."""
    return [
        f"{type(widget).__name__} {_words(widget)!r}: {wrong}"
        for widget in widgets(root)
        if (wrong := _wrong(widget) or _outside(widget))
    ]


def keys_twice(root: QWidget) -> list[str]:
    """Access keys (Alt and a letter) that more than one thing in *root* has."""
    texts = [
        widget.text()
        for widget in widgets(root)
        if isinstance(widget, QAbstractButton)
        or (isinstance(widget, QLabel) and widget.buddy() is not None)
    ]
    if isinstance(root, QMenu):
        texts = [action.text() for action in root.actions() if action.isVisible()]
    found = Counter(match[1].casefold() for text in texts if (match := re.search("&([^&])", text)))
    return [key for key, times in found.items() if times > 1]


def _words(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QLineEdit):
        return widget.text() or widget.placeholderText()
    return widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.objectName()


def _wrong(widget: QWidget) -> str:
    if isinstance(widget, QLabel):
        return _label(widget)
    if isinstance(widget, QAbstractButton):
        return _too_small(widget.width(), widget.sizeHint().width()) if widget.text() else ""
    if isinstance(widget, QComboBox):
        return _combo(widget)
    if isinstance(widget, QLineEdit):
        return _line(widget)
    if isinstance(widget, QScrollArea):
        return _scrolled(widget)
    return _header(widget) if isinstance(widget, QHeaderView) else ""


def _label(label: QLabel) -> str:
    if not label.text() or isinstance(label, ElidedLabel) or not label.pixmap().isNull():
        return ""
    if label.wordWrap():
        longest = max(label.text().split(), key=len, default="")
        return _too_small(label.width(), _width(label, longest)) or _too_small(
            label.height(), label.heightForWidth(label.width())
        )
    return _too_small(label.width(), label.sizeHint().width()) or _too_small(
        label.height(), label.fontMetrics().height()
    )


def _combo(combo: QComboBox) -> str:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    field = combo.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
    )
    return _too_small(field.width(), _width(combo, combo.currentText()))


def _line(line: QLineEdit) -> str:
    """A person's text scrolls; the hint in an empty field does not."""
    if line.text():
        return ""
    return _too_small(line.contentsRect().width() - 4, _width(line, line.placeholderText()))


def _header(header: QHeaderView) -> str:
    if header.orientation() is not Qt.Orientation.Horizontal:
        return ""
    for section in range(header.count()):
        if not header.isSectionHidden(section):
            wrong = _too_small(
                header.sectionSize(section), header.sectionSizeFromContents(section).width()
            )
            if wrong:
                return f"column {section}: {wrong}"
    return ""


def _scrolled(area: QScrollArea) -> str:
    """Whether there is something at the right that nobody can scroll to."""
    off = area.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    return _too_small(area.viewport().width(), area.widget().width()) if off else ""


def _outside(widget: QWidget) -> str:
    """Whether words stick out of the window, or of a parent that cannot scroll to them."""
    if not isinstance(widget, QLabel | QAbstractButton | QLineEdit | QComboBox):
        return ""
    area = QRect(QPoint(0, 0), widget.size())
    parent, place = widget.parentWidget(), area
    while parent is not None and not widget.isWindow():
        place = QRect(widget.mapTo(parent, QPoint(0, 0)), widget.size())
        room = parent.rect().adjusted(-TOLERANCE, -TOLERANCE, TOLERANCE, TOLERANCE)
        if not room.contains(place):
            return f"sticks out of {type(parent).__name__}"
        if parent.isWindow() or isinstance(parent.parentWidget(), QScrollArea):
            return ""
        parent = parent.parentWidget()
        if parent is not None and isinstance(parent.parentWidget(), QScrollArea):
            return ""
    return ""


def _width(widget: QWidget, text: str) -> int:
    return QFontMetrics(widget.font()).horizontalAdvance(text)


def _too_small(has: int, needs: int) -> str:
    return "" if needs <= has + TOLERANCE else f"has {has}, needs {needs}"


def settle() -> None:
    """Let layouts and paints happen."""
    for _ in range(4):
        QApplication.processEvents()
