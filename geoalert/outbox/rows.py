"""Between values and rows of the file."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from geoalert.errors import ExplainedError
from geoalert.outbox.model import STATES, Attempt, Delivery
from geoalert.publishing import Receipt

DELIVERY = (
    "id, key, sender, alert, revision, channel, act, occurrence, account, status, plan_digest, post_digest, of_delivery,"
    " urgency, not_before, held_reason, expires_at, take_down_at, state, tries, queued_at, because, how, deadline_at,"
    " confirmed_at, confirmed_by, confirmed_note"
)
"""The columns of a `Delivery`, in the order of its fields."""
ATTEMPT = "id, delivery, number, started_at, ended_at, outcome, error_code, error_text, steps, receipt, worker"
ENTRY = "seq, at, kind, sender, alert, revision, actor, role, body, salt, body_digest, entry_digest, hash"

_TIMES = (14, 16, 17, 20, 23, 24)
STATE, TRIES = 18, 19


def text_of(at: datetime) -> str:
    """Returns an instant as the file keeps it: UTC, always of the same length, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def text_or_null(at: datetime | None) -> str | None:
    """Returns `text_of`, and None for None."""
    return None if at is None else text_of(at)


def time_or_none(text: str | None) -> datetime | None:
    """Returns the instant that a column holds."""
    return None if text is None else datetime.fromisoformat(text)


def delivery_of(row: tuple[Any, ...], **changes: Any) -> Delivery:
    """Reads a row of `DELIVERY`, with `state` and `tries` as they have become since."""
    values = list(row)
    for at in _TIMES:
        if values[at] is not None:
            values[at] = datetime.fromisoformat(values[at])
    if changes:
        values[STATE] = changes.get("state", values[STATE])
        values[TRIES] = changes.get("tries", values[TRIES])
    return Delivery(*values)


def where_of(
    *, sender: str | None = None, alert: str | None = None, revision: int | None = None, states: Collection[str] | None = None
) -> tuple[str, dict[str, object]]:
    """Returns a WHERE clause and its values, both empty where nothing is asked."""
    values = {"sender": sender, "alert": alert, "revision": revision}
    parts = [f"{name} = :{name}" for name, value in values.items() if value is not None]
    if states is not None:
        # Written out, because a partial index cannot be chosen by what a parameter will hold, nor by one of several.
        known = [f"'{state}'" for state in STATES if state in states]
        parts.append(f"state = {known[0]}" if len(known) == 1 else f"state IN ({', '.join(known)})")
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), {name: value for name, value in values.items() if value is not None}


def attempt_of(row: tuple[Any, ...]) -> Attempt:
    """Reads a row of `ATTEMPT`."""
    number, delivery, count, started, ended, outcome, code, text, steps, receipt, worker = row
    return Attempt(
        number,
        delivery,
        count,
        datetime.fromisoformat(started),
        time_or_none(ended),
        outcome,
        code,
        text,
        json.loads(steps),
        Receipt.from_json(receipt) if receipt else None,
        worker,
    )


def code_of(error: Exception | None) -> str | None:
    """Returns the stable code of an error, of a foreign one its class."""
    if error is None:
        return None
    return error.code if isinstance(error, ExplainedError) else type(error).__name__
