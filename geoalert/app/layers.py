"""The layers of a project: each `[layers.X]` read once, editions of one layer grouped, the one of a day chosen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from geoalert.boundaries.catalogue import verify_installed
from geoalert.boundaries.load import read_layer
from geoalert.boundaries.model import Layer
from geoalert.boundaries.versions import Editions, editions_of
from geoalert.config import Project
from geoalert.errors import BoundaryError, LayerNotFound
from geoalert.targeting.editions import DayLayers
from geoalert.text import nearest


class ProjectLayers:
    """Layers by name, read at first use; thread-safe.

    Args:
        project: several `[layers.X]` with one `edition_of` are editions of one layer.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.RLock()
        self._read: dict[str, Layer] = {}
        self._grouped: dict[str, Editions] | None = None

    @property
    def editions(self) -> dict[str, Editions]:
        """Every edition of every layer, by the layer's name."""
        with self._lock:
            if self._grouped is None:
                self._grouped = editions_of(self._edition(key) for key in self._project.layers)
            return self._grouped

    def editions_named(self, name: str) -> Editions | None:
        """Returns every edition of the layer of one name, None where the project has none; no other layer is read."""
        keys = [key for key, spec in self._project.layers.items() if (spec.edition_of or key) == name]
        return editions_of(map(self._edition, keys))[name] if keys else None

    def on(self, day: date) -> DayLayers:
        """Returns each layer's edition of a day, in the order of geoalert.toml; a layer of one edition whatever its dates.

        Raises:
            BoundaryError: no edition of a layer holds on that day, or two do (no_edition).
        """
        today = {name: found.layers[0] if len(found) == 1 else found.as_of(day) for name, found in self.editions.items()}
        return DayLayers(today, editions=self.editions_named)

    def named(self, name: str, day: date) -> Layer:
        """Returns the layer of that name as of a day, or the one edition that geoalert.toml calls so.

        Raises:
            LayerNotFound: geoalert.toml names no such layer.
            BoundaryError: the file cannot be read, or was changed since it was installed and pinned (boundaries_changed).
        """
        if any(spec.edition_of == name for spec in self._project.layers.values()):
            return self.on(day)[name]
        return self._edition(name)

    @contextmanager
    def retired_told(self, day: date) -> Iterator[None]:
        """Says of an id that was not found what replaced it, where an earlier edition of that very layer had it.

        Raises:
            LayerNotFound: retired_id or later_id, in the place of unknown_boundary.
        """
        try:
            yield
        except LayerNotFound as err:
            found = None if err.layer is None or err.code != "unknown_boundary" else self.editions_named(err.layer)
            if found is None or err.value is None:
                raise
            try:
                found.find(err.value, as_of=day)
            except BoundaryError as better:
                if better.code in ("retired_id", "later_id"):
                    better.file, better.row, better.field = err.file, err.row, err.field
                    raise better from err
            raise

    def _edition(self, key: str) -> Layer:
        with self._lock:
            if key not in self._read:
                spec = self._project.layers.get(key)
                if spec is None:
                    near = nearest(key, self._project.layers) or tuple(self._project.layers)
                    raise LayerNotFound(
                        "the project has no such layer",
                        code="unknown_layer",
                        file=self._project.path,
                        field="layer",
                        value=key,
                        do=f"Known: {', '.join(near) or 'none'}; a file is given as NAME=FILE,id=FIELD",
                    )
                layer = read_layer(spec.file, **spec.options())
                verify_installed(self._project.folder, spec.file, layer)
                self._read[key] = layer
            return self._read[key]
