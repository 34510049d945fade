"""The life of an alert, computed from its record and never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geoalert.errors import PlanError
from geoalert.outbox.chain import Entry

LIVES = ("draft", "pending", "returned", "rejected", "issued", "updated", "closed", "expired")

STEPS: dict[str, tuple[str, ...]] = {
    "draft": ("plan", "hold"),
    "pending": ("plan", "approve", "return", "reject", "send", "hold", "release"),
    "returned": ("plan", "hold", "release"),
    "rejected": (),
    "issued": ("plan", "approve", "return", "reject", "send", "hold", "release", "update", "recall", "confirm", "expire"),
    "updated": ("plan", "approve", "return", "reject", "send", "hold", "release", "update", "recall", "confirm", "expire"),
    "closed": ("recall", "confirm", "hold", "release"),
    "expired": ("plan", "approve", "return", "reject", "send", "update", "recall", "confirm", "hold", "release"),
}
"""What may be done in each state. Expiry never ends takedown; an expired alert may be sent on only as a newer revision."""

_PLANS = {"planned": "pending", "returned": "returned", "rejected_plan": "rejected", "approved": "pending"}
_DO = {
    "draft": "Plan it first: geoalert plan",
    "pending": "It has to be approved and sent first",
    "returned": "Plan it again, with what was asked for",
    "rejected": "Give the changed alert a new id",
    "closed": "Give a new alert a new id; what is still out is taken down by geoalert recall",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """One issued revision, as CAP 1.2 `references` names it."""

    sender: str
    identifier: str
    sent: str


@dataclass(frozen=True, slots=True)
class Life:
    """Where an alert stands.

    Attributes:
        state: one of `LIVES`.
        revision: the newest issued revision; None before any.
        pending: a newer revision that waits for its approval or was approved and not sent yet.
        approved: the newest revision that was approved.
        because: why it was closed.
        msg_type: CAP's msgType of what was issued last: Alert, Update, Cancel or Error; None before any.
        references: every issued revision before the newest message, oldest first.
    """

    state: str = "draft"
    revision: int | None = None
    pending: int | None = None
    approved: int | None = None
    because: str | None = None
    msg_type: str | None = None
    references: tuple[Reference, ...] = ()


def life_of(entries: Iterable[Entry]) -> Life:
    """Returns where an alert stands, from its part of the record in order; purged entries tell as much."""
    state, revision, pending, approved, because = "draft", None, None, None, None
    issued: dict[int, Reference] = {}
    for entry in entries:
        if entry.kind in _PLANS:
            pending = None if entry.kind in ("returned", "rejected_plan") else entry.revision
            approved = entry.revision if entry.kind == "approved" else approved
            if not issued:
                state = _PLANS[entry.kind]
        elif entry.kind in ("issued", "updated"):
            number = entry.revision or 1
            issued.setdefault(
                number, Reference(entry.sender or "", f"{entry.alert}.r{number}", str((entry.body or {}).get("sent", entry.at)))
            )
            revision, pending = max(issued), None if pending == number else pending
            if state != "closed":
                state = "updated" if len(issued) > 1 or entry.kind == "updated" else "issued"
        elif entry.kind == "closed":
            state, because = "closed", str((entry.body or {}).get("because", "resolved"))
        elif entry.kind == "expired" and state in ("issued", "updated") and entry.revision in (revision, None):
            state = "expired"
    told = tuple(issued[number] for number in sorted(issued))
    closing = state == "closed"
    msg_type = (
        None if not issued else ("Error" if because == "error" else "Cancel") if closing else "Update" if len(issued) > 1 else "Alert"
    )
    return Life(state, revision, pending, approved, because, msg_type, told if closing else told[:-1])


def state_of(entries: Iterable[Entry]) -> str:
    """Returns the state alone: draft, pending, returned, rejected, issued, updated, closed or expired."""
    return life_of(entries).state


def check_step(state: str, step: str, *, alert: str | None = None) -> None:
    """Refuses a step that an alert in this state cannot take.

    Raises:
        PlanError: illegal_step.
    """
    if step not in STEPS[state]:
        raise PlanError(
            f"an alert that is {state} cannot take the step {step}", code="illegal_step", field="id", value=alert, do=_DO.get(state)
        )
