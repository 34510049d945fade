"""The simple order in which someone on foot visits venues."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def walk(stops: NDArray[np.float64], *, start: NDArray[np.float64]) -> list[int]:
    """Returns rows in nearest-neighbour order from the start; ties go to the earlier row.

    Straight lines, no streets, no way back: an order that a person can follow and check on a map, not the shortest round.

    Args:
        stops: x, y per row, in metres of one frame.
        start: x, y of where the walk begins.
    """
    left, here = stops, start
    rows: NDArray[np.intp] = np.arange(len(stops))
    order: list[int] = []
    while len(rows):
        # Whole centimetres, so that rounding in the last bit cannot break a tie differently on another machine.
        nearest = int(np.argmin(np.round(np.hypot(*(left - here).T), 2)))
        order.append(int(rows[nearest]))
        here = left[nearest]
        left, rows = np.delete(left, nearest, axis=0), np.delete(rows, nearest)
    return order
