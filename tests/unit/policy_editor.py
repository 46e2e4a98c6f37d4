"""A stand-in for the Group Policy editor: reads the template as Windows does, writes Registry.pol.

It knows nothing of Siaran's settings table, only what the template says.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

NS = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
Orders = list[tuple[str, str, Any]]
"""Key, value name or order, and value: what the editor puts into a Registry.pol."""
_REFERENCE = re.compile(r"\$\((string|presentation)\.([A-Za-z0-9_]+)\)")


class Editor:
    """One template, opened."""

    def __init__(self, admx: Path) -> None:
        self.root = ET.parse(admx).getroot()
        self.policies = {row.attrib["name"]: row for row in self.root.iter(f"{NS}policy")}

    def references(self) -> Iterator[tuple[str, str]]:
        """Kind and id of every text and form that the template wants of each language."""
        for element in self.root.iter():
            for value in element.attrib.values():
                for match in _REFERENCE.finditer(value):
                    yield match[1], match[2]

    def element(self, policy: str) -> ET.Element | None:
        """The one input of a policy, None for one that is only enabled or disabled."""
        inputs = self.policies[policy].find(f"{NS}elements")
        return None if inputs is None else next(iter(inputs), None)

    def enable(self, policy: str, value: Any) -> Orders:
        """What is written when IT enables *policy* with *value*; a yes-or-no takes a bool."""
        row = self.policies[policy]
        element = self.element(policy)
        if element is None:
            state = row.find(f"{NS}{'enabledValue' if value else 'disabledValue'}/{NS}decimal")
            assert state is not None
            return [(row.attrib["key"], row.attrib["valueName"], int(state.attrib["value"]))]
        return _WRITE[element.tag.removeprefix(NS)](row.attrib["key"], element, value)

    def disable(self, policy: str) -> Orders:
        """What is written when IT disables a *policy* that has an input."""
        row = self.policies[policy]
        element = self.element(policy)
        assert element is not None
        if element.tag == f"{NS}list":
            return [(element.attrib["key"], "**delvals.", " ")]
        return [(row.attrib["key"], "**del." + element.attrib["valueName"], " ")]


def _text(key: str, element: ET.Element, value: str) -> Orders:
    assert 0 < len(value) <= int(element.attrib["maxLength"])
    return [(key, element.attrib["valueName"], value)]


def _decimal(key: str, element: ET.Element, value: int) -> Orders:
    assert int(element.attrib["minValue"]) <= value <= int(element.attrib["maxValue"])
    return [(key, element.attrib["valueName"], value)]


def _enum(key: str, element: ET.Element, value: str) -> Orders:
    texts = [one.text for one in element.iterfind(f"{NS}item/{NS}value/{NS}string")]
    return [(key, element.attrib["valueName"], texts[texts.index(value)])]


def _list(_key: str, element: ET.Element, value: Any) -> Orders:
    """Without ``valuePrefix`` a value is called what it holds; an empty one makes 1, 2, 3."""
    if element.get("explicitValue") == "true":
        rows = list(value.items())
    else:
        prefix = element.get("valuePrefix")
        names = [text if prefix is None else f"{prefix}{n}" for n, text in enumerate(value, 1)]
        rows = list(zip(names, value, strict=True))
    key = element.attrib["key"]
    return [(key, "**delvals.", " "), *((key, name, text) for name, text in rows)]


_WRITE: dict[str, Callable[[str, ET.Element, Any], Orders]] = {
    "text": _text,
    "decimal": _decimal,
    "enum": _enum,
    "list": _list,
}
