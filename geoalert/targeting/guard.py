"""The coverage guard: what an area misses, who nobody speaks for, and how far channels reach beyond it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import shapely

from geoalert.boundaries.ids import natural_key
from geoalert.errors import AreaError
from geoalert.findings import Finding, Level
from geoalert.geo import area_m2

if TYPE_CHECKING:
    from geoalert.area import Area
    from geoalert.boundaries.model import Layer
    from geoalert.targeting.match import Match
    from geoalert.targeting.survey import Survey

RULE = "coverage"
MOST_KM2 = 5_000.0
_NAMED = 5

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What of an area an approver has to look at, by kind of alert.

    Attributes:
        uncovered: share in no boundary of a layer, or outside all layers, from which it is a warning.
        unreached: share that no chosen channel speaks for, from which it is a warning.
        overshoot: how many times the area a channel's boundaries may measure before it is a warning.
        most_km2: above it a plan needs the reason in words.
    """

    uncovered: float = 0.01
    unreached: float = 0.05
    overshoot: float = 25.0
    most_km2: float = MOST_KM2


LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "suspect_appeal": Limits(),
        "wanted": Limits(),
        "person_of_interest": Limits(overshoot=10.0),
        "vehicle_of_interest": Limits(overshoot=50.0),
        "missing_person": Limits(overshoot=50.0, unreached=0.01),
        "public_safety": Limits(unreached=0.01),
        "news_release": Limits(overshoot=200.0),
        "amber_relay": Limits(overshoot=200.0, unreached=0.01),
        "emergency_relay": Limits(overshoot=200.0, unreached=0.01),
    }
)
"""By kind: a person of interest is named to few, a person in danger is looked for widely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What one chosen channel speaks for: (layer, id) pairs, ids as their layer writes them; `(layer, "*")` is a whole layer.

    Attributes:
        everywhere: it speaks for the whole project.
    """

    channel: str
    pairs: Collection[Pair]
    everywhere: bool = False


def check_size(area: Area, *, kind: str, accept: str | None) -> Iterator[Finding]:
    """Yields a note where an area above the maximum is meant.

    Args:
        kind: of the alert.
        accept: the reason why it is meant, in words.

    Raises:
        AreaError: code area_too_large; nobody said why.
    """
    most_km2 = LIMITS.get(kind, Limits()).most_km2
    size_km2 = area.area_m2 / 1e6
    if size_km2 <= most_km2:
        return
    told = f"the area measures {size_km2:,.0f} km2; a plan takes {most_km2:,.0f} km2 by itself"
    if not accept:
        raise AreaError(
            told,
            code="area_too_large",
            field="area",
            value=f"{size_km2:,.0f} km2",
            do='Make it smaller, or say why it is meant: accept_area = "..." in the alert\'s file.',
        )
    yield Finding("warn", "area_large_accepted", f"{told}. Accepted: {accept}", rule=RULE, where="area")


def coverage(area: Area, survey: Survey, layers: Sequence[Layer], *, kind: str, spoken: Iterable[Spoken]) -> tuple[Finding, ...]:
    """Returns what the approver should know about how layers and chosen channels fit the area.

        coverage(area, survey(area, layers), layers, kind="missing_person", spoken=[Spoken(channel="d52", pairs=[("division", "D52")])])

    Args:
        survey: of the same area and layers.
        kind: of the alert; chooses the limits.
        spoken: of each chosen channel.
    """
    limits = LIMITS.get(kind, Limits())
    named = {layer.name: layer for layer in layers}
    chosen = list(spoken)
    found = [*_uncovered(area, survey, named, limits), *_unspoken(survey.matches, chosen)]
    if not area.is_point:
        found += _unreached(area, named, chosen, limits)
        found += [each for one in chosen if (each := _overshoot(area, named, one, limits)) is not None]
    return tuple(found)


