"""The catalogue for one project folder; `install` needs a folder, not yet a geoalert.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from geoalert.boundaries.catalogue import Catalogue, install, listing
from geoalert.boundaries.catalogue.fetch import Progress
from geoalert.clock import system_clock
from geoalert.config import find_project
from geoalert.errors import ConfigurationError
from geoalert.http import Http


def project_folder(project: Path | None) -> Path:
    """Returns the folder of the project named or nearest, else the folder named, else the current one."""
    try:
        return find_project(project=project).parent
    except ConfigurationError:
        folder = project or Path()
        if folder.is_dir():
            return folder.resolve()
        raise


def listed(project: Path | None) -> list[dict[str, Any]]:
    """Returns every entry of the shipped catalogue and the project's own, with what is installed."""
    folder = project_folder(project)
    return [each.to_dict() for each in listing(Catalogue.of_project(folder), folder)]


def install_place(
    project: Path | None, place: str, *, layers: tuple[str, ...], accept: bool, internal: bool, progress: Progress | None
) -> list[dict[str, Any]]:
    """Installs the layers of a place into the project's folder; see `geoalert.boundaries.catalogue.install`."""
    folder = project_folder(project)
    done = install(
        place,
        into=folder,
        http=Http(),
        clock=system_clock,
        catalogue=Catalogue.of_project(folder),
        accept=accept,
        internal=internal,
        progress=progress,
        layers=layers,
    )
    return [each.to_dict() for each in done]
