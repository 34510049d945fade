"""A place by the corner of two streets: the value an area is drawn around, and what a look-up found."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from geoalert.errors import AreaError
from geoalert.geo.lonlat import check_lonlat

_AXIS_M = 6378137.0
_ECCENTRICITY2 = 0.0066943799901413165
_SHOWN = 5
DECIMALS = 5


@dataclass(frozen=True, slots=True)
class Place:
    """One corner of two streets, EPSG:4326; the label is the only place words the public gets.

        Place(lon=-79.39660, lat=43.64867, label="Queen St W and Spadina Ave area", streets=("Queen St W", "Spadina Ave"))

    Attributes:
        spread_m: metres from the point to the farthest stop or node that it is the mean of.
    """

    lon: float
    lat: float
    label: str
    streets: tuple[str, str]
    spread_m: float = 0.0

    def __post_init__(self) -> None:
        check_lonlat(self.lon, self.lat)

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON form."""
        return {"lon": self.lon, "lat": self.lat, "label": self.label, "streets": list(self.streets), "spread_m": round(self.spread_m, 1)}


Near: TypeAlias = Callable[[str], Place]
"""What area rules are handed: a typed corner in, its one place out, or an AreaError that says why not."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a typed corner led to.

    Attributes:
        status: one: `places` holds it; several: `places` holds all, none of which may be taken by guess; none: `places` is empty.
        nearest: for status none, up to three corners of the most alike names.
    """

    text: str
    places: tuple[Place, ...] = ()
    nearest: tuple[Place, ...] = ()

    @property
    def status(self) -> Literal["one", "several", "none"]:
        """Whether one place is meant."""
        return "none" if not self.places else "one" if len(self.places) == 1 else "several"

    def apart_m(self) -> tuple[int, ...]:
        """Returns the metres of each place from the first."""
        return tuple(round(metres_apart(self.places[0], place)) for place in self.places)

    def place(self) -> Place:
        """Returns the one place.

        Raises:
            AreaError: codes ambiguous_place naming every corner, unknown_place naming the nearest three.
        """
        if len(self.places) == 1:
            return self.places[0]
        if not self.places:
            likely = " or ".join(f'"{" & ".join(place.streets)}"' for place in self.nearest)
            raise AreaError(
                "no corner of these two streets is known",
                code="unknown_place",
                value=self.text,
                do=f"Did you mean {likely}? Else give lon and lat" if likely else "Check the names, or give lon and lat",
            )
        listed = [
            f"{place.label} at lon {place.lon:.5f}, lat {place.lat:.5f}" + (f" ({metres:,} m from the first)" if metres else "")
            for place, metres in zip(self.places, self.apart_m(), strict=True)
        ]
        more = f"; and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
        alike = len({place.label for place in self.places}) < len(self.places)
        raise AreaError(
            f"{len(listed)} corners may be meant: {'; '.join(listed[:_SHOWN])}{more}",
            code="ambiguous_place",
            value=self.text,
            do="Give the lon and lat of the one meant" + ("" if alike else ", or write both streets in full, with their direction"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON form: text, status, places with their metres from the first, nearest."""
        places = [place.to_dict() | {"apart_m": metres} for place, metres in zip(self.places, self.apart_m(), strict=True)]
        return {"text": self.text, "status": self.status, "places": places, "nearest": [place.to_dict() for place in self.nearest]}


def metres_apart(a: Any, b: Any) -> float:
    """Returns the metres between two things with lon and lat, on the ellipsoid's radii at their middle: within 0.1 % up to 20 km.

    Corners are compared by thousands while a gazetteer is built, too many for a geodesic each.
    """
    middle = math.radians((a.lat + b.lat) / 2)
    bend = 1 - _ECCENTRICITY2 * math.sin(middle) ** 2
    north = math.radians(b.lat - a.lat) * _AXIS_M * (1 - _ECCENTRICITY2) / bend**1.5
    east = math.radians((b.lon - a.lon + 180) % 360 - 180) * _AXIS_M * math.cos(middle) / math.sqrt(bend)
    return math.hypot(north, east)
