"""Whether an installed layer is still what boundaries.lock pins."""

from __future__ import annotations

from pathlib import Path

from geoalert.boundaries.catalogue.entry import Catalogue
from geoalert.boundaries.catalogue.install import read_entry
from geoalert.boundaries.catalogue.lock import Lock, Pin
from geoalert.boundaries.model import Layer
from geoalert.errors import BoundaryError, ConfigurationError


def verify_installed(project: Path, file: Path, layer: Layer) -> None:
    """Refuses a layer whose file was installed, and is no longer what was accepted then.

        verify_installed(project.folder, spec.file, layer)

    A project may read other columns than the catalogue; then the file itself is read as the catalogue does, and compared.

    Args:
        project: the folder that holds boundaries.lock; without one, or a pin of that file in it, nothing is asked.
        file: what the layer was read from.
        layer: as read.

    Raises:
        BoundaryError: code boundaries_changed, with the ids that were added, removed and changed.
        ConfigurationError: code invalid_lock.
    """
    pin = _pin_of(project, file)
    if pin is None or layer.digest == pin.digest:
        return
    there = _as_installed(project, file, pin) or layer
    if there.digest == pin.digest:
        return
    now = Pin.of(there, place=pin.place, file=pin.file, source=pin.source, address=pin.address, fetched_at=pin.fetched_at)
    raise BoundaryError(
        f"{pin.place}/{pin.layer} is not what boundaries.lock pins: {pin.difference(now).describe()}",
        code="boundaries_changed",
        file=file,
        value=now.digest,
        do=f"Put it back with `geoalert boundaries install {pin.place}`; a map of your own belongs in another file",
    )


def _pin_of(project: Path, file: Path) -> Pin | None:
    """Returns the pin of a file, however the path to it is written."""
    wanted = (project / file).resolve()
    return next((pin for pin in Lock.read(project).pins if (project / pin.file).resolve() == wanted), None)


def _as_installed(project: Path, file: Path, pin: Pin) -> Layer | None:
    """Returns the layer as `install` read it; None where the catalogue has no such entry any more or the file lost its columns."""
    try:
        (entry,) = Catalogue.of_project(project).of(pin.place, (pin.layer,))
        return read_entry(project / file, entry)
    except (BoundaryError, ConfigurationError):
        return None
