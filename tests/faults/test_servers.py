"""Everything that a server can do wrong, through the real room for HTTP: what the ledger says then, and what the server received."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from geoalert.errors import OutboxError
from tests.faults.evening import FIND, HOOK, PLAIN, Evening, place_of

COUNT = 3
QUEUED, UNKNOWN, REJECTED, DONE = ({state: COUNT} for state in ("queued", "unknown", "rejected", "done"))
FAULTS = {
    "refused": ("connection_failed", QUEUED, DONE, DONE),
    "tls": ("tls_failed", QUEUED, DONE, DONE),
    "hang": ("read_timeout", UNKNOWN, DONE, UNKNOWN),
    "hang_up": ("connection_broken", UNKNOWN, DONE, UNKNOWN),
    "cut_off": ("connection_broken", UNKNOWN, DONE, UNKNOWN),
    "garbage": ("broken_reply", UNKNOWN, DONE, UNKNOWN),
    "not_http": ("connection_broken", UNKNOWN, DONE, UNKNOWN),
    "401": ("credentials_refused", REJECTED, REJECTED, REJECTED),
    "403": ("credentials_refused", REJECTED, REJECTED, REJECTED),
    "echo": ("refused_by_server", REJECTED, REJECTED, REJECTED),
    "429": ("rate_limited", QUEUED, DONE, DONE),
    "429_silent": ("rate_limited", QUEUED, DONE, DONE),
    "500": ("server_error", UNKNOWN, DONE, UNKNOWN),
    "503": ("unavailable", QUEUED, DONE, DONE),
    "503_silent": ("server_error", UNKNOWN, DONE, UNKNOWN),
    "elsewhere": ("redirect_refused", REJECTED, REJECTED, REJECTED),
}
"""Fault: the code of a first try, the states while it lasts, and the states an hour later with and without idempotent create."""


@pytest.fixture
def evening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Evening]:
    """An evening with the kind of publisher that the test names."""
    with place_of(request.param) as place:
        made = Evening(place, request.param, tmp_path, count=COUNT)
        yield made
        made.outbox.close()


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("evening", [HOOK, PLAIN], indirect=True)
def test_a_fault_of_the_server(evening: Evening, name: str) -> None:
    """While it lasts and an hour later: the state of every post, and each of them at the server at most once."""
    code, during, idempotent, plain = FAULTS[name]
    assert set(FAULTS) == set(evening.place.faults)

    evening.tls(name == "tls")
    with evening.place.fault(name):
        evening.send()
        while_it_lasts, codes = evening.states, evening.codes
    evening.tls(False)
    evening.send_for(minutes=60, step_s=60)

    assert (while_it_lasts, codes) == (during, {code})
    assert evening.states == (idempotent if evening.kind == HOOK else plain)
    assert evening.standing == (COUNT if evening.states == DONE or name == "cut_off" else 0)
    assert evening.place.strays == []


@pytest.mark.parametrize("name", ["hang", "hang_up", "cut_off", "garbage", "not_http", "500", "503_silent"])
@pytest.mark.parametrize("evening", [HOOK, PLAIN, FIND], indirect=True)
def test_only_the_answer_is_lost(evening: Evening, name: str) -> None:
    """The server did what it was asked and could not say so: never put up twice, and unknown only where nobody can ask."""
    with evening.place.fault(name, done=True):
        evening.send()
    evening.send_for(minutes=60, step_s=60)

    assert evening.standing == COUNT
    assert evening.states == (UNKNOWN if evening.kind == PLAIN else DONE)


@pytest.mark.parametrize("evening", [HOOK, PLAIN], indirect=True)
@pytest.mark.parametrize("name", ["503", "429", "429_silent"])
def test_a_server_that_is_busy_for_a_minute(evening: Evening, name: str) -> None:
    """It is asked again only as often as it allows, all of its account waits, and every post arrives once afterwards."""
    with evening.place.fault(name):
        evening.send_for(minutes=1)
        touched = evening.place.touched()
    after_a_minute = evening.states
    evening.send_for(minutes=2)

    assert after_a_minute == QUEUED
    assert touched <= (COUNT * (60 // 7 + 1) if name != "429_silent" else COUNT * 5)
    assert evening.states == DONE
    assert evening.standing == COUNT


@pytest.mark.parametrize("evening", [HOOK, PLAIN], indirect=True)
def test_a_server_that_never_comes_back(evening: Evening) -> None:
    """Waiting ends with the alert: nothing is sent late."""
    with evening.place.fault("refused"):
        evening.send_for(minutes=7 * 60, step_s=300)
    evening.send()

    assert evening.states == {"expired": COUNT}
    assert evening.standing == 0


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("evening", [HOOK, PLAIN], indirect=True)
def test_the_clock_is_set_by_an_hour(evening: Evening, hours: int) -> None:
    """Between a refusal and its repetition: nothing waits an hour longer, nothing is sent twice."""
    with evening.place.fault("refused"):
        evening.send()
    evening.later(hours=hours)
    evening.send_for(minutes=2)
    states, now = evening.states, evening.now
    evening.later(hours=-hours)
    evening.send_for(minutes=2)

    assert states == DONE, f"still waiting at {now}"
    assert evening.states == DONE
    assert evening.standing == COUNT


@pytest.mark.parametrize("evening", [PLAIN], indirect=True)
def test_a_locked_ledger(evening: Evening) -> None:
    """Another program holds the ledger: nothing leaves, the error says so, and it goes on afterwards."""
    evening._busy_timeout_s = 0.1
    impatient = evening.open()
    evening.outbox._db.execute("BEGIN IMMEDIATE")
    with pytest.raises(OutboxError) as caught:
        evening.send(impatient)
    touched = evening.place.touched()
    evening.outbox._db.execute("ROLLBACK")
    evening.send(impatient)
    impatient.close()

    assert caught.value.code == "outbox_locked"
    assert touched == 0
    assert evening.states == DONE
    assert evening.standing == COUNT
