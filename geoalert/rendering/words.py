"""The words that posts add to the author's own, one data file per language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from geoalert.rendering.languages import closest


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words; `words("person.age")` looks one up by its dotted name."""

    language: str
    table: Mapping[str, Any]

    def __call__(self, name: str) -> str:
        """Returns the word of that dotted name.

        Raises:
            KeyError: the data file has no such word.
        """
        found: Any = self.table
        for step in name.split("."):
            found = found[step]
        return str(found)

    def time(self, instant: datetime, zone: str, language: str) -> str:
        """Returns an instant as people in that IANA zone write it."""
        from babel import Locale, UnknownLocaleError
        from babel.dates import format_datetime

        try:
            locale = Locale.parse(language.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            locale = Locale.parse(self.language)
        return format_datetime(instant, self("expires_pattern"), tzinfo=ZoneInfo(zone), locale=locale)


def words_in(language: str) -> Words:
    """Returns the words of a BCP 47 tag, or of its base.

    Raises:
        AlertError: code missing_language, there is no data file for it.
    """
    return closest(_shipped(), language, what="words for labels")


@cache
def _shipped() -> dict[str, Words]:
    folder = resources.files("geoalert.rendering") / "words"
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            tag = entry.name.removesuffix(".toml")
            found[tag] = Words(tag, tomllib.loads(entry.read_text(encoding="utf-8")))
    return found
