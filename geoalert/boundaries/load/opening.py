"""From a path to the files worth reading in it: gzip, zip and folders are opened, the format is told by content."""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from geoalert.boundaries.load.raw import named
from geoalert.errors import BoundaryError

MOST_BYTES = 1 << 30
MOST_MEMBERS = 10_000
_MOST_ARCHIVES = 8
_CHUNK = 1 << 20
_ARCHIVES = (".kmz", ".zip", ".gz")
_SUFFIXES = (
    ".shp", ".gpkg", ".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson", ".jsonl", ".kml", ".csv", ".tsv", ".parquet", ".geoparquet",
)  # fmt: skip
FORMATS = "GeoJSON, GeoJSON sequence, Shapefile, GeoPackage, FileGDB, KML, KMZ, CSV with a WKT column, Esri JSON, GeoParquet"


@dataclass(frozen=True, slots=True)
class Source:
    """One readable file or FileGDB folder, its format told by its first bytes: json, csv, kml, parquet, shapefile, geopackage, filegdb."""

    kind: str
    path: Path
    stem: str


@contextmanager
def opened(path: Path, *, most_bytes: int = MOST_BYTES) -> Iterator[tuple[Source, ...]]:
    """Yields what there is to read at `path`; unpacked copies live as long as the block.

    Raises:
        BoundaryError: codes file_not_found, unreadable_file, unknown_format, archive_too_large, unsafe_archive, too_many_files.
    """
    if not os.path.lexists(path):
        raise BoundaryError("there is no such file", code="file_not_found", do=f"Check the path; it was looked for at {path.absolute()}")
    with TemporaryDirectory(prefix="geoalert-") as folder:
        try:
            found = tuple(_sources(path, path.name, _Room(Path(folder), most_bytes)))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as err:
            raise unreadable(path.name, str(err) or type(err).__name__) from err
        if not found:
            raise _unknown(path.name, "no boundary file is inside")
        yield found


@dataclass(slots=True)
class _Room:
    """Where archives are unpacked, how many bytes may still come out of them, and how many were opened."""

    folder: Path
    left: int
    opened: int = 0

    def next_folder(self) -> Path:
        """Returns a new empty folder.

        Raises:
            BoundaryError: code unsafe_archive, for archives full of archives.
        """
        self.opened += 1
        if self.opened > _MOST_ARCHIVES:
            raise BoundaryError(
                "too many archives inside the archive", code="unsafe_archive", do="Unpack it by hand and name the file inside"
            )
        folder = self.folder / str(self.opened)
        folder.mkdir()
        return folder


def unreadable(file: object, why: str) -> BoundaryError:
    """Returns the one error for a file that is damaged, cut short or not what its name says."""
    return BoundaryError(
        f"the file cannot be read: {why.strip().rstrip('.')}",
        code="unreadable_file",
        file=file,
        do="Fetch it again from where it came, or open and save it anew in a GIS",
    )


def _unknown(file: object, why: str) -> BoundaryError:
    """Returns the refusal of a format that is not read, naming those that are."""
    return BoundaryError(f"not a format that is read here: {why}", code="unknown_format", file=file, do=f"Save it as one of: {FORMATS}")


def _sources(path: Path, shown: str, room: _Room) -> Iterator[Source]:
    """Yields what is at a path, opening gzip and zip by their first bytes whatever they are called."""
    if path.is_dir():
        yield from _folder(path, room)
        return
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"\x1f\x8b"):
        inner = room.next_folder() / (Path(shown).stem if shown.lower().endswith(".gz") else shown)
        with gzip.open(path, "rb") as packed:
            _copy(packed, inner, room)
        yield from _sources(inner, inner.name, room)
    elif head.startswith(b"PK\x03\x04"):
        yield from _folder(_unzipped(path, room), room)
    else:
        yield Source(_kind(path, head), path, path.stem)


def _folder(folder: Path, room: _Room) -> Iterator[Source]:
    """Yields the boundary files of a folder in name order; hidden files and the insides of FileGDBs are passed over.

    A file that cannot be read is passed over too, unless there is nothing else.
    """
    if folder.suffix.lower() == ".gdb" or (folder / "a00000001.gdbtable").exists():
        yield Source("filegdb", folder, folder.stem)
        return
    found, fault = 0, None
    for path in _candidates(folder):
        if path.suffix.lower() in _ARCHIVES and not room.opened:
            continue
        try:
            for source in _sources(path, path.name, room):
                yield source
                found += 1
        except BoundaryError as err:
            if err.code not in ("unreadable_file", "unknown_format"):
                raise
            fault = fault or err
    if fault is not None and not found:
        raise fault


