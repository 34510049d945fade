"""Corners from stops, tables and centrelines; what cannot be read names its row."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from pathlib import Path

import geopandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from geoalert.errors import BoundaryError, CRSError, ExplainedError, GeometryError
from geoalert.places import Sighting, gather
from geoalert.places.load import build_places, read_corners, read_places
from geoalert.places.store import open_places, write_places

STOPS = """stop_id,stop_name,stop_lat,stop_lon
1,Harbour St West at Mill Ave,43.6500,-79.4000
2,Mill Ave at Harbour St West South Side,43.6504,-79.4002
3,Harbour St West at Bridge Rd - Town Hospital,43.6520,-79.3900
4,Harbour St West at Hill Rd/Dale Rd,43.6530,-79.3800
5,312 Harbour St West,43.6501,-79.4001
6,Opposite 9 Mill Ave,43.6510,-79.4001
7,9 Mill Ave at Harbour St West,43.6510,-79.4001
8,Central Station,43.6540,-79.3700
"""
HEADS = ("street,cross_street,lon,lat", "stop_name,stop_lat,stop_lon", "street,cross_street", "")
CORNERS = "street;cross_street;lat;lon\nHarbour St W;Mill Ave;43.65;-79.4\nHarbour St W;Bridge Rd;43.652;-79.39\n"


def written(path: Path, text: str) -> Path:
    """The file with that text."""
    path.write_text(text, encoding="utf-8")
    return path


def lines(folder: Path, name: str, crs: str) -> Path:
    """Centrelines: a street in two parts, one that meets its middle, one that only passes over, one without a name."""
    frame = geopandas.GeoDataFrame(
        {"FULL_NAME": ["Harbour St W", "Harbour St W", "Mill Ave", "High Bridge", None]},
        geometry=[
            LineString([(-79.41, 43.65), (-79.40, 43.65)]),
            LineString([(-79.40, 43.65), (-79.39, 43.65)]),
            LineString([(-79.40, 43.66), (-79.40, 43.65), (-79.40, 43.64)]),
            LineString([(-79.395, 43.66), (-79.395, 43.64)]),
            LineString([(-79.41, 43.65), (-79.41, 43.64)]),
        ],
        crs="EPSG:4326",
    )
    frame.to_crs(crs).to_file(folder / name)
    return folder / name


def collection(line: list[list[float]], *properties: dict[str, object]) -> str:
    """One line for each of the properties, as GeoJSON."""
    geometry = {"type": "LineString", "coordinates": line}
    features = [{"type": "Feature", "properties": each, "geometry": geometry} for each in properties]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_stops_become_corners(tmp_path: Path) -> None:
    """Order, sides of the road and what stands behind a dash do not matter; stops that name no two streets are counted."""
    gathered = read_corners(written(tmp_path / "stops.txt", STOPS))

    names = {(gathered.spellings[c.street], gathered.spellings[c.cross_street]): (c.lon, c.lat, c.seen) for c in gathered.corners}
    assert names == {
        ("Harbour St W", "Mill Ave"): (-79.4001, 43.6502, 2),
        ("Bridge Rd", "Harbour St W"): (-79.39, 43.652, 1),
        ("Harbour St W", "Hill Rd"): (-79.38, 43.653, 1),
        ("Dale Rd", "Harbour St W"): (-79.38, 43.653, 1),
    }
    assert gathered.left_out == {"not named after two streets": 3, "house number": 1}


def test_stops_are_read_plain_packed_and_from_a_feed(tmp_path: Path) -> None:
    """A GTFS zip, a gzip'd file and the file itself hold the same corners."""
    plain = written(tmp_path / "stops.txt", STOPS)
    packed, feed = tmp_path / "stops.txt.gz", tmp_path / "feed.zip"
    packed.write_bytes(gzip.compress(STOPS.encode()))
    with zipfile.ZipFile(feed, "w") as archive:
        archive.writestr("stops.txt", "\ufeff" + STOPS)
        archive.writestr("agency.txt", "agency_name\n")

    assert read_corners(plain) == read_corners(packed) == read_corners(feed)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_of_corners_is_read(tmp_path: Path, mark: str) -> None:
    """Any column order, any usual delimiter."""
    gathered = read_corners(written(tmp_path / "corners.csv", CORNERS.replace(";", mark)))

    assert [(c.lon, c.lat) for c in gathered.corners] == [(-79.39, 43.652), (-79.4, 43.65)]


