"""What ``siaran-console check`` says of the masters of a Cluster."""

from __future__ import annotations

import pytest

from admin_app.checkup import Grade, Seen, of_server
from shared.bus import ClusterMaster, ServerFacts
from shared.settings import Settings

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
