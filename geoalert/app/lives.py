"""Where an alert of the desk stands: its record, read together with its rows and the clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geoalert.app.notices import is_notice
from geoalert.outbox import STEPS_TAKEN, Delivery, Entry
from geoalert.outbox.lifecycle import Life, check_step, life_of

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


LIFE = (*STEPS_TAKEN, "expired")
"""Entries that an alert's life is computed from; what became of each post is none of them."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """One alert's life.

    Attributes:
        held: who holds its newest revision, why and since when; None where nobody does.
        closed_at: when it was closed.
        sent: when each revision was issued.
    """

    alert: str
    life: Life
    held: Entry | None = None
    closed_at: datetime | None = None
    sent: tuple[tuple[int, datetime], ...] = ()

    @property
    def newest(self) -> int:
        """The newest revision that was planned or issued; 0 before any."""
        return max(self.life.revision or 0, self.life.pending or 0, self.life.approved or 0)

    def check(self, step: str) -> None:
        """Refuses a step that the alert cannot take.

        Raises:
            PlanError: illegal_step.
        """
        check_step(self.life.state, step, alert=self.alert)

    def to_dict(self) -> dict[str, Any]:
        """Returns state, revision, CAP's msgType and references, JSON-ready."""
        life = self.life
        return {
            "id": self.alert,
            "state": life.state,
            "revision": life.revision,
            "pending": life.pending,
            "because": life.because,
            "msg_type": life.msg_type,
            "references": [f"{one.sender},{one.identifier},{one.sent}" for one in life.references],
            "held": self.held and {"by": self.held.actor, "at": self.held.at, "reason": (self.held.body or {}).get("reason")},
        }


def recorded_life(desk: Desk, alert: str) -> Life:
    """Returns what the record alone says of an alert's life; found at once, however many posts it has."""
    found = desk.outbox.entries(alert=alert, kinds=LIFE)
    return life_of(entry for entry in found if entry.sender == desk.project.agency)


def standpoint(desk: Desk, alert: str, rows: Iterable[Delivery] | None = None) -> Standpoint:
    """Returns where an alert stands now; one that nobody ever planned is a draft.

    Args:
        rows: its deliveries, where they are read already.
    """
    entries = [entry for entry in desk.outbox.entries(alert=alert) if entry.sender == desk.project.agency]
    found = desk.outbox.deliveries(sender=desk.project.agency, alert=alert) if rows is None else rows
    posts = [row for row in found if not is_notice(row)]
    life = life_of(entries)
    held = next((entry for entry in reversed(entries) if entry.kind in ("held", "released")), None)
    closed = next((entry for entry in reversed(entries) if entry.kind == "closed"), None)
    sent: dict[int, datetime] = {}
    for entry in entries:
        if entry.kind in ("issued", "updated"):
            told = (entry.body or {}).get("sent", entry.at)
            sent.setdefault(entry.revision or 1, datetime.fromisoformat(str(told)))
    for row in posts:
        # Sent before there was a record.
        if row.because is None and row.queued_at is not None:
            sent.setdefault(row.revision, row.queued_at)
    if posts and life.revision is None:
        revision = max(row.revision for row in posts)
        life = replace(
            life, state="updated" if revision > 1 else "issued", revision=revision, msg_type="Update" if revision > 1 else "Alert"
        )
    ends = [row.expires_at for row in posts if row.revision == life.revision]
    if life.state in ("issued", "updated") and ends and max(ends) <= desk.clock():
        life = replace(life, state="expired")
    return Standpoint(
        alert,
        life,
        held if held and _holds(held, life) else None,
        datetime.fromisoformat(closed.at) if closed else None,
        tuple(sorted(sent.items())),
    )


def _holds(entry: Entry, life: Life) -> bool:
    through = int((entry.body or {}).get("through", life.revision or 0))
    return entry.kind == "held" and life.state != "closed" and through >= (life.revision or 0)
