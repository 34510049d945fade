"""Decisions that rest on an alert's record, taken again where somebody else's came in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from geoalert.errors import PlanError

T = TypeVar("T")
TRIES = 5


def decided(decide: Callable[[], T]) -> T:
    """Returns what `decide` returns; overtaken, it looks again, and so refuses by what the record says by then.

    Raises:
        PlanError: as `decide`; step_overtaken, where the record never stood still.
    """
    for _ in range(TRIES - 1):
        try:
            return decide()
        except PlanError as err:
            if err.code != "step_overtaken":
                raise
    return decide()