def _uncovered(area: Area, survey: Survey, layers: Mapping[str, Layer], limits: Limits) -> Iterator[Finding]:
    for layer, share in sorted(survey.uncovered.items()):
        if share > 0:
            level = _level(share >= limits.uncovered)
            yield Finding(level, "area_uncovered", f"{share:.1%} of the area lies in no {layer}", rule=RULE, where=layer)
    if area.is_point or not layers or min(survey.uncovered.values(), default=0.0) <= 0:
        return
    met = [layers[each.layer].geometries[layers[each.layer].position(each.id)] for each in survey.matches if each.layer in layers]
    share = _share_outside(area, met)
    if share > 0:
        text = f"{share:.1%} of the area lies outside every layer: ask the neighbouring service whose it is"
        yield Finding(_level(share >= limits.uncovered), "area_outside", text, rule=RULE)


def _share_outside(area: Area, shapes: Sequence[shapely.Geometry]) -> float:
    left = area.geometry.difference(shapely.union_all(shapely.intersection(shapes, area.geometry))) if len(shapes) else area.geometry
    share = float(area_m2(left)) / area.area_m2
    return share if share > 1e-6 else 0.0


def _unspoken(matches: Iterable[Match], chosen: Sequence[Spoken]) -> Iterator[Finding]:
    """Yields one finding per layer with targeted boundaries that no chosen channel speaks for.

    A layer that no channel at all speaks for is no plan's fault: the others tell what is missing.
    """
    if any(one.everywhere for one in chosen):
        return
    pairs = {pair for one in chosen for pair in one.pairs}
    missing: dict[str, list[str]] = {}
    for each in matches:
        if each.targeted and (each.layer, each.id) not in pairs and (each.layer, "*") not in pairs:
            missing.setdefault(each.layer, []).append(each.id)
    for layer, ids in sorted(missing.items()):
        ids.sort(key=natural_key)
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        level = _level(any(spoken == layer for spoken, _ in pairs) or not pairs)
        yield Finding(
            level, "boundary_unspoken", f"no chosen channel speaks for {layer} {', '.join(ids[:_NAMED])}{more}", rule=RULE, where=layer
        )


def _unreached(area: Area, layers: Mapping[str, Layer], chosen: Sequence[Spoken], limits: Limits) -> Iterator[Finding]:
    if any(one.everywhere for one in chosen):
        return
    shapes = [shape for pair in sorted({pair for one in chosen for pair in one.pairs}) for shape in _shapes(layers, pair)]
    share = _share_outside(area, shapes)
    if share > 0:
        text = f"{share:.1%} of the area lies in no boundary that a chosen channel speaks for"
        yield Finding(_level(share >= limits.unreached), "area_unreached", text, rule=RULE)


def _shapes(layers: Mapping[str, Layer], pair: Pair) -> list[shapely.Geometry]:
    layer = layers.get(pair[0])
    if layer is None:
        return []
    if pair[1] == "*":
        return list(layer.geometries)
    return [layer.geometries[layer.position(pair[1])]]


def _overshoot(area: Area, layers: Mapping[str, Layer], one: Spoken, limits: Limits) -> Finding | None:
    """Returns how many times the area a channel's boundaries measure, where they measure more."""
    whole = {name: float(layer.areas_m2.sum()) for name, layer in layers.items()}
    if one.everywhere:
        reach_m2, said = max(whole.values(), default=0.0), "the whole project"
    else:
        # A channel of a division and of neighbourhoods inside it reaches the larger of the two, not both.
        by_layer: dict[str, float] = {}
        for layer, key in one.pairs:
            if layer in layers:
                size = whole[layer] if key == "*" else float(layers[layer].areas_m2[layers[layer].position(key)])
                by_layer[layer] = by_layer.get(layer, 0.0) + size
        reach_m2, said = max(by_layer.values(), default=0.0), "its boundaries"
    ratio = reach_m2 / area.area_m2 if area.area_m2 else 0.0
    if ratio <= 1:
        return None
    text = f"{said} measure {reach_m2 / 1e6:,.1f} km2, {ratio:,.1f} times the area"
    if ratio > limits.overshoot:
        text += f", more than the {limits.overshoot:g} times that this kind of alert takes without a look"
    return Finding(_level(ratio > limits.overshoot), "channel_overshoot", text, rule=RULE, where=one.channel)


def _level(serious: bool) -> Level:
    return "warn" if serious else "note"
