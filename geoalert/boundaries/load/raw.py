"""A table as a file holds it: columns, geometries and CRS before anything is decided about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoalert.errors import ExplainedError
from geoalert.findings import Finding

MOST_NAMED = 5


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """One table of a boundary file, unchecked.

    Attributes:
        format: what the file is, in words ("GeoJSON", "Shapefile").
        name: the table's name inside the file.
        columns: values by column name, in the file's order.
        geometries: one shapely geometry or None per row, in the file's own CRS, x first.
        crs: the CRS the file names, None where it names none.
        default_crs: what the format's specification says a file without one is in, None where it says nothing.
        first_row: what people call the first row (2 in a spreadsheet, where row 1 is the header).
        feature_ids: the ids that the format keeps beside the columns (GeoJSON's `id` member, the FID elsewhere).
        notes: what reading changed already.
    """

    format: str
    name: str
    columns: Mapping[str, Sequence[Any] | NDArray[Any]]
    geometries: NDArray[np.object_]
    crs: str | None
    first_row: int = 1
    feature_ids: Sequence[Any] | None = None
    default_crs: str | None = None
    notes: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.geometries)

    def row(self, position: int) -> int:
        """Returns the number people use for the row at `position`."""
        return int(position) + self.first_row


@contextmanager
def located(file: object) -> Iterator[None]:
    """Names the file, as the user did, in every error raised inside; a member of an archive is named behind it."""
    try:
        yield
    except ExplainedError as err:
        shown = str(file)
        inside = err.file is not None and not Path(shown).name.startswith(err.file)
        err.file = f"{shown}/{err.file}" if inside else shown
        raise


def named(values: Sequence[object] | NDArray[Any]) -> str:
    """Returns a short list for an error: the first five, and how many more."""
    shown = ", ".join(str(value) for value in values[:MOST_NAMED])
    more = len(values) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
