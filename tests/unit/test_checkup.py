"""What ``siaran-console check`` says of the masters of a Cluster and of troubled PCs."""

from __future__ import annotations

import msgspec
import pytest

from admin_app.checkup import Grade, Seen, of_server
from shared.bus import ClusterMaster, EndpointReport, ServerFacts
from shared.model import DAY_MS
from shared.repair import ServerMemory
from shared.settings import Settings
from tests.unit.test_outlets_overview import NOW, report

WELL = ClusterMaster("hq-1:6379", 1, answers=True)
ALONE = ClusterMaster("hq-2:6379", 0, answers=True)
DEAD = ClusterMaster("hq-3:6379", 0, answers=False)


@pytest.mark.parametrize(
    ("masters", "grade", "sentence"),
    [
        ((), Grade.GOOD, "This server takes messages itself."),
        ((WELL,), Grade.GOOD, "All 1 masters of the Cluster answer, and each has a replica."),
        ((WELL, ALONE), Grade.WEAK, "Masters of the Cluster have no replica: hq-2:6379."),
        ((WELL, ALONE, DEAD), Grade.BAD, "Masters of the Cluster do not answer: hq-3:6379."),
    ],
)
def test_masters_are_graded_by_the_worst(
    masters: tuple[ClusterMaster, ...], grade: Grade, sentence: str
) -> None:
    facts = ServerFacts("7.0.15", 0, True, "noeviction", 0, False, bool(masters), masters)
    found = of_server(Settings(), "hq", Seen(facts, {}, [], [], 0))
    [role] = [one for one in found if one.topic == "role"]
    assert (role.grade, str(role.sentence)) == (grade, sentence)


def troubled(name: str, *codes: str, seen_at: int = NOW) -> EndpointReport:
    """A PC that says what is wrong with it."""
    return msgspec.structs.replace(report(name, seen_at), troubles=list(codes))


def trouble_lines(*reports: EndpointReport) -> list[tuple[Grade, str]]:
    """What is said of the troubles of PCs."""
    facts = ServerFacts("7.0.15", NOW, True, "noeviction", 0, False, False)
    found = of_server(Settings(), "hq", Seen(facts, {}, [], reports, 0))
    return [(one.grade, str(one.sentence)) for one in found if one.topic == "troubles"]


def test_troubles_are_said_by_kind_with_who_reports_them() -> None:
    assert trouble_lines(report("A/1")) == [(Grade.GOOD, "No PC reports anything wrong.")]
    assert trouble_lines(
        troubled("A/1", "trusted-keys", "trusted-keys"),
        troubled("A/2", "from\x1bmorrow", "trusted-keys"),
        troubled("A/3", "trusted-keys", seen_at=NOW - 8 * DAY_MS),  # nobody expects it any longer
    ) == [
        (Grade.WEAK, "Some trusted keys cannot be used: reported by 2 PCs (A/1, A/2)."),
        (Grade.WEAK, "Unknown trouble 'frommorrow': reported by 1 PC (A/2)."),
    ]


def test_invented_troubles_are_bounded() -> None:
    flood = troubled("A/1", *(f"{number:03}" + "x" * 10_000 for number in range(1000)))
    assert [len(code) for code in flood.troubles] == [40] * 16
    decoded = msgspec.json.decode(
        msgspec.json.encode(flood).replace(b'"000', b'"\\u202e\\n000'), type=EndpointReport
    )
    assert decoded.troubles == flood.troubles
    assert len(trouble_lines(decoded)) == 10


# --- memory --------------------------------------------------------------------------------------


def of_memory(*servers: ServerMemory) -> tuple[Grade, str]:
    """What is said of it."""
    facts = ServerFacts("7.0.15", NOW, True, "noeviction", 0, False, False, memory=servers)
    found = of_server(Settings(), "hq", Seen(facts, {}, [], [report("A/1")], 0))
    [memory] = [one for one in found if one.topic == "memory"]
    return memory.grade, str(memory.sentence)


@pytest.mark.parametrize(
    ("used", "limit", "grade"),
    [
        (69, 100, Grade.GOOD),
        (70, 100, Grade.WEAK),
        (89, 100, Grade.WEAK),
        (90, 100, Grade.BAD),
        (150, 100, Grade.BAD),
        (1, 0, Grade.WEAK),
        (None, None, Grade.WEAK),
    ],
)
def test_memory_is_graded_by_how_full_it_is(
    used: int | None, limit: int | None, grade: Grade
) -> None:
    found, sentence = of_memory(ServerMemory("hq", used, limit, clients=2048))
    assert found is grade
    assert ("repair" in sentence) == (found is not Grade.GOOD and used is not None)
    assert ("2.0 kB" in sentence) == bool(limit)


def test_of_a_cluster_the_fullest_master_is_named() -> None:
    grade, sentence = of_memory(
        ServerMemory("hq-1:6379", 1, 100),
        ServerMemory("hq-2:6379", 95, 100),
        ServerMemory("hq-3:6379", 75, 100),
    )
    assert grade is Grade.BAD
    assert "hq-2:6379" in sentence


def test_more_keys_that_never_expire_than_siaran_has_are_named() -> None:
    assert of_memory(ServerMemory("hq", 1, 100, endless=20))[0] is Grade.GOOD
    grade, sentence = of_memory(ServerMemory("hq", 1, 100, endless=5000))
    assert grade is Grade.WEAK
    assert "5000 keys of it never expire" in sentence
