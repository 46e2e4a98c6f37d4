"""What Redis and the system say went wrong, as Siaran's errors. The only place that knows both.

The chain of causes is walked: an error may have been wrapped, or have come while another was dealt
with.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from redis._parsers.socket import SERVER_CLOSED_CONNECTION_ERROR
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.errors import (
    LinkLost,
    LoginRefused,
    NotPermitted,
    NotRedis,
    RedisCannotStore,
    RedisError,
    RedisLoading,
    RedisUnreachable,
    TlsRefused,
)
from shared.phrases import phrase
from shared.redis_bus.connection import CUT, said

_CANNOT_STORE = {
    "OOM": phrase("its memory is full"),
    "MISCONF": phrase("it cannot write to its disk"),
    "READONLY": phrase("it is a read-only replica"),
    "NOREPLICAS": phrase("too few of its replicas are up"),
    "MASTERDOWN": phrase("it has lost its master"),
    "TRYAGAIN": phrase("the Cluster is moving this part of its data to another server"),
}

_REFUSED = f"[Errno {errno.ECONNREFUSED}]"
"""In the text of what asyncio raises when no address of a host can be connected to."""

_LOGIN = re.compile("^NOAUTH|^WRONGPASS|no password is set|without any password configured")
# Redis 7.0 calls what a script may not do a plain error; 6.2 puts "Error running script" before it.
_NO_PERMISSION = re.compile("^NOPERM|The user executing the script can't|ACL failure in script")

# What is denied, by Redis' words: 7.0's ("this user has …"), those of 7.2 and later ("User x has
# …", "No permissions to …"), for commands sent and for those of a script, and our own script's.
_DENIED: tuple[tuple[str, Callable[[str], str]], ...] = (
    (r"Publishing needs (.+)", str),
    (r"to run the '([^']+)' command", lambda name: phrase("the command {name}", name=name)),
    (
        r"(can't run this command)",
        lambda _: phrase("a command that Siaran's script runs"),
    ),
    (
        r"((?:access|publish to) (?:one of the channels|a channel|the channel|the '.*' channel))",
        lambda _: phrase("a channel it has to use"),
    ),
    (
        r"(access (?:at least one of the keys|one of the keys|a key|the '.*' key))",
        lambda _: phrase("a key it has to use"),
    ),
)


@asynccontextmanager
async def translated(address: str, *, connected: bool) -> AsyncIterator[None]:
    """Turn what goes wrong with Redis inside into a ``RedisError``; *connected*: the link worked.

    A cancellation that got lost inside is raised here: ``asyncio.wait_for``, before Python 3.12,
    drops one that comes at the moment its work ends (CPython issue 81839). The loop around would go
    on for ever, and the program would not end.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    except (ResponseError, *CUT) as error:
        raise translate(error, address, connected=connected) from error
    if task and task.cancelling() > before:
        raise asyncio.CancelledError


