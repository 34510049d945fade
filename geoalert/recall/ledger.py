"""What is still to be taken down: one item a post, open until it is known to be gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geoalert.outbox import Delivery, Outbox
from geoalert.recall.standing import Trail, trails


@dataclass(frozen=True, slots=True)
class Takedown:
    """One open item.

    Attributes:
        row: the newest thing done about the post, or to be done.
        of: the post.
        overdue: whether its deadline has passed.
    """

    row: Delivery
    of: Delivery
    overdue: bool

    @property
    def channel(self) -> str:
        """Where the post is."""
        return self.of.channel

    @property
    def how(self) -> str:
        """delete, edit, reply or steward."""
        return self.row.how or ""

    @property
    def deadline_at(self) -> datetime | None:
        """When it has to be gone."""
        return self.row.deadline_at

    @property
    def told(self) -> str:
        """What was done so far, in words."""
        row = self.row
        if row.state == "done":
            return {"edit": "edited into its end", "reply": "answered", "steward": "told"}.get(self.how, "done") + ", not seen gone"
        if row.state == "held":
            return row.held_reason or "held"
        return {"queued": "queued", "sending": "on its way", "unknown": "nobody knows whether it worked"}.get(row.state, row.state)


def open_takedowns(outbox: Outbox, sender: str, alert: str, now: datetime) -> tuple[Takedown, ...]:
    """Returns what is still to be taken down, the earliest deadline first.

    Deleted is gone, and so is what somebody confirmed; a post that was edited, answered or told of stays open until then.
    """
    return open_of(trails(outbox, sender, alert), now)


def open_of(found: tuple[Trail, ...], now: datetime) -> tuple[Takedown, ...]:
    """Returns `open_takedowns` of trails already read."""
    made = []
    for trail in found:
        rows = [row for row in trail.takedowns() if row.state != "superseded"]
        if rows and trail.visible and not _settled(trail, rows[-1]):
            deadline = rows[-1].deadline_at
            made.append(Takedown(rows[-1], trail.root, deadline is not None and deadline < now))
    return tuple(sorted(made, key=lambda item: (item.deadline_at is None, item.deadline_at or now, item.row.id)))


def _settled(trail: Trail, last: Delivery) -> bool:
    """Tells whether only images were due and they are out."""
    return last.because == "images_due" and trail.imageless
