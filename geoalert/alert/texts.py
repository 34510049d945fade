"""The words of an alert in one language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geoalert.alert.checks import language_tag, line, optional_line
from geoalert.errors import AlertError
from geoalert.text import fold

_VAGUE = re.compile(
    r"((in|near|around|within) )?((this|your|the|our|that) )?(local |immediate )?(area|neighbou?rhood|vicinity|location|region)"
    r"|(around |near |right )?(here|you|nearby|everywhere|somewhere|unknown|n/?a|tbd|tba)"
    r"|(dans )?(ce secteur|votre secteur|cette zone|la zone|votre quartier|ici)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What is said in one language: hazard, place, time and what to do (Mileti and Sorensen's parts of a warning).

    `place` is the public name of the place, an intersection's area as a rule; words that only someone already there could read are refused.

    Raises:
        AlertError: `missing_text`, `vague_place`, `unknown_language`, `control_character`.

    Example:
        Texts(language="en", event="Robbery", place="Queen St W and Spadina Ave area", when="Friday, 11 pm", guidance="Call 9-1-1 if seen.")
    """

    language: str
    event: str
    place: str
    when: str
    guidance: str
    details: str | None = None
    heading: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", language_tag(self.language))
        for name in ("event", "place", "when", "guidance"):
            where = f"text.{self.language}.{name}"
            if name == "place" and isinstance(self.place, str) and _says_nowhere(self.place):
                raise AlertError(
                    "the place names no place",
                    code="vague_place",
                    field=where,
                    value=self.place,
                    do="Name it, such as 'High St and Mill Lane area'",
                )
            object.__setattr__(self, name, line(getattr(self, name), field=where))
        for name in ("details", "heading"):
            object.__setattr__(self, name, optional_line(getattr(self, name), field=f"text.{self.language}.{name}"))

    def to_dict(self) -> dict[str, str | None]:
        """Returns every text by field name."""
        return {name: getattr(self, name) for name in ("language", "event", "place", "when", "guidance", "details", "heading")}


def _says_nowhere(place: str) -> bool:
    words = fold(place).strip(" .,:;!?-'\"()")
    return not words or _VAGUE.fullmatch(words) is not None
