"""The geometry contract at reading: each fault is refused once, or repaired and listed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoalert import geo
from geoalert.boundaries.load.raw import RawTable, named
from geoalert.errors import BoundaryError, GeometryError
from geoalert.findings import Finding

MOST_CHANGE = 0.25
_NEAR_NULL = 1e-3
_FAILED_SOUTH = -85.0
"""Web Mercator ends beyond 85 degrees south: what some portals put at its origin comes out there, on longitude 0."""
_MARKERS = (0, -99, -999, -9999, -99999, 99, 999, 9999)
_BESIDE_DEGREES = 1.0
_POLYGONAL = (3, 6)
_COLLECTION = 7
_KINDS = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
_PLACE = re.compile(r"(.*?)\[(\S+) (\S+)\]")

Shapes = NDArray[np.object_]
NameOf = Callable[[int], str]


@dataclass(frozen=True, slots=True, eq=False)
class Polygons:
    """The polygons of a table in their own CRS, flat, and what was done to get them."""

    geometries: Shapes
    notes: tuple[Finding, ...]


def check_kinds(raw: RawTable) -> None:
    """Refuses a table that has no rows, or anything but polygons in them.

    Raises:
        BoundaryError: codes empty_layer, not_polygons, mixed_geometry; GeometryError: code missing_geometry.
    """
    if len(raw) == 0:
        raise BoundaryError("the table has no rows", code="empty_layer", do="Name a file and table with at least one polygon")
    missing = (raw.geometries == None) | shapely.is_empty(raw.geometries)  # noqa: E711 - elementwise
    kinds = np.where(missing, -1, shapely.get_type_id(raw.geometries))
    for position in np.flatnonzero(kinds == _COLLECTION):
        if _joined(raw.geometries[position]) is not None:
            kinds[position] = _POLYGONAL[1]
    _refuse_kinds(raw, kinds)
    if missing.any():
        rows = [raw.row(position) for position in np.flatnonzero(missing).tolist()]
        raise GeometryError(
            f"{len(rows)} row(s) have no geometry, or an empty one: {named(rows)}",
            code="missing_geometry",
            row=rows[0],
            field="geometry",
            do="Draw what is missing, or remove those rows",
        )


def polygons(raw: RawTable, name_of: NameOf) -> Polygons:
    """Returns flat polygons in the table's own CRS, one per row, from a table that `check_kinds` let pass.

    Args:
        raw: the table.
        name_of: what to call the row at a position, with its id where it has one.

    Raises:
        GeometryError: codes not_finite, unknown_marker, null_island.
    """
    shapes, notes = raw.geometries.copy(), list[Finding]()
    for position in np.flatnonzero(shapely.get_type_id(shapes) == _COLLECTION).tolist():
        shapes[position] = _joined(shapes[position])
        text = f"{name_of(position)}: a GeometryCollection of polygons was made one MultiPolygon"
        notes.append(Finding("note", "collection_joined", text, where=name_of(position)))
    high = shapely.has_z(shapes)
    measured = shapely.has_m(shapes)
    if high.any():
        notes.append(Finding("note", "height_dropped", f"heights (z) dropped in {int(high.sum())} row(s)"))
    if measured.any():
        notes.append(Finding("note", "measures_dropped", f"measures (m) dropped in {int(measured.sum())} row(s)"))
    if high.any() or measured.any():
        shapes = shapely.force_2d(shapes)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    _refuse_vertex(~np.isfinite(xy).all(axis=1), raw, xy, owner, "not_finite", "a coordinate is not a finite number")
    # "No data" of the shapefile specification is any value below -1e38; degrees and metres never come near 1e9.
    _refuse_vertex((np.abs(xy) > 1e9).any(axis=1), raw, xy, owner, "unknown_marker", "a coordinate is a marker for no value")
    marked = np.isin(xy[:, 0], _MARKERS) & (xy[:, 0] == xy[:, 1])
    if marked.any():
        stray = marked & ~_beside_others(xy, owner, marked)
        _refuse_vertex(stray & (xy[:, 0] == 0), raw, xy, owner, "null_island", "a vertex is (0, 0), which records use for an unknown place")
        _refuse_vertex(stray, raw, xy, owner, "unknown_marker", "a vertex is a marker that records use for an unknown place")
    return Polygons(shapes, tuple(notes))


def _beside_others(xy: NDArray[np.float64], owner: NDArray[np.integer], marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Returns which marked vertices lie no further from the rest of their row than the rest is wide: in a grid, (0, 0) may be a corner."""
    beside = np.zeros(len(xy), dtype=bool)
    for position in np.unique(owner[marked]).tolist():
        mine = owner == position
        rest = xy[mine & ~marked]
        if len(rest):
            low, high = rest.min(axis=0), rest.max(axis=0)
            reach = (high - low).max()
            beside[mine] = ((xy[mine] >= low - reach) & (xy[mine] <= high + reach)).all(axis=1)
    return beside


