"""Prints what redis-py and QtSvg answer, in either program."""

import json
from importlib.metadata import version

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from redis.asyncio.connection import Connection, SSLConnection
from redis.crc import key_slot

SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8">
<g transform="translate(2 2)"><rect width="4" height="4" fill="#ff0000"/></g></svg>"""

app = QGuiApplication([])


def drawn() -> list[str]:
    """The colours of a corner and of the middle."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill("#0000ff")
    painter = QPainter(image)
    QSvgRenderer(QByteArray(SVG)).render(painter)
    painter.end()
    return [image.pixelColor(at, at).name() for at in (0, 4)]


print(
    json.dumps(
        {
            "redis": version("redis"),
            "packed": [part.decode() for part in Connection().pack_command("SET", "k", "é")],
            "tls": SSLConnection(host="localhost").check_hostname,
            "slot": key_slot(b"siaran:{JKT-014}"),
            "drawn": drawn(),
        }
    )
)
