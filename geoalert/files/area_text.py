"""Write the text of an area file from what was said on a command line."""

from __future__ import annotations

import json
import math
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
    suffix: str = ".toml",
) -> str:
    """Returns the text of an area file.

    Args:
        rule: the fields of `[rule]`.
        minus, withhold: the fields of each table.
        label, author, reason: words about the area; empty ones are left out.
        suffix: .toml or .json, which has the same fields.

    Example:
        area_text({"type": "circle", "lon": -79.3966, "lat": 43.64867, "radius_m": 600}, minus=[], withhold=[], author="b.okafor")
    """
    about = {name: text for name, text in {"author": author, "reason": reason, "label": label}.items() if text}
    tables = {name: [_said(each) for each in listed] for name, listed in (("minus", minus), ("withhold", withhold)) if listed}
    if suffix == ".json":
        whole = {"format": 1, **about, "rule": _said(rule), **tables}
        return json.dumps(whole, ensure_ascii=False, indent=1, default=_json_ready) + "\n"
    lines = [FIRST_LINE, *_fields(about), "", "[rule]", *_fields(_said(rule))]
    for name, listed in tables.items():
        for table in listed:
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
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    # A JSON string of plain text is a TOML basic string, but that TOML escapes one control character more (TOML 1.0, String).
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _said(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if value is not None}


def _fields(table: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {toml_value(value)}" for name, value in table.items()]


def _json_ready(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON-ready")
