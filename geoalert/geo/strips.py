"""What a small polygon shares with others, measured strip by strip between the meridians of its corners."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert.geo.ellipsoid import LOCAL_DEGREES, SEMI_MAJOR_M, Floats, q_slopes

Ints = NDArray[np.int64]

MOST_CORNERS = 512
LEAST_DEGREES = 1e-300


def count_up(first: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """Returns, for runs of numbers that begin at `first`, laid end to end, each number's run and the number."""
    offset = first + lengths
    offset -= lengths.cumsum()
    run = np.arange(len(lengths)).repeat(lengths)
    number = offset.take(run)
    number += np.arange(len(run))
    return run, number


class Strips:
    """A polygon that every meridian crosses once, such as a circle or a box, cut at the meridians of its corners.

    In each strip it lies between one upper and one lower edge. What it shares with another polygon is the sum, over the other's edges, of
    the area below the edge: below both edge and upper edge, less below both edge and lower edge. Nothing is decided by a point lying on
    one side of a line, so edges that touch or coincide need no care.
    """

    def __init__(self, bounds: tuple[float, float, float, float], there: Floats, back: Floats) -> None:
        self.bounds = bounds
        xs = np.sort(np.concatenate((there[:, 0], back[1:-1, 0])))
        chains = np.array((np.interp(xs, there[:, 0], there[:, 1]), np.interp(xs, back[:, 0], back[:, 1])))
        if chains[0].sum() > chains[1].sum():
            chains = chains[::-1]
        wide = xs[1:] - xs[:-1]
        wide[wide < LEAST_DEGREES] = np.inf
        left = chains[:, :-1]
        self.xs = xs
        self.table = np.concatenate((xs[None, :-1], xs[None, 1:], left, (chains[:, 1:] - left) / wide))
        middle = (bounds[1] + bounds[3]) / 2
        self.twice_lat = 2 * middle
        scale = SEMI_MAJOR_M * SEMI_MAJOR_M * math.pi / 360
        self.slopes = [scale * slope * (math.pi / 360) ** nth for nth, slope in enumerate(q_slopes(middle)[:3], start=1)]

    @classmethod
    def of(cls, geometry: Any) -> Strips | None:
        """Returns the strips of a polygon; None for one with holes, in parts, in many corners, too high, or crossed twice by a meridian."""
        bounds = geometry.bounds
        if geometry.geom_type != "Polygon" or bounds[3] - bounds[1] >= LOCAL_DEGREES or shapely.get_num_interior_rings(geometry):
            return None
        ring = shapely.get_coordinates(geometry)
        if len(ring) > MOST_CORNERS:
            return None
        west = int(ring[:, 0].argmin())
        turned = np.concatenate((ring[west:-1], ring[: west + 1]))
        east = int(turned[:, 0].argmax())
        there, back = _eastward(turned[: east + 1]), _eastward(turned[east:][::-1])
        if there is None or back is None:
            return None
        return cls(bounds, there, back)

    def shared_m2(self, edges: Floats, wanted: Ints, owner: Ints, count: int) -> Floats:
        """Returns the square metres shared with each of `count` polygons, given their edges in any order.

        Args:
            edges: five rows: least and greatest x, the y at the least x, dy/dx, and 1 where the polygon lies below the edge, -1 above.
                An edge may have infinite y. Vertical edges, and those wholly west, south or east of the bounds, may be left out.
            wanted: which of the edges to take.
            owner: the polygon of each wanted edge.
            count: how many polygons there are.
        """
        first = np.maximum(self.xs.searchsorted(edges[0].take(wanted), "right") - 1, 0)
        past = np.minimum(self.xs.searchsorted(edges[1].take(wanted)), len(self.xs) - 1)
        # The chord of a closed run is vertical: it may begin past its end where two corners have one meridian.
        np.maximum(past, first, out=past)
        nth, strip = count_up(first, past - first)
        low_x, high_x, low_y, slope, side = edges.take(wanted.take(nth), axis=1)
        cut = self.table.take(strip, axis=1)
        start = np.maximum(low_x, cut[0])
        width = np.minimum(high_x, cut[1]) - start
        begin = low_y + slope * (start - low_x)
        end = begin + slope * width
        chain = cut[2:4] + cut[4:6] * (start - cut[0])
        chain_end = chain + cut[4:6] * width
        over, over_end = begin - chain, end - chain_end
        least, least_end = np.minimum(begin, chain).ravel(), np.minimum(end, chain_end).ravel()
        width *= side
        weights = np.concatenate((-width, width))
        owner = owner.take(nth)
        owner = np.concatenate((owner, owner))
        crossed = ((over < 0) ^ (over_end < 0)).ravel().nonzero()[0]
        if len(crossed):
            above, above_end = over.ravel()[crossed], over_end.ravel()[crossed]
            part = above / (above - above_end)
            middle = chain.ravel()[crossed]
            middle += part * (chain_end.ravel()[crossed] - middle)
            whole = weights[crossed]
            part *= whole
            weights[crossed] = part
            weights = np.concatenate((weights, whole - part))
            least, least_end = np.concatenate((least, middle)), np.concatenate((least_end, least_end[crossed]))
            least_end[crossed] = middle
            owner = np.concatenate((owner, owner[crossed]))
        weights *= self._mean_q(least, least_end)
        shared_m2: Floats = np.bincount(owner, weights, count).astype(np.float64, copy=False)
        return shared_m2

    def _mean_q(self, begin: Floats, end: Floats) -> Floats:
        """Returns the mean of scaled q over straight edges, less a constant: that of one cubic, so the parts of an edge add up.

        The cubic keeps 1e-10 of the area at the greatest height, 1e-13 in a circle of a kilometre.
        """
        first, second, third = self.slopes
        both = begin + end
        both -= self.twice_lat
        step = end - begin
        step *= step
        bend = third * both
        mean: Floats = bend + second
        mean *= both
        mean += first
        mean *= both
        bend += second / 3
        bend *= step
        mean += bend
        return mean


def _eastward(chain: Floats) -> Floats | None:
    """Returns a chain of corners without the vertical edges at its ends; None unless each corner lies east of the one before.

    A step of less than `LEAST_DEGREES`, of which no slope can be made, is none.
    """
    while len(chain) > 2 and chain[0, 0] == chain[1, 0]:
        chain = chain[1:]
    while len(chain) > 2 and chain[-1, 0] == chain[-2, 0]:
        chain = chain[:-1]
    return chain if (chain[1:, 0] - chain[:-1, 0] > LEAST_DEGREES).all() else None
