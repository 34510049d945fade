"""What covers a geometry, and how far it reaches beyond."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import shapely
from shapely.geometry import Polygon


@dataclass(frozen=True, slots=True)
class Cover:
    """Hole-free polygons that together contain a geometry.

    Attributes:
        polygons: lon/lat, counter-clockwise; they share no ground but where `overlaps` says so.
        points: corners of all of them; the one that closes a ring is not counted.
        overshoot_m: metres from the farthest point of the cover to the geometry; at most 0.5 more than the true figure.
    """

    polygons: tuple[Polygon, ...]
    points: int
    overshoot_m: float

    @property
    def geometry(self) -> Any:
        """The union of the polygons."""
        return self.polygons[0] if len(self.polygons) == 1 else shapely.union_all(list(self.polygons))

    @property
    def overlaps(self) -> bool:
        """Whether polygons share ground, which CAP refuses: where no meridian or parallel parts them; ask for `max_polygons=1` then."""
        return any(a.relate_pattern(b, "T********") for a, b in combinations(self.polygons, 2))
