"""Which of an alert's languages a channel gets: never another one in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from geoalert.errors import AlertError
from geoalert.gates.public import closest as closest_tag

T = TypeVar("T")


def closest(by_language: Mapping[str, T], language: str, *, what: str, file: str | None = None) -> T:
    """Returns what `by_language` has for a BCP 47 tag: en-CA takes en-CA, else en, else another en-*.

    Raises:
        AlertError: code missing_language.
    """
    tag = closest_tag(language, by_language)
    if tag is not None:
        return by_language[tag]
    raise AlertError(
        f"the alert has no {what} in {language}",
        code="missing_language",
        file=file,
        field="language",
        value=language,
        do=f"Write it, or give the channel one of: {', '.join(sorted(by_language)) or 'none'}",
    )
