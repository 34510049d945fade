"""Ids and labels from the columns of a table: verbatim, none missing, none twice."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoalert.boundaries.ids import AS_WRITTEN, DISSOLVE, IdRule
from geoalert.boundaries.load.raw import RawTable, named
from geoalert.errors import BoundaryError
from geoalert.findings import Finding
from geoalert.text import fold, nearest

ROW = "@row"
FEATURE = "@feature"
_EXCEL_FLOAT = re.compile(r"\s*\d+\.0+\s*")
_EXCEL_SCIENCE = re.compile(r"\s*\d(?:\.\d+)?E\+\d+\s*", re.IGNORECASE)
_SHAPEFILE_NAME = 10


def is_blank(value: Any) -> bool:
    """Returns whether a cell holds nothing: None, NaN, or white space."""
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return True
    return not value.strip() if isinstance(value, str) else str(value) in ("NaT", "<NA>")


def value_text(value: Any) -> str:
    """Returns a cell as text: texts verbatim, 97 and 97.0 as "97"."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def column(raw: RawTable, field: str, *, option: str) -> Sequence[Any] | NDArray[Any]:
    """Returns the values of a column, of `@row` (row numbers) or `@feature` (the ids beside the columns).

    `id` means the column of that name, else GeoJSON's `id` member.

    Raises:
        BoundaryError: code unknown_field, naming the columns most like it.
    """
    if field == ROW:
        return [raw.row(position) for position in range(len(raw))]
    if field in raw.columns:
        return raw.columns[field]
    if (field == FEATURE or (field == "id" and any(value is not None for value in raw.feature_ids or ()))) and raw.feature_ids is not None:
        return raw.feature_ids
    names = list(raw.columns)
    cut = next((name for name in names if len(name) == _SHAPEFILE_NAME and field.casefold().startswith(name.casefold())), None)
    alike = nearest(field, names) or tuple(names)[:6]
    if cut is not None:
        advice = f'Shapefiles cut names to {_SHAPEFILE_NAME} characters: write {option}="{cut}"'
    elif names:
        advice = f"Name one of: {named(alike)}"
    else:
        advice = f'The file has no columns; use {option}="{ROW}" for row numbers'
    raise BoundaryError(f"there is no column {field!r}", code="unknown_field", field=option, value=field, do=advice)


def read_ids(raw: RawTable, field: str) -> tuple[list[str], tuple[Finding, ...]]:
    """Returns one id per row as text, and notes on Excel's habits.

    Raises:
        BoundaryError: codes unknown_field, missing_id, invalid_id.
    """
    values = column(raw, field, option="id")
    blank = [raw.row(position) for position, value in enumerate(values) if is_blank(value)]
    if blank:
        raise BoundaryError(
            f"{len(blank)} row(s) have no id: {named(blank)}",
            code="missing_id",
            row=blank[0],
            field=field,
            do="Give each row its id, or name another column",
        )
    for position, value in enumerate(values):
        if isinstance(value, bool | np.bool_ | list | dict | bytes):
            raise BoundaryError(
                "an id must be a text or a number",
                code="invalid_id",
                row=raw.row(position),
                field=field,
                value=value,
                do="Name another column",
            )
    return [value_text(value) for value in values], _habits(values, field)


def _habits(values: Sequence[Any] | NDArray[Any], field: str) -> tuple[Finding, ...]:
    """Returns what in the ids looks like a spreadsheet's doing; nothing is changed for it."""
    texts = [value for value in values if isinstance(value, str)]
    floats = [value for value in values if isinstance(value, float | np.floating)]
    found = []
    if field == ROW:
        found.append(Finding("warn", "row_ids", "ids are row numbers: they hold for this version of the file only", where=field))
    if floats and all(float(value).is_integer() for value in floats):
        text = f"ids are decimal numbers in the file ({float(floats[0])}): written without the point ({value_text(floats[0])})"
        found.append(Finding("note", "decimal_ids", text, where=field))
    if odd := [text for text in texts if _EXCEL_FLOAT.fullmatch(text)]:
        found.append(Finding("warn", "decimal_ids", f"ids read like numbers that Excel saved: {named(odd)}", where=field))
    if odd := [text for text in texts if _EXCEL_SCIENCE.fullmatch(text)]:
        found.append(Finding("warn", "shortened_ids", f"ids read like long numbers that Excel shortened: {named(odd)}", where=field))
    return tuple(found)


def read_labels(raw: RawTable, field: str | None, ids: list[str]) -> list[str]:
    """Returns one label per row; the id where there is no label.

    Raises:
        BoundaryError: code unknown_field.
    """
    if field is None:
        return ids
    values = column(raw, field, option="label")
    return [text if is_blank(value) else value_text(value).strip() for value, text in zip(values, ids, strict=True)]


def read_population(raw: RawTable, field: str, rows: Sequence[Sequence[int]]) -> list[float]:
    """Returns how many people live in the rows of each id together; NaN where a cell of them is blank.

    Raises:
        BoundaryError: codes unknown_field, invalid_population.
    """
    values = column(raw, field, option="population")
    people = [math.nan if is_blank(value) else _count(value, raw.row(position), field) for position, value in enumerate(values)]
    return [math.fsum(people[position] for position in positions) for positions in rows]


def _count(value: Any, row: int, field: str) -> float:
    try:
        number = float(str(value).replace(",", "")) if not isinstance(value, bool | np.bool_) else math.nan
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise BoundaryError(
            "not a number of people", code="invalid_population", row=row, field=field, value=value, do="Give a number from 0 on, or nothing"
        )
    return number


def same_ids(ids: list[str], rule: IdRule) -> dict[str, list[int]]:
    """Returns the positions of the rows of each id, compared by the layer's rule, in first-seen order."""
    rows: dict[str, list[int]] = {}
    for position, text in enumerate(ids):
        rows.setdefault(rule.normalise(text), []).append(position)
    return rows


def refuse_duplicates(raw: RawTable, ids: list[str], rows: dict[str, list[int]], field: str) -> None:
    """Raises BoundaryError (duplicate_id) naming the rows of the first id that comes twice."""
    twice = [positions for positions in rows.values() if len(positions) > 1]
    if not twice:
        return
    first = twice[0]
    spelled = " and ".join(repr(text) for text in dict.fromkeys(ids[position] for position in first))
    at = named([raw.row(position) for position in first])
    raise BoundaryError(
        f"{len(twice)} id(s) come more than once; the first, {spelled}, in rows {at}",
        code="duplicate_id",
        row=raw.row(first[1]),
        field=field,
        value=ids[first[1]],
        do=f"Join the rows of one id by {DISSOLVE}; {f'{AS_WRITTEN}; ' if ' and ' in spelled else ''}or name a column that is unique",
    )


def is_unique(values: Sequence[Any] | NDArray[Any]) -> bool:
    """Returns whether a column has no blank and no value twice, compared as folded text."""
    texts = [None if is_blank(value) else fold(value_text(value)) for value in values]
    return None not in texts and len(set(texts)) == len(texts)
