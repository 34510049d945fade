"""How many people live in an area, where a layer says how many live in each boundary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from geoalert.findings import Finding

if TYPE_CHECKING:
    from geoalert.boundaries.model import Layer
    from geoalert.targeting.match import Match


def people_in(matches: Iterable[Match], layer: Layer) -> tuple[float, int]:
    """Returns the people in the matched parts of a layer, each boundary's spread evenly over it, and how many boundaries have no figure."""
    people, unknown = 0.0, 0
    for each in matches:
        if each.layer == layer.name and each.share_of_boundary and layer.population is not None:
            number = float(layer.population[layer.position(each.id)])
            unknown += math.isnan(number)
            people += 0.0 if math.isnan(number) else number * each.share_of_boundary
    return people, unknown


def population(matches: Sequence[Match], layers: Iterable[Layer], *, rule: str) -> Iterator[Finding]:
    """Yields a note for each layer that has a population, in round figures: it is an estimate."""
    for layer in layers:
        if layer.population is None:
            continue
        people, unknown = people_in(matches, layer)
        text = f"about {_rounded(people):,} people live in the area, by its share of each {layer.name}"
        if unknown:
            text += f"; of {unknown} of them nobody says how many"
        yield Finding("note", "area_population", text, rule=rule, where=layer.name)


def _rounded(people: float) -> int:
    """Returns three significant figures, whole tens at least."""
    step = 10 ** max(1, len(str(int(people))) - 3)
    return int(round(people / step) * step)
