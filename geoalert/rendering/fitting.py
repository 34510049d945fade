"""Text that fits a place as that place counts: optional parts fall in order, the others never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geoalert.errors import AlertError
from geoalert.publishing import Capabilities
from geoalert.rendering.mentions import inert
from geoalert.rendering.templates import lay_out
from geoalert.rendering.words import Words
from geoalert.text import count

SHORT_UP_TO = 500
"""Places with no more room than this get the short order: source, guidance, event, location, time."""
_SEGMENT = 153


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words for one place in one language.

    Attributes:
        left_out: names of the parts that fell away or could not be said there, in the order they fell.
    """

    text: str
    title: str
    language: str
    layout: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """What could be said, by part name: `kept` stays whatever happens, `optional` falls in its own order.

    Attributes:
        shorter: a shorter form by part name, tried under the name `descriptions` before the part itself falls.
        unsaid: parts this place or language cannot have.
    """

    kept: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)
    shorter: Mapping[str, str] = field(default_factory=dict)
    unsaid: tuple[str, ...] = ()


def layouts_for(capabilities: Capabilities) -> tuple[str, ...]:
    """Returns the layouts to try, best first."""
    limit = capabilities.text_limit
    if limit is not None and limit * (_SEGMENT if capabilities.text_unit == "sms_segments" else 1) <= SHORT_UP_TO:
        return ("short",)
    return ("long", "short")


def fit(parts: Parts, order: Sequence[str], layouts: Sequence[str], words: Words, capabilities: Capabilities, *, title: str) -> Rendered:
    """Returns the fullest text that fits, dropping optional parts one by one in `order`.

    Raises:
        AlertError: code cannot_fit, with the count, the limit and the parts that must stay.
    """
    kept = _worded(parts.kept, capabilities)
    smallest = 0
    for layout in layouts:
        said = kept | _worded(parts.optional, capabilities)
        fallen = list(parts.unsaid)
        for falling in (None, *order):
            if falling is not None and not _drop(falling, said, parts, capabilities):
                continue
            fallen += [falling] if falling else []
            text = lay_out(layout, said, words)
            _check_kept(text, kept, layout)
            smallest = count(text, capabilities.text_unit)
            if capabilities.text_limit is None or smallest <= capabilities.text_limit:
                return Rendered(text, inert(title, capabilities), words.language, layout, tuple(fallen))
    lengths = ", ".join(f"{name} {count(text, capabilities.text_unit)}" for name, text in kept.items())
    raise AlertError(
        f"the text needs {smallest} {capabilities.text_unit} and the place takes {capabilities.text_limit}; these must stay: {lengths}",
        code="cannot_fit",
        field="text",
        value=smallest,
        do="Shorten the texts, or leave this place out",
    )


def tidy(text: str) -> str:
    """Returns a part's text with white space at the ends of lines, and empty lines, gone."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _worded(parts: Mapping[str, str], capabilities: Capabilities) -> dict[str, str]:
    worded = {name: inert(tidy(text), capabilities) for name, text in parts.items()}
    return {name: text for name, text in worded.items() if text}


def _drop(name: str, said: dict[str, str], parts: Parts, capabilities: Capabilities) -> bool:
    """Takes one part away, or shortens it; tells whether anything changed."""
    if name == "descriptions":
        shorter = {key: text for key, text in _worded(parts.shorter, capabilities).items() if text != said.get(key)}
        said.update(shorter)
        return bool(shorter)
    return said.pop(name, None) is not None


def _check_kept(text: str, kept: Mapping[str, str], layout: str) -> None:
    """Refuses a layout that loses what must stay, whoever wrote its template."""
    lost = [name for name, words in kept.items() if words not in text]
    if lost:
        raise AlertError(
            f"the layout {layout} loses parts that must stay: {', '.join(lost)}",
            code="layout_loses_part",
            field="template",
            value=layout,
            do="Place every part in the template",
        )
