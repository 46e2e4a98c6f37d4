"""Each thing that can go wrong with Redis becomes the right error, which names the address."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from itertools import pairwise

import pytest
from redis._parsers import _AsyncRESP2Parser
from redis.exceptions import ConnectionError as RedisPyConnectionError
from redis.exceptions import InvalidResponse
from redis.exceptions import RedisError as RedisPyError
from redis.exceptions import TimeoutError as RedisPyTimeoutError

from shared.errors import (
    EXIT_BAD_INPUT,
    EXIT_REFUSED,
    EXIT_UNREACHABLE,
    BadInput,
    LinkLost,
    LoginRefused,
    NotPermitted,
    NotRedis,
    Problem,
    RedisCannotStore,
    RedisError,
    RedisLoading,
    RedisUnreachable,
    SiaranError,
    TlsRefused,
)
from shared.redis_bus.connection import LostError
from shared.redis_bus.translate import translate, translated

ADDRESS = "hq-redis:6379"


def chained(*errors: BaseException) -> BaseException:
    """The outermost error of a chain, each raised because of the next."""
    for outer, inner in pairwise(errors):
        outer.__cause__ = inner
    return errors[0]


def answer(text: str) -> BaseException:
    """A server's error reply."""
    error = _AsyncRESP2Parser.parse_error(text)
    assert isinstance(error, RedisPyError)
    return error


def tls_error(error: ssl.SSLError, reason: str) -> ssl.SSLError:
    """*error* with what OpenSSL adds to it."""
    error.reason = reason
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed certificate"
    return error


def connecting(error: BaseException) -> RedisError:
    """The translation while connecting."""
    return translate(error, ADDRESS, connected=False)


CONNECTING = {
    "nobody listens": (
        ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('10.0.0.1', 6379)"),
        RedisUnreachable,
    ),
    "nobody listens, at several addresses of the host": (
        OSError(
            f"Multiple exceptions: [Errno {errno.ECONNREFUSED}] Connect call failed ('::1', 6379), "
            f"[Errno {errno.ECONNREFUSED}] Connect call failed ('127.0.0.1', 6379)"
        ),
        RedisUnreachable,
    ),
    "unknown name": (
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        RedisUnreachable,
    ),
    "no answer": (TimeoutError(), RedisUnreachable),
    "no route": (OSError(errno.EHOSTUNREACH, "No route to host"), RedisUnreachable),
    "hung up at once": (
        RedisPyConnectionError("Connection closed by server."),
        RedisUnreachable,
    ),
    "reset": (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), RedisUnreachable),
    "a web server": (InvalidResponse("no RESP: b'HTTP/1.1 400'"), NotRedis),
    "certificate not trusted": (
        tls_error(ssl.SSLCertVerificationError(1, "…"), "CERTIFICATE_VERIFY_FAILED"),
        TlsRefused,
    ),
    "no TLS there": (tls_error(ssl.SSLError(1, "…"), "WRONG_VERSION_NUMBER"), TlsRefused),
    "wrapped": (chained(OSError("?"), ConnectionRefusedError()), RedisUnreachable),
    "too many": (answer("ERR max number of clients reached"), RedisUnreachable),
    "anything else": (LostError("?"), RedisUnreachable),
}
SAID = {
    "nobody listens": "Nothing answers",
    "nobody listens, at several addresses of the host": "Nothing answers",
    "wrapped": "Nothing answers",
    "unknown name": "No computer is known",
    "no answer": "does not answer in time",
    "no route": "cannot be reached",
    "hung up at once": "hung up",
    "reset": "hung up",
}

NO_CHANNEL = "NOPERM No permissions to access a channel"
ANSWERS = {
    "LOADING Redis is loading the dataset in memory": RedisLoading,
    "WRONGPASS invalid username-password pair or user is disabled.": LoginRefused,
    "NOAUTH Authentication required.": LoginRefused,
    "DENIED Redis is running in protected mode because protected mode is enabled": LoginRefused,
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL": RedisLoading,
    "ERR Client sent AUTH, but no password is set": LoginRefused,
    "NOPERM User tray has no permissions to run the 'evalsha' command": NotPermitted,
    NO_CHANNEL: NotPermitted,
    "NOPERM No permissions to access a key": NotPermitted,
    "OOM command not allowed when used memory > 'maxmemory'.": RedisCannotStore,
    "MISCONF Redis is configured to save RDB snapshots, but is unable to": RedisCannotStore,
    "READONLY You can't write against a read only replica.": RedisCannotStore,
    "NOREPLICAS Not enough good replicas to write.": RedisCannotStore,
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.": (
        RedisCannotStore
    ),
    "ERR unknown command 'XINFO', with args beginning with: 'STREAM' ": NotRedis,
    "WRONGTYPE Operation against a key holding the wrong kind of value": RedisError,
}


@pytest.mark.parametrize("case", CONNECTING)
def test_what_keeps_from_connecting_is_told_apart(case: str) -> None:
    error, kind = CONNECTING[case]
    got = connecting(error)
    assert type(got) is kind
    assert ADDRESS in got.sentence
    assert got.address == ADDRESS
    assert got.advice, "a way out"
    assert SAID.get(case, "") in got.sentence


@pytest.mark.parametrize("connected", [False, True])
@pytest.mark.parametrize("text", ANSWERS)
def test_what_a_server_answers_is_told_apart(text: str, connected: bool) -> None:
    got = translate(answer(text), ADDRESS, connected=connected)
    assert type(got) is ANSWERS[text]
    assert ADDRESS in got.sentence