def _joined(collection: object) -> object | None:
    """Returns the MultiPolygon of a collection that holds polygons only, at any depth; else None."""
    parts: Shapes = shapely.get_parts(np.array([collection], dtype=object))
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    return shapely.multipolygons(parts) if len(parts) and (shapely.get_type_id(parts) == 3).all() else None


def _refuse_kinds(raw: RawTable, kinds: NDArray[np.integer]) -> None:
    """Refuses points and lines: all of them as not_polygons, some among polygons as mixed_geometry with their rows."""
    odd = np.flatnonzero((kinds >= 0) & ~np.isin(kinds, _POLYGONAL)).tolist()
    if not odd:
        return
    found = sorted({_KINDS[kinds[position]] for position in odd})
    if not np.isin(kinds, _POLYGONAL).any():
        raise BoundaryError(
            f"a layer needs polygons, and this table holds {' and '.join(found)}",
            code="not_polygons",
            value=", ".join(found),
            do="Name a table of polygons; a table of places belongs in the directory",
        )
    rows = [raw.row(position) for position in odd]
    raise BoundaryError(
        f"{' and '.join(found)} among the polygons, in row(s) {named(rows)}",
        code="mixed_geometry",
        row=rows[0],
        field="geometry",
        do="Remove those rows, or save the polygons as a table of their own",
    )


def _refuse_vertex(
    bad: NDArray[np.bool_],
    raw: RawTable,
    xy: NDArray[np.float64],
    owner: NDArray[np.integer],
    code: str,
    what: str,
    *,
    do: str = "Correct or remove those rows",
) -> None:
    """Refuses the first row with a vertex in `bad`, showing that vertex and naming the other rows."""
    if bad.any():
        at = int(np.argmax(bad))
        rows = sorted({raw.row(position) for position in owner[bad]})
        also = f"; rows {named(rows)}" if len(rows) > 1 else ""
        raise GeometryError(
            f"{what}{also}",
            code=code,
            row=rows[0],
            field="geometry",
            value=f"{xy[at][0]:.7g}, {xy[at][1]:.7g}",
            do=do,
        )


def check_position(shapes: Shapes, raw: RawTable) -> None:
    """Refuses lon/lat polygons that cannot be where they say.

    Raises:
        GeometryError: codes swapped_axes, null_island, unknown_marker, crosses_antimeridian, covers_pole, out_of_range.
    """
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    x, y = xy[:, 0], xy[:, 1]
    for at in np.flatnonzero((x == y) | ((np.abs(x) < _NEAR_NULL) & (np.abs(y) < _NEAR_NULL))).tolist():
        geo.check_lonlat(float(x[at]), float(y[at]), row=raw.row(int(owner[at])), field="geometry")
    failed = (np.abs(x) < _NEAR_NULL) & (y < _FAILED_SOUTH)
    if failed.any():
        stray = failed & ~_beside_others(xy, owner, failed)
        _refuse_vertex(stray, raw, xy, owner, "unknown_marker", "a vertex is a marker that records use for an unknown place")
    _check_axes(x, y)
    _check_rows(shapely.bounds(shapes), raw)
    wrong = (np.abs(y) > 90) | (np.abs(x) > 360)
    metres = "Name the CRS that the numbers are in, such as EPSG:3857 of web maps; degrees go from -180 to 180 and from -90 to 90"
    _refuse_vertex(wrong, raw, xy, owner, "out_of_range", "not degrees of longitude and latitude", do=metres)
    beyond = np.unique(owner[np.abs(x) > 180])
    crossing = sorted({*beyond.tolist(), *np.flatnonzero(geo.jumps_antimeridian(shapes)).tolist()})
    round_pole = [position for position in crossing if geo.goes_round_pole(shapes[position])]
    if round_pole:
        rows = [raw.row(position) for position in round_pole]
        raise GeometryError(
            f"{len(rows)} polygon(s) go round a pole: row {named(rows)}",
            code="covers_pole",
            row=rows[0],
            field="geometry",
            do="Give them an edge along longitude 180, along the pole and back along longitude -180, or leave the pole out",
        )
    if crossing:
        rows = [raw.row(position) for position in crossing]
        raise GeometryError(
            f"{len(rows)} polygon(s) cross longitude 180: row {named(rows)}",
            code="crosses_antimeridian",
            row=rows[0],
            field="geometry",
            do="Cut them there into one part on each side, within -180 and 180 (RFC 7946 section 3.1.9)",
        )


