"""Rows on their way in, and what a person does to those that wait: hold, release, supersede, settle, confirm."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from geoalert.errors import OutboxError, PlanChanged, PlanError
from geoalert.outbox.model import Delivery, NewDelivery, speaks
from geoalert.outbox.rows import DELIVERY, delivery_of, text_of, text_or_null

_SPEAKS = "act IN ('publish', 'replace', 'correct') AND (because IS NULL OR because = 'updated')"
ENDS = "act <> 'recall' AND (because IS NULL OR because = 'updated')"
"""`ends_at_expiry`, as a partial index can be chosen by."""
_INSERT = (
    "INSERT INTO deliveries (key, sender, alert, revision, channel, act, occurrence, account, status, plan_digest, post_digest,"
    " of_delivery, urgency, not_before, held_reason, expires_at, take_down_at, state, queued_at, because, how, deadline_at, on_hold)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"
)

_Group = tuple[str, str, int, str, int, str]


def enqueue(db: sqlite3.Connection, deliveries: Iterable[NewDelivery], at: datetime) -> tuple[Delivery, ...]:
    """Adds what is not there yet, and returns every row asked for."""
    rows: list[Delivery] = []
    seen: set[_Group] = set()
    holds: dict[tuple[str, str], tuple[int | None, str] | None] = {}
    queued_at = text_of(at)
    for new in deliveries:
        group = (new.sender, new.alert, new.revision, new.act, new.occurrence, new.plan_digest)
        if group not in seen:
            _refuse_other_plan(db, new)
            _refuse_late(db, new)
            seen.add(group)
        if new.of_delivery is not None:
            _check_known(db, new.of_delivery)
        of = (new.sender, new.alert)
        if of not in holds:
            holds[of] = hold_of(db, *of)
        reason, on_hold = new.held_reason, False
        if reason is None and speaks(new.act, new.because) and stops(holds[of], new.revision):
            reason, on_hold = (holds[of] or (None, ""))[1], True
        key = new.key
        db.execute(
            _INSERT,
            (
                *(key, new.sender, new.alert, new.revision, new.channel, new.act, new.occurrence, new.account, new.status),
                *(new.plan_digest, new.post_digest, new.of_delivery, new.urgency, text_or_null(new.not_before), reason),
                *(text_of(new.expires_at), text_or_null(new.take_down_at), "held" if reason else "queued", queued_at),
                *(new.because, new.how, text_or_null(new.deadline_at), int(on_hold)),
            ),
        )
        rows.append(delivery_of(db.execute(f"SELECT {DELIVERY} FROM deliveries WHERE key = ?", (key,)).fetchone()))  # noqa: S608
    return tuple(rows)


def hold_of(db: sqlite3.Connection, sender: str, alert: str) -> tuple[int | None, str] | None:
    """Returns through which revision an alert is on hold (None: every one) and why, or None where it is not."""
    row = db.execute("SELECT through, reason FROM holds WHERE sender = ? AND alert = ?", (sender, alert)).fetchone()
    return None if row is None else (row[0], row[1])


def stops(hold: tuple[int | None, str] | None, revision: int) -> bool:
    """Returns whether a hold stops a revision."""
    return hold is not None and (hold[0] is None or revision <= hold[0])


def hold(db: sqlite3.Connection, *, sender: str, alert: str, at: str, by: str, reason: str, through: int | None) -> int:
    """Stops what an alert has still to say, now and until it is released."""
    db.execute(
        "INSERT INTO holds (sender, alert, through, at, held_by, reason) VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
        " through = CASE WHEN through IS NULL OR excluded.through IS NULL THEN NULL ELSE max(through, excluded.through) END,"
        " at = excluded.at, held_by = excluded.held_by, reason = excluded.reason",
        (sender, alert, through, at, by, reason),
    )
    return db.execute(
        "UPDATE deliveries SET state = 'held', held_reason = :reason, on_hold = 1"  # noqa: S608
        f" WHERE sender = :sender AND alert = :alert AND state = 'queued' AND {_SPEAKS} AND (:through IS NULL OR revision <= :through)",
        {"sender": sender, "alert": alert, "reason": reason, "through": through},
    ).rowcount


def release(db: sqlite3.Connection, *, sender: str, alert: str) -> int:
    """Ends an alert's hold and queues what it stopped; what is held for a reason of its own stays held."""
    db.execute("DELETE FROM holds WHERE sender = ? AND alert = ?", (sender, alert))
    return db.execute(
        "UPDATE deliveries SET state = 'queued', held_reason = NULL, on_hold = 0"
        " WHERE sender = ? AND alert = ? AND state = 'held' AND on_hold = 1",
        (sender, alert),
    ).rowcount


def supersede(db: sqlite3.Connection, ids: Iterable[int], at: str) -> int:
    """Takes rows of an older revision out of the queue; one that is under way now does not come back into it."""
    changed = 0
    for number in ids:
        changed += db.execute(
            "UPDATE deliveries SET superseded_at = ?, state = CASE WHEN state IN ('queued', 'held') THEN 'superseded' ELSE state END"
            " WHERE id = ? AND state IN ('queued', 'held', 'sending', 'unknown') AND superseded_at IS NULL RETURNING state = 'superseded'",
            (at, number),
        ).fetchone() == (1,)
    return changed


def confirm(db: sqlite3.Connection, delivery: int, *, at: str, by: str, note: str | None) -> None:
    """Notes that somebody says a post is gone."""
    _check_known(db, delivery)
    db.execute("UPDATE deliveries SET confirmed_at = ?, confirmed_by = ?, confirmed_note = ? WHERE id = ?", (at, by, note, delivery))


def _check_known(db: sqlite3.Connection, delivery: int) -> None:
    if db.execute("SELECT 1 FROM deliveries WHERE id = ?", (delivery,)).fetchone() is None:
        raise OutboxError("no such delivery", code="unknown_delivery", field="id", value=delivery, do="See geoalert status")


def _refuse_other_plan(db: sqlite3.Connection, new: NewDelivery) -> None:
    # One row tells for all: none of another plan was ever let in beside it. What a revision says is one plan, whatever its verbs.
    of = _SPEAKS if speaks(new.act, new.because) else "act = :act AND occurrence = :occurrence"
    first = db.execute(
        f"SELECT plan_digest FROM deliveries WHERE sender = :sender AND alert = :alert AND revision = :revision AND {of} LIMIT 1",  # noqa: S608
        {"sender": new.sender, "alert": new.alert, "revision": new.revision, "act": new.act, "occurrence": new.occurrence},
    ).fetchone()
    if first is not None and first[0] != new.plan_digest:
        raise PlanChanged(
            f"{new.alert} r{new.revision} was already queued from another plan",
            code="revision_taken",
            field="id",
            value=new.alert,
            do="Give the changed alert a new id",
        )


def _refuse_late(db: sqlite3.Connection, new: NewDelivery) -> None:
    if not speaks(new.act, new.because):
        return
    newer = db.execute(
        f"SELECT max(revision) FROM deliveries WHERE sender = ? AND alert = ? AND revision > ? AND {_SPEAKS}",  # noqa: S608
        (new.sender, new.alert, new.revision),
    ).fetchone()[0]
    if newer is not None:
        raise PlanError(
            f"{new.alert} r{new.revision} is older than r{newer}, which was already queued",
            code="revision_late",
            field="revision",
            value=new.revision,
            do="Send the newest revision",
        )
