"""Draws the project's own SVGs, without QtSvg: two libraries less in every folder, and at start.

Understands just what those files say: paths, circles, and rectangles with round corners, filled or
stroked in one colour. Whatever else a new drawing brings is a ``ValueError``, and so a failed test,
not a picture that lacks something. The files stay what every drawing program opens.
"""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, QXmlStreamReader
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

_CAPS = {
    "butt": Qt.PenCapStyle.FlatCap,
    "round": Qt.PenCapStyle.RoundCap,
}
_JOINS = {
    "miter": Qt.PenJoinStyle.SvgMiterJoin,
    "round": Qt.PenJoinStyle.RoundJoin,
}
_STYLE = {
    "fill": "black",
    "stroke": "none",
    "stroke-width": "1",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    "stroke-dasharray": "",
}
"""What a drawing that does not say it means, as SVG has it."""
_SHAPES = {
    "path": {"d"},
    "circle": {"cx", "cy", "r"},
    "rect": {"x", "y", "width", "height", "rx"},
}
_TOKEN = re.compile(r"([A-Za-z])|([+-]?(?:\d+\.?\d*|\.\d+))|[\s,]+|(.)")


@dataclass(frozen=True, slots=True)
class _Shape:
    outline: QPainterPath
    style: Mapping[str, str]

    def paint(self, painter: QPainter, current: QColor) -> None:
        if self.style["fill"] != "none":
            painter.fillPath(self.outline, self._colour("fill", current))
        if self.style["stroke"] != "none":
            painter.strokePath(self.outline, self._pen(current))

    def _colour(self, what: str, current: QColor) -> QColor:
        name = self.style[what]
        return current if name == "currentColor" else QColor(name)

    def _pen(self, current: QColor) -> QPen:
        width = float(self.style["stroke-width"])
        pen = QPen(self._colour("stroke", current), width)
        pen.setCapStyle(_CAPS[self.style["stroke-linecap"]])
        pen.setJoinStyle(_JOINS[self.style["stroke-linejoin"]])
        pen.setMiterLimit(4)
        if dashes := self.style["stroke-dasharray"]:
            pen.setDashPattern([float(length) / width for length in dashes.split()])
        return pen


