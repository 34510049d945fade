"""Deliveries whose outcome nobody knows: all that is known of each, and a person's word that settles it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from geoalert.app.content import Contents
from geoalert.app.lives import standpoint
from geoalert.app.notices import is_notice
from geoalert.app.working import Working
from geoalert.errors import ConfigurationError, GeoAlertError, PlanError
from geoalert.outbox import Delivery, Event
from geoalert.publishing import Receipt
from geoalert.worker.act import may_ask

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

TEXT_SHOWN = 200
LEAST_KEY = 4
_LOOK = {
    "publish": "a post that begins so, no older than the first try",
    "replace": "the post, changed so that it begins so",
    "correct": "an answer under the post that begins so",
    "notify": "a post that begins so, no older than the first try",
    "recall": "whether the post is gone",
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """One delivery that may have arrived.

    Attributes:
        key: names it here and, where the place keeps one, there.
        first_at, last_at: when it was first and last tried.
        address: of the channel.
        text: how it begins.
        look_for: what to look for at the place.
        by_itself: whether a worker asks or repeats it, so that nobody has to.
    """

    key: str
    alert: str
    revision: int
    channel: str
    account: str
    act: str
    tries: int
    first_at: datetime | None
    last_at: datetime | None
    code: str | None
    error: str | None
    address: str | None
    text: str | None
    look_for: str
    by_itself: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Returns every field, JSON-ready."""
        times = {name: value and value.isoformat() for name, value in (("first_at", self.first_at), ("last_at", self.last_at))}
        return asdict(self) | times


class Unknowns:
    """What one desk does not know."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._contents = Contents(desk)

    def all(self, alert: str | None = None) -> tuple[Unknown, ...]:
        """Returns every delivery whose outcome nobody knows, oldest first."""
        rows = self._desk.outbox.deliveries(sender=self._desk.project.agency, alert=alert, states=("unknown",))
        if alert is not None and not rows and standpoint(self._desk, alert).life.state == "draft":
            self._desk.store.load(alert)
        return tuple(self._told(row) for row in rows)

    def settle(self, key: str, *, landed: str | None, by: str, reason: str) -> str:
        """Writes down what a person found; see `Desk.settle_unknown`."""
        desk = self._desk
        if not reason.strip():
            raise PlanError("a person's word needs its reason", code="reason_missing", field="reason", do='--reason "what was seen, where"')
        with desk.lock:
            row, at = self._row(key), desk.clock()
            receipt = None
            if landed is not None:
                account = desk.project.accounts.get(row.account)
                kind = account.publisher if account else "unknown"
                receipt = Receipt(publisher=kind, account=row.account, id=landed, url=landed, at=at, raw={"said_by": by})
            body = {"key": row.key, "channel": row.channel, "act": row.act, "landed": landed, "reason": reason}
            event = Event("settled_by_person", body, alert=row.alert, sender=row.sender, revision=row.revision, actor=by, role="operator")
            desk.outbox.settle_unknown(row.id, state="done" if receipt else "queued", receipt=receipt, at=at, events=[event])
            desk.outbox.expire(at=at)
        Working(desk, contents=self._contents).once()
        found = desk.outbox.delivery(row.id)
        return found.state if found else "done"

    def _row(self, key: str) -> Delivery:
        wanted = key.strip().upper()
        rows = self._desk.outbox.deliveries(sender=self._desk.project.agency, states=("unknown",))
        found = [row for row in rows if row.key == wanted or (len(wanted) >= LEAST_KEY and row.key.startswith(wanted))]
        if len(found) != 1:
            raise PlanError(
                "no delivery of that key is unknown" if not found else "several unknown deliveries begin so",
                code="unknown_key",
                field="key",
                value=key,
                do=f"Give at least {LEAST_KEY} characters of a key, enough to tell it from others; geoalert unknown lists them",
            )
        return found[0]

    def _told(self, row: Delivery) -> Unknown:
        tries = self._desk.outbox.attempts(row.id)
        last = tries[-1] if tries else None
        address = text = None
        ready = self._desk.accounts.get(row.account)
        try:
            post = self._contents(row).post
            address, text = (post.address, post.text[:TEXT_SHOWN]) if post else (None, None)
        except (GeoAlertError, ConfigurationError):
            # The plan may be purged; what the ledger knows is told all the same.
            pass
        return Unknown(
            key=row.key,
            alert=row.alert,
            revision=row.revision,
            channel=row.channel,
            account=row.account,
            act=row.act,
            tries=row.tries,
            first_at=tries[0].started_at if tries else None,
            last_at=(last.ended_at or last.started_at) if last else None,
            code=last.error_code if last else None,
            error=last.error_text if last else None,
            address=address,
            text=text,
            look_for="the notice to an approver" if is_notice(row) else _LOOK[row.act],
            by_itself=ready is not None and may_ask(ready.capabilities, row.act),
        )
