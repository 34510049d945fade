"""Read a file that a person wrote: one error that names file, line, field, value and what to do.

The first mistake found is the one reported, an unknown field before a missing one, because the first is often the cause of the second.
Values below a table named in `hide` are never shown, neither in the error nor in the cause it carries.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from geoalert.errors import AlertError, ConfigurationError, ExplainedError
from geoalert.files.model import FileModel
from geoalert.files.positions import line_of
from geoalert.text import hidden_mark, nearest

FORMAT = 1
LIMIT_BYTES = 2_000_000
Refusal = type[AlertError] | type[ConfigurationError]
Model = TypeVar("Model", bound=FileModel)

_WORDS = {
    "string_type": ("wrong_type", "must be text in quotes"),
    "int_type": ("wrong_type", "must be a whole number"),
    "int_from_float": ("wrong_type", "must be a whole number"),
    "float_type": ("wrong_type", "must be a number"),
    "bool_type": ("wrong_type", "must be true or false"),
    "list_type": ("wrong_type", "must be a list in [ ]"),
    "dict_type": ("wrong_type", "must be a table"),
    "model_type": ("wrong_type", "must be a table"),
    "date_type": ("wrong_type", "must be a date, YYYY-MM-DD"),
    "datetime_type": ("wrong_type", "must be a date and time, YYYY-MM-DDTHH:MM:SS"),
    "finite_number": ("invalid_value", "must be a finite number"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and where it says it."""

    file: str
    values: dict[str, Any] = field(repr=False)
    text: str = field(default="", repr=False)

    def line(self, path: Sequence[str | int]) -> int | None:
        """Returns the line of a field, else of the nearest table around it."""
        return line_of(self.text, path)

    def line_named(self, name: str | None) -> int | None:
        """Returns the line of a dotted field as errors write it; people and vehicles go by their number."""
        if not name:
            return None
        path: list[str | int] = list(name.split("."))
        rows = self.values.get(str(path[0]))
        if isinstance(rows, list) and len(path) > 1 and str(path[1]).isdigit():
            numbers = [row.get("number") if isinstance(row, dict) else None for row in rows]
            number = int(str(path[1]))
            path[1] = numbers.index(number) if number in numbers else number - 1
        return self.line(path)

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Adds file and line to an error that was raised where neither is known."""
        try:
            yield
        except ExplainedError as err:
            if err.file is None:
                err.file = self.file
                err.row = err.row if err.row is not None else self.line_named(err.field)
            raise


def read_document(path: Path | str, *, refusal: Refusal, what: str) -> Document:
    """Reads a TOML file, or JSON where the name ends so, and checks its `format`.

    Args:
        path: the file.
        refusal: the error class of this kind of file.
        what: the kind of file, for the error's words.

    Raises:
        AlertError, ConfigurationError: `file_not_found`, `not_a_file`, `file_unreadable`, `file_too_large`, `not_utf8`, `invalid_toml`,
            `invalid_json`, `control_characters`, `missing_format`, `unknown_format`.
    """
    return parse_document(_read_text(Path(path), refusal, what), path=path, refusal=refusal, what=what)


def parse_document(text: str, *, path: Path | str, refusal: Refusal, what: str) -> Document:
    """Returns the document in a text that is, or will be, the file of that path; errors as `read_document`."""
    language = "JSON" if Path(path).suffix.lower() == ".json" else "TOML"
    try:
        values = json.loads(text, object_pairs_hook=_once) if language == "JSON" else tomllib.loads(text)
    except (ValueError, RecursionError) as err:
        do = f"Mend it: {str(err).split(' (at ', 1)[0]}" if isinstance(err, ValueError) else "It nests too deeply"
        row = _line_in(err, text)
        code = "invalid_json" if language == "JSON" else "invalid_toml"
        raise refusal(f"not valid {language}", code=code, file=path, row=row, do=do) from err
    if not isinstance(values, dict):
        raise refusal(f"{what} is one table", code="invalid_json", file=path, do="Write one { } with the fields in it")
    document = Document(str(path), values, text)
    _refuse_hidden(document, refusal)
    check_format(document, refusal)
    return document


def check_format(document: Document, refusal: Refusal) -> None:
    """Refuses a document of no format or of one that this release does not know."""
    given = document.values.get("format")
    if given is None:
        raise refusal(
            "the file does not say its format", code="missing_format", file=document.file, field="format", do=f"Write format = {FORMAT}"
        )
    if given != FORMAT or isinstance(given, bool):
        raise refusal(
            "unknown format",
            code="unknown_format",
            file=document.file,
            row=document.line(["format"]),
            field="format",
            value=given,
            do=f"This release reads format = {FORMAT}",
        )


def _refuse_hidden(document: Document, refusal: Refusal) -> None:
    for path, text in _texts(document.values):
        mark = hidden_mark(text)
        if mark is not None:
            name = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
            raise refusal(
                "a text holds a character that no reader sees",
                code="control_characters",
                file=document.file,
                row=document.line(path),
                field=ascii(name)[1:-1],
                value=mark,
                do="Type it anew",
            )


def _texts(whole: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yields every text with its path, names included, in the file's order; without recursion, for files may nest deeply."""
    left: list[tuple[tuple[str | int, ...], Any]] = [((), whole)]
    while left:
        path, value = left.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            yield from (((*path, name), name) for name in value)
            left += reversed([((*path, name), inner) for name, inner in value.items()])
        elif isinstance(value, list):
            left += reversed([((*path, position), inner) for position, inner in enumerate(value)])


