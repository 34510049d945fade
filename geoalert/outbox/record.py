"""The record's table: appended to inside the transaction of what it tells of, read as a stream, purged of bodies."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from geoalert.errors import OutboxError
from geoalert.outbox.chain import ZEROS, Entry, body_digest, canonical, chain_hash, entry_digest
from geoalert.outbox.events import KINDS, Event
from geoalert.outbox.rows import ENTRY

PAGE = 500
_HEAD = "record_head"
_MARK = f"INSERT INTO marks (name, value) VALUES ('{_HEAD}', ?) ON CONFLICT DO UPDATE SET value = excluded.value"  # noqa: S608
_INSERT = f"INSERT INTO log ({ENTRY}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608


def append(db: sqlite3.Connection, events: Iterable[Event], at: str) -> tuple[Entry, ...]:
    """Chains events to the end of the record.

    Raises:
        ValueError: a body holds something that JSON has no form for.
    """
    events = tuple(events)
    if not events:
        return ()
    seq, prev = head(db)
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
    db.execute(_MARK, (f"{seq} {prev}",))
    return tuple(made)


def head(db: sqlite3.Connection) -> tuple[int, str]:
    """Returns number and hash of the last entry that was ever written, also where the record was cut since: it goes on from there."""
    last, kept = _last(db), _kept(db)
    return last if kept is None or kept[0] <= last[0] else kept


def check_head(db: sqlite3.Connection, path: Path) -> None:
    """Compares the record's end with what was noted of it in the transaction that wrote it.

    Raises:
        OutboxError: the last entries are gone (record_shortened), or others stand in their place (record_broken).
    """
    kept = _kept(db)
    if kept is None:
        return
    last = _last(db)
    do = "Keep this file, and restore the ledger from a backup; geoalert status --salvage reads what is left"
    if last[0] < kept[0]:
        what = f"the record ends at entry {last[0]}, but {kept[0]} were written: the last ones were removed"
        raise OutboxError(what, code="record_shortened", file=path, row=last[0] + 1, field="seq", do=do)
    if last != kept and db.execute("SELECT hash FROM log WHERE seq = ?", kept[:1]).fetchone() != kept[1:]:
        what = "an entry is not the one that was written: the end of the record was written anew"
        raise OutboxError(what, code="record_broken", file=path, row=kept[0], field="hash", do=do)


def _last(db: sqlite3.Connection) -> tuple[int, str]:
    return db.execute("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetchone() or (0, ZEROS)


def _kept(db: sqlite3.Connection) -> tuple[int, str] | None:
    row = db.execute("SELECT value FROM marks WHERE name = ?", (_HEAD,)).fetchone()
    seq, _, hashed = (row[0] if row else "").partition(" ")
    return (int(seq), hashed) if seq.isdecimal() else None


def read_page(db: sqlite3.Connection, *, alert: str | None, after: int, kinds: Collection[str] | None = None) -> list[Entry]:
    """Returns the next entries after a number, of some kinds or all, at most a page of them."""
    of, values = ("", {}) if alert is None else (" AND alert = :alert", {"alert": alert})
    if kinds is not None:
        of += f" AND kind IN ({', '.join(repr(kind) for kind in KINDS if kind in kinds)})"
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