@pytest.mark.parametrize(
    "error",
    [
        LostError("the connection was lost"),
        ConnectionResetError(errno.ECONNRESET, "reset"),
        tls_error(ssl.SSLEOFError(8, "…"), "EOF"),
        tls_error(ssl.SSLError(1, "…"), "APPLICATION_DATA_AFTER_CLOSE_NOTIFY"),
        chained(LostError("…"), BrokenPipeError()),
        BrokenPipeError(),
        TimeoutError(),
        RedisPyConnectionError("Connection closed by server."),
        RedisPyTimeoutError("Timeout reading from hq-redis:6379"),
    ],
    ids=repr,
)
def test_whatever_ends_a_link_that_worked_means_it_was_lost(error: BaseException) -> None:
    got = translate(error, ADDRESS, connected=True)
    assert type(got) is LinkLost
    assert ADDRESS in got.sentence


def test_the_sentence_says_why_the_certificate_is_not_trusted() -> None:
    error, _ = CONNECTING["certificate not trusted"]
    assert "self-signed certificate" in connecting(error).sentence


@pytest.mark.parametrize("kind", [ssl.SSLError, ssl.SSLCertVerificationError])
@pytest.mark.parametrize("reason", [None, "missing"])
def test_a_tls_error_that_gives_no_reason_is_told_all_the_same(
    kind: type[ssl.SSLError], reason: str | None
) -> None:
    error = kind(1, "…")
    if reason is None:
        error.reason = None  # type: ignore[assignment]
        if isinstance(error, ssl.SSLCertVerificationError):
            error.verify_message = None  # type: ignore[assignment]
    got = connecting(error)
    assert type(got) is TlsRefused
    assert "None" not in got.sentence


def test_the_sentence_says_which_permission_is_missing() -> None:
    denied = "NOPERM User tray has no permissions to run the 'evalsha' command"
    assert "the command evalsha" in connecting(answer(denied)).sentence
    assert "a channel it has to use" in connecting(answer(NO_CHANNEL)).sentence


DENIED_BY_SCRIPT = {  # 6.2, 7.0, 7.2
    "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: "
    "The user executing the script can't run this command or subcommand": "Siaran's script runs",
    "ERR The user executing the script can't access at least one of the keys mentioned in the "
    "command arguments script: 1, on @user_script:1.": "a key it",
    "ERR The user executing the script can't publish to the channel mentioned in the command "
    "script: 1, on @user_script:1.": "a channel it",
    "NOPERM ACL failure in script: User tray has no permissions to run the 'xadd' command "
    "script: 1, on @user_script:1.": "the command xadd",
    "NOPERM ACL failure in script: No permissions to access a key script: 1": "a key it",
}


@pytest.mark.parametrize("text", DENIED_BY_SCRIPT)
def test_a_permission_that_a_script_lacks_is_one_too(text: str) -> None:
    got = connecting(answer(text))
    assert type(got) is NotPermitted
    assert DENIED_BY_SCRIPT[text] in got.sentence


def test_the_sentence_says_why_nothing_can_be_stored() -> None:
    full = connecting(answer("OOM command not allowed when used memory > 'maxmemory'."))
    assert "its memory is full" in full.sentence
    replica = connecting(answer("READONLY You can't write against a read only replica."))
    assert "read-only replica" in replica.sentence


def test_a_hidden_context_is_looked_through() -> None:
    error = OSError("Error connecting")  # as by "raise ... from None"
    error.__context__ = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    error.__suppress_context__ = True
    assert "No computer is known" in connecting(error).sentence


def test_a_circle_of_causes_comes_to_an_end() -> None:
    first, second = LostError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert type(connecting(first)) is RedisUnreachable


@pytest.mark.parametrize("error", [LostError("x"), OSError(), TimeoutError()])
async def test_translated_turns_what_went_wrong_into_ours(error: Exception) -> None:
    with pytest.raises(LinkLost) as caught:
        async with translated(ADDRESS, connected=True):
            raise error
    assert caught.value.__cause__ is error


async def test_translated_leaves_other_errors_alone() -> None:
    with pytest.raises(KeyError):
        async with translated(ADDRESS, connected=True):
            raise KeyError("a fault of ours")
    with pytest.raises(asyncio.CancelledError):
        async with translated(ADDRESS, connected=True):
            raise asyncio.CancelledError


def test_what_heals_by_itself_is_transient() -> None:
    kinds = [RedisUnreachable, LinkLost, RedisLoading]
    lasting = [NotRedis, LoginRefused, NotPermitted, TlsRefused, RedisCannotStore, RedisError]
    assert all(kind.transient for kind in kinds)
    assert not any(kind.transient for kind in lasting)


def test_exit_codes_tell_scripts_what_happened() -> None:
    assert BadInput([]).exit_code == EXIT_BAD_INPUT == 2
    assert {LinkLost.exit_code, NotRedis.exit_code, RedisLoading.exit_code} == {EXIT_UNREACHABLE}
    assert {LoginRefused.exit_code, TlsRefused.exit_code, SiaranError.exit_code} == {EXIT_REFUSED}


def test_bad_input_says_everything_at_once() -> None:
    error = BadInput([Problem("title", "Write a title."), Problem("body", "Write a message.")])
    assert str(error) == "Write a title. Write a message."
