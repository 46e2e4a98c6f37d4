"""Questions that are awaited. Never ``exec()``: in a coroutine it would wreck the other tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QMessageBox, QWidget

from shared.text import safe_text


async def finished(dialog: QDialog, *, later: bool = False) -> int:
    """Open *dialog*, wait for its result, and delete it. Cancelling closes it.

    *later*: open it outside of this task. A dialog of the system's that returns when it is closed
    runs Qt's events meanwhile, and no task can go on inside of another one.
    """
    result: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(code: int) -> None:
        if not result.done():
            result.set_result(code)

    dialog.finished.connect(settle)
    if later:
        # QPrintDialog has another open() in the place of this one.
        QTimer.singleShot(0, dialog, lambda: QDialog.open(dialog))
    else:
        dialog.open()
    try:
        return await result
    finally:
        dialog.close()
        dialog.deleteLater()


async def choose_file(parent: QWidget, title: str, kinds: str) -> Path | None:
    """Ask for a file to read; *kinds* as Qt writes them: ``Tables (*.csv *.txt);;All files (*)``.

    None: nobody wants one.
    """
    dialog = QFileDialog(parent, title, _documents(), kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return await _chosen(dialog)


async def choose_place(
    parent: QWidget, title: str, name: str, kinds: Mapping[str, str]
) -> tuple[Path, str] | None:
    """Ask where to save a file, by default as *name* with the ending of the chosen kind.

    *kinds*: what each is called (``Table``) to its ending (``csv``), the usual one first. What is
    returned has the name of the chosen kind; None: nobody wants to save it.
    """
    names = {f"{words} (*.{ending})": words for words, ending in kinds.items()}
    filters = {shown: kinds[words] for shown, words in names.items()}
    dialog = QFileDialog(parent, title, _documents(), ";;".join(filters))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)

    def take_kind(chosen: str) -> None:
        dialog.setDefaultSuffix(filters[chosen])

    dialog.filterSelected.connect(take_kind)
    take_kind(next(iter(filters)))
    dialog.selectFile(name)
    path = await _chosen(dialog)
    return (path, names.get(dialog.selectedNameFilter(), "")) if path is not None else None


def _documents() -> str:
    """Where people keep their files; a program's own folder means nothing to them."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


async def _chosen(dialog: QFileDialog) -> Path | None:
    names: list[str] = []
    dialog.filesSelected.connect(names.extend)
    if await finished(dialog) != QDialog.DialogCode.Accepted or not names:
        return None
    return Path(names[0])


async def tell(parent: QWidget, title: str, text: str, close: str) -> None:
    """Show *text* under *title* until somebody closes it."""
    box = _box(parent, QMessageBox.Icon.Information, title, text)
    button = box.addButton(close, QMessageBox.ButtonRole.AcceptRole)
    box.setEscapeButton(button)
    await finished(box)


async def confirm(parent: QWidget, question: str, details: str, yes: str, no: str) -> bool:
    """Ask *question* once; the safe answer *no* is the default and what Escape gives."""
    box = _box(parent, QMessageBox.Icon.Question, question, details)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    refuse = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(refuse)
    box.setEscapeButton(refuse)
    await finished(box)
    return box.clickedButton() is accept


def _box(parent: QWidget, icon: QMessageBox.Icon, text: str, details: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(icon)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(parent.window().windowTitle())
    box.setText(safe_text(text))
    box.setInformativeText(safe_text(details))
    for label in box.findChildren(QLabel):  # setTextFormat() reaches only the first of them
        label.setTextFormat(Qt.TextFormat.PlainText)
    return box
