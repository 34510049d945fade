"""boundaries.lock: which bytes and which ids each installed layer had, so that a later difference is a decision."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import numpy as np

from geoalert.boundaries.catalogue.entry import toml_value
from geoalert.boundaries.digest import layer_digest
from geoalert.boundaries.ids import natural_key
from geoalert.boundaries.model import Layer
from geoalert.errors import ConfigurationError

LOCK_NAME = "boundaries.lock"
FORMAT = 1
_HEAD = "# Written by `geoalert boundaries install`. Keep it under version control; do not edit it."


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids that differ between two states of a layer, in natural order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def to_dict(self) -> dict[str, list[str]]:
        """Returns the three lists, JSON-ready."""
        return {"added": list(self.added), "removed": list(self.removed), "changed": list(self.changed)}

    def describe(self, most: int = 20) -> str:
        """Returns the difference in words, at most so many ids of each kind."""
        parts = []
        for name, ids in (("added", self.added), ("removed", self.removed), ("changed", self.changed)):
            if ids:
                more = f" and {len(ids) - most} more" if len(ids) > most else ""
                parts.append(f"{len(ids)} {name}: {', '.join(ids[:most])}{more}")
        return "; ".join(parts) or "no difference"


@dataclass(frozen=True, slots=True)
class Pin:
    """One installed layer as it was when somebody accepted it.

    Attributes:
        digest: the layer's digest, rows in natural order of their ids.
        ids_digest: SHA-256 over the ids, one a line, in natural order.
        shapes: id -> the first 16 hex digits of that boundary's own digest.
        address: where it was fetched from.
    """

    place: str
    layer: str
    file: str
    digest: str
    ids_digest: str
    count: int
    shapes: dict[str, str]
    source: str
    address: str
    fetched_at: datetime

    @classmethod
    def of(cls, layer: Layer, *, place: str, file: str, source: str, address: str, fetched_at: datetime) -> Self:
        """Returns the pin of a layer as it is now."""
        order = sorted(range(len(layer)), key=lambda row: natural_key(str(layer.ids[row])))
        ids, labels, shapes = layer.ids[order], layer.labels[order], layer.geometries[order]
        single = {str(ids[row]): layer_digest(*(part[row : row + 1] for part in (ids, labels, shapes)))[:16] for row in range(len(ids))}
        names = "\n".join(str(name) for name in ids)
        ids_digest = hashlib.sha256(names.encode()).hexdigest()
        digest = layer_digest(np.asarray(ids), labels, shapes)
        return cls(place, layer.name, file, digest, ids_digest, len(layer), single, source, address, fetched_at)

    def difference(self, later: Pin) -> Difference:
        """Returns what `later` added, removed and changed, labels included."""

        def ordered(ids: Iterable[str]) -> tuple[str, ...]:
            return tuple(sorted(ids, key=natural_key))

        both = self.shapes.keys() & later.shapes.keys()
        return Difference(
            added=ordered(later.shapes.keys() - self.shapes.keys()),
            removed=ordered(self.shapes.keys() - later.shapes.keys()),
            changed=ordered(name for name in both if self.shapes[name] != later.shapes[name]),
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """Every pin of a project."""

    pins: tuple[Pin, ...] = ()

    @classmethod
    def read(cls, project: Path) -> Self:
        """Reads PROJECT/boundaries.lock; a project without one has no pins.

        Raises:
            ConfigurationError: `invalid_lock`, so that a damaged lock never counts as an empty one.
        """
        path = project / LOCK_NAME
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
            if document["format"] != FORMAT:
                raise ValueError(f"format {document['format']!r}")
            return cls(tuple(_pin(table) for table in document.get("layers", [])))
        except FileNotFoundError:
            return cls()
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as err:
            raise ConfigurationError(
                "the lock cannot be read",
                code="invalid_lock",
                file=path,
                do="Restore it from version control, or remove it and install again",
            ) from err

    def get(self, place: str, layer: str) -> Pin | None:
        """Returns the pin of that layer, if it was installed."""
        return next((pin for pin in self.pins if (pin.place, pin.layer) == (place, layer)), None)

    def with_pins(self, pins: Iterable[Pin]) -> Lock:
        """Returns the lock with these pins in place of older ones."""
        found = {(pin.place, pin.layer): pin for pin in (*self.pins, *pins)}
        return Lock(tuple(found[key] for key in sorted(found)))

    def to_toml(self) -> str:
        """Returns the file's text."""
        lines = [_HEAD, f"format = {FORMAT}"]
        for pin in self.pins:
            lines += ["", "[[layers]]"]
            for name in ("place", "layer", "file", "digest", "ids_digest", "count", "source", "address", "fetched_at"):
                lines.append(f"{name} = {toml_value(getattr(pin, name))}")
            lines += ["", "[layers.shapes]", *(f"{toml_value(name)} = {toml_value(shape)}" for name, shape in pin.shapes.items())]
        return "\n".join(lines) + "\n"


def write_together(files: Mapping[Path, bytes]) -> None:
    """Writes files so that a full disk changes none of them, and a reader or a crash sees each one old or new, never half.

    Raises:
        OSError: from the writing; nothing was changed.
    """
    ready: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            ready[path] = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            ready[path].chmod(0o644)
        for path, written in ready.items():
            written.replace(path)
    finally:
        for written in ready.values():
            with contextlib.suppress(OSError):
                written.unlink(missing_ok=True)
    for folder in {path.parent for path in files}:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _pin(table: dict[str, Any]) -> Pin:
    at = table["fetched_at"]
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise ValueError("fetched_at is no time with an offset")
    texts = {name: str(table[name]) for name in ("place", "layer", "file", "digest", "ids_digest", "source", "address")}
    shapes = {str(name): str(shape) for name, shape in table["shapes"].items()}
    count = int(table["count"])
    if len(shapes) != count:
        raise ValueError("count and shapes disagree")
    return Pin(**texts, count=count, shapes=shapes, fetched_at=at.astimezone(UTC))
