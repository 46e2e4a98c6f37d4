"""TLS and accounts on a real server: what works works, what fails is one sentence that helps."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.integration.test_command_line import at, run, start_tray, wait_for
from tests.redis_server import RedisServer, free_port, need_server

MESSAGE = ("send", "--all", "--title", "T", "--message", "M")
SECRET = "correct-horse-battery"


class TlsServer(RedisServer):
    """A server that speaks TLS on ``tls_port`` beside its plain port."""

    def __init__(self, folder: Path, ca: trustme.CA, cert: trustme.LeafCert) -> None:
        self.tls_port = free_port()
        for name, blob in (
            ("key", cert.private_key_pem),
            ("cert", cert.cert_chain_pems[0]),
            ("ca", ca.cert_pem),
        ):
            blob.write_to_path(str(folder / f"{name}.pem"))
        super().__init__(
            folder,
            *("--tls-port", str(self.tls_port)),
            *("--tls-cert-file", str(folder / "cert.pem")),
            *("--tls-key-file", str(folder / "key.pem")),
            *("--tls-ca-cert-file", str(folder / "ca.pem")),
            *("--tls-auth-clients", "optional"),
        )

    def url_as(self, host: str) -> str:
        """Its encrypted address under *host*."""
        return f"rediss://{host}:{self.tls_port}"


@pytest.fixture
def tls_folder(tmp_path: Path) -> Path:
    """A folder for server and certificates."""
    need_server()
    folder = tmp_path / "tls"
    folder.mkdir()
    return folder


@pytest.fixture
def tls_server(tls_folder: Path) -> Iterator[TlsServer]:
    """A server whose certificate is for ``localhost``."""
    ca = trustme.CA()
    yield from started(TlsServer(tls_folder, ca, ca.issue_cert("localhost")))


def started(server: TlsServer) -> Iterator[TlsServer]:
    """Run *server* for the length of a test."""
    server.start()
    yield server
    server.stop()


def attempt(url: str, *options: str) -> tuple[int, str]:
    """Send one message; return the exit code and the sentence."""
    done = run("admin_app", *MESSAGE, "--redis-url", url, *options)
    text = done.stderr.decode()
    assert "Traceback" not in text
    return done.returncode, text


def ca_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the CA in *folder*."""
    monkeypatch.setenv("SIARAN_CA_FILE", str(folder / "ca.pem"))