def translate(error: BaseException, address: str, *, connected: bool) -> RedisError:
    """Return the error to show for *error*, which Redis' answer or the system raised."""
    chain = list(_causes(error))
    return (
        _answer_error(chain, address)
        or _tls_error(chain, address, connected=connected)
        or (_lost(address) if connected else _connect_error(chain, address))
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _answer_error(chain: list[BaseException], address: str) -> RedisError | None:
    """Errors that a server answered."""
    for error in chain:
        if isinstance(error, InvalidResponse):
            return _not_redis(address)
        if text := said(error):
            return _refusal(address, text) or _response_error(address, text)
    return None


def _refusal(address: str, text: str) -> RedisError | None:
    """Not this account, or not now."""
    if _NO_PERMISSION.search(text):
        return _not_permitted(address, text)
    if _LOGIN.search(text):
        return LoginRefused(
            address,
            phrase(
                "Redis at {address} refused the login: user name or password is wrong.",
                address=address,
            ),
            phrase("Check the settings username and password_file."),
        )
    if text.startswith("DENIED "):
        return LoginRefused(
            address,
            phrase(
                "Redis at {address} lets nobody in from another computer (protected mode).",
                address=address,
            ),
            phrase("Whoever runs Redis has to give it accounts or a password."),
        )
    return _not_now(address, text)


def _not_now(address: str, text: str) -> RedisError | None:
    if text.startswith("LOADING "):
        return RedisLoading(
            address,
            phrase("Redis at {address} is still loading its data.", address=address),
            phrase("It will be ready soon."),
        )
    if text.startswith("BUSY "):
        return RedisLoading(
            address,
            phrase("Redis at {address} is busy with something long.", address=address),
            phrase("It will be ready soon."),
        )
    if "max number of clients" in text:
        return RedisUnreachable(
            address,
            phrase("Redis at {address} has no room for another connection.", address=address),
            phrase("Whoever runs Redis has to raise maxclients."),
        )
    return None


def _response_error(address: str, text: str) -> RedisError:
    if reason := _CANNOT_STORE.get(text.partition(" ")[0]):
        sentence = phrase(
            "Redis at {address} cannot store messages now: {reason}.",
            address=address,
            reason=reason,
        )
        return RedisCannotStore(address, sentence, phrase("Tell whoever runs Redis."))
    if of_cluster := _cluster_error(address, text):
        return of_cluster
    if "unknown command" in text.lower():
        sentence = phrase(
            "The server at {address} lacks a command that Siaran needs ({answer}).",
            address=address,
            answer=text.split(", with args", 1)[0][:80],  # those of AUTH are a name and a password
        )
        return NotRedis(address, sentence, phrase("Siaran needs Redis or Valkey 6.2 or newer."))
    return RedisError(
        address,
        phrase(
            "Redis at {address} answered with an error: {answer}",
            address=address,
            answer=text[:200],
        ),
    )


def one_of_a_cluster(address: str) -> RedisError:
    """What to say when the address of a Cluster's server is used like that of a stand-alone one."""
    return RedisError(
        address,
        phrase("Redis at {address} is one server of a Redis Cluster.", address=address),
        phrase("Write redis+cluster:// instead of redis:// in the setting redis_url."),
    )


def cluster_down(address: str) -> RedisError:
    """What to say when no server of a Cluster has what is needed."""
    return RedisUnreachable(
        address,
        phrase("The Redis Cluster is down, or a part of it ({address}).", address=address),
        phrase("Tell whoever runs Redis."),
    )


def _cluster_error(address: str, text: str) -> RedisError | None:
    """What only a Cluster answers, or what only a server of none."""
    if text.startswith(("MOVED ", "ASK ")):  # of one server nobody else is asked
        return one_of_a_cluster(address)
    if text.startswith("CLUSTERDOWN"):
        return cluster_down(address)
    if "cluster support disabled" in text:
        return RedisError(
            address,
            phrase("Redis at {address} is not part of a Redis Cluster.", address=address),
            phrase("Write redis:// instead of redis+cluster:// in the setting redis_url."),
        )
    return None


def _not_permitted(address: str, text: str) -> NotPermitted:
    return NotPermitted(
        address,
        phrase(
            "The account used at Redis {address} lacks a permission: {right}.",
            address=address,
            right=_what_is_denied(text),
        ),
        phrase("Ask whoever runs Redis to add it."),
    )


def _what_is_denied(text: str) -> str:
    for pattern, words in _DENIED:
        if found := re.search(pattern, text):
            return words(found[1])
    return text[:80]


def _tls_error(chain: list[BaseException], address: str, *, connected: bool) -> RedisError | None:
    if "_ssl" not in sys.modules:  # it is loaded for addresses with TLS only
        return None
    import ssl

    for error in chain:
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = getattr(error, "verify_message", None) or phrase("not trusted")
            return TlsRefused(
                address,
                phrase(
                    "The certificate of Redis at {address} cannot be trusted: {reason}.",
                    address=address,
                    reason=reason,
                ),
                phrase("Check the settings redis_url and ca_file."),
            )
        if isinstance(error, ssl.SSLError) and not connected:
            reason = getattr(error, "reason", None) or phrase("TLS failed")
            return TlsRefused(
                address,
                phrase(
                    "No encrypted connection to {address}: {reason}.",
                    address=address,
                    reason=reason,
                ),
                phrase("Check redis_url (rediss:// or redis://), cert_file and key_file."),
            )
    return None


def _lost(address: str) -> LinkLost:
    return LinkLost(
        address, phrase("The connection to Redis at {address} was lost.", address=address)
    )


def _connect_error(chain: list[BaseException], address: str) -> RedisError:
    for error in chain:
        if isinstance(error, socket.gaierror):
            return RedisUnreachable(
                address,
                phrase("No computer is known by the name in {address}.", address=address),
                phrase("Check the setting redis_url and this PC's network."),
            )
        if isinstance(error, ConnectionRefusedError) or _REFUSED in str(error):
            return RedisUnreachable(
                address,
                phrase("Nothing answers at {address}.", address=address),
                phrase("Check that Redis is running and the setting redis_url."),
            )
        if isinstance(error, TimeoutError | RedisTimeoutError):
            return RedisUnreachable(
                address,
                phrase("Redis at {address} does not answer in time.", address=address),
                phrase("Check the network, the firewall, and redis:// or rediss:// in redis_url."),
            )
        if isinstance(error, ConnectionError) or str(error) == SERVER_CLOSED_CONNECTION_ERROR:
            return _hung_up(address)
    return RedisUnreachable(
        address,
        phrase("Redis at {address} cannot be reached.", address=address),
        phrase("Check the network and redis_url."),
    )


def _hung_up(address: str) -> RedisError:
    """A server that is just ending does so, too, and must not be told as a stranger."""
    return RedisUnreachable(
        address,
        phrase("Redis at {address} hung up without an answer.", address=address),
        phrase("If that lasts: check host, port and redis:// or rediss:// in redis_url."),
    )


def _not_redis(address: str) -> NotRedis:
    return NotRedis(
        address,
        phrase(
            "What answers at {address} is not Redis, or expects an encrypted connection.",
            address=address,
        ),
        phrase("Check host, port and redis:// or rediss:// in the setting redis_url."),
    )
