"""Any order of queueing, claiming, ending, braking and crashing: no row leaves twice, and what was stopped stays here."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from geoalert.errors import NotSent
from geoalert.outbox import Attempt, Delivery, Settlement, SqliteOutbox, check_chain
from geoalert.outbox.claims import not_unknown
from tests.outbox.rows import new

OF = {"sender": "Example Police", "alert": "S1"}
ENDS = ("done", "rejected", "unknown", "queued")


class Ledger(RuleBasedStateMachine):
    """A sender, a person with a brake, a second connection, and a crash now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "outbox.sqlite"
        self.ledgers = [SqliteOutbox(self.path) for _ in range(2)]
        self.at = datetime(2027, 3, 12, 21, tzinfo=UTC)
        self.flying: dict[int, tuple[Delivery, Attempt]] = {}
        self.landed: set[int] = set()
        self.stopped: set[int] = set()
        self.braked = False

    def teardown(self) -> None:
        """Lets go of the files."""
        for ledger in self.ledgers:
            ledger.close()
        self.folder.cleanup()

    @rule(channel=st.integers(0, 9), which=st.integers(0, 1))
    def enqueue(self, channel: int, which: int) -> None:
        """The same rows again and again."""
        row = self.ledgers[which].enqueue([new(self.at, f"c{channel}", expires_at=datetime(2027, 3, 13, 21, tzinfo=UTC))], at=self.at)[0]
        if self.braked and row.state in ("queued", "held"):
            assert row.state == "held"

    @rule(lanes=st.integers(1, 4), which=st.integers(0, 1), ends=st.lists(st.sampled_from(ENDS), max_size=4))
    def exchange(self, lanes: int, which: int, ends: list[str]) -> None:
        """Some posts end, others start."""
        settled = []
        for state in ends:
            if self.flying:
                number, (_, attempt) = self.flying.popitem()
                again = self.at + timedelta(seconds=30) if state == "queued" else None
                settled.append(Settlement(attempt, state, self.at, error=NotSent("no") if again else None, not_before=again))
                self.landed |= {number} if state in ("done", "unknown") else set()
        for delivery, attempt in self.ledgers[which].exchange(settled, [], at=self.at, lanes={"posts": lanes}, most=3):
            assert delivery.id not in self.flying
            assert delivery.id not in self.landed, "what landed, or may have, leaves again"
            assert delivery.id not in self.stopped, "what was superseded leaves"
            assert not self.braked, "what is on hold leaves"
            self.flying[delivery.id] = (delivery, attempt)

    @rule()
    def brake(self) -> None:
        """One person, at once."""
        self.ledgers[1].hold(**OF, at=self.at, by="t.singh", reason="wrong photo")
        self.braked = True

    @rule()
    def let_go(self) -> None:
        """The brake is released."""
        self.ledgers[0].release(**OF, at=self.at, by="m.roy")
        self.braked = False

    @rule(number=st.integers(1, 10))
    def supersede(self, number: int) -> None:
        """A newer revision takes a row's place."""
        self.ledgers[0].supersede([number], at=self.at)
        found = self.ledgers[0].delivery(number)
        if found is not None and found.state not in ("done", "rejected"):
            self.stopped.add(number)

    @precondition(lambda self: self.flying)
    @rule()
    def crash(self) -> None:
        """The sender dies; what was in flight may have landed."""
        assert self.ledgers[1].recover(at=self.at) == len(self.flying)
        self.landed |= set(self.flying)
        self.flying.clear()

    @rule(number=st.integers(1, 10), landed=st.booleans())
    def ask_a_person(self, number: int, landed: bool) -> None:
        """Somebody has looked."""
        found = self.ledgers[0].delivery(number)
        if found is None or found.state != "unknown":
            return
        state = self.ledgers[0].settle_unknown(number, state="done" if landed else "queued", at=self.at)
        if not landed:
            self.landed.discard(number)
            assert state == ("superseded" if number in self.stopped else "held" if self.braked else "queued")

    @rule(seconds=st.sampled_from([-3600, 1, 29, 31, 3600]))
    def clock(self, seconds: int) -> None:
        """Time passes, or is set."""
        self.at += timedelta(seconds=seconds)

    @invariant()
    def rows_are_where_they_belong(self) -> None:
        """What is in flight is `sending`, and nothing else is."""
        assert {row.id for row in self.ledgers[0].deliveries(state="sending")} == set(self.flying)

    @invariant()
    def the_record_holds(self) -> None:
        """The chain of both connections is one."""
        check_chain(self.ledgers[1].entries())


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


def test_the_error_of_what_is_not_unknown_names_the_row() -> None:
    """A person who settles the wrong row is told which."""
    assert "7" in str(not_unknown(7))
