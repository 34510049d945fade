"""The hash chain of the record: what one entry's digests are made of, and the proof over many.

Needs nothing but Python itself for entries without fractions, so that a verifier elsewhere can be read beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoalert.errors import OutboxError

ZEROS = "0" * 64
"""What the first entry is chained to."""

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_LARGEST = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written into the record; `body` and `salt` are None once purged."""

    seq: int
    at: str
    kind: str
    sender: str | None
    alert: str | None
    revision: int | None
    actor: str
    role: str | None
    body: Mapping[str, Any] | None
    salt: str | None
    body_digest: str
    entry_digest: str
    hash: str

    @property
    def time(self) -> datetime:
        """When it was written, aware; `at` keeps the exact text that the digest is over."""
        return datetime.fromisoformat(self.at)


def canonical(value: Any) -> str:
    """Returns RFC 8785 JSON text.

    Raises:
        ValueError: it holds something that JSON has no form for.
    """
    if not _plain(value):
        import rfc8785

        return rfc8785.dumps(value).decode()
    return _encode(value)


def _plain(value: Any) -> bool:
    """Returns whether Python's own encoder gives RFC 8785 bytes: no fractions, no huge numbers, keys in ASCII."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -_LARGEST <= int(value) <= _LARGEST
    if kind is dict:
        return all(type(key) is str and key.isascii() and _plain(each) for key, each in value.items())
    return kind in (list, tuple) and all(map(_plain, value))


def body_digest(salt: str, body: str) -> str:
    """Returns SHA-256 over the salt's bytes and the canonical body, hex."""
    return hashlib.sha256(bytes.fromhex(salt) + body.encode()).hexdigest()


def entry_digest(
    *,
    seq: int,
    at: str,
    kind: str,
    sender: str | None,
    alert: str | None,
    revision: int | None,
    actor: str,
    role: str | None,
    body_digest: str,
) -> str:
    """Returns SHA-256 over the canonical JSON of everything in an entry but its body, hex."""
    told = {
        "actor": actor,
        "alert": alert,
        "at": at,
        "body_digest": body_digest,
        "kind": kind,
        "revision": revision,
        "role": role,
        "sender": sender,
        "seq": seq,
    }
    return hashlib.sha256(_encode(told).encode()).hexdigest()


def chain_hash(prev: str, entry_digest: str) -> str:
    """Returns SHA-256 over the hash before and an entry's digest, both as hex text, hex."""
    return hashlib.sha256((prev + entry_digest).encode()).hexdigest()


def check_chain(entries: Iterable[Entry], prev: str = ZEROS) -> None:
    """Proves entries that follow one another; a purged body is proved by its digest alone.

    Args:
        entries: in order, none left out.
        prev: the hash of the entry before the first.

    Raises:
        OutboxError: `record_broken`, naming the first entry and field that is not what was written.
    """
    seq = None
    for entry in entries:
        if seq is not None and entry.seq != seq + 1:
            raise _broken(seq + 1, "seq", "an entry is missing from the record")
        seq = entry.seq
        if entry.body is not None and body_digest(entry.salt or "", canonical(entry.body)) != entry.body_digest:
            raise _broken(seq, "body", "an entry's body is not what was written")
        if digest_of(entry) != entry.entry_digest:
            raise _broken(seq, "entry_digest", "an entry is not what was written")
        prev = chain_hash(prev, entry.entry_digest)
        if prev != entry.hash:
            raise _broken(seq, "hash", "an entry does not follow the one before it")


def digest_of(entry: Entry) -> str:
    """Returns what an entry's own digest has to be."""
    return entry_digest(
        seq=entry.seq,
        at=entry.at,
        kind=entry.kind,
        sender=entry.sender,
        alert=entry.alert,
        revision=entry.revision,
        actor=entry.actor,
        role=entry.role,
        body_digest=entry.body_digest,
    )


def _broken(seq: int, field: str, what: str) -> OutboxError:
    do = "Compare it with a copy kept elsewhere; do not write to this record"
    return OutboxError(what, code="record_broken", row=seq, field=field, do=do)
