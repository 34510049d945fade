"""The coverage guard: what an area misses, who nobody speaks for, how far channels reach beyond it, and what needs a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import shapely

from geoalert.alert.limits import Limits
from geoalert.boundaries.ids import natural_key
from geoalert.errors import AreaError
from geoalert.findings import Finding, Level
from geoalert.geo import area_m2
from geoalert.targeting.people import population

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geoalert.area import Area
    from geoalert.boundaries.model import Layer
    from geoalert.targeting.survey import Survey

RULE = "coverage"
_NAMED = 5
_NOTHING = 5e-4
"""A share that would be shown as 0.0%."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What one chosen channel speaks for: (layer, id) pairs, ids as their layer writes them; `(layer, "*")` is a whole layer.

    Attributes:
        everywhere: it speaks for the whole project.
        public: anyone may read it; how far a channel of staff reaches needs no reason.
    """

    channel: str
    pairs: Collection[Pair]
    everywhere: bool = False
    public: bool = True


@dataclass(frozen=True, slots=True)
class _Exceeded:
    """One measure above its limit, with no reason why."""

    measure: str
    told: str
    value: str


@dataclass(slots=True)
class _Guard:
    """One area held against its limits.

    Attributes:
        layers, neighbours: of the city, and of the services round it, by name.
        inside: what of the area lies in the city.
        exceeded: what the findings made so far lack a reason for.
    """

    area: Area
    survey: Survey
    layers: Mapping[str, Layer]
    neighbours: Mapping[str, Layer]
    chosen: Sequence[Spoken]
    limits: Limits
    accept: Mapping[str, str]
    inside: BaseGeometry = field(init=False)
    exceeded: list[_Exceeded] = field(default_factory=list)

    def __post_init__(self) -> None:
        met = [self.layers[each.layer][each.id].geometry for each in self.survey.matches if each.layer in self.layers]
        self.inside = self._part(met) if self.layers else self.area.geometry

    def findings(self) -> Iterator[Finding]:
        """Yields everything there is to say."""
        yield from self._no_boundary()
        if not self.area.is_point:
            yield from self._outside()
        yield from self._unspoken()
        if not self.area.is_point:
            yield from self._unreached()
            for one in self.chosen:
                yield from self._overshoot(one)
            yield from population(self.survey.matches, [*self.layers.values(), *self.neighbours.values()], rule=RULE)

    def _finding(
        self, measure: str, code: str, text: str, *, value: float, shown: str, counted: float | None = None, where: str | None = None
    ) -> Finding:
        """Returns a finding at the level of its value; `counted` is what a reason is asked for, the value itself unless given."""
        limit = self.limits.of(measure)
        if (value if counted is None else counted) <= limit.refuse:
            return Finding("warn" if value >= limit.warn else "note", code, text, rule=RULE, where=where)
        most = f"{limit.refuse:g} times" if measure == "overshoot" else f"{limit.refuse:.0%}"
        text += f"; more than {most} needs a reason"
        reason = self.accept.get(measure)
        if reason is not None:
            return Finding("warn", code, f"{text}. Accepted: {reason}", rule=RULE, where=where)
        self.exceeded.append(_Exceeded(measure, f"{where}: {text}" if where and measure == "overshoot" else text, shown))
        return Finding("refuse", code, text, rule=RULE, where=where)

    def _no_boundary(self) -> Iterator[Finding]:
        """Yields the share in no boundary of each layer of the city; a part that lies in no layer at all is counted outside, not here."""
        for name, share in sorted(self.survey.uncovered.items()):
            layer = self.layers.get(name)
            if layer is None or share <= 0:
                continue
            counted = 0.0
            text = f"{share:.1%} of the area lies in no {name}"
            if layer.lead and not self.area.is_point:
                own = [layer[each.id].geometry for each in self.survey.matches if each.layer == name]
                counted = self._share_missing(own)
                if counted > 0:
                    text += f", {counted:.1%} inside the city"
            shown = f"{counted or share:.1%}"
            yield self._finding("no_boundary", "area_uncovered", text, value=share, shown=shown, counted=counted, where=name)

    def _outside(self) -> Iterator[Finding]:
        """Yields the share outside the city, and which neighbouring service should be told."""
        covered = any(self.survey.uncovered.get(name, 0.0) <= 0 for name in self.layers)
        share = 0.0 if covered or not self.layers else self._share(self.area.geometry.difference(self.inside))
        if share > 0:
            met = [each for each in self.survey.matches if each.layer in self.neighbours and each.share_of_area]
            named = [f"{each.label} ({each.share_of_area:.1%} of the area)" for each in met[:_NAMED]]
            whom = ", ".join(named) or "the neighbouring service whose it is"
            text = f"{share:.1%} of the area lies outside every layer of the city: tell {whom}"
            yield self._finding("outside_city", "area_outside", text, value=share, shown=f"{share:.1%}")

    def _unspoken(self) -> Iterator[Finding]:
        """Yields one finding per layer with targeted boundaries that no chosen channel speaks for.

        A layer that no channel at all speaks for is no plan's fault: the others tell what is missing.
        """
        if any(one.everywhere for one in self.chosen):
            return
        pairs = {pair for one in self.chosen for pair in one.pairs}
        missing: dict[str, list[str]] = {}
        for each in self.survey.matches:
            if each.targeted and (each.layer, each.id) not in pairs and (each.layer, "*") not in pairs:
                missing.setdefault(each.layer, []).append(each.id)
        for layer, ids in sorted(missing.items()):
            ids.sort(key=natural_key)
            more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
            level: Level = "warn" if any(spoken == layer for spoken, _ in pairs) or not pairs else "note"
            text = f"no chosen channel speaks for {layer} {', '.join(ids[:_NAMED])}{more}"
            yield Finding(level, "boundary_unspoken", text, rule=RULE, where=layer)

    def _unreached(self) -> Iterator[Finding]:
        if any(one.everywhere for one in self.chosen):
            return
        pairs = sorted({pair for one in self.chosen for pair in one.pairs})
        share = self._share_missing([shape for pair in pairs for shape in self._shapes(pair)])
        if share > 0:
            text = f"{share:.1%} of the area lies in no boundary that a chosen channel speaks for"
            yield self._finding("unreached", "area_unreached", text, value=share, shown=f"{share:.1%}")

    def _overshoot(self, one: Spoken) -> Iterator[Finding]:
        """Yields how many times the area a channel's boundaries measure, where they measure more."""
        whole = {name: float(layer.areas_m2.sum()) for name, layer in self.layers.items()}
        if one.everywhere:
            reach_m2, said = max(whole.values(), default=0.0), "the whole project measures"
        else:
            # A channel of a division and of neighbourhoods inside it reaches the larger of the two, not both.
            by_layer: dict[str, float] = {}
            for name, key in one.pairs:
                layer = self.layers.get(name)
                if layer is not None:
                    size = whole[name] if key == "*" else float(layer.areas_m2[layer.position(key)])
                    by_layer[name] = by_layer.get(name, 0.0) + size
            reach_m2, said = max(by_layer.values(), default=0.0), "its boundaries measure"
        ratio = reach_m2 / self.area.area_m2 if self.area.area_m2 else 0.0
        if ratio > 1:
            text = f"{said} {reach_m2 / 1e6:,.1f} km2, {ratio:,.1f} times the area"
            counted = ratio if one.public else 0.0
            shown = f"{ratio:,.1f} times"
            yield self._finding("overshoot", "channel_overshoot", text, value=ratio, shown=shown, counted=counted, where=one.channel)

    def _shapes(self, pair: Pair) -> list[BaseGeometry]:
        layer = self.layers.get(pair[0])
        if layer is None:
            return []
        return list(layer.geometries) if pair[1] == "*" else [layer[pair[1]].geometry]

    def _share_missing(self, shapes: Sequence[BaseGeometry]) -> float:
        """Returns the share of the area that lies in the city and in none of these shapes."""
        return self._share(self.inside.difference(self._part(shapes)) if shapes else self.inside)

    def _part(self, shapes: Sequence[BaseGeometry]) -> BaseGeometry:
        part: BaseGeometry = shapely.union_all(shapely.intersection(shapes, self.area.geometry))
        return part

    def _share(self, part: BaseGeometry) -> float:
        share = float(area_m2(part)) / self.area.area_m2 if self.area.area_m2 else 0.0
        return share if share > _NOTHING else 0.0


