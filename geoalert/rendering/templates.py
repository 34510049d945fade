"""Layouts as sandboxed Jinja templates: they order the parts, and cannot lose one that must stay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from geoalert.errors import AlertError
from geoalert.rendering.words import Words

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_ABSENT = "\N{NULL}"
_ENDED = (".", "!", "?", "\u2026", "\u3002", ":")


def lay_out(layout: str, parts: Mapping[str, str], words: Words) -> str:
    """Returns the text of one layout (long, short, closing): parts in the template's order, lines of absent parts closed up.

    Raises:
        AlertError: `layout_refused`, the template is broken or reaches for what no text needs.
    """
    from jinja2 import TemplateError

    try:
        text = _environment().get_template(f"{layout}.txt.j2").render(words=words, **_named(parts))
    except TemplateError as err:
        raise AlertError(
            f"the layout cannot be used: {err}", code="layout_refused", field="template", value=layout, do="Use only the parts, and words"
        ) from err
    lines = [line.strip() for line in text.splitlines() if line.strip() != _ABSENT]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _named(parts: Mapping[str, str]) -> dict[str, str]:
    """Returns every part by name; one that is absent is a mark that its line goes with."""
    return {name: parts.get(name) or _ABSENT for name in PART_NAMES}


def _sentence(text: str) -> str:
    """Returns the text with a full stop where it does not end as a sentence; an absent part stays absent."""
    return text if text.endswith(_ENDED) else f"{text}."


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import PackageLoader, StrictUndefined, select_autoescape
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("geoalert.rendering"),
        undefined=StrictUndefined,
        # Posts are plain text: a publisher escapes for its own place, once.
        autoescape=select_autoescape(enabled_extensions=(), default=False),
    )
    environment.filters["sentence"] = _sentence
    return environment


PART_NAMES = (
    "mark",
    "update",
    "heading",
    "source",
    "guidance",
    "event",
    "place",
    "when",
    "authority",
    "people",
    "vehicles",
    "images",
    "pictures",
    "details",
    "area_label",
    "place_line",
    "expires",
    "case",
    "contact",
    "link",
    "closing",
)
"""Every part that a layout may place."""
