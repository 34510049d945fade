"""An empty channels.csv for a layer: one row per boundary, the rest for people to fill in."""

from __future__ import annotations

import csv
import io
import re

from geoalert.boundaries.ids import natural_key
from geoalert.boundaries.model import Layer
from geoalert.directory.columns import CHANNEL_COLUMNS


def channels_template(layer: Layer, *, account: str = "", languages: tuple[str, ...] = ()) -> str:
    """Returns CSV text with one channel per boundary, in natural order of the ids; account, address and consent are left to fill in.

    Every row begins as restricted: making a channel public is a decision that somebody writes down.

    Args:
        layer: whose boundaries the rows speak for.
        account, languages: filled in alike on every row, where they are known.

    Example:
        `division-d52,52 Division,,,restricted,division:D52,,,,,,,`
    """
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(CHANNEL_COLUMNS)
    taken: set[str] = set()
    pairs = sorted(zip(map(str, layer.ids), map(str, layer.labels), strict=True), key=lambda pair: natural_key(pair[0]))
    for key, label in pairs:
        cells = {
            "id": _free(f"{_slug(layer.name)}-{_slug(key)}", taken),
            "name": label.strip() or key,
            "account": account,
            "scope": "restricted",
            "speaks_for": f"{layer.name}:{key}",
            "languages": ";".join(languages),
        }
        rows.writerow([cells.get(column, "") for column in CHANNEL_COLUMNS])
    return out.getvalue()


def _slug(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-") or "x"


def _free(id: str, taken: set[str]) -> str:
    number, free = 1, id
    while free in taken:
        number += 1
        free = f"{id}-{number}"
    taken.add(free)
    return free
