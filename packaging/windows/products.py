"""The two installers' contents, as rows of the Windows Installer's tables.

Per machine, into Program Files. What IT gives on the command line, such as ``REDIS_URL=…``, is
written to ``HKLM\\Software\\Siaran\\Tray`` (or ``Console``), where the program reads it, and is
found there again by the next version. An upgrade removes the old version first and installs the new
one in the same transaction, so a failed one leaves the old.

Nothing depends on dialogs: there are none. Nothing restarts the PC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_origin

from msi_tables import Row, guid

from shared.settings import TABLE, Program

MANUFACTURER = "Siaran"
CABINET = "siaran.cab"
"""Its name in the MSI."""
ICON = "siaran.ico"
TASK = r"Siaran\Tray"
LOCAL_MACHINE = 2
SIXTY_FOUR_BIT = 0x100
REGISTRY_KEY_PATH = 0x4
VITAL = 0x200
"""Of a file: without it the installation fails."""
ON_REMOVAL = 2
NEVER_ADVERTISED, NEVER_ABSENT = 8, 16
RAW_64_BIT = 2 + 16
"""Where to look: in a value of the 64-bit registry."""
DO_NOT_FAIL = 0x40
AS_SYSTEM = 0x400 + 0x800
"""A custom action in the installer's script (deferred), not as the user (no impersonation)."""
PROGRAM_IN_PROPERTY, SET_PROPERTY, INSTALLED_PROGRAM, COMMAND = 50, 51, 18, 34
ONLY_DETECT, MAX_INCLUSIVE = 0x2, 0x200
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
EVENTS_KEY = r"SYSTEM\CurrentControlSet\Services\EventLog\Application\Siaran"
EVENTS_FILE = r"%SystemRoot%\System32\EventCreate.exe"

STANDARD = {
    "FindRelatedProducts": 25,
    "AppSearch": 50,
    "LaunchConditions": 100,
    "ValidateProductID": 700,
    "CostInitialize": 800,
    "FileCost": 900,
    "CostFinalize": 1000,
    "MigrateFeatureStates": 1200,
    "InstallValidate": 1400,
    "InstallInitialize": 1500,
    "RemoveExistingProducts": 1510,
    "ProcessComponents": 1600,
    "UnpublishFeatures": 1800,
    "RemoveRegistryValues": 2600,
    "RemoveShortcuts": 3200,
    "RemoveFiles": 3500,
    "RemoveFolders": 3600,
    "CreateFolders": 3700,
    "InstallFiles": 4000,
    "CreateShortcuts": 4500,
    "WriteRegistryValues": 5000,
    "RegisterUser": 6000,
    "RegisterProduct": 6100,
    "PublishFeatures": 6300,
    "PublishProduct": 6400,
    "InstallFinalize": 6600,
}
ADMIN = ("CostInitialize", "FileCost", "CostFinalize", "InstallValidate", "InstallInitialize")
ADMIN_PACKAGE = ("InstallAdminPackage", 3900)
"""It puts the MSI itself where an administrative installation (/a) puts its files."""
ADVERTISE = (
    *("CostInitialize", "CostFinalize", "InstallValidate", "InstallInitialize"),
    *("CreateShortcuts", "PublishFeatures", "PublishProduct", "InstallFinalize"),
)


OWN_PROPERTIES = {"username": "REDIS_USERNAME"}
"""Settings whose name in capitals is a property of the installer's own. USERNAME is the owner's
name of the PC, which the installer takes from the registry where nobody gives it (Windows
Installer, *USERNAME property*): it would have become the account's name in Redis."""
HIDDEN = ("redis_url",)
"""Settings that may hold a password."""


def property_of(setting: str) -> str:
    """The property that gives *setting* to the installer."""
    return OWN_PROPERTIES.get(setting, setting.upper())


