"""Sightings of two streets together, brought together to corners."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from geoalert.places.model import DECIMALS, metres_apart
from geoalert.places.streets import SIDES, Street, read_street, shown, words_of
from geoalert.places.typed import house_number
from geoalert.text import hidden_mark

SAME_CORNER_M = 150.0
ONE_CROSSING_M = 80.0
_MOST_CHARACTERS = 80
_LEAST_M_PER_DEGREE = 110_000.0
_WHERE = re.compile(r"\s+(?:north|south|east|west|near|far)[- ]?(?:east|west)?[- ]?side$", re.IGNORECASE)
_BEHIND = re.compile(r"\s+[-\u2013]\s+.*$")
_OPPOSITE = re.compile(r"^opp(?:osite)?\.?\s+", re.IGNORECASE)
_NOTE = re.compile(r"\s*\(([^()]*)\)")
_UNPAIRED = re.compile(r"\s*\([^()]*$")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One stop, node or row where two streets were seen together, EPSG:4326."""

    street: str
    cross_street: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Corner:
    """One corner of two streets, the mean of what was seen there.

    Attributes:
        note: which end of a street that is met twice, such as `s` for `(South)`; blank where nothing was said.
        seen: how many sightings had these names.
        spread_m: metres to the farthest sighting that it is the mean of.
    """

    street: Street
    cross_street: Street
    note: str
    lon: float
    lat: float
    seen: int
    spread_m: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """The corners, each street's public spelling, and how many sightings were left out by reason."""

    corners: tuple[Corner, ...]
    spellings: dict[Street, str]
    left_out: dict[str, int] = field(default_factory=dict)


