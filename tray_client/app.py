"""The tray put together: the only module that sees all of its parts. ``lives`` runs it."""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from shared import __version__
from shared.bus import NoBus, TrayBus, Trouble
from shared.clock import RedisClock
from shared.errors import BadInput, Problem
from shared.event_log import Event, event
from shared.identity import endpoint_of, instance_id, machine_id, os_user
from shared.instance import Command, Instance
from shared.instance.answered import LocalAnswer, Told
from shared.keys import Keys
from shared.model import HOUR_MS
from shared.phrases import phrase
from shared.qt.popup import GUARD_MS, PopupRules
from shared.qt.runner import QuitRequest
from shared.redis_bus import RedisTrayBus, address_from
from shared.settings import Loaded, Settings, Source, Strictest
from shared.signing import Verifier, verifier_of
from shared.system_events import SessionState, Window, user_at_screen, watch_system
from shared.tasks import TaskBag
from tray_client import status_file
from tray_client.archive import Archive, Choice, Filter
from tray_client.hotkey import HotkeyWatch
from tray_client.inbox import Inbox
from tray_client.judge import Judge
from tray_client.neighbours import Neighbours
from tray_client.popup_queue import Digest
from tray_client.presenter import Presenter
from tray_client.records import InboxMessage
from tray_client.registrar import TrayIdentity, Troubles
from tray_client.rules import Rules
from tray_client.session import TraySession, kept_clock
from tray_client.sound import Sounder
from tray_client.tray import Tray

if TYPE_CHECKING:
    from tray_client.inbox_window import InboxWindow

log = logging.getLogger(__name__)


BEGIN_ANEW_S = 5.0
REFRESH_MS = 100

REBUILT = phrase(
    "The inbox of this PC was damaged and has been rebuilt; "
    "what was answered since may be shown again."
)

TROUBLES = {
    "trusted_keys": Trouble.TRUSTED_KEYS,
    "require_signatures": Trouble.REQUIRE_SIGNATURES,
}
"""What head office is told of settings that are wrong, by their names."""


