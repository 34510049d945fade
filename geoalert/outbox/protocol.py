"""What any ledger must promise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from geoalert.outbox.chain import Entry
from geoalert.outbox.events import Event
from geoalert.outbox.model import Attempt, Delivery, NewDelivery, Settlement
from geoalert.outbox.seen import Seen
from geoalert.publishing import Receipt


class Outbox(Protocol):
    """A durable ledger; a row is `sending` on disk before a byte of it leaves.

    `events` are written into the record in the same transaction as what they tell of. Every method may raise OutboxError.
    """

    def enqueue(
        self,
        deliveries: Iterable[NewDelivery],
        *,
        at: datetime,
        events: Iterable[Event] = (),
        supersede: Iterable[int] = (),
        seen: Seen | None = None,
    ) -> tuple[Delivery, ...]:
        """Adds what is not there yet, all or nothing, and returns every row asked for, old and new.

        Args:
            deliveries: read inside the transaction, after `supersede`: a generator that asks this ledger sees what nobody can change.
            supersede: rows taken out of the queue in the same transaction; one under way does not come back into it.
            seen: what the decision rests on.

        Raises:
            PlanError: a step was taken that `seen` does not know of (step_overtaken).
            PlanChanged: a post of the same alert and revision was queued from a plan with another digest (revision_taken).
            PlanError: a newer revision of the alert was already queued (revision_late).
        """

    def claim(self, *, at: datetime, most: int = 1) -> tuple[tuple[Delivery, Attempt], ...]:
        """Marks due rows `sending` whatever their account, and opens an attempt for each, on disk when it returns."""

    def exchange(
        self,
        settlements: Iterable[Settlement],
        steps: Iterable[tuple[int, Mapping[str, str]]],
        *,
        at: datetime,
        lanes: Mapping[str, int],
        most: int,
    ) -> tuple[tuple[Delivery, Attempt], ...]:
        """Writes what ended, keeps publishers' steps by attempt, and claims due rows, in one transaction with one sync.

        Claims at most `lanes[account]` rows an account and `most` in all: corrections first, then urgency, then id.
        """

    def put_back(self, begun: Collection[int], *, at: datetime) -> int:
        """Queues again what the last exchange claimed and nobody began, `begun` naming attempts; also where its caller was interrupted
        before it learned of them. Returns how many."""

    def reopen(self, delivery: int, *, at: datetime) -> Attempt:
        """Marks an `unknown` row `sending` and opens an attempt to find out what became of it."""

    def save_steps(self, attempt: int, steps: Mapping[str, str]) -> None:
        """Keeps what a publisher wants to find again on its next try."""

    def settle(
        self,
        attempt: Attempt,
        *,
        state: str,
        at: datetime,
        receipt: Receipt | None = None,
        error: Exception | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Ends one attempt and puts its row into `state`, or where a hold or a newer revision keeps it."""

    def recover(self, *, at: datetime) -> int:
        """Turns rows left `sending` by a crash into `unknown`; returns how many. Call it only as the sole sender."""

    def expire(self, *, at: datetime) -> int:
        """Turns rows that were not sent before their expiry into `expired`; returns how many."""

    def hold(
        self, *, sender: str, alert: str, at: datetime, by: str, reason: str, through: int | None = None, events: Iterable[Event] = ()
    ) -> int:
        """Stops what an alert has still to say, queued now or later, until `release`; what takes back goes on.

        Args:
            through: the last revision that it stops; None stops every one.
        """

    def release(self, *, sender: str, alert: str, at: datetime, by: str, events: Iterable[Event] = ()) -> int:
        """Ends an alert's hold; returns how many rows are queued again."""

    def supersede(self, ids: Iterable[int], *, at: datetime, events: Iterable[Event] = (), seen: Seen | None = None) -> int:
        """Takes rows out of the queue for a newer revision; returns how many; one under way does not come back into it.

        Raises:
            PlanError: step_overtaken.
        """

    def settle_unknown(
        self, delivery: int, *, state: str, at: datetime, receipt: Receipt | None = None, events: Iterable[Event] = ()
    ) -> str:
        """Puts an unknown row where a person says it belongs (done, rejected or queued); returns the state it got."""

    def confirm(self, delivery: int, *, at: datetime, by: str, note: str | None = None, events: Iterable[Event] = ()) -> None:
        """Notes that somebody says a post is gone."""

    def record(self, events: Iterable[Event], *, at: datetime, seen: Seen | None = None) -> tuple[Entry, ...]:
        """Appends to the record.

        Raises:
            PlanError: step_overtaken.
        """

    def entries(self, *, alert: str | None = None, since_seq: int = 0, kinds: Collection[str] | None = None) -> Iterator[Entry]:
        """Streams the record, or one alert's part of it, after an entry's number."""

    def head(self) -> tuple[int, str]:
        """Returns number and hash of the last entry ever written, also where it is gone since."""

    def skeleton(self, *, first: int, last: int) -> Iterator[tuple[int, str, str]]:
        """Streams number, digest and hash of entries, both ends included: what proves a part of the record in its place."""

    def purge_bodies(self, seqs: Collection[int], *, at: datetime, events: Iterable[Event] = ()) -> int:
        """Forgets what entries said, never that they were there; returns how many said something."""

    def block_media(self, digests: Iterable[str], *, sender: str, alert: str, at: datetime, events: Iterable[Event] = ()) -> None:
        """Blocks images for ever."""

    def blocked(self, digests: Iterable[str]) -> set[str]:
        """Returns which of the images are blocked."""

    def mark(self, name: str) -> str | None:
        """Returns a mark, such as how far a copy has come."""

    def set_mark(self, name: str, value: str) -> None:
        """Sets a mark."""

    def next_due(self, *, at: datetime) -> datetime | None:
        """Returns when the next row can be tried: `at` where one can be now, None where nothing is queued."""

    def look(self, *, at: datetime) -> tuple[tuple[str, ...], datetime | None]:
        """Returns the accounts that have something ready, and when the next wait ends: what a worker asks now and again."""

    def unknown_due(self, *, at: datetime, fresh: bool) -> tuple[tuple[Delivery, bool], ...]:
        """Returns unknown rows whose time to be asked about has come; with `fresh` also those that were given none.

        The second of each says whether it may be done again: not where it is on hold, superseded or expired.
        """

    def pauses(self, *, at: datetime) -> dict[str, datetime]:
        """Returns accounts that are not tried for now, each with the end of it."""

    def counts(self, sender: str | None = None, alert: str | None = None) -> dict[str, int]:
        """Returns how many rows are in each state; only states that occur."""

    def changed(self) -> int:
        """Returns a number that differs once somebody else, or a person here, wrote something: cheap to ask again and again."""

    def deliveries(
        self,
        *,
        sender: str | None = None,
        alert: str | None = None,
        state: str | None = None,
        states: Collection[str] | None = None,
        revision: int | None = None,
    ) -> tuple[Delivery, ...]:
        """Returns rows in the order they were queued."""

    def iter_deliveries(
        self,
        *,
        sender: str | None = None,
        alert: str | None = None,
        states: Collection[str] | None = None,
        revision: int | None = None,
    ) -> Iterator[Delivery]:
        """Streams rows in the order they were queued."""

    def delivery(self, number: int) -> Delivery | None:
        """Returns one row."""

    def attempts(self, delivery: int) -> tuple[Attempt, ...]:
        """Returns the tries of one row, first to last."""

    def backup(self, to: Path) -> None:
        """Writes a whole copy of the ledger while it is in use."""

    def close(self) -> None:
        """Lets go of the file."""
