"""Editions: the same layer as it was on one day and as it is on another, and what became of a retired id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from geoalert.boundaries.checks import FAR_FUTURE, open_ended
from geoalert.boundaries.crosswalk import Crosswalk, CrosswalkRow, crosswalk
from geoalert.boundaries.model import Boundary, Layer
from geoalert.errors import BoundaryError, LayerNotFound

__all__ = ["FAR_FUTURE", "Editions", "editions_of", "open_ended"]

_NAMED = 8


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Editions:
    """Several editions of one layer, oldest first; each says from when to when it holds.

        hoods = Editions([hoods_140, hoods_158])
        hoods.as_of(date(2021, 6, 1)).version                   # "140"

    Attributes:
        layers: the editions by first day, one without a first day before all others.

    Raises:
        BoundaryError: no layers (no_edition), different names (edition_name), or two with one version (duplicate_edition).
    """

    layers: tuple[Layer, ...]
    _crosswalks: dict[tuple[int, int], Crosswalk] = field(repr=False)

    def __init__(self, layers: Sequence[Layer]) -> None:
        ordered = tuple(sorted(layers, key=lambda layer: (layer.valid_from or date.min, layer.valid_to or date.max)))
        if not ordered:
            raise BoundaryError("there are no editions", code="no_edition", field="layers", do="Give at least one layer.")
        names = sorted({layer.name for layer in ordered})
        if len(names) > 1:
            raise BoundaryError(
                "editions of one layer have one name",
                code="edition_name",
                field="name",
                value=", ".join(names),
                do="Give each the same name, and tell them apart by version.",
            )
        versions = [layer.version for layer in ordered]
        twice = sorted({version for version in versions if version and versions.count(version) > 1})
        if twice:
            raise BoundaryError(
                f"two editions of layer {names[0]} have one version",
                code="duplicate_edition",
                field="version",
                value=", ".join(twice),
                do="Give each its own version.",
            )
        object.__setattr__(self, "layers", ordered)
        object.__setattr__(self, "_crosswalks", {})

    @property
    def name(self) -> str:
        """The name that all editions share."""
        return self.layers[0].name

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def as_of(self, day: date) -> Layer:
        """Returns the one edition that holds on a day, its first and last day included.

        Raises:
            BoundaryError: none holds, or more than one (no_edition); the editions are listed. Or no date (not_a_date).
        """
        wanted = _day(day)
        holding = [layer for layer in self.layers if layer.valid_on(wanted)]
        if len(holding) == 1:
            return holding[0]
        those = holding or list(self.layers)
        many = f"{len(holding)} editions of layer {self.name} hold"
        raise BoundaryError(
            f"{many if holding else f'no edition of layer {self.name} holds'} on {wanted}: {'; '.join(map(_told, those))}",
            code="no_edition",
            field="as_of",
            value=wanted,
            do="End the older one with valid_to, the day before the next begins." if holding else "Add the edition of that day.",
        )

    def find(self, id: object, *, as_of: date) -> Boundary:
        """Returns the boundary of an id in the edition of a day.

            hoods.find("77", as_of=date(2023, 6, 1))            # LayerNotFound: its ground is now 166, 165, 164

        Raises:
            LayerNotFound: an id of an older edition (retired_id), with what replaced it; of a newer one (later_id); or of none
                (unknown_boundary).
            BoundaryError: as for `as_of`, or a bare number that several prefixes share (ambiguous_id).
        """
        layer = self.as_of(as_of)
        if id in layer:
            return layer[id]
        at = self.layers.index(layer)
        for older in reversed(self.layers[:at]):
            if id in older:
                raise self._retired(older[id], older, layer)
        for newer in self.layers[at + 1 :]:
            if id in newer:
                raise self._later(newer[id], newer, layer)
        return layer[id]

    def crosswalk(self, old: Layer, new: Layer) -> Crosswalk:
        """Returns the crosswalk between two of the editions, computed once.

        Raises:
            BoundaryError: a layer that is none of them (no_edition).
        """
        places = tuple(next((at for at, each in enumerate(self.layers) if each is layer), -1) for layer in (old, new))
        if -1 in places:
            raise BoundaryError("not one of the editions", code="no_edition", field="layers", value=self.name, do="Give one of .layers.")
        key = (places[0], places[1])
        if key not in self._crosswalks:
            self._crosswalks[key] = crosswalk(old, new)
        return self._crosswalks[key]

    def _retired(self, was: Boundary, older: Layer, layer: Layer) -> LayerNotFound:
        rows = self.crosswalk(older, layer).replacements(was.id)
        return LayerNotFound(
            f"{_shown(was.id, was.label)} of layer {self.name} {_edition(older)} was retired; its ground is now {_listed(rows)}",
            code="retired_id",
            field="id",
            value=was.id,
            do="Name the boundaries that are meant now, or the day of the older edition." if rows else "Name the day of the older edition.",
        )

    def _later(self, found: Boundary, newer: Layer, layer: Layer) -> LayerNotFound:
        return LayerNotFound(
            f"{_shown(found.id, found.label)} of layer {self.name} {_edition(newer)} is not yet in {_edition(layer)}",
            code="later_id",
            field="id",
            value=found.id,
            do=f"Ask as of {newer.valid_from} or later, or name a boundary of the older edition.",
        )


def editions_of(layers: Iterable[Layer]) -> dict[str, Editions]:
    """Returns the editions of every layer by its name, in the order in which the names first come.

        [each.as_of(day) for each in editions_of(layers).values()]      # the layers of a project as of a day

    Raises:
        BoundaryError: two editions of one name have one version (duplicate_edition).
    """
    by_name: dict[str, list[Layer]] = {}
    for layer in layers:
        by_name.setdefault(layer.name, []).append(layer)
    return {name: Editions(found) for name, found in by_name.items()}


def _day(day: date) -> date:
    if not isinstance(day, date):
        raise BoundaryError(
            "not a date", code="not_a_date", field="as_of", value=day, do="Give a date, such as datetime.date(2027, 1, 19)."
        )
    return day.date() if isinstance(day, datetime) else day


def _edition(layer: Layer) -> str:
    return f"edition {layer.version}" if layer.version else f"from {layer.valid_from or 'the beginning'}"


def _told(layer: Layer) -> str:
    until = "open" if open_ended(layer.valid_to) else layer.valid_to
    return f"{layer.version or 'without a version'}, {layer.valid_from or 'open'} to {until}"


def _shown(id: str, label: str) -> str:
    return label if id == label or f"({id})" in label else f"{id} ({label})"


def _listed(rows: Sequence[CrosswalkRow]) -> str:
    """Returns the boundaries that hold at least a hundredth of the old one, with their shares of it."""
    named = [f"{_shown(row.new_id, row.new_label)} {row.share_of_old:.0%}" for row in rows if row.share_of_old >= 0.01]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"{', '.join(named[:_NAMED])}{more}" if named else "in no boundary"
