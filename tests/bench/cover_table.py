"""`python -m tests.bench.cover_table`: the 174 Toronto boundaries in at most 100 points, ours beside two peer methods.

The peers are written anew from what is known of them: a plain search, once as a ladder and once over every width, and the United
Kingdom's published constants.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import shapely

from geoalert.covering import cover
from geoalert.geo import Frame
from tests.bench.runner import shared_folder
from tests.places import toronto_layers

POINTS = 100
LINE_M = 161
UK_BLEED_M, UK_BUFFER, UK_SIMPLIFY, UK_EXTRA_M, UK_LEAST_M2 = 1500 / 3, 1000, 1620, 15, 6500


@dataclass(frozen=True, slots=True)
class Row:
    """What one method made of one boundary."""

    points: int
    share: float
    overshoot_m: float
    seconds: float

    @property
    def whole(self) -> bool:
        """Whether all of the boundary is inside."""
        return self.share == 1


def ours(boundary: Any) -> Row:
    """Returns our row; covered means covered by the predicate, not by area."""
    start = time.process_time()
    made = cover(boundary, max_points=POINTS)
    taken = time.process_time() - start
    share = 1.0 if made.geometry.covers(boundary) else boundary.intersection(made.geometry).area / boundary.area
    return Row(made.points, share, made.overshoot_m, taken)


def peer(method: Callable[[Any], Any]) -> Callable[[Any], Row]:
    """Returns rows of a method that works in metres."""

    def row(boundary: Any) -> Row:
        metric = Frame.of(boundary).to_metres(boundary)
        start = time.process_time()
        made = method(metric)
        taken = time.process_time() - start
        points = shapely.get_num_coordinates(made) - len(shapely.get_rings(shapely.get_parts(made)))
        lost = metric.difference(made).area / metric.area
        return Row(points, 1.0 if made.covers(metric) else min(1 - lost, 1 - 1e-12), beyond_m(made, metric), taken)

    return row


def beyond_m(made: Any, metric: Any) -> float:
    """Returns about how far a peer's shape reaches beyond, asked every 10 m of its edge and at the middles of holes that it fills."""
    shapely.prepare(metric)
    points = shapely.points(shapely.get_coordinates(shapely.segmentize(made, 10)))
    left = [part for part in shapely.get_parts(made.difference(metric)) if part.area > 1000]
    middles = shapely.get_coordinates(shapely.maximum_inscribed_circle(left))[::2] if left else np.empty((0, 2))
    return float(max(shapely.distance(metric, points).max(), shapely.distance(metric, shapely.points(middles)).max(initial=0)))


def plain_search(metric: Any) -> Any:
    """Returns the best of closing, mitred buffer and simplify over a ladder of widths, up to where it gets worse."""
    best, least = metric.convex_hull, np.inf
    for width in np.geomspace(0.5, 300, 24):
        made = widened(closed(metric, width), width / 2)
        if fits(made, metric):
            reach = beyond_m(made, metric)
            if reach >= least:
                break
            best, least = made, reach
    return best


def every_width(metric: Any) -> Any:
    """Returns the best of the same steps over every closing, each with the least tolerance that fits: better, and slower."""
    best, least = metric.convex_hull, np.inf
    for width in (0.0, *np.geomspace(2, 300, 9)):
        filled = closed(metric, width)
        low, high, found = 0.5, 400.0, None
        for _ in range(7):
            middle = float(np.sqrt(low * high))
            made = widened(filled, middle)
            if fits(made, metric):
                high, found = middle, made
            else:
                low = middle
        if found is not None and (reach := beyond_m(found, metric)) < least:
            best, least = found, reach
    return best


def closed(metric: Any, width: float) -> Any:
    """Returns a shape with the bays narrower than twice the width filled."""
    return metric.buffer(width).buffer(-width) if width else metric


def widened(filled: Any, tolerance: float) -> Any:
    """Returns a shape widened by a tolerance and simplified by it, its holes filled."""
    made = shapely.simplify(filled.buffer(tolerance, join_style="mitre", mitre_limit=2), tolerance)
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(made)])


def fits(made: Any, metric: Any) -> bool:
    """Asks whether a shape has few enough points and holds the boundary."""
    return bool(shapely.get_num_coordinates(made) - shapely.get_num_geometries(made) <= POINTS and made.covers(metric))


def uk_constants(metric: Any) -> Any:
    """Returns the boundary smoothed and simplified by the constants that the UK service publishes."""
    kept = [part for part in shapely.get_parts(metric) if part.area > UK_LEAST_M2]
    around = sum(part.length for part in kept)
    simple_m = around / UK_SIMPLIFY
    outward_m = UK_BLEED_M + around / UK_BUFFER
    wide = shapely.union_all([part.buffer(outward_m, quad_segs=4) for part in kept])
    smooth = wide.buffer(-(outward_m - simple_m / 2 - UK_EXTRA_M), quad_segs=4)
    return shapely.simplify(smooth, simple_m)


METHODS: dict[str, Callable[[Any], Row]] = {
    "geoalert": ours,
    "plain search": peer(plain_search),
    "every width": peer(every_width),
    "UK constants": peer(uk_constants),
}


def rows(shared: Path, methods: dict[str, Callable[[Any], Row]]) -> Iterator[tuple[str, str, dict[str, Row]]]:
    """Yields layer, id and a row of each method for every boundary."""
    for layer in toronto_layers(shared):
        for name, boundary in zip(layer.ids, layer.geometries, strict=True):
            yield layer.name, str(name), {method: row(boundary) for method, row in methods.items()}


def main() -> int:
    """Prints the table and its totals; 1 where a promise is not kept."""
    made = list(rows(shared_folder(), METHODS))
    print("| boundary | " + " | ".join(f"{method}: points | covered | overshoot m" for method in METHODS) + " |")
    print("| --- |" + " ---: |" * 3 * len(METHODS))
    for layer, name, row in made:
        cells = [f"{each.points} | {'all' if each.whole else f'{each.share:.4%}'} | {each.overshoot_m:.1f}" for each in row.values()]
        print(f"| {layer} {name} | {' | '.join(cells)} |")
    print()
    print("| of 174 | within 100 points | covered | over 161 m | overshoot median | worst | median processor ms | all processor s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for method in METHODS:
        each = [row[method] for _, _, row in made]
        metres = [row.overshoot_m for row in each]
        taken_ms, taken_s = median(row.seconds for row in each) * 1e3, sum(row.seconds for row in each)
        print(
            f"| {method} | {sum(row.points <= POINTS for row in each)} | {sum(row.whole for row in each)} | "
            f"{sum(m > LINE_M for m in metres)} | {median(metres):.1f} m | {max(metres):.1f} m | {taken_ms:.0f} | {taken_s:.1f} |"
        )
    own = [row["geoalert"] for _, _, row in made]
    metres = [row.overshoot_m for row in own]
    return 0 if all(row.whole and row.points <= POINTS for row in own) and max(metres) <= 100 and median(metres) <= 5 else 1


if __name__ == "__main__":
    raise SystemExit(main())