def check_size(area: Area, *, limits: Limits, accept: Mapping[str, str]) -> Iterator[Finding]:
    """Yields a note where an area above the maximum is meant.

    Args:
        accept: reasons by measure; this is `size`.

    Raises:
        AreaError: code area_too_large; nobody said why.
    """
    most_km2 = limits.size_km2.refuse
    size_km2 = area.area_m2 / 1e6
    if size_km2 <= most_km2:
        if size_km2 >= limits.size_km2.warn:
            yield Finding("warn", "area_large", f"the area measures {size_km2:,.0f} km2", rule=RULE, where="area")
        return
    told = f"the area measures {size_km2:,.0f} km2; a plan takes {most_km2:,.0f} km2 by itself"
    reason = accept.get("size")
    if reason is None:
        raise AreaError(told, code="area_too_large", field="accept.size", value=f"{size_km2:,.0f} km2", do=_do(["size"]))
    yield Finding("warn", "area_large_accepted", f"{told}. Accepted: {reason}", rule=RULE, where="area")


def coverage(
    area: Area,
    survey: Survey,
    layers: Iterable[Layer],
    *,
    spoken: Iterable[Spoken],
    limits: Limits | None = None,
    accept: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Returns what the approver should know about how layers and chosen channels fit the area.

        coverage(area, survey(area, layers), layers, spoken=[Spoken(channel="d52", pairs=[("division", "D52")])])

    What exceeds a limit is a warning with its reason, and without one says `refuse`; `guard` raises then.

    Args:
        survey: of the same area and layers.
        spoken: of each chosen channel.
        limits: of the kind of alert; see `LIMITS`.
        accept: reasons by measure.
    """
    return tuple(_guard(area, survey, layers, spoken, limits, accept).findings())


def guard(
    area: Area,
    survey: Survey,
    layers: Iterable[Layer],
    *,
    spoken: Iterable[Spoken],
    limits: Limits | None = None,
    accept: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Returns the findings of `coverage` where every limit that is exceeded has its reason.

    Raises:
        AreaError: code limit_exceeded, naming every measure that lacks one, its value and its limit.
    """
    asked = _guard(area, survey, layers, spoken, limits, accept)
    found = tuple(asked.findings())
    if asked.exceeded:
        lacking = list(dict.fromkeys(each.measure for each in asked.exceeded))
        told = " | ".join(dict.fromkeys(each.told for each in asked.exceeded))
        first = asked.exceeded[0]
        field = f"accept.{first.measure}"
        raise AreaError(f"a limit is exceeded: {told}", code="limit_exceeded", field=field, value=first.value, do=_do(lacking))
    return found


def _guard(
    area: Area,
    survey: Survey,
    layers: Iterable[Layer],
    spoken: Iterable[Spoken],
    limits: Limits | None,
    accept: Mapping[str, str] | None,
) -> _Guard:
    known = list(layers)
    return _Guard(
        area=area,
        survey=survey,
        layers={layer.name: layer for layer in known if not layer.neighbours},
        neighbours={layer.name: layer for layer in known if layer.neighbours},
        chosen=list(spoken),
        limits=limits or Limits(),
        accept=accept or {},
    )


def _do(measures: Sequence[str]) -> str:
    """Returns the lines to write."""
    lines = ", ".join(f'{name} = "..."' for name in measures)
    options = " ".join(f'--accept {name}="..."' for name in measures)
    return f"Change the area or its channels, or say why it is meant: accept = {{{lines}}} in the alert's file, or geoalert plan {options}."
