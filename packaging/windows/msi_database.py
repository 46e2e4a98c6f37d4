"""Reads an installer back as msitools see it: every table's rows, and the summary."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msi_tables import Tables, idt

Cells = dict[str, str]
"""A row: column to text; an empty cell is an empty text."""


@dataclass
class Table:
    """One table of an installer."""

    name: str
    types: Cells
    """Column to type, such as ``s72`` or ``I2``: a capital letter where a cell may be empty."""
    keys: list[str]
    """The columns that tell the rows apart."""
    rows: list[Cells]


@dataclass
class Database:
    """An installer's tables, its summary (``Template``, ``Version`` …) and its streams."""

    tables: dict[str, Table]
    summary: dict[str, str] = field(default_factory=dict)
    streams: Sequence[str] = ()

    def rows(self, table: str) -> list[Cells]:
        """The rows of *table*; none where it is not there."""
        return self.tables[table].rows if table in self.tables else []

    def column(self, table: str, column: str) -> list[str]:
        """The cells of *column*, in the order of the rows."""
        return [row[column] for row in self.rows(table)]

    def by_key(self, table: str) -> dict[str, Cells]:
        """The rows of *table* by their first column."""
        return {next(iter(row.values())): row for row in self.rows(table)}

    def value(self, name: str) -> str:
        """The property *name*; empty where it is not there."""
        return self.by_key("Property").get(name, {}).get("Value", "")

    def parents(self, directory: str) -> list[str]:
        """*directory* and the folders above it, the nearest first."""
        above = self.by_key("Directory")
        path: list[str] = []
        while directory in above and directory not in path:
            path.append(directory)
            directory = above[directory]["Directory_Parent"]
        return path

    def places(self, sequence: str) -> dict[str, int]:
        """The actions of a *sequence* with their places; an action without one does not run."""
        rows = self.rows(sequence)
        return {row["Action"]: int(row["Sequence"]) for row in rows if row["Sequence"]}

    def cells(self) -> Iterator[tuple[str, str, str]]:
        """Each cell that is not empty: its table, its column and its text."""
        for table in self.tables.values():
            for row in table.rows:
                yield from ((table.name, column, cell) for column, cell in row.items() if cell)


def repeated(items: Iterable[Any]) -> list[Any]:
    """What is in *items* more than once."""
    return [one for one, times in Counter(items).items() if times > 1]


def read(msi: Path) -> Database:
    """Read *msi* with msitools' ``msiinfo``.

    Raises:
        subprocess.CalledProcessError: it is none.
    """
    names = [name for name in _said("tables", msi).split() if not name.startswith("_")]
    tables = {name: parse(_said("export", msi, name)) for name in names}
    said = (line.partition(": ") for line in _said("suminfo", msi).splitlines())
    summary = {name: value for name, _, value in said}
    return Database(tables, summary, _said("streams", msi).split())


def parse(text: str) -> Table:
    """Read a table in the installer's text format."""
    columns, types, described, *rows = (line.split("\t") for line in text.splitlines())
    name, *keys = described
    of_rows = [dict(zip(columns, row, strict=True)) for row in rows]
    return Table(name, dict(zip(columns, types, strict=True)), keys, of_rows)


def of_rows(tables: Tables) -> Database:
    """The database that *tables* are going to be, without a summary."""
    return Database({name: parse(idt(name, rows)) for name, rows in tables.items()})


def _said(what: str, msi: Path, *more: str) -> str:
    command = ["msiinfo", what, str(msi), *more]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
