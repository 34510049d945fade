"""A file names only what lies in its own folder or below: by no path, link, folder or part of a shapefile anything else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geoalert.errors import AlertError
from geoalert.files import beside
from geoalert.files.beside import path_beside, read_beside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An alert's folder, beside things that are none of its business."""
    made = tmp_path / "alerts"
    (made / "gis" / "deep").mkdir(parents=True)
    (made / "open.gdb").mkdir()
    (tmp_path / "secret.geojson").write_text("planted-4711", encoding="utf-8")
    (tmp_path / "alerts-of-others").mkdir()
    (made / "zone.shp").touch()
    (made / "lake.geojson").touch()
    (made / "gis" / "same.geojson").symlink_to(made / "lake.geojson")
    return made


OUTSIDE = [
    "../secret.geojson", "gis/../../secret.geojson", "/etc/passwd", "../alerts-of-others", "..", "gis\\..\\x", "C:\\x", "c:x",
    "\\\\host\\x",
    "", "a\0b", "link.geojson", "loop", "~/x/../../..",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_path_that_leads_out_is_refused(folder: Path, name: str) -> None:
    """Parents, absolute paths, drives, shares, links, loops of links and null bytes, with one code."""
    (folder / "link.geojson").symlink_to(folder.parent / "secret.geojson")
    (folder / "loop").symlink_to(folder / "loop")

    for ask in (lambda: path_beside(folder, name, field="area"), lambda: read_beside(folder, name, field="area", limit_bytes=100)):
        with pytest.raises(AlertError) as refused:
            ask()
        assert (refused.value.code, refused.value.field) == ("path_outside", "area")
        assert "4711" not in str(refused.value)


@pytest.mark.parametrize(
    ("link", "name"),
    [("zone.dbf", "zone.shp"), ("ZONE.PRJ", "zone.shp"), ("gis/deep/x.geojson", "gis"), ("open.gdb/a00000001.gdbtable", "open.gdb")],
)
def test_what_is_read_along_with_a_file_stays_inside_too(folder: Path, link: str, name: str) -> None:
    """Parts of a shapefile, files of a folder, tables of a geodatabase; a link inside the folder is followed."""
    assert path_beside(folder, name, field="area").exists()
    (folder / link).symlink_to(folder.parent / "secret.geojson")

    with pytest.raises(AlertError) as refused:
        path_beside(folder, name, field="area")

    assert refused.value.code == "path_outside"


def test_a_pipe_is_refused_before_it_could_block(folder: Path) -> None:
    """Nobody waits for what never comes."""
    os.mkfifo(folder / "area.toml")

    with pytest.raises(AlertError) as refused:
        path_beside(folder, "area.toml", field="area")

    assert refused.value.code == "not_a_file"


def test_a_folder_too_full_to_look_through_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts entries, links or not."""
    monkeypatch.setattr(beside, "MOST_ENTRIES", 1)

    with pytest.raises(AlertError) as refused:
        path_beside(folder, "gis", field="area")

    assert refused.value.code == "too_many_files"
