"""Venues from GeoJSON and GeoPackage: the same columns, the position from the point."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely import Point, box

from geoalert.directory.columns import VENUE_COLUMNS
from geoalert.directory.load import read_channels, read_venues
from geoalert.errors import DirectoryError

CELLS = {
    **dict.fromkeys(VENUE_COLUMNS, ""),
    "name": "Example Club",
    "category": "nightlife.nightclub",
    "scope": "restricted",
    "opening_hours": "Th-Sa 22:00-02:30",
    "consented": "2026-10-02",
}


def geojson(path: Path, *features: dict[str, Any], **more: Any) -> Path:
    """Writes a feature collection; lat and lon are left to the geometry unless given."""
    made = []
    for number, feature in enumerate(features):
        geometry = feature.pop("geometry", {"type": "Point", "coordinates": [-79.39511 + number / 1000, 43.64702]})
        cells = {name: value for name, value in {**CELLS, "id": f"v-{number}", **feature}.items() if name not in ("lat", "lon") or value}
        made.append({"type": "Feature", "properties": cells, "geometry": geometry})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made, **more}))
    return path


def test_geojson_reads_as_csv_does(tmp_path: Path) -> None:
    """Properties are the columns, the point is the position, lists may be lists."""
    path = geojson(tmp_path / "venues.geojson", {"languages": ["en", "fr"], "sms": "+1 416-555-0142"}, {})

    first, second = read_venues(path)

    assert (first.lon, first.lat, first.languages, first.sms) == (-79.39511, 43.64702, ("en", "fr"), "+1 416-555-0142")
    assert (second.id, second.consented, second.opening_hours) == ("v-1", date(2026, 10, 2), "Th-Sa 22:00-02:30")


def test_geopackage_keeps_dates_and_blanks(tmp_path: Path) -> None:
    """Date columns arrive as days, NULL and NaN as blanks; a missing CRS is asked for; a damaged file is refused."""
    import pandas as pd

    values = {name: value for name, value in CELLS.items() if name not in ("lat", "lon")}
    rows = pd.DataFrame([{**values, "id": "v-1"}, {**values, "id": "v-2", "sms": None}])
    rows["consented"] = pd.Series([pd.Timestamp("2026-10-02"), pd.NaT])
    frame = geopandas.GeoDataFrame(rows, geometry=[Point(-79.395, 43.647), Point(-79.396, 43.648)], crs="EPSG:4326")
    path, bare = tmp_path / "venues.gpkg", tmp_path / "bare.gpkg"
    frame.to_file(path)
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        geopandas.GeoDataFrame(rows, geometry=list(frame.geometry)).to_file(bare)

    first, second = read_venues(path)

    assert (first.consented, second.consented, second.sms) == (date(2026, 10, 2), None, "")
    for file, table, code in ((bare, None, "missing_crs"), (path, "pubs", "which_table")):
        with pytest.raises(DirectoryError) as caught:
            read_venues(file, table=table)
        assert caught.value.code == code
    assert read_venues(bare, crs="EPSG:4326") == (first, second)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DirectoryError) as caught:
        read_venues(path)
    assert caught.value.code == "unreadable_file"


def test_projected_geojson_with_an_old_crs_member_is_converted(tmp_path: Path) -> None:
    """The member is honoured; an unknown one is refused."""
    point = {"type": "Point", "coordinates": [629407.0, 4833993.0]}
    path = geojson(tmp_path / "venues.geojson", {"geometry": point}, crs={"type": "name", "properties": {"name": "EPSG:26917"}})

    (one,) = read_venues(path)

    assert one.lon == pytest.approx(-79.3954, abs=2e-3)
    assert one.lat == pytest.approx(43.6470, abs=2e-3)
    path.write_text(path.read_text().replace("EPSG:26917", "EPSG:999999"))
    with pytest.raises(DirectoryError) as caught:
        read_venues(path)
    assert caught.value.code == "unknown_crs"


def test_numeric_ids_and_feature_ids_are_ids(tmp_path: Path) -> None:
    """A number is an id too, as a property or as the feature's own; numbers that lost their point stay whole."""
    path = geojson(tmp_path / "venues.geojson", {"id": 7, "sms": 4165550142.0}, {"id": 8})
    own = tmp_path / "own.geojson"
    document = json.loads(path.read_text())
    for feature in document["features"]:
        feature["id"] = feature["properties"].pop("id")
    own.write_text(json.dumps(document))

    assert [venue.id for venue in read_venues(path)] == ["7", "8"]
    assert read_venues(own) == read_venues(path)
    assert read_venues(path)[0].sms == "4165550142"


def test_gzipped_geojson_reads_alike(tmp_path: Path) -> None:
    """A packed file needs no unpacking by hand."""
    plain = geojson(tmp_path / "venues.geojson", {}, {})
    packed = tmp_path / "venues.geojson.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read_venues(packed) == read_venues(plain)


