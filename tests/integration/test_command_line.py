"""Both command lines as processes, against a real server."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import children
from tests.redis_server import RedisServer, free_port

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 20.0


def run(module: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run one command to its end."""
    return subprocess.run(
        [children.python(), "-m", module, *arguments],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
        env=children.environment(PYTHONWARNINGS="error"),
    )


def wait_for(condition: Callable[[], Any]) -> Any:
    """Wait until *condition* gives something true."""
    deadline = time.monotonic() + WITHIN_S
    while not (result := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return result


def at(folder: Path) -> tuple[str, str]:
    """The option that names a data folder."""
    return "--data-dir", str(folder)


def start_tray(server: RedisServer, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the real tray program in its own process."""
    return subprocess.Popen(
        [
            *(children.python(), "-m", "tray_client", "--redis-url", server.url, *at(folder)),
            *("--outlet", "JKT-001", "--pc", "till", *arguments),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=children.environment(),
    )


@contextmanager
def tray_process(server: RedisServer, folder: Path, *arguments: str) -> Iterator[Any]:
    """A tray process that is connected; ended by ``--quit``."""
    process = start_tray(server, folder, *arguments)
    try:
        wait_for(lambda: b"JKT-001/till" in server.command("HKEYS", "siaran:endpoints"))
        yield process
    finally:
        done = run("tray_client", "--quit", *at(folder))
        output = process.communicate(timeout=20)[0].decode()
    assert done.returncode == 0, done.stderr
    assert process.returncode == 0, output
    assert "Traceback" not in output


def send(server: RedisServer, *arguments: str, stdin: bytes = b"") -> Any:
    """``siaran-console send --json``; returns what it printed."""
    done = run("admin_app", "send", "--redis-url", server.url, "--json", *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    return json.loads(done.stdout)


def inbox(folder: Path) -> list[Any]:
    """``siaran-tray inbox --json``."""
    done = run("tray_client", "inbox", "--json", "--data-dir", str(folder))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_send_reaches_the_running_tray_and_says_who_is_connected(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    folder = tmp_path / "tray"
    with tray_process(redis_server, folder, "--channel", "Channel 1", "Channel 3"):
        one = send(
            redis_server, "--channel", "Channel 1", "--title", "One", "--message", "-",
            stdin="Harga baru: 10 €\nBaris dua\n".encode(),
        )  # fmt: skip
        assert one["channels"] == ["Channel 1"]
        assert one["connected"] == 1
        two = send(redis_server, "--all", "--title", "Two", "--message", "x", "--level", "urgent")
        assert two["channels"] == ["*"]
        both = send(
            redis_server,
            *("--channel", "Channel 1", "--channel", "Channel 3", "--title", "Both"),
            *("--message", "x"),
        )
        other = send(redis_server, "--channel", "Channel 2", "--title", "Other", "--message", "x")
        assert other["connected"] == 0
        wait_for(lambda: [one["title"] for one in inbox(folder)] == ["One", "Two", "Both"])
        messages = wait_for(lambda: (m := inbox(folder)) and m[1]["state"] == "displayed" and m)
        assert [message["id"] for message in messages] == [one["id"], two["id"], both["id"]]
        assert messages[0]["body"] == "Harga baru: 10 €\nBaris dua"
        assert messages[1]["level"] == "urgent"
    report = redis_server.command("HGET", "siaran:endpoints", "JKT-001/till")
    assert b'"left":true' in report
    assert send(redis_server, "--all", "--title", "T", "--message", "M")["connected"] == 0


def test_a_second_tray_in_the_same_folder_leaves_the_first_alone(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    folder = tmp_path / "tray"
    with tray_process(redis_server, folder):
        second = run("tray_client", "--data-dir", str(folder), "--redis-url", redis_server.url)
        assert second.returncode == 0
        assert b"already running" in second.stderr
        third = run("tray_client", "--background", "--data-dir", str(folder))
        assert (third.returncode, third.stderr) == (0, b"")
    nobody = run("tray_client", "--quit", "--data-dir", str(folder))
    assert nobody.returncode == 0
    assert b"no tray was running" in nobody.stderr


def test_unreachable_is_3_and_one_sentence() -> None:
    url = f"redis://127.0.0.1:{free_port()}"
    done = run("admin_app", "send", "--all", "--title", "T", "--message", "M", "--redis-url", url)
    assert done.returncode == 3
    assert done.stderr.count(b"\n") == 1
    assert b"Nothing answers at 127.0.0.1" in done.stderr


def test_refused_is_4_and_does_not_show_the_password(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis_server.command("CONFIG", "SET", "requirepass", "right")
    monkeypatch.setenv("SIARAN_PASSWORD", "wrong-secret")
    url = redis_server.url
    done = run("admin_app", "send", "--all", "--title", "T", "--message", "M", "--redis-url", url)
    assert done.returncode == 4
    assert b"refused the login" in done.stderr
    assert b"wrong-secret" not in done.stderr


@pytest.mark.parametrize("program", [("admin_app", "check"), ("tray_client",)])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(
    program: tuple[str, ...],
) -> None:
    done = run(*program, "--redis-url", "redis://outlet:my-secret@127.0.0.1:1")
    assert done.returncode == 2
    assert b"password_file" in done.stderr
    assert b"my-secret" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--all", "--title", " ", "--message", ""), b"Write a title."),
        (("--all", "--title", "T", "--message", " \n"), b"Write a message."),
        (("--all", "--title", "T" * 201, "--message", "M"), b"201 characters"),
        (("--channel", "*", "--title", "T", "--message", "M", "--redis-url", "x"), b"redis://"),
        (("--title", "T", "--message", "M"), b"--channel"),
        (("--all", "--title", "T", "--message", "M", "--namespace", "a b"), b"namespace"),
        (("--all", "--title", "T", "--message", "M", "--level", "loud"), b"loud"),
    ],
)
def test_bad_input_is_2_and_names_what_is_wrong(
    arguments: tuple[str, ...], sentence: bytes
) -> None:
    done = run("admin_app", "send", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert b"Traceback" not in done.stderr


def test_bad_stdin_is_2() -> None:
    done = run("admin_app", "send", "--all", "--title", "T", "--message", "-", stdin=b"\xff\xfd")
    assert done.returncode == 2
    assert b"not UTF-8" in done.stderr


def test_the_inbox_of_a_pc_that_never_had_one_is_empty(tmp_path: Path) -> None:
    assert inbox(tmp_path / "nothing") == []
    assert not (tmp_path / "nothing").exists()


def test_status_says_how_the_running_tray_stands(redis_server: RedisServer, tmp_path: Path) -> None:
    folder = tmp_path / "tray"
    nothing = run("tray_client", "status", "--json", *at(folder))
    assert nothing.returncode == 4
    assert json.loads(nothing.stdout)["running"] is False
    with tray_process(redis_server, folder):
        done = run("tray_client", "status", "--json", *at(folder))
        status = json.loads(done.stdout)
        assert done.returncode == 0
        assert (status["state"], status["endpoint"]) == ("connected", "JKT-001/till")
        assert status["address"] == f"127.0.0.1:{redis_server.port}"
        assert b"JKT-001/till: connected" in run("tray_client", "status", *at(folder)).stdout


def test_channels_are_listed_added_relabelled_and_retired(redis_server: RedisServer) -> None:
    def channels(*change: str) -> dict[str, tuple[str, bool]]:
        done = run("admin_app", "channels", "--json", "--redis-url", redis_server.url, *change)
        assert done.returncode == 0, done.stderr
        return {one["name"]: (one["label"], one["retired"]) for one in json.loads(done.stdout)}

    assert list(channels()) == ["Channel 1", "Channel 2", "Channel 3"]
    assert channels("--add", "Region East")["Region East"] == ("Region East", False)
    assert channels("--rename", "Channel 1", "Jakarta")["Channel 1"] == ("Jakarta", False)
    assert channels("--retire", "Channel 2")["Channel 2"] == ("Channel 2", True)
    assert channels("--add", "Channel 2")["Channel 2"] == ("Channel 2", False)
    assert len(channels()) == 4
    wrong = run("admin_app", "channels", "--add", "*", "--redis-url", redis_server.url)
    assert wrong.returncode == 2
    assert b"cannot be a channel's name" in wrong.stderr


# --- settings that are wrong, and commands that do not use them ----------------------------------

WRONG_KEYS = '{"hq": 5}'
SAYS = b"environment: trusted_keys.hq is wrong"


def test_a_wrong_setting_stops_no_command_of_the_tray_that_does_not_use_it(
    redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tray"
    with tray_process(redis_server, folder):
        title = send(redis_server, "--all", "--title", "T", "--message", "M")["id"]
        wait_for(lambda: [one["id"] for one in inbox(folder)] == [title])
        monkeypatch.setenv("SIARAN_TRUSTED_KEYS", WRONG_KEYS)
        monkeypatch.setenv("SIARAN_NAMESPACE", "a b")
        for command in (("inbox", "--json"), ("inbox",), ("status",), ("status", "--json")):
            done = run("tray_client", *command, *at(folder))
            assert done.returncode == 0, done.stderr
            assert done.stdout
            assert SAYS in done.stderr
            assert b"namespace is wrong" in done.stderr
        done = run("tray_client", "--quit", *at(folder))
        assert done.returncode == 0
        assert SAYS in done.stderr


def test_a_wrong_data_folder_stops_the_inbox_that_would_be_read_elsewhere() -> None:
    done = run("tray_client", "inbox", "--data-dir", "%NOPE%/x")
    assert done.returncode == 2
    assert b"data_dir is wrong" in done.stderr


CONSOLE_COMMANDS = {
    "send": ("--all", "--title", "T", "--message", "M"),
    "history": (),
    "endpoints": (),
    "channels": (),
    "report": ("MESSAGE",),
    "remind": ("MESSAGE",),
    "recall": ("MESSAGE",),
}
ALWAYS = {"SIARAN_CA_FILE": "%NOPE%/ca.pem", "SIARAN_NAMESPACE": "a b"}
USES = {
    "SIARAN_HEARTBEAT_SECONDS": {"send", "recall", "report", "remind", "endpoints"},
    "SIARAN_RETENTION_HOURS": {"send", "recall", "report", "remind", "endpoints"},
    "SIARAN_SENDER": {"send", "recall", "remind"},
    "SIARAN_THEME": set[str](),
    "SIARAN_TRUSTED_KEYS": set[str](),
}


@pytest.mark.parametrize("command", CONSOLE_COMMANDS)
def test_a_command_of_the_console_minds_only_what_it_uses(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    sent = send(redis_server, "--all", "--title", "T", "--message", "M")["id"]
    given = [sent if one == "MESSAGE" else one for one in CONSOLE_COMMANDS[command]]
    for variable in (*ALWAYS, *USES):
        with monkeypatch.context() as patched:
            patched.setenv(variable, ALWAYS.get(variable, "x" * 101))
            done = run("admin_app", command, *given, "--redis-url", redis_server.url)
        name = variable.removeprefix("SIARAN_").lower().encode()
        assert name + b" is wrong" in done.stderr, (variable, done.stderr)
        used = variable in ALWAYS or command in USES[variable]
        assert done.returncode == (2 if used else 0), (variable, done.stderr)


def test_a_key_is_made_and_a_server_checked_whatever_is_wrong(
    redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIARAN_CA_FILE", "%NOPE%/ca.pem")
    made = run("admin_app", "keygen", "--key-id", "hq", "--out", str(tmp_path / "hq.key"))
    assert made.returncode == 0
    done = run("admin_app", "check", "--json", "--redis-url", redis_server.url)
    assert done.returncode == 2
    findings = json.loads(done.stdout)["findings"]
    bad = [(one["topic"], one["grade"]) for one in findings]
    assert bad == [("settings", "bad"), ("connection", "bad")]  # and it did not connect
