"""The user's policy of which matched boundaries are targeted."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from geoalert.errors import AreaError

Relation = Literal["inside", "overlaps", "touches", "near"]
Kind = Literal["overlap", "touches", "centroid", "share", "within"]

AREA_SHARE = 0.01
BOUNDARY_SHARE = 0.5
RULES = ("overlap", "touches", "centroid", "share:20%", "within:150m")

_SHARE = re.compile(r"share:\s*(\d+(?:\.\d+)?)\s*%")
_WITHIN = re.compile(r"within:\s*(\d+(?:\.\d+)?)\s*(m|km)")


@dataclass(frozen=True, slots=True)
class TargetRule:
    """One rule of which boundaries are wanted.

    Attributes:
        text: as it was written.
        kind: overlap (1 % of the area or 50 % of the boundary), touches (any contact), centroid (the boundary that holds the middle of
            the area), share (of the area), within (a distance).
        value: the least share, 0 to 1, or the greatest distance in metres.
    """

    text: str
    kind: Kind
    value: float = 0.0

    @property
    def reach_m(self) -> float:
        """How far from the area a boundary may still be matched."""
        return self.value if self.kind == "within" else 0.0


@lru_cache(maxsize=64)
def parse_rule(text: str) -> TargetRule:
    """Returns the rule that `text` names: overlap, touches, centroid, share:20%, within:150m.

    Raises:
        AreaError: code unknown_rule.
    """
    word = text.strip().casefold()
    if word in ("overlap", "touches", "centroid"):
        return TargetRule(word, word)  # type: ignore[arg-type]
    share, within = _SHARE.fullmatch(word), _WITHIN.fullmatch(word)
    if share is not None and 0 < float(share[1]) <= 100:
        return TargetRule(word, "share", float(share[1]) / 100)
    if within is not None:
        metres = float(within[1]) * (1000 if within[2] == "km" else 1)
        if 0 < metres <= 1_000_000:
            return TargetRule(word, "within", metres)
    raise AreaError("no such rule", code="unknown_rule", field="rule", value=text, do=f"Give one of {', '.join(RULES)}.")


def judge_shares(
    rule: TargetRule, label: str, share_of_area: float, share_of_boundary: float, relation: Relation, away_m: float, *, holds_centre: bool
) -> tuple[bool, str]:
    """Returns whether a boundary is targeted by an area, and why, in one sentence."""
    part = f"{percent(share_of_area)} of the area lies in {label}"
    if rule.kind == "overlap":
        if at_least(share_of_area, AREA_SHARE):
            return True, f"{part}; overlap wants at least 1 %"
        if at_least(share_of_boundary, BOUNDARY_SHARE):
            return True, f"{percent(share_of_boundary)} of {label} lies in the area; overlap wants at least 50 %"
        if relation == "touches":
            return False, f"the area only touches {label}; overlap wants at least 1 % of the area or 50 % of the boundary"
        return False, f"only {percent(share_of_area, below=AREA_SHARE)} of the area lies in {label}; overlap wants at least 1 %"
    if rule.kind == "share":
        enough = at_least(share_of_area, rule.value)
        return enough, f"{part if enough else f'only {part}'}; the rule wants at least {rule.value * 100:g} %"
    if rule.kind == "touches":
        return True, f"the area touches {label}" if relation == "touches" else f"{part}; touches wants any contact"
    if rule.kind == "centroid":
        return holds_centre, f"the centroid of the area lies {'in' if holds_centre else 'outside'} {label}"
    if away_m == 0:
        return True, f"{part}; the rule wants at most {metres(rule.value)} between them"
    return True, f"{label} is {metres(away_m)} from the area; the rule wants at most {metres(rule.value)}"


def judge_point(rule: TargetRule, label: str, away_m: float, tolerance_m: float, *, inside: bool) -> tuple[bool, str]:
    """Returns whether a boundary is targeted by a bare point, and why; a share rule counts the point's boundary whole."""
    if inside:
        return True, f"the point lies in {label}"
    if rule.kind == "within":
        near = at_most_m(away_m, rule.value)
        return near, f"{label} is {metres(away_m)} from the point; the rule wants at most {metres(rule.value)}"
    if rule.kind in ("share", "centroid"):
        return False, f"the point lies {metres(away_m)} outside {label}; {rule.text} wants it inside"
    return True, f"{label} is {metres(away_m)} from the point, within the tolerance of {metres(tolerance_m)}"


def at_least(share: float, limit: float) -> bool:
    """Returns whether a share reaches a limit, to nine places, which are those that measuring keeps."""
    return round(share, 9) >= round(limit, 9)


def at_most_m(distance_m: float, limit_m: float) -> bool:
    """Returns whether a distance is within a limit, to the millimetre, which is what measuring keeps."""
    return round(distance_m, 3) <= round(limit_m, 3)


def percent(share: float, *, below: float | None = None) -> str:
    """Returns a share for reading, such as "52.1 %"; one that is `below` a limit never reads as the limit."""
    if 0 < share < 0.0005:
        return "less than 0.1 %"
    shown = round(share * 100, 1)
    if below is not None and shown >= below * 100:
        shown = math.floor(share * 1000) / 10
    return f"{shown:.1f} %"


def metres(distance_m: float) -> str:
    """Returns a distance for reading, such as "354 m" or "12.4 km"."""
    return f"{distance_m / 1000:.1f} km" if distance_m >= 10_000 else f"{distance_m:,.0f} m"
