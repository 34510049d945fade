"""install: from every kind of portal into a project, whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest

from geoalert.boundaries.catalogue import Catalogue, Lock, listing
from geoalert.boundaries.load import read_layer
from geoalert.errors import BoundaryError, GeoAlertError, LayerNotFound
from tests.boundaries.catalogue.conftest import IDS, Site
from tests.portal import Reply, html_page, squares, too_many

Serve = Callable[[dict[str, Any]], None]
APIS = ["arcgis", "ckan", "socrata", "wfs", "file"]
PAGED = ["arcgis", "socrata", "wfs"]
DONE = ["boundaries.lock", "boundaries/testville/division.geojson"]


def refused(site: Site, *entries: Any, **options: Any) -> GeoAlertError:
    """The error that an install ends with."""
    with pytest.raises(BoundaryError) as caught:
        site.install(*entries, **options)
    return caught.value


@pytest.mark.parametrize("api", APIS)
def test_every_kind_of_portal_gives_the_same_layer(site: Site, serve: Serve, api: str) -> None:
    """The installed file reads back with ids verbatim, and nothing else is left."""
    serve(squares(*IDS))

    (installed,) = site.install(site.entry(api, count=3))

    layer = read_layer(site.project / installed.file, name="division", id="ID", label="NAME")
    assert list(layer.ids) == ["D9", "D10", "D11"]
    assert (installed.count, installed.difference, site.left) == (3, None, DONE)
    assert installed.digest == layer.digest == Lock.read(site.project).pins[0].digest


@pytest.mark.parametrize("rows", [1, 3, 4, 5, 8, 9])
@pytest.mark.parametrize("api", PAGED)
def test_pages_join_without_loss_at_their_edges(site: Site, serve: Serve, api: str, rows: int) -> None:
    """One page, just one, one more, two whole ones: every row arrives once."""
    site.portal.page_limit = 4
    serve(squares(*(f"{number:03}" for number in range(rows))))

    (installed,) = site.install(site.entry(api))

    assert installed.count == rows
    assert site.told[-1] == ("testville/division", rows, rows)


def test_wfs_without_a_count_is_read_to_its_empty_page(site: Site, serve: Serve) -> None:
    """numberMatched = unknown is allowed by the standard."""
    site.portal.page_limit = 2
    site.portal.counts["squares"] = -1
    serve(squares("1", "2", "3", "4"))

    (installed,) = site.install(site.entry("wfs"))

    assert installed.count == 4


def test_server_that_ignores_paging_is_stopped(site: Site, serve: Serve) -> None:
    """The same page again and again is an error, not a loop."""
    serve(squares(*IDS))
    page = json.dumps(squares(*IDS) | {"numberMatched": "unknown"}).encode()
    site.portal.fault("/ows", Reply(page), times=5)

    error = refused(site, site.entry("wfs"))

    assert error.code == "unexpected_answer"


def test_arcgis_server_without_geojson_is_asked_for_esri_json(site: Site, serve: Serve) -> None:
    """Older servers give the same boundaries, holes and all."""
    site.portal.geojson_supported = False
    site.portal.page_limit = 2
    document = squares(*IDS)
    hole = [[-79.397, 43.703], [-79.397, 43.706], [-79.393, 43.706], [-79.397, 43.703]]
    document["features"][0]["geometry"]["coordinates"].append(hole)
    serve(document)

    (installed,) = site.install(site.entry("arcgis"))

    layer = read_layer(site.project / installed.file, name="division", id="ID", label="NAME")
    assert list(layer.ids) == ["D9", "D10", "D11"]
    assert len(layer["D9"].geometry.interiors) == 1


def test_shapefile_of_another_crs_arrives_in_lon_lat(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A zipped file in metres is rewritten as GeoJSON."""
    folder = tmp_path_factory.mktemp("shape")
    frame = geopandas.GeoDataFrame.from_features(squares(*IDS)["features"], crs="EPSG:4326").to_crs("EPSG:26917")
    frame.to_file(folder / "div.shz", driver="ESRI Shapefile")
    site.portal.files["div.zip"] = (folder / "div.shz").read_bytes()

    (installed,) = site.install(site.entry("file", address=f"{site.portal.url}/files/div.zip"))

    layer = read_layer(site.project / installed.file, name="division", id="ID", label="NAME")
    assert layer.locate(-79.395, 43.705) == layer.position("D9")


