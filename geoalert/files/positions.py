"""Where in a TOML or JSON text a field stands, for errors."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Returns the line, from 1, where the longest known beginning of `path` stands; None where nothing of it is found.

    A scan by line, not a parse: a key inside a string of several lines may mislead it, and then only the number is off.
    """
    if text.lstrip().startswith("{"):
        return _json_line(text, path)
    lines = _toml_lines(text)
    wanted = tuple(path)
    while wanted:
        if wanted in lines:
            return lines[wanted]
        wanted = wanted[:-1]
    return None


def _toml_lines(text: str) -> dict[tuple[str | int, ...], int]:
    found: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            table = _table(_parts(header[2]), counts, array=header[1] == "[[")
            _note(found, table, number)
            continue
        key = _KEY.match(line)
        if key:
            _note(found, table + _parts(key[1]), number)
    return found


def _table(names: tuple[str | int, ...], counts: dict[tuple[str | int, ...], int], *, array: bool) -> tuple[str | int, ...]:
    whole: tuple[str | int, ...] = ()
    for position, name in enumerate(names):
        whole = (*whole, name)
        last = position == len(names) - 1
        if array and last:
            counts[whole] = counts.get(whole, -1) + 1
        if whole in counts:
            whole = (*whole, counts[whole])
    return whole


def _note(found: dict[tuple[str | int, ...], int], path: tuple[str | int, ...], number: int) -> None:
    for length in range(1, len(path) + 1):
        found.setdefault(path[:length], number)


def _parts(dotted: str) -> tuple[str | int, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _json_line(text: str, path: Sequence[str | int]) -> int | None:
    at, found = 0, None
    for name in path:
        if isinstance(name, str):
            next_at = text.find(f'"{name}"', at)
            if next_at < 0:
                break
            at, found = next_at, text.count("\n", 0, next_at) + 1
    return found
