"""Corners in a file of street centrelines: the vertices that lines of two streets share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, groupby
from pathlib import Path

import numpy as np
import shapely

from geoalert import geo
from geoalert.boundaries.load.fields import column, is_blank, value_text
from geoalert.boundaries.load.formats import read_table
from geoalert.boundaries.load.opening import opened
from geoalert.boundaries.load.raw import RawTable, located
from geoalert.errors import BoundaryError, CRSError
from geoalert.geo.lonlat import check_bounds
from geoalert.places.gather import Sighting

NAMES = ("linear_name_full", "street_name", "full_name", "fullname", "full_street_name", "street", "stname", "st_name", "road_name", "name")
_STEP_DEGREES = 1e-6
_MOST_STREETS = 8


def lines(path: Path, left_out: Counter[str], *, name: str | None, table: str | None, crs: str | None) -> Iterator[Sighting]:
    """Yields each vertex where lines of two names meet; a street drawn over another without a shared vertex does not meet it.

    Raises:
        BoundaryError: the file cannot be read; codes unknown_field, not_lines.
        CRSError: codes missing_crs, unknown_crs, accuracy_too_low.
        GeometryError: coordinates that cannot be right.
    """
    with located(path), opened(path) as sources:
        raw, _ = read_table(sources, table)
        cells = column(raw, name or _name_column(raw), option="--name")
        names = ["" if is_blank(cell) else value_text(cell).strip() for cell in cells]
        shapes = _placed(raw, crs)
    left_out["line without a name"] += sum(not each for each in names)
    drawn = np.flatnonzero([bool(each) for each in names])
    xy, owner = shapely.get_coordinates(shapes[drawn], return_index=True)
    steps = np.round(xy / _STEP_DEGREES).astype(np.int64)
    known = {each: at for at, each in enumerate(sorted({names[row] for row in drawn}))}
    called = [*known]
    which = np.array([known[names[row]] for row in drawn], dtype=np.int64)[owner] if len(drawn) else np.empty(0, np.int64)
    rows = np.unique(np.column_stack([steps, which]), axis=0)
    shared = np.flatnonzero((rows[1:, :2] == rows[:-1, :2]).all(axis=1))
    kept = rows[np.unique(np.concatenate([shared, shared + 1]))]
    for (x, y), group in groupby(kept.tolist(), key=lambda row: (row[0], row[1])):
        met = [called[row[2]] for row in group][:_MOST_STREETS]
        for one, other in combinations(met, 2):
            yield Sighting(one, other, x * _STEP_DEGREES, y * _STEP_DEGREES)


def _name_column(raw: RawTable) -> str:
    folded = {str(field).casefold(): str(field) for field in raw.columns}
    found = next((folded[name] for name in NAMES if name in folded), None)
    if found is None:
        raise BoundaryError(
            f"which column holds the street's name? There are {', '.join(map(str, raw.columns)) or 'none'}",
            code="unknown_field",
            field="--name",
            do="Name it with --name COLUMN",
        )
    return found


def _placed(raw: RawTable, crs: str | None) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
    """Returns the lines in lon/lat, without heights."""
    kinds = shapely.get_type_id(raw.geometries)
    wrong = np.flatnonzero((kinds != 1) & (kinds != 5) & (kinds != -1))
    if len(wrong) or not (kinds >= 0).any():
        do = "Name a file of street centrelines, of stops, or of street,cross_street,lon,lat"
        row = raw.row(int(wrong[0])) if len(wrong) else None
        raise BoundaryError("not lines", code="not_lines", row=row, do=do)
    text = crs or raw.crs or raw.default_crs
    if text is None:
        raise CRSError("the file names no CRS", code="missing_crs", field="--crs", do="Name it with --crs, such as --crs EPSG:26917")
    shapes = geo.to_lonlat(shapely.force_2d(raw.geometries), geo.parse_crs(text)).geometries
    check_bounds(shapely.total_bounds(shapes).tolist())
    return np.asarray(shapes, dtype=object)
