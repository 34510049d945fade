"""Entry: one official layer and where it lives. Catalogue: all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from geoalert.boundaries.folder import boundaries_folder
from geoalert.errors import BoundaryError, ConfigurationError, LayerNotFound
from geoalert.files.catalogue_schema import CatalogueFile
from geoalert.files.toml import Document, read_document, validate
from geoalert.text import fold, nearest

FILE_NAME = "catalogue.toml"
PROJECT_FILE = f"boundaries/{FILE_NAME}"
"""Where a project keeps entries of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One official layer: what it is, where it lives, how it is asked for, and what to expect.

    Attributes:
        address: None where nobody has found it in a source; `note` then says what is known.
        checked: the day somebody fetched it through this address, None for never.
    """

    place: str
    layer: str
    title: str
    publisher: str
    api: str
    id: str
    address: str | None = None
    dataset: str | None = None
    resource: str | None = None
    format: str = "GeoJSON"
    label: str | None = None
    table: str | None = None
    crs: str | None = None
    licence: str | None = None
    licence_url: str | None = None
    version: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    count: int | None = None
    lead: bool = False
    internal: bool = False
    checked: date | None = None
    source: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if self.address is None:
            if not self.note:
                raise ConfigurationError("an entry without an address needs a note that says why", code="missing_note", field="note")
            return
        try:
            parts = urlsplit(self.address)
            readable = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            readable = False
        if not readable:
            raise ConfigurationError("not an http or https address", code="invalid_address", field="address", value=self.address)
        if parts.username or parts.password:
            raise ConfigurationError("the address holds a user name or password", code="literal_secret", field="address")
        if self.api in ("ckan", "socrata", "wfs") and not self.dataset:
            raise ConfigurationError(f"an address of kind {self.api} needs its dataset", code="missing_field", field="dataset")

    @property
    def file(self) -> str:
        """The installed file, relative to the project."""
        return f"boundaries/{self.place}/{self.layer}.geojson"

    def toml_block(self) -> str:
        """Returns the `[layers.X]` block to paste into geoalert.toml."""
        values: dict[str, Any] = {"file": self.file, "id": self.id, "label": self.label, "version": self.version}
        values |= {"valid_from": self.valid_from, "valid_to": self.valid_to, "source": self.publisher, "licence": self.licence}
        lines = [f"[layers.{self.layer}]"]
        lines += [f"{name} = {toml_value(value)}" for name, value in values.items() if value is not None]
        return "\n".join([*lines, *(["lead = true"] if self.lead else [])]) + "\n"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every entry known here, by place and layer."""

    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, *paths: Path) -> Self:
        """Reads catalogue files; an entry of a later file wins over one of the same place and layer.

        Raises:
            ConfigurationError: a file that is not a valid catalogue, with file, line and field.
        """
        found: dict[tuple[str, str], Entry] = {}
        for path in paths:
            found |= _entries(read_document(path, refusal=ConfigurationError, what="boundary catalogue"))
        return cls(tuple(found.values()))

    @classmethod
    def of_project(cls, project: Path | None = None) -> Self:
        """Reads the catalogue that ships, and over it the project's own `boundaries/catalogue.toml` where there is one."""
        own = [] if project is None else [project / PROJECT_FILE]
        return cls.read(boundaries_folder() / FILE_NAME, *(path for path in own if path.is_file()))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    @property
    def places(self) -> tuple[str, ...]:
        """Every place, in alphabetical order."""
        return tuple(sorted({entry.place for entry in self.entries}))

    def of(self, place: str, layers: tuple[str, ...] | None = None) -> tuple[Entry, ...]:
        """Returns the entries of a place, "New York" and "new-york" alike; of these layers only, where some are named.

        Raises:
            LayerNotFound: no such place (`unknown_place`) or no such layer of it (`unknown_layer`), with the nearest names and all of them.
        """
        wanted = _key(place)
        found = {entry.layer: entry for entry in self.entries if _key(entry.place) == wanted}
        if not found:
            raise _unknown("place", place, self.places, code="unknown_place")
        for layer in layers or ():
            if layer not in found:
                raise _unknown("layer", layer, tuple(found), code="unknown_layer")
        return tuple(entry for entry in found.values() if not layers or entry.layer in layers)


def without_query(url: str) -> str:
    """Returns an address as errors and the lock may show it: what follows `?`, and a user name, can be a secret."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def toml_value(value: Any) -> str:
    """Returns a text, number, truth value, date or time as TOML writes it."""
    import json

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's too, but for DEL, which TOML forbids bare (TOML 1.0, String).
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date) else str(value)


def _entries(document: Document) -> dict[tuple[str, str], Entry]:
    tables = validate(document, CatalogueFile, refusal=ConfigurationError).layers
    names = [one.name for one in fields(Entry)]
    found: dict[tuple[str, str], Entry] = {}
    for place, table in enumerate(tables):
        values = {name: getattr(table, name) for name in names} | {"checked": None if table.checked == "never" else table.checked}
        try:
            entry = Entry(**values)
        except ConfigurationError as err:
            raise _placed(err, document, place) from err
        if (_key(entry.place), entry.layer) in found:
            twice = ConfigurationError(f"{entry.place}/{entry.layer} is listed twice", code="duplicate_entry", field="layer")
            raise _placed(twice, document, place)
        found[_key(entry.place), entry.layer] = entry
    return found


def _placed(err: ConfigurationError, document: Document, place: int) -> ConfigurationError:
    row = document.line(["layers", place, err.field or "layer"])
    field = f"layers.{place + 1}.{err.field}"
    return ConfigurationError(err.what, code=err.code, file=document.file, row=row, field=field, value=err.value, do=err.do)


def _unknown(what: str, name: str, known: tuple[str, ...], *, code: str) -> BoundaryError:
    near = nearest(name, known)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return LayerNotFound(f"the catalogue has no such {what}", code=code, value=name, do=f"{guess}It has {', '.join(known) or 'none'}")


def _key(place: str) -> str:
    return "".join(letter for letter in fold(place) if letter.isalnum())
