"""One row of a directory file, its cells read as what a column holds; spreadsheet damage is named, never guessed at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from geoalert.errors import DirectoryError

T = TypeVar("T")

_EXCEL_ERROR = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!)|#{3,}")
_SCIENTIFIC = re.compile(r"[-+]?\d+([.,]\d+)?[eE][+-]?\d+")
_TRAILING_ZERO = re.compile(r"\d{5,}\.0+")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_MONTH_ID = re.compile(rf"\d{{1,2}}[- ]{_MONTH}|{_MONTH}[- ]\d{{1,4}}", re.IGNORECASE)
_NAMED_DATE = re.compile(rf"\d{{1,2}}[- ./]{_MONTH}[- ./,]*(\d{{2,4}})?|{_MONTH}[- ./]+\d{{1,2}},?[- ./]+\d{{2,4}}", re.IGNORECASE)
_SLASHED = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(\d{2}|\d{4})")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?")
_DAY_NUMBER = re.compile(r"[3-6]\d{4}(\.0+)?")
_DECIMAL_COMMA = re.compile(r"[-+]?\d{1,3},\d+")
_LIST = re.compile(r"[;|]")
_DAY_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by column, with the number that a spreadsheet or GIS shows for the row.

    A CSV's header is row 1; features count from 1.
    """

    file: str
    number: int
    cells: Mapping[str, str]

    def error(self, what: str, *, code: str, field: str, do: str, value: str | None = None) -> DirectoryError:
        """Returns the error for one cell, with its place and value."""
        shown = self.cells.get(field) if value is None else value
        return DirectoryError(what, code=code, file=self.file, row=self.number, field=field, value=shown, do=do)

    def text(self, field: str) -> str:
        """Returns the cell as written, refused where a spreadsheet left an error or a formula."""
        value = self.cells.get(field, "")
        if _EXCEL_ERROR.fullmatch(value):
            raise self.error(
                "a spreadsheet's error in place of a value", code="excel_error", field=field, do="Correct it in the spreadsheet"
            )
        if value.startswith("="):
            raise self.error("a spreadsheet formula", code="excel_formula", field=field, do="Paste the column as values, then save again")
        return value

    def code(self, field: str) -> str:
        """Returns an id, phone number or address, refused where a spreadsheet turned it into a number or a date.

        Raises:
            DirectoryError: excel_number for 4.16E+09, excel_date for the id 1-Mar.
        """
        value = self.text(field)
        if _SCIENTIFIC.fullmatch(value) or _TRAILING_ZERO.fullmatch(value):
            raise self.error(
                "a spreadsheet turned this into a number and lost digits",
                code="excel_number",
                field=field,
                do="Format the column as text, type the value anew and save again",
            )
        if field in ("id", "unit") and (_MONTH_ID.fullmatch(value) or _SLASHED.fullmatch(value)):
            raise self.error(
                "a spreadsheet turned this id into a date",
                code="excel_date",
                field=field,
                do="Format the column as text and type the id anew",
            )
        return value

    def many(self, field: str) -> tuple[str, ...]:
        """Returns the parts of a cell between `;` or `|`, blanks left out."""
        return tuple(part.strip() for part in _LIST.split(self.text(field)) if part.strip())

    def day(self, field: str) -> date | None:
        """Returns an ISO date, None for a blank cell; every other way of writing one is refused.

        Raises:
            DirectoryError: ambiguous_date for 11/02/2026, excel_date for 2-Nov-26 and 46054, invalid_date.
        """
        value = self.text(field)
        if not value:
            return None
        if midnight := _MIDNIGHT.fullmatch(value):
            value = midnight[1]
        if _ISO.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError as err:
                raise self.error("no such day", code="invalid_date", field=field, do="Write it as YYYY-MM-DD") from err
        if _SLASHED.fullmatch(value):
            raise self.error(
                "day and month cannot be told apart",
                code="ambiguous_date",
                field=field,
                do="Write it as YYYY-MM-DD, in a column formatted as text",
            )
        if _DAY_NUMBER.fullmatch(value):
            meant = _DAY_ZERO + timedelta(days=int(float(value)))
            raise self.error(
                f"a spreadsheet's day number, perhaps {meant}",
                code="excel_date",
                field=field,
                do="Format the column as text and write YYYY-MM-DD",
            )
        code = "excel_date" if _NAMED_DATE.fullmatch(value) else "invalid_date"
        raise self.error("not an ISO date", code=code, field=field, do="Write it as YYYY-MM-DD, in a column formatted as text")

    def degrees(self, field: str) -> float:
        """Returns a coordinate in decimal degrees; the range is the geometry room's question.

        Raises:
            DirectoryError: missing_position, decimal_comma, not_a_number.
        """
        value = self.text(field)
        if not value:
            raise self.error(f"{field} is blank", code="missing_position", field=field, do="Fill in lat and lon in decimal degrees")
        if _DECIMAL_COMMA.fullmatch(value):
            raise self.error("a decimal comma", code="decimal_comma", field=field, do="Write a decimal point, as in 43.64702")
        try:
            return float(value)
        except ValueError as err:
            raise self.error("not a number", code="not_a_number", field=field, do="Write decimal degrees, as in -79.39511") from err


def each(rows: Iterable[Row], make: Callable[[Row], T]) -> list[tuple[Row, T]]:
    """Returns what `make` builds of every row.

    Raises:
        DirectoryError: the first row's that fails, saying which others fail too.
    """
    made: list[tuple[Row, T]] = []
    failed: list[DirectoryError] = []
    for row in rows:
        try:
            made.append((row, make(row)))
        except DirectoryError as err:
            failed.append(_placed(err, row))
    if failed:
        raise with_others(failed)
    return made


def with_others(failed: list[DirectoryError]) -> DirectoryError:
    """Returns the first error; where others follow, its text says how many and in which rows."""
    first = failed[0]
    if len(failed) == 1:
        return first
    rows = sorted({err.row for err in failed[1:] if err.row is not None})
    shown = ", ".join(map(str, rows[:5])) + (" ..." if len(rows) > 5 else "")
    count = "1 more row fails" if len(rows) == 1 else f"{len(rows)} more rows fail"
    whole = DirectoryError(
        f"{first.what}; {count}, {shown}",
        code=first.code,
        file=first.file,
        row=first.row,
        field=first.field,
        value=first.value,
        do=first.do,
    )
    whole.__cause__ = first
    return whole


def _placed(err: DirectoryError, row: Row) -> DirectoryError:
    err.file = err.file or row.file
    err.row = err.row if err.row is not None else row.number
    return err
