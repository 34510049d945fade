"""Rows on their way out: claimed, tried, settled; each function runs inside its caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from geoalert.errors import OutboxError
from geoalert.outbox.events import Event
from geoalert.outbox.model import Attempt, Delivery, speaks
from geoalert.outbox.queue import ENDS, hold_of, stops
from geoalert.outbox.rows import DELIVERY, TRIES, delivery_of, text_of

_SLACK = timedelta(seconds=2)
"""A clock that is set back by less is not a clock that was set back: the wait only grows by as much."""

_READY = "state = 'queued' AND not_before IS NULL"
_DUE = (
    f"SELECT {DELIVERY} FROM deliveries WHERE account = ? AND {_READY} AND (expires_at > ? OR NOT ({ENDS}))"  # noqa: S608
    " ORDER BY act = 'publish', urgency, id LIMIT ?"
)
_NEXT_ACCOUNT = f"SELECT account FROM deliveries WHERE {_READY} AND account > ? ORDER BY account LIMIT 1"  # noqa: S608
_ACT, _URGENCY = 6, 13


def ripen(db: sqlite3.Connection, at: datetime) -> None:
    """Makes rows ready whose wait is over, or began in a future that a clock set back has taken away."""
    db.execute(
        "UPDATE deliveries SET not_before = NULL, waiting_since = NULL"
        " WHERE state = 'queued' AND not_before IS NOT NULL AND not_before <= ?",
        (text_of(at),),
    )
    db.execute(
        "UPDATE deliveries SET not_before = NULL, waiting_since = NULL"
        " WHERE state = 'queued' AND waiting_since IS NOT NULL AND waiting_since > ?",
        (text_of(at + _SLACK),),
    )


def ready_accounts(db: sqlite3.Connection) -> Iterator[str]:
    """Yields the accounts that have something ready, by one seek each."""
    found = db.execute(_NEXT_ACCOUNT, ("",)).fetchone()
    while found:
        yield found[0]
        found = db.execute(_NEXT_ACCOUNT, found).fetchone()


def claim(
    db: sqlite3.Connection, *, at: datetime, lanes: Mapping[str, int], most: int, worker: str
) -> tuple[tuple[Delivery, Attempt], ...]:
    """Marks ready rows `sending` and opens an attempt for each: corrections first, then the most urgent, then the oldest."""
    started = text_of(at)
    due: list[tuple[Any, ...]] = []
    for account, free in lanes.items():
        if free > 0:
            due += db.execute(_DUE, (account, started, min(free, most))).fetchall()
    due.sort(key=lambda row: (row[_ACT] == "publish", row[_URGENCY], row[0]))
    return tuple(_open(db, row, at, started, worker) for row in due[: max(most, 0)])


def _open(db: sqlite3.Connection, row: tuple[Any, ...], at: datetime, started: str, worker: str) -> tuple[Delivery, Attempt]:
    attempt = open_attempt(db, row[0], row[TRIES], at, started, worker)
    return delivery_of(row, state="sending", tries=attempt.number), attempt


def open_attempt(db: sqlite3.Connection, delivery: int, tries: int, at: datetime, started: str, worker: str) -> Attempt:
    """Marks one row `sending` and opens its next attempt with what the last one left."""
    steps = "{}"
    if tries:
        steps = db.execute("SELECT steps FROM attempts WHERE delivery = ? AND number = ?", (delivery, tries)).fetchone()[0]
    db.execute("UPDATE deliveries SET state = 'sending', tries = ? WHERE id = ?", (tries + 1, delivery))
    made = db.execute(
        "INSERT INTO attempts (delivery, number, started_at, steps, worker) VALUES (?,?,?,?,?)",
        (delivery, tries + 1, started, steps, worker),
    )
    return Attempt(made.lastrowid or 0, delivery, tries + 1, at, steps=json.loads(steps), worker=worker)


def reopen(db: sqlite3.Connection, delivery: int, at: datetime, worker: str) -> Attempt:
    """Opens an attempt for a row whose outcome is unknown.

    Raises:
        OutboxError: it is not unknown any more (not_unknown).
    """
    found = db.execute("SELECT tries FROM deliveries WHERE id = ? AND state = 'unknown'", (delivery,)).fetchone()
    if found is None:
        raise not_unknown(delivery)
    return open_attempt(db, delivery, found[0], at, text_of(at), worker)


def not_unknown(delivery: int) -> OutboxError:
    """Returns the error of settling what is not open."""
    do = "See geoalert unknown for what is"
    return OutboxError("the delivery's outcome is not unknown", code="not_unknown", field="id", value=delivery, do=do)


def save_steps(db: sqlite3.Connection, attempt: int, steps: Mapping[str, str]) -> None:
    """Keeps what a publisher wants to find again."""
    db.execute("UPDATE attempts SET steps = ? WHERE id = ?", (json.dumps(dict(steps), sort_keys=True), attempt))


def recover(db: sqlite3.Connection, at: str) -> list[Event]:
    """Turns rows left `sending` by a crash into `unknown`; returns what has to be recorded, one event a row."""
    db.execute(
        "UPDATE attempts SET ended_at = ?, outcome = 'unknown', error_code = 'crashed',"
        " error_text = 'the sender stopped before it knew the outcome'"
        " WHERE ended_at IS NULL AND delivery IN (SELECT id FROM deliveries WHERE state = 'sending')",
        (at,),
    )
    rows = db.execute(
        "UPDATE deliveries SET state = 'unknown' WHERE state = 'sending' RETURNING id, sender, alert, revision, key, channel, account, act"
    ).fetchall()
    return [
        Event("recovered", {"account": account, "act": act, "channel": channel, "key": key}, alert=alert, sender=sender, revision=revision)
        for _, sender, alert, revision, key, channel, account, act in sorted(rows)
    ]


_EXPIRING = f"state IN ('queued', 'held') AND {ENDS} AND expires_at <= ?"


def expiring(db: sqlite3.Connection, at: str) -> bool:
    """Returns whether any row has to expire: asked often, answered by one seek."""
    return db.execute(f"SELECT 1 FROM deliveries WHERE {_EXPIRING} LIMIT 1", (at,)).fetchone() is not None  # noqa: S608


def expire(db: sqlite3.Connection, at: str) -> tuple[int, list[Event]]:
    """Turns rows that were not sent in time into `expired`; returns how many, and one event for each alert and revision."""
    told = db.execute(
        f"SELECT sender, alert, revision, count(*) FROM deliveries WHERE {_EXPIRING} GROUP BY sender, alert, revision",  # noqa: S608
        (at,),
    ).fetchall()
    if not told:
        return 0, []
    count = db.execute(f"UPDATE deliveries SET state = 'expired' WHERE {_EXPIRING}", (at,)).rowcount  # noqa: S608
    return count, [Event("expired", {"deliveries": row[3]}, alert=row[1], sender=row[0], revision=row[2]) for row in told]


def pause(db: sqlite3.Connection, account: str, *, since: str, until: str) -> None:
    """Notes that nothing of an account is to be tried for a while, also by whoever comes next."""
    db.execute(
        "INSERT INTO pauses (account, since, until) VALUES (?,?,?)"
        " ON CONFLICT DO UPDATE SET since = excluded.since, until = excluded.until",
        (account, since, until),
    )


def pauses(db: sqlite3.Connection, at: datetime) -> dict[str, datetime]:
    """Returns the accounts that wait, each with the end of it; a pause that began in the future is none."""
    rows = db.execute("SELECT account, until FROM pauses WHERE until > ? AND since <= ?", (text_of(at), text_of(at + _SLACK)))
    return {account: datetime.fromisoformat(until) for account, until in rows}


def unknown_due(db: sqlite3.Connection, at: datetime, *, fresh: bool) -> list[tuple[Delivery, bool]]:
    """Returns unknown rows whose time to be asked about has come, and with `fresh` also those that were given none.

    The second of each says whether it may be done again: not where it is on hold, superseded or expired.
    """
    rows = db.execute(
        f"SELECT {DELIVERY}, superseded_at IS NULL AND (expires_at > :at OR NOT ({ENDS})) FROM deliveries"  # noqa: S608
        " WHERE state = 'unknown' AND (not_before <= :at OR waiting_since > :later OR (:fresh AND not_before IS NULL)) ORDER BY id",
        {"at": text_of(at), "later": text_of(at + _SLACK), "fresh": fresh},
    ).fetchall()
    return [(found, bool(row[-1]) and not _on_hold(db, found)) for row in rows for found in [delivery_of(row[:-1])]]


def _on_hold(db: sqlite3.Connection, row: Delivery) -> bool:
    return speaks(row.act, row.because) and stops(hold_of(db, row.sender, row.alert), row.revision)


def ripe(db: sqlite3.Connection, at: datetime) -> bool:
    """Returns whether `ripen` would change anything."""
    over = "SELECT 1 FROM deliveries WHERE state = 'queued' AND not_before IS NOT NULL AND not_before <= ? LIMIT 1"
    later = "SELECT 1 FROM deliveries WHERE state = 'queued' AND waiting_since IS NOT NULL AND waiting_since > ? LIMIT 1"
    return bool(db.execute(over, (text_of(at),)).fetchone() or db.execute(later, (text_of(at + _SLACK),)).fetchone())


def next_wait(db: sqlite3.Connection) -> datetime | None:
    """Returns when the next wait ends, of a row to be tried or to be asked about."""
    queued = db.execute("SELECT not_before FROM deliveries WHERE state = 'queued' AND not_before IS NOT NULL ORDER BY not_before LIMIT 1")
    unknown = db.execute("SELECT min(not_before) FROM deliveries WHERE state = 'unknown'")
    waits = [datetime.fromisoformat(row[0]) for row in (*queued, *unknown) if row[0] is not None]
    return min(waits, default=None)


def next_due(db: sqlite3.Connection, at: datetime) -> datetime | None:
    """Returns when the next row can be tried: `at` itself where one is ready now, None where nothing is queued."""
    paused = pauses(db, at)
    found: list[datetime] = []
    for account in ready_accounts(db):
        if account not in paused:
            return at
        found.append(paused[account])
    wait = next_wait(db)
    return min(found if wait is None else [*found, wait], default=None)
