"""A portal on this machine, a project folder, and one call that installs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from geoalert.boundaries.catalogue import Catalogue, Entry, Installed, install
from geoalert.clock import Clock
from geoalert.http import Http
from tests.portal import Portal, running_portal

IDS = ("D9", "D10", "D11")


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A fresh server for each test."""
    with running_portal() as portal:
        yield portal


@dataclass
class Site:
    """One project and the portal it installs from; `waits` holds every pause that was asked for, in seconds."""

    portal: Portal
    project: Path
    clock: Clock
    waits: list[float] = field(default_factory=list)
    told: list[tuple[str, int, int | None]] = field(default_factory=list)

    def entry(self, api: str, dataset: str = "squares", **fields: Any) -> Entry:
        """The entry of a layer at the portal, as that kind of address."""
        addresses = {
            "arcgis": f"/arcgis/rest/services/{dataset}/FeatureServer/0",
            "wfs": "/geoserver/ows",
            "file": f"/files/{dataset}.geojson",
        }
        values: dict[str, Any] = {
            "place": "testville",
            "layer": "division",
            "title": "Divisions",
            "publisher": "Testville Police",
            "id": "ID",
        }
        values |= {"label": "NAME", "api": api, "address": self.portal.url + addresses.get(api, ""), "dataset": dataset}
        return Entry(**(values | fields))

    def install(self, *entries: Entry, internal: bool = True, **options: Any) -> list[Installed]:
        """Installs the place of the first entry, without waiting for real."""
        return install(
            entries[0].place,
            into=self.project,
            http=Http(clock=self.clock),
            clock=self.clock,
            catalogue=Catalogue(entries),
            internal=internal,
            sleep=self.waits.append,
            progress=lambda *step: self.told.append(step),
            **options,
        )

    @property
    def left(self) -> list[str]:
        """Every file below the project, relative to it."""
        return sorted(str(path.relative_to(self.project)) for path in self.project.rglob("*") if path.is_file())


@pytest.fixture
def site(portal: Portal, tmp_path: Path, clock: Clock) -> Site:
    """An empty project beside the portal."""
    return Site(portal, tmp_path, clock)


@pytest.fixture
def serve(portal: Portal) -> Callable[[dict[str, Any]], None]:
    """Puts one layer on the portal under the name `squares`, for every kind of address."""
    import json

    def put(document: dict[str, Any]) -> None:
        portal.layers["squares"] = document
        portal.files["squares.geojson"] = json.dumps(document).encode()
        url = f"{portal.url}/files/squares.geojson"
        portal.packages["squares"] = [
            {"name": "squares - 4326.geojson", "format": "GeoJSON", "url": url},
            {"name": "squares - 4326.zip", "format": "SHP", "url": url},
        ]

    return put
