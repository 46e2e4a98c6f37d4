"""The private key of a console: made by ``keygen``, kept in a file that only its owner can read."""

from __future__ import annotations

import base64
import os
import re
import sys
import tomllib
from pathlib import Path

from shared import held_files
from shared.errors import BadInput, Problem
from shared.phrases import phrase
from shared.private import is_open_to_others, open_private
from shared.settings import Settings
from shared.signing import Signer

KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
FIELD = "signing_key_file"


def create_key_file(path: Path, key_id: str) -> str:
    """Draw a key pair, write the private half to *path*, return the public one (base64).

    Raises:
        BadInput: the id is no id, or the file exists or cannot be written.
    """
    if not KEY_ID.fullmatch(key_id):
        raise _bad(phrase("A key id has 1 to 40 letters, digits, dots, dashes or underscores."))
    seed = os.urandom(32)
    text = (
        "# Private signing key of Siaran. Whoever has this file can send messages in your name.\n"
        f'key_id = "{key_id}"\nseed = "{base64.b64encode(seed).decode()}"\n'
    )
    try:
        descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
    except FileExistsError:
        raise _bad(
            phrase("{path} exists already; a key is never overwritten.", path=path)
        ) from None
    except OSError as error:
        raise _bad(
            phrase("{path} cannot be written ({reason}).", path=path, reason=error.strerror)
        ) from error
    return base64.b64encode(Signer(key_id, seed, "siaran").public).decode()


def load_signer(path: Path, namespace: str) -> Signer:
    """Read the private key in *path*.

    Raises:
        BadInput: it cannot be read, others can read it too, or it holds no key.
    """
    try:
        if is_open_to_others(path):
            raise _bad(_open_key(path))
        values = tomllib.loads(held_files.read_bytes(path).decode("ascii"))
        return Signer(str(values["key_id"]), base64.b64decode(values["seed"]), namespace)
    except OSError as error:
        raise _bad(
            phrase(
                "The signing key {path} cannot be read ({reason}).",
                path=path,
                reason=error.strerror,
            )
        ) from error
    except (KeyError, TypeError, ValueError):
        raise _bad(
            phrase("{path} holds no signing key; make one with siaran-console keygen.", path=path)
        ) from None


def signer_of(settings: Settings) -> Signer | None:
    """The signer that *settings* name; None if messages are not to be signed.

    Raises:
        BadInput: the key cannot be used.
    """
    if not settings.signing_key_file:
        return None
    return load_signer(Path(settings.signing_key_file).expanduser(), settings.namespace)


def _open_key(path: Path) -> str:
    if sys.platform != "win32":
        return phrase("Others can read the signing key {path}; run chmod 600 on it.", path=path)
    return phrase(
        "Others can read the signing key {path}; run this on it: {command}",
        path=path,
        command=f'icacls "{path}" /inheritance:r /grant:r "%USERNAME%:F"',
    )


def _bad(sentence: str) -> BadInput:
    return BadInput([Problem(FIELD, sentence)])