class Drawing:
    """One SVG of ours.

    Raises:
        ValueError: it is none, or says more than is understood here.
    """

    def __init__(self, text: str) -> None:
        reader = QXmlStreamReader(text)
        if not reader.readNextStartElement() or reader.name() != "svg":
            raise ValueError("no SVG")
        said = _attributes(reader)
        said.pop("xmlns", None)
        self.box = QRectF(*map(float, said.pop("viewBox").split()))
        self._shapes = list(_shapes(reader, _style(said, _STYLE)))
        if reader.hasError():
            raise ValueError(reader.errorString())

    def paint(self, painter: QPainter, place: QRectF, current: QColor) -> None:
        """Fill *place* with it; ``currentColor`` is *current*."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(place.topLeft())
        painter.scale(place.width() / self.box.width(), place.height() / self.box.height())
        painter.translate(-self.box.topLeft())
        for shape in self._shapes:
            shape.paint(painter, current)
        painter.restore()


def _attributes(reader: QXmlStreamReader) -> dict[str, str]:
    said = reader.attributes()
    return {said.at(i).qualifiedName(): said.at(i).value() for i in range(said.size())}


def _style(said: Mapping[str, str], inherited: Mapping[str, str]) -> Mapping[str, str]:
    unknown = said.keys() - inherited.keys()
    if unknown:
        raise ValueError(f"not understood: {', '.join(sorted(unknown))}")
    return {**inherited, **said}


def _shapes(reader: QXmlStreamReader, inherited: Mapping[str, str]) -> Iterator[_Shape]:
    while reader.readNextStartElement():
        kind, said = reader.name(), _attributes(reader)
        if kind not in _SHAPES:
            raise ValueError(f"not understood: {kind}")
        form = {name: said.pop(name) for name in _SHAPES[kind] & said.keys()}
        yield _Shape(_outline(kind, form), _style(said, inherited))
        reader.skipCurrentElement()


def _outline(kind: str, form: Mapping[str, str]) -> QPainterPath:
    if kind == "path":
        return _Pen(form["d"]).outline
    outline = QPainterPath()
    number = {name: float(value) for name, value in form.items()}
    if kind == "circle":
        outline.addEllipse(QPointF(number["cx"], number["cy"]), number["r"], number["r"])
    else:
        place = (number.get(name, 0) for name in ("x", "y", "width", "height"))
        corner = number.get("rx", 0)
        outline.addRoundedRect(QRectF(*place), corner, corner)
    return outline


class _Pen:
    """Follows the commands of a path, one after the other."""

    def __init__(self, commands: str) -> None:
        self.outline = QPainterPath()
        self._at = QPointF()
        self._from = QPointF()
        """Where the present command's coordinates count from: *at*, or nowhere."""
        self._bend = QPointF()
        """The last curve's second control point, which a smooth one mirrors."""
        for name, numbers in _commands(commands):
            draw, size = self._DRAW[name.upper()]
            for part in _parts(numbers, size):
                self._from = self._at if name.islower() else QPointF()
                bend_stays = name.upper() in "CS"
                draw(self, *part)
                self._at = self.outline.currentPosition()
                self._bend = self._bend if bend_stays else self._at
                draw = _Pen._line if draw is _Pen._move else draw  # as SVG has it

    def _move(self, x: float, y: float) -> None:
        self.outline.moveTo(self._from + QPointF(x, y))

    def _line(self, x: float, y: float) -> None:
        self.outline.lineTo(self._from + QPointF(x, y))

    def _across(self, x: float) -> None:
        self.outline.lineTo(self._from.x() + x, self._at.y())

    def _down(self, y: float) -> None:
        self.outline.lineTo(self._at.x(), self._from.y() + y)

    def _curve(self, *numbers: float) -> None:
        x1, y1, x2, y2, x, y = numbers
        first, self._bend = (self._from + QPointF(*one) for one in ((x1, y1), (x2, y2)))
        self.outline.cubicTo(first, self._bend, self._from + QPointF(x, y))

    def _smooth(self, x2: float, y2: float, x: float, y: float) -> None:
        first = self._at * 2 - self._bend
        self._bend = self._from + QPointF(x2, y2)
        self.outline.cubicTo(first, self._bend, self._from + QPointF(x, y))

    def _arc(self, *numbers: float) -> None:
        """A part of a circle; SVG's own can be of an ellipse that is turned."""
        radius, radius_down, _turn, large, clockwise, x, y = numbers
        begin = complex(self._at.x(), self._at.y())
        end = complex(self._from.x() + x, self._from.y() + y)
        half = (end - begin) / 2
        if radius != radius_down or not 0 < abs(half) <= radius:
            raise ValueError("an arc that is no part of a circle")
        side = 1j if bool(large) != bool(clockwise) else -1j
        centre = begin + half + side * half * math.sqrt((radius / abs(half)) ** 2 - 1)
        first = cmath.phase(begin - centre)
        length = (cmath.phase(end - centre) - first) % math.tau
        self._bow(centre, radius, first, length - (0 if clockwise else math.tau))

    def _bow(self, centre: complex, radius: float, angle: float, length: float) -> None:
        """Angles in radians, with the clock. QPainterPath's own arc begins with a speck of a line,
        which a round pen shows.
        """
        count = math.ceil(abs(length) / (math.pi / 2 + 0.001))
        step = length / count
        pull = 4j / 3 * math.tan(step / 4)  # how a cubic curve follows a circle best
        for i in range(count):
            begin, end = (cmath.rect(radius, angle + step * one) for one in (i, i + 1))
            points = (begin + pull * begin, end - pull * end, end)
            self.outline.cubicTo(*(QPointF(p.real, p.imag) for p in (centre + q for q in points)))

    def _close(self) -> None:
        self.outline.closeSubpath()

    _DRAW: Mapping[str, tuple[Callable[..., None], int]] = {
        "M": (_move, 2),
        "L": (_line, 2),
        "H": (_across, 1),
        "V": (_down, 1),
        "C": (_curve, 6),
        "S": (_smooth, 4),
        "A": (_arc, 7),
        "Z": (_close, 0),
    }
    """What draws each command, and how many numbers it takes."""


def _commands(text: str) -> Iterator[tuple[str, list[float]]]:
    name, numbers = "", list[float]()
    for letter, number, wrong in _TOKEN.findall(text):
        if wrong or (letter and letter.upper() not in _Pen._DRAW):
            raise ValueError(f"not understood in a path: {wrong or letter}")
        if letter:
            if name:
                yield name, numbers
            name, numbers = letter, []
        elif number:
            numbers.append(float(number))
    if name:
        yield name, numbers


def _parts(numbers: list[float], size: int) -> list[list[float]]:
    """The numbers of each time that a command is given; the same letter may serve for several."""
    if len(numbers) % size if size else numbers:
        raise ValueError("a path with a number too few or too many")
    return [numbers[at : at + size] for at in range(0, len(numbers), size)] if size else [[]]
