"""Which limits on an area and its channels an alert may exceed, once somebody writes why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geoalert.alert.checks import line, one_of
from geoalert.alert.typed import refuse_type

MEASURES = ("size", "outside_city", "no_boundary", "unreached", "overshoot")
"""What the coverage guard measures: `accept` has a reason by each of these names."""


def checked_reasons(given: Mapping[str, str], *, field: str = "accept") -> Mapping[str, str]:
    """Returns the reasons by measure, read-only, in the order of `MEASURES`.

    Raises:
        AlertError: codes wrong_type, unknown_measure, missing_text.
    """
    if not isinstance(given, Mapping):
        refuse_type(given, "a mapping of measure to reason", field=field)
    reasons = {
        one_of(name, MEASURES, field=field, code="unknown_measure"): line(reason, field=f"{field}.{name}") for name, reason in given.items()
    }
    return MappingProxyType({name: reasons[name] for name in MEASURES if name in reasons})
