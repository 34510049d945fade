"""The demonstration layers of central Toronto: built from corners, tidy, and near enough to the official outlines."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "boundaries" / "toronto-demo"
SCRIPT = ROOT / "scripts" / "build_toronto_demo.py"
BUILT = ["divisions.geojson", "metadata.toml", "neighbourhoods.geojson"]
TO_METRES = Transformer.from_crs("EPSG:4326", "EPSG:2952", always_xy=True)
OFFICIAL = {"divisions": ("tps_divisions.geojson", "DIV"), "neighbourhoods": ("neighbourhoods_158.geojson", "AREA_SHORT_CODE")}


def in_metres(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry in the metric frame of Toronto, EPSG:2952."""
    return shapely.transform(geometry, lambda points: np.column_stack(TO_METRES.transform(points[:, 0], points[:, 1])))


def read_geojson(path: Path, field: str) -> dict[str, BaseGeometry]:
    """The polygons of a GeoJSON file by the id in `field`."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return {feature["properties"][field]: shape(feature["geometry"]) for feature in document["features"]}


def read_rows() -> list[dict[str, str]]:
    """The rows of digitised.csv."""
    with (PLACE / "digitised.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the build script in a Python of its own."""
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the corners and the built files, free to be spoilt."""
    return Path(shutil.copytree(PLACE, tmp_path / "toronto-demo"))


@pytest.fixture(scope="module", params=["divisions", "neighbourhoods"])
def layer(request: pytest.FixtureRequest) -> dict[str, BaseGeometry]:
    """One demonstration layer, in degrees."""
    return read_geojson(PLACE / f"{request.param}.geojson", "id")


def test_the_committed_files_are_what_the_corners_give() -> None:
    """The check finds no difference and says nothing."""
    result = run("--check")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("name", BUILT)
def test_check_names_a_file_edited_by_hand_and_a_build_restores_it(copy: Path, name: str) -> None:
    """A changed file fails the check by name; building again gives the committed bytes."""
    (copy / name).write_bytes((copy / name).read_bytes() + b"\n")
    refused = run("--check", "--folder", str(copy))
    assert refused.returncode == 1
    assert name in refused.stderr
    assert run("--folder", str(copy)).returncode == 0
    assert (copy / name).read_bytes() == (PLACE / name).read_bytes()


def test_check_writes_nothing_where_a_file_is_missing(copy: Path) -> None:
    """The check reports a missing file and leaves it missing."""
    (copy / "divisions.geojson").unlink()
    assert run("--check", "--folder", str(copy)).returncode == 1
    assert not (copy / "divisions.geojson").exists()


def swap_corners(text: str) -> str:
    """Exchange the places of the first and the third corner of D13."""
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("D13,1,"))
    first, third = lines[at].rsplit(",", 2), lines[at + 2].rsplit(",", 2)
    lines[at], lines[at + 2] = ",".join([first[0], *third[1:]]), ",".join([third[0], *first[1:]])
    return "\n".join(lines) + "\n"


def add_corners(text: str) -> str:
    """Append a ring of 26 corners to D53."""
    ring = [
        f"D53,{n + 1},A St,B St,{-79.3 + 0.001 * np.cos(n / 26 * 6.283):.5f},{43.7 + 0.001 * np.sin(n / 26 * 6.283):.5f}" for n in range(26)
    ]
    return text + "\n".join(ring) + "\n"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (swap_corners, "D13: Self-intersection"),
        (add_corners, "D53: a ring of 26 corners"),
        (lambda text: text.replace("cross_street", "corner", 1), "columns are"),
        (lambda text: text.replace("D11,2,", "D11,3,", 1), "row 3: order '3' of D11"),
        (lambda text: text.replace("D11,2,", "D99,2,", 1), "row 3: unknown boundary 'D99'"),
        (lambda text: text.replace("Jane St", "", 1), "row 3: a blank or surplus field"),
        (lambda text: text.replace(",-79.", ",west 79.", 1), "row 2: lon 'west 79."),
        (
            lambda text: "\n".join(line for line in text.splitlines() if not line.startswith("D14")) + "\n",
            "D14 (14 Division) has no corners",
        ),
    ],
)
def test_corners_that_cannot_be_built_are_refused_by_place_and_write_nothing(copy: Path, spoil, words: str) -> None:
    """One clear line on stderr, exit 1, built files untouched."""
    corners = copy / "digitised.csv"
    corners.write_text(spoil(corners.read_text(encoding="utf-8")), encoding="utf-8")
    before = {name: (copy / name).read_bytes() for name in BUILT}
    result = run("--folder", str(copy))
    assert result.returncode == 1
    assert words in result.stderr
    assert {name: (copy / name).read_bytes() for name in BUILT} == before


def test_every_corner_names_two_streets_and_has_five_decimals() -> None:
    """Each row is a corner a person can find again."""
    for row in read_rows():
        assert row["street"].strip()
        assert row["cross_street"].strip()
        assert row["street"] != row["cross_street"]
        assert [len(row[column].partition(".")[2]) for column in ("lon", "lat")] == [5, 5], row


def test_one_corner_has_one_place_and_one_place_one_corner() -> None:
    """Neighbours that share a corner share its coordinates, whichever street is named first."""
    places, names = defaultdict(set), defaultdict(set)
    for row in read_rows():
        name, place = frozenset((row["street"], row["cross_street"])), (row["lon"], row["lat"])
        places[name].add(place)
        names[place].add(name)
    assert [name for name, found in places.items() if len(found) > 1] == []
    assert [place for place, found in names.items() if len(found) > 1] == []


def test_no_ring_has_more_than_25_corners() -> None:
    """Counted in the corners and in the built rings, the closing one left out."""
    rings = Counter()
    for row in read_rows():
        rings[row["boundary"], "start"] += row["order"] == "1"
        rings[row["boundary"], rings[row["boundary"], "start"]] += 1
    assert max(count for (_, part), count in rings.items() if part != "start") <= 25
    for name in ("divisions", "neighbourhoods"):
        for polygon in read_geojson(PLACE / f"{name}.geojson", "id").values():
            assert all(len(part.exterior.coords) - 1 <= 25 for part in shapely.get_parts(polygon))


def test_six_divisions_and_twenty_neighbourhoods_with_those_around_the_scenario() -> None:
    """The counts of the issue; Wellington Place, Kensington-Chinatown and what adjoins them."""
    divisions = read_geojson(PLACE / "divisions.geojson", "id")
    neighbourhoods = read_geojson(PLACE / "neighbourhoods.geojson", "id")
    assert (len(divisions), len(neighbourhoods)) == (6, 20)
    assert {"164", "078", "079", "080", "081", "162", "165", "169", "170"} <= set(neighbourhoods)
    assert list(divisions) == sorted(divisions)
    assert list(neighbourhoods) == sorted(neighbourhoods)


def test_polygons_are_valid_counter_clockwise_and_whole(layer: dict[str, BaseGeometry]) -> None:
    """RFC 7946 winding; no hole; no part smaller than a park."""
    for polygon in layer.values():
        assert polygon.is_valid
        for part in shapely.get_parts(polygon):
            assert part.exterior.is_ccw
            assert not part.interiors
            assert in_metres(part).area > 300_000


def test_neighbours_neither_overlap_nor_leave_gaps(layer: dict[str, BaseGeometry]) -> None:
    """Shared streets are shared corners: no overlap above 0.1 % of the smaller, no hole in the union."""
    metric = {name: in_metres(polygon) for name, polygon in layer.items()}
    overlaps = {(a, b): metric[a].intersection(metric[b]).area / min(metric[a].area, metric[b].area) for a, b in combinations(metric, 2)}
    assert {pair: share for pair, share in overlaps.items() if share > 0.001} == {}
    assert sum(len(part.interiors) for part in shapely.get_parts(shapely.union_all(list(metric.values())))) == 0


def test_metadata_says_for_demonstration_only_and_pins_both_files() -> None:
    """Digest, count, id and label fields, CRS and licence are those of the files."""
    metadata = tomllib.loads((PLACE / "metadata.toml").read_text(encoding="utf-8"))
    assert metadata["use"] == "for demonstration only"
    assert (metadata["format"], metadata["id"], metadata["label"], metadata["crs"], metadata["licence"]) == (
        1,
        "id",
        "name",
        "CRS84",
        "Apache-2.0",
    )
    assert {name: entry["count"] for name, entry in metadata["files"].items()} == {"divisions.geojson": 6, "neighbourhoods.geojson": 20}
    for name, entry in metadata["files"].items():
        assert hashlib.sha256((PLACE / name).read_bytes()).hexdigest() == entry["sha256"]


@pytest.fixture(scope="module")
def official(shared: Path) -> dict[str, dict[str, BaseGeometry]]:
    """The official outlines, for measuring only."""
    folder = shared / "data" / "toronto_boundaries"
    return {layer: read_geojson(folder / name, field) for layer, (name, field) in OFFICIAL.items()}


@pytest.mark.shared
def test_outlines_overlap_the_official_ones(official: dict[str, dict[str, BaseGeometry]]) -> None:
    """Median IoU at least 0.85, none below 0.75 (run with -s for the table)."""
    table = []
    for layer, outlines in official.items():
        for name, polygon in read_geojson(PLACE / f"{layer}.geojson", "id").items():
            ours, theirs = in_metres(polygon), in_metres(outlines[name])
            table.append((name, ours.intersection(theirs).area / ours.union(theirs).area, ours.area / 1e6, theirs.area / 1e6))
    print("\nid    IoU     ours km2  official km2")
    for name, overlap, ours_km2, theirs_km2 in table:
        print(f"{name:<4} {overlap:7.4f} {ours_km2:9.2f} {theirs_km2:13.2f}")
    overlaps = [row[1] for row in table]
    print(f"median {statistics.median(overlaps):.4f}  lowest {min(overlaps):.4f}")
    assert len(overlaps) == 26
    assert statistics.median(overlaps) >= 0.85
    assert min(overlaps) >= 0.75


@pytest.mark.shared
def test_names_are_the_official_ones(shared: Path) -> None:
    """Ids and labels agree with the official layers."""
    for layer, label in (("divisions", "UNIT_NAME"), ("neighbourhoods", "AREA_NAME")):
        name, field = OFFICIAL[layer]
        official = json.loads((shared / "data" / "toronto_boundaries" / name).read_text(encoding="utf-8"))["features"]
        labels = {feature["properties"][field]: feature["properties"][label] for feature in official}
        for feature in json.loads((PLACE / f"{layer}.geojson").read_text(encoding="utf-8"))["features"]:
            assert feature["properties"]["name"] == labels[feature["properties"]["id"]]


@pytest.mark.shared
def test_corners_are_not_official_vertices(official: dict[str, dict[str, BaseGeometry]]) -> None:
    """At most 1 % of the corners may meet an official vertex to five decimals, by chance."""
    corners = {(float(row["lon"]), float(row["lat"])) for row in read_rows()}
    vertices = {
        (round(x, 5), round(y, 5))
        for outlines in official.values()
        for polygon in outlines.values()
        for x, y in shapely.get_coordinates(polygon)
    }
    shared_places = corners & vertices
    print(f"\n{len(corners)} corners, {len(shared_places)} on an official vertex")
    assert len(shared_places) <= 0.01 * len(corners)


def plain_name(street: str) -> str:
    """The street without its west or east half, side of the road and station."""
    return re.sub(r"^Lower | (West|East|W|E)$", "", re.sub(r" (North|South|East|West) Side.*", "", street.split(" - ")[0]))


@pytest.mark.shared
def test_street_corners_stand_at_the_stops_named_for_them(shared: Path) -> None:
    """A corner with stops on both of its streets lies within 80 m of their mean."""
    stops = defaultdict(list)
    with gzip.open(shared / "data" / "toronto_venues" / "ttc_stops.txt.gz", "rt", encoding="utf-8") as file:
        for stop in csv.DictReader(file):
            street, at, cross_street = stop["stop_name"].partition(" at ")
            if at:
                stops[frozenset((plain_name(street), plain_name(cross_street)))].append((float(stop["stop_lon"]), float(stop["stop_lat"])))
    distances = {}
    for row in read_rows():
        found = stops[frozenset((plain_name(row["street"]), plain_name(row["cross_street"])))]
        if len(found) > 1:
            lon, lat = np.mean(found, axis=0)
            metres = Geod(ellps="WGS84").inv(lon, lat, float(row["lon"]), float(row["lat"]))[2]
            distances[f"{row['street']} at {row['cross_street']}"] = metres
    print(f"\n{len(distances)} street corners, farthest {max(distances.values()):.0f} m from their stops")
    assert len(distances) >= 60
    assert {corner: metres for corner, metres in distances.items() if metres > 80} == {}


@pytest.mark.shared
def test_scenario_one_shares_stay_near_the_official_ones(official: dict[str, dict[str, BaseGeometry]]) -> None:
    """A 600 m circle at Queen St W and Spadina Ave: each share within 2 points of the official layers."""
    lons, lats, _ = Geod(ellps="WGS84").fwd(np.full(360, -79.39660), np.full(360, 43.64867), np.arange(360.0), np.full(360, 600.0))
    circle = in_metres(shapely.Polygon(np.column_stack([lons, lats])))
    for layer, outlines in official.items():
        for name, polygon in read_geojson(PLACE / f"{layer}.geojson", "id").items():
            ours = circle.intersection(in_metres(polygon)).area / circle.area
            theirs = circle.intersection(in_metres(outlines[name])).area / circle.area
            assert ours == pytest.approx(theirs, abs=0.02), name
            if ours > 0:
                print(f"\n{name} {ours:.1%} (official {theirs:.1%})", end="")
