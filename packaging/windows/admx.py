"""Writes the Group Policy template from the settings table, so that the two cannot differ.

``python packaging/windows/admx.py`` rewrites ``policies/Siaran.admx`` and the texts beside it in
English and Indonesian; a test compares them.

A setting that both programs know is there three times: for both, for the console only, for the tray
only, which is how ``shared.registry`` reads the keys. A list is a subkey with values 1, 2, 3
(``valuePrefix=""``; without it the editor would name each value after its data), a table is a
subkey whose names IT types.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, get_origin

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from admx_texts import ENGLISH, INDONESIAN, SETTINGS, WORDS, YES_NO_HELP, Language, Text  # noqa: E402

from shared.registry import REGISTRY_POLICIES  # noqa: E402
from shared.settings import (  # noqa: E402
    BOTH,
    RULES,
    TABLE,
    AtMost,
    Between,
    Group,
    Program,
    SettingInfo,
    Settings,
)

POLICIES = HERE / "policies"
SCHEMA = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
NAMESPACE = "Siaran.Policies"
SUPPORTED = "SUPPORTED_SIARAN"
EDITOR_CHARACTERS = 1023
"""What the policy editor's text box takes unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One row of the policy editor: a setting, for both programs or (*program*) for one."""

    info: SettingInfo
    program: Program | None

    @property
    def name(self) -> str:
        """Unique in the template."""
        return f"{_prefix(self.program)}{self.info.name}"

    @property
    def key(self) -> str:
        """Below HKEY_LOCAL_MACHINE."""
        below = rf"\{self.program.capitalize()}" if self.program else ""
        return f"{REGISTRY_POLICIES}{below}"

    @property
    def category(self) -> str:
        """The folder it is in."""
        return f"{_prefix(self.program)}{self.info.group}"


def policies() -> list[Policy]:
    """Every row: settings of both programs three times, the others once."""
    return [
        Policy(info, program)
        for info in TABLE.values()
        for program in ((None, *BOTH) if info.programs == BOTH else info.programs)
    ]


def files() -> dict[Path, bytes]:
    """Every file of the template with its content."""
    return {
        POLICIES / "Siaran.admx": _xml(template()),
        **{
            POLICIES / language.code / "Siaran.adml": _xml(texts(language))
            for language in (ENGLISH, INDONESIAN)
        },
    }


# --- the template --------------------------------------------------------------------------------


def template() -> ET.Element:
    """The language-neutral part: folders, and where each policy is written."""
    root = _root("policyDefinitions")
    namespaces = ET.SubElement(root, "policyNamespaces")
    ET.SubElement(namespaces, "target", prefix="siaran", namespace=NAMESPACE)
    ET.SubElement(root, "resources", minRequiredRevision="1.0", fallbackCulture="en-US")
    definitions = ET.SubElement(ET.SubElement(root, "supportedOn"), "definitions")
    ET.SubElement(definitions, "definition", name=SUPPORTED, displayName=_string(SUPPORTED))
    _add_categories(ET.SubElement(root, "categories"))
    rows = ET.SubElement(root, "policies")
    for policy in policies():
        _add_policy(rows, policy)
    return root


def _add_categories(parent: ET.Element) -> None:
    used = {policy.category for policy in policies()}
    ET.SubElement(parent, "category", name="siaran", displayName=_string("siaran"))
    for program in BOTH:
        _add_category(parent, program, program, "siaran")
    for above in (None, *BOTH):
        for group in Group:
            name = f"{_prefix(above)}{group}"
            if name in used:
                _add_category(parent, name, f"group_{group}", above or "siaran")


def _add_category(parent: ET.Element, name: str, text: str, above: str) -> None:
    category = ET.SubElement(parent, "category", name=name, displayName=_string(text))
    ET.SubElement(category, "parentCategory", ref=above)


def _add_policy(parent: ET.Element, policy: Policy) -> None:
    info = policy.info
    row = ET.SubElement(
        parent,
        "policy",
        {
            "name": policy.name,
            "class": "Machine",
            "displayName": _string(info.name),
            "explainText": _string(f"{info.name}_help"),
            "key": policy.key,
        },
    )
    if not _is_yes_no(info):
        row.set("presentation", f"$(presentation.{policy.name})")
    ET.SubElement(row, "parentCategory", ref=policy.category)
    ET.SubElement(row, "supportedOn", ref=SUPPORTED)
    if _is_yes_no(info):
        row.set("valueName", info.name)
        for state, value in (("enabledValue", "1"), ("disabledValue", "0")):
            ET.SubElement(ET.SubElement(row, state), "decimal", value=value)
    else:
        _add_element(ET.SubElement(row, "elements"), policy)


