"""Access lists that let in a user, the system and administrators, and no one else.

The list is *protected*: a folder around it may pass rights on, none arrive here. Windows makes a
file or folder with its list in one step, so it is never open, not even for a moment; what programs
make in such a folder without a list of their own (SQLite's ``-wal``) inherits it. The list is read
back after it was set: FAT keeps none, and then the log says so.

Administrators stay on the list, and what belongs to them counts as ours: they can take ownership of
everything, and a list without them stops only backups.

Wine keeps of a list what fits into the mode of a Linux file: rights of the owner and of all users
(``MapAccess`` in its server). Rights of single other users and inheritance are not seen there.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import ntsecuritycon as rights
import pywintypes
import win32api
import win32file
import win32security

from shared import held_files
from shared.private import LOCK_NAME, MOVED, ONLY_OURS, OURS, set_aside

if TYPE_CHECKING:
    from _win32typing import PySECURITY_ATTRIBUTES, PySECURITY_DESCRIPTOR

assert sys.platform == "win32"  # tells the type checker, too


log = logging.getLogger(__name__)

SYSTEM = "S-1-5-18"
ADMINISTRATORS = "S-1-5-32-544"
EVERYBODY = "S-1-1-0"
_RULERS = re.compile(r"S-1-5-21-[\d-]+-(512|519)")
"""Domain and Enterprise Admins, who are administrators of every PC."""
_ANY_OWNER = {"S-1-3-0", "S-1-3-4"}
"""*Creator owner* and *owner rights*: the owner of the file, or of what is made in the folder."""
_FILE_EXISTS, _ALREADY_EXISTS, _CANT_ACCESS_FILE = 80, 183, 1920
"""Windows' errors. pywin32 has them in a list of 7,000, a hundred KB in each program."""
_LINK = 0x20000000
"""The bit of a reparse tag that stands for another name ([MS-FSCC] 2.1.2.1): links, junctions."""
_WRITES = (
    rights.FILE_WRITE_DATA
    | rights.FILE_APPEND_DATA
    | rights.FILE_DELETE_CHILD
    | rights.WRITE_DAC
    | rights.WRITE_OWNER
    | rights.GENERIC_WRITE
    | rights.GENERIC_ALL
)
_DACL = win32security.DACL_SECURITY_INFORMATION
_OWNER = win32security.OWNER_SECURITY_INFORMATION
_PROTECTED = win32security.PROTECTED_DACL_SECURITY_INFORMATION


def open_private(path: Path, flags: int) -> int:
    """See ``shared.private.open_private``."""
    _refuse_link(path)
    if flags & os.O_CREAT and not _create(path) and flags & os.O_EXCL:
        raise OSError(None, "exists already", str(path), _FILE_EXISTS)
    opened = functools.partial(os.open, path, flags & ~(os.O_CREAT | os.O_EXCL))
    file = held_files.patiently(opened, writes=bool(flags & (os.O_WRONLY | os.O_RDWR)))
    try:
        _refuse_link(path)  # put there meanwhile
    except BaseException:
        os.close(file)
        raise
    return file


def private_place(folder: Path, usual: Path) -> Path:
    """See ``shared.private.private_place``."""
    own = folder / f"siaran-{user()}"
    try:
        if _is_mine(own):
            return own
        if not folder.is_dir() or not is_open_to_others(folder) or _is_ours(folder):
            return folder
    except OSError:
        return folder
    return own if not os.path.lexists(own) and _takes_folders(folder) else usual


def make_private(folder: Path) -> None:
    """See ``shared.private.make_private``."""
    new = not folder.exists()
    create_folder(folder)
    descriptor = _descriptor(folder)
    if _owner(descriptor) in _trusted():
        _close(folder, descriptor, is_folder=True)
    if new and folder.name == f"siaran-{user()}":
        _move_in(folder)
    _mend(folder)


