"""Which of an alert's languages a channel gets: the exact tag, else its base, else another region of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from geoalert.errors import AlertError

T = TypeVar("T")


def closest(by_language: Mapping[str, T], language: str, *, what: str, file: str | None = None) -> T:
    """Returns what `by_language` has for a BCP 47 tag: en-CA takes en-CA, else en, else another en-*.

    Raises:
        AlertError: code missing_language; another language is never put in its place.
    """
    folded = {tag.casefold(): tag for tag in by_language}
    wanted, base = language.casefold(), language.casefold().split("-")[0]
    regional = sorted(tag for tag in folded if tag.split("-")[0] == base)
    for tag in (wanted, base, *regional):
        if tag in folded:
            return by_language[folded[tag]]
    raise AlertError(
        f"the alert has no {what} in {language}",
        code="missing_language",
        file=file,
        field="language",
        value=language,
        do=f"Write it, or give the channel one of: {', '.join(sorted(by_language)) or 'none'}",
    )