def test_an_encrypted_link_with_the_right_ca_works(
    tls_server: TlsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca_in(tls_server.folder, monkeypatch)
    assert attempt(tls_server.url_as("localhost")) == (0, "")


def test_keys_are_written_to_no_file_that_the_environment_names(
    tls_server: TlsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With them whoever recorded the connection would read the password."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    ca_in(tls_server.folder, monkeypatch)
    assert attempt(tls_server.url_as("localhost")) == (0, "")
    assert not (tmp_path / "keys").exists()


def test_with_ca_file_only_that_one_is_trusted_not_what_the_system_trusts(
    tls_server: TlsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(
        "SSL_CERT_FILE", str(tls_server.folder / "ca.pem")
    )  # the system's, to OpenSSL
    assert attempt(tls_server.url_as("localhost")) == (0, "")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    monkeypatch.setenv("SIARAN_CA_FILE", str(tmp_path / "other.pem"))
    code, text = attempt(tls_server.url_as("localhost"))
    assert code == 4
    assert "cannot be trusted" in text


def test_an_untrusted_certificate_names_ca_file(tls_server: TlsServer) -> None:
    code, text = attempt(tls_server.url_as("localhost"))
    assert code == 4
    assert "cannot be trusted" in text
    assert "ca_file" in text


def test_a_certificate_for_another_name_names_redis_url(
    tls_server: TlsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca_in(tls_server.folder, monkeypatch)
    code, text = attempt(tls_server.url_as("127.0.0.1"))
    assert code == 4
    assert "cannot be trusted" in text
    assert "127.0.0.1" in text
    assert "redis_url" in text


def test_an_expired_certificate_is_said_to_be_expired(
    tls_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = trustme.CA()
    past = datetime.now(UTC) - timedelta(days=1)
    expired = ca.issue_cert("localhost", not_after=past)
    for server in started(TlsServer(tls_folder, ca, expired)):
        ca_in(tls_folder, monkeypatch)
        code, text = attempt(server.url_as("localhost"))
        assert code == 4
        assert "expired" in text


def test_plain_to_an_encrypted_port_and_back_are_one_sentence(tls_server: TlsServer) -> None:
    code, text = attempt(f"redis://localhost:{tls_server.tls_port}")
    assert code == 3
    assert "redis:// or rediss://" in text
    code, text = attempt(f"rediss://localhost:{tls_server.port}")
    assert code in (3, 4)  # the server may hang up before or after the handshake fails
    assert "redis:// or rediss://" in text or "rediss:// or redis://" in text


def test_a_missing_ca_file_is_named(
    tls_server: TlsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIARAN_CA_FILE", str(tmp_path / "nowhere.pem"))
    code, text = attempt(tls_server.url_as("localhost"))
    assert code == 2
    assert "ca_file" in text
    assert "nowhere.pem" in text


# --- accounts ------------------------------------------------------------------------------------


@pytest.fixture
def guarded(redis_server: RedisServer) -> RedisServer:
    """A server with an account that may publish and one that may only read."""
    redis_server.command(*("ACL", "SETUSER", "console", "on", f">{SECRET}", "~*", "&*", "+@all"))
    redis_server.command(
        *("ACL", "SETUSER", "reader", "on", f">{SECRET}", "~*", "&*", "-@all"),
        *("+ping", "+time", "+xrange", "+zcount"),
    )
    redis_server.command("ACL", "SETUSER", "default", "off")
    return redis_server


def test_the_password_comes_from_the_environment_or_a_file(
    guarded: RedisServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIARAN_USERNAME", "console")
    monkeypatch.setenv("SIARAN_PASSWORD", SECRET)
    assert attempt(guarded.url) == (0, "")
    monkeypatch.delenv("SIARAN_PASSWORD")
    (tmp_path / "password").write_text(f"{SECRET}\n")
    monkeypatch.setenv("SIARAN_PASSWORD_FILE", str(tmp_path / "password"))
    assert attempt(guarded.url) == (0, "")


@pytest.mark.parametrize("password", ["", "wrong-but-secret"])
def test_a_refused_login_names_the_settings_and_not_the_password(
    guarded: RedisServer, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("SIARAN_USERNAME", "console")
    monkeypatch.setenv("SIARAN_PASSWORD", password)
    code, text = attempt(guarded.url)
    assert code == 4
    assert "refused the login" in text
    assert "password_file" in text
    assert "wrong-but-secret" not in text


def test_a_missing_permission_is_named(
    guarded: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIARAN_USERNAME", "reader")
    monkeypatch.setenv("SIARAN_PASSWORD", SECRET)
    code, text = attempt(guarded.url)
    assert code == 4
    assert "lacks a permission" in text
    assert re.search("evalsha", text)


def test_check_says_what_is_bad_and_weak_and_shows_no_secret(
    guarded: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIARAN_PASSWORD", SECRET)
    for user, code, grade in (("console", 0, "good"), ("reader", 4, "bad")):
        monkeypatch.setenv("SIARAN_USERNAME", user)
        done = run("admin_app", "check", "--json", "--redis-url", guarded.url)
        assert done.returncode == code, done.stdout
        report: dict[str, Any] = json.loads(done.stdout)
        grades = {one["topic"]: one["grade"] for one in report["findings"]}
        assert report["ok"] == (code == 0)
        assert SECRET.encode() not in done.stdout + done.stderr
        if user == "console":
            assert grades["permissions"] == grade
            assert grades["persistence"] == "good"
            assert grades["encryption"] == "weak"


def test_a_tray_writes_no_secret_into_its_log_or_its_files(
    guarded: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIARAN_USERNAME", "console")
    monkeypatch.setenv("SIARAN_PASSWORD", SECRET)
    folder = tmp_path / "tray"
    process = start_tray(guarded, folder)
    try:
        wait_for(lambda: b"connected" in run("tray_client", "status", *at(folder)).stdout)
        if sys.platform == "linux":  # where every user may read it
            command_line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
            assert SECRET.encode() not in command_line
    finally:
        assert run("tray_client", "--quit", *at(folder)).returncode == 0
        process.communicate(timeout=20)
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(written) >= 2
    for path in written:
        assert SECRET.encode() not in path.read_bytes(), path


def test_a_server_that_does_not_know_the_login_does_not_make_us_show_the_password(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    """It repeats what it does not know, with all that follows."""
    redis_server.stop()
    redis_server.start("--rename-command", "AUTH", "LOGIN")
    assert SECRET.encode() in redis_server.command("AUTH", "me", SECRET)
    (tmp_path / "password").write_text(SECRET)
    account = ("--username", "me", "--password-file", str(tmp_path / "password"))
    done = run("admin_app", *MESSAGE, "--redis-url", redis_server.url, *account)
    assert done.returncode == 3
    assert b"unknown command 'AUTH')" in done.stderr
    assert SECRET.encode() not in done.stdout + done.stderr
