"""Where Redis is and as whom to log in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from shared import held_files
from shared.errors import BadInput, Problem
from shared.phrases import phrase, reason_of
from shared.settings import PASSWORD_VARIABLE, Settings

SCHEMES = (
    *("redis", "rediss", "unix"),
    *("redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"),
)
SEVERAL_HOSTS = ("+sentinel", "+cluster")
DEFAULT_PORT = 6379
SENTINEL_PORT = 26379

HostPort = tuple[str, int]


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A server, an account on it, and whom to trust. Never printed with its password."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    db: int = 0
    unix_path: str = ""
    tls: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    sentinels: tuple[HostPort, ...] = ()
    """Whom to ask where the master of ``service`` is; ``host`` and ``port`` mean nothing then."""
    service: str = ""
    """Also kept in an address that Sentinel gave: a master can stop being one."""
    nodes: tuple[HostPort, ...] = ()
    """Some servers of a Cluster, which know the others; ``host`` and ``port`` mean nothing then."""

    def __str__(self) -> str:
        """``host:port``, as people and logs see it; behind Sentinel the name of the service."""
        if self.unix_path:
            return self.unix_path
        if self.nodes:
            return f"Cluster ({', '.join(_shown(*one) for one in self.nodes)})"
        if self.sentinels:
            return f"{self.service} ({', '.join(_shown(*one) for one in self.sentinels)})"
        return _shown(self.host, self.port)

    @property
    def account(self) -> str:
        """Name to log in with, as logs see it; empty for none.

        A name without a password may be a password in the wrong place (``redis://secret@host``).
        """
        return self.username if self.password else ""

    @classmethod
    def from_url(cls, url: str) -> RedisAddress:
        """Read ``redis://[[user]:password@]host[:port][/db]``, ``rediss://…`` or ``unix://path``.

        Behind Sentinel it is ``redis+sentinel://[[user]:password@]host[:port],…/service[/db]``; the
        login is Redis' own. Of a Cluster it is ``redis+cluster://[[user]:password@]host[:port],…``;
        the login is that of every server.

        Raises:
            BadInput: not such an address; the sentence never repeats a password.
        """
        try:
            parts = _split(url.strip())
        except ValueError:  # its words may quote the password
            raise _bad_url(phrase("it is no address")) from None
        try:
            return cls._from_parts(parts)
        except ValueError as error:
            raise _bad_url(reason_of(error)) from None

    @classmethod
    def _from_parts(cls, parts: SplitResult) -> RedisAddress:
        if parts.scheme not in SCHEMES:
            raise ValueError(phrase("it has to begin with redis:// or rediss://"))
        if parts.scheme.endswith("+sentinel"):
            return cls._behind_sentinel(parts)
        if parts.scheme.endswith("+cluster"):
            return cls._of_cluster(parts)
        account = cls(
            tls=parts.scheme == "rediss",
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
        if parts.scheme == "unix":
            if not parts.path:
                raise ValueError(phrase("the socket's path is missing"))
            return replace(account, unix_path=unquote(parts.path))
        if not parts.hostname:
            raise ValueError(phrase("the host name is missing"))
        port = _port(parts, DEFAULT_PORT)
        return replace(account, host=parts.hostname, port=port, db=_db(parts.path.strip("/")))

    @classmethod
    def _behind_sentinel(cls, parts: SplitResult) -> RedisAddress:
        account, places = cls._account_and_places(parts, SENTINEL_PORT)
        service, _, db = parts.path.strip("/").partition("/")
        if not service:
            raise ValueError(phrase("the name of the service is missing after the hosts"))
        return replace(account, db=_db(db), sentinels=places, service=unquote(service))

    @classmethod
    def _of_cluster(cls, parts: SplitResult) -> RedisAddress:
        account, places = cls._account_and_places(parts, DEFAULT_PORT)
        if _db(parts.path.strip("/")):
            raise ValueError(phrase("a Cluster has only database 0"))
        return replace(account, nodes=places)

    @classmethod
    def _account_and_places(
        cls, parts: SplitResult, usual_port: int
    ) -> tuple[RedisAddress, tuple[HostPort, ...]]:
        login, _, places = parts.netloc.rpartition("@")
        username, _, password = login.partition(":")
        account = cls(
            tls=parts.scheme.startswith("rediss"),
            username=unquote(username),
            password=unquote(password),
        )
        return account, tuple(_place(place, usual_port) for place in places.split(","))

    def at(self, host: str, port: int) -> RedisAddress:
        """The address of one server of this Cluster."""
        return replace(self, host=host, port=port, nodes=())


def _split(url: str) -> SplitResult:
    """Split *url*; ``urlsplit`` refuses several hosts when one of them is an IPv6 address.

    Raises:
        ValueError: no address.
    """
    scheme, _, rest = url.partition("://")
    if not scheme.lower().endswith(SEVERAL_HOSTS):
        return urlsplit(url)
    places, slash, path = rest.partition("/")
    return SplitResult(scheme.lower(), places, slash + path, "", "")


def _bad_url(reason: str) -> BadInput:
    sentence = phrase(
        "The Redis address cannot be used ({reason}); "
        "write it like redis://hq-redis:6379 or rediss://hq-redis:6380.",
        reason=reason,
    )
    return BadInput([Problem("redis_url", sentence)])


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _place(text: str, usual_port: int) -> HostPort:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(phrase("the host name is missing"))
    return parts.hostname, _port(parts, usual_port)


def _db(text: str) -> int:
    text = text or "0"
    if not text.isascii() or not text.isdigit():
        raise ValueError(phrase("what follows the last / has to be a database number"))
    return int(text)


def _port(parts: SplitResult, usual: int) -> int:
    try:
        return usual if parts.port is None else parts.port
    except ValueError:
        raise ValueError(phrase("the port has to be a number from 0 to 65535")) from None


def address_from(settings: Settings, environ: Mapping[str, str]) -> RedisAddress:
    """Put together address, account and certificates as the settings say.

    The password comes from the environment, else from the file, else from the address itself.

    Raises:
        BadInput: the address, the password file or a certificate file cannot be used.
    """
    address = RedisAddress.from_url(settings.redis_url)
    if address.tls:
        _check_readable(settings)
    password = environ.get(PASSWORD_VARIABLE, "")
    if not password and settings.password_file:
        password = read_password_file(settings.password_file)
    return replace(
        address,
        username=settings.username or address.username,
        password=password or address.password,
        ca_file=settings.ca_file,
        cert_file=settings.cert_file,
        key_file=settings.key_file,
    )


def _check_readable(settings: Settings) -> None:
    """Name every certificate file that cannot be read; the TLS library would say much less."""
    problems = []
    for name in ("ca_file", "cert_file", "key_file"):
        path = getattr(settings, name)
        try:
            if path:
                held_files.read_bytes(Path(path))
        except OSError as error:
            sentence = phrase(
                "The file in {name}, {path}, cannot be read ({reason}).",
                name=name,
                path=path,
                reason=error.strerror,
            )
            problems.append(Problem(name, sentence))
    if problems:
        raise BadInput(problems)


def read_password_file(path: str) -> str:
    """Return the first line of *path*.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        lines = held_files.read_bytes(Path(path)).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or phrase("not text")
        sentence = phrase(
            "The password file {path} cannot be read ({reason}).", path=path, reason=reason
        )
        raise BadInput([Problem("password_file", sentence)]) from error
    return lines[0].strip() if lines else ""
