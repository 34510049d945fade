"""The columns of the files that people write, in their order."""

from __future__ import annotations

CHANNEL_COLUMNS = (
    "id",
    "name",
    "account",
    "address",
    "scope",
    "speaks_for",
    "kinds",
    "languages",
    "steward",
    "consent",
    "consented",
    "valid_from",
    "valid_to",
)

VENUE_COLUMNS = (
    "id",
    "name",
    "category",
    "lat",
    "lon",
    "opening_hours",
    "email",
    "sms",
    "languages",
    "scope",
    "member_of",
    "consent",
    "consented",
    "closed_on",
)

UNIT_COLUMNS = ("unit", "phone", "email", "valid_from", "valid_to")
