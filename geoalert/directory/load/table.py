"""CSV as spreadsheets write it: byte order marks, `;` or tab, old code pages."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path

from geoalert.directory.load.row import Row
from geoalert.errors import DirectoryError
from geoalert.text import nearest

MOST_BYTES = 200 << 20
_MARKS = (",", ";", "\t")


def read_bytes(path: Path) -> bytes:
    """Returns the file's bytes, unpacked where they are gzip'd.

    Raises:
        DirectoryError: file_not_found, unreadable_file, file_too_large.
    """
    try:
        packed = is_gzip(path)
        with gzip.open(path) if packed else path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError as err:
        raise DirectoryError("no such file", code="file_not_found", file=path, do="Correct the path") from err
    except (OSError, EOFError, zlib.error) as err:
        why = getattr(err, "strerror", None) or str(err)
        raise DirectoryError(f"the file cannot be read: {why}", code="unreadable_file", file=path, do="Save it again") from err
    if len(content) > MOST_BYTES:
        raise DirectoryError(f"more than {MOST_BYTES >> 20} MB", code="file_too_large", file=path, do="Split it into several files")
    return content


def is_gzip(path: Path) -> bool:
    """Tells by the first bytes whether a file is packed."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def table_rows(content: bytes, file: str, columns: tuple[str, ...]) -> list[Row]:
    """Returns the rows of a CSV text, numbered as a spreadsheet shows them; blank rows are left out.

    The delimiter is the one that finds most known columns in the header. UTF-8 is tried first, then Windows-1252; UTF-16 is read where a
    byte order mark says so. A row with a cell more or less than the header is refused: its cells would stand in wrong columns.

    Raises:
        DirectoryError: unreadable_file, unknown_encoding, empty_file, unknown_column, missing_column, duplicate_column, cell_count.
    """
    text = decoded(content, file)
    hint, _, rest = text.partition("\n")
    offset = 0
    if hint.strip().lower().startswith("sep="):
        text, offset = rest, 1
    lines = text.splitlines()
    mark = delimiter(lines[0] if lines else "", columns)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as err:
        raise DirectoryError(f"not a table: {err}", code="unreadable_file", file=file, do="Look for an unclosed quotation mark") from err
    if not table or not any(cell.strip() for cell in table[0]):
        raise DirectoryError("the file has no header", code="empty_file", file=file, do=f"Begin with {','.join(columns)}")
    header = [cell.strip() for cell in table[0]]
    width = len(header)
    while header and not header[-1]:
        header.pop()
    check_header(header, columns, file=file, row=1 + offset)
    rows = []
    for number, cells in enumerate(table[1:], start=2 + offset):
        cells = [cell.strip() for cell in cells]
        if any(cells):
            rows.append(Row(file, number, _by_column(cells, header, width, mark, file=file, row=number)))
    return rows


def check_header(header: list[str], columns: tuple[str, ...], *, file: str, row: int | None = None) -> None:
    """Refuses a header that is not exactly the columns, in any order.

    Raises:
        DirectoryError: unknown_column naming the nearest, duplicate_column, missing_column naming all that are missing.
    """
    for name in header:
        if name not in columns:
            near = nearest(name, [column for column in columns if column not in header] or columns, most=1)
            do = f"Did you mean {near[0]}?" if near else f"The columns are {', '.join(columns)}"
            raise DirectoryError("unknown column", code="unknown_column", file=file, row=row, field=name, value=name, do=do)
        if header.count(name) > 1:
            raise DirectoryError("the column is there twice", code="duplicate_column", file=file, row=row, field=name, do="Remove one")
    missing = [name for name in columns if name not in header]
    if missing:
        raise DirectoryError(
            f"missing column{'s' if len(missing) > 1 else ''} {', '.join(missing)}",
            code="missing_column",
            file=file,
            row=row,
            field=missing[0],
            do="Add it to the header; its cells may be blank where nothing is known",
        )


def decoded(content: bytes, file: str) -> str:
    """Returns the text of a CSV file, whatever a spreadsheet wrote it in.

    Raises:
        DirectoryError: unreadable_file, unknown_encoding.
    """
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DirectoryError(
            "a workbook, not a CSV file", code="unreadable_file", file=file, do="Save the sheet as 'CSV UTF-8' and name that file"
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise DirectoryError("not a text file", code="unreadable_file", file=file, do="Save the sheet as 'CSV UTF-8'")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        row = content.count(b"\n", 0, err.start) + 1
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as err:
        raise DirectoryError(
            "the text is neither UTF-8 nor Windows-1252", code="unknown_encoding", file=file, row=row, do="Save the sheet as 'CSV UTF-8'"
        ) from err


def delimiter(header: str, columns: tuple[str, ...]) -> str:
    """Returns the mark that makes most of the header's cells known columns."""
    return max(_MARKS, key=lambda mark: sum(cell.strip().strip('"') in columns for cell in header.split(mark)))


def _by_column(cells: list[str], header: list[str], width: int, mark: str, *, file: str, row: int) -> dict[str, str]:
    if not len(header) <= len(cells) <= width or any(cells[len(header) :]):
        shown = "tab" if mark == "\t" else f"'{mark}'"
        raise DirectoryError(
            f"{len(cells)} cells where the header has {len(header)}",
            code="cell_count",
            file=file,
            row=row,
            do=f'Put a cell that holds {shown} in quotation marks: "..."; leave no cell out',
        )
    return dict(zip(header, cells, strict=False))
