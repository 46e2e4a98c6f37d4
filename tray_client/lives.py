"""The tray from its start to its end: one life after another, whatever happens to it.

A life ends when somebody quits, when other settings are in force, or when the inbox turns out to be
damaged; then the tray is put together anew. A folder that cannot be used is no reason to vanish:
the icon says so, and it is tried again until it can.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from shared import __version__
from shared.bus import LinkState, LinkStatus
from shared.errors import AlreadyRunning, StorageError
from shared.event_log import Event, event
from shared.instance import Instance, claim
from shared.logs import set_up
from shared.qt.icons import app_icon
from shared.qt.language import speak
from shared.qt.runner import QuitRequest, make_application, run
from shared.qt.theme import apply
from shared.settings import Loaded
from shared.settings_watch import Reload, SettingsWatch
from shared.tasks import first_of
from tray_client.app import TrayApp
from tray_client.tray import Tray

log = logging.getLogger(__name__)

TRY_FOLDER_AGAIN_S = 30.0

Started = Callable[[TrayApp, QuitRequest], None]


def run_tray(
    loaded: Loaded,
    folder: Path,
    instance: Instance | None,
    environ: Mapping[str, str],
    *,
    reload: Reload | None = None,
    started: Started | None = None,
) -> int:
    """Run the tray until it is asked to end.

    *instance* is None if *folder* could not be used yet. *reload* reads the settings anew; when
    they have changed, the tray takes them over. *started* is called each time that everything runs.
    """
    set_up((folder if instance is None else instance.folder) / "logs", "tray")
    app = make_application("Siaran", "siaran-tray", loaded.settings.theme)
    app.setWindowIcon(app_icon())
    log.info("siaran-tray %s starts", __version__, extra=event(Event.STARTED))

    async def main(quit_request: QuitRequest) -> int:
        held = instance
        watch = SettingsWatch(reload or (lambda: loaded))
        now: Loaded | None = loaded
        while now is not None:
            apply(app, now.settings.theme)
            speak(app, now.settings.language)
            try:
                held = held or claim(folder)
                tray = TrayApp(now, held.folder, environ)
            except StorageError as error:
                now = await trouble(error, quit_request, now)
            except AlreadyRunning:
                break  # while our folder was unusable, somebody else was quicker
            else:
                now = await one_life(tray, quit_request, held, now, watch, started)
        if held is not None:
            held.release()
        log.info("siaran-tray ends", extra=event(Event.ENDED))
        return 0

    return run(app, main)


async def one_life(
    tray: TrayApp,
    quit_request: QuitRequest,
    instance: Instance,
    now: Loaded,
    watch: SettingsWatch,
    started: Started | None = None,
) -> Loaded | None:
    """Run *tray* until it has to end (None), or to begin anew with the settings returned."""
    tray.tray.quit_wanted.connect(quit_request.ask)
    instance.listen(lambda command: tray.obey(command, quit_request), tray.hear)
    tray.session.answered_here.connect(partial(tray.tell, instance))
    tray.session.hears_others(instance.hears_others, instance.is_alone)
    tray.start()
    if started is not None:
        started(tray, quit_request)
    try:
        end = first_of(quit_request.wait(), tray.broken.wait())
        fresh = await watch.changed_before(end, now)
        return now if tray.broken.is_set() else fresh
    finally:
        await tray.aclose()


async def trouble(error: StorageError, quit_request: QuitRequest, now: Loaded) -> Loaded | None:
    """Say by icon and menu that the data folder refuses, until it is time to try it again."""
    log.error("%s", error)
    icon = Tray("", [], [], support=now.settings.support)
    icon.set_status(LinkStatus(LinkState.REFUSED, "", error))
    icon.quit_wanted.connect(quit_request.ask)
    again = asyncio.Event()
    icon.reconnect_wanted.connect(again.set)
    try:
        ended = await first_of(quit_request.wait(), again.wait(), asyncio.sleep(TRY_FOLDER_AGAIN_S))
        return None if ended == 0 else now
    finally:
        icon.hide()