class TrayApp:
    """All objects of one running tray."""

    def __init__(
        self,
        loaded: Loaded,
        folder: Path,
        environ: Mapping[str, str],
        *,
        guard_ms: int = GUARD_MS,
    ) -> None:
        settings = loaded.settings
        self.problems = list(loaded.problems)
        self.inbox = Inbox(folder)
        self.clock = RedisClock(memory=kept_clock(self.inbox))
        identity = _identity(settings, self.inbox, self.problems)
        self._folder = folder
        self._endpoint = f"{identity.outlet}/{identity.pc}"
        self.session = TraySession(
            self._bus(loaded, environ),
            self.inbox,
            Judge(self._verifier(settings), settings.retention_hours * HOUR_MS),
            self.clock,
            identity,
            settings.channels,
            rules=_rules(settings),
            heartbeat_s=settings.heartbeat_seconds,
        )
        _note_troubles(loaded, self.problems, self.session.troubles)
        self.presenter = Presenter(self.session, _popup_rules(settings, guard_ms))
        self.sounder = Sounder(settings.sound)
        self.hotkey = HotkeyWatch(settings.popup_hotkey)
        if self.inbox.rebuilt:
            self.problems.append(Problem("", REBUILT))
        self.tray = Tray(
            self._endpoint,
            settings.channels,
            [problem.sentence for problem in self.problems],
            has_address=loaded.origins["redis_url"] is not Source.DEFAULT,
            support=settings.support,
            snoozes=self.session.rules.snoozes_of_all(),
            quiet_times=self.session.rules.quiet_times(),
        )
        self._archive = Archive.open(folder, self.clock.agreed_ms)
        self.window: InboxWindow | None = None
        self._refresh = QTimer()  # a burst of messages is one change of the list
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._refresh_window)
        self.broken = asyncio.Event()
        """Set when this tray has to be put together anew."""
        self._breaking = False
        self._tasks = TaskBag("tray")
        self._neighbours = Neighbours(user_at_screen)
        self._connect()
        for problem in self.problems:
            log.warning("%s", problem.sentence, extra=event(Event.SETTING_WRONG))

    def start(self) -> None:
        """Begin to follow the channels, in the running event loop."""
        self.session.set_attentive(False)  # until it is known whether anybody can see the screen
        self._tasks.spawn(self._run_session(), name="session")
        self._tasks.spawn(self._watch_system(), name="system events")

    async def aclose(self) -> None:
        """Stop everything, in order: link, windows, inbox."""
        await self._tasks.aclose()
        self._refresh.stop()
        self.presenter.close()
        self.sounder.stop()
        self.hotkey.stop()
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
        self._archive.close()
        self.tray.hide()
        self.inbox.close()

    def obey(self, command: Command, quit_request: QuitRequest) -> None:
        """Do what another start of the program asks for."""
        if command is Command.QUIT:
            quit_request.ask()
        else:
            self._come_forward()

    def hear(self, told: Told) -> None:
        """Take over what another tray of this PC tells of an answer."""
        if self._tasks.closed:  # the next life asks Redis
            return
        if told.other_uid is None:
            self.session.learn_here(told.answer)
        else:
            self._tasks.spawn(self._consider(told.answer, told.other_uid), name="neighbour")

    def tell(self, instance: Instance, answer: LocalAnswer) -> None:
        """Tell the other trays of this PC what was acknowledged here.

        Pressed at the very end, they learn it from Redis.
        """
        if self._tasks.closed:
            return
        self._tasks.spawn(asyncio.to_thread(instance.tell_others, answer), name="tell")

    async def _consider(self, answer: LocalAnswer, uid: int) -> None:
        user = await self._neighbours.name(uid)
        if user:
            self.session.learn_here(answer, user)
        else:  # it may be an honest session that the system does not show: do not speak against it
            self.session.hears_others(False)

    def open_inbox(self, choice: Choice | None = None) -> None:
        """Show the inbox; a popup that is open stays in front of it."""
        if self.window is None:
            from tray_client.inbox_window import InboxWindow  # most days nobody opens it

            self.window = InboxWindow(self._archive, self._endpoint)
            self.window.read.connect(self.session.displayed)
            self.window.answer_wanted.connect(self.session.answer)
        self.window.present(choice)
        self.presenter.bring_forward()

    def _open_unread(self) -> None:
        self.open_inbox(Filter.UNREAD)

    def _come_forward(self) -> None:
        """Whatever there is to see: the open popup, else the inbox."""
        if not self.presenter.bring_forward():
            self.open_inbox()

    def _refresh_window(self) -> None:
        if self.window is not None:
            self.window.refresh()

    async def _run_session(self) -> None:
        """Follow the channels; a fault of ours must not leave a tray that is there and deaf."""
        try:
            await self.session.run()
        except Exception:
            log.exception("the session ended by an error; the tray begins anew")
            await asyncio.sleep(BEGIN_ANEW_S)
            self.broken.set()

    def _begin_anew(self) -> None:
        """Rebuild the damaged inbox: at once, or after a while if it just was, or will not be."""
        if self.inbox.suspect and not self.inbox.rebuilt:
            self.broken.set()
        elif not self._breaking:
            self._breaking = True
            self._tasks.spawn(self._break_later(), name="begin anew")

    async def _break_later(self) -> None:
        await asyncio.sleep(BEGIN_ANEW_S)
        self.broken.set()

    async def _watch_system(self) -> None:
        """Count as displayed only what somebody can see; connect at once after a sleep."""
        async with watch_system(open_window=_hidden_window) as system:
            self._session_changed(system.session)
            system.session_changed.connect(self._session_changed)
            system.resumed.connect(self.session.reconnect_now)
            system.resumed.connect(self.session.wake)
            system.network_changed.connect(self.session.reconnect_now)
            await asyncio.Event().wait()

    def _session_changed(self, state: SessionState) -> None:
        self.session.set_attentive(state is SessionState.ACTIVE)

    def _connect(self) -> None:
        self.session.damaged.connect(self._begin_anew)
        self.session.trimmed_changed.connect(self.tray.set_trimmed)
        self.session.status_changed.connect(self.tray.set_status)
        self.session.status_changed.connect(lambda _status: self._write_status())
        self.session.rival_changed.connect(lambda _rival: self._write_status())
        self.session.queue_changed.connect(self._show_waiting)
        self.session.ring.connect(self._ring)
        self.session.rival_changed.connect(self.tray.set_rival)
        self.tray.reconnect_wanted.connect(self.session.reconnect_now)
        self.tray.message_wanted.connect(self._come_forward)
        self.tray.inbox_wanted.connect(self.open_inbox)
        self.hotkey.pressed.connect(self.presenter.bring_forward)
        self.tray.later_wanted.connect(self._put_all_off)
        self.tray.quiet_wanted.connect(self.session.do_not_disturb)
        self.session.quiet_changed.connect(self.tray.set_quiet)
        self.presenter.inbox_wanted.connect(self._open_unread)
        self.session.inbox_changed.connect(self._refresh.start)
        self.tray.set_status(self.session.status)

    def _ring(self, head: InboxMessage | Digest) -> None:
        self.presenter.rang()
        self.sounder.ring(head.level)

    def _put_all_off(self, minutes: int) -> None:
        self.session.snooze(None, minutes)

    def _show_waiting(self) -> None:
        self.tray.set_quiet(self.session.quiet_until)
        self.tray.set_waiting(self.session.waiting())
        self._write_status()

    def _write_status(self) -> None:
        status = self.session.status
        status_file.write(
            self._folder,
            status_file.TrayStatus(
                running=True,
                state=status.state.value,
                address=status.address,
                error=None if status.error is None else str(status.error),
                endpoint=self._endpoint,
                channels=self.session.channels,
                waiting=self.session.waiting(),
                quiet_until=self.session.quiet_until,
                rival=bool(self.session.rival),
                problems=[problem.sentence for problem in self.problems],
                version=__version__,
                since=self.clock.believed_ms(),
            ),
        )

    def _bus(self, loaded: Loaded, environ: Mapping[str, str]) -> TrayBus:
        refusal = loaded.refusal(Strictest.NO_CONNECTION)
        if refusal is not None:
            return NoBus(refusal)
        settings = loaded.settings
        try:
            return RedisTrayBus(address_from(settings, environ), Keys(settings.namespace))
        except BadInput as error:
            self.problems += error.problems
            return NoBus(error)

    def _verifier(self, settings: Settings) -> Verifier:
        verifier, problems = verifier_of(settings)
        self.problems += problems
        return verifier