@pytest.mark.parametrize(("name", "crs"), [("streets.geojson", "EPSG:4326"), ("streets.gpkg", "EPSG:26917"), ("streets.shp", "EPSG:26917")])
def test_centrelines_meet_where_they_share_a_vertex(tmp_path: Path, name: str, crs: str) -> None:
    """Two named lines with one vertex are a corner; a bridge over and a nameless line are none."""
    gathered = read_corners(lines(tmp_path, name, crs))

    (corner,) = gathered.corners
    assert sorted(gathered.spellings.values()) == ["Harbour St W", "Mill Ave"]
    assert (corner.lon, corner.lat) == (-79.4, 43.65)
    assert gathered.left_out == {"line without a name": 1}


def test_a_shapefile_without_crs_is_read_only_where_one_is_named(tmp_path: Path) -> None:
    """Metre coordinates are never taken for degrees."""
    path = lines(tmp_path, "streets.shp", "EPSG:26917")
    path.with_suffix(".prj").unlink()

    with pytest.raises(CRSError) as caught:
        read_corners(path)
    assert caught.value.code == "missing_crs"
    assert read_corners(path, crs="EPSG:26917").corners[0].lat == 43.65


def test_two_names_along_one_line_are_no_corner_in_its_middle() -> None:
    """A long chain of shared vertices gives several corners, so that nobody is sent to the middle of it."""
    gathered = gather(Sighting("County Rd 10", "Main St", -79.4 + step * 0.001, 43.65) for step in range(20))

    assert len(gathered.corners) > 4
    assert max(corner.spread_m for corner in gathered.corners) < 150


def test_sightings_in_any_order_give_the_same_corners() -> None:
    """Corners and spellings do not depend on the file's order."""
    seen = [Sighting("A St", f"B{at % 3} Ave", -79.4 + at * 0.0007, 43.65) for at in range(30)]

    assert gather(seen) == gather(reversed(seen))


@pytest.mark.parametrize(
    ("text", "code", "row", "field"),
    [
        ("", "empty_file", None, None),
        ("street,cross_street\nA St,B St\n", "missing_column", 1, "lon"),
        ("a,lon,lat\n1,2,3\n", "missing_column", 1, None),
        ("street,cross_street,lon,lat\nA St,,-79,43\n", "blank_name", 2, "cross_street"),
        ("street,cross_street,lon,lat\nA St,B St,west,43\n", "not_a_number", 2, "lon"),
        ("street,cross_street,lon,lat\nA St,B St,43.6,-79.4\n", "swapped_axes", 2, "lat"),
        ("street,cross_street,lon,lat\nA St,B St,0,0\n", "null_island", 2, "lat"),
        ("street,cross_street,lon,lat\nA St,B St,nan,1\n", "not_finite", 2, "lat"),
        ("street,cross_street,lon,lat\nA St,B St,-79\n", "cell_count", 2, None),
        ('street,cross_street,lon,lat\n"A St,B St,-79,43\n', "unreadable_file", None, None),
        ("street,cross_street,lon,lat\n", "no_corners", None, None),
        ("street,cross_street,lon,lat\n5 A St,B St,-79,43\n", "no_corners", None, None),
    ],
)
def test_a_bad_table_is_refused_by_row(tmp_path: Path, text: str, code: str, row: int | None, field: str | None) -> None:
    """One error with file, row and what to do; nothing is written."""
    with pytest.raises(ExplainedError) as caught:
        build_places(written(tmp_path / "corners.csv", text), tmp_path / "places.sqlite")

    assert (caught.value.code, caught.value.row) == (code, row)
    assert field is None or code in ("not_finite", "null_island", "swapped_axes") or caught.value.field == field
    assert caught.value.do
    assert "corners.csv" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["corners.csv"]


def test_a_file_of_another_sort_says_what_it_wants(tmp_path: Path) -> None:
    """Polygons, points, unnamed columns, absent and damaged files."""
    points = tmp_path / "points.geojson"
    geopandas.GeoDataFrame({"name": ["x"]}, geometry=[Point(-79.4, 43.65)], crs="EPSG:4326").to_file(points)
    bare = tmp_path / "bare.geojson"
    feature = {
        "type": "Feature",
        "properties": {"kind": 1},
        "geometry": {"type": "LineString", "coordinates": [[-79.4, 43.6], [-79.4, 43.7]]},
    }
    bare.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    broken = tmp_path / "stops.txt.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00broken")

    absent = tmp_path / "no.csv"
    for path, code in ((points, "not_lines"), (bare, "unknown_field"), (broken, "unreadable_file"), (absent, "file_not_found")):
        with pytest.raises(BoundaryError) as caught:
            read_corners(path)
        assert caught.value.code == code, path
        assert path.name in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(st.one_of(st.text(max_size=20), st.floats().map(str)), max_size=5), max_size=6), head=st.sampled_from(HEADS))
