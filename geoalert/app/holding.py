"""The brake: one person stops an alert, at once and without approval, and lets it go on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from geoalert.app.lives import Standpoint, recorded_life, standpoint
from geoalert.app.working import Working
from geoalert.errors import PlanError
from geoalert.outbox import Event

if TYPE_CHECKING:
    from geoalert.app.desk import Desk


@dataclass(frozen=True, slots=True)
class Held:
    """What a hold stopped or a release queued again.

    Attributes:
        on: whether the alert is held now.
        through: the newest revision that is held; a later one needs its own approval and goes.
        rows: posts that were stopped, or are queued again.
        in_flight: requests under way, which end.
    """

    alert: str
    on: bool
    through: int
    rows: int
    in_flight: int

    def to_dict(self) -> dict[str, Any]:
        """Returns every field, JSON-ready."""
        return asdict(self)


class Holding:
    """Holds and releases for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def hold(self, alert: str, *, by: str, reason: str = "") -> Held:
        """Stops everything that is queued or will be; see `Desk.hold`."""
        desk, sender = self._desk, self._desk.project.agency
        with desk.lock:
            where = Standpoint(alert, recorded_life(desk, alert))
            if where.life.revision is None:
                where = standpoint(desk, alert)
            if where.life.state == "draft":
                desk.store.load(alert)
            where.check("hold")
            through = max(where.newest, 1)
            told = reason.strip() or "no reason given"
            event = Event("held", {"reason": told, "through": through}, alert=alert, sender=sender, actor=by, role="operator")
            shown = f"held by {by}: {told}"
            count = desk.outbox.hold(sender=sender, alert=alert, at=desk.clock(), by=by, reason=shown, through=through, events=[event])
        return Held(alert, True, through, count, desk.outbox.counts(sender, alert).get("sending", 0))

    def release(self, alert: str, *, by: str, reason: str) -> Held:
        """Lets a held alert go on; see `Desk.release`."""
        desk, sender = self._desk, self._desk.project.agency
        if not reason.strip():
            raise PlanError(
                "a release needs a reason", code="reason_missing", field="reason", do=f'geoalert hold {alert} --release --reason "..."'
            )
        with desk.lock:
            where = standpoint(desk, alert)
            where.check("release")
            if where.held is None:
                raise PlanError("the alert is not held", code="not_held", field="id", value=alert, do=f"geoalert status {alert}")
            event = Event("released", {"reason": reason}, alert=alert, sender=sender, actor=by, role="operator")
            count = desk.outbox.release(sender=sender, alert=alert, at=desk.clock(), by=by, events=[event])
        Working(desk).once()
        return Held(alert, False, max(where.newest, 1), count, desk.outbox.counts(sender, alert).get("sending", 0))
