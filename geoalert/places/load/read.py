"""Any file of corners in, a gazetteer out."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from geoalert.errors import BoundaryError
from geoalert.places.gather import Gathered, Sighting, gather
from geoalert.places.load.tables import CORNER, LATS, LONS, NAMES, Table, corners, read_table, stops
from geoalert.places.store import Places, open_places, places_of, write_places
from geoalert.places.store.write import is_gazetteer

Format: TypeAlias = Literal["auto", "stops", "corners", "lines"]
MOST_BYTES = 200 << 20
_TABLES = (".csv", ".txt", ".tsv")


def build_places(
    path: str | Path, out: str | Path, *, format: Format = "auto", name: str | None = None, table: str | None = None, crs: str | None = None
) -> Gathered:
    """Writes the gazetteer of a file and returns what is in it.

        build_places("stops.txt", "places.sqlite")

    Raises:
        BoundaryError: what `read_corners` and `write_places` raise.
    """
    gathered = read_corners(path, format=format, name=name, table=table, crs=crs)
    write_places(gathered, out, source=Path(path).name)
    return gathered


def read_corners(
    path: str | Path, *, format: Format = "auto", name: str | None = None, table: str | None = None, crs: str | None = None
) -> Gathered:
    """Returns the corners in a file: stops, a table of corners, or street centrelines.

    Args:
        path: CSV or GTFS stops.txt, plain, gzip'd, or inside a GTFS zip; or lines in any format that `read_layer` takes.
        format: what it is; "auto" tells by its columns.
        name: column of the street's name, for lines.
        table: which table, where there are several, for lines.
        crs: the CRS of lines whose file names none.

    Raises:
        BoundaryError: codes file_not_found, unreadable_file, file_too_large, empty_file, missing_column, cell_count, blank_name,
            unknown_format, unknown_field, not_lines, and those of `read_layer`.
        GeometryError: a coordinate that cannot be right, with its row.
        CRSError: lines whose CRS is missing, unknown or too inaccurate.
    """
    path = Path(path)
    if format not in get_args(Format):
        raise BoundaryError(f"no format {format!r}", code="unknown_format", field="format", do=f"Say {', '.join(get_args(Format))}")
    left_out: Counter[str] = Counter()
    try:
        gathered = gather(_sightings(path, format, left_out, name=name, table=table, crs=crs))
    except BoundaryError as err:
        err.file = err.file or str(path)
        raise
    return Gathered(gathered.corners, gathered.spellings, dict(left_out + Counter(gathered.left_out)))


def read_places(path: str | Path) -> Places:
    """Opens a gazetteer, or makes one in memory of a file that `read_corners` takes, which suits a small one.

    Raises:
        BoundaryError: what `open_places` and `read_corners` raise.
    """
    path = Path(path)
    if is_gazetteer(path) or path.suffix == ".sqlite":
        return open_places(path)
    return places_of(read_corners(path), source=path.name)


def _sightings(
    path: Path, format: Format, left_out: Counter[str], *, name: str | None, table: str | None, crs: str | None
) -> Iterable[Sighting]:
    found = None if format == "lines" else _as_table(path, asked=format != "auto")
    if found is not None:
        placed = found.column(LONS) is not None and found.column(LATS) is not None
        if format == "corners" or (format == "auto" and set(CORNER) <= set(found.header)):
            return corners(found)
        if format == "stops" or (placed and found.column(NAMES) is not None):
            return stops(found, left_out)
        if placed:
            raise BoundaryError(
                f"neither stops nor corners: the columns are {', '.join(found.header)}",
                code="missing_column",
                row=1,
                do="Call them stop_name, lon, lat, or street, cross_street, lon, lat",
            )
    from geoalert.places.load.lines import lines

    return lines(path, left_out, name=name, table=table, crs=crs)


def _as_table(path: Path, *, asked: bool) -> Table | None:
    """Returns the table of a CSV file, None for a file of another sort."""
    content = _content(path)
    if content is None and not asked:
        return None
    if content is None or b"\x00" in content[:4096]:
        raise BoundaryError("not a CSV file", code="unreadable_file", do="Save it as 'CSV UTF-8'")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return read_table(text)


def _content(path: Path) -> bytes | None:
    """Returns the bytes of a CSV file, unpacked; None for a file of another sort."""
    if path.is_dir():
        return None
    try:
        with path.open("rb") as file:
            head = file.read(2)
        if head == b"PK":
            return _gtfs(path)
        stem = path.with_suffix("") if path.suffix.lower() == ".gz" else path
        if stem.suffix.lower() not in _TABLES:
            return None
        with gzip.open(path) if head == b"\x1f\x8b" else path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError as err:
        raise BoundaryError("there is no such file", code="file_not_found", do="Correct the path") from err
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as err:
        why = getattr(err, "strerror", None) or str(err)
        raise BoundaryError(f"the file cannot be read: {why}", code="unreadable_file", do="Fetch or save it again") from err
    return _small(content)


def _gtfs(path: Path) -> bytes | None:
    """Returns stops.txt of a GTFS feed, None for another zip."""
    with zipfile.ZipFile(path) as feed:
        found = next((each for each in feed.namelist() if each.rsplit("/", 1)[-1] == "stops.txt"), None)
        if found is None:
            return None
        with feed.open(found) as file:
            return _small(file.read(MOST_BYTES + 1))


def _small(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise BoundaryError(f"more than {MOST_BYTES >> 20} MB", code="file_too_large", do="Split it into several files")
    return content