@pytest.mark.parametrize("api", APIS)
def test_rate_limit_is_honoured(site: Site, serve: Serve, api: str) -> None:
    """The pause is the one the portal asks for, and the layer arrives."""
    serve(squares(*IDS))
    site.portal.fault("squares", too_many("7"))

    (installed,) = site.install(site.entry(api))

    assert (installed.count, site.waits) == (3, [7.0])


def test_rate_limit_without_end_is_one_error(site: Site, serve: Serve) -> None:
    """After five tries the error says so, and nothing is left."""
    serve(squares(*IDS))
    site.portal.fault("squares", too_many("7"), times=9)

    error = refused(site, site.entry("arcgis"))

    assert (error.code, site.waits, site.left) == ("rate_limited", [7.0] * 4, [])


def test_very_long_wait_is_left_to_the_person(site: Site, serve: Serve) -> None:
    """An hour is not slept through."""
    serve(squares(*IDS))
    site.portal.fault("squares", too_many("3600"))

    error = refused(site, site.entry("socrata"))

    assert (error.code, site.waits) == ("rate_limited", [])
    assert "3600 s" in str(error)


@pytest.mark.parametrize("api", APIS)
def test_page_of_html_is_told_from_data(site: Site, serve: Serve, api: str) -> None:
    """A maintenance page with status 200 is one clear error."""
    serve(squares(*IDS))
    site.portal.fault("squares", html_page())

    error = refused(site, site.entry(api))

    assert (error.code, site.left, site.waits) == ("html_page", [], [])


@pytest.mark.parametrize(("api", "dataset"), [("arcgis", "gone"), ("ckan", "gone"), ("socrata", "gone"), ("wfs", "gone"), ("file", "gone")])
def test_layer_that_is_not_there_is_refused_at_once(site: Site, api: str, dataset: str) -> None:
    """An unknown name is neither repeated nor taken for an empty layer, whatever form the portal's error has."""
    error = refused(site, site.entry(api, dataset))

    assert error.code in ("unexpected_answer", "download_failed")
    assert (site.waits, site.left) == ([], [])


@pytest.mark.parametrize("api", ["arcgis", "socrata", "wfs"])
@pytest.mark.parametrize("said", [2, 4])
def test_portals_own_count_must_be_met(site: Site, serve: Serve, api: str, said: int) -> None:
    """Fewer or more rows than the portal counts are an incomplete download, which no flag accepts."""
    serve(squares(*IDS))
    site.portal.counts["squares"] = said

    error = refused(site, site.entry(api), accept=True)

    assert (error.code, site.left) == ("incomplete_download", [])


def test_expected_count_must_be_met_or_accepted(site: Site, serve: Serve) -> None:
    """A map with other boundaries than the catalogue expects is a person's decision."""
    serve(squares(*IDS))

    error = refused(site, site.entry("file", count=4))
    (installed,) = site.install(site.entry("file", count=4), accept=True)

    assert (error.code, error.value, installed.count) == ("unexpected_count", "3", 3)


@pytest.mark.parametrize("api", ["ckan", "file"])
def test_cut_off_file_is_resumed(site: Site, serve: Serve, api: str) -> None:
    """The second request asks for the missing rest only."""
    serve(squares(*(f"{number:03}" for number in range(400))))
    site.portal.fault("/files", lambda reply: Reply(reply.body, headers=reply.headers, media_type=reply.media_type, cut_at=30_000))

    (installed,) = site.install(site.entry(api))

    assert installed.count == 400
    assert site.portal.asked[-1].headers["range"] == "bytes=30000-"
    assert site.left == DONE


