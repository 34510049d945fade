"""What is written of each noun: which fields, in which order, with which geometry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.directory.selection import Selected, Selection
from geoalert.errors import BoundaryError, GeoAlertError, LayerNotFound
from geoalert.findings import WITHHELD
from geoalert.plan.model import Plan
from geoalert.targeting.match import Match
from geoalert.targeting.survey import Survey

FieldType = Literal["text", "number", "truth"]
Fields = tuple[tuple[str, FieldType], ...]
Layers = Iterable[Layer] | Mapping[str, Layer] | Layer | None

AREA: Fields = (("label", "text"), ("rule", "text"), ("area_m2", "number"))
BOUNDARIES: Fields = (
    ("key", "text"), ("layer", "text"), ("id", "text"), ("label", "text"), ("targeted", "truth"), ("relation", "text"),
    ("share_of_area", "number"), ("share_of_boundary", "number"), ("distance_m", "number"), ("reason", "text"),
)  # fmt: skip
SELECTIONS: Fields = (
    ("kind", "text"), ("id", "text"), ("name", "text"), ("state", "text"), ("reason", "text"), ("via", "text"), ("channels", "text"),
    ("languages", "text"), ("category", "text"), ("opening_hours", "text"), ("distance_m", "number"),
)  # fmt: skip
LAYER: Fields = (
    ("layer", "text"), ("id", "text"), ("label", "text"), ("version", "text"), ("valid_from", "text"), ("valid_to", "text"),
    ("source", "text"), ("licence", "text"), ("area_m2", "number"),
)  # fmt: skip
_SELECTION = frozenset({"kind", "id", "name", "chosen", "reason", "on_visit_list", "lon", "lat"})
_MATCH = frozenset({"layer", "id", "label", "targeted", "relation"})

PLAN: Fields = (("alert", "text"), ("status", "text"), ("scope", "text"))
"""What every row of a plan begins with, so that an exercise is known for one wherever it is opened."""

SECRET_REASON = WITHHELD
"""In a reason: the venue was skipped for a withheld place; its name alone would point there, so no table has its row."""

# XML 1.0 section 2.2 has no other control characters, and no surrogates; the other formats do without them too.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one kind with their geometry, ready for any format.

    Attributes:
        name: area, boundaries or selections.
        fields: name and type of each column.
        rows: values in the order of the fields; None where there is none.
        geometries: one for each row, lon/lat; None where a row has no place.
        layers: names of the boundaries' layers in the order in which they are drawn, the strongest first.
    """

    name: str
    fields: Fields
    rows: tuple[tuple[Any, ...], ...]
    geometries: tuple[BaseGeometry | None, ...]
    layers: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def shapes(self) -> frozenset[str]:
        """The kinds of geometry, single and multiple ones as one: Point, Polygon."""
        return frozenset(each.geom_type.removeprefix("Multi") for each in self.geometries if each is not None)

    def column(self, name: str) -> list[Any]:
        """Returns the values of one field."""
        at = [field for field, _ in self.fields].index(name)
        return [row[at] for row in self.rows]

    def records(self) -> list[dict[str, Any]]:
        """Returns the rows by field name."""
        names = [field for field, _ in self.fields]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def tables_of(thing: Any, layers: Layers = None) -> tuple[Table, ...]:
    """Returns the tables of an area, layer, survey, plan or Selected, or of a list of areas, matches or selections, as a plan has them too.

    Args:
        thing: what is written; withheld geometry, venues at a withheld place and contact addresses are in none of these tables.
        layers: where the shapes of matched boundaries come from; without any, their rows have no geometry.

    Raises:
        GeoAlertError: nothing that can be written (not_exportable).
        LayerNotFound: a match names another layer (unknown_layer) or boundary (unknown_boundary).
        BoundaryError: a layer is not the one that the plan was made with (layer_changed).
    """
    if isinstance(thing, Plan):
        return _plan_tables(thing, layers)
    if isinstance(thing, Layer):
        return (_layer_table(thing),)
    if isinstance(thing, Survey):
        return (boundaries_table(thing.matches, layers),)
    if isinstance(thing, Selected):
        return (selections_table(thing.selections),)
    if isinstance(thing, Area | Match | Selection):
        return tables_of([thing], layers)
    if isinstance(thing, Sequence) and not len(thing):
        raise GeoAlertError(
            "there is nothing to write",
            code="not_exportable",
            field="thing",
            value="an empty list",
            do="Give at least one of what is written.",
        )
    if isinstance(thing, Sequence) and not isinstance(thing, str):
        if all(isinstance(each, Mapping) and each.keys() >= _SELECTION for each in thing):
            return (selections_table(thing),)
        if all(isinstance(each, Mapping) and each.keys() >= _MATCH for each in thing):
            return (boundaries_table(thing, layers),)
        if all(isinstance(each, Area) for each in thing):
            return (_area_table(thing),)
        if all(isinstance(each, Match) for each in thing):
            return (boundaries_table(thing, layers),)
        if all(isinstance(each, Selection) for each in thing):
            return (selections_table(thing),)
    raise GeoAlertError(
        "this cannot be written as a table of places",
        code="not_exportable",
        value=type(thing).__name__,
        do="Give an Area, Layer, Survey, Plan or Selected, or a list of one kind: Area, Match or Selection.",
    )


