"""Whatever a file holds, reading it ends in rows or in one DirectoryError that names the file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geoalert.directory.columns import CHANNEL_COLUMNS, VENUE_COLUMNS
from geoalert.directory.load import read_channels, read_venues
from geoalert.errors import DirectoryError

CELLS = st.one_of(
    st.sampled_from(
        ["", "x", "own", "public", "*", "division:D52", "43.6", "-79.4", "nan", "1e999", "1-Mar", "46054", "24/7", "2026-11-02", '"', "=1"]
    ),
    st.text(max_size=12),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all examples write to."""
    return tmp_path_factory.mktemp("fuzz")


def reads_or_refuses(path: Path) -> None:
    """Reads the file as channels and as venues; an error must say where."""
    for read in (read_channels, read_venues):
        refused: DirectoryError | None = None
        try:
            read(path)
        except DirectoryError as err:
            refused = err
        assert refused is None or (refused.file == str(path) and refused.code != "invalid_directory" and str(refused))


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=300))
@example(b"\x1f\x8b\x08\x00broken")
@example(b"\xff\xfe\x00")
@example(b"{}")
@example(b'{"type": "FeatureCollection", "features": []}')
@example(b"SQLite format 3\x00rest")
def test_any_bytes(folder: Path, content: bytes) -> None:
    """Damaged, packed, cut-off or foreign files never raise anything else."""
    path = folder / "any.csv"
    path.write_bytes(content)

    reads_or_refuses(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), columns=st.sampled_from([CHANNEL_COLUMNS, VENUE_COLUMNS]), mark=st.sampled_from([",", ";", "\t"]))
def test_any_cells_below_the_right_header(folder: Path, data: st.DataObject, columns: tuple[str, ...], mark: str) -> None:
    """Every cell may hold anything."""
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=mark)
    table.writerow(columns)
    table.writerows(data.draw(st.lists(st.lists(CELLS, min_size=len(columns), max_size=len(columns)), max_size=4)))
    path = folder / "cells.csv"
    path.write_bytes(out.getvalue().encode("utf-8", errors="surrogatepass"))

    reads_or_refuses(path)


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(
        st.dictionaries(st.sampled_from(VENUE_COLUMNS), st.one_of(CELLS, st.none(), st.integers(), st.lists(CELLS, max_size=2)))
    ),
    geometry=st.sampled_from(
        [
            None,
            {"type": "Point", "coordinates": [-79.4, 43.6]},
            {"type": "Point", "coordinates": []},
            {"type": "Point", "coordinates": [-79.4, 43.6, 7]},
            {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        ]
    ),
)
def test_any_features(folder: Path, cells: list[dict[str, object]], geometry: dict[str, object] | None) -> None:
    """Properties of any type, geometries of any kind."""
    path = folder / "any.geojson"
    features = [{"type": "Feature", "properties": one, "geometry": geometry} for one in cells]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))

    reads_or_refuses(path)
