"""One thing to do, one try of it, and what any ledger of them must promise."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from geoalert.publishing import Receipt

ACTS = ("publish", "replace", "recall", "correct", "notify")
STATES = ("queued", "held", "sending", "done", "rejected", "unknown", "skipped", "superseded", "expired")

URGENCIES = {"Immediate": 0, "Expected": 1, "Future": 2, "Past": 3, "Unknown": 4}
"""CAP 1.2 section 3.2.2, in the order of sending."""


def delivery_key(sender: str, alert: str, revision: int, channel: str, act: str, occurrence: int = 0) -> str:
    """Returns the 26 base32 characters that name one delivery for ever, on this side and on the other."""
    whole = json.dumps([sender, alert, revision, channel, act, occurrence], ensure_ascii=False, separators=(",", ":"))
    return base64.b32encode(hashlib.sha256(whole.encode()).digest()).decode()[:26]


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One thing to do, before the ledger has it; identity is (sender, alert, revision, channel, act, occurrence)."""

    sender: str
    alert: str
    revision: int
    channel: str
    account: str
    status: str
    """The alert's status: actual, exercise or test."""
    plan_digest: str
    post_digest: str
    expires_at: datetime
    act: str = "publish"
    occurrence: int = 0
    of_delivery: int | None = None
    urgency: int = URGENCIES["Unknown"]
    not_before: datetime | None = None
    held_reason: str | None = None
    take_down_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.act not in ACTS:
            raise ValueError(f"unknown act {self.act!r}")
        for at in (self.expires_at, self.not_before, self.take_down_at):
            if at is not None and at.tzinfo is None:
                raise ValueError("the ledger keeps aware times only")

    @property
    def key(self) -> str:
        """The delivery's name, derived from its identity alone."""
        return delivery_key(self.sender, self.alert, self.revision, self.channel, self.act, self.occurrence)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the ledger."""

    id: int
    key: str
    sender: str
    alert: str
    revision: int
    channel: str
    act: str
    occurrence: int
    account: str
    status: str
    plan_digest: str
    post_digest: str
    of_delivery: int | None
    urgency: int
    not_before: datetime | None
    held_reason: str | None
    expires_at: datetime
    take_down_at: datetime | None
    state: str
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery: when, how it ended, what it left."""

    id: int
    delivery: int
    number: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    error_code: str | None = None
    error_text: str | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    receipt: Receipt | None = None


class Outbox(Protocol):
    """A durable ledger; a row is `sending` on disk before a byte of it leaves."""

    def enqueue(self, deliveries: Iterable[NewDelivery], *, at: datetime) -> tuple[Delivery, ...]:
        """Adds what is not there yet, all or nothing, and returns every row asked for, old and new.

        Raises:
            PlanChanged: a post of the same alert and revision was queued from a plan with another digest.
        """

    def claim(self, *, at: datetime, most: int = 1) -> tuple[tuple[Delivery, Attempt], ...]:
        """Marks due rows `sending`, most urgent first, and opens an attempt for each, on disk when it returns."""

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
        """Ends one attempt and puts its row into `state`."""

    def recover(self, *, at: datetime) -> int:
        """Turns rows left `sending` by a crash into `unknown`; returns how many. Call it only as the sole sender."""

    def expire(self, *, at: datetime) -> int:
        """Turns rows that were not sent before their expiry into `expired`; returns how many."""

    def deliveries(self, *, sender: str | None = None, alert: str | None = None, state: str | None = None) -> tuple[Delivery, ...]:
        """Returns rows in the order they were queued."""

    def attempts(self, delivery: int) -> tuple[Attempt, ...]:
        """Returns the tries of one row, first to last."""

    def close(self) -> None:
        """Lets go of the file."""
