"""Pictures of the tray's windows: every level, state, length, language, theme and scale.

Run by ``run.py gallery``; here alone: ``python packaging/gallery/popups.py FOLDER [LOOK]``. The
windows are the real ones; what they show is made up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
for place in (ROOT, HERE):
    sys.path.insert(0, str(place))

from PySide6.QtCore import QCoreApplication  # noqa: E402
from PySide6.QtGui import QColor, QImage, QPainter, QPalette  # noqa: E402
from PySide6.QtWidgets import QApplication, QMenu  # noqa: E402

from admin_app.draft import DRILL_MARK  # noqa: E402
from shared.model import Format, Level  # noqa: E402
from shared.qt import theme  # noqa: E402
from shared.qt.icons import icon  # noqa: E402
from shared.qt.popup import Popup, PopupContent, PopupRules  # noqa: E402
from shared.qt.runner import make_application  # noqa: E402
from shared.qt.words import level_name  # noqa: E402
from shared.settings import Language, Theme  # noqa: E402
from tray_client.claim_words import answered_sentence, claim_sentence  # noqa: E402
from tray_client.proof_words import proof_words  # noqa: E402
from tray_client.records import Proof  # noqa: E402
from tray_client.small_window import SmallWindow  # noqa: E402
from tray_client.tray import ICON_COLOUR  # noqa: E402


class Look(NamedTuple):
    """How everything is shown in one run."""

    theme: Theme
    scale: str
    language: Language = Language.ENGLISH
    contrast: bool = False
    screen: tuple[int, int] = (1366, 768)
    """In real pixels; the usual one of an older till."""
    only: tuple[str, ...] = ()


LOOKS = {
    "light": Look(Theme.LIGHT, "1"),
    "dark": Look(Theme.DARK, "1"),
    "indonesian": Look(Theme.LIGHT, "1", Language.INDONESIAN),
    "contrast": Look(Theme.DARK, "1", contrast=True, only=("level", "replies", "unverified")),
    "150": Look(Theme.LIGHT, "1.5", screen=(1920, 1080), only=("level-important", "replies")),
    "200": Look(Theme.DARK, "2", screen=(1920, 1080), only=("level-urgent", "long", "replies")),
    "300": Look(Theme.LIGHT, "3", screen=(3840, 2160), only=("level", "long", "replies")),
}
BODY = (
    "From 10:00 the 2 l bottle costs Rp 38.900. Please change the label on the shelf, and tell"
    " customers who ask that the old price was valid until this morning."
)
ISI = (
    "Mulai pukul 10.00 harga botol 2 l menjadi Rp 38.900. Mohon ganti label di rak, dan beri tahu"
    " pelanggan yang bertanya bahwa harga lama berlaku sampai tadi pagi."
)
MARKDOWN = """## What changes today
- **2 l bottle**: Rp 38.900, from 10:00
- **1 l bottle**: Rp 20.500, as before
  - also in the multipack

1. Change the label on the shelf.
2. Take the old poster down.

