"""Write the text of an area.toml from what was said on a command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

FIRST_LINE = "format = 1"


def area_text(
    rule: Mapping[str, Any],
    *,
    minus: list[dict[str, Any]],
    withhold: list[dict[str, Any]],
    label: str | None = None,
    author: str | None = None,
    reason: str | None = None,
) -> str:
    """Returns the text of an area file.

    Args:
        rule: the fields of `[rule]`.
        minus, withhold: the fields of each table.
        label, author, reason: words about the area; empty ones are left out.

    Example:
        area_text({"type": "circle", "lon": -79.3966, "lat": 43.64867, "radius_m": 600}, minus=[], withhold=[], author="b.okafor")
    """
    about = {"author": author, "reason": reason, "label": label}
    lines = [FIRST_LINE, *(f"{name} = {toml_value(text)}" for name, text in about.items() if text)]
    lines += ["", "[rule]", *_fields(rule)]
    for name, tables in (("minus", minus), ("withhold", withhold)):
        for table in tables:
            lines += ["", f"[[{name}]]", *_fields(table)]
    return "\n".join(lines) + "\n"


def toml_value(value: object) -> str:
    """Returns a text, number, truth value, time, list or table as TOML writes it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {toml_value(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    # A JSON string of plain text is a TOML basic string.
    return json.dumps(value, ensure_ascii=False)


def _fields(table: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {toml_value(value)}" for name, value in table.items() if value is not None]
