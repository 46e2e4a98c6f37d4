"""The installers keep Windows' rules for their tables; and whatever breaks a rule is found."""

from __future__ import annotations

import copy
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

WINDOWS = Path(__file__).resolve().parents[2] / "packaging" / "windows"
sys.path.insert(0, str(WINDOWS))

import ice  # noqa: E402
from ice_columns import is_condition  # noqa: E402
from msi import make_msi  # noqa: E402
from msi_database import Database, of_rows, read  # noqa: E402
from products import PRODUCTS, TRAY, Product  # noqa: E402

from tests.installer_tables import rows_of  # noqa: E402

EXE = "f_SiaranTray_exe"
ACTION = {"Type": "50", "Source": "TRAY_PROGRAM", "Target": "--quit"}


def change(table: str, key: str, **cells: str) -> Callable[[Database], None]:
    """Change *cells* of the row *key*."""
    return lambda db: db.by_key(table)[key].update(cells)


def add(table: str, *row: str) -> Callable[[Database], None]:
    """Add a row."""
    return lambda db: db.rows(table).append(dict(zip(db.tables[table].types, row, strict=True)))


def drop(table: str, key: str) -> Callable[[Database], None]:
    """Remove the row *key*."""
    return lambda db: db.rows(table).remove(db.by_key(table)[key])


def give(name: str, value: str) -> Callable[[Database], None]:
    """Add a property."""
    return add("Property", name, value)


def summary(name: str, value: str) -> Callable[[Database], None]:
    """Change the summary."""
    return lambda db: db.summary.update({name: value})


def first_key(table: str, column: str, value: str) -> Callable[[Database], None]:
    """Change the first row of *table*."""
    return lambda db: db.rows(table)[0].update({column: value})


def second_like_first(table: str, column: str) -> Callable[[Database], None]:
    """Give the second row of *table* what the first has in *column*."""
    return lambda db: db.rows(table)[1].update({column: db.rows(table)[0][column]})


def with_table(name: str) -> Callable[[Database], None]:
    """Add a table that is none of ours."""

    def put(db: Database) -> None:
        db.tables[name] = copy.deepcopy(db.tables["Property"])

    return put


def in_folder(folder: str, parent: str) -> Callable[[Database], None]:
    """Move the program's folder below another one of the installer's."""

    def move(db: Database) -> None:
        add("Directory", folder, "TARGETDIR", ".")(db)
        change("Directory", "VendorFolder", Directory_Parent=parent)(db)

    return move


def of_user(db: Database) -> None:
    """Give a library a value in its user's registry."""
    add("Registry", "r_mine", "1", "Software\\Siaran", "a", "b", "c_f_a_dll")(db)


