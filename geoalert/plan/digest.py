"""Digests that bind an approval to exact content: one for each part, one over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """Returns RFC 8785 JSON: the same value always gives the same bytes."""
    return rfc8785.dumps(value)


def part_digest(value: Any) -> str:
    """Returns SHA-256 of a JSON value's canonical form, hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def bytes_digest(content: bytes) -> str:
    """Returns SHA-256 of stored bytes, hex."""
    return hashlib.sha256(content).hexdigest()


def salted_digest(salt: bytes, value: Any) -> str:
    """Returns SHA-256 of salt and canonical form, hex: after salt and value are purged it says nothing about either."""
    return hashlib.sha256(salt + canonical(value)).hexdigest()


def manifest_digest(parts: Mapping[str, str]) -> str:
    """Returns the plan's digest: SHA-256 over the canonical manifest of part digests."""
    return part_digest(dict(parts))
