"""A gazetteer opened for looking up: exact by normalised names, else the nearest names for a person to choose from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, NamedTuple

from geoalert.errors import BoundaryError
from geoalert.places.gather import Gathered, split_note, without_where
from geoalert.places.model import DECIMALS, Found, Place, metres_apart
from geoalert.places.store.write import APPLICATION_ID, FORMAT, fill, grams
from geoalert.places.streets import Street, meanings, without_side
from geoalert.places.typed import corner_texts, is_divided, is_town, printable, splits

ONE_PLACE_M = 60.0
_ALIKE = 40
_MOST_NEAREST = 3
_DO_BUILD = "Build it again: geoalert places build FILE"


class _Row(NamedTuple):
    """A corner with its streets in the order typed."""

    id: int
    note: str
    lon: float
    lat: float
    seen: int
    spread_m: float
    left: int
    right: int


class _Named(NamedTuple):
    """A street without its side, and whether its kind was typed just so."""

    name: str
    kind: str
    exact: bool


class _Hit(NamedTuple):
    """A corner that was found, and what each of its streets is called."""

    row: _Row
    place: Place
    streets: tuple[_Named, _Named]

    @property
    def names(self) -> tuple[str, ...]:
        """Name and kind of both streets."""
        return tuple(part for street in self.streets for part in (street.name, street.kind))


class Places:
    """A gazetteer; threads may share it.

        with open_places("places.sqlite") as places:
            place = places.near("Queen St W & Spadina Ave")

    Attributes:
        source: name of the file it was built from.
        digest: SHA-256 of its streets and corners.
        corners, streets: how many there are.
    """

    def __init__(self, connection: sqlite3.Connection, *, file: object = None) -> None:
        self._connection = connection
        self._lock = Lock()
        self._file = file
        facts = dict(self._rows("SELECT key, value FROM meta"))
        self.source: str = facts.get("source", "")
        self.digest: str = facts.get("digest", "")
        self.corners = int(facts.get("corners", 0))
        self.streets = int(facts.get("streets", 0))

    def __enter__(self) -> Places:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Places({self.source!r}, corners={self.corners}, digest={self.digest[:12]!r})"

    def close(self) -> None:
        """Closes the file; closing twice is quiet."""
        with self._lock:
            self._connection.close()

    def near(self, text: str) -> Place:
        """Returns the one corner that a text names.

        Raises:
            AreaError: codes not_an_intersection, ambiguous_place, unknown_place.
        """
        return self.find(text).place()

    def find(self, text: str) -> Found:
        """Returns the corners that a text may name: one, several, or none with the nearest names.

        Raises:
            AreaError: code not_an_intersection, for a house number or no two streets.
        """
        told = printable(text)
        pairs: tuple[tuple[str, str], ...] = ()
        for bare in corner_texts(text):
            one_street = not is_divided(bare) and bool(self._streets(bare))
            pairs = ((bare, ""),) if one_street else splits(bare) or ((bare, ""),)
            found: dict[int, _Hit] = {}
            for left, right in pairs:
                ours, theirs = self._streets(left), self._streets(right)
                rows = self._noted(self._meeting(ours, theirs), left, right)
                found |= {row.id: _Hit(row, self._place(row), (ours[row.left], theirs[row.right])) for row in rows}
            if found:
                return Found(told, _together(_best_written(found.values())))
        # Another town may have a corner of these names, so what stands behind is never dropped; the corner without it is only offered.
        whole, _, town = text.rpartition(",")
        offered = self.find(whole).places[:_MOST_NEAREST] if is_divided(whole) and is_town(town) else ()
        return Found(told, nearest=offered or self._nearest(pairs))

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as err:
            raise BoundaryError(f"the gazetteer cannot be read: {err}", code="unreadable_file", file=self._file, do=_DO_BUILD) from err

    def _streets(self, text: str) -> dict[int, _Named]:
        """Returns the streets that a typed name admits by their number."""
        found: dict[int, _Named] = {}
        for each in meanings(without_where(split_note(text)[0])):
            for number, *names in self._rows("SELECT id, name, kind, side FROM street WHERE name = ?", (each.name,)):
                street = Street(*names)
                if each.admits(street):
                    exact = each.kind == street.kind or (number in found and found[number].exact)
                    found[number] = _Named(street.name, street.kind, exact)
        return found

    def _meeting(self, left: Iterable[int], right: Iterable[int]) -> list[_Row]:
        """Returns the corners of any of the streets on the left with any on the right; numbers of rows need no quoting."""
        ours, theirs = (",".join(str(int(each)) for each in sorted(ids)) for ids in (left, right))
        if not ours or not theirs:
            return []
        columns = "id, note, lon, lat, seen, spread_m"
        query = (
            f"SELECT {columns}, a, b FROM corner WHERE a IN ({ours}) AND b IN ({theirs}) UNION "  # noqa: S608
            f"SELECT {columns}, b, a FROM corner WHERE b IN ({ours}) AND a IN ({theirs}) ORDER BY id"
        )
        return [_Row(*row) for row in self._rows(query)]

    def _noted(self, rows: list[_Row], left: str, right: str) -> list[_Row]:
        """Returns the corners at the end that brackets name, where they name one that is known."""
        notes = {split_note(left)[1], split_note(right)[1]} - {""}
        return [row for row in rows if row.note in notes] or rows if notes else rows

    def _place(self, row: _Row) -> Place:
        names = dict(self._rows("SELECT id, shown FROM street WHERE id IN (?, ?)", (row.left, row.right)))
        streets = (names[row.left], names[row.right])
        return Place(row.lon, row.lat, f"{streets[0]} and {streets[1]} area", streets, row.spread_m)

    def _nearest(self, pairs: Sequence[tuple[str, str]]) -> tuple[Place, ...]:
        """Returns up to three corners whose names are most like what was typed, best first."""
        scored: dict[int, tuple[float, _Row]] = {}
        for left, right in pairs[:_MOST_NEAREST]:
            ours, theirs = self._alike(left), self._alike(right)
            rows = self._meeting(ours, theirs) or self._meeting_any(ours or theirs)
            for row in rows:
                score = ours.get(row.left, 0.0) + theirs.get(row.right, 0.0)
                if row.id not in scored or scored[row.id][0] < score:
                    scored[row.id] = (score, row)
        best = sorted(scored.values(), key=lambda each: (-each[0], -each[1].seen, each[1].id))
        places: dict[str, Place] = {}
        for _, row in best[: 4 * _MOST_NEAREST]:
            place = self._place(row)
            places.setdefault(place.label, place)
        return tuple(places.values())[:_MOST_NEAREST]

    def _meeting_any(self, streets: dict[int, float]) -> list[_Row]:
        """Returns corners of the one street most alike, where no two alike streets meet."""
        best = max(streets, key=lambda each: (streets[each], -each), default=None)
        query = "SELECT id, note, lon, lat, seen, spread_m, a, b FROM corner WHERE a = ? OR b = ? ORDER BY seen DESC, id LIMIT 10"
        return [] if best is None else [_turned(_Row(*row), best) for row in self._rows(query, (best, best))]

    def _alike(self, text: str) -> dict[int, float]:
        """Returns the streets most like a name, by shared trigrams and then by what stands in both."""
        found: dict[int, float] = {}
        for wanted in meanings(split_note(text)[0]):
            pieces = grams(wanted.name)
            marks = ",".join("?" * len(pieces))
            query = (
                "SELECT id, name, kind, side FROM street JOIN (SELECT street, count(*) AS shared FROM gram "  # noqa: S608
                f"WHERE gram IN ({marks}) GROUP BY street ORDER BY shared DESC, street LIMIT {_ALIKE}) ON street = id"
            )
            for number, name, kind, side in self._rows(query, pieces):
                likeness = SequenceMatcher(None, wanted.name, name, autojunk=False).ratio()
                likeness -= 0.05 * (wanted.kind not in ("", kind)) + 0.05 * (wanted.side not in ("", side))
                if likeness > 0.5:
                    found[number] = max(found.get(number, 0.0), likeness)
        return found


def _turned(row: _Row, first: int) -> _Row:
    return row if row.left == first else row._replace(left=row.right, right=row.left)


def _best_written(found: Iterable[_Hit]) -> list[_Hit]:
    """Returns those whose streets both have the kind that was typed, else all: The East Mall & Dundas St W is not at East Mall Cres."""
    hits = list(found)
    return [hit for hit in hits if all(street.exact for street in hit.streets)] or hits


def _together(found: Sequence[_Hit]) -> tuple[Place, ...]:
    """Returns one place for those of the same streets that lie together, in order of place."""
    groups: list[list[_Hit]] = []
    for hit in sorted(found, key=lambda each: (each.place.lat, each.place.lon)):
        near = (
            group
            for group in groups
            if group[0].names == hit.names and all(metres_apart(hit.place, other.place) <= ONE_PLACE_M for other in group)
        )
        group = next(near, None)
        if group is None:
            groups.append(group := [])
        group.append(hit)
    merged = (_as_one([(hit.row, hit.place) for hit in group]) for group in groups)
    return tuple(sorted(merged, key=lambda place: (place.label, place.lat, place.lon)))


def _as_one(group: list[tuple[_Row, Place]]) -> Place:
    """Returns the mean of a group, each as often as it was seen, named as most were."""
    best = max(group, key=lambda each: (each[0].seen, -each[0].id))[1]
    if len(group) == 1:
        return best
    whole = sum(row.seen for row, _ in group)
    lon = round(sum(row.lon * row.seen for row, _ in group) / whole, DECIMALS)
    lat = round(sum(row.lat * row.seen for row, _ in group) / whole, DECIMALS)
    left, right = (_common(best.streets[side], [place.streets[side] for _, place in group]) for side in (0, 1))
    middle = Place(lon, lat, f"{left} and {right} area", (left, right))
    return replace(middle, spread_m=round(max(metres_apart(middle, place) + place.spread_m for _, place in group), 1))


def _common(name: str, others: Sequence[str]) -> str:
    """Returns a street's name, without its side where the corner lies on both."""
    whole = {without_side(other) for other in others}
    return without_side(name) if len(set(others)) > 1 and whole == {without_side(name)} else name


def open_places(path: str | Path) -> Places:
    """Opens a gazetteer for reading.

    Raises:
        BoundaryError: codes file_not_found, not_a_gazetteer, unreadable_file.
    """
    path = Path(path)
    if not path.is_file():
        raise BoundaryError("there is no such gazetteer", code="file_not_found", file=path, do="Build it: geoalert places build FILE")
    connection = None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        found = connection.execute("PRAGMA application_id").fetchone()[0], connection.execute("PRAGMA user_version").fetchone()[0]
        if found != (APPLICATION_ID, FORMAT):
            raise BoundaryError("not a gazetteer of this version", code="not_a_gazetteer", file=path, do=_DO_BUILD)
        return Places(connection, file=path)
    except sqlite3.Error as err:
        if connection is not None:
            connection.close()
        raise BoundaryError(f"not a gazetteer: {err}", code="not_a_gazetteer", file=path, do=_DO_BUILD) from err
    except BoundaryError:
        if connection is not None:
            connection.close()
        raise


def places_of(gathered: Gathered, *, source: str = "") -> Places:
    """Returns a gazetteer in memory, for a handful of corners such as the demonstration's."""
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    fill(connection, gathered, source=source)
    return Places(connection, file=source or None)
