"""The words of an alert in one language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geoalert.alert.checks import language_tag, line, optional_line
from geoalert.errors import AlertError
from geoalert.text import fold

_WORD = re.compile(r"\w+")
_POINTING = frozenset(
    re.findall(
        r"\w+",
        """
        a all an and any area areas around at below above by circle city close community corner depicted described
        district everywhere following from here highlighted image immediate in indicated its link listed local locality
        location locations map marked n na nearby near nearest neighborhood neighbourhood of on our outlined page part
        parts people picture place please region right same see shaded shown somewhere surrounding surroundings tba tbd
        that the there this to town unknown us various vicinity website where within you your zone au aux autour carte
        ce ces cet cette ci compris connu dans de des dessous dessus du en endroit environs et ici inconnu indiqué
        indiquée jointe l la le les lieu montré montrée notre nos par partout près proche quartier région secteur sous
        sur un une ville voir vos votre vous aquí barrio ciudad el este esta esa lugar mapa su ver vea zona área
        """,
    )
)
"""Words that point at a place without naming one; a place made of nothing else could be read only by someone who stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What is said in one language: hazard, place, time and what to do (Mileti and Sorensen's parts of a warning).

    `place` is the public name of the place, an intersection's area as a rule; words that only someone already there could read are refused.

    Raises:
        AlertError: `missing_text`, `vague_place`, `unknown_language`, `control_characters`.

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
            object.__setattr__(self, name, line(getattr(self, name), field=where, breaks=name != "place"))
        for name in ("details", "heading"):
            object.__setattr__(self, name, optional_line(getattr(self, name), field=f"text.{self.language}.{name}"))

    def to_dict(self) -> dict[str, str | None]:
        """Returns every text by field name."""
        return {name: getattr(self, name) for name in ("language", "event", "place", "when", "guidance", "details", "heading")}


def _says_nowhere(place: str) -> bool:
    return _POINTING.issuperset(_WORD.findall(fold(place)))
