"""The tables of the installers; the rest is proved when they are built."""

from __future__ import annotations

import struct
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

WINDOWS = Path(__file__).resolve().parents[2] / "packaging" / "windows"
sys.path.insert(0, str(WINDOWS))

from ice_names import FOLDERS, PROPERTIES  # noqa: E402
from msi import ICON_FILE, TASK_XML, numeric  # noqa: E402
from msi_tables import SCHEMA, Row, idt  # noqa: E402
from products import (  # noqa: E402
    CONSOLE,
    PRODUCTS,
    TRAY,
    Product,
    file_version,
    property_of,
    sequence,
)

from tests.installer_tables import rows_of  # noqa: E402


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[Row]]]:
    folder = tmp_path_factory.mktemp("frozen")
    return {product.title: rows_of(product, folder) for product in PRODUCTS}


def test_ids_are_each_products_own_but_for_what_they_share(
    made: dict[str, dict[str, list[Row]]],
) -> None:
    ids = {title: {row[1] for row in rows["Component"]} for title, rows in made.items()}
    shared = ids[TRAY.title] & ids[CONSOLE.title]
    named = [row[0] for row in made[TRAY.title]["Component"] if row[1] in shared]
    assert named == ["EventLog"]
    assert TRAY.upgrade_code != CONSOLE.upgrade_code


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.program)
def test_every_row_fits_its_table_and_names_what_exists(
    product: Product, made: dict[str, dict[str, list[Row]]]
) -> None:
    rows = made[product.title]
    for table, its in rows.items():
        assert len(idt(table, its).splitlines()) == 3 + len(its)
        width = [column.endswith("*") for column in SCHEMA[table].split()].count(True)
        keys = [tuple(row[:width]) for row in its]
        assert len(set(keys)) == len(keys), table
    components = {row[0] for row in rows["Component"]}
    directories = {row[0] for row in rows["Directory"]}
    assert {row[2] for row in rows["Component"]} <= directories
    for table, column in (("File", 1), ("Registry", 5), ("Shortcut", 3), ("RemoveFile", 1)):
        assert {row[column] for row in rows[table]} <= components, table
    keys_of = {row[0] for table in ("File", "Registry") for row in rows[table]}
    assert {row[5] for row in rows["Component"]} <= keys_of
    for row in rows["CustomAction"]:
        assert len(str(row[3])) <= 255
    actions = {row[0] for row in rows["CustomAction"]}
    assert actions <= {action for _, action in sequence(rows)}


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.program)
def test_the_order_of_actions(product: Product, made: dict[str, dict[str, list[Row]]]) -> None:
    order = [action for _, action in sorted(sequence(made[product.title]))]
    places = [at for at, _ in sequence(made[product.title])]
    assert len(set(places)) == len(places)
    # No action that writes the script may come between these two.
    start = order.index("InstallInitialize")
    assert order[start + 1] == "RemoveExistingProducts"
    assert order.index("FindRelatedProducts") < order.index("LaunchConditions")
    kept = [action for action in order if action.startswith("Keep_")]
    assert all(order.index("AppSearch") < order.index(one) for one in kept)
    assert all(order.index(one) < order.index("CostFinalize") for one in kept)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.program)
def test_what_runs_is_asked_before_files_are_looked_at(
    product: Product, made: dict[str, dict[str, list[Row]]]
) -> None:
    order = [action for _, action in sorted(sequence(made[product.title]))]
    wanted = ["QuitMine", "InstallValidate", "QuitAll", "DeleteTask", "RemoveFiles"]
    if product is CONSOLE:
        wanted.remove("DeleteTask")
    assert [one for one in order if one in wanted] == wanted
    [found] = (row for row in made[product.title]["CustomAction"] if row[0] == "QuitMine")
    searched = {row[0] for row in made[product.title]["AppSearch"]}
    assert found[2] in searched


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.program)
def test_the_list_of_programs_has_its_picture(
    product: Product, made: dict[str, dict[str, list[Row]]]
) -> None:
    named = {row[0]: row[1] for row in made[product.title]["Property"]}["ARPPRODUCTICON"]
    assert [row[0] for row in made[product.title]["Icon"]] == [named] == [ICON_FILE.name]
    assert ICON_FILE.read_bytes().startswith(bytes.fromhex("00000100"))


def test_the_task_is_made_between_files_and_end(made: dict[str, dict[str, list[Row]]]) -> None:
    order = [action for _, action in sorted(sequence(made[TRAY.title]))]
    assert order.index("InstallFiles") < order.index("CreateTask") < order.index("InstallFinalize")


def test_what_it_gives_is_where_the_program_reads(made: dict[str, dict[str, list[Row]]]) -> None:
    values = {row[3]: (row[2], row[4]) for row in made[TRAY.title]["Registry"]}
    assert values["channels"] == (r"Software\Siaran\Tray", "[CHANNELS]")
    assert "trusted_keys" not in values
    assert "channels" not in {row[3] for row in made[CONSOLE.title]["Registry"]}
    secure = {row[0]: row[1] for row in made[TRAY.title]["Property"]}
    assert "REDIS_URL" in str(secure["SecureCustomProperties"]).split(";")


def test_no_setting_is_given_by_a_property_of_the_installers_own(
    made: dict[str, dict[str, list[Row]]],
) -> None:
    # The installer fills USERNAME with the name of the PC's owner, if nobody gives it.
    assert property_of("username") == "REDIS_USERNAME"
    values = {row[3]: row[4] for row in made[TRAY.title]["Registry"]}
    assert values["username"] == "[REDIS_USERNAME]"
    given = {property_of(name) for product in PRODUCTS for name in product.settings}
    assert not given & (PROPERTIES | FOLDERS)


def test_the_log_hides_an_address_that_may_hold_a_password(
    made: dict[str, dict[str, list[Row]]],
) -> None:
    for rows in made.values():
        hidden = {row[0]: row[1] for row in rows["Property"]}["MsiHiddenProperties"]
        assert str(hidden).split(";") == ["REDIS_URL", "OLD_REDIS_URL"]


def test_who_may_not_install_for_everybody_is_told_so(
    made: dict[str, dict[str, list[Row]]],
) -> None:
    for title, rows in made.items():
        said = {row[0]: row[1] for row in rows["LaunchCondition"]}
        assert (
            said["Installed OR Privileged"]
            == f"{title} is for all users of a PC: an administrator installs it."
        )


def test_the_task_is_well_formed() -> None:
    ET.fromstring(TASK_XML.replace('encoding="UTF-16"', ""))


@pytest.mark.parametrize(
    ("version", "numbers"), [("0.1.0", "0.1.0"), ("1.2", "1.2.0"), ("2.0.0rc1", "2.0.0")]
)
def test_versions_are_three_numbers(version: str, numbers: str) -> None:
    assert numeric(version) == numbers


def test_a_library_has_the_version_of_its_resource(tmp_path: Path) -> None:
    library = tmp_path / "a.dll"
    fixed = struct.pack("<IIIIII", 0xFEEF04BD, 0x10000, 14 << 16 | 44, 35211 << 16, 0, 0)
    library.write_bytes(b"MZ" + bytes(30) + fixed)
    assert file_version(library) == ("14.44.35211.0", "1033")
    plain = tmp_path / "a.svg"
    plain.write_bytes(fixed)
    assert file_version(plain) == (None, None)