@dataclass(frozen=True, slots=True)
class Product:
    """One of the two installers."""

    program: Program
    title: str
    description: str
    exe: str
    upgrade_code: str
    """Never change it: by it a new version finds the old one."""

    @property
    def key(self) -> str:
        """Where its settings are, below HKLM."""
        return rf"Software\Siaran\{self.program.capitalize()}"

    @property
    def settings(self) -> list[str]:
        """The settings that the installer takes; a table of keys has no place on a command line."""
        infos = (one for one in TABLE.values() if self.program in one.programs)
        return [info.name for info in infos if get_origin(info.type) is not dict]


TRAY = Product(
    Program.TRAY,
    "Siaran Tray",
    "Shows head office's messages",
    "SiaranTray.exe",
    "{7C1D7B1C-3F53-5E58-9B0B-8B0C5B0B6E01}",
)
CONSOLE = Product(
    Program.CONSOLE,
    "Siaran Console",
    "Sends messages to the outlets",
    "SiaranConsole.exe",
    "{7C1D7B1C-3F53-5E58-9B0B-8B0C5B0B6E02}",
)
PRODUCTS = (CONSOLE, TRAY)


class InstalledFile(NamedTuple):
    """A file that the installer brings."""

    key: str
    """Its name in the cabinet."""
    place: Path
    """Where it is on this machine."""
    path: Path
    """Where it will be, below the program's folder."""


@dataclass
class Contents:
    """The tables while they are filled."""

    product: Product
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, *cells: Any) -> None:
        """Add one row."""
        self.rows.setdefault(table, []).append(cells)

    def component(self, name: str, directory: str, key_path: str, **more: str) -> None:
        """Add a component, which is installed and removed as a whole."""
        by_registry = REGISTRY_KEY_PATH if key_path.startswith("r_") else 0
        code = guid(*((self.product.title,) if "shared" not in more else ()), name)
        attributes = SIXTY_FOUR_BIT | by_registry
        self.add("Component", name, code, directory, attributes, more.get("condition"), key_path)
        self.add("FeatureComponents", "Main", name)

    def value(
        self, component: str, key: str, name: str, value: str, *, first: bool = False
    ) -> None:
        """Add a value below HKLM; *first*: the one by which *component* is recognised."""
        row = f"r_{component}" if first else f"r_{component}_{name}"
        self.add("Registry", row, LOCAL_MACHINE, key, name, value, component)

    def action(self, name: str, kind: int, source: str, target: str, at: int, when: str) -> None:
        """Add a custom action to the sequence."""
        self.add("CustomAction", name, kind, source, target)
        self.add("InstallExecuteSequence", name, when, at)


def tables(
    product: Product, version: str, product_code: str, files: Sequence[InstalledFile]
) -> dict[str, list[Row]]:
    """All tables, for *files* in the order of the cabinet."""
    made = Contents(product)
    _add_product(made, version, product_code)
    _add_sequences(made)
    _add_files(made, files)
    _add_settings(made)
    _add_event_log(made)
    _add_upgrade(made, version)
    start_menu = {path.name: key for key, _, path in files}
    _add_shortcut(made, start_menu[product.exe])
    _add_icon(made)
    if product == TRAY:
        _add_start(made)
    command_line = f"siaran-{product.program}.exe"
    _add_quit(made, command_line, start_menu[command_line])
    return made.rows


def _add_product(made: Contents, version: str, product_code: str) -> None:
    product = made.product
    given = [property_of(name) for name in product.settings]
    secure = ["OLDER_FOUND", "NEWER_FOUND", *given, *(f"OLD_{name}" for name in given)]
    hidden = [f"{old}{property_of(name)}" for name in HIDDEN for old in ("", "OLD_")]
    for name, value in {
        "ProductCode": product_code,
        "ProductName": product.title,
        "ProductVersion": version,
        "ProductLanguage": "1033",
        "Manufacturer": MANUFACTURER,
        "UpgradeCode": product.upgrade_code,
        "ALLUSERS": "1",
        "ARPNOMODIFY": "1",
        "ARPCOMMENTS": product.description,
        "ARPPRODUCTICON": ICON,
        "REBOOT": "ReallySuppress",
        "REINSTALLMODE": "amus",
        "SecureCustomProperties": ";".join(secure),
        "MsiHiddenProperties": ";".join(hidden),
    }.items():
        made.add("Property", name, value)
    how = NEVER_ADVERTISED + NEVER_ABSENT
    made.add("Feature", "Main", None, product.title, None, 1, 1, "ProgramFolder", how)
    made.add(
        "LaunchCondition", "Installed OR VersionNT64", f"{product.title} needs 64-bit Windows."
    )
    administrator = f"{product.title} is for all users of a PC: an administrator installs it."
    made.add("LaunchCondition", "Installed OR Privileged", administrator)
    newer = f"A newer version of {product.title} is installed; remove it first."
    made.add("LaunchCondition", "NOT NEWER_FOUND", newer)


