"""A plan that is not what was approved, and a revision that comes too late: nothing of either leaves."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from geoalert.app import Desk
from geoalert.errors import GeoAlertError
from geoalert.plan import Plan
from geoalert.worker import sole_sender
from tests.faults.project import ALERT, START, approved, open_desk, write_hooks
from tests.faults.receiver import Receiver

CHANNELS = 6
BYTES = 60


def code_of_sending(folder: Path) -> str | None:
    """Returns the code that sending the stored plan is refused with, None where it is not."""
    try:
        with open_desk(folder) as desk:
            desk.send(desk.store.load("S1"))
    except GeoAlertError as err:
        return err.code
    return None


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The other side of every channel."""
    with Receiver() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, receiver: Receiver) -> Iterator[Desk]:
    """A project with an alert that is planned and approved."""
    write_hooks(tmp_path / "p", f"{receiver.url}/webhook", channels=CHANNELS)
    with open_desk(tmp_path / "p") as opened:
        yield opened


def stored(desk: Desk, plan: Plan) -> Path:
    """Returns the plan's file."""
    return desk.store.plan_path(plan)


def test_one_changed_byte_of_a_plan(desk: Desk, tmp_path: Path, receiver: Receiver) -> None:
    """Wherever it is: refused with a code, nothing asked of any server; the plan as it was is then sent."""
    plan = approved(desk, tmp_path / "p")
    path = stored(desk, plan)
    whole = path.read_bytes()
    codes = Counter()
    for at in sorted(random.Random(1).sample(range(len(whole)), BYTES)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        codes[code_of_sending(tmp_path / "p")] += 1
    asked_of_changed = receiver.requests
    path.write_bytes(whole)
    outcome = desk.send(desk.store.load("S1"))

    assert set(codes) <= {"plan_changed", "not_a_plan"}
    assert asked_of_changed == 0
    assert outcome.counts == {"done": CHANNELS}
    assert sum(receiver.posts.values()) == CHANNELS


def test_a_plan_changed_after_it_was_queued(desk: Desk, tmp_path: Path, receiver: Receiver) -> None:
    """What waits in the ledger is proved again before it leaves: of a changed plan nothing is sent, of the restored one all."""
    plan = approved(desk, tmp_path / "p")
    with sole_sender(desk.state):
        desk.send(plan)
    path, whole = stored(desk, plan), stored(desk, plan).read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with open_desk(tmp_path / "p") as other:
        other.work()
        states = other.outbox.counts()
        codes = {other.outbox.attempts(row.id)[-1].error_code for row in other.outbox.deliveries()}
    asked = receiver.requests
    path.write_bytes(whole)
    with open_desk(tmp_path / "p", START + timedelta(minutes=5)) as later:
        later.work()
        restored = later.outbox.counts()

    assert (states, codes, asked) == ({"queued": CHANNELS}, {"not_a_plan"}, 0)
    assert restored == {"done": CHANNELS}
    assert set(receiver.posts.values()) == {1}


def test_an_old_revision_sent_late(desk: Desk, tmp_path: Path, receiver: Receiver) -> None:
    """Once a newer revision was queued an older one is refused, also one that never was sent."""
    first = approved(desk, tmp_path / "p")
    desk.send(first)
    (tmp_path / "p" / "alert.toml").write_text(ALERT.replace("Friday, 11 pm", "Friday, 10:45 pm"))
    revisions = [first]
    for _ in range(2):
        plan = desk.update(desk.read_alert(tmp_path / "p" / "alert.toml"), by="w.clerk")
        desk.approve(plan, by="t.singh", reason="a correction")
        revisions.append(plan)
    desk.send(revisions[-1])
    standing, requests = dict(receiver.standing), receiver.requests

    for late in revisions[:-1]:
        with pytest.raises(GeoAlertError) as caught:
            desk.send(late)
        assert caught.value.code == "revision_late"

    assert [plan.revision for plan in revisions] == [1, 2, 3]
    assert (receiver.requests, receiver.standing) == (requests, standing)
    assert all("10:45 pm" in text for text in standing.values())
