"""catalogue.toml: what ships, what a project adds, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geoalert.boundaries.catalogue import Catalogue
from geoalert.boundaries.folder import boundaries_folder
from geoalert.errors import ConfigurationError, LayerNotFound
from geoalert.files.catalogue_schema import CatalogueFile

OWN = """
format = 1

[[layers]]
place = "testville"
layer = "division"
title = "Divisions"
publisher = "Testville Police"
api = "wfs"
address = "https://gis.testville.example/ows"
dataset = "police:divisions"
id = "DIV"
checked = 2026-11-01
"""


def written(folder: Path, text: str) -> Path:
    """A catalogue file with that text."""
    path = folder / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_catalogue_lists_the_promised_layers() -> None:
    """Counts are those of the maps named; nothing claims to have been fetched, each entry says where it was read, none reaches inside."""
    shipped = Catalogue.read(boundaries_folder() / "catalogue.toml")

    assert {(entry.place, entry.layer): entry.count for entry in shipped} == {
        ("toronto", "division"): 16,
        ("toronto", "neighbourhood"): 158,
        ("toronto", "neighbourhood-140"): 140,
        ("toronto", "ward"): 25,
        ("new-york", "precinct"): 77,
        ("new-york", "nta"): 195,
        ("new-york", "nta-2020"): 262,
        ("chicago", "beat"): None,
        ("chicago", "community-area"): 77,
    }
    assert all(entry.checked is None and entry.source and not entry.internal for entry in shipped)
    assert all((entry.address or "").startswith("https://") for entry in shipped)


@pytest.mark.parametrize("name", ["New York", "new-york", "NEWYORK", "new york"])
def test_place_is_found_however_it_is_written(name: str) -> None:
    """Case, spaces and hyphens do not matter."""
    assert {entry.place for entry in Catalogue.of_project().of(name)} == {"new-york"}


def test_unknown_layer_of_a_place_is_refused() -> None:
    """The error lists the layers there are."""
    with pytest.raises(LayerNotFound) as caught:
        Catalogue.of_project().of("chicago", ("beats",))

    assert caught.value.code == "unknown_layer"
    assert "beat, community-area" in str(caught.value)


def test_own_entries_join_the_shipped_ones_and_win(tmp_path: Path) -> None:
    """A project's catalogue adds places, and replaces an entry of the same place and layer."""
    (tmp_path / "boundaries").mkdir()
    ours = OWN + OWN.replace("format = 1", "").replace("testville", "toronto").replace("toronto.example", "gis.example")
    written(tmp_path / "boundaries", ours)

    catalogue = Catalogue.of_project(tmp_path)

    assert catalogue.places == ("chicago", "new-york", "testville", "toronto")
    assert [entry.publisher for entry in catalogue.of("toronto", ("division",))] == ["Testville Police"]
    assert len(catalogue.of("toronto")) == 4


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("format = 1", "format = 2", "unknown_format", "format"),
        ("format = 1", "", "missing_format", "format"),
        ('id = "DIV"', "", "missing_field", "layers.1.id"),
        ('id = "DIV"', 'id = "DIV"\nlable = "NAME"', "unknown_field", "layers.1.lable"),
        ('api = "wfs"', 'api = "ftp"', "invalid_value", "layers.1.api"),
        ('place = "testville"', 'place = "../etc"', "invalid_value", "layers.1.place"),
        ('layer = "division"', 'layer = "a/b"', "invalid_value", "layers.1.layer"),
        ("2026-11-01", '"yesterday"', None, None),
        ("https://gis.testville.example/ows", "gis.testville.example/ows", "invalid_address", "layers.1.address"),
        ("https://gis.testville", "https://me:secret@gis.testville", "literal_secret", "layers.1.address"),
        ('dataset = "police:divisions"', "", "missing_field", "layers.1.dataset"),
        ('address = "https://gis.testville.example/ows"', "", "missing_note", "layers.1.note"),
        ("[[layers]]", "[[layers]]\ncount = 0", None, "layers.1.count"),
    ],
)
def test_bad_catalogue_is_one_error(tmp_path: Path, old: str, new: str, code: str | None, field: str | None) -> None:
    """It names file, field and code, and never a secret."""
    path = written(tmp_path, OWN.replace(old, new))

    with pytest.raises(ConfigurationError) as caught:
        Catalogue.read(path)

    assert caught.value.file == str(path)
    assert code is None or caught.value.code == code
    assert field is None or caught.value.field == field
    assert "secret" not in str(caught.value)


def test_entry_listed_twice_is_refused(tmp_path: Path) -> None:
    """Which of the two was meant is not guessed; the line of the second is named."""
    path = written(tmp_path, OWN + OWN.replace("format = 1", ""))

    with pytest.raises(ConfigurationError) as caught:
        Catalogue.read(path)

    assert caught.value.code == "duplicate_entry"
    assert re.search("layer =", path.read_text().splitlines()[(caught.value.row or 0) - 1])


def test_schema_is_published() -> None:
    """An editor can check a catalogue: unknown keys are refused there too."""
    table = CatalogueFile.model_json_schema()["$defs"]["EntryTable"]

    assert table["additionalProperties"] is False
    assert {"place", "layer", "title", "publisher", "api", "id", "checked"} == set(table["required"])