FAULTS: list[tuple[str, Callable[[Database], None]]] = [
    ("ICE02", change("Component", f"c_{EXE}", KeyPath="f_a_dll")),
    ("ICE02", change("Component", f"c_{EXE}", KeyPath="f_nowhere")),
    ("ICE03", change("File", EXE, FileName="F0001.EXE|Siaran?.exe")),
    ("ICE03", change("File", EXE, FileName="F0001TOOLONG.EXE|SiaranTray.exe")),
    ("ICE03", change("File", EXE, FileSize="")),
    ("ICE03", change("File", EXE, FileSize="many")),
    ("ICE03", change("File", EXE, Sequence="40000")),
    ("ICE03", change("File", EXE, Component_="c_nowhere")),
    ("ICE03", change("File", EXE, Version="1.2.x")),
    ("ICE03", change("Component", f"c_{EXE}", Directory_="nowhere")),
    ("ICE03", change("Component", f"c_{EXE}", Component="c" * 73)),
    ("ICE03", change("Component", f"c_{EXE}", ComponentId="{0}")),
    ("ICE03", change("Component", f"c_{EXE}", Condition="A AND (B")),
    ("ICE03", change("Registry", "r_Program", Value="[NOBODY]")),
    ("ICE03", change("Registry", "r_Program", Value="[ProgramFolder")),
    ("ICE03", change("Registry", "r_Program", Root="4")),
    ("ICE03", change("Registry", "r_Program", Key="\\Software")),
    ("ICE03", change("Media", "1", Cabinet="siaran.cab")),
    ("ICE03", give("ProductName", "Siaran again")),
    ("ICE04", change("Media", "1", LastSequence="1")),
    ("ICE04", second_like_first("File", "Sequence")),
    ("ICE05", drop("Property", "Manufacturer")),
    ("ICE06", with_table("ServiceInstall")),
    ("ICE06", lambda db: db.tables["File"].types.update(FileSize="i2")),
    ("ICE08", second_like_first("Component", "ComponentId")),
    ("ICE09", change("Component", f"c_{EXE}", Directory_="System64Folder")),
    ("ICE12", lambda db: _sequenced(db, "Folder", 900, Type="35", Source="ProgramFolder")),
    ("ICE12", lambda db: _sequenced(db, "Folder", 1100, Type="51", Source="ProgramFolder")),
    ("ICE14", change("Feature", "Main", Attributes="26")),
    ("ICE14", change("Feature", "Main", Feature_Parent="Main")),
    ("ICE16", change("Property", "ProductName", Value="S" * 64)),
    ("ICE18", change("Component", "Program", KeyPath="", Attributes="256")),
    ("ICE21", first_key("FeatureComponents", "Component_", "EventLog")),
    ("ICE24", change("Property", "ProductVersion", Value="256.1.1")),
    ("ICE24", change("Property", "ProductVersion", Value="1.2.3rc1")),
    ("ICE24", change("Property", "ProductCode", Value="{a7f5b0c2-0000-0000-0000-000000000000}")),
    ("ICE24", change("Property", "ProductLanguage", Value="en")),
    ("ICE26", drop("InstallExecuteSequence", "ProcessComponents")),
    ("ICE26", drop("AdminExecuteSequence", "InstallAdminPackage")),
    ("ICE26", add("InstallExecuteSequence", "ExecuteAction", "", "1300")),
    ("ICE27", add("InstallExecuteSequence", "Nothing", "", "1301")),
    ("ICE27", change("InstallExecuteSequence", "RemoveFiles", Sequence="4100")),
    ("ICE27", change("InstallExecuteSequence", "AppSearch", Sequence="850")),
    ("ICE27", drop("AdvtExecuteSequence", "InstallFinalize")),
    ("ICE28", add("InstallExecuteSequence", "ForceReboot", "", "4001")),
    ("ICE29", lambda db: setattr(db, "streams", ["s" * 63, "s" * 64])),
    ("ICE30", change("File", EXE, FileName="F0009.EXE|SIARAN-TRAY.EXE")),
    ("ICE35", change("Component", f"c_{EXE}", Attributes="258")),
    ("ICE36", change("Property", "ARPPRODUCTICON", Value="other.ico")),
    ("ICE38", in_folder("LocalAppDataFolder", "LocalAppDataFolder")),
    ("ICE39", summary("Revision number (UUID)", "{0}")),
    ("ICE39", summary("Source", "0 (0)")),
    ("ICE39", change("File", EXE, Attributes="16384")),
    ("ICE45", change("File", EXE, Attributes="128")),
    ("ICE46", give("Redis_Url", "redis://hq")),
    ("ICE47", lambda db: db.rows("FeatureComponents").extend(db.rows("FeatureComponents") * 60)),
    ("ICE48", change("Directory", "VendorFolder", DefaultDir="C:\\Siaran")),
    ("ICE49", change("Registry", "r_Program", Name="", Value="#1")),
    ("ICE52", add("AppSearch", "found", "program")),
    ("ICE53", change("Registry", "r_Program", Key="Software\\Policies\\Siaran")),
    ("ICE54", change("File", EXE, Version="f_a_dll")),
    ("ICE56", change("Directory", "VendorFolder", Directory_Parent="")),
    ("ICE57", of_user),
    ("ICE58", lambda db: db.rows("Media").extend(db.rows("Media") * 80)),
    ("ICE60", change("File", EXE, Version="1.0", Language="")),
    ("ICE61", lambda db: db.rows("Upgrade")[0].update(VersionMax="9.0.0")),
    ("ICE61", lambda db: db.rows("Upgrade")[0].update(VersionMax="")),
    ("ICE61", lambda db: db.rows("Upgrade")[0].update(VersionMin="2.0.0")),
    ("ICE61", second_like_first("Upgrade", "ActionProperty")),
    ("ICE61", change("Property", "SecureCustomProperties", Value="REDIS_URL")),
    ("ICE63", change("InstallExecuteSequence", "RemoveExistingProducts", Sequence="1700")),
    ("ICE63", change("InstallExecuteSequence", "RemoveExistingProducts", Sequence="1000")),
    ("ICE64", add("Directory", "Mine", "ProgramMenuFolder", "MINE|Siaran")),
    ("ICE67", change("Shortcut", "StartMenu", Component_="c_f_a_dll")),
    ("ICE68", change("CustomAction", "QuitAll", Type="1027")),
    ("ICE68", change("CustomAction", "QuitAll", Type="2130")),
    ("ICE69", change("Registry", "r_Program", Value=f"[#{EXE}]")),
    ("ICE70", change("Registry", "r_Program", Value="#one")),
    ("ICE71", change("Media", "1", DiskId="2")),
    ("ICE72", add("AdvtExecuteSequence", "QuitAll", "", "1520")),
    ("ICE74", give("FASTOEM", "1")),
    ("ICE75", change("InstallExecuteSequence", "QuitAll", Sequence="750")),
    ("ICE77", change("InstallExecuteSequence", "QuitAll", Sequence="1450")),
    ("ICE77", change("InstallExecuteSequence", "CreateTask", Sequence="6700")),
    ("ICE79", change("Component", f"c_{EXE}", Condition="&Other = 3")),
    ("ICE80", summary("Template", "Intel;1033")),
    ("ICE80", summary("Template", "x64;1057")),
    ("ICE80", summary("Version", "150 (96)")),
    ("ICE80", in_folder("ProgramFilesFolder", "ProgramFilesFolder")),
    ("ICE82", drop("InstallExecuteSequence", "RegisterUser")),
    ("ICE82", second_like_first("InstallExecuteSequence", "Sequence")),
    ("ICE84", change("InstallExecuteSequence", "InstallFinalize", Condition="NOT Installed")),
    ("ICE86", change("InstallExecuteSequence", "QuitMine", Condition="AdminUser")),
    ("ICE87", give("REINSTALL", "ALL")),
    ("ICE90", lambda db: _shortcut_in(db, "MENU")),
    ("ICE91", lambda db: _shortcut_in(db, "SendToFolder")),
    ("ICE92", change("Component", f"c_{EXE}", Attributes="272", ComponentId="")),
    ("ICE93", change("CustomAction", "QuitAll", Action="InstallFiles")),
    ("ICE96", drop("AdvtExecuteSequence", "PublishProduct")),
    ("ICE99", add("Directory", "CustomActionData", "TARGETDIR", ".")),
    ("ICE101", change("Feature", "Main", Feature="M" * 39)),
    ("own properties", add("AppSearch", "USERNAME", "program")),
    ("own properties", change("Component", f"c_{EXE}", Condition="USERNAME")),
]


