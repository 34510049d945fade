"""A sender that dies at any instant: nothing is put up twice, nothing is forgotten, and only what was under way is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.faults.kills import Found, Killing, Nursery, nursery, spread, table
from tests.faults.places import IN_FLIGHT
from tests.faults.receiver import Receiver

PUBLISHERS = ("webhook", "find", "plain")
LEAST_KILLS = 210


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[Nursery, Receiver]]:
    """Senders and their other side, for all kills of this file."""
    with nursery() as both:
        yield both


def judge(publisher: str, found: Sequence[Found]) -> None:
    """Holds every kill of one publisher to what is promised."""
    for one in found:
        assert (one.doubled, one.forgotten, one.wrong) == (0, 0, 0), one
        assert one.unknown <= one.claimed <= IN_FLIGHT, one
        assert publisher == "plain" or one.unknown == 0, one


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_a_kill_at_every_kind_of_point(places: tuple[Nursery, Receiver], tmp_path: Path, publisher: str) -> None:
    """One death at each kind of point in a send of 50 posts; of places that can be asked, at every third kind."""
    killing = Killing(*places, tmp_path / "state", publisher)
    points = list(spread(killing.points(), 1))[:: 1 if publisher == "plain" else 3]

    for point in points:
        killing.kill(*point)

    assert len(killing.found) >= len(points) - 2
    judge(publisher, killing.found)
    assert any(one.claimed for one in killing.found)


@pytest.mark.long
def test_two_hundred_kills(places: tuple[Nursery, Receiver], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At least two hundred deaths for each kind of publisher; prints the table."""
    found: dict[str, Sequence[Found]] = {}
    for publisher in PUBLISHERS:
        killing = Killing(*places, tmp_path / "state", publisher)
        for point in spread(killing.points(), LEAST_KILLS):
            killing.kill(*point)
        found[publisher] = killing.found

    with capsys.disabled():
        print(f"\n\n{table(found)}\n")
    for publisher, each in found.items():
        assert len(each) >= 200
        judge(publisher, each)


def test_a_sender_that_forgets_is_caught(places: tuple[Nursery, Receiver], tmp_path: Path) -> None:
    """The judge itself: a post that the receiver never got, or got twice, is seen."""
    killing = Killing(*places, tmp_path / "state", "plain")
    found = killing.kill("answer: nothing", 20)
    assert found is not None
    receiver = places[1]
    key = next(iter(receiver.posts))

    receiver.posts[key] = 2
    again = killing.judge(tmp_path / "state", "x", None, set())
    del receiver.posts[key]
    gone = killing.judge(tmp_path / "state", "x", None, set())

    assert (again.doubled, again.forgotten) == (1, 0)
    assert (gone.forgotten, gone.wrong) == (1, 1)
