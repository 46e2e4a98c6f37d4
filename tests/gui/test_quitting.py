"""The system's wish for an end."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from shared.qt.runner import QuitRequest


async def test_the_system_s_quit_is_a_request_and_ends_nothing(qapp: QApplication) -> None:
    request = QuitRequest(qapp)
    ended: list[bool] = []
    qapp.aboutToQuit.connect(lambda: ended.append(True))
    QCoreApplication.postEvent(qapp, QEvent(QEvent.Type.Quit))
    async with asyncio.timeout(5):
        await request.wait()
    assert not ended
