"""How a try ended, written so that no answer of one place costs another place's receipt; runs inside its caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from geoalert.errors import NotSent, OutcomeUnknown
from geoalert.outbox import record
from geoalert.outbox.claims import not_unknown, pause
from geoalert.outbox.events import Event
from geoalert.outbox.model import Attempt, Settlement, speaks
from geoalert.outbox.queue import hold_of, stops
from geoalert.outbox.rows import code_of, text_of, text_or_null

_BAD = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError)
_BAD_ROW = (*_BAD, sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
"""What an answer does to the ledger; a full disk or a damaged file is none of them."""


def settle_all(db: sqlite3.Connection, settlements: Iterable[Settlement], at: str) -> None:
    """Ends attempts and records each; one that cannot be written as it is becomes `unknown`, for a person or the place to settle."""
    ends = tuple(settlements)
    if not ends:
        return
    try:
        with _whole(db):
            _write(db, ends, at)
    except _BAD_ROW:
        for ended in ends:
            try:
                with _whole(db):
                    _write(db, (ended,), at)
            except _BAD_ROW as err:
                _write(db, (_unwritable(ended, err),), at)


def not_begun() -> NotSent:
    """Returns the error of a try that ended before it began."""
    return NotSent("interrupted before anything was asked of the place", code="not_begun")


def put_back(db: sqlite3.Connection, attempts: Iterable[Attempt], at: datetime) -> int:
    """Queues rows again whose tries were opened and not begun; one whose opening was undone is left out."""
    there = "SELECT 1 FROM attempts WHERE id = ? AND delivery = ? AND number = ? AND worker = ? AND ended_at IS NULL"
    left = [each for each in attempts if db.execute(there, (each.id, each.delivery, each.number, each.worker)).fetchone()]
    settle_all(db, [Settlement(each, "queued", at, error=not_begun()) for each in left], text_of(at))
    return len(left)


def _write(db: sqlite3.Connection, ends: tuple[Settlement, ...], at: str) -> None:
    told = [_settle(db, ended) for ended in ends]
    record.append(db, [event for event in told if event is not None], at)


@contextmanager
def _whole(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("SAVEPOINT settling")
    try:
        yield
    except _BAD_ROW:
        db.execute("ROLLBACK TO settling")
        raise
    finally:
        # A full disk may have ended the whole transaction already.
        if db.in_transaction:
            db.execute("RELEASE settling")


def _unwritable(ended: Settlement, err: Exception) -> Settlement:
    what = f"the place's answer cannot be kept ({type(err).__name__}), so nobody can take back by it what may be out"
    return replace(ended, state="unknown", receipt=None, error=OutcomeUnknown(what, code="answer_unusable"), not_before=None)


def _settle(db: sqlite3.Connection, ended: Settlement) -> Event | None:
    """Ends one attempt, puts its row where it belongs now, and returns what has to be recorded.

    A row that goes back into the queue stays out of it where a hold or a newer revision came while it was under way. A row that
    somebody settled since, or that was tried again, stays where it is: what this attempt saw is kept beside it.
    """
    attempt, at, code = ended.attempt, text_of(ended.at), code_of(ended.error)
    receipt = ended.receipt.to_json() if ended.receipt else None
    row = db.execute(
        "UPDATE deliveries SET state = ?, not_before = ?, waiting_since = ? WHERE id = ? AND state = 'sending' AND tries = ?"
        " RETURNING sender, alert, revision, key, channel, account, act, because, superseded_at",
        (ended.state, text_or_null(ended.not_before), None if ended.not_before is None else at, attempt.delivery, attempt.number),
    ).fetchone()
    late = {} if row else {"late": ended.state}
    state = ended.state
    if row is None:
        *row, state = db.execute(
            "SELECT sender, alert, revision, key, channel, account, act, because, superseded_at, state FROM deliveries WHERE id = ?",
            (attempt.delivery,),
        ).fetchone()
        if db.execute("SELECT 1 FROM attempts WHERE id = ? AND ended_at = ? AND outcome = ?", (attempt.id, at, ended.state)).fetchone():
            return None
    elif state == "queued":
        state = back_in_queue(db, attempt.delivery, row)
    db.execute(
        "UPDATE attempts SET ended_at = ?, outcome = ?, error_code = ?, error_text = ?, receipt = ? WHERE id = ?",
        (at, ended.state, _writable(code), _writable(str(ended.error) if ended.error else None), receipt, attempt.id),
    )
    sender, alert, revision, key, channel, account, act = row[:7]
    if ended.pause_until is not None:
        pause(db, account, since=at, until=text_of(ended.pause_until))
    body = {"account": account, "act": act, "attempt": attempt.number, "channel": channel, "code": _writable(code), "key": key}
    body |= {"state": state} | late
    if receipt is not None:
        body["receipt"] = json.loads(receipt)
    return Event("attempt", body, alert=alert, sender=sender, revision=revision)


def _writable(text: str | None) -> str | None:
    """Returns a text without lone surrogates, which no file can hold."""
    return text if text is None or text.isascii() else text.encode(errors="replace").decode()


def back_in_queue(db: sqlite3.Connection, delivery: int, row: tuple[Any, ...]) -> str:
    """Decides where a row goes that would be queued again; returns its state."""
    sender, alert, revision, _, _, _, act, because, superseded = row
    if superseded is not None:
        db.execute("UPDATE deliveries SET state = 'superseded' WHERE id = ?", (delivery,))
        return "superseded"
    brake = hold_of(db, sender, alert) if speaks(act, because) else None
    if brake is not None and stops(brake, revision):
        db.execute("UPDATE deliveries SET state = 'held', held_reason = ?, on_hold = 1 WHERE id = ?", (brake[1], delivery))
        return "held"
    return "queued"


def settle_unknown(db: sqlite3.Connection, delivery: int, *, state: str, receipt: str | None, at: str) -> str:
    """Puts a row where a person says it belongs, with the receipt that the person gave; returns its state.

    Raises:
        OutboxError: its outcome is not unknown (not_unknown).
    """
    row = db.execute(
        "UPDATE deliveries SET state = ?, not_before = NULL, waiting_since = NULL WHERE id = ? AND state = 'unknown'"
        " RETURNING sender, alert, revision, key, channel, account, act, because, superseded_at",
        (state, delivery),
    ).fetchone()
    if row is None:
        raise not_unknown(delivery)
    if receipt is not None:
        db.execute(
            "INSERT INTO attempts (delivery, number, started_at, ended_at, outcome, steps, receipt, worker)"
            " SELECT ?, tries + 1, ?, ?, ?, '{}', ?, 'person' FROM deliveries WHERE id = ?",
            (delivery, at, at, state, receipt, delivery),
        )
        db.execute("UPDATE deliveries SET tries = tries + 1 WHERE id = ?", (delivery,))
    return back_in_queue(db, delivery, row) if state == "queued" else state
