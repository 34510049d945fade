"""How far an area and its channels may go before a plan warns, or needs a reason in words: by kind of alert, as a profile says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geoalert.errors import AreaError

NEVER = math.inf
MOST_KM2 = 5_000.0


@dataclass(frozen=True, slots=True)
class Limit:
    """Two thresholds of one measure.

    Attributes:
        warn: from here on it is a warning, below it a note.
        refuse: above it a plan needs a written reason; infinite where none is ever asked for.

    Raises:
        AreaError: code invalid_limit.
    """

    warn: float
    refuse: float = NEVER

    def __post_init__(self) -> None:
        for name in ("warn", "refuse"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
                raise AreaError("a limit is a number from 0 on", code="invalid_limit", field=name, value=value, do="Give 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one kind of alert takes.

    Attributes:
        size_km2: of the area.
        outside_city: share of the area outside every layer of the city.
        no_boundary: share in no boundary of a layer; a reason is asked for by the lead layer alone, for what lies inside the city.
        unreached: share inside the city that no chosen channel speaks for.
        overshoot: how many times the area the boundaries of a channel measure; a reason is asked for by public channels alone.
    """

    size_km2: Limit = Limit(MOST_KM2, MOST_KM2)
    outside_city: Limit = Limit(0.01, 0.25)
    no_boundary: Limit = Limit(0.01, 0.25)
    unreached: Limit = Limit(0.05, 0.75)
    overshoot: Limit = Limit(25.0, 250.0)

    def of(self, measure: str) -> Limit:
        """Returns the limit of a measure that `accept` names."""
        limit: Limit = getattr(self, FIELDS.get(measure, measure))
        return limit


FIELDS: Mapping[str, str] = MappingProxyType({"size": "size_km2"})
"""Measures whose field here carries a unit."""

_SEARCH = Limits(
    outside_city=Limit(0.01, 0.5), no_boundary=Limit(0.01), unreached=Limit(0.01), overshoot=Limit(50.0),
)  # fmt: skip
_RELAY = Limits(outside_city=Limit(0.01), no_boundary=Limit(0.01), unreached=Limit(0.01), overshoot=Limit(200.0))

LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "suspect_appeal": Limits(),
        "wanted": Limits(),
        "person_of_interest": Limits(outside_city=Limit(0.01, 0.1), no_boundary=Limit(0.01, 0.1), overshoot=Limit(10.0, 50.0)),
        "vehicle_of_interest": Limits(overshoot=Limit(50.0, 500.0)),
        "missing_person": _SEARCH,
        "public_safety": _SEARCH,
        "news_release": Limits(overshoot=Limit(200.0)),
        "amber_relay": _RELAY,
        "emergency_relay": _RELAY,
    }
)
"""By kind: a person of interest is named to few, a person in danger is looked for widely, a relayed area is another authority's."""
