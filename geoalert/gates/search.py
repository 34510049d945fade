"""Find words that may not be published, however they are spelt, cut or joined."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from geoalert.alert.words import plain
from geoalert.errors import GateRefused

PIECE_CHARACTERS = 4
"""Letters and digits that a piece of a longer value needs to be looked for alone; whole values are looked for at any length."""
LINK_CHARACTERS = 6
"""Letters that a word needs to be looked for inside the run-together words of a link."""

_CODES = {"publication_ban": "banned_words", "restricted_fields": "restricted_in_public", "young_persons": "restricted_in_public"}
_JOINT = "\u200b"
_GAP = r"[\W_]*"
_NUMBERS = ("sender", "id", "case", "link", "authority_reference", "references")
_HOUSE = re.compile(r"(?:.*(?<!\w))?(\d+[a-z]?\s+[^\W\d]{2}.*)")
_STREET = re.compile(
    r"(\d+[a-z]?\s+.+?)\W+(?:st|street|av|ave|avenue|rd|road|dr|drive|ln|lane|blvd|boulevard|cres|crescent|ct|court|pl|place|way|terrace)\b.*"
)
# Scripts written without spaces between words, or with endings joined on: Thai to Khmer, Hangul, Han, kana.
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Search:
    """One value that may stand in no public text; `repr` does not show it.

    Attributes:
        rule: `publication_ban`, `restricted_fields` or `young_persons`.
        own: the public field whose value it is, withheld by a ban; the same field of another person or vehicle may say the same.
    """

    rule: str
    pattern: re.Pattern[str] = field(repr=False)
    in_link: re.Pattern[str] = field(repr=False)
    own: str = ""
    is_short_number: bool = False

    @classmethod
    def of(cls, text: str, *, rule: str, own: str = "") -> Iterator[Search]:
        """Yields the search for a text, none for one without letters or digits."""
        words = re.findall(r"\d+|[^\W\d_]+", plain(text))
        if not words:
            return
        body = _GAP.join(f"{_JOINT}*".join(map(re.escape, word)) for word in words)
        pattern = re.compile(_edge(words[0][0], behind=True) + body + _edge(words[-1][-1], behind=False))
        bare = "".join(words)
        # Addresses of pages run words together: findquillfeather.example.
        in_link = pattern if len(bare) < LINK_CHARACTERS or bare.isdigit() else re.compile(body)
        yield cls(rule, pattern, in_link, own, bare.isdigit() and len(bare) < PIECE_CHARACTERS)

    def refuse_in(self, where: str, text: str) -> None:
        """Raises where the value stands in that text.

        Raises:
            GateRefused: with the field's name and never the word.
        """
        is_link = where == "link"
        pattern = self.in_link if is_link else self.pattern
        if self._spares(where) or not pattern.search(_seen(unquote(text) if is_link else text)):
            return
        code = _CODES[self.rule]
        raise GateRefused(
            "a word that may not be published stands in a public field",
            rule=self.rule,
            code=code,
            field=where,
            do="Say it without that word",
        )

    def _spares(self, where: str) -> bool:
        if not self.own:
            return False
        room, _, rest = self.own.partition(".")
        alike = room in ("people", "vehicles") and where.startswith(f"{room}.") and where.rpartition(".")[2] == rest.rpartition(".")[2]
        # An age of 27 is no reason to refuse the case number 27-9000011.
        return alike or (self.is_short_number and where.split(".")[0] in _NUMBERS)


def pieces(name: str, value: str) -> Iterator[str]:
    """Yields the parts of a restricted value that give it away alone, itself first.

    Args:
        name: dotted, `people.1.address`; an address goes by lines and commas and by its house, a surname by its hyphens.

    Example:
        "12 Main" in pieces("people.1.address", "12 Main St, Apt 4, Exampleville")
    """
    yield value
    kind = name.split(".")[2]
    if kind == "handles":
        yield from _long_enough([value.rstrip("/").rpartition("/")[2]])
        return
    marks = r"[,;\n/|\s\-\u2010-\u2015]+" if kind == "surname" else r"[,;\n/|]+"
    parts = [part.strip() for part in re.split(marks, value)]
    if kind != "address":
        yield from _long_enough(parts)
        return
    for position, part in enumerate(parts):
        # A town alone names nobody; a house does, under any unit number before it and any kind of street after it.
        if position == 0 or re.search(r"\d", part):
            house = _HOUSE.fullmatch(plain(part))
            street = _STREET.fullmatch(house[1]) if house else None
            yield from _long_enough([part, *([house[1]] if house else []), *([street[1]] if street else [])])


def _long_enough(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        bare = [mark for mark in plain(text) if mark.isalnum()]
        spaceless = bool(_SPACELESS.search(text))
        if (len(bare) >= PIECE_CHARACTERS or (spaceless and len(bare) > 1)) and not all(mark.isdigit() for mark in bare):
            yield text


def _edge(mark: str, *, behind: bool) -> str:
    if _SPACELESS.match(mark):
        return ""
    alike = r"\d" if mark.isdigit() else r"[^\W\d_]"
    return f"(?<!{alike})" if behind else f"(?!{alike})"


def _seen(text: str) -> str:
    """Returns the text folded, with a joint where an invisible character or a capital after a small letter parts it."""
    parted: list[str] = []
    for before, mark in zip(" " + text, text, strict=False):
        if unicodedata.category(mark) == "Cf":
            parted.append(_JOINT)
        else:
            parted.append(_JOINT + mark if before.islower() and mark.isupper() else mark)
    return _JOINT.join(plain(stretch) for stretch in "".join(parted).split(_JOINT))
