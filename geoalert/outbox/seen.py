"""What somebody had read of an alert's record when they decided, proved again where the decision is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from geoalert.errors import PlanError
from geoalert.outbox.chain import Entry

STEPS_TAKEN = ("planned", "returned", "rejected_plan", "approved", "issued", "updated", "closed", "media_blocked")
"""Entries that change what may be done next; what became of posts is none of them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An alert's record as far as a decision rests on it.

    Attributes:
        seq: the last of the alert's entries that was read; 0 where there was none.
        kinds: what, written later, makes the decision void.
    """

    sender: str
    alert: str
    seq: int
    kinds: Collection[str] = STEPS_TAKEN

    @classmethod
    def of(cls, entries: Sequence[Entry], *, sender: str, alert: str, kinds: Collection[str] = STEPS_TAKEN) -> Seen:
        """Returns what reading these entries amounts to."""
        return cls(sender, alert, entries[-1].seq if entries else 0, kinds)


def refuse_overtaken(db: sqlite3.Connection, seen: Seen | None) -> None:
    """Refuses a decision that another one has overtaken; nobody else can write until the transaction ends.

    Raises:
        PlanError: step_overtaken.
    """
    if seen is None:
        return
    later = db.execute("SELECT kind, actor FROM log WHERE alert = ? AND seq > ? AND sender = ?", (seen.alert, seen.seq, seen.sender))
    for kind, actor in later:
        if kind in seen.kinds:
            raise PlanError(
                f"{actor} was quicker: the alert's record has gone on ({kind}), so nothing was done",
                code="step_overtaken",
                field="id",
                value=seen.alert,
                do=f"Look again, then decide: geoalert status {seen.alert}",
            )
