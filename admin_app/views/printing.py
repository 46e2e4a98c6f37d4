"""Pages on a printer that somebody chooses in the system's own dialog.

Imported when somebody prints: looking for printers is nothing that a start has to wait for.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QWidget

from admin_app.views.paper import Content, Sheets
from shared.qt.dialogs import finished

MOST_PAGES = 9_999
"""How many pages can be named in the dialog, which opens before they are counted."""


def any_printer() -> bool:
    """Whether this PC has one."""
    return bool(QPrinterInfo.availablePrinterNames())


async def choose_printer(parent: QWidget, title: str) -> QPrinter | None:
    """Ask for a printer, its paper, the pages and the copies; None: nobody wants to print.

    *title*: what to call the dialog.
    """
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(title)
    dialog.setMinMax(1, MOST_PAGES)
    # Windows' own returns when it is closed.
    chosen = await finished(dialog, later=True)
    return printer if chosen == QDialog.DialogCode.Accepted else None


def print_pages(content: Content, printer: QPrinter) -> Iterator[None]:
    """Print *content* as it was chosen, some of it with each step.

    Raises:
        OSError: the printer does not take it.
        PaperTooSmall: its paper has no room.
    """
    printer.setDocName(content.title)
    printer.setCreator("Siaran")
    sheets = Sheets(content, printer)
    yield from sheets.lay_out()
    wanted = printer.pageRanges()
    numbers = [
        number for number in range(sheets.count) if wanted.isEmpty() or wanted.contains(number + 1)
    ]
    copies = 1 if printer.supportsMultipleCopies() else printer.copyCount()
    yield from sheets.paint((numbers or [sheets.count - 1]) * copies)
