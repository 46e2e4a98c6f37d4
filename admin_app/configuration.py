"""The settings of this console as a person sees, tries and changes them. Without Qt or Redis."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from admin_app.checkup import Finding, of_failure
from shared.errors import BadInput, Problem, SiaranError, StorageError
from shared.phrases import phrase
from shared.settings import (
    PASSWORD_VARIABLE,
    TABLE,
    Loaded,
    Program,
    SettingInfo,
    Settings,
    Source,
    Strictest,
)
from shared.settings_file import save_password, save_settings
from shared.signals import Signal
from shared.sources import Sources

Changes = Mapping[str, str | None]
"""Setting to what somebody typed; None: take my value back, so that the next source decides."""
Check = Callable[[Settings, Mapping[str, str]], object]
"""Raises ``BadInput`` if no server can be addressed with these settings."""
Look = Callable[[Settings, Mapping[str, str]], Awaitable[Sequence[Finding]]]
"""Connects with these settings and says what is there."""

_NOT_OURS = frozenset({Source.POLICY, Source.COMMAND_LINE, Source.ENVIRONMENT})
"""Sources that go before the user's own file: what stands there cannot be changed from here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting as it is now. ``own``: the value is this person's, and can be taken back."""

    info: SettingInfo
    value: str
    source: Source
    editable: bool

    @property
    def own(self) -> bool:
        """Whether this person set it."""
        return self.source is Source.USER


class Configuration:
    """What is set, where from, and what this person may change."""

    def __init__(
        self,
        sources: Sources,
        folder: Path,
        environ: Mapping[str, str],
        *,
        check: Check,
        look: Look,
    ) -> None:
        self.sources = sources
        self.loaded: Loaded = sources.load()
        self.folder = folder
        self.environ = environ
        self.saved: Signal[[]] = Signal()
        self._check = check
        self._look = look

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.loaded.settings

    def entries(self) -> list[Entry]:
        """Every setting of the console, in the order of the table."""
        return [
            self.entry(name) for name, info in TABLE.items() if Program.CONSOLE in info.programs
        ]

    def entry(self, name: str) -> Entry:
        """One of them."""
        info, source = TABLE[name], self.loaded.origins[name]
        editable = not info.admin and source not in _NOT_OURS and self._has_file()
        return Entry(info, str(getattr(self.settings, name)), source, editable)

    @property
    def has_address(self) -> bool:
        """Whether anybody has said where Redis is."""
        return self.loaded.origins["redis_url"] is not Source.DEFAULT

    @property
    def password_given(self) -> bool:
        """Whether there is a password already, wherever it comes from."""
        return bool(self.environ.get(PASSWORD_VARIABLE) or self.settings.password_file)

    def password_editable(self) -> bool:
        """Whether a password that is typed here would be the one in use."""
        return self.entry("password_file").editable and not self.environ.get(PASSWORD_VARIABLE)

    def tried(self, changes: Changes) -> Settings:
        """The settings as they would be with *changes*.

        Raises:
            BadInput: with every problem of what was typed.
        """
        trial = self.sources.load(changes)
        problems = [problem for problem in trial.problems if problem.field in changes]
        if problems:
            raise BadInput(problems)
        self._check(trial.settings, self.environ)
        return trial.settings

    async def look(self, changes: Changes, password: str = "") -> Sequence[Finding]:
        """Connect as if *changes* were saved, and say what was found. Never raises ``SiaranError``.

        Findings about what was typed have the setting as their topic.
        """
        environ = dict(self.environ)
        if password:
            environ[PASSWORD_VARIABLE] = password
        try:
            settings = self.tried(changes)
            refusal = self.sources.load(changes).refusal(Strictest.NO_CONNECTION)
            if refusal is not None:  # what IT has set, say
                raise refusal
            return await self._look(settings, environ)
        except SiaranError as error:
            return [of_failure(error)]

    def save(self, changes: Changes, password: str = "") -> None:
        """Write *changes* into this person's file; they take effect at once.

        Raises:
            BadInput: with every problem of what was typed; nothing was written.
            StorageError: a file could not be written.
        """
        self.tried(changes)
        problems = [_locked(name) for name in changes if not self.entry(name).editable]
        if problems:
            raise BadInput(problems)
        if self.sources.user_file is None:
            raise StorageError(phrase("There is no settings file for this user."))
        values = dict(changes)
        if password:
            values["password_file"] = str(save_password(self.folder, password))
        save_settings(self.sources.user_file, Program.CONSOLE, _typed(values))
        self.saved.emit()

    def _has_file(self) -> bool:
        return self.sources.user_file is not None


def _typed(values: Changes) -> dict[str, str | int | None]:
    return {
        name: int(value) if value is not None and TABLE[name].type is int else value
        for name, value in values.items()
    }


def _locked(name: str) -> Problem:
    return Problem(name, phrase("This cannot be changed here."))
