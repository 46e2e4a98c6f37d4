"""What can go wrong, said so that a person can act on it.

Each error knows its own sentence and what to do; errors of redis, SQLite or the system are
translated into one of these at the edge where they arise, and only there. ``transient`` errors heal
by trying again; the others need somebody to change something (they are tried again too, since that
somebody may sit elsewhere). ``exit_code`` is what a command line ends with.

Sentences are phrases (``shared.phrases``): English here, in logs and on command lines; windows say
them in the person's language (``shared.qt.words.localized``).
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.phrases import Phrase, phrase, together

EXIT_OK = 0
EXIT_BAD_INPUT = 2
EXIT_UNREACHABLE = 3
EXIT_REFUSED = 4
EXIT_NOT_YET = 5
"""What was waited for has not happened in time."""
EXIT_INTERRUPTED = 130


class SiaranError(Exception):
    """Base of all errors that are shown to people: one sentence and, often, a way out."""

    exit_code = EXIT_REFUSED
    transient = False

    def __init__(self, sentence: str, advice: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice

    @property
    def whole(self) -> Phrase:
        """Sentence and advice, to be said in any language."""
        return together(self.sentence, self.advice)

    def __str__(self) -> str:
        return str(self.whole)


# --- input ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field or setting. ``field`` is its name in code."""

    field: str
    sentence: str


class BadInput(SiaranError):
    """What somebody typed, or set, cannot be used; ``problems`` names every field at once."""

    exit_code = EXIT_BAD_INPUT

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(together(*(problem.sentence for problem in problems)))
        self.problems = problems


class ClockInDoubt(SiaranError):
    """Redis' clock has jumped, and nothing speaks for where it is now. On command lines the option
    ``--trust-clock`` says that it is right."""


# --- Redis ---------------------------------------------------------------------------------------


class RedisError(SiaranError):
    """Anything about the server at ``address`` (``host:port``)."""

    def __init__(self, address: str, sentence: str, advice: str = "") -> None:
        super().__init__(sentence, advice)
        self.address = address


class RedisUnreachable(RedisError):
    """Nothing useful answers at the address."""

    exit_code = EXIT_UNREACHABLE
    transient = True


class LinkLost(RedisUnreachable):
    """A connection that worked has ended; whether the last command arrived is unknown."""


class NotRedis(RedisUnreachable):
    """Something answers, but it does not speak Redis."""

    transient = False


class RedisLoading(RedisUnreachable):
    """The server is up and still reads its data from disk."""


class LoginRefused(RedisError):
    """User name or password are wrong or missing."""


class NotPermitted(RedisError):
    """The account may not do what is needed."""


class TlsRefused(RedisError):
    """The encrypted connection could not be trusted."""


class RedisCannotStore(RedisError):
    """The server answers but takes no writes (memory or disk full, a replica, too few replicas)."""


class ChangedMeanwhile(SiaranError):
    """What was to be saved is not any more what it was when it was opened."""

    def __init__(self) -> None:
        super().__init__(
            phrase("Somebody else has changed this meanwhile, so it was not saved."),
            phrase("Look at it as it is now, and change it again."),
        )


# --- the program itself --------------------------------------------------------------------------


class InternalError(SiaranError):
    """A fault of the program; the log has it. What failed is tried again all the same."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            phrase("Something unexpected went wrong ({kind}).", kind=type(error).__name__),
            phrase("It is tried again; the details are in the log file."),
        )


# --- this PC -------------------------------------------------------------------------------------


class AlreadyRunning(SiaranError):
    """Another instance of the same program uses the same data folder."""

    exit_code = EXIT_OK


class StorageError(SiaranError):
    """The data folder cannot be used."""
