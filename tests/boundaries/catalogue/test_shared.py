"""Real layers of several cities, installed from the portal on this machine."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from geoalert.area import Area
from geoalert.boundaries.load import read_layer
from geoalert.targeting import match
from tests.boundaries.catalogue.conftest import Site

pytestmark = pytest.mark.shared

NEW_YORK = {
    "precinct": ("nyc/police_precincts_2024.geojson.gz", "precinct", None, 77),
    "nta": ("nyc/nta_neighbourhoods.geojson", "NTACode", "NTAName", 195),
}
TORONTO = {
    "division": ("toronto_boundaries/tps_divisions.geojson", "DIV", "UNIT_NAME", 16),
    "neighbourhood": ("toronto_boundaries/neighbourhoods_158.geojson", "AREA_SHORT_CODE", "AREA_NAME", 158),
    "neighbourhood-140": ("toronto_boundaries/neighbourhoods_140.geojson", "AREA_SHORT_CODE", "AREA_NAME", 140),
    "ward": ("toronto_boundaries/city_wards_25.geojson", "AREA_SHORT_CODE", "AREA_NAME", 25),
}


def document(shared: Path, name: str) -> dict[str, Any]:
    """One GeoJSON file of the shared folder."""
    raw = (shared / "data" / name).read_bytes()
    found: dict[str, Any] = json.loads(gzip.decompress(raw) if name.endswith(".gz") else raw)
    return found


def entries(site: Site, shared: Path, layers: dict[str, tuple[str, str, str | None, int]], place: str, api: str) -> list[Any]:
    """The entries of a place, each served by the portal under its layer's name."""
    made = []
    for layer, (file, column, label, count) in layers.items():
        site.portal.layers[layer] = document(shared, file)
        site.portal.files[f"{layer}.geojson"] = json.dumps(site.portal.layers[layer]).encode()
        url = f"{site.portal.url}/files/{layer}.geojson"
        site.portal.packages[layer] = [{"name": layer, "format": "GeoJSON", "url": url}]
        made.append(site.entry(api, layer, place=place, layer=layer, id=column, label=label, count=count))
    return made


@pytest.mark.parametrize("api", ["arcgis", "socrata", "ckan", "wfs", "file"])
def test_new_york_is_installed_read_and_matched(site: Site, shared: Path, api: str) -> None:
    """77 precincts and 195 tabulation areas arrive; a circle in Times Square meets Midtown South and its neighbours."""
    site.portal.page_limit = 50

    installed = site.install(*entries(site, shared, NEW_YORK, "new-york", api))
    layers = [
        read_layer(site.project / one.file, name=one.layer, id=NEW_YORK[one.layer][1], label=NEW_YORK[one.layer][2]) for one in installed
    ]
    matches = match(Area.circle(lon=-73.9855, lat=40.7580, radius_m=300), layers)

    assert [one.count for one in installed] == [77, 195]
    assert {found.id for found in matches if found.layer == "precinct" and found.targeted} == {"14", "18"}
    assert {found.label for found in matches if found.layer == "nta" and found.targeted} == {"Midtown-Midtown South", "Clinton"}


def test_toronto_is_installed_with_ids_as_published(site: Site, shared: Path) -> None:
    """All four layers of the catalogue, with the fields it names; the 3-digit codes keep their zeros."""
    from geoalert.boundaries.catalogue import Catalogue

    shipped = {entry.layer: (entry.id, entry.label, entry.count) for entry in Catalogue.of_project().of("toronto")}

    installed = site.install(*entries(site, shared, TORONTO, "toronto", "ckan"))

    assert shipped == {layer: tuple(rest) for layer, (_, *rest) in TORONTO.items()}
    layer = read_layer(site.project / installed[1].file, name="neighbourhood", id="AREA_SHORT_CODE", label="AREA_NAME")
    assert "001" in set(layer.ids)


def test_changed_map_is_told_by_its_ids(site: Site, shared: Path) -> None:
    """The 2013 precincts in place of those of 2024: the 121st is missing, and that is what the error says."""
    (entry,) = entries(site, shared, {"precinct": NEW_YORK["precinct"]}, "new-york", "file")
    site.install(entry)
    old = document(shared, "nyc/police_precincts_2013.geojson.gz")
    for feature in old["features"]:
        feature["properties"] = {"precinct": str(feature["properties"]["Precinct"])}
    site.portal.files["precinct.geojson"] = json.dumps(old).encode()

    (installed,) = site.install(entry, accept=True)

    assert installed.difference is not None
    assert installed.difference.removed == ("121",)
    assert installed.difference.added == ()
