"""A corner as somebody types it: the two streets it may name, and the house number it may not."""

from __future__ import annotations

import re

from geoalert.errors import AreaError
from geoalert.places.streets import KINDS, SIDES, words_of

MOST_CHARACTERS = 200
_MOST_WORDS = 12
_TOWN_WORDS = 3
_WHAT_TO_WRITE = 'Write two streets, such as "First St W & Second Ave"'

_LEAD = re.compile(
    r"^\s*(?:(?:in|at|near|around)\s+)?(?:the\s+)?(?:(?:(?:general\s+)?area|vicinity|corner|intersection|junction)\s+(?:of|at|around)"
    r"|near|around|at)\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,(]+(?:the\s+)?(?:general\s+)?(?:area|vicinity|intersection|corner)[\s.)]*$", re.IGNORECASE)
_MARKS = re.compile(r"[&/@+;|\\\uff06\uff0f\uff20]")
_WORDS = re.compile(r"\s(?:and|at|et|und|y|by|near|x|\u00d7)\s|,|\s[-\u2013\u2014]\s", re.IGNORECASE)
_PIECES = re.compile(rf"{_MARKS.pattern}|{_WORDS.pattern}|[\r\n]", re.IGNORECASE)
_NUMBER = re.compile(r"(?!(?:\d*1st|\d*2nd|\d*3rd|\d+th|1er|1re|\d+e|\d+eme)$)\d\w*")
_ROADS = frozenset(
    {"highway", "hwy", "route", "rte", "autoroute", "interstate", "us", "county", "regional", "line", "concession", "avenue", "ave", "rue"}
)


def corner_texts(text: str) -> tuple[str, ...]:
    """Returns the text as it stands, then without `corner of`, `area` and their like around it, where it has them.

    Raises:
        AreaError: code not_an_intersection, for nothing, for far too much, and for a house number.
    """
    if not isinstance(text, str) or not words_of(text) or len(text) > MOST_CHARACTERS:
        what = f"longer than {MOST_CHARACTERS} characters" if isinstance(text, str) and len(text) > MOST_CHARACTERS else "no street in it"
        raise AreaError(f"not a corner of two streets: {what}", code="not_an_intersection", value=printable(text), do=_WHAT_TO_WRITE)
    whole = text.replace("&amp;", "&").strip()
    bare = _TAIL.sub("", _LEAD.sub("", whole)).strip() or whole
    number = next((found for piece in _PIECES.split(bare) if (found := house_number(piece))), None)
    if number is not None:
        raise AreaError(
            f"an address, not a corner: {number} reads as a house number, and an area is never told by one",
            code="not_an_intersection",
            value=printable(text),
            do=f"{_WHAT_TO_WRITE}; a numbered street needs its kind, such as 5th Ave or Highway 27",
        )
    return tuple(dict.fromkeys((whole, bare)))


def printable(text: object) -> str:
    """Returns a text that any terminal and any JSON reader takes, lone surrogates replaced."""
    return str(text).encode("utf-8", "replace").decode("utf-8")


def house_number(name: str) -> str | None:
    """Returns the number in a street name that is no part of it: `312` of `312 Queen St W`, None for `42 St`, `5th Ave`, `Highway 27`."""
    words = words_of(name)
    for place, word in enumerate(words):
        if not _NUMBER.fullmatch(word):
            continue
        before, after = words[:place], words[place + 1 :]
        if after and after[0] == "mile":
            continue
        named_by_number = bool(after) and after[0] in KINDS and all(each in SIDES for each in [*before, *after[1:]])
        numbered_road = bool(before) and before[0] in _ROADS and len(before) <= 2 and all(each in SIDES for each in after)
        if not (named_by_number or numbered_road):
            return word
    return None


def check_no_address(label: str | None) -> None:
    """Refuses words for the public that tell a house: `100 Queen St W`; `14 Division` and `5th Ave` tell none.

    Raises:
        AreaError: code label_is_address.
    """
    for piece in _PIECES.split(label or ""):
        words = words_of(piece)
        number = house_number(piece)
        if number is not None and words[0] == number and any(word in KINDS for word in words[2:]):
            raise AreaError(
                f"the label reads as an address: {number} reads as a house number, and the public is told no house",
                code="label_is_address",
                field="label",
                value=printable(label),
                do='Name a corner or a district, such as "First St W and Second Ave area"',
            )


def is_divided(text: str) -> bool:
    """Returns whether a mark or a word in the text may part two streets."""
    return bool(_MARKS.search(text) or _WORDS.search(text))


def is_town(text: str) -> bool:
    """Returns whether what stands behind a corner's last comma reads as a town or province: few words, no number, no kind of street."""
    words = words_of(text)
    return 0 < len(words) <= _TOWN_WORDS and not _MARKS.search(text) and words[-1] not in KINDS and all(map(str.isalpha, words))


def splits(text: str) -> tuple[tuple[str, str], ...]:
    """Returns every way to read a text as two streets: at a mark or a word that divides, at any space only where it has neither."""
    marks = [found.span() for divider in (_MARKS, _WORDS) for found in divider.finditer(text)]
    if not marks:
        marks = [found.span() for found in re.finditer(r"\s+", text.strip())]
        text = text.strip()
    pairs = ((text[:start].strip(), text[end:].strip()) for start, end in marks[:_MOST_WORDS])
    return tuple(dict.fromkeys((left, right) for left, right in pairs if words_of(left) and words_of(right)))
