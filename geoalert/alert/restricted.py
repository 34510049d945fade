"""What is known and never published: a type that rendering cannot receive."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoalert import geo
from geoalert.alert.checks import optional_line
from geoalert.alert.typed import parts, quiet, text_list, whole_number
from geoalert.errors import AlertError

_SINGLE = ("surname", "gender", "diagnosis", "address", "care_status", "relationship", "notes")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RestrictedPerson:
    """The withheld fields of one person of the alert, by number; `repr` says which are there, never what they say.

    Attributes:
        care_status: that a child is in care, or where (CYFSA s.87(8)).
        relationship: to the victim or a witness, which would identify them (Criminal Code s.486.4).
        handles: names on social networks.
        notes: for the house; the gates do not search public texts for it.

    Raises:
        AlertError: never with the value; `control_characters`, `not_text`, `not_a_list`, `wrong_type`, `person_number`.
    """

    number: int
    surname: str | None = None
    gender: str | None = None
    diagnosis: str | None = None
    address: str | None = None
    care_status: str | None = None
    relationship: str | None = None
    handles: tuple[str, ...] = ()
    notes: str | None = None

    def __post_init__(self) -> None:
        whole_number(self.number, "a person's number starts at 1", code="person_number", field="people.number")
        where = f"people.{self.number}.restricted"
        for name in _SINGLE:
            object.__setattr__(self, name, quiet(optional_line, getattr(self, name), field=f"{where}.{name}"))
        object.__setattr__(self, "handles", quiet(text_list, self.handles, field=f"{where}.handles"))

    def __repr__(self) -> str:
        return f"RestrictedPerson(number={self.number}, holds={'+'.join(self.held) or 'nothing'})"

    @property
    def held(self) -> tuple[str, ...]:
        """Names of the fields that hold something."""
        return tuple(f.name for f in fields(self) if f.name != "number" and getattr(self, f.name))

    def parts(self) -> dict[str, str]:
        """Returns the values by dotted name, for the restricted folder of a plan and for gates that search public words."""
        found: dict[str, str] = {}
        for name in self.held:
            value = getattr(self, name)
            texts = value if isinstance(value, tuple) else (value,)
            found |= {f"people.{self.number}.{name}" + (f".{n}" if len(texts) > 1 else ""): text for n, text in enumerate(texts, 1)}
        return found


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Withheld:
    """A secret place: venues within `distance_m` of it are not chosen; `repr` and errors never say where it is.

    Attributes:
        geometry: shapely, EPSG:4326; a point, line or polygon.
        distance_m: metres round it; 0, the place itself, for a polygon only.

    Raises:
        AlertError: codes withheld_not_a_place, withheld_distance; never with the value.
    """

    geometry: BaseGeometry
    distance_m: float = 0.0

    def __post_init__(self) -> None:
        place = self.geometry
        usable = isinstance(place, BaseGeometry) and not place.is_empty and bool(np.isfinite(shapely.get_coordinates(place)).all())
        west, south, east, north = place.bounds if usable else (0.0, 0.0, 0.0, 0.0)
        if not usable or west < -180 or east > 180 or south < -90 or north > 90:
            raise AlertError(
                "a withheld place is no place on the earth",
                code="withheld_not_a_place",
                field="restricted.withheld",
                do="Give a shapely geometry in longitude and latitude",
            )
        distance_m = self.distance_m
        if isinstance(distance_m, bool) or not isinstance(distance_m, int | float) or not 0 <= distance_m <= geo.MAX_RADIUS_M:
            raise AlertError(
                "distance_m of a withheld place must be 0 or more metres",
                code="withheld_distance",
                field="restricted.withheld",
                do="Give metres, such as 150",
            )
        if distance_m == 0 and place.area == 0:
            raise AlertError(
                "a withheld point or line needs a distance, or it would hold nothing",
                code="withheld_distance",
                field="restricted.withheld",
                do="Give distance_m, such as 150",
            )
        object.__setattr__(self, "geometry", shapely.force_2d(place))
        object.__setattr__(self, "distance_m", float(distance_m))

    def __repr__(self) -> str:
        return "Withheld()"

    def holds(self, lons: Any, lats: Any) -> Any:
        """Returns a boolean array: which points lie within `distance_m` of the place."""
        inside: Any = geo.distances_m(self.geometry, lons, lats) <= self.distance_m
        return inside

    def to_dict(self) -> dict[str, Any]:
        """Returns the place JSON-ready; for the restricted folder of a plan and nothing else."""
        return {"geometry": json.loads(shapely.to_geojson(self.geometry)), "distance_m": self.distance_m}


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricted:
    """Everything about the alert's people and places that stays inside the house."""

    people: tuple[RestrictedPerson, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "withheld", parts(self.withheld, Withheld, field="restricted.withheld"))
        object.__setattr__(self, "people", parts(self.people, RestrictedPerson, field="restricted.people"))
        numbers = [person.number for person in self.people]
        if len(set(numbers)) != len(numbers):
            raise AlertError("two restricted records name one person", code="person_number", field="restricted.people")

    def __bool__(self) -> bool:
        return any(person.held for person in self.people) or bool(self.withheld)

    def parts(self) -> dict[str, str]:
        """Returns every word about people by dotted name; enters a plan only as salted digests."""
        return {name: text for person in self.people for name, text in person.parts().items()}