def test_file_is_resumed_by_a_later_install(site: Site, serve: Serve) -> None:
    """What arrived before giving up is not asked for again."""
    serve(squares(*(f"{number:03}" for number in range(400))))
    site.portal.fault("/files", lambda reply: Reply(reply.body, headers=reply.headers, cut_at=30_000))
    site.portal.fault("/files", Reply(status=500), times=4)
    error = refused(site, site.entry("file"))

    (installed,) = site.install(site.entry("file"))

    assert (error.code, installed.count) == ("download_failed", 400)
    assert site.portal.asked[-1].headers["range"] == "bytes=30000-"


def test_cut_off_page_is_asked_for_again(site: Site, serve: Serve) -> None:
    """Half a page is never joined to the next one."""
    site.portal.page_limit = 2
    serve(squares(*IDS))
    site.portal.fault("$offset=2", lambda reply: Reply(reply.body, cut_at=50))

    (installed,) = site.install(site.entry("socrata"))

    assert (installed.count, site.waits) == (3, [1.0])


def test_same_layer_again_changes_nothing(site: Site, serve: Serve) -> None:
    """Another order of rows is no difference."""
    serve(squares(*IDS))
    site.install(site.entry("file"))
    before = (site.project / DONE[1]).read_bytes()
    document = squares(*IDS)
    document["features"].reverse()
    serve(document)

    (installed,) = site.install(site.entry("arcgis"))

    assert not installed.difference
    assert (site.project / DONE[1]).read_bytes() == before


def test_difference_from_the_lock_is_listed_and_needs_accept(site: Site, serve: Serve) -> None:
    """Added, removed and changed ids are named; the old files stay until somebody accepts."""
    serve(squares("D9", "D10", "D11"))
    site.install(site.entry("file"))
    before = {name: (site.project / name).read_bytes() for name in DONE}
    serve(squares("D9", "D12", "D11", side=0.02))

    error = refused(site, site.entry("file"))
    untouched = {name: (site.project / name).read_bytes() for name in DONE}
    (installed,) = site.install(site.entry("file"), accept=True)

    assert error.code == "boundaries_changed"
    assert "1 added: D12; 1 removed: D10; 2 changed: D9, D11" in str(error)
    assert untouched == before
    assert installed.difference is not None
    assert installed.difference.to_dict() == {"added": ["D12"], "removed": ["D10"], "changed": ["D9", "D11"]}
    assert list(Lock.read(site.project).pins[0].shapes) == ["D9", "D11", "D12"]


def test_renamed_boundary_is_a_difference(site: Site, serve: Serve) -> None:
    """A label that people read changed, so somebody looks at it."""
    serve(squares(*IDS))
    site.install(site.entry("file"))
    document = squares(*IDS)
    document["features"][0]["properties"]["NAME"] = "Harbour"
    serve(document)

    assert "1 changed: D9" in str(refused(site, site.entry("file")))


def test_layers_that_do_not_read_replace_nothing(site: Site, serve: Serve) -> None:
    """The reader's own error stops the install of every layer of the place."""
    serve(squares(*IDS))
    twice = site.entry("file", layer="ward", id="WARD_NO")

    error = refused(site, site.entry("file"), twice)

    assert (error.code, site.left) == ("unknown_field", [])


def test_swapped_axes_are_not_installed(site: Site, serve: Serve) -> None:
    """A portal that answers lat, lon is refused by the reader."""
    document = squares(*IDS)
    for feature in document["features"]:
        feature["geometry"]["coordinates"] = [[[lat, lon] for lon, lat in ring] for ring in feature["geometry"]["coordinates"]]
    serve(document)

    error = refused(site, site.entry("wfs"))

    assert site.left == []
    assert isinstance(error, BoundaryError)


def test_only_the_named_layers_are_installed(site: Site, serve: Serve) -> None:
    """A place of many layers can be taken in parts, and later ones join the lock."""
    serve(squares(*IDS))
    both = (site.entry("file"), site.entry("file", layer="ward"))

    first = site.install(*both, layers=["ward"])
    site.install(*both, layers=["division"])

    assert [one.layer for one in first] == ["ward"]
    assert [pin.layer for pin in Lock.read(site.project).pins] == ["division", "ward"]


