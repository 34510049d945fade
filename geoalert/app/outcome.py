"""What became of every delivery, and what is out now; read from the ledger and never stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geoalert.app.lives import Standpoint, standpoint
from geoalert.app.notices import is_notice
from geoalert.outbox import Delivery, Outbox
from geoalert.recall import Takedown, Trail, open_of, trails_of

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery as people read it.

    Attributes:
        how: what it does: new, edit, reply, replace, delete, steward.
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
    how: str = "new"
    where: str | None = None
    told: str | None = None
    code: str | None = None
    at: datetime | None = None
    next_at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class OpenTakedown:
    """One post that has to go and is not known to be gone."""

    alert: str
    channel: str
    account: str
    how: str
    state: str
    told: str
    because: str | None
    deadline_at: datetime | None
    overdue: bool
    where: str | None

    def to_dict(self) -> dict[str, Any]:
        """Returns every field, JSON-ready."""
        return asdict(self) | {"deadline_at": self.deadline_at and self.deadline_at.isoformat()}


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """One alert: where it stands in its life, and what is out of it now.

    Attributes:
        shown: number of posts that are published, edited, may be out (unknown), recalled, or still open.
    """

    standpoint: Standpoint
    shown: dict[str, int]
    open: tuple[OpenTakedown, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns everything, JSON-ready."""
        return self.standpoint.to_dict() | {"shown": self.shown, "open": [item.to_dict() for item in self.open]}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every delivery of one alert, or of all, and where each alert stands."""

    rows: tuple[Row, ...]
    alerts: tuple[AlertOutcome, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of deliveries by state; only states that occur."""
        return dict(Counter(row.state for row in self.rows))

    @property
    def open(self) -> tuple[OpenTakedown, ...]:
        """Every open takedown, alert by alert, the earliest deadline first."""
        return tuple(item for alert in self.alerts for item in alert.open)

    def to_dict(self) -> dict[str, Any]:
        """Returns counts, deliveries and alerts, JSON-ready."""
        rows = [
            asdict(row) | {"at": row.at and row.at.isoformat(), "next_at": row.next_at and row.next_at.isoformat()} for row in self.rows
        ]
        return {"counts": self.counts, "deliveries": rows, "alerts": [alert.to_dict() for alert in self.alerts]}


def outcome_of(desk: Desk, *, alert: str | None, revision: int | None = None) -> Outcome:
    """Reads the outcome of one alert, one revision of it, or all."""
    outbox = desk.outbox
    deliveries = outbox.deliveries(sender=desk.project.agency, alert=alert)
    posts = [delivery for delivery in deliveries if not is_notice(delivery)]
    pauses = outbox.pauses(at=desk.clock())
    rows = tuple(_row(outbox, delivery, pauses) for delivery in posts if revision in (None, delivery.revision))
    ids = [alert] if alert is not None else list(dict.fromkeys(delivery.alert for delivery in posts))
    return Outcome(rows, tuple(_alert(desk, each, [row for row in posts if row.alert == each]) for each in ids))


def _alert(desk: Desk, alert: str, rows: list[Delivery]) -> AlertOutcome:
    found = trails_of(rows)
    opened = tuple(
        OpenTakedown(
            alert=alert,
            channel=item.channel,
            account=item.of.account,
            how=item.how,
            state=item.row.state,
            told=_told(desk.outbox, item),
            because=item.row.because,
            deadline_at=item.deadline_at,
            overdue=item.overdue,
            where=_where(desk.outbox, item.of),
        )
        for item in open_of(found, desk.clock())
    )
    return AlertOutcome(standpoint(desk, alert, rows), _shown(found, len(opened)), opened)


def _told(outbox: Outbox, item: Takedown) -> str:
    """Returns what was done so far, and for one that waits why its last try did not go."""
    tries = outbox.attempts(item.row.id) if item.row.state == "queued" and item.row.tries else ()
    return f"{item.told}: {tries[-1].error_text}" if tries and tries[-1].error_text else item.told


def _shown(found: Iterable[Trail], opened: int) -> dict[str, int]:
    counts = Counter[str]()
    for trail in found:
        if trail.root.state == "done" and trail.stands:
            counts["edited" if trail.content is not trail.root else "published"] += 1
        elif trail.root.state == "done":
            counts["recalled"] += 1
        elif trail.stands:
            counts["unknown"] += 1
    counts["open"] = opened
    return {name: count for name, count in counts.items() if count}


def _where(outbox: Outbox, delivery: Delivery) -> str | None:
    receipts = [attempt.receipt for attempt in outbox.attempts(delivery.id) if attempt.receipt]
    return (receipts[-1].url or receipts[-1].id) if receipts else None


def next_at(delivery: Delivery, pauses: Mapping[str, datetime]) -> datetime | None:
    """Returns when a queued delivery is tried again: not before its own time, nor before its account's pause ends; None for at once."""
    times = [at for at in (delivery.not_before, pauses.get(delivery.account)) if at is not None]
    return max(times, default=None) if delivery.state == "queued" else None


def _row(outbox: Outbox, delivery: Delivery, pauses: Mapping[str, datetime]) -> Row:
    paused = f"account {delivery.account} pauses" if delivery.state == "queued" and delivery.account in pauses else None
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
        how=delivery.how or "new",
        where=(last.receipt.url or last.receipt.id) if last and last.receipt else None,
        told=delivery.held_reason or (last.error_text if last else None) or paused,
        code=last.error_code if last else None,
        at=last.ended_at if last else None,
        next_at=next_at(delivery, pauses),
        tries=delivery.tries,
    )