def test_any_table_is_read_or_refused_with_one_coded_error(tmp_path: Path, rows: list[list[str]], head: str) -> None:
    """No cell breaks the reader, and nothing but corners on the earth comes out."""
    path = tmp_path / "corners.csv"
    path.write_bytes("\n".join([head, *(",".join(row) for row in rows)]).encode("utf-8", "surrogatepass"))

    try:
        gathered = read_corners(path)
    except ExplainedError as err:
        told = err.to_dict()
    else:
        told = {"code": "read", "do": "ask it"}
        assert all(abs(corner.lon) <= 180 and abs(corner.lat) <= 90 for corner in gathered.corners)
    assert told["code"]
    assert told["do"]


def test_the_same_corners_make_the_same_file(tmp_path: Path) -> None:
    """Two builds are equal byte for byte; the digest follows the corners."""
    one, two, other = tmp_path / "1.sqlite", tmp_path / "2.sqlite", tmp_path / "3.sqlite"
    source = written(tmp_path / "stops.txt", STOPS)
    build_places(source, one)
    build_places(source, two)
    build_places(written(tmp_path / "fewer.txt", STOPS.partition("4,Harbour")[0]), other)

    assert one.read_bytes() == two.read_bytes()
    with open_places(one) as first, open_places(other) as third:
        assert first.digest != third.digest
        assert (first.corners, first.streets, first.source) == (4, 5, "stops.txt")


def test_a_gazetteer_replaces_a_gazetteer_and_nothing_else(tmp_path: Path) -> None:
    """A name given by mistake costs no one a file."""
    source, out = written(tmp_path / "stops.txt", STOPS), tmp_path / "places.sqlite"
    build_places(source, out)
    build_places(source, out)
    ledger = tmp_path / "other.sqlite"
    connection = sqlite3.connect(ledger)
    connection.execute("CREATE TABLE t (x)")
    connection.close()

    for path in (source, ledger):
        before = path.read_bytes()
        with pytest.raises(BoundaryError) as caught:
            build_places(tmp_path / "stops.txt", path)
        assert caught.value.code == "not_a_gazetteer"
        assert path.read_bytes() == before
        with pytest.raises(BoundaryError, match="gazetteer"):
            open_places(path)


@pytest.mark.parametrize("kept", [0, 50, 100, 3000])
def test_a_gazetteer_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    """A damaged file never answers; the error says how to build it again."""
    path = tmp_path / "places.sqlite"
    build_places(written(tmp_path / "stops.txt", STOPS), path)
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(BoundaryError) as caught, open_places(path) as places:
        places.near("Harbour & Mill")

    assert caught.value.code in ("not_a_gazetteer", "unreadable_file")
    assert "geoalert places build" in (caught.value.do or "")


def test_an_absent_gazetteer_and_folder_are_named(tmp_path: Path) -> None:
    """Opening makes no file; writing makes no folder."""
    with pytest.raises(BoundaryError) as opening:
        open_places(tmp_path / "no.sqlite")
    with pytest.raises(BoundaryError) as writing:
        write_places(read_corners(written(tmp_path / "stops.txt", STOPS)), tmp_path / "no" / "places.sqlite")

    assert (opening.value.code, writing.value.code) == ("file_not_found", "output_unwritable")
    assert [path.name for path in tmp_path.iterdir()] == ["stops.txt"]


def test_a_small_table_is_asked_without_building(tmp_path: Path) -> None:
    """The file itself and the gazetteer built from it answer alike."""
    source = written(tmp_path / "corners.csv", CORNERS)
    build_places(source, tmp_path / "places.sqlite")

    with read_places(source) as one, read_places(tmp_path / "places.sqlite") as two:
        assert one.near("Harbour & Mill") == two.near("Harbour & Mill")
        assert one.digest == two.digest


def test_a_name_with_an_invisible_mark_is_left_out() -> None:
    """What turns the text that people read never reaches a label."""
    gathered = gather([Sighting("Harbour \u202eSt", "Mill Ave", -79.4, 43.65)])

    assert gathered.corners == ()
    assert gathered.left_out == {"unreadable name": 1}


def test_a_coordinate_that_cannot_be_is_refused_in_lines(tmp_path: Path) -> None:
    """Swapped axes are seen."""
    path = tmp_path / "swapped.geojson"
    path.write_text(collection([[43.65, -179.4], [43.66, -179.4]], {"name": "A St"}, {"name": "B St"}), encoding="utf-8")

    with pytest.raises(GeometryError):
        read_corners(path)