def test_unknown_address_is_an_error_with_the_note(site: Site) -> None:
    """Nothing is guessed: the error says what is known and where to write the address."""
    entry = site.entry("file", address=None, note="Ask the planning department")

    error = refused(site, entry)

    assert error.code == "address_unknown"
    assert "Ask the planning department" in str(error)


def test_unknown_place_names_the_nearest_and_all(site: Site) -> None:
    """A typing error is met with the place that was meant."""
    with pytest.raises(LayerNotFound) as caught:
        Catalogue.of_project().of("torotno")

    assert caught.value.code == "unknown_place"
    assert "Did you mean toronto?" in str(caught.value)
    assert "chicago, new-york, toronto" in str(caught.value)


def test_private_addresses_are_refused_unless_meant(site: Site, serve: Serve) -> None:
    """A catalogue reaches into the own network only where its entry, or the person, says so."""
    serve(squares(*IDS))

    error = refused(site, site.entry("file"), internal=False)
    (installed,) = site.install(site.entry("file", internal=True), internal=False)

    assert (error.code, installed.count) == ("download_failed", 3)
    assert "private network" in str(error)


def test_folder_in_the_way_is_one_error(site: Site, serve: Serve) -> None:
    """A file where the folder should be leaves everything as it was."""
    serve(squares(*IDS))
    (site.project / "boundaries").write_text("not a folder")

    error = refused(site, site.entry("file"))

    assert (error.code, site.left) == ("folder_not_writable", ["boundaries"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_locked_folder_is_one_error(site: Site, serve: Serve) -> None:
    """Missing permissions are named before anything is downloaded into nowhere."""
    serve(squares(*IDS))
    folder = site.project / "boundaries/testville"
    folder.mkdir(parents=True)
    folder.chmod(0o555)

    error = refused(site, site.entry("file"))
    folder.chmod(0o755)

    assert error.code == "folder_not_writable"


def test_full_disk_changes_nothing(site: Site, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old file and old lock stay when the new ones do not fit."""
    serve(squares(*IDS))
    site.install(site.entry("file"))
    before = {name: (site.project / name).read_bytes() for name in DONE}
    serve(squares("D1"))
    monkeypatch.setattr("geoalert.boundaries.catalogue.lock.os.fsync", _no_space)

    error = refused(site, site.entry("arcgis"), accept=True)

    assert error.code == "disk_full"
    assert {name: (site.project / name).read_bytes() for name in site.left} == before


def _no_space(handle: int) -> None:
    raise OSError(28, os.strerror(28))


def test_listing_shows_what_is_installed(site: Site, serve: Serve) -> None:
    """An entry shows its file and digest once it is there, and not when the file is gone."""
    serve(squares(*IDS))
    catalogue = Catalogue((site.entry("file"), site.entry("file", layer="ward")))
    (installed,) = site.install(*catalogue, layers=["division"])

    rows = [row.to_dict() for row in listing(catalogue, site.project)]
    (site.project / installed.file).unlink()
    gone = listing(catalogue, site.project)[0].to_dict()

    assert [(row["layer"], row["installed"], row["digest"]) for row in rows] == [
        ("division", DONE[1], installed.digest),
        ("ward", None, None),
    ]
    assert (rows[0]["checked"], gone["installed"]) == ("never", None)


def test_block_to_paste_reads_back(site: Site, serve: Serve) -> None:
    """The printed [layers.X] block names file, id and label as the project file needs them."""
    import tomllib

    serve(squares(*IDS))

    (installed,) = site.install(site.entry("file", label="NAME", version='2026 "b"', lead=True))

    block = tomllib.loads(installed.toml_block)["layers"]["division"]
    assert block == {
        "file": DONE[1], "id": "ID", "label": "NAME", "version": '2026 "b"', "source": "Testville Police", "lead": True,
    }  # fmt: skip
    assert Path(site.project / block["file"]).is_file()