The whole list: [price list](https://hq.example/prices/2026-11?store=all).
This leads nowhere: [a trap](http://evil.example) and <img src="file:///x">."""


def content(look: Look, **changes: object) -> PopupContent:
    """A message; *changes* override its parts."""
    level = changes.get("level", Level.IMPORTANT)
    assert isinstance(level, Level)
    english = look.language is Language.ENGLISH
    plain = PopupContent(
        id="1",
        level=level,
        level_name=level_name(level),
        source="Channel 1" if english else "Kanal 1",
        title="Price change for cooking oil" if english else "Perubahan harga minyak goreng",
        body=BODY if english else ISI,
        byline="Head office, 09:12 WIB" if english else "Kantor pusat, 09.12 WIB",
        verified=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def popup(look: Look, rules: PopupRules | None = None, **changes: object) -> Popup:
    """An open popup that can be answered."""
    one = Popup(content(look, **changes), rules=rules, guard_ms=0)
    one.present()
    settle()
    return one


def settle(seconds: float = 0.08) -> None:
    """Let Qt do what it has to."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        QApplication.processEvents()


def levels(look: Look, save: Callable[[str, QImage], None]) -> None:
    """Each level that opens a popup."""
    for level in list(Level)[1:]:
        one = popup(look, level=level, later=(5, 15, 60) if level is Level.NORMAL else ())
        one.set_place(2, 5)
        settle()
        save(f"level-{level}", picture(one))


def states(look: Look, save: Callable[[str, QImage], None]) -> None:
    """What else can be seen on one."""
    say = partial(QCoreApplication.translate, "Presenter")
    replies = ("Understood", "Out of stock", "Need help", "Will do tomorrow morning")
    if look.language is Language.INDONESIAN:
        replies = ("Sudah", "Stok kosong", "Perlu bantuan", "Dikerjakan besok pagi")
    guarded = Popup(content(look), guard_ms=100_000)
    guarded.present()
    settle(0.2)
    guarded.guard_bar.set_share(0.6)
    save("state-guarded", picture(guarded))
    save("replies-two", picture(popup(look, replies=replies[:2], later=(5, 15, 60))))
    save("replies-four", picture(popup(look, replies=replies)))
    longest = tuple(f"A reply of forty characters, or nearly {n}" for n in range(4))
    save("replies-longest", picture(popup(look, replies=longest)))
    later = popup(look, level=Level.NORMAL, later=(5, 15, 60))
    later.answers.later.click()
    settle()
    save("state-later", picture(later))
    answered = popup(look)
    answered.part_with(answered_sentence("JKT-014/kasir-2", "sari", replies[0]))
    settle()
    save("state-answered", picture(answered))
    for_outlet = claim_sentence("JKT-014/kasir-2", "sari", replies[0], for_outlet=True)
    closing = popup(look, level=Level.EMERGENCY, claim=for_outlet, answered=True)
    save("state-answered-urgent", picture(closing))
    in_our_name = claim_sentence("JKT-014/kasir-1", "budi", "", for_outlet=False)
    save("state-claimed", picture(popup(look, level=Level.URGENT, claim=in_our_name)))
    save(
        "state-reminder",
        picture(popup(look, news=say("Reminder: head office asks for an answer."))),
    )
    save("state-changed", picture(popup(look, news=say("Head office has changed this message."))))
    save("state-unverified", picture(popup(look, verified=False, byline="09:12")))
    save("state-unsigned", picture(popup(look, byline=f"09:12 · {proof_words(Proof.UNSIGNED)}")))
    keyboard = popup(look, replies=replies[:2])
    keyboard.take_keyboard()
    settle()
    keyboard.answers.replies[0].setFocus()
    settle()
    save("state-keyboard", picture(keyboard))
    taken = popup(look)
    taken.part_with(say("Head office has taken this message back."))
    settle()
    save("state-recalled", picture(taken))
    drill = f"{DRILL_MARK}{content(look).title}"
    save("state-drill", picture(popup(look, level=Level.EMERGENCY, title=drill)))
    digest = {
        "title": say("You missed %Ln message(s)", "", 37),
        "body": say("They came while this PC was off or not connected. The inbox has them."),
        "action": say("Open the inbox"),
        "source": say("Inbox"),
    }
    save("state-digest", picture(popup(look, level=Level.NORMAL, **digest)))


def lengths(look: Look, save: Callable[[str, QImage], None]) -> None:
    """From one word to all that fits into a message."""
    save("short", picture(popup(look, level=Level.NORMAL, title="Hello", body="Test.")))
    save("long-title", picture(popup(look, title="A title as long as titles can be " * 6)))
    save("long-body", picture(popup(look, body=f"{BODY}\n\n" * 20)))
    save("long-word", picture(popup(look, title="T" * 200, body="W" * 1000, source="C" * 100)))
    save("markdown", picture(popup(look, body=MARKDOWN, format=Format.MARKDOWN)))
    full = PopupRules(fullscreen=True)
    save("emergency-fullscreen", picture(popup(look, full, level=Level.EMERGENCY)))


def others(_look: Look, save: Callable[[str, QImage], None]) -> None:
    """The icon's states at 16 pixels on both task bars, and the window without a panel."""
    bars = QImage(4 * 24, 48, QImage.Format.Format_RGB32)
    painter = QPainter(bars)
    for row, ground in enumerate(("#F3F3F3", "#202020")):
        painter.fillRect(0, row * 24, bars.width(), 24, QColor(ground))
        for column, name in enumerate(("", "-waiting", "-refused", "-unread")):
            drawn = icon(f"app-tray{name}", ICON_COLOUR).pixmap(16, 16)
            painter.drawPixmap(column * 24 + 4, row * 24 + 4, drawn)
    painter.end()
    save("tray-icons", bars.scaledToWidth(bars.width() * 3))
    small = SmallWindow(QMenu())
    small.say(icon("app-tray-unread", ICON_COLOUR), "Siaran · 2 waiting · Connected to hq:6379")
    small.present()
    settle()
    save("small-window", small.grab().toImage())


def picture(one: Popup) -> QImage:
    """What it looks like; it is closed then."""
    image = one.grab().toImage()
    one.withdraw()
    return image


def strong_contrast(app: QApplication) -> None:
    """Look as Windows does in its black high-contrast theme."""
    theme.is_high_contrast = lambda: True
    palette = QPalette(QColor("black"), QColor("black"))
    for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Window, QPalette.ColorRole.Button):
        palette.setColor(role, QColor("black"))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(role, QColor("white"))
    palette.setColor(QPalette.ColorRole.Link, QColor("yellow"))
    for role in (QPalette.ColorRole.Dark, QPalette.ColorRole.Mid, QPalette.ColorRole.Light):
        palette.setColor(role, QColor("white"))
    app.setPalette(palette)


def take(folder: Path, name: str) -> None:
    """Take the pictures of one look."""
    look = LOOKS[name]
    app = make_application("Siaran", "siaran-gallery", look.theme, look.language)
    if look.contrast:
        strong_contrast(app)
    folder.mkdir(parents=True, exist_ok=True)

    def save(what: str, image: QImage) -> None:
        if not look.only or what.startswith(look.only):
            image.save(str(folder / f"popup-{what}-{name}.png"))

    for scene in (levels, states, lengths, others):
        scene(look, save)


def main() -> int:
    """Take all pictures; each look needs a program of its own."""
    folder, *names = sys.argv[1:]
    if names:
        take(Path(folder), names[0])
        return 0
    scratch = Path(folder)
    scratch.mkdir(parents=True, exist_ok=True)
    for name, look in LOOKS.items():
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": f"offscreen:configfile={_screen(look, scratch)}",
            "QT_SCALE_FACTOR": look.scale,
            "QT_LOGGING_RULES": "qt.qpa.*=false",
        }
        command = [sys.executable, __file__, folder, name]
        subprocess.run(command, check=True, env=environment)
    return 0


def _screen(look: Look, folder: Path) -> Path:
    """A description of the look's screen, as the offscreen platform reads it."""
    width, height = look.screen
    screen = {"name": "till", "x": 0, "y": 0, "width": width, "height": height}
    screen |= {"dpr": 1, "logicalDpi": 96, "logicalBaseDpi": 96}
    file = folder / "screen.json"
    file.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    return file


if __name__ == "__main__":
    sys.exit(main())
