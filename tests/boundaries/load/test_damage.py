"""Damaged and hostile files: one error of the tree, never anything else."""

from __future__ import annotations

import gzip
import random
import shutil
import warnings
import zipfile
from pathlib import Path

import geopandas
import pyogrio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoalert.boundaries.load import inspect_file, opening, read_layer
from geoalert.errors import BoundaryError, ConfigurationError, GeoAlertError
from tests.boundaries.load.conftest import EAST, WEST

SEEDS = (
    "a.geojson",
    "a.geojsonl",
    "a.shp",
    "a.dbf",
    "a.shx",
    "a.prj",
    "a.gpkg",
    "a.kml",
    "a.kmz",
    "a.csv",
    "a.parquet",
    "a.zip",
    "a.geojson.gz",
)
WRITERS = {
    "a.geojson": "GeoJSON",
    "a.geojsonl": "GeoJSONSeq",
    "a.shp": "ESRI Shapefile",
    "a.gpkg": "GPKG",
    "a.kml": "LIBKML",
    "a.kmz": "LIBKML",
}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One good file of each format."""
    folder = tmp_path_factory.mktemp("seeds")
    frame = geopandas.GeoDataFrame({"CODE": ["097", "098"], "NAME": ["West", "East"]}, geometry=[WEST, EAST], crs="EPSG:4326")
    for name, writer in WRITERS.items():
        pyogrio.write_dataframe(frame, folder / name, driver=writer)
    frame.to_parquet(folder / "a.parquet")
    frame.assign(WKT=frame.geometry.to_wkt()).drop(columns="geometry").to_csv(folder / "a.csv", index=False)
    (folder / "a.geojson.gz").write_bytes(gzip.compress((folder / "a.geojson").read_bytes()))
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "a.geojson", "a.geojson")
    return folder


def read_anyhow(path: Path) -> None:
    """Reads and inspects; lets out nothing but errors of the tree."""
    for read in (lambda: read_layer(path, name="n", id="CODE", label="NAME"), lambda: inspect_file(path)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                read()
            except (GeoAlertError, ConfigurationError) as err:
                if not (err.code and err.do and err.file):
                    raise AssertionError(f"{err!r} lacks code, file or do") from err


def damaged(content: bytes, kind: str, randomly: random.Random) -> bytes:
    if kind == "cut":
        return content[: randomly.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(randomly.randrange(1, 12)):
        changed[randomly.randrange(len(changed))] = randomly.randrange(256)
    return bytes(changed)


@given(seed=st.sampled_from(SEEDS), kind=st.sampled_from(["cut", "changed"]), randomly=st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_damage_never_raises_anything_else(
    seeds: Path, tmp_path_factory: pytest.TempPathFactory, seed: str, kind: str, randomly: random.Random
) -> None:
    """Cut short or with bytes changed, each format is read or refused with code, file and what to do."""
    folder = tmp_path_factory.mktemp("damaged")
    if seed.startswith("a.") and seed.split(".")[1] in ("shp", "dbf", "shx", "prj"):
        for part in (".shp", ".dbf", ".shx", ".prj", ".cpg"):
            shutil.copy(seeds / f"a{part}", folder)
    (folder / seed).write_bytes(damaged((seeds / seed).read_bytes(), kind, randomly))
    read_anyhow(folder / (seed if seed.split(".")[1] not in ("dbf", "shx", "prj") else "a.shp"))


@given(
    content=st.binary(max_size=300), suffix=st.sampled_from([".geojson", ".csv", ".kml", ".gpkg", ".zip", ".gz", ".shp", ".parquet", ""])
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str) -> None:
    """Noise under any name is one error."""
    path = tmp_path_factory.mktemp("noise") / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(GeoAlertError):
        read_layer(path, name="n", id="CODE")


@pytest.mark.parametrize("seed", ["a.geojson", "a.shp", "a.gpkg", "a.kml", "a.kmz", "a.parquet", "a.zip", "a.geojson.gz"])
def test_a_file_cut_in_half_cannot_be_read(seeds: Path, tmp_path: Path, seed: str) -> None:
    """Half a download is unreadable_file."""
    if seed == "a.shp":
        for part in (".dbf", ".shx", ".prj"):
            shutil.copy(seeds / f"a{part}", tmp_path)
    content = (seeds / seed).read_bytes()
    (tmp_path / seed).write_bytes(content[: len(content) // 2])
    with pytest.raises(BoundaryError) as caught:
        read_layer(tmp_path / seed, name="n", id="CODE")
    assert caught.value.code in ("unreadable_file", "missing_geometry")


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    """A hundred thousand brackets exhaust nothing."""
    path = tmp_path / "a.geojson"
    for text in ("[" * 100_000, '{"type":"Polygon","coordinates":' + "[" * 50_000 + "]" * 50_000 + "}"):
        path.write_text(text)
        read_anyhow(path)


@pytest.mark.parametrize("name", ["../a.geojson", "/etc/a.geojson", "a\\..\\b.geojson", "c:a.geojson"])
def test_archives_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    """Nothing is written outside the room for unpacking."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "{}")
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "unsafe_archive"


