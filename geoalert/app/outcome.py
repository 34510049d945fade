"""What became of every delivery, read from the ledger and never stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from geoalert.app.notices import is_notice
from geoalert.outbox import Delivery, Outbox


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery as people read it.

    Attributes:
        where: where the post can be seen, once it was sent.
        told: why it waits, was refused or is unknown.
        at: when its last try ended.
        next_at: when it is tried again.
    """

    alert: str
    revision: int
    channel: str
    account: str
    act: str
    state: str
    key: str
    where: str | None = None
    told: str | None = None
    code: str | None = None
    at: datetime | None = None
    next_at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every delivery of one alert, or of all."""

    rows: tuple[Row, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of deliveries by state; only states that occur."""
        return dict(Counter(row.state for row in self.rows))

    def to_dict(self) -> dict[str, Any]:
        """Returns counts and deliveries, JSON-ready."""
        rows = [
            asdict(row) | {"at": row.at and row.at.isoformat(), "next_at": row.next_at and row.next_at.isoformat()} for row in self.rows
        ]
        return {"counts": self.counts, "deliveries": rows}


def outcome_of(outbox: Outbox, *, sender: str, alert: str | None, revision: int | None = None) -> Outcome:
    """Reads the outcome of one alert, one revision of it, or all."""
    deliveries = outbox.deliveries(sender=sender, alert=alert)
    posts = [delivery for delivery in deliveries if not is_notice(delivery)]
    return Outcome(tuple(_row(outbox, delivery) for delivery in posts if revision in (None, delivery.revision)))


def _row(outbox: Outbox, delivery: Delivery) -> Row:
    tries = outbox.attempts(delivery.id) if delivery.tries else ()
    last = tries[-1] if tries else None
    return Row(
        alert=delivery.alert,
        revision=delivery.revision,
        channel=delivery.channel,
        account=delivery.account,
        act=delivery.act,
        state=delivery.state,
        key=delivery.key,
        where=(last.receipt.url or last.receipt.id) if last and last.receipt else None,
        told=delivery.held_reason or (last.error_text if last else None),
        code=last.error_code if last else None,
        at=last.ended_at if last else None,
        next_at=delivery.not_before if delivery.state == "queued" else None,
        tries=delivery.tries,
    )
