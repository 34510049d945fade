"""Street names as people write them, brought to one spelling: what they are called, what kind of street, which side of town."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from geoalert.text import fold


def _table(text: str) -> MappingProxyType[str, str]:
    return MappingProxyType({spelling: line.split()[0] for line in text.strip().splitlines() for spelling in line.split()})


SIDES = _table("""
    n north nord
    s south sud
    e east est
    w west ouest
    ne northeast
    nw northwest
    se southeast
    sw southwest
""")
"""Directions in English and French by every spelling; `o` for ouest counts behind a French kind of street only."""

KINDS = _table("""
    st street str rue
    ave avenue av aven
    rd road chemin ch
    blvd boulevard boul bd
    dr drive promenade prom
    cres crescent croissant
    crt court ct
    pl place
    ln lane ruelle
    ter terrace terr terrasse
    pkwy parkway pky
    hwy highway autoroute
    expy expressway
    rte route
    sq square carre
    cir circle circ circuit circt
    gdns gardens
    gt gate
    grv grove
    hts heights
    trl trail
    way
    cl close
    mews
    walk
    row
    path
    allee
    rang
""")
"""Kinds of street by every spelling, the first of each line being the one kept."""

_SHOWN_KINDS = MappingProxyType(
    {kind: KINDS[kind].capitalize() for kind in ("street", "avenue", "road", "boulevard", "drive", "crescent", "court", "parkway")}
)
_FRENCH = frozenset({"rue", "chemin", "ch", "boul", "bd", "allee", "rang", "croissant", "ruelle"})
_EITHER = frozenset({"avenue", "av", "ave", "place", "boulevard", "route", "promenade", "terrasse", "carre"})
_ARTICLES = frozenset({"de", "du", "des", "la", "le", "les", "l", "d"})
_SAME = MappingProxyType({"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"})
_TO_NINETEEN = """
    first second third fourth fifth sixth seventh eighth ninth tenth
    eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
"""
_UNITS = MappingProxyType({word: number for number, word in enumerate(_TO_NINETEEN.split(), start=1)})
_TENS = MappingProxyType({"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90})
_ROUND = MappingProxyType({"twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50})
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th|e|er|re|eme)")
_APOSTROPHES = re.compile("['.\u2018\u2019\u02bc`\u00b4]")


@dataclass(frozen=True, slots=True)
class Street:
    """A street name in one spelling; a blank kind or side was not written.

    `Queen Street West` is name `queen`, kind `st`, side `w`; `The West Mall` is name `w mall`.
    """

    name: str
    kind: str = ""
    side: str = ""

    def admits(self, other: Street) -> bool:
        """Returns whether `other` may be meant: the same name, and nothing written here that differs there."""
        return self.name == other.name and self.kind in ("", other.kind) and self.side in ("", other.side)


def words_of(text: str) -> list[str]:
    """Returns the folded words of a text, with no accents on Latin letters, no apostrophes and no punctuation."""
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", fold(text)) if not "\u0300" <= mark <= "\u036f")
    kept = _APOSTROPHES.sub("", unicodedata.normalize("NFC", bare))
    return "".join(mark if mark.isalnum() or unicodedata.category(mark)[0] == "M" else " " for mark in kept).split()


@lru_cache(maxsize=20_000)
def read_street(text: str) -> Street:
    """Returns the one spelling of a street name; a name of no letters or digits at all is blank."""
    return _street(words_of(text))[0]


@lru_cache(maxsize=1_000)
def meanings(text: str) -> tuple[Street, ...]:
    """Returns what a typed name may stand for: `Queens Park` is a street of that name, or one called Queens of the kind Park."""
    street, led = _street(words_of(text))
    found = [street]
    if street.kind:
        found.append(Street(f"{street.name} {street.kind}".strip(), "", street.side))
    if led:
        found.append(Street(f"{street.side} {street.name}", street.kind))
    return tuple(dict.fromkeys(each for each in found if each.name))


def _street(words: list[str]) -> tuple[Street, bool]:
    """Returns the street, and whether its side was written first as in `W 42nd St`."""
    words = words[1:] if len(words) > 1 and words[0] == "the" else list(words)
    french = len(words) > 1 and (words[0] in _FRENCH or (words[0] in _EITHER and words[-1] not in KINDS))
    side = kind = ""
    if len(words) > 1 and (words[-1] in SIDES or (french and words[-1] == "o")):
        side = SIDES.get(words.pop(), "w")
    if french and len(words) > 1:
        kind = KINDS[words.pop(0)]
        while len(words) > 1 and words[0] in _ARTICLES:
            words.pop(0)
    elif len(words) > 1 and words[-1] in KINDS:
        kind = KINDS[words.pop()]
    led = not side and len(words) > 1 and words[0] in SIDES and (len(words[0]) <= 2 or words[1][0].isdecimal())
    if led:
        side = SIDES[words.pop(0)]
    return Street(" ".join(_numbered([_SAME.get(word) or SIDES.get(word) or KINDS.get(word, word) for word in words])), kind, side), led


def _numbered(words: list[str]) -> list[str]:
    """Returns the words with ordinals as digits: `14th`, `fourteenth` and `14` are one name."""
    found: list[str] = []
    for word in words:
        ordinal = _ORDINAL.fullmatch(word)
        number = int(ordinal[1]) if ordinal and ordinal[1].isascii() else _UNITS.get(word) or _ROUND.get(word)
        if found and found[-1] in _TENS and word in _UNITS and _UNITS[word] < 10:
            found[-1] = str(_TENS[found[-1]] + _UNITS[word])
        else:
            found.append(word if number is None else str(number))
    return found


def shown(text: str) -> str:
    """Returns a name as the public reads it: `QUEEN STREET WEST` and `Queen Street West` as `Queen St W`."""
    words = " ".join(text.split()).split(" ")
    if not any(mark.islower() for mark in text):
        words = [word[:1] + word[1:].lower() for word in words]
    if len(words) > 2 and words[-1].lower() in ("north", "south", "east", "west"):
        words[-1] = words[-1][0].upper()
    last = len(words) - (2 if len(words) > 2 and words[-1].upper() in ("N", "S", "E", "W") else 1)
    if last > 0:
        words[last] = _SHOWN_KINDS.get(words[last].lower(), words[last])
    return " ".join(words)


def without_side(text: str) -> str:
    """Returns a public spelling without the side at its end: `Eglinton Ave E` as `Eglinton Ave`."""
    words = text.split()
    return " ".join(words[:-1]) if len(words) > 1 and words[-1].lower() in SIDES else text
