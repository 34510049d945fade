"""Adds file and line to an error about an alert that was found after its file was read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geoalert.errors import AlertError, AreaError, ConfigurationError, DirectoryError, ExplainedError, PlanError
from geoalert.files.toml import read_document

_ABOUT_ALERTS = (AlertError, AreaError, PlanError, DirectoryError)


@contextmanager
def placed_in(path: Path) -> Iterator[None]:
    """Names the alert's file, and the line of the field where the file has it, in an error that names no file."""
    try:
        yield
    except ExplainedError as err:
        if err.file is None and err.field and isinstance(err, _ABOUT_ALERTS):
            with suppress(AlertError, ConfigurationError):
                document = read_document(path, refusal=AlertError, what="alert file")
                if err.field.split(".")[0] in document.values:
                    err.file, err.row = str(path), document.line_named(err.field)
        raise
