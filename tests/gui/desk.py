"""The console's window with everything behind it, over a fake Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from admin_app.audience_controller import AudienceController
from admin_app.channels_controller import ChannelsController
from admin_app.controller import Controller
from admin_app.draft import DraftFile
from admin_app.models import SentModel
from admin_app.outlets_controller import OutletsController
from admin_app.report_controller import ReportController
from admin_app.scheduled_controller import ScheduledController
from admin_app.sending import Sender
from admin_app.sent_controller import SentController
from admin_app.session import ConsoleSession
from admin_app.views.main_window import MainWindow
from shared.bus import EndpointReport, LinkState
from shared.settings import Settings
from tests.conftest import until
from tests.fakes import FakeConsoleBus, FakeServer, clock_of

AnyController = (
    Controller
    | AudienceController
    | OutletsController
    | SentController
    | ReportController
    | ChannelsController
    | ScheduledController
)


@dataclass
class Desk:
    """One open window."""

    server: FakeServer
    window: MainWindow
    session: ConsoleSession
    sent: SentModel
    bus: FakeConsoleBus
    controllers: list[AnyController] = field(default_factory=list)

    @property
    def outlets(self) -> OutletsController:
        """The controller of the page of outlets."""
        return next(one for one in self.controllers if isinstance(one, OutletsController))

    @property
    def report(self) -> ReportController:
        """The controller of the report."""
        return next(one for one in self.controllers if isinstance(one, ReportController))


@asynccontextmanager
async def open_desk(folder: Path, server: FakeServer) -> AsyncIterator[Desk]:
    """Open the window and connect."""
    bus = FakeConsoleBus(server)
    sender = Sender(Settings(), clock=clock_of(server))
    session, sent = ConsoleSession(bus, sender), SentModel()
    window = MainWindow(sent)
    desk = Desk(server, window, session, sent, bus)
    desk.controllers.append(Controller(window, session, DraftFile(folder)))
    desk.controllers.append(AudienceController(window, session))
    desk.controllers.append(OutletsController(window, session))
    desk.controllers.append(SentController(window, session, sent))
    desk.controllers.append(ReportController(window, session, sent))
    window.show()
    task = asyncio.create_task(session.run())
    try:
        await until(lambda: session.status.state is not LinkState.CONNECTING)
        yield desk
    finally:
        for controller in desk.controllers:
            await controller.aclose()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        window.hide()
        window.deleteLater()


def report(name: str, server: FakeServer, **changes: object) -> EndpointReport:
    """What the tray of *name* (outlet/pc) said just now."""
    outlet, _, pc = name.partition("/")
    fields: dict[str, object] = {
        "outlet": outlet,
        "pc": pc,
        "channels": ["Channel 1"],
        "version": "1.2.3",
        "system": "test",
        "instance": name,
        "machine": name,
        "started_at": server.now_ms,
        "seen_at": server.now_ms,
    }
    return EndpointReport(**{**fields, **changes})  # type: ignore[arg-type]
