"""Installing a place: fetch every layer, read it back, compare with the lock, and only then put it in place."""

from __future__ import annotations

import contextlib
import errno
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geoalert.boundaries.catalogue.entry import Catalogue, Entry
from geoalert.boundaries.catalogue.fetch import Fetched, Fetcher, Progress
from geoalert.boundaries.catalogue.lock import LOCK_NAME, Difference, Lock, Pin, write_together
from geoalert.boundaries.ids import id_text, natural_key
from geoalert.boundaries.load import read_layer
from geoalert.boundaries.model import Layer
from geoalert.clock import Clock
from geoalert.errors import BoundaryError
from geoalert.findings import Finding
from geoalert.http import Http


@dataclass(frozen=True, slots=True)
class Installed:
    """One layer that is now in the project.

    Attributes:
        file: relative to the project.
        difference: against the pin before, None for a first install.
        repairs: what reading repaired.
        toml_block: the `[layers.X]` block to paste into geoalert.toml.
    """

    place: str
    layer: str
    file: str
    count: int
    digest: str
    address: str
    difference: Difference | None
    repairs: tuple[Finding, ...]
    toml_block: str

    def to_dict(self) -> dict[str, Any]:
        """Returns the result, JSON-ready."""
        return {
            "place": self.place,
            "layer": self.layer,
            "file": self.file,
            "count": self.count,
            "digest": self.digest,
            "address": self.address,
            "difference": None if self.difference is None else self.difference.to_dict(),
            "repairs": [repair.to_dict() for repair in self.repairs],
            "toml": self.toml_block,
        }


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `boundaries list`: an entry and what of it is installed here."""

    entry: Entry
    pin: Pin | None

    def to_dict(self) -> dict[str, Any]:
        """Returns place, layer, title, publisher, count, licence, checked, address, installed file and pinned digest."""
        entry = self.entry
        return {
            "place": entry.place,
            "layer": entry.layer,
            "title": entry.title,
            "publisher": entry.publisher,
            "count": entry.count,
            "licence": entry.licence,
            "checked": "never" if entry.checked is None else entry.checked.isoformat(),
            "address": entry.address,
            "note": entry.note,
            "installed": None if self.pin is None else self.pin.file,
            "digest": None if self.pin is None else self.pin.digest,
        }


def listing(catalogue: Catalogue, project: Path | None = None) -> tuple[Listed, ...]:
    """Returns every entry with its pin, where the layer is installed in `project` and its file is there."""
    lock = Lock() if project is None else Lock.read(project)
    found = []
    for entry in catalogue:
        pin = lock.get(entry.place, entry.layer)
        there = pin is not None and project is not None and (project / pin.file).is_file()
        found.append(Listed(entry, pin if there else None))
    return tuple(found)


def install(
    place: str,
    *,
    into: Path,
    http: Http,
    clock: Clock,
    catalogue: Catalogue,
    accept: bool = False,
    progress: Progress | None = None,
    internal: bool = False,
    layers: Sequence[str] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Installed]:
    """Downloads the layers of a place into `into`/boundaries/PLACE and pins them in boundaries.lock; all of them, or none.

        install("new-york", into=project, http=Http(), clock=system_clock, catalogue=Catalogue.of_project(project))

    Args:
        into: the project's folder.
        accept: take boundaries that differ from the lock, and a count other than the catalogue expects.
        internal: allow addresses inside private networks.
        layers: only these layers of the place.
        sleep: how to wait where a portal asks for it.

    Raises:
        LayerNotFound: `unknown_place`, `unknown_layer`.
        BoundaryError: `address_unknown`, `download_failed`, `rate_limited`, `html_page`, `unexpected_answer`, `incomplete_download`,
            `unexpected_count`, `boundaries_changed`, `folder_not_writable`, `disk_full`, and whatever `read_layer` refuses.
    """
    entries = catalogue.of(place, tuple(layers) if layers else None)
    lock = Lock.read(into)
    fetcher = Fetcher(http, sleep=sleep, progress=progress, internal=internal)
    staged: list[tuple[Installed, Pin, bytes]] = []
    for entry in entries:
        folder = (into / entry.file).parent
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            fetched = fetcher.fetch(entry, folder)
        try:
            staged.append(_stage(entry, fetched, folder, lock=lock, clock=clock, accept=accept))
        finally:
            fetched.path.unlink(missing_ok=True)
    pins = lock.with_pins(pin for _, pin, _ in staged)
    with _writing(into):
        write_together({into / one.file: content for one, _, content in staged} | {into / LOCK_NAME: pins.to_toml().encode()})
    return [installed for installed, _, _ in staged]


def _stage(entry: Entry, fetched: Fetched, folder: Path, *, lock: Lock, clock: Clock, accept: bool) -> tuple[Installed, Pin, bytes]:
    kept = fetched.is_geojson and entry.crs is None
    content = _sorted(fetched.path, entry) if kept else _rewritten(read_entry(fetched.path, entry, table=entry.table, crs=entry.crs), entry)
    trial = folder / f".{entry.layer}.trial.geojson"
    try:
        with _writing(folder):
            trial.write_bytes(content)
        layer = read_entry(trial, entry)
    finally:
        trial.unlink(missing_ok=True)
    if entry.count is not None and len(layer) != entry.count and not accept:
        raise BoundaryError(
            f"{entry.place}/{entry.layer}: {len(layer)} boundaries arrived, the catalogue expects {entry.count}",
            code="unexpected_count",
            value=len(layer),
            do="If the publisher changed the map, look at it and install again with --accept",
        )
    pin = Pin.of(layer, place=entry.place, file=entry.file, source=entry.publisher, address=fetched.address, fetched_at=clock())
    before = lock.get(entry.place, entry.layer)
    difference = None if before is None else before.difference(pin)
    if before is not None and (difference or before.digest != pin.digest) and not accept:
        raise BoundaryError(
            f"{entry.place}/{entry.layer} is not what boundaries.lock pins: {(difference or Difference()).describe()}",
            code="boundaries_changed",
            value=pin.digest,
            do="If the change is right, install again with --accept",
        )
    installed = Installed(
        entry.place, entry.layer, entry.file, len(layer), pin.digest, fetched.address, difference, layer.repairs, entry.toml_block()
    )
    return installed, pin, content


def read_entry(path: Path, entry: Entry, *, table: str | None = None, crs: str | None = None) -> Layer:
    """Returns the layer of a file with the columns and facts of its entry."""
    return read_layer(
        path,
        name=entry.layer,
        id=entry.id,
        label=entry.label,
        table=table,
        crs=crs,
        version=entry.version,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        source=entry.publisher,
        licence=entry.licence,
        lead=entry.lead,
    )


def _sorted(path: Path, entry: Entry) -> bytes:
    """Returns a feature collection as it came, rows in natural order of their ids, so that a portal's order changes nothing."""
    document = json.loads(path.read_bytes())

    def key(feature: Any) -> Any:
        columns = feature.get("properties") if isinstance(feature, dict) else None
        value = columns.get(entry.id) if isinstance(columns, dict) else None
        return natural_key(id_text(value) or "")

    document["features"] = sorted(document["features"], key=key)
    return _written(document)


def _rewritten(layer: Layer, entry: Entry) -> bytes:
    rows = sorted(layer, key=lambda boundary: natural_key(boundary.id))
    features = []
    for row in rows:
        columns = {entry.id: row.id} | ({entry.label: row.label} if entry.label else {})
        features.append({"type": "Feature", "properties": columns, "geometry": json.loads(shapely.to_geojson(row.geometry))})
    return _written({"type": "FeatureCollection", "features": features})


def _written(document: dict[str, Any]) -> bytes:
    head = {name: value for name, value in document.items() if name not in ("features", "properties")}
    start = json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n'
    rows = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in document["features"])
    return f"{start}{rows}\n]}}\n".encode()


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        if err.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BoundaryError("the disk is full", code="disk_full", file=path, do="Make room and install again") from err
        raise BoundaryError(
            f"the folder cannot be written: {err.strerror}",
            code="folder_not_writable",
            file=path,
            do="Check its permissions and that every part of the path is a folder",
        ) from err