def test_geopackage_in_another_crs_is_converted(tmp_path: Path) -> None:
    """Metres of UTM zone 17N come back as the same degrees."""
    frame = geopandas.GeoDataFrame(
        [{name: value for name, value in CELLS.items() if name not in ("lat", "lon")} | {"id": "v-1"}],
        geometry=[Point(-79.39511, 43.64702)],
        crs="EPSG:4326",
    )
    path = tmp_path / "venues.gpkg"
    frame.to_crs("EPSG:26917").to_file(path, layer="clubs")
    frame.to_file(path, layer="pubs")

    (one,) = read_venues(path, table="clubs")

    assert one.lon == pytest.approx(-79.39511, abs=1e-5)
    assert one.lat == pytest.approx(43.64702, abs=1e-5)
    with pytest.raises(DirectoryError, match="clubs, pubs") as caught:
        read_venues(path)
    assert caught.value.code == "which_table"


@pytest.mark.parametrize(
    ("feature", "code", "field"),
    [
        (
            {"geometry": {"type": "Polygon", "coordinates": [list(map(list, box(-79.4, 43.6, -79.3, 43.7).exterior.coords))]}},
            "not_a_point",
            "geometry",
        ),
        ({"geometry": {"type": "Point", "coordinates": [43.64702, -79.39511]}}, "swapped_axes", "lat"),
        ({"geometry": None}, "missing_position", "lon"),
        ({"lat": 43.7, "lon": -79.39511}, "position_disagrees", "lat"),
        ({"id": "a b"}, "invalid_id", "id"),
    ],
)
def test_a_bad_feature_is_named_by_its_number(tmp_path: Path, feature: dict[str, Any], code: str, field: str) -> None:
    """Features count from 1."""
    path = geojson(tmp_path / "venues.geojson", {"lat": 43.64702, "lon": -79.39511}, feature)

    with pytest.raises(DirectoryError) as caught:
        read_venues(path)

    err = caught.value
    if code != "missing_position":
        assert (err.row, err.field) == (2, field)
    assert err.code == code


def test_unknown_and_missing_columns_are_refused(tmp_path: Path) -> None:
    """The header of a feature file is its properties."""
    unknown = geojson(tmp_path / "a.geojson", {"categorie": "x"})
    missing = tmp_path / "b.geojson"
    missing.write_text(unknown.read_text().replace('"email": "", ', "").replace('"categorie": "x"', '"languages": ""'))

    for path, code in ((unknown, "unknown_column"), (missing, "missing_column")):
        with pytest.raises(DirectoryError) as caught:
            read_venues(path)
        assert caught.value.code == code


def test_a_broken_feature_file_is_refused(tmp_path: Path) -> None:
    """Cut-off JSON is one clear error."""
    path = tmp_path / "venues.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [{"type"')

    with pytest.raises(DirectoryError) as caught:
        read_venues(path)

    assert caught.value.code == "unreadable_file"


def test_channels_read_from_features_without_regard_to_geometry(tmp_path: Path, write: Callable[..., Path]) -> None:
    """A table of channels kept in a GIS gives what its CSV gives."""
    source = write("channels", {"speaks_for": "division:D14;division:D52"})
    (row,) = csv.DictReader(io.StringIO(source.read_text()))
    path = tmp_path / "channels.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": row, "geometry": None}]}))

    assert read_channels(path) == read_channels(source)


@pytest.mark.shared
def test_the_school_list_whose_geometry_is_one_point_is_refused(shared: Path) -> None:
    """Its LATITUDE and LONGITUDE columns are right, and the error says so."""
    with pytest.raises(DirectoryError, match="all 1327 rows lie on one point") as caught:
        read_venues(shared / "data/toronto_venues/schools_2018_bad_geometry.geojson.gz")

    assert caught.value.code == "same_point"
    assert "LATITUDE" in str(caught.value.do)
    assert "LONGITUDE" in str(caught.value.do)


@pytest.mark.shared
def test_a_converted_subset_of_open_data_reads(shared: Path, tmp_path: Path) -> None:
    """Real names, accents and positions go through the documented columns unharmed."""
    with gzip.open(shared / "data/toronto_venues/venues_open_data.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["name"].strip()][:2000]
    path = tmp_path / "venues.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(VENUE_COLUMNS)
        for number, row in enumerate(rows):
            table.writerow([f"od-{number}", row["name"], "leisure.park", row["lat"], row["lon"], *[""] * 4, "public", *[""] * 4])

    venues = read_venues(path)

    assert len(venues) == 2000
    assert [venue.name for venue in venues] == [row["name"].strip() for row in rows]
    assert [(venue.lat, venue.lon) for venue in venues] == [(float(row["lat"]), float(row["lon"])) for row in rows]
