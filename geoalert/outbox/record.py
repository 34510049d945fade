"""The record's table: appended to inside the transaction of what it tells of, read as a stream, purged of bodies."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from geoalert.outbox.chain import ZEROS, Entry, body_digest, canonical, chain_hash, entry_digest
from geoalert.outbox.events import Event
from geoalert.outbox.rows import ENTRY

PAGE = 500
_INSERT = f"INSERT INTO log ({ENTRY}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608


def append(db: sqlite3.Connection, events: Iterable[Event], at: str) -> tuple[Entry, ...]:
    """Chains events to the end of the record.

    Raises:
        ValueError: a body holds something that JSON has no form for.
    """
    events = tuple(events)
    if not events:
        return ()
    seq, prev = db.execute("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetchone() or (0, ZEROS)
    made = []
    for event in events:
        seq += 1
        body, salt = canonical(dict(event.body)), os.urandom(16).hex()
        told = body_digest(salt, body)
        own = entry_digest(
            seq=seq,
            at=at,
            kind=event.kind,
            sender=event.sender,
            alert=event.alert,
            revision=event.revision,
            actor=event.actor,
            role=event.role,
            body_digest=told,
        )
        prev = chain_hash(prev, own)
        row = (seq, at, event.kind, event.sender, event.alert, event.revision, event.actor, event.role, body, salt, told, own, prev)
        db.execute(_INSERT, row)
        made.append(Entry(*row[:8], event.body, *row[9:]))
    return tuple(made)


def read_page(db: sqlite3.Connection, *, alert: str | None, after: int) -> list[Entry]:
    """Returns the next entries after a number, at most a page of them."""
    of, values = ("", {}) if alert is None else (" AND alert = :alert", {"alert": alert})
    rows = db.execute(
        f"SELECT {ENTRY} FROM log WHERE seq > :after{of} ORDER BY seq LIMIT {PAGE}",  # noqa: S608
        {"after": after, **values},
    )
    return [_entry(row) for row in rows]


def skeleton_page(db: sqlite3.Connection, *, after: int, last: int) -> list[tuple[int, str, str]]:
    """Returns number, digest and hash of the next entries, at most a page of them."""
    query = f"SELECT seq, entry_digest, hash FROM log WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {PAGE}"  # noqa: S608
    return db.execute(query, (after, last)).fetchall()


def purge(db: sqlite3.Connection, seqs: Collection[int]) -> int:
    """Forgets bodies and salts; returns how many were there."""
    changed = 0
    for seq in seqs:
        changed += db.execute("UPDATE log SET body = NULL, salt = NULL WHERE seq = ? AND body IS NOT NULL", (seq,)).rowcount
    return changed


def known_media(db: sqlite3.Connection, digests: Iterable[str]) -> Iterator[str]:
    """Yields which of the digests are blocked."""
    for digest in digests:
        if db.execute("SELECT 1 FROM blocked_media WHERE digest = ?", (digest,)).fetchone():
            yield digest


def _entry(row: tuple[Any, ...]) -> Entry:
    values = list(row)
    values[8] = None if row[8] is None else json.loads(row[8])
    return Entry(*values)
