"""Where the police recorded real incidents, and where `locate` puts them.

Points were moved to the nearest crossing before they were published, the recorded places were not: only points away from borders
can agree, and near a border the recorded place must be among the boundaries within 50 m.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geoalert.boundaries.model import Layer
from geoalert.errors import LayerNotFound
from tests.layers import toronto_divisions, toronto_neighbourhoods, toronto_neighbourhoods_140

pytestmark = pytest.mark.shared
MERGED = {"D54": "D55"}
LABELS = [(toronto_divisions, "DIVISION"), (toronto_neighbourhoods, "HOOD_158"), (toronto_neighbourhoods_140, "HOOD_140")]
NEAR_M, CLEAR_M = 50.0, 100.0


@dataclass(frozen=True)
class Incidents:
    """Rows with a place and a label that the layer knows."""

    lons: NDArray[np.float64]
    lats: NDArray[np.float64]
    recorded: NDArray[np.int64]
    left_out: dict[str, int]


@dataclass(frozen=True)
class Agreement:
    """What one file and one layer measured."""

    rows: int
    agree: float
    clear: float
    near: float
    outside: int


def read(path: Path, layer: Layer, column: str, lon: str, lat: str) -> Incidents:
    """Returns the rows that can be compared, and counts the others by reason."""
    lons, lats, recorded = [], [], []
    left_out = {"no place": 0, "no label": 0, "unknown label": 0}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            label = MERGED.get(row[column], row[column])
            x, y = float(row[lon] or 0), float(row[lat] or 0)
            if abs(y) < 1 or abs(x) < 1:
                left_out["no place"] += 1
                continue
            if label in ("", "NSA") or label.endswith("(NSA)"):
                left_out["no label"] += 1
                continue
            try:
                recorded.append(layer.position(label))
            except LayerNotFound:
                left_out["unknown label"] += 1
                continue
            lons.append(x)
            lats.append(y)
    return Incidents(np.array(lons), np.array(lats), np.array(recorded), left_out)


def metres_from_borders(layer: Layer, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns each point's distance to the nearest border, measured apart from the package in a plane at the city's latitude."""
    scale = np.array([111_320.0 * np.cos(np.radians(43.72)), 111_110.0])
    flat = shapely.transform(layer.geometries, lambda points: points * scale)
    segments = shapely.get_parts(shapely.boundary(flat))
    points = shapely.points(lons * scale[0], lats * scale[1])
    _, distances = shapely.STRtree(segments).query_nearest(points, return_distance=True, all_matches=False)
    return distances


def measure(layer: Layer, found: Incidents, title: str) -> Agreement:
    """Measures the agreement and prints it with the disagreements, furthest from a border first."""
    located = layer.locate(found.lons, found.lats)
    same = located == found.recorded
    border_m = metres_from_borders(layer, found.lons, found.lats)
    near = [mine in rows for mine, rows in zip(found.recorded.tolist(), layer.locate_all(found.lons, found.lats, NEAR_M), strict=True)]
    clear = border_m > CLEAR_M
    agreement = Agreement(len(same), same.mean(), same[clear].mean(), float(np.mean(near)), int((located < 0).sum()))
    print(
        f"\n{title}: {agreement.rows} rows, same {agreement.agree:.2%}, more than {CLEAR_M:.0f} m from a border {agreement.clear:.2%} "
        f"of {clear.sum()}, recorded one within {NEAR_M:.0f} m {agreement.near:.2%}, outside {agreement.outside}, left out {found.left_out}"
    )
    wrong = np.flatnonzero(~same)
    for point in wrong[np.argsort(-border_m[wrong])][:5]:
        place = layer.ids[located[point]] if located[point] >= 0 else "none"
        print(
            f"  {border_m[point]:7.1f} m from a border: recorded {layer.ids[found.recorded[point]]}, located {place} "
            f"({found.lons[point]:.5f}, {found.lats[point]:.5f})"
        )
    return agreement


@pytest.mark.parametrize(("read_layer", "column"), LABELS)
def test_theft_over_lies_where_it_was_recorded(shared: Path, read_layer: Callable[[Path], Layer], column: str) -> None:
    """Away from borders nearly every row agrees; near one, the recorded boundary is among those within 50 m."""
    layer = read_layer(shared)
    found = read(shared / "data/toronto_incidents/tps_theft_over.csv.gz", layer, column, "LONG_WGS84", "LAT_WGS84")
    agreement = measure(layer, found, f"theft over, {column}")
    assert agreement.rows > 5_000
    assert found.left_out["unknown label"] == 0
    assert agreement.clear >= 0.998
    assert agreement.near >= 0.996


@pytest.mark.parametrize("file", ["tps_shootings.csv.gz", "tps_homicides.csv.gz"])
@pytest.mark.parametrize(("read_layer", "column"), LABELS)
def test_shootings_and_homicides_are_measured(shared: Path, file: str, read_layer: Callable[[Path], Layer], column: str) -> None:
    """Divisions have moved since the older rows, so the figures are printed; every label is known."""
    layer = read_layer(shared)
    found = read(shared / "data/toronto_incidents" / file, layer, column, "LONG_WGS84", "LAT_WGS84")
    agreement = measure(layer, found, f"{file}, {column}")
    assert agreement.rows > 600
    assert found.left_out["unknown label"] == 0


def test_major_crime_of_2017_is_measured(shared: Path) -> None:
    """Labels are "Name (id)" in the older model, with old names."""
    layer = toronto_neighbourhoods_140(shared)
    found = read(shared / "data/toronto_incidents/tps_mci_2017.csv.gz", layer, "Neighbourhood", "Long", "Lat")
    agreement = measure(layer, found, "major crime 2017, Neighbourhood")
    assert agreement.rows > 16_000
    assert found.left_out["unknown label"] == 0