def _check_axes(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Raises GeometryError (swapped_axes) where only the exchanged reading puts the layer on inhabited land."""
    beyond = np.abs(y).max() > 90
    nobody = y.max() < -60 or y.min() > 84
    if (beyond or nobody) and np.abs(y).max() <= 180 and x.min() >= -60 and x.max() <= 84:
        raise GeometryError(
            "latitude comes before longitude in this file",
            code="swapped_axes",
            field="geometry",
            value=f"x {x.min():.5g} to {x.max():.5g}, y {y.min():.5g} to {y.max():.5g}",
            do="Save it with longitude first, as RFC 7946 and EPSG:4326 in a GIS have it",
        )


def _check_rows(bounds: NDArray[np.float64], raw: RawTable) -> None:
    """Raises GeometryError (swapped_axes) for rows that lie beside the others only with their axes exchanged.

    The others are those nearer to the middle as they are, and whatever adjoins them; where they are no majority, a row must also lie in
    Antarctica as it is.
    """
    turned = bounds[:, [1, 0, 3, 2]]
    middles, exchanged = (box[:, :2] + box[:, 2:] for box in (bounds, turned))
    centre = np.median(middles, axis=0)
    doubtful = np.hypot(*(exchanged - centre).T) < np.hypot(*(middles - centre).T)
    if doubtful.sum() * 2 >= len(bounds):
        doubtful = (bounds[:, 3] < -60) & (bounds[:, 0] >= -60) & (bounds[:, 2] <= 84)
    if not doubtful.any() or doubtful.all():
        return
    good = ~doubtful
    while (joined := _beside(bounds, bounds[good], ~good)).any():
        good |= joined
    swapped = np.flatnonzero(_beside(turned, bounds[good], ~good)).tolist()
    if swapped:
        rows = [raw.row(position) for position in swapped]
        west, south, east, north = bounds[swapped[0]]
        raise GeometryError(
            f"{len(rows)} row(s) have latitude before longitude, unlike the others: row {named(rows)}",
            code="swapped_axes",
            row=rows[0],
            field="geometry",
            value=f"x {west:.7g} to {east:.7g}, y {south:.7g} to {north:.7g}",
            do="Exchange the coordinates of those rows",
        )


def _beside(boxes: NDArray[np.float64], others: NDArray[np.float64], asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Returns which of the boxes asked for lie within a degree of another box."""
    tree, rows = shapely.STRtree(shapely.box(*others.T)), np.flatnonzero(asked)
    found = np.zeros(len(boxes), dtype=bool)
    found[rows[tree.query(shapely.box(*boxes[rows].T), "dwithin", _BESIDE_DEGREES)[0]]] = True
    return found


def valid(shapes: Shapes, raw: RawTable, name_of: NameOf) -> Polygons:
    """Returns lon/lat polygons made valid, each repair listed with its place and the change of area.

    Shells join and holes cut (GEOS "structure"): nested or overlapping shells become one, a hole outside becomes a part.

    Raises:
        GeometryError: codes invalid_geometry (nothing is left), repair_too_large (more than a quarter of the area as drawn would change).
    """
    wrong = np.flatnonzero(~shapely.is_valid(shapes)).tolist()
    if not wrong:
        return Polygons(shapes, ())
    mended, notes = shapes.copy(), []
    for position in wrong:
        mended[position], note = _repaired(shapes[position], raw.row(position), name_of(position))
        notes.append(note)
    return Polygons(mended, tuple(notes))


def _repaired(shape: object, row: int, name: str) -> tuple[object, Finding]:
    """Returns the valid polygon of an invalid one, and the note that names its reason, place and change of area."""
    reason = str(shapely.is_valid_reason(shape))
    place = _PLACE.fullmatch(reason)
    why = f"{place[1].lower()} at {float(place[2]):.6f}, {float(place[3]):.6f}" if place else reason.lower()
    made = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = shapely.get_parts(made)
    parts = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), _POLYGONAL)])
    if not len(parts) or shapely.area(parts).sum() == 0:
        raise GeometryError(
            f"{name} is invalid and encloses nothing: {why}",
            code="invalid_geometry",
            row=row,
            field="geometry",
            do="Draw it again or remove the row",
        )
    result = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    drawn, after = _drawn_m2(shape), float(geo.area_m2(result))
    change = after - drawn
    if abs(change) > MOST_CHANGE * max(drawn, after):
        raise GeometryError(
            f"{name} is invalid and no one repair is plain: {why}; {abs(change):,.0f} of {max(drawn, after):,.0f} m2 would change",
            code="repair_too_large",
            row=row,
            field="geometry",
            do="Correct it in a GIS",
        )
    by = f"the area changed by {change:+,.1f} m2" if abs(change) >= 0.05 else "the area did not change"
    text = f"{name}: {why}; made valid, {by}"
    return result, Finding("note", "geometry_repaired", text, where=name)


def _drawn_m2(shape: object) -> float:
    """Returns the area as drawn: what each shell encloses, less what each of its holes does, overlaps counted twice."""
    total = 0.0
    for part in shapely.get_parts(shape):
        rings = shapely.polygons(shapely.get_rings(part))
        enclosed = geo.area_m2(shapely.make_valid(rings, method="structure", keep_collapsed=False))
        total += float(enclosed[0] - enclosed[1:].sum())
    return max(total, 0.0)
