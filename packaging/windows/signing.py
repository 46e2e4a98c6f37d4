"""Signs programs and installers with a certificate, by osslsigncode.

The order matters: first the programs, then the installers are made of them and signed, too. Every
library that nobody has signed gets our signature; those that have one keep it. A password is read
from a file, never from a command line, where every user of the machine could see it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from build_machine import CannotBuildError

SIGNABLE = {".exe", ".dll", ".pyd"}


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with its key (PKCS#12), and how to use it."""

    certificate: Path
    password_file: Path | None = None
    timestamp_url: str = ""
    """A time stamp authority (RFC 3161): without one, signatures end with the certificate."""

    def sign_folder(self, folder: Path) -> int:
        """Sign all programs and libraries in *folder* that are not; return how many.

        Raises:
            CannotBuildError: it cannot be done.
        """
        unsigned = [path for path in _signable(folder) if not is_signed(path)]
        for path in unsigned:
            self.sign(path)
        return len(unsigned)

    def sign(self, path: Path) -> None:
        """Sign the file *path* in its place.

        Raises:
            CannotBuildError: it cannot be done.
        """
        signed = path.with_name(path.name + ".signed")
        command = ["osslsigncode", "sign", "-pkcs12", str(self.certificate), "-h", "sha256"]
        if self.password_file is not None:
            command += ["-readpass", str(self.password_file)]
        if self.timestamp_url:
            command += ["-ts", self.timestamp_url]
        command += ["-n", "Siaran", "-in", str(path), "-out", str(signed)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            signed.unlink(missing_ok=True)
            sys.stderr.write(ran.stdout + ran.stderr)
            hint = "is its password right, and is it for code signing?"
            raise CannotBuildError(
                f"{path.name} cannot be signed with {self.certificate.name}: {hint}"
            )
        signed.replace(path)


def verify(path: Path, authority: Path) -> None:
    """Check that *path* has a good signature whose chain ends in *authority* (PEM).

    Raises:
        CannotBuildError: it has not.
    """
    command = ["osslsigncode", "verify", "-CAfile", str(authority), "-in", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise CannotBuildError(f"The signature of {path.name} is not good.")


def is_signed(path: Path) -> bool:
    """Whether a program or library has a signature (a certificate table), whoever's."""
    data = path.read_bytes()
    header = int.from_bytes(data[0x3C:0x40], "little")
    at = header + 24 + 112 + 4 * 8  # the optional header's fifth directory, 64 bits
    return int.from_bytes(data[at + 4 : at + 8], "little") > 0


def self_made(folder: Path, password: str) -> tuple[Signer, Path]:
    """A signer for trials, with a certificate nobody trusts; and that certificate (PEM)."""
    key, certificate, both = (folder / name for name in ("key.pem", "cert.pem", "cert.pfx"))
    secret = folder / "password"
    secret.write_text(password, encoding="ascii")
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate)]
    about = ["-days", "30", "-subj", "/CN=Siaran trial", "-addext", "extendedKeyUsage=codeSigning"]
    _openssl("req", *made, *about)
    parts = ["-export", "-inkey", str(key), "-in", str(certificate), "-out", str(both)]
    _openssl("pkcs12", *parts, "-passout", f"file:{secret}")
    return Signer(both, secret), certificate


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def _signable(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SIGNABLE)
