"""The Group Policy template: complete, well-formed, up to date, and read back as it was written."""

from __future__ import annotations

import json
import runpy
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, get_origin

import msgspec
import pytest

from shared.settings import BOTH, TABLE, Program, Settings
from shared.sources import Sources
from tests.unit import registry_pol
from tests.unit.policy_editor import NS, Editor, Orders
from tests.unit.test_every_setting import EXAMPLES
from tests.unit.test_sources import FakeWinreg

WINDOWS = Path(__file__).resolve().parents[2] / "packaging" / "windows"
POLICIES = WINDOWS / "policies"
LANGUAGES = ("en-US", "id-ID")
ADMX = POLICIES / "Siaran.admx"
admx = runpy.run_path(str(WINDOWS / "admx.py"))

# Element to its attributes (required, then optional), as Microsoft's ADMX syntax has them.
GRAMMAR = {
    "policyDefinitions": ("revision schemaVersion", ""),
    "policyNamespaces": ("", ""),
    "target": ("prefix namespace", ""),
    "resources": ("minRequiredRevision", "fallbackCulture"),
    "supportedOn": ("", "ref"),
    "definitions": ("", ""),
    "definition": ("name displayName", ""),
    "categories": ("", ""),
    "category": ("name displayName", "explainText"),
    "parentCategory": ("ref", ""),
    "policies": ("", ""),
    "policy": ("name class displayName key", "explainText presentation valueName"),
    "enabledValue": ("", ""),
    "disabledValue": ("", ""),
    "elements": ("", ""),
    "text": ("id valueName", "required maxLength expandable"),
    "decimal": ("", "id valueName required minValue maxValue value"),
    "enum": ("id valueName", "required"),
    "list": ("id", "key valuePrefix explicitValue additive"),
    "item": ("displayName", ""),
    "value": ("", ""),
    "string": ("", ""),
}
ORDER = {
    "policyDefinitions": ["policyNamespaces", "resources", "supportedOn", "categories", "policies"],
    "policy": ["parentCategory", "supportedOn", "enabledValue", "disabledValue", "elements"],
}
"""Children in the order that the schema demands; any of them may be missing."""
FORMS = {
    "text": "textBox",
    "decimal": "decimalTextBox",
    "enum": "dropdownList",
    "list": "listBox",
}
policy_rows = [pytest.param(policy, id=policy.name) for policy in admx["policies"]()]


@pytest.fixture(scope="module")
def editor() -> Editor:
    """The committed template."""
    return Editor(ADMX)


def test_the_committed_files_are_what_the_table_makes() -> None:
    assert {path: path.read_bytes() for path in admx["files"]()} == admx["files"]()
    committed = {path for path in POLICIES.rglob("*") if path.is_file()}
    assert committed == set(admx["files"]())


def test_elements_attributes_and_their_order_are_those_of_the_schema(editor: Editor) -> None:
    for element in editor.root.iter():
        tag = element.tag.removeprefix(NS)
        required, optional = (set(names.split()) for names in GRAMMAR[tag])
        assert required <= set(element.attrib) <= required | optional, tag
        if tag in ORDER:
            children = [child.tag.removeprefix(NS) for child in element]
            assert children == sorted(children, key=ORDER[tag].index)


def test_names_are_unique_and_every_reference_leads_somewhere(editor: Editor) -> None:
    for tag in ("policy", "category", "definition"):
        names = [one.attrib["name"] for one in editor.root.iter(f"{NS}{tag}")]
        assert len(names) == len(set(names))
        assert all(name.replace("_", "").isalnum() for name in names)
    targets = {one.attrib["name"] for one in editor.root.iter(f"{NS}category")}
    targets |= {one.attrib["name"] for one in editor.root.iter(f"{NS}definition")}
    assert {one.attrib["ref"] for one in editor.root.iter() if "ref" in one.attrib} <= targets
    assert all(row.find(f"{NS}supportedOn") is not None for row in editor.policies.values())


def test_policies_are_for_the_machine_and_only_below_policies(editor: Editor) -> None:
    for row in editor.policies.values():
        assert row.attrib["class"] == "Machine"
    keys = {one.attrib["key"] for one in editor.root.iter() if "key" in one.attrib}
    assert all(key.startswith(r"Software\Policies\Siaran") for key in keys)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_text_and_every_form(code: str, editor: Editor) -> None:
    root = ET.parse(POLICIES / code / "Siaran.adml").getroot()
    strings = [one.attrib["id"] for one in root.iter(f"{NS}string")]
    forms = {one.attrib["id"]: one for one in root.iter(f"{NS}presentation")}
    wanted = set(editor.references())
    assert len(strings) == len(set(strings))
    assert set(strings) == {name for kind, name in wanted if kind == "string"}
    assert set(forms) == {name for kind, name in wanted if kind == "presentation"}
    assert all((one.text or "").strip() for one in root.iter(f"{NS}string"))
    for name, form in forms.items():
        element = editor.element(name)
        assert element is not None
        assert [(one.tag.removeprefix(NS), one.attrib["refId"]) for one in form] == [
            (FORMS[element.tag.removeprefix(NS)], element.attrib["id"])
        ]


