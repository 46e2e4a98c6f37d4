"""Reading every source of settings on this PC."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shared.errors import Problem
from shared.paths import machine_settings_file, policy_dir, user_settings_file
from shared.phrases import phrase
from shared.policies import (
    TRUSTED_UIDS,
    json_policy_layer,
    toml_layer,
)
from shared.registry import expanded, registry_layers, system_variables
from shared.settings import TABLE, Expand, Layer, Loaded, Program, Source, resolve


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the settings of one program come from on this PC. Tests make their own."""

    program: Program
    command_line: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    user_file: Path | None = None
    machine_file: Path | None = None
    policy_folder: Path | None = None
    winreg: Any = None
    """The module ``winreg`` on Windows."""
    host: str = ""
    system_uids: frozenset[int] = TRUSTED_UIDS

    @classmethod
    def of_this_pc(cls, program: Program, command_line: Mapping[str, Any]) -> Sources:
        """The real ones."""
        winreg: Any = None
        if sys.platform == "win32":
            import winreg
        return cls(
            program,
            command_line,
            dict(os.environ),
            user_settings_file(),
            machine_settings_file(),
            policy_dir(),
            winreg,
            platform.node(),
        )

    def load(self, trial: Mapping[str, str | int | None] | None = None) -> Loaded:
        """Read everything, now.

        Order: policy > command line > environment > user > machine > default. *trial*: as if these
        values stood in the user's file (None: as if that setting did not).
        """
        trial = trial or {}
        problems: list[Problem] = []
        policies, machine = self._system_layers(problems)
        given = {name: value for name, value in self.command_line.items() if value is not None}
        layers = [
            *policies,
            Layer(Source.COMMAND_LINE, phrase("command line"), given, text=True),
            environment_layer(self.environ),
            Layer(Source.USER, "", {k: v for k, v in trial.items() if v is not None}, text=True),
            *(without(layer, trial) for layer in self._user_layers(problems)),
            *machine,
        ]
        loaded = resolve(layers, self._expander())
        return replace(loaded, problems=problems + loaded.problems)

    def _system_layers(self, problems: list[Problem]) -> tuple[list[Layer], list[Layer]]:
        policies: list[Layer] = []
        machine: list[Layer] = []
        if self.winreg is not None:
            policy, own = registry_layers(self.program, self.winreg, problems)
            policies.append(policy)
            machine.append(own)
        if self.policy_folder is not None:
            folder, uids = self.policy_folder, self.system_uids
            policies.append(json_policy_layer(folder, self.program, problems, uids=uids))
        machine += self._file_layers(Source.MACHINE, self.machine_file, problems, self.system_uids)
        return policies, machine

    def _file_layers(
        self, source: Source, path: Path | None, problems: list[Problem], uids: frozenset[int]
    ) -> list[Layer]:
        if path is None:
            return []
        return [toml_layer(source, path, self.program, problems, uids=uids)]

    def _user_layers(self, problems: list[Problem]) -> list[Layer]:
        uids = self.system_uids
        if sys.platform != "win32":
            uids |= {os.getuid()}
        return self._file_layers(Source.USER, self.user_file, problems, uids)

    def _expander(self) -> Expand:
        """Replace ``%NAME%``: what IT has set by the system's variables, the rest by the user's.

        ``%COMPUTERNAME%`` works everywhere.
        """
        own = {"COMPUTERNAME": self.host, **{k.upper(): v for k, v in self.environ.items()}}
        of_system = system_variables(self.winreg, self.host)
        return lambda text, layer: expanded(text, of_system if layer.of_it else own)


def without(layer: Layer, names: Iterable[str]) -> Layer:
    """Leave the values of *names* out of *layer*."""
    kept = {name: value for name, value in layer.values.items() if name not in set(names)}
    return replace(layer, values=kept)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Values of ``SIARAN_*`` that are set and not empty."""
    values = {
        name: environ[info.variable] for name, info in TABLE.items() if environ.get(info.variable)
    }
    return Layer(Source.ENVIRONMENT, phrase("environment"), values, text=True)


def fixed(**values: Any) -> Loaded:
    """Settings with *values* and nothing read from this PC, for tests and demonstrations."""
    return Sources(Program.TRAY, values).load()
