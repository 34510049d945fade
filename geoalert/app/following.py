"""What follows by itself: images and alerts whose time is over, posts that land late, verbs that a place refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from geoalert.app.content import Contents
from geoalert.app.takedowns import closing_rows, decided_anew, minutes_for
from geoalert.outbox import Delivery, Entry, Event, NewDelivery
from geoalert.outbox.model import speaks
from geoalert.recall import Standing, Trail, standing_of, takedown, takedowns, trails, verbs_for

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

MARK = "followed"
"""Up to which entry of the record everything that follows was queued."""
NEVER_LANDED = ("superseded", "rejected", "expired", "skipped")


class Following:
    """Reads the record on from where it stopped, and queues what follows from it; one at a time for a state folder."""

    def __init__(self, desk: Desk, contents: Contents) -> None:
        self._desk = desk
        self._contents = contents
        self._seq = 0
        self._due: dict[tuple[str, int, str, str], int] = {}
        self._done: set[tuple[str, int, str, str]] = set()
        self._closed: dict[str, tuple[str, datetime]] = {}
        self._issued: dict[str, set[int]] = {}
        held = desk.outbox.deliveries(sender=desk.project.agency, states=("held",))
        # geoalert.toml may have been corrected since: what waits for a person is looked at once more.
        self._touched = {row.alert for row in held if row.how == "steward"}
        self._followed = int(desk.outbox.mark(MARK) or 0)

    def run(self) -> int:
        """Queues everything that follows now; returns how many rows are new or changed."""
        desk = self._desk
        for entry in desk.outbox.entries(since_seq=self._seq):
            self._seq = entry.seq
            if entry.sender == desk.project.agency and entry.alert is not None:
                self._read(entry, entry.alert)
        at, count = desk.clock(), 0
        due = [key for key in self._due if key not in self._done and datetime.fromisoformat(key[2]) <= at]
        for key in sorted(due, key=lambda each: each[2]):
            count += self._take_down(key, at)
        touched, self._touched = self._touched, set()
        for alert in sorted(touched):
            count += self._follow(alert, at)
        if touched:
            desk.outbox.set_mark(MARK, str(self._seq))
        return count

    def _read(self, entry: Entry, alert: str) -> None:
        body = entry.body or {}
        if entry.kind in ("issued", "updated"):
            self._issued.setdefault(alert, set()).add(entry.revision or 1)
            for step, (at, because) in enumerate(body.get("due", ())):
                self._due[alert, entry.revision or 1, at, because] = step
        elif entry.kind == "takedown_due":
            self._done.add((alert, entry.revision or 1, str(body.get("due")), str(body.get("because"))))
        elif entry.kind == "closed":
            self._closed[alert] = (str(body.get("because", "resolved")), datetime.fromisoformat(entry.at))
            self._touch(entry, alert)
        elif entry.kind in ("attempt", "settled_by_person", "recovered", "expired"):
            plain = entry.kind == "attempt" and body.get("act") == "publish" and body.get("state") == "done"
            if not plain or alert in self._closed or len(self._issued.get(alert, ())) > 1:
                self._touch(entry, alert)

    def _touch(self, entry: Entry, alert: str) -> None:
        if entry.seq > self._followed:
            self._touched.add(alert)

    def _take_down(self, key: tuple[str, int, str, str], at: datetime) -> int:
        """Queues, once, what is due for the posts of one revision; a closed alert is taken down already."""
        desk = self._desk
        alert, revision, due, because = key
        self._done.add(key)
        rows: list[NewDelivery] = []
        if alert not in self._closed:
            due_at = datetime.fromisoformat(due)
            found = standing_of(desk.outbox, trails(desk.outbox, desk.project.agency, alert), has_images=self._contents.has_images)
            posts = [post for post in found if post.revision == revision and (because == "expired" or post.has_images)]
            rows = takedowns(
                posts,
                because=because,
                at=at,
                deadline_at=due_at + timedelta(minutes=minutes_for(desk, "expired")),
                means=self._contents.means(at),
                due_at=due_at,
                step=self._due[key],
            )
        body = {"due": due, "because": because, "posts": len(rows)}
        event = Event("takedown_due", body, alert=alert, sender=desk.project.agency, revision=revision)
        desk.outbox.enqueue(rows, at=at, events=[event])
        return len(rows)

    def _follow(self, alert: str, at: datetime) -> int:
        desk = self._desk
        found = trails(desk.outbox, desk.project.agency, alert)
        stale, rows = decided_anew(desk, self._contents, found)
        for trail in found:
            rows += self._replaced(trail, found, at)
            rows += self._next_verb(trail, found, at)
        stranded, instead = _stranded(found)
        if alert in self._closed:
            because, closed_at = self._closed[alert]
            rows += closing_rows(desk, self._contents, because=because, closed_at=closed_at, found=found)
            late = [row for row in _rows(found) if row.state in ("queued", "held") and speaks(row.act, row.because)]
            stranded, instead = [*stranded, *late], []
        known = {row.key for row in _rows(found)}
        fresh = [row for row in (*rows, *instead) if row.key not in known]
        stranded += stale
        if fresh or stranded:
            desk.outbox.enqueue(fresh, at=at, supersede=[row.id for row in stranded])
        return len(fresh) + len(stranded)

    def _replaced(self, trail: Trail, found: tuple[Trail, ...], at: datetime) -> list[NewDelivery]:
        """Returns the takedown of the post that a newer one, now out, was sent to replace."""
        if trail.root.how != "replace" or trail.root.state != "done":
            return []
        older = next((each for each in found if each.root.id == trail.root.of_delivery), None)
        if older is None or not older.stands or any(row.because == "updated" and row.act == "recall" for row in older.rows):
            return []
        post = self._standing(older)
        ends = at + timedelta(minutes=minutes_for(self._desk, "updated"))
        return [takedown(post, "delete", because="updated", deadline_at=ends, means=self._contents.means(at))]

    def _next_verb(self, trail: Trail, found: tuple[Trail, ...], at: datetime) -> list[NewDelivery]:
        """Returns the next best takedown where the place refused the last one."""
        tried = trail.takedowns()
        if not tried or tried[-1].state != "rejected" or tried[-1].how == "steward" or not trail.visible:
            return []
        last, post = tried[-1], self._standing(trail)
        because = str(last.because)
        means = self._contents.means(at)
        capabilities = means.capabilities(post.account)
        verbs = ("steward",) if capabilities is None else verbs_for(capabilities, because, post.receipt, at=at)
        left = [verb for verb in verbs if verb not in {row.how for row in tried if row.because == because}]
        if not left:
            return []
        told = any(row.how == "new" and row.because == because for each in found for row in each.rows if row.channel == trail.root.channel)
        return [
            takedown(
                post,
                left[0],
                because=because,
                deadline_at=last.deadline_at,
                means=means,
                due_at=last.take_down_at,
                silent=told or (left[0] == "steward" and because not in ("arrested", "located", "identified", "resolved", "error")),
            )
        ]

    def _standing(self, trail: Trail) -> Standing:
        return standing_of(self._desk.outbox, [trail], has_images=self._contents.has_images, ended_too=True)[0]


def _rows(found: Iterable[Trail]) -> list[Delivery]:
    return [row for trail in found for row in (trail.root, *trail.rows)]


def _stranded(found: tuple[Trail, ...]) -> tuple[list[Delivery], list[NewDelivery]]:
    """Returns rows about a post that never landed, and the new posts that an update's become."""
    states = {trail.root.id: trail.root.state for trail in found}
    late = [
        row
        for row in _rows(found)
        if row.of_delivery in states and states[row.of_delivery] in NEVER_LANDED and row.state in ("queued", "held")
    ]
    late = [row for row in late if row.act in ("replace", "correct", "recall")]
    return late, [_anew(row) for row in late if speaks(row.act, row.because)]


def _anew(row: Delivery) -> NewDelivery:
    """Returns an update's edit or answer as a post of its own."""
    return NewDelivery(
        sender=row.sender,
        alert=row.alert,
        revision=row.revision,
        channel=row.channel,
        account=row.account,
        status=row.status,
        plan_digest=row.plan_digest,
        post_digest=row.post_digest,
        expires_at=row.expires_at,
        act="publish",
        occurrence=row.occurrence,
        urgency=row.urgency,
        take_down_at=row.take_down_at,
        how="new",
    )
