"""From an area rule to an area, and from an area to the boundaries it meets."""

from __future__ import annotations

from geoalert.alert.limits import LIMITS, Limit, Limits
from geoalert.targeting.arearule import AreaRule
from geoalert.targeting.guard import Spoken, check_size, coverage, guard
from geoalert.targeting.lead import Lead, leads
from geoalert.targeting.match import Match, match
from geoalert.targeting.rings import Ring, Rings
from geoalert.targeting.rule import area_from_rule
from geoalert.targeting.rules import parse_rule
from geoalert.targeting.survey import Survey, survey, uncovered_share

__all__ = [
    "LIMITS",
    "AreaRule",
    "Lead",
    "Limit",
    "Limits",
    "Match",
    "Ring",
    "Rings",
    "Spoken",
    "Survey",
    "area_from_rule",
    "check_size",
    "coverage",
    "guard",
    "leads",
    "match",
    "parse_rule",
    "survey",
    "uncovered_share",
]
