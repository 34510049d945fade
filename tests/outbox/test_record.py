"""The record: chained, append-only, purged without breaking."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from geoalert.errors import NotSent, OutboxError
from geoalert.outbox import ZEROS, Event, SqliteOutbox, check_chain
from geoalert.outbox.chain import canonical
from tests.outbox.rows import new

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_is_rfc_8785(value: object) -> None:
    """The quick way and the library's agree on every value."""
    assert canonical(value).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_the_chain_can_be_checked_with_nothing_but_sha256(outbox: SqliteOutbox, now: datetime) -> None:
    """The digests are what the documentation says, computed here again by hand."""
    body = {"why": "sketch ready", "share": 0.25}
    entry = outbox.record(
        [Event("planned", body, alert="S1", sender="Example Police", revision=1, actor="m.roy", role="submitter")], at=now
    )[0]

    told = hashlib.sha256(bytes.fromhex(entry.salt or "") + rfc8785.dumps(body)).hexdigest()
    own = {"seq": 1, "at": "2027-03-12T21:00:00.000000Z", "kind": "planned", "sender": "Example Police", "alert": "S1", "revision": 1,
           "actor": "m.roy", "role": "submitter", "body_digest": told}  # fmt: skip
    digest = hashlib.sha256(rfc8785.dumps(own)).hexdigest()

    assert (entry.body_digest, entry.entry_digest) == (told, digest)
    assert entry.hash == hashlib.sha256((ZEROS + digest).encode()).hexdigest()
    assert list(outbox.entries()) == [entry]


def filled(outbox: SqliteOutbox, now: datetime, count: int = 5) -> None:
    """Some entries of two alerts."""
    outbox.record([Event("planned", {"number": number}, alert=f"S{number % 2}", actor="m.roy") for number in range(count)], at=now)


@pytest.mark.parametrize(
    ("field", "value"),
    [("body", {"number": 9}), ("salt", "00"), ("at", "2027-03-12T22:00:00.000000Z"), ("kind", "approved"), ("actor", "t.singh"),
     ("role", "approver"), ("alert", "S9"), ("sender", "X"), ("revision", 2), ("body_digest", "0" * 64), ("entry_digest", "0" * 64),
     ("hash", "0" * 64)],
)  # fmt: skip
def test_any_changed_field_is_named(outbox: SqliteOutbox, now: datetime, field: str, value: object) -> None:
    """One field of one entry changed: its number is named."""
    filled(outbox, now)
    entries = list(outbox.entries())
    entries[2] = replace(entries[2], **{field: value})

    with pytest.raises(OutboxError) as caught:
        check_chain(entries)

    assert (caught.value.code, caught.value.row) == ("record_broken", 3)


@pytest.mark.parametrize("order", [(0, 1, 3, 4), (0, 2, 1, 3, 4), (0, 1, 1, 2)])
def test_missing_moved_and_doubled_entries_are_noticed(outbox: SqliteOutbox, now: datetime, order: tuple[int, ...]) -> None:
    """Only the entries as they were written follow one another."""
    filled(outbox, now)
    entries = list(outbox.entries())
    check_chain(entries)

    with pytest.raises(OutboxError):
        check_chain(entries[number] for number in order)


def test_a_part_is_proved_from_the_hash_before_it(outbox: SqliteOutbox, now: datetime) -> None:
    """An evidence file holds a part and the skeleton of the rest."""
    filled(outbox, now)
    entries = list(outbox.entries())

    check_chain(entries[3:], prev=entries[2].hash)
    assert list(outbox.skeleton(first=2, last=4)) == [(each.seq, each.entry_digest, each.hash) for each in entries[1:4]]
    assert [each.seq for each in outbox.entries(alert="S1")] == [2, 4]
    assert [each.seq for each in outbox.entries(since_seq=3)] == [4, 5]


def test_a_purge_forgets_bodies_and_keeps_the_chain(outbox: SqliteOutbox, now: datetime, tmp_path: Path) -> None:
    """What was said is gone from the file's bytes; that it was said stays proved."""
    secret = "a name that has to be forgotten"
    outbox.record([Event("planned", {"name": secret}, alert="S1"), Event("approved", {"reason": "seen"}, alert="S1")], at=now)

    assert outbox.purge_bodies([1], at=now, events=[Event("purged", {"entries": 1}, actor="records")]) == 1

    entries = list(outbox.entries())
    check_chain(entries)
    assert [each.body is None for each in entries] == [True, False, False]
    assert all(secret.encode() not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    "statement", ["DELETE FROM log WHERE seq = 1", "UPDATE log SET actor = 'x' WHERE seq = 1", "UPDATE log SET body = '{}'"]
)
def test_the_file_itself_refuses_to_forget(outbox: SqliteOutbox, now: datetime, statement: str, tmp_path: Path) -> None:
    """Whoever opens the file with another program is stopped by its triggers."""
    filled(outbox, now)
    other = sqlite3.connect(tmp_path / "outbox.sqlite")

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)

    other.close()


def test_events_are_written_with_what_they_tell_of_or_not_at_all(outbox: SqliteOutbox, now: datetime) -> None:
    """A deed that fails leaves no trace; one that is done leaves its own."""
    outbox.enqueue([new(now)], at=now, events=[Event("issued", {"posts": 1}, alert="S1", actor="m.roy")])

    with pytest.raises(OutboxError):
        outbox.confirm(99, at=now, by="m.roy", events=[Event("confirmed", {}, alert="S1")])
    with pytest.raises(ValueError, match="unsupported type"):
        outbox.enqueue([new(now, "d14")], at=now, events=[Event("issued", {"posts": {1, 2}}, alert="S1")])

    assert [entry.kind for entry in outbox.entries()] == ["issued"]
    assert len(outbox.deliveries()) == 1


def test_every_end_of_a_try_is_recorded(outbox: SqliteOutbox, now: datetime) -> None:
    """Settled, recovered and expired rows tell of themselves."""
    outbox.enqueue([new(now), new(now, "d14"), new(now, "later", not_before=now + timedelta(hours=1))], at=now)
    (_, first), (_, _) = outbox.claim(at=now, most=2)
    outbox.settle(first, state="queued", at=now, error=NotSent("refused", code="refused"), not_before=now + timedelta(hours=7))
    outbox.recover(at=now)
    outbox.expire(at=now + timedelta(hours=6))

    entries = list(outbox.entries())

    check_chain(entries)
    assert [entry.kind for entry in entries] == ["attempt", "recovered", "expired"]
    assert json.loads(canonical(entries[0].body))["code"] == "refused"
    assert [(entry.alert, (entry.body or {}).get("channel"), (entry.body or {}).get("deliveries")) for entry in entries] == [
        ("S1", "ed-bia", None), ("S1", "d14", None), ("S1", None, 2)]  # fmt: skip
