"""``siaran-console repair``: find what somebody has spoilt in Redis, and with ``--yes`` mend it.

Each part looks at one kind of damage and says what it found, for people and as JSON. Without
``--yes`` nothing is changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from admin_app.log_repair import log_lines, repair_logs
from admin_app.memory_repair import Found, MemoryRepair, Total, shown
from shared.command_line import print_json, run_async
from shared.errors import EXIT_OK, BadInput, Problem
from shared.keys import Keys
from shared.phrases import phrase
from shared.repair import RepairBus, RepairLink, ServerMemory
from shared.text import in_bytes, safe_line

Outcome = tuple[list[str], Any]
"""Lines for people, and what ``--json`` prints."""
Part = Callable[[RepairLink, Keys, argparse.Namespace, int], Awaitable[Outcome]]
NAME_SHOWN = 80
OUTLETS_SHOWN = 5


def repair(arguments: argparse.Namespace, bus: RepairBus, keys: Keys, retention_ms: int) -> int:
    """Run the parts that were asked for, all if none was.

    *retention_ms*: how long head office keeps messages for PCs that are off.

    Raises:
        SiaranError: Redis cannot be reached, or the account may not do this.
    """
    chosen = {name: part for name, part in PARTS.items() if getattr(arguments, name)} or PARTS

    async def run() -> dict[str, Outcome]:
        async with bus.open_for_repair() as link:
            return {
                name: await part(link, keys, arguments, retention_ms)
                for name, part in chosen.items()
            }

    outcomes = run_async(run())
    if arguments.json:
        values = {name: outcomes[name][1] if name in outcomes else None for name in PARTS}
        print_json({"done": arguments.yes, **values})
        return EXIT_OK
    for lines, _ in outcomes.values():
        sys.stdout.writelines(f"{line}\n" for line in lines)
    return EXIT_OK


async def _memory(
    link: RepairLink, keys: Keys, arguments: argparse.Namespace, _retention_ms: int
) -> Outcome:
    listed = None
    if arguments.only_listed:
        listed = await link.listed_outlets()
        if not listed:
            sentence = phrase("There is no list of outlets in Redis.")
            raise BadInput([Problem("only_listed", sentence)])
    forget = arguments.forget_outlet or ()
    repair = MemoryRepair(link, keys, do=arguments.yes, listed=listed, forget=forget)
    found = await repair.run()
    return list(_memory_lines(found, done=arguments.yes)), _memory_json(found)


async def _logs(
    link: RepairLink, _keys: Keys, arguments: argparse.Namespace, retention_ms: int
) -> Outcome:
    found = await repair_logs(link, retention_ms, do=arguments.yes)
    values = [
        {
            "log": one.name,
            "last": str(one.last),
            "removed": one.going,
            "kept": one.needed,
            "set_back": one.set_back,
        }
        for one in found
    ]
    return log_lines(found, done=arguments.yes), values


PARTS: Mapping[str, Part] = {"memory": _memory, "logs": _logs}
"""By the option that asks for it."""


# --- for people ----------------------------------------------------------------------------------


def _memory_lines(found: Found, *, done: bool) -> Iterator[str]:
    for server in found.servers:
        yield _server_line(server)
    for address in found.forgetful:
        yield f"{address} LOSES MESSAGES AT ITS NEXT RESTART: its account default has no rights."
        yield "  Run accounts.py make, then ACL LOAD, before that."
    for kind, total in sorted(found.kinds.items(), key=lambda one: -one[1].size):
        yield f"  {kind.value:<10} {_many(total)}"
    largest = sorted(found.largest, reverse=True)
    yield from _ranking(
        "The largest keys:",
        ((size, f"{kind.value:<10} {shown(name)}") for size, name, kind in largest),
    )
    yield from _ranking(
        "Most was written in the name of (registry, and receipts that look odd):",
        ((size, outlet) for outlet, size in found.outlets.most_common(OUTLETS_SHOWN)),
    )
    yield from _ranking(
        "Not known, and left alone (another program's, or a newer version's):",
        ((size, shown(name)) for size, name in sorted(found.left_alone, reverse=True)),
    )
    yield from _going_lines(found, done=done)


def _ranking(title: str, rows: Iterable[tuple[int, str]]) -> Iterator[str]:
    lines = [f"  {in_bytes(size):>9}  {_line(text)}" for size, text in rows]
    return iter([title, *lines] if lines else [])


def _going_lines(found: Found, *, done: bool) -> Iterator[str]:
    if not found.going:
        yield "Nothing has to be removed."
        return
    yield "Removed:" if done else "To be removed (repair --yes does it):"
    for why, total in found.going.items():
        yield f"  {_many(total)}: {why.value}"
        for example in found.examples[why][:3]:
            yield f"    {_line(example)}"


def _server_line(server: ServerMemory) -> str:
    if server.used is None:
        return f"{server.address} does not say how full it is."
    of_all = f" of {in_bytes(server.limit)}" if server.limit else ""
    held = f", connections hold {in_bytes(server.clients)}" if server.clients is not None else ""
    return f"{server.address} uses {in_bytes(server.used)}{of_all}{held}."


def _many(total: Total) -> str:
    return f"{total.number:>9,}  {in_bytes(total.size):>9}"


def _line(text: str) -> str:
    return safe_line(text, NAME_SHOWN)


# --- for programs --------------------------------------------------------------------------------


def _memory_json(found: Found) -> dict[str, Any]:
    return {
        "servers": [
            {
                "address": one.address,
                "used": one.used,
                "limit": one.limit,
                "connections": one.clients,
                "loses_messages": one.address in found.forgetful,
            }
            for one in found.servers
        ],
        "kinds": [
            {"kind": kind.value, "number": total.number, "bytes": total.size}
            for kind, total in found.kinds.items()
        ],
        "largest": [
            {"name": shown(name), "kind": kind.value, "bytes": size}
            for size, name, kind in sorted(found.largest, reverse=True)
        ],
        "outlets": [
            {"name": outlet, "bytes": size}
            for outlet, size in found.outlets.most_common(OUTLETS_SHOWN)
        ],
        "left_alone": [
            {"name": shown(name), "bytes": size}
            for size, name in sorted(found.left_alone, reverse=True)
        ],
        "going": [
            {
                "why": why.name.lower(),
                "number": total.number,
                "bytes": total.size,
                "examples": found.examples[why],
            }
            for why, total in found.going.items()
        ],
    }
