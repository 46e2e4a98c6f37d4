"""Says in the window's foot what is not safe about messages and server, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from admin_app.session import ConsoleSession
from admin_app.views.main_window import MainWindow
from shared.bus import Access
from shared.qt.dialogs import tell
from shared.tasks import TaskBag


class SafetyController(QObject):
    """Keeps the line as settings and server are; *unsigned*: this console has no key."""

    def __init__(self, window: MainWindow, session: ConsoleSession, *, unsigned: bool) -> None:
        super().__init__()
        self._window = window
        self._line = window.safety
        self._unsigned = unsigned
        self._tasks = TaskBag("safety line")
        self._session = session
        session.access_changed.connect(lambda _access: self._show())
        session.full_changed.connect(lambda _full: self._show())
        self._line.help_wanted.connect(self._help)
        self._show()

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._tasks.aclose()

    def _show(self) -> None:
        is_open = self._session.access is Access.EVERYBODY
        full = self._session.full
        self._line.show_state(unsigned=self._unsigned, is_open=is_open, is_full=full)

    def _help(self) -> None:
        parts = []
        if self._line.full:
            parts.append(self._about_memory())
        if self._line.unsigned:
            parts.append(self._about_signing())
        if self._line.open:
            parts.append(self._about_accounts())
        words = "\n\n".join(parts)
        title = self.tr("What to do")
        self._tasks.spawn(tell(self._window, title, words, self.tr("Close")), name="help")

    def _about_memory(self) -> str:
        return "\n".join(
            (
                self.tr(
                    "The server's memory is full. Messages go out, but PCs cannot say what they"
                    " have received, shown and confirmed, nor that they are there. They say it"
                    " when there is room again; nothing is lost."
                ),
                self.tr("IT finds what fills it, and removes it: {command}").format(
                    command="siaran-console repair"
                ),
            )
        )

    def _about_signing(self) -> str:
        return "\n".join(
            (
                self.tr(
                    "Messages are not signed. Whoever reaches the server can send one that looks"
                    " like yours."
                ),
                self.tr("1. Make a key on a PC of head office: {command}").format(
                    command="siaran-console keygen --key-id hq --out hq.key"
                ),
                self.tr("2. Choose that file under Settings, Signing key."),
                self.tr(
                    "3. IT puts the public key, which the command prints, into the policy"
                    " trusted_keys of the outlets. From then on PCs show only what your key has"
                    " signed."
                ),
            )
        )

    def _about_accounts(self) -> str:
        return "\n".join(
            (
                self.tr(
                    "The server lets everybody in. Whoever is in its network can read, send and"
                    " delete messages."
                ),
                self.tr("1. IT gives the server accounts; accounts.py makes them, with passwords."),
                self.tr(
                    "2. Enter the console's user name and password under Settings. Outlets get"
                    " theirs by policy."
                ),
            )
        )
