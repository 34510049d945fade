"""The columns of the files that people write, in their order.

A file holds each of them, blank where nothing is known, and no other: a column left out is a slip as often as a wish.
"""

from __future__ import annotations

CHANNEL_COLUMNS = (
    "id", "name", "account", "address", "scope", "speaks_for", "kinds", "languages", "steward",
    "consent", "consented", "valid_from", "valid_to",
)  # fmt: skip
"""Of channels.csv."""

VENUE_COLUMNS = (
    "id", "name", "category", "lat", "lon", "opening_hours", "email", "sms", "languages", "scope", "member_of",
    "consent", "consented", "closed_on",
)  # fmt: skip
"""Of venues.csv; in GeoJSON and GeoPackage the point stands for lat and lon."""

UNIT_COLUMNS = ("unit", "phone", "email", "valid_from", "valid_to")
"""Of units.csv."""