def _hidden_window(heard: Callable[[int, int], None]) -> Window:
    from shared.qt.hidden_window import HiddenWindow  # only Windows has a use for it

    return HiddenWindow(heard)


def _note_troubles(loaded: Loaded, problems: Sequence[Problem], troubles: Troubles) -> None:
    """Tell head office what is wrong with the settings; *problems* are also those found later."""
    found = {problem.field for problem in problems[len(loaded.problems) :]} | loaded.unusable
    for name, trouble in TROUBLES.items():
        troubles.set(trouble, there=name in found)
    troubles.set(Trouble.SYSTEM_FILE, there=loaded.broken)
    others = [one for one in problems if one.field and one.field not in TROUBLES]
    troubles.set(Trouble.SETTINGS, there=bool(others))


def _rules(settings: Settings) -> Rules:
    return Rules(
        snooze_minutes=settings.snooze_minutes,
        do_not_disturb_minutes=settings.do_not_disturb_minutes,
        popups_per_minute=settings.popups_per_minute,
        ring_seconds=settings.ring_seconds,
        answers_from_others=settings.answers_from_others is not False,
    )


def _popup_rules(settings: Settings, guard_ms: int) -> PopupRules:
    return PopupRules(
        screens=settings.popup_screens,
        position=settings.popup_position,
        fullscreen=bool(settings.emergency_fullscreen),
        guard_ms=guard_ms,
    )


def _identity(settings: Settings, inbox: Inbox, problems: list[Problem]) -> TrayIdentity:
    machine = machine_id()
    endpoint = endpoint_of(settings, platform.node() or "pc", problems)
    return TrayIdentity(
        outlet=endpoint.outlet,
        pc=endpoint.pc,
        version=__version__,
        system=f"{platform.system()} {platform.release()}",
        instance=instance_id(inbox.fact, inbox.set_fact, machine),
        machine=machine,
        os_user=os_user(),
    )