def create_folder(folder: Path) -> None:
    """See ``shared.private.create_folder``."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _os_errors(folder):
        try:
            win32file.CreateDirectory(str(folder), _attributes(is_folder=True))
        except pywintypes.error as error:
            if error.winerror != _ALREADY_EXISTS or not folder.is_dir():
                raise


def is_open_to_others(path: Path) -> bool:
    """See ``shared.private.is_open_to_others``."""
    return bool(others(_descriptor(path)))


# --- what an access list says --------------------------------------------------------------------


@functools.cache
def user() -> str:
    """The SID of the user whose program this is."""
    token = win32security.OpenProcessToken(win32api.GetCurrentProcess(), win32security.TOKEN_QUERY)
    sid, _attributes = win32security.GetTokenInformation(token, win32security.TokenUser)
    return win32security.ConvertSidToStringSid(sid)


def others(descriptor: PySECURITY_DESCRIPTOR) -> dict[str, int]:
    """The rights that an access list gives to others than ours, by their SIDs.

    A file without a list is open to all users.
    """
    entries = descriptor.GetSecurityDescriptorDacl()
    if entries is None:
        return {EVERYBODY: rights.FILE_ALL_ACCESS}
    found: dict[str, int] = {}
    for number in range(entries.GetAceCount()):
        try:
            entry = entries.GetAce(number)
        except NotImplementedError:  # one with a condition, which pywin32 does not read
            found[EVERYBODY] = rights.FILE_ALL_ACCESS
            continue
        sid = win32security.ConvertSidToStringSid(entry[-1])
        if entry[0][0] in _ALLOWING and not _is_trusted(sid):
            found[sid] = found.get(sid, 0) | entry[1]
    return found


_ALLOWING = {
    win32security.ACCESS_ALLOWED_ACE_TYPE,
    win32security.ACCESS_ALLOWED_OBJECT_ACE_TYPE,
}


def _is_trusted(sid: str) -> bool:
    return sid in _trusted() | _ANY_OWNER or _RULERS.fullmatch(sid) is not None


def _trusted() -> set[str]:
    return {user(), SYSTEM, ADMINISTRATORS}


def wanted(*, is_folder: bool) -> PySECURITY_DESCRIPTOR:
    """A security descriptor with our access list."""
    inherited = "OICI" if is_folder else ""
    entries = "".join(f"(A;{inherited};FA;;;{sid})" for sid in (user(), SYSTEM, ADMINISTRATORS))
    return win32security.ConvertStringSecurityDescriptorToSecurityDescriptor(
        f"D:P{entries}", win32security.SDDL_REVISION_1
    )


def _attributes(*, is_folder: bool) -> PySECURITY_ATTRIBUTES:
    attributes = pywintypes.SECURITY_ATTRIBUTES()
    attributes.SECURITY_DESCRIPTOR = wanted(is_folder=is_folder)
    return attributes


def _descriptor(path: Path) -> PySECURITY_DESCRIPTOR:
    with _os_errors(path):
        return win32security.GetNamedSecurityInfo(
            str(path), win32security.SE_FILE_OBJECT, _OWNER | _DACL
        )


def _owner(descriptor: PySECURITY_DESCRIPTOR) -> str:
    sid = descriptor.GetSecurityDescriptorOwner()
    return "" if sid is None else win32security.ConvertSidToStringSid(sid)


# --- closing -------------------------------------------------------------------------------------


def _create(path: Path) -> bool:
    """Make an empty private file; False: there is one already."""
    with _os_errors(path):
        try:
            win32file.CreateFile(
                *(str(path), rights.GENERIC_WRITE, 0, _attributes(is_folder=False)),
                *(win32file.CREATE_NEW, win32file.FILE_ATTRIBUTE_NORMAL, None),
            ).Close()
        except pywintypes.error as error:
            if error.winerror != _FILE_EXISTS:
                raise
            return False
    return True


def _close(path: Path, descriptor: PySECURITY_DESCRIPTOR, *, is_folder: bool) -> None:
    """Give *path* our access list, unless it has one that is as good, and read it back."""
    control, _revision = descriptor.GetSecurityDescriptorControl()
    if not others(descriptor) and (not is_folder or control & win32security.SE_DACL_PROTECTED):
        return
    with contextlib.suppress(OSError), _os_errors(path):
        # SetNamedSecurityInfo would walk down the folder, and change what is not ours there.
        win32security.SetFileSecurity(str(path), _DACL | _PROTECTED, wanted(is_folder=is_folder))
    if left := others(_descriptor(path)):
        log.warning("%s stays open to %s", path, ", ".join(sorted(left)))


def _mend(folder: Path, *, every: bool = False) -> None:
    """Close to others what lies in *folder* under our names, or *every* file."""
    owners = _trusted() | {_owner(_descriptor(folder))}
    for entry in list(_entries(folder)):
        if not (every or OURS.fullmatch(entry.name)) or _is_link(entry.stat(follow_symlinks=False)):
            continue
        with contextlib.suppress(OSError):  # gone meanwhile
            _mend_one(Path(entry.path), owners, is_folder=entry.is_dir(follow_symlinks=False))


def _mend_one(path: Path, owners: set[str], *, is_folder: bool) -> None:
    descriptor = _descriptor(path)
    if _owner(descriptor) not in owners:
        set_aside(path)
    elif path.name != LOCK_NAME:  # only the process that holds it knows more
        _close(path, descriptor, is_folder=is_folder)
        if is_folder:
            _mend(path, every=path.name == "logs")


def _move_in(folder: Path) -> None:
    """Take what an older version of ours kept in the folder around *folder*."""
    for entry in list(_entries(folder.parent)):
        info = entry.stat(follow_symlinks=False)
        if not re.fullmatch(MOVED, entry.name) or not stat.S_ISREG(info.st_mode) or _is_link(info):
            continue
        with contextlib.suppress(OSError):
            descriptor = _descriptor(Path(entry.path))
            if _owner(descriptor) == user() and not _is_writable(descriptor):
                held_files.replace(Path(entry.path), folder / entry.name)


# --- whose a folder is ---------------------------------------------------------------------------


def _is_mine(folder: Path) -> bool:
    """Whether *folder* is a real folder of this user, no link."""
    try:
        info = folder.lstat()
    except OSError:
        return False
    is_real = stat.S_ISDIR(info.st_mode) and not _is_link(info)
    return is_real and _owner(_descriptor(folder)) in _trusted()


def _is_ours(folder: Path) -> bool:
    """Whether *folder* is there for this user's data alone, so that its list may be changed."""
    descriptor = _descriptor(folder)
    resolved = folder.resolve()
    if _owner(descriptor) not in _trusted() or resolved in (Path.home(), Path(resolved.anchor)):
        return False
    entries = list(_entries(folder))
    if _is_writable(descriptor) and not (entries and all(map(_belongs_to_us, entries))):
        return False
    names = [entry.name for entry in entries]
    ours_alone = all(map(OURS.fullmatch, names))
    return ours_alone and (not names or any(map(ONLY_OURS.fullmatch, names)))