def test_links_in_archives_are_refused(tmp_path: Path) -> None:
    """A symbolic link could point anywhere."""
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("a.geojson")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "unsafe_archive"


@pytest.mark.parametrize("name", ["a.zip", "a.geojson.gz"])
def test_bombs_stop_at_the_limit(tmp_path: Path, name: str) -> None:
    """What comes out is counted as it comes, whatever the archive claims."""
    path = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.geojson", b" " * 5_000_000)
    else:
        path.write_bytes(gzip.compress(b" " * 5_000_000))
    with pytest.raises(BoundaryError) as caught, opening.opened(path, most_bytes=1_000_000):
        pass
    assert caught.value.code == "archive_too_large"


def test_archives_full_of_archives_are_refused(tmp_path: Path) -> None:
    """Quines and nests of zips end."""
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.txt", "x")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20):
            archive.write(inner, f"{number}.zip")
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "unsafe_archive"


def test_kml_entities_are_refused(tmp_path: Path) -> None:
    """Entities could name other files or grow without end."""
    path = tmp_path / "a.kml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml><Document>&a;</Document></kml>')
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code == "unreadable_file"


@pytest.mark.parametrize("content", ['<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>', "CODE;x\n1;2\n", "%PDF-1.4"])
def test_a_false_name_never_opens_another_format(tmp_path: Path, content: str) -> None:
    """GDAL's virtual formats could read any file; a name ending in .gpkg opens none of them."""
    path = tmp_path / "a.gpkg"
    path.write_text(content)
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="CODE")
    assert caught.value.code in ("unknown_format", "unreadable_file")


@pytest.mark.parametrize("name", ["nothing.geojson", "no/folder/a.shp"])
def test_a_path_that_is_not_there_says_so(tmp_path: Path, name: str) -> None:
    """The path as the user gave it is in the error."""
    path = tmp_path / name
    with pytest.raises(BoundaryError) as caught:
        read_layer(path, name="n", id="CODE")
    assert (caught.value.code, caught.value.file) == ("file_not_found", str(path))


def test_junk_beside_a_good_file_is_passed_over(seeds: Path, tmp_path: Path) -> None:
    """An empty table or a portal's page in the same zip does not hide the layer; alone it is the error."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("empty.csv", "")
        archive.writestr("__MACOSX/a.geojson", "{}")
    with pytest.raises(BoundaryError, match="empty") as caught:
        read_layer(path, name="n", id="CODE")
    assert (caught.value.code, caught.value.file) == ("unreadable_file", f"{path}/empty.csv")
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(seeds / "a.geojson", "a.geojson")
    assert len(read_layer(path, name="n", id="CODE")) == 2


def test_a_folder_of_thousands_of_files_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder named by mistake ends quickly."""
    monkeypatch.setattr(opening, "MOST_MEMBERS", 3)
    for number in range(5):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(BoundaryError) as caught:
        read_layer(tmp_path, name="n", id="CODE")
    assert caught.value.code == "too_many_files"


def test_nothing_unpacked_is_left_behind(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The room for unpacking goes with the reading, whether it worked or not."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert len(read_layer(seeds / "a.zip", name="n", id="CODE")) == 2
    with pytest.raises(BoundaryError):
        read_layer(seeds / "a.zip", name="n", id="nothing")
    assert list(tmp_path.iterdir()) == []