def boundaries_table(matches: Iterable[Match | Mapping[str, Any]], layers: Layers) -> Table:
    """Returns the boundaries that an area meets, with the shapes of `layers`."""
    told = [found.to_dict() if isinstance(found, Match) else dict(found) for found in matches]
    known = _by_name(layers)
    rows = [each | {"key": f"{each['layer']}:{each['id']}"} for each in told]
    met = {each["layer"]: None for each in told}
    drawn = [name for name in [*(known or ()), *met] if name in met]
    return _table("boundaries", BOUNDARIES, rows, [_boundary(each, known) for each in told], layers=dict.fromkeys(drawn))


def selections_table(selections: Iterable[Selection | Mapping[str, Any]]) -> Table:
    """Returns channels, which have no place, and venues, chosen or skipped, each with its reason; none at a withheld place."""
    all_told = (one.to_dict() if isinstance(one, Selection) else dict(one) for one in selections)
    told = [each for each in all_told if SECRET_REASON not in each["reason"].casefold()]
    rows = [
        each
        | {"state": "visit" if each["on_visit_list"] else "chosen" if each["chosen"] else "skipped"}
        | {name: "; ".join(each[name]) or None for name in ("via", "channels", "languages")}
        for each in told
    ]
    return _table("selections", SELECTIONS, rows, [_place(each) for each in told])


def merged(tables: Sequence[Table]) -> Table:
    """Returns several tables as one, with the name of each in the field `table`; a single one as it is."""
    if len(tables) == 1:
        return tables[0]
    fields: dict[str, FieldType] = {"table": "text"}
    for table in tables:
        fields.update(table.fields)
    rows = [each | {"table": table.name} for table in tables for each in table.records()]
    return _table("places", tuple(fields.items()), rows, [each for table in tables for each in table.geometries])


def _plan_tables(plan: Plan, layers: Layers) -> tuple[Table, ...]:
    """Returns area, boundaries and selections of a plan, with the layers it was made with and no others."""
    known = _by_name(layers)
    for told in plan.document["layers"]:
        layer = None if known is None else known.get(told["name"])
        if layer is not None and layer.digest != told["digest"]:
            raise BoundaryError(
                f"layer {layer.name} is not the one that plan {plan.name} was made with",
                code="layer_changed",
                field="layers",
                value=layer.version or layer.digest[:12],
                do=f"Give its edition {told['version'] or told['digest'][:12]}, or make the plan again.",
            )
    area = plan.document["area"]
    if known is not None:
        known = {name: known[name] for name in (told["name"] for told in plan.document["layers"]) if name in known}
    first = {"alert": plan.name, "status": plan.status, "scope": plan.alert.get("scope")}
    drawn = _table("area", AREA, [area | {"rule": area["rule"]["type"]}], [shape(area["geometry"])])
    tables = (drawn, boundaries_table(plan.matches, known), selections_table(plan.selections))
    return tuple(
        _table(each.name, PLAN + each.fields, [first | row for row in each.records()], each.geometries, layers=each.layers)
        for each in tables
    )


def _area_table(areas: Sequence[Area]) -> Table:
    rows = [{"label": area.label, "rule": area.rule["type"], "area_m2": area.area_m2} for area in areas]
    return _table("area", AREA, rows, [area.geometry for area in areas])


def _layer_table(layer: Layer) -> Table:
    """Returns every boundary of a layer, with what is known of the layer in each row."""
    dates = {name: day.isoformat() if (day := getattr(layer, name)) else None for name in ("valid_from", "valid_to")}
    same = {"layer": layer.name, "version": layer.version, "source": layer.source, "licence": layer.licence} | dates
    areas_m2 = layer.areas_m2.tolist()
    rows = [same | {"id": each.id, "label": each.label, "area_m2": area_m2} for each, area_m2 in zip(layer, areas_m2, strict=True)]
    return _table("boundaries", LAYER, rows, layer.geometries.tolist(), layers=[layer.name])


def _table(
    name: str,
    fields: Fields,
    rows: Iterable[Mapping[str, Any]],
    geometries: Iterable[BaseGeometry | None],
    *,
    layers: Iterable[str] = (),
) -> Table:
    values = tuple(tuple(_written(row.get(field)) for field, _ in fields) for row in rows)
    return Table(name, fields, values, tuple(geometries), tuple(map(_written, layers)))


def _written(value: Any) -> Any:
    return _UNWRITABLE.sub("", value) if isinstance(value, str) else value


def _by_name(layers: Layers) -> Mapping[str, Layer] | None:
    if layers is None or isinstance(layers, Mapping):
        return layers
    return {layer.name: layer for layer in ([layers] if isinstance(layers, Layer) else layers)}


def _boundary(told: Mapping[str, Any], known: Mapping[str, Layer] | None) -> BaseGeometry | None:
    """Returns the shape of a matched boundary, None where no layers were given."""
    if known is None:
        return None
    if told["layer"] not in known:
        raise LayerNotFound(
            "a match is of a layer that was not given",
            code="unknown_layer",
            field="layers",
            value=told["layer"],
            do=f"Give that layer besides {', '.join(known) or 'none'}.",
        )
    return known[told["layer"]][told["id"]].geometry


def _place(told: Mapping[str, Any]) -> BaseGeometry | None:
    """Returns where a venue is, None for a channel."""
    return None if told["lon"] is None or told["lat"] is None else Point(told["lon"], told["lat"])