def _belongs_to_us(entry: os.DirEntry[str]) -> bool:
    return _owner(_descriptor(Path(entry.path))) in _trusted()


def _is_writable(descriptor: PySECURITY_DESCRIPTOR) -> bool:
    return any(mask & _WRITES for mask in others(descriptor).values())


def _takes_folders(folder: Path) -> bool:
    """Whether this user may make a folder in *folder*: asks for that right, makes nothing."""
    try:
        win32file.CreateFile(
            *(str(folder), rights.FILE_ADD_SUBDIRECTORY, _SHARED, None, win32file.OPEN_EXISTING),
            *(win32file.FILE_FLAG_BACKUP_SEMANTICS, None),
        ).Close()
    except pywintypes.error:
        return False
    return True


_SHARED = win32file.FILE_SHARE_READ | win32file.FILE_SHARE_WRITE | win32file.FILE_SHARE_DELETE


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from entries


# --- links and errors ----------------------------------------------------------------------------


def _is_link(info: os.stat_result) -> bool:
    return stat.S_ISLNK(info.st_mode) or bool(info.st_reparse_tag & _LINK)


def _refuse_link(path: Path) -> None:
    """Refuse a file that only stands for another.

    Raises:
        OSError: it is a link.
    """
    try:
        info = path.lstat()
    except FileNotFoundError:
        return
    if _is_link(info):
        raise OSError(None, "is a link", str(path), _CANT_ACCESS_FILE)


@contextlib.contextmanager
def _os_errors(path: Path) -> Iterator[None]:
    """Raise what Windows says as Python does: an OSError of the right kind, with the path."""
    try:
        yield
    except pywintypes.error as error:
        raise OSError(None, error.strerror.rstrip(" ."), str(path), error.winerror) from None