def test_every_setting_has_indonesian_of_its_own() -> None:
    texts = runpy.run_path(str(WINDOWS / "admx_texts.py"))
    missing = set(TABLE) - set(texts["SETTINGS"])
    assert not missing, f"Add {missing} to SETTINGS in packaging/windows/admx_texts.py."
    assert set(texts["SETTINGS"]) == set(TABLE)
    for name, text in texts["SETTINGS"].items():
        assert text.help != TABLE[name].help


def test_a_setting_of_both_programs_is_there_for_both_and_for_each(editor: Editor) -> None:
    for info in TABLE.values():
        names = {
            name
            for name in editor.policies
            if name.removeprefix("console_").removeprefix("tray_") == info.name
        }
        whole = {info.name} if info.programs == BOTH else set()
        assert names == whole | {f"{program}_{info.name}" for program in info.programs}


def loaded_by(program: Program, *orders: Orders) -> Any:
    """What *program* reads after *orders* went through a Registry.pol into the registry."""
    entries = (registry_pol.Entry(*one) for order in orders for one in order)
    registry: dict[str, dict[str, str | int]] = {}
    registry_pol.apply(registry_pol.read(registry_pol.write(entries)), registry)
    return Sources(program, winreg=FakeWinreg(registry), host="JKT-014-till2").load()


@pytest.mark.parametrize("policy", policy_rows)
def test_what_it_enables_is_what_the_program_reads(policy: Any, editor: Editor) -> None:
    info = policy.info
    value = EXAMPLES[info.name][0]
    typed = (
        {key: json.dumps(one) for key, one in value.items()} if isinstance(value, dict) else value
    )
    for program in BOTH:
        loaded = loaded_by(program, editor.enable(policy.name, typed))
        meant = policy.program in (None, program)
        assert loaded.problems == []
        assert loaded.locked(info.name) is meant
        read = msgspec.to_builtins(getattr(loaded.settings, info.name))
        default = msgspec.to_builtins(getattr(Settings(), info.name))
        assert (read == as_read(info.name, value)) is meant
        assert meant or read == default


def as_read(name: str, value: Any) -> Any:
    """The example as the program holds it, with every field."""
    return msgspec.to_builtins(msgspec.convert(value, TABLE[name].type))


@pytest.mark.parametrize("policy", policy_rows)
def test_a_disabled_policy_says_nothing_and_yes_no_says_no(policy: Any, editor: Editor) -> None:
    program = policy.program or Program.TRAY
    if editor.element(policy.name) is None:
        loaded = loaded_by(program, editor.enable(policy.name, False))
        assert getattr(loaded.settings, policy.info.name) is False
        return
    value = EXAMPLES[policy.info.name][0]
    typed = {"hq": "QUJD"} if get_origin(policy.info.type) is dict else value
    loaded = loaded_by(program, editor.enable(policy.name, typed), editor.disable(policy.name))
    assert loaded.settings == Settings()
    assert not loaded.locked(policy.info.name)


def test_the_editor_takes_no_number_that_the_program_would_refuse(editor: Editor) -> None:
    element = editor.element("heartbeat_seconds")
    assert element is not None
    for bound in ("minValue", "maxValue"):
        value = int(element.attrib[bound])
        assert loaded_by(Program.TRAY, editor.enable("heartbeat_seconds", value)).problems == []
    with pytest.raises(AssertionError):
        editor.enable("heartbeat_seconds", 3601)


def test_a_default_in_a_form_is_the_tables(editor: Editor) -> None:
    root = ET.parse(POLICIES / "en-US" / "Siaran.adml").getroot()
    boxes = {one.attrib["refId"]: one for one in root.iter() if "refId" in one.attrib}
    assert boxes["heartbeat_seconds"].attrib["defaultValue"] == "60"
    assert boxes["namespace"].findtext(f"{NS}defaultValue") == "siaran"
    assert boxes["theme"].attrib["defaultItem"] == "0"


@pytest.mark.parametrize(
    "content", [b"", b"PReg\2\0\0\0", b"PReg\1\0\0\0[\0k\0", b"PReg\1\0\0\0x\0"]
)
def test_a_damaged_registry_pol_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"Registry\.pol|does not end|expected"):
        list(registry_pol.read(content))