def gather(sightings: Iterable[Sighting], *, same_corner_m: float = SAME_CORNER_M) -> Gathered:
    """Returns the corners in one order, whatever the order of the sightings.

    Sightings of the same two streets within `same_corner_m` of each other, or in a chain of such steps, are one corner; others are several.
    A chain longer than twice that is a stretch where two names run together: it is cut, so that nobody takes its middle for a corner.
    """
    left_out: Counter[str] = Counter()
    written: dict[Street, Counter[str]] = defaultdict(Counter)
    groups: dict[tuple[tuple[str, ...], str], list[_Seen]] = defaultdict(list)
    for seen in sightings:
        one, other = read_name(seen.street), read_name(seen.cross_street)
        why = one.why_not or other.why_not or ("one street twice" if one.street == other.street else None)
        if why is not None:
            left_out[why] += 1
            continue
        for name in (one, other):
            written[name.street][name.shown] += 1
        first, second = sorted((one.street, other.street), key=_order)
        groups[(first.name, first.kind, second.name, second.kind), one.note or other.note].append(_Seen(first, second, seen.lon, seen.lat))
    corners: list[Corner] = []
    for (_, note), group in sorted(groups.items()):
        for cluster in _clusters(group, same_corner_m):
            corners += _corners(cluster, note)
    spellings = {street: min(names, key=lambda name: (-names[name], name)) for street, names in written.items()}
    return Gathered(tuple(corners), spellings, dict(left_out))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A sighting with its names read."""

    street: Street
    cross_street: Street
    lon: float
    lat: float


def _order(street: Street) -> tuple[str, str, str]:
    return street.name, street.kind, street.side


@dataclass(frozen=True, slots=True)
class StreetName:
    """A street name as a file has it, read: its one spelling, its public spelling, its note, or why it is none."""

    street: Street
    shown: str
    note: str
    why_not: str | None


@lru_cache(maxsize=20_000)
def read_name(text: str) -> StreetName:
    """Returns a street name without what stop files put behind it: the side of the road, a station, which end of a crescent."""
    bare, note = split_note(without_where(_OPPOSITE.sub("", " ".join(text.split()))))
    bare = without_where(_BEHIND.sub("", _UNPAIRED.sub("", _NOTE.sub("", bare)))).strip(" ()")
    why = None
    if hidden_mark(text, breaks=False) is not None or len(bare) > _MOST_CHARACTERS:
        why = "unreadable name"
    elif house_number(bare) is not None:
        why = "house number"
    elif not read_street(bare).name:
        why = "no name"
    return StreetName(read_street(bare), shown(bare), note, why)


def without_where(text: str) -> str:
    """Returns a name without the side of the road that stop names put behind it, `Spadina Ave North Side`."""
    return _WHERE.sub("", text)


def split_note(text: str) -> tuple[str, str]:
    """Returns a typed name without a side in brackets, and that side: `Greylawn Cres (South)` gives `Greylawn Cres` and `s`.

    Other words in brackets stay: `Queen St W (Hamilton)` is not Queen St W of here.
    """
    found = _NOTE.search(text)
    said = words_of(found[1]) if found else []
    if found is None or len(said) != 1 or said[0] not in SIDES:
        return text, ""
    return (text[: found.start()] + text[found.end() :]).strip(), SIDES[said[0]]


def _clusters(group: Sequence[_Seen], same_corner_m: float) -> list[list[_Seen]]:
    """Returns the sightings that belong together by single linkage, sides of one street beside each other, in order of place."""
    places = sorted(group, key=lambda each: (each.lat, each.lon))
    joined_to = list(range(len(places)))

    def first_of(at: int) -> int:
        while joined_to[at] != at:
            joined_to[at] = at = joined_to[joined_to[at]]
        return at

    for at, seen in enumerate(places):
        for before in range(at - 1, -1, -1):
            if (seen.lat - places[before].lat) * _LEAST_M_PER_DEGREE > same_corner_m:
                break
            if first_of(before) != first_of(at) and metres_apart(seen, places[before]) <= same_corner_m:
                joined_to[first_of(before)] = first_of(at)
    chains: dict[int, list[_Seen]] = defaultdict(list)
    for at, seen in enumerate(places):
        chains[first_of(at)].append(seen)
    return [cluster for chain in chains.values() for cluster in _cut(chain, same_corner_m)]


def _cut(chain: list[_Seen], same_corner_m: float) -> list[list[_Seen]]:
    """Returns the chain whole, or where it is too long the pieces around each sighting in turn."""
    pieces = []
    left = chain
    while left:
        reach = 2 * same_corner_m if left is chain else same_corner_m
        piece = [seen for seen in left if metres_apart(left[0], seen) <= reach]
        if left is chain and len(piece) < len(chain):
            piece = [seen for seen in left if metres_apart(left[0], seen) <= same_corner_m]
        pieces.append(piece)
        taken = set(piece)
        left = [seen for seen in left if seen not in taken]
    return pieces


def _corners(cluster: Sequence[_Seen], note: str) -> list[Corner]:
    """Returns one corner for each pair of streets in a cluster.

    Sides that begin at one crossing, as east and west of a main street do, are seen close to each other and have the mean of all; sides
    that are roadways of their own stay apart.
    """
    pairs: dict[tuple[Street, Street], list[_Seen]] = defaultdict(list)
    for seen in cluster:
        pairs[seen.street, seen.cross_street].append(seen)
    corners = []
    for (first, second), own in sorted(pairs.items(), key=lambda item: (_order(item[0][0]), _order(item[0][1]))):
        group = list(own)
        beside = [other for other in pairs.values() if other is not own]
        while near := [each for each in beside if _least_m(group, each) <= ONE_CROSSING_M]:
            beside = [each for each in beside if each not in near]
            group += [seen for each in near for seen in each]
        group.sort(key=lambda each: (each.lat, each.lon))
        lon = round(sum(each.lon for each in group) / len(group), DECIMALS)
        lat = round(sum(each.lat for each in group) / len(group), DECIMALS)
        middle = _Seen(first, second, lon, lat)
        spread_m = max(metres_apart(middle, each) for each in group)
        corners.append(Corner(first, second, note, lon, lat, len(own), round(spread_m, 1)))
    return corners


def _least_m(group: Sequence[_Seen], others: Sequence[_Seen]) -> float:
    return min(metres_apart(one, other) for one in group for other in others)