def _add_sequences(made: Contents) -> None:
    for action, at in STANDARD.items():
        made.add("InstallExecuteSequence", action, None, at)
        if action in (*ADMIN, "InstallFiles", "InstallFinalize"):
            made.add("AdminExecuteSequence", action, None, at)
        if action in ADVERTISE:
            made.add("AdvtExecuteSequence", action, None, at)
    made.add("AdminExecuteSequence", ADMIN_PACKAGE[0], None, ADMIN_PACKAGE[1])
    for action in ("CostInitialize", "FileCost", "CostFinalize"):
        made.add("InstallUISequence", action, None, STANDARD[action])
        made.add("AdminUISequence", action, None, STANDARD[action])
    made.add("InstallUISequence", "ExecuteAction", None, 1300)
    made.add("AdminUISequence", "ExecuteAction", None, 1300)


def _add_files(made: Contents, files: Sequence[InstalledFile]) -> None:
    program = made.product.program.capitalize()
    made.add("Directory", "TARGETDIR", None, "SourceDir")
    made.add("Directory", "ProgramFiles64Folder", "TARGETDIR", ".")
    made.add("Directory", "ProgramMenuFolder", "TARGETDIR", ".")
    made.add("Directory", "System64Folder", "TARGETDIR", ".")
    made.add("Directory", "VendorFolder", "ProgramFiles64Folder", "Siaran")
    made.add("Directory", "ProgramFolder", "VendorFolder", program)
    # An empty parent folder is nobody's, unless somebody removes it.
    made.add("RemoveFile", "vendor", f"c_{files[0][0]}", None, "VendorFolder", ON_REMOVAL)
    folders = {Path(): "ProgramFolder"}
    for number, (key, place, path) in enumerate(files, 1):
        directory = _directory(made, path.parent, folders)
        made.component(f"c_{key}", directory, key)
        name = f"F{number:04}{path.suffix[:4].upper()}|{path.name}"
        version, language = file_version(place)
        size = place.stat().st_size
        made.add("File", key, f"c_{key}", name, size, version, language, VITAL, number)
    made.add("Media", 1, len(files), None, f"#{CABINET}", None, None)


def _directory(made: Contents, path: Path, folders: dict[Path, str]) -> str:
    if path not in folders:
        parent = _directory(made, path.parent, folders)
        folders[path] = f"d_{len(folders)}"
        made.add("Directory", folders[path], parent, f"D{len(folders)}|{path.name}")
    return folders[path]


def file_version(file: Path) -> tuple[str | None, str | None]:
    """Version and language of a program or library, as its version resource says.

    With a wrong version an upgrade may remove a library instead of replacing it.
    """
    data = file.read_bytes() if file.suffix.lower() in {".exe", ".dll", ".pyd"} else b""
    at = data.find(b"\xbd\x04\xef\xfe")  # VS_FIXEDFILEINFO's signature
    if at < 0:
        return None, None
    low, high = (int.from_bytes(data[at + n : at + n + 4], "little") for n in (12, 8))
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}", "1033"


