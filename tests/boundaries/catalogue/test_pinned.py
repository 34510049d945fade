"""An installed layer that was edited afterwards is not read as if it were the accepted one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geoalert.boundaries.catalogue import verify_installed
from geoalert.boundaries.catalogue.entry import PROJECT_FILE
from geoalert.boundaries.load import read_layer
from geoalert.errors import BoundaryError, ConfigurationError
from tests.boundaries.catalogue.conftest import IDS, Site
from tests.portal import squares

FILE = "boundaries/testville/division.geojson"


@pytest.fixture
def project(site: Site, serve: Callable[[dict[str, Any]], None]) -> Path:
    """A project with one installed layer, and its entry in the project's own catalogue."""
    serve(squares(*IDS))
    site.install(site.entry("file"))
    entry = {"place": "testville", "layer": "division", "title": "Divisions", "publisher": "Testville Police", "api": "file"}
    entry |= {"address": f"{site.portal.url}/files/squares.geojson", "id": "ID", "label": "NAME", "checked": "never"}
    lines = ["format = 1", "[[layers]]", *(f"{name} = {json.dumps(value)}" for name, value in entry.items())]
    (site.project / PROJECT_FILE).write_text("\n".join(lines))
    return site.project


def edit(project: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    document = json.loads((project / FILE).read_bytes())
    change(document["features"])
    (project / FILE).write_text(json.dumps(document))


def verify(project: Path, *, label: str | None = "NAME", file: Path | None = None) -> None:
    verify_installed(project, file or project / FILE, read_layer(file or project / FILE, name="div", id="ID", label=label))


def move(features: list[dict[str, Any]]) -> None:
    for corner in features[0]["geometry"]["coordinates"][0]:
        corner[1] += 1e-5


def rename(features: list[dict[str, Any]]) -> None:
    features[1]["properties"]["NAME"] = "Another"


@pytest.mark.parametrize("label", ["NAME", None])
def test_an_untouched_layer_passes_whatever_label_the_project_reads(project: Path, label: str | None) -> None:
    """Also when only its rows were sorted otherwise."""
    verify(project, label=label)
    edit(project, lambda features: features.reverse())
    verify(project, label=label)
    verify_installed(project, Path(FILE), read_layer(project / FILE, name="div", id="ID"))


@pytest.mark.parametrize(
    ("change", "told"),
    [(move, "1 changed: D9"), (rename, "1 changed: D10"), (lambda features: features.pop(), "1 removed: D11")],
)
@pytest.mark.parametrize("label", ["NAME", None])
def test_an_edited_layer_is_refused_with_what_differs(project: Path, change: Any, told: str, label: str | None) -> None:
    """One metre is enough, and so is a name."""
    edit(project, change)

    with pytest.raises(BoundaryError, match=told) as refused:
        verify(project, label=label)

    assert refused.value.code == "boundaries_changed"
    assert refused.value.file == str(project / FILE)
    assert "geoalert boundaries install testville" in (refused.value.do or "")


def test_without_its_entry_the_layer_itself_is_compared(project: Path) -> None:
    """A catalogue that dropped the layer hides nothing."""
    (project / PROJECT_FILE).unlink()
    verify(project)
    edit(project, move)

    with pytest.raises(BoundaryError) as refused:
        verify(project)

    assert refused.value.code == "boundaries_changed"


def test_a_file_that_was_not_installed_is_not_asked(project: Path) -> None:
    """Maps of one's own change as their owner likes; so do those of a project without a lock."""
    own = project / "own.geojson"
    own.write_bytes((project / FILE).read_bytes())
    edit(project, move)

    verify(project, file=own)
    (project / "boundaries.lock").unlink()
    verify(project)


def test_a_damaged_lock_is_no_missing_one(project: Path) -> None:
    """It cannot say that nothing is pinned."""
    (project / "boundaries.lock").write_text("format = ")

    with pytest.raises(ConfigurationError) as refused:
        verify(project)

    assert refused.value.code == "invalid_lock"