def _candidates(folder: Path) -> list[Path]:
    """Returns the files and FileGDBs in a folder whose names promise boundaries, in name order.

    Raises:
        BoundaryError: code too_many_files, above 10,000 entries.
    """
    entries = list(islice(folder.rglob("*"), MOST_MEMBERS + 1))
    if len(entries) > MOST_MEMBERS:
        raise BoundaryError("the folder holds too many files to look through", code="too_many_files", do="Name the one file meant")
    chosen = []
    for path in sorted(entries):
        inside = path.relative_to(folder)
        hidden = any(part.startswith((".", "__MACOSX")) for part in inside.parts)
        suffix = path.suffix.lower()
        if hidden or any(parent.suffix.lower() == ".gdb" for parent in inside.parents):
            continue
        if suffix == ".gdb" if path.is_dir() else suffix in _SUFFIXES + _ARCHIVES:
            chosen.append(path)
    return chosen


def _kind(path: Path, head: bytes) -> str:
    """Returns what reads a file, from its first bytes; the ending decides only between CSV and other text.

    GDAL would try every format it has, virtual ones that open other files among them, so it is never asked to guess.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    suffix = path.suffix.lower()
    for magic, kind in ((b"PAR1", "parquet"), (b"SQLite format 3\0", "geopackage"), (b"\x00\x00\x27\x0a", "shapefile")):
        if head.startswith(magic):
            return kind
    if not text:
        raise unreadable(path.name, "it is empty")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise unreadable(path.name, "it is UTF-16 text; save it as UTF-8")
    if text[:1] in (b"{", b"["):
        return "json"
    if text.startswith(b"<"):
        if b"<kml" in head.lower() or suffix == ".kml":
            return "kml"
        page = b"<html" in head.lower() or b"<!doctype html" in head.lower()
        raise _unknown(path.name, "it is a web page, perhaps the portal's error page" if page else "it is XML, but not KML")
    if suffix in (".csv", ".tsv", ".txt"):
        return "csv"
    if suffix in _SUFFIXES:
        raise unreadable(path.name, f"its first bytes are not those of a {suffix} file")
    if suffix in (".dbf", ".shx", ".prj", ".cpg"):
        raise _unknown(path.name, "it is one part of a shapefile; name the .shp")
    raise _unknown(path.name, f"its name ends in {suffix!r}" if suffix else "its name has no ending")


def _unzipped(path: Path, room: _Room) -> Path:
    """Returns the folder into which a zip was unpacked, after looking at every name in it."""
    target = room.next_folder()
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > MOST_MEMBERS:
            raise _too_large(path, f"{len(members)} files")
        odd = [member.filename for member in members if _is_unsafe(member)]
        if odd:
            raise BoundaryError(
                f"the archive holds names that lead outside it, links or encrypted files: {named(odd)}",
                code="unsafe_archive",
                file=path.name,
                do="Unpack it by hand, look at it, and name the file inside",
            )
        for member in members:
            out = target / PurePosixPath(member.filename)
            out.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as packed:
                _copy(packed, out, room)
    return target


def _is_unsafe(member: zipfile.ZipInfo) -> bool:
    """Returns whether a member leads outside its archive, is a link, or is encrypted."""
    name = PurePosixPath(member.filename.replace("\\", "/"))
    link = (member.external_attr >> 16) & 0o170000 == 0o120000
    return (
        name.is_absolute() or ".." in name.parts or ":" in member.filename or "\\" in member.filename or link or bool(member.flag_bits & 1)
    )


def _copy(packed: IO[bytes] | gzip.GzipFile, out: Path, room: _Room) -> None:
    """Copies what comes out of an archive, counting bytes as they come: sizes in headers can lie."""
    with out.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            room.left -= len(chunk)
            if room.left < 0:
                raise _too_large(out, "too many bytes come out of it")
            file.write(chunk)


def _too_large(path: Path, size: str) -> BoundaryError:
    """Returns the refusal of an archive that grows past the limit."""
    return BoundaryError(
        f"unpacked, the archive is too large: {size}",
        code="archive_too_large",
        file=path.name,
        do="Unpack it by hand and name the file inside",
    )