def _add_element(parent: ET.Element, policy: Policy) -> None:
    info, rule = policy.info, RULES.get(policy.info.name)
    container = get_origin(info.type)
    if container in (list, dict):
        how = {"valuePrefix": ""} if container is list else {"explicitValue": "true"}
        where = {"id": info.name, "key": rf"{policy.key}\{info.name}"}
        ET.SubElement(parent, "list", where | how)
        return
    common = {"id": info.name, "valueName": info.name, "required": "true"}
    if info.type is int:
        assert isinstance(rule, Between)  # the editor has to show a range
        ET.SubElement(parent, "decimal", common, minValue=str(rule.low), maxValue=str(rule.high))
    elif info.type is str:
        longest = rule.characters if isinstance(rule, AtMost) else EDITOR_CHARACTERS
        ET.SubElement(parent, "text", common, maxLength=str(longest))
    else:
        _add_choices(ET.SubElement(parent, "enum", common), info)


def _add_choices(parent: ET.Element, info: SettingInfo) -> None:
    for word in info.type:
        item = ET.SubElement(parent, "item", displayName=_string(f"{info.name}_{word}"))
        ET.SubElement(ET.SubElement(item, "value"), "string").text = word


# --- the texts -----------------------------------------------------------------------------------


def texts(language: Language) -> ET.Element:
    """Every text and every input form in one language."""
    root = _root("policyDefinitionResources")
    ET.SubElement(root, "displayName").text = language.title
    ET.SubElement(root, "description").text = language.about
    resources = ET.SubElement(root, "resources")
    strings = ET.SubElement(resources, "stringTable")
    for name, text in _strings(language):
        ET.SubElement(strings, "string", id=name).text = text
    forms = ET.SubElement(resources, "presentationTable")
    for policy in policies():
        if not _is_yes_no(policy.info):
            _add_form(ET.SubElement(forms, "presentation", id=policy.name), policy.info, language)
    return root


def _strings(language: Language) -> Iterator[tuple[str, str]]:
    yield SUPPORTED, language.supported
    yield "siaran", language.title
    yield Program.CONSOLE, language.console
    yield Program.TRAY, language.tray
    for group in Group:
        yield f"group_{group}", language.groups[group]
    for info in TABLE.values():
        yield info.name, _own(info, language).label
        yield f"{info.name}_help", _help(info, language)
        for word in _choices(info):
            yield f"{info.name}_{word}", WORDS[word] if language is INDONESIAN else word


def _help(info: SettingInfo, language: Language) -> str:
    default = _shown(getattr(Settings(), info.name))
    is_text = get_origin(info.type) is None and not _is_yes_no(info)
    parts = [
        _own(info, language).help,
        language.lines if get_origin(info.type) is list else "",
        language.keys if get_origin(info.type) is dict else "",
        language.default.format(default) if default else language.no_default if is_text else "",
        YES_NO_HELP[language.code] if _is_yes_no(info) else language.locked,
        language.admin if info.admin else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _add_form(parent: ET.Element, info: SettingInfo, language: Language) -> None:
    label = _own(info, language).label + ":"
    default = getattr(Settings(), info.name)
    if get_origin(info.type) is not None:
        ET.SubElement(parent, "listBox", refId=info.name).text = label
    elif info.type is int:
        box = ET.SubElement(parent, "decimalTextBox", refId=info.name, defaultValue=str(default))
        box.text = label
    elif info.type is str:
        box = ET.SubElement(parent, "textBox", refId=info.name)
        ET.SubElement(box, "label").text = label
        if default:
            ET.SubElement(box, "defaultValue").text = default
    else:
        item = str(list(info.type).index(default))
        box = ET.SubElement(
            parent, "dropdownList", refId=info.name, defaultItem=item, noSort="true"
        )
        box.text = label


def _own(info: SettingInfo, language: Language) -> Text:
    return SETTINGS[info.name] if language is INDONESIAN else Text(info.label, info.help)


def _shown(value: Any) -> str:
    if value in (None, {}):
        return ""
    return "; ".join(value) if isinstance(value, list) else str(value)


# --- both ----------------------------------------------------------------------------------------


def _is_yes_no(info: SettingInfo) -> bool:
    return info.type in (bool, bool | None)


def _choices(info: SettingInfo) -> list[str]:
    kind = info.type
    return list(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else []


def _prefix(program: Program | None) -> str:
    return f"{program}_" if program else ""


def _string(name: str) -> str:
    return f"$(string.{name})"


def _root(tag: str) -> ET.Element:
    return ET.Element(tag, {"xmlns": SCHEMA, "revision": "1.0", "schemaVersion": "1.0"})


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


if __name__ == "__main__":
    for path, content in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
