"""Exports from the command line: one option and one way out where the file is there already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoalert.errors import GeoAlertError

if TYPE_CHECKING:
    from geoalert.frames.tables import Layers
    from geoalert.frames.write import Written

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace the file where it is there already.")


def exported(thing: Any, path: Path, *, overwrite: bool, layers: Layers = None) -> Written:
    """Writes a thing as `frames.write` does; where the file is there already, the error names the option that replaces it."""
    from geoalert.frames import write

    try:
        return write(thing, path, layers=layers, overwrite=overwrite)
    except GeoAlertError as err:
        if err.code == "file_exists":
            err.do = "Name another file, or replace this one by --overwrite."
        raise
