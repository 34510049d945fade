"""A project that dies in the middle of a recall or an update: every place learns of it, once, by what can be read there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.faults.desk_kills import ABILITIES, DeskKilling
from tests.faults.kills import Found, Nursery, nursery, spread, table
from tests.faults.receiver import Receiver

CASES = [(verb, able) for verb in ("recall", "update") for able in ABILITIES if (verb, able) != ("update", "edits")]
POINTS = ("before COMMIT", "after COMMIT", "after INSERT", "body: half", "answer: first part")
LEAST_KILLS = 70
"""For each of seven cases: five hundred together."""


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[Nursery, Receiver]]:
    """The killed and their other side, for all kills of this file."""
    with nursery() as both:
        yield both


def judge(able: str, found: Sequence[Found]) -> None:
    """Holds every kill of one case to what is promised."""
    for one in found:
        assert (one.doubled, one.forgotten, one.wrong) == (0, 0, 0), one
        assert one.unknown <= (one.claimed if "cannot" in able else 0), one


@pytest.mark.parametrize(("verb", "able"), [("recall", "deletes"), ("recall", "answers, cannot be asked"), ("update", "deletes")])
def test_a_kill_in_the_middle(places: tuple[Nursery, Receiver], tmp_path: Path, verb: str, able: str) -> None:
    """A few deaths of a small alert."""
    killing = DeskKilling(*places, tmp_path, verb, able, count=8)
    counts = {kind: number for kind, number in killing.points().items() if kind in POINTS}

    # The first commits are the decision and what it queues: between them nothing is queued yet.
    for point in {*spread(counts, 1), *(("after COMMIT", number) for number in (1, 2, 3))}:
        killing.kill(*point)

    assert len(killing.found) >= len(POINTS) - 1
    judge(able, killing.found)


@pytest.mark.long
def test_many_kills(places: tuple[Nursery, Receiver], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Deaths at every kind of point, fifty posts out; prints the table."""
    found: dict[str, Sequence[Found]] = {}
    for number, (verb, able) in enumerate(CASES):
        killing = DeskKilling(*places, tmp_path / str(number), verb, able)
        for point in {*spread(killing.points(), LEAST_KILLS), *(("after COMMIT", number) for number in (1, 2, 3))}:
            killing.kill(*point)
        found[f"{verb}, {able}"] = killing.found

    with capsys.disabled():
        print(f"\n\n{table(found)}\n")
    for (_, able), each in zip(CASES, found.values(), strict=True):
        assert len(each) >= LEAST_KILLS * 2 // 3
        judge(able, each)