def validate(document: Document, model: type[Model], *, refusal: Refusal, hide: Sequence[str] = ()) -> Model:
    """Returns the document as its schema, or raises the first thing that is wrong.

    Codes: unknown_field (with the nearest known), missing_field, wrong_type, invalid_value.

    Args:
        document: what was read.
        model: a `FileModel`.
        refusal: the error class of this kind of file.
        hide: top-level tables whose values are never shown, for they may hold a secret.
    """
    try:
        return model.model_validate(document.values)
    except ValidationError as err:
        problem = err.errors(include_url=False, include_input=True)[0]
        raise _translated(document, problem, refusal, hide, model.missing_codes) from err


def _translated(
    document: Document, problem: Mapping[str, Any], refusal: Refusal, hide: Sequence[str], missing: Mapping[str, str]
) -> ExplainedError:
    path = _within(document.values, list(problem["loc"]))
    context = problem.get("ctx") or {}
    shown = None if path and path[0] in hide else problem.get("input")
    do: str | None = None
    if problem["type"] == "unknown_field":
        path = [*path, context["name"]]
        code, what, shown = "unknown_field", "unknown field", None
        near = nearest(context["name"], context["known"])
        do = f"Did you mean {' or '.join(near)}?" if near else f"Known here: {', '.join(context['known'])}"
    elif problem["type"] == "missing":
        path = [*path, problem["loc"][-1]] if problem["loc"][-1] not in path[-1:] else path
        code, what = missing.get(".".join(map(str, path)), "missing_field"), "the field is missing"
        shown, do = None, f"Add {path[-1]} = ..."
    else:
        code, what = _WORDS.get(problem["type"], ("invalid_value", str(problem["msg"]).lower()))
    if isinstance(shown, dict | list):
        shown = None
    name = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    return refusal(what, code=code, file=document.file, row=document.line(path), field=name or None, value=shown, do=do)


def _within(values: Any, path: list[str | int]) -> list[str | int]:
    """Returns the leading part of a schema's path that is in the document; the names of a union's members are not."""
    kept: list[str | int] = []
    for part in path:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            continue
        kept.append(part)
    return kept


def _read_text(path: Path, refusal: Refusal, what: str) -> str:
    try:
        if path.is_dir():
            raise refusal(f"a folder, not a file: the {what} is expected", code="not_a_file", file=path, do="Name the file inside it")
        if path.stat().st_size > LIMIT_BYTES:
            raise refusal(f"{what} is larger than {LIMIT_BYTES:,} bytes", code="file_too_large", file=path)
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as err:
        raise refusal(f"no such {what}", code="file_not_found", file=path, do="Check the path") from err
    except UnicodeDecodeError as err:
        raise refusal("the file is not UTF-8 text", code="not_utf8", file=path, do="Save it as UTF-8") from err
    except (OSError, ValueError) as err:
        raise refusal(f"{what} cannot be read", code="file_unreadable", file=ascii(str(path))[1:-1], do="Check its permissions") from err


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"a name is given twice: {next(name for name in names if names.count(name) > 1)}")
    return found


def _line_in(err: Exception, text: str) -> int | None:
    found = re.search(r"at line (\d+)", str(err))
    if found:
        return int(found[1])
    return text.count("\n") + 1 if "at end of document" in str(err) else getattr(err, "lineno", None)
