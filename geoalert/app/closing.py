"""Closing an alert: everything that is out is taken back with the words approved with it, by one person, in seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from geoalert.app.accounts import unusable_of
from geoalert.app.content import Contents
from geoalert.app.deciding import decided
from geoalert.app.lives import Standpoint, standpoint
from geoalert.app.notices import is_notice
from geoalert.app.outcome import next_at
from geoalert.app.takedowns import closing_rows, decided_anew, minutes_for
from geoalert.app.working import Working
from geoalert.errors import PlanError
from geoalert.findings import Finding
from geoalert.outbox import STEPS_TAKEN, Delivery, Event, NewDelivery, Seen
from geoalert.outbox.model import speaks
from geoalert.plan import Plan
from geoalert.recall import CLOSING, Trail, open_of, receipt_of, trails

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

QUEUED = ("queued", "held", "sending", "unknown")


@dataclass(frozen=True, slots=True)
class Item:
    """What is done, or would be, about one post.

    Attributes:
        how: delete, edit, reply, steward, or new for a correction beside a post that is deleted.
        state: of the row; None in a dry run.
        where: where the post is.
        next_at: when it is tried again.
    """

    channel: str
    account: str
    revision: int
    how: str
    images: bool
    state: str | None
    deadline_at: datetime | None
    where: str | None = None
    told: str | None = None
    next_at: datetime | None = None

    @property
    def times(self) -> dict[str, datetime | None]:
        """Until when it has to be done, and when it is tried again."""
        return {"deadline_at": self.deadline_at, "next_at": self.next_at}


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a recall did or, with `dry_run`, would do; `stopped` posts were still to be sent and are not.

    Attributes:
        findings: accounts that cannot be used; what is to be done there waits.
    """

    alert: str
    because: str
    dry_run: bool
    stopped: int
    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns everything, JSON-ready."""
        items = [asdict(item) | {name: at and at.isoformat() for name, at in item.times.items()} for item in self.items]
        findings = [finding.to_dict() for finding in self.findings]
        return {
            "alert": self.alert,
            "because": self.because,
            "dry_run": self.dry_run,
            "stopped": self.stopped,
            "takedowns": items,
            "findings": findings,
        }


@dataclass(frozen=True, slots=True)
class _Look:
    """What a recall found: what is out, whether this reason is new, how many posts were still to be sent, since when it is closed."""

    found: tuple[Trail, ...]
    first: bool
    late: int
    closed_at: datetime


class Closing:
    """Recalls and confirms for one desk."""

    def __init__(self, desk: Desk, contents: Contents | None = None) -> None:
        self._desk = desk
        self._contents = contents or Contents(desk)

    def recall(self, alert: str, *, because: str, by: str, dry_run: bool = False, wait_s: float = 0.0) -> Recalled:
        """Takes back everything that is out; see `Desk.recall`."""
        desk = self._desk
        if because not in CLOSING:
            raise PlanError(
                "unknown reason for a recall", code="unknown_reason", field="because", value=because, do=f"Use one of {', '.join(CLOSING)}"
            )
        sender, at = desk.project.agency, desk.clock()
        with desk.lock:
            look = decided(partial(self._look, alert, because, at, by=None if dry_run else by))
            found, closed_at = look.found, look.closed_at
            if dry_run:
                rows = closing_rows(desk, self._contents, because=because, closed_at=closed_at, found=found)
                return Recalled(alert, because, True, look.late, self._items(rows, found), self._findings())
            if because == "error" and look.first:
                self._block(alert, by, at)
            waiting, anew = decided_anew(desk, self._contents, trails(desk.outbox, sender, alert))
            if anew:
                desk.outbox.enqueue(anew, at=at, supersede=[row.id for row in waiting])
            found = trails(desk.outbox, sender, alert)
            desk.outbox.enqueue(closing_rows(desk, self._contents, because=because, closed_at=closed_at, found=found), at=at)
        Working(desk, contents=self._contents).until(at + timedelta(seconds=wait_s))
        done = trails(desk.outbox, sender, alert)
        said = [row for trail in done for row in trail.rows if row.because == because and row.state != "superseded"]
        return Recalled(alert, because, False, look.late, self._items(said, done), self._findings())

    def _look(self, alert: str, because: str, at: datetime, *, by: str | None) -> _Look:
        """Returns what is out as the record stands and, where `by` closes it, takes what is still to be sent out of the queue with it."""
        desk, sender = self._desk, self._desk.project.agency
        seen = Seen.of(list(desk.outbox.entries(alert=alert, kinds=STEPS_TAKEN)), sender=sender, alert=alert)
        where = self._checked(alert, because)
        found = trails(desk.outbox, sender, alert)
        stopped = [row for trail in found for row in (trail.root, *trail.rows) if row.state in QUEUED and speaks(row.act, row.because)]
        first = where.life.because != because
        if by is not None:
            events = self._events(where, because, by, len(stopped)) if first else ()
            desk.outbox.supersede([row.id for row in stopped], at=at, events=events, seen=seen)
        late = sum(row.state in ("queued", "held") for row in stopped)
        return _Look(found, first, late, at if first else where.closed_at or at)

    def confirm(self, alert: str, channel: str, *, by: str, note: str | None = None) -> int:
        """Notes that somebody saw the posts of one channel gone; see `Desk.confirm`."""
        desk = self._desk
        with desk.lock:
            standpoint(desk, alert).check("confirm")
            at, sender = desk.clock(), desk.project.agency
            found = trails(desk.outbox, sender, alert)
            of = [trail for trail in found if trail.root.channel == channel]
            items = [item for item in open_of(found, at) if item.channel == channel]
            if not items and any(row.confirmed_at for trail in of for row in trail.rows):
                return 0
            if not items:
                known = sorted({item.channel for item in open_of(found, at)})
                raise PlanError(
                    "nothing of this channel is open",
                    code="nothing_open",
                    field="channel",
                    value=channel,
                    do=f"Open are: {', '.join(known)}" if known else f"geoalert status {alert}",
                )
            for item in items:
                body = {"channel": channel, "key": item.of.key, "note": note, "how": item.how}
                event = Event("confirmed", body, alert=alert, sender=sender, revision=item.of.revision, actor=by)
                desk.outbox.confirm(item.row.id, at=at, by=by, note=note, events=[event])
            for trail in of:
                if trail.visible:
                    desk.outbox.confirm(trail.root.id, at=at, by=by, note=note)
            held = [item.row.id for item in items if item.row.state == "held"]
            if held:
                desk.outbox.supersede(held, at=at)
        return len(items)

    def _findings(self) -> tuple[Finding, ...]:
        return tuple(each.finding() for each in unusable_of(self._desk).values())

    def _checked(self, alert: str, because: str) -> Standpoint:
        desk = self._desk
        where = standpoint(desk, alert)
        if where.life.state == "draft":
            desk.store.load(alert)
        where.check("recall")
        if where.life.state == "closed" and where.life.because != because and because != "error":
            raise PlanError(
                f"{alert} was closed as {where.life.because}",
                code="already_closed",
                field="because",
                value=because,
                do=f"geoalert recall {alert} --because {where.life.because} goes on with it; only error comes after another reason",
            )
        return where

    def _events(self, where: Standpoint, because: str, by: str, stopped: int) -> Iterable[Event]:
        body = {"because": because, "before": where.life.because, "stopped": stopped, "deadline_minutes": minutes_for(self._desk, because)}
        sender = self._desk.project.agency
        return [Event("closed", body, alert=where.alert, sender=sender, revision=where.life.revision, actor=by, role="operator")]

    def _block(self, alert: str, by: str, at: datetime) -> None:
        desk, digests = self._desk, set()
        rows = desk.outbox.deliveries(sender=desk.project.agency, alert=alert)
        for row in {row.revision: row for row in rows if row.because is None and not is_notice(row)}.values():
            plan = self._contents.plan_or_none(row)
            digests |= set() if plan is None else media_digests(plan)
        if digests:
            body = {"digests": sorted(digests), "because": "error"}
            event = Event("media_blocked", body, alert=alert, sender=desk.project.agency, actor=by, role="operator")
            desk.outbox.block_media(sorted(digests), sender=desk.project.agency, alert=alert, at=at, events=[event])

    def _items(self, rows: Iterable[NewDelivery | Delivery], found: tuple[Trail, ...]) -> tuple[Item, ...]:
        by_root = {trail.root.id: trail for trail in found}
        return tuple(self._item(row, by_root[row.of_delivery]) for row in rows if row.of_delivery in by_root)

    def _item(self, row: NewDelivery | Delivery, trail: Trail) -> Item:
        receipt = receipt_of(self._desk.outbox, trail.root.id)
        return Item(
            channel=row.channel,
            account=row.account,
            revision=row.revision,
            how=row.how or "",
            images=not trail.imageless and self._contents.has_images(trail.content),
            state=row.state if isinstance(row, Delivery) else None,
            deadline_at=row.deadline_at,
            where=(receipt.url or receipt.id) if receipt else None,
            told=row.held_reason,
            next_at=next_at(row, self._desk.outbox.pauses(at=self._desk.clock())) if isinstance(row, Delivery) else None,
        )


def media_digests(plan: Plan) -> set[str]:
    """Returns the digests of every image of an alert's posts, as the author gave it and as it was sent."""
    sent = {item[name] for told in plan.document["posts"] for item in told["post"]["media"] for name in ("digest", "source_digest")}
    return sent | {item["digest"] for item in plan.alert["media"]}


def check_media(desk: Desk, plan: Plan) -> None:
    """Refuses a plan with an image that was blocked after an error.

    Raises:
        PlanError: media_blocked, saying who blocked it, when, and with which alert.
    """
    blocked = desk.outbox.blocked(media_digests(plan))
    if not blocked:
        return
    entries = (entry for entry in desk.outbox.entries() if entry.kind == "media_blocked")
    found = next((entry for entry in entries if blocked & set((entry.body or {}).get("digests", ()))), None)
    told = f" by {found.actor} on {found.at[:16]}Z with {found.alert}" if found else ""
    raise PlanError(
        f"an image of the alert was blocked{told}, after an error",
        code="media_blocked",
        field="media",
        value=min(blocked),
        do="Take the image out of the alert",
    )
