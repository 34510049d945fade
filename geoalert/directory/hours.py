"""Opening hours in the OpenStreetMap grammar: kept as written, refused where nobody could evaluate them."""

from __future__ import annotations

import re
from functools import lru_cache

from geoalert.errors import DirectoryError
from geoalert.findings import Finding

_AT = re.compile(r"--> 1:(\d+)")


@lru_cache(maxsize=4096)
def _fault(text: str) -> int | None:
    import opening_hours

    if opening_hours.validate(text):
        return None
    # The class raised was SyntaxError in 0.x and is ParserError now, which its type stubs do not list.
    refused: type[Exception] = getattr(opening_hours, "ParserError", SyntaxError)
    try:
        opening_hours.OpeningHours(text)
    except refused as err:
        at = _AT.search(str(err))
        return int(at[1]) if at else 1
    return 1


def check_hours(text: str) -> str:
    """Returns opening hours unchanged; blank means that nobody knows them.

    Example:
        `Th-Sa 22:00-02:30; PH off`

    Raises:
        DirectoryError: `invalid_hours`, with the place in the text where reading stopped.
    """
    if not text:
        return text
    at = _fault(text)
    if at is not None:
        raise DirectoryError(
            f"opening hours that cannot be read from {text[at - 1 : at + 14].strip() or 'its end'!r} on",
            code="invalid_hours",
            field="opening_hours",
            value=text,
            do="Write OpenStreetMap opening hours with two-letter days and 24 h times, as in Th-Sa 22:00-02:30",
        )
    return text


def hours_finding(venues: int) -> Finding:
    """Returns the warning that a wanted opening window does not filter yet."""
    some = "1 chosen venue" if venues == 1 else f"{venues} chosen venues"
    return Finding(
        level="warn",
        code="hours_not_filtered",
        text=f"Opening hours are kept and shown but do not filter yet: {some} may be closed in the wanted window",
        where="audience.open",
    )