def _add_settings(made: Contents) -> None:
    key = made.product.key
    for number, name in enumerate(made.product.settings):
        given = property_of(name)
        component = f"s_{name}"
        made.component(component, "ProgramFolder", f"r_{component}", condition=given)
        made.value(component, key, name, f"[{given}]", first=True)
        made.add("AppSearch", f"OLD_{given}", f"old_{name}")
        made.add("RegLocator", f"old_{name}", LOCAL_MACHINE, key, name, RAW_64_BIT)
        when = f"OLD_{given} AND NOT {given}"
        made.action(f"Keep_{name}", SET_PROPERTY, given, f"[OLD_{given}]", 60 + number, when)


def _add_event_log(made: Contents) -> None:
    """Both products have this component, so the last one to go removes it."""
    made.component("EventLog", "VendorFolder", "r_EventLog", shared="yes")
    made.value("EventLog", EVENTS_KEY, "EventMessageFile", f"#%{EVENTS_FILE}", first=True)
    made.value("EventLog", EVENTS_KEY, "TypesSupported", "#7")


def _add_upgrade(made: Contents, version: str) -> None:
    code = made.product.upgrade_code
    made.add("Upgrade", code, None, version, None, MAX_INCLUSIVE, None, "OLDER_FOUND")
    made.add("Upgrade", code, version, None, None, ONLY_DETECT, None, "NEWER_FOUND")


def _add_shortcut(made: Contents, exe: str) -> None:
    product = made.product
    made.add(
        *("Shortcut", "StartMenu", "ProgramMenuFolder", f"SIARAN|{product.title}", f"c_{exe}"),
        *(f"[#{exe}]", None, product.description, None, None, None, None, "ProgramFolder"),
    )
    model = app_id(product.program)
    made.add("MsiShortcutProperty", "AppId", "StartMenu", "System.AppUserModel.ID", model)


def _add_icon(made: Contents) -> None:
    """What the list of installed programs shows; ``msi`` brings the picture itself."""
    made.add("Icon", ICON, f"{ICON}.ibd")


def app_id(program: Program) -> str:
    """By which the task bar recognises the program's windows."""
    return f"Siaran.{program.capitalize()}"


def _add_start(made: Contents) -> None:
    """With every session, and again within minutes when it was ended."""
    made.component("Start", "ProgramFolder", "r_Start")
    command = f'"[ProgramFolder]{made.product.exe}" --background'
    made.value("Start", RUN_KEY, "Siaran", command, first=True)
    schtasks = '"[System64Folder]schtasks.exe"'
    create = f'{schtasks} /Create /F /TN "{TASK}" /XML "[ProgramFolder]task.xml"'
    delete = f'{schtasks} /Delete /F /TN "{TASK}"'
    kind = COMMAND + AS_SYSTEM + DO_NOT_FAIL
    made.action("CreateTask", kind, "System64Folder", create, 5500, 'NOT REMOVE="ALL"')
    made.action("DeleteTask", kind, "System64Folder", delete, 1530, 'REMOVE="ALL"')


def _add_quit(made: Contents, command_line: str, file: str) -> None:
    """What runs is asked to end before its files are replaced, and before they are removed.

    First as whoever installs, before Windows looks which files are in use; then, when the old
    version is removed, as SYSTEM, which reaches every session. *file* is the key of *command_line*.
    """
    key, found = made.product.key, f"{made.product.program.upper()}_PROGRAM"
    made.component("Program", "ProgramFolder", "r_Program")
    made.value("Program", key, "Program", f"[ProgramFolder]{command_line}", first=True)
    made.add("AppSearch", found, "program")
    made.add("RegLocator", "program", LOCAL_MACHINE, key, "Program", RAW_64_BIT)
    options = "--quit --all-sessions"
    kind = PROGRAM_IN_PROPERTY + DO_NOT_FAIL
    made.action("QuitMine", kind, found, options, 1390, found)
    kind = INSTALLED_PROGRAM + AS_SYSTEM + DO_NOT_FAIL
    made.action("QuitAll", kind, file, options, 1520, 'REMOVE="ALL"')


def sequence(rows: dict[str, list[Row]]) -> Iterator[tuple[int, str]]:
    """When each action runs, for tests."""
    for action, _, at in rows["InstallExecuteSequence"]:
        yield int(at or 0), str(action)