def _sequenced(db: Database, name: str, at: int, **cells: str) -> None:
    db.rows("CustomAction").append({"Action": name, **ACTION, **cells})
    add("InstallExecuteSequence", name, "", str(at))(db)


def _shortcut_in(db: Database, folder: str) -> None:
    add("Directory", folder, "TARGETDIR", ".")(db)
    change("Shortcut", "StartMenu", Directory_=folder)(db)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Database:
    made = of_rows(rows_of(TRAY, tmp_path_factory.mktemp("frozen")))
    made.summary = {
        "Template": "x64;1033",
        "Version": "500 (1f4)",
        "Source": "2 (2)",
        "Revision number (UUID)": "{71F14E97-6249-53C7-A40A-75206B0B1984}",
    }
    return made


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.program)
def test_an_installer_keeps_the_rules_but_for_those_with_a_reason(
    product: Product, tmp_path: Path
) -> None:
    missing = [one for one in ("gcab", "msibuild", "msiinfo") if not shutil.which(one)]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"not installed: {', '.join(missing)}")
    for name in (product.exe, f"siaran-{product.program}.exe", "_internal/Qt/a.dll"):
        place = tmp_path / "frozen" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"MZ")
    made = read(make_msi(product, tmp_path / "frozen", "1.2.3", tmp_path, 1_735_689_600))
    assert len(made.rows("File")) == 3 + (product is TRAY)
    assert ice.findings(made) == []


def test_what_is_meant_to_be_so_is_found_and_left(tables: Database) -> None:
    found = {name for name, rule in ice.RULES.items() if list(rule(tables))}
    assert found == {one.partition(":")[0] for one in ice.ACCEPTED}
    assert ice.findings(tables) == []


@pytest.mark.parametrize(("rule", "fault"), FAULTS)
def test_a_fault_is_found_by_its_rule(
    rule: str, fault: Callable[[Database], None], tables: Database
) -> None:
    broken = copy.deepcopy(tables)
    fault(broken)
    assert any(one.startswith(f"{rule}: ") for one in ice.findings(broken))


def test_every_rule_is_shown_to_find_a_fault() -> None:
    only_meant = {"ICE40", "ICE43"}
    assert {rule for rule, _ in FAULTS} == set(ice.RULES) - only_meant


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Installed OR VersionNT64", True),
        ('NOT (A AND B = "x y") OR &Main >= 3 AND C ~<> "d"', True),
        ("A AND", False),
        ("A B", False),
        ("(A", False),
        ('A = "b', False),
        ("", False),
    ],
)
def test_conditions(text: str, good: bool) -> None:
    assert is_condition(text) is good
