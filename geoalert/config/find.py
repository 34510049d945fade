"""Find the project: the folder of the nearest geoalert.toml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from geoalert.errors import ConfigurationError

FILE_NAME = "geoalert.toml"


def find_project(start: Path | str | None = None, *, project: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """Returns the path of geoalert.toml: the one named, else GEOALERT_PROJECT's, else the nearest from `start` upwards.

    Args:
        start: folder to look from; the current one.
        project: a folder or a geoalert.toml (`--project`).
        environ: the environment; the process's own.

    Raises:
        ConfigurationError: `no_project`; a project that is named and absent is never looked for elsewhere.
    """
    named = project or (os.environ if environ is None else environ).get("GEOALERT_PROJECT")
    if named:
        path = Path(named) / FILE_NAME if Path(named).is_dir() else Path(named)
        if not path.is_file():
            raise ConfigurationError("no project there", code="no_project", value=str(named), do="Name the folder of a geoalert.toml")
        return path.resolve()
    folder = Path(start or ".").resolve()
    for above in (folder, *folder.parents):
        if (above / FILE_NAME).is_file():
            return above / FILE_NAME
    raise ConfigurationError(
        f"no {FILE_NAME} here or above",
        code="no_project",
        value=str(folder),
        do="Run `geoalert init`, or name the project by --project or GEOALERT_PROJECT",
    )
