"""What one entry of `bans` means: a public field, or words.

A name made of letters, digits, dots and underscores is a field: `plate`, `vehicles.plate`, `vehicles.1.plate`, `vehicles.1`, `vehicles`.
Everything else is words that may stand nowhere; a single word stands in quotation marks, `'"Quillfeather"'`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from geoalert.alert.person import Person
from geoalert.alert.restricted import RestrictedPerson
from geoalert.alert.vehicle import Vehicle
from geoalert.errors import AlertError
from geoalert.text import nearest

if TYPE_CHECKING:
    from geoalert.alert.model import Alert

REQUIRED_TEXTS = ("event", "place", "when", "guidance")
_TEXTS = (*REQUIRED_TEXTS, "details", "heading")
_PERSON = tuple(f.name for f in fields(Person) if f.name != "number")
_RESTRICTED = tuple(f.name for f in fields(RestrictedPerson) if f.name != "number")
_VEHICLE = tuple(f.name for f in fields(Vehicle) if f.name != "number")
_OPTIONAL = ("case", "unit", "link", "authority_reference", "area.label")
_REQUIRED = ("sender", "id", "revision", "kind", "status", "scope", "expires", "zone", "references")
_LEAVES = {"text": _TEXTS, "people": (*_PERSON, *_RESTRICTED), "vehicles": _VEHICLE, "media": ("alt",)}
_ALIASES = {"texts": "text", "area_label": "area.label"}

_NAME = re.compile(r"[A-Za-z0-9_.]+|(?:texts?|people|vehicles|media|references|area|restricted)\s*[.\[/:]\S*")
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u201e": "\u201c", "\u2018": "\u2019", "\u00ab": "\u00bb"}


def banned_words(ban: str) -> str | None:
    """Returns the words that a ban keeps out, None where it names a field."""
    if not any(mark.isalnum() for mark in ban):
        return None
    if _QUOTES.get(ban[0]) == ban[-1]:
        return ban[1:-1].strip()
    looks_alike = re.sub(r"[\s-]+", "_", ban.casefold()) in _bare_names()
    return None if looks_alike or _NAME.fullmatch(ban) else ban


def banned_fields(alert: Alert, ban: str, *, field: str) -> tuple[str, ...]:
    """Returns the fields of this alert that a ban names, whole members as `people.1`; none where it has no such part.

    Args:
        ban: names a field; `banned_words` returns None for it.
        field: where the ban stands, for the error.

    Raises:
        AlertError: `unknown_ban_field`; what was written is not shown, it may be the word itself.
    """
    name = ban.casefold().removesuffix(".*")
    first, dot, rest = name.partition(".")
    name = _ALIASES.get(first, first) + dot + rest
    found = tuple(path for path, names in _paths(alert) if name in names)
    if found or name in _bare_names():
        return found
    known = dict.fromkeys([*sorted(_bare_names()), *(path for path, _ in _paths(alert))])
    near = nearest(name, known) or nearest(name.rpartition(".")[2], known)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise AlertError(
        "a ban names no public field",
        code="unknown_ban_field",
        field=field,
        do=f"{hint}Put a single word that may not be published in quotation marks of its own",
    )


def is_required(path: str) -> bool:
    """Tells whether an alert cannot be published without this field."""
    room, _, rest = path.partition(".")
    leaf = path.rpartition(".")[2]
    return (
        path in _REQUIRED
        or (room == "text" and leaf not in ("details", "heading"))
        or (room == "people" and leaf == "label" and "." in rest)
    )


def _bare_names() -> set[str]:
    leaves = {leaf for names in _LEAVES.values() for leaf in names}
    dotted = {f"{room}.{leaf}" for room, names in _LEAVES.items() for leaf in names}
    return leaves | dotted | set(_LEAVES) | set(_OPTIONAL) | set(_REQUIRED) | set(_ALIASES) | {f"restricted.{leaf}" for leaf in _RESTRICTED}


def _paths(alert: Alert) -> Iterator[tuple[str, set[str]]]:
    """Yields each field that the alert may have with every name that a ban may call it."""
    yield from ((path, {path}) for path in (*_OPTIONAL, *_REQUIRED))
    for language in alert.languages:
        tag = language.casefold()
        yield f"text.{language}", {f"text.{tag}", "text"}
        yield from ((f"text.{language}.{leaf}", {f"text.{tag}.{leaf}", f"text.{leaf}", leaf}) for leaf in _TEXTS)
    members = [("people", person.number) for person in alert.people] + [("vehicles", vehicle.number) for vehicle in alert.vehicles]
    for room, number in members:
        yield f"{room}.{number}", {f"{room}.{number}", room}
        for leaf in _LEAVES[room]:
            names = {f"{room}.{number}.{leaf}", f"{room}.{leaf}", leaf}
            inside = {f"people.{number}.restricted.{leaf}", f"restricted.{leaf}"} if room == "people" and leaf in _RESTRICTED else set()
            yield f"{room}.{number}.{leaf}", names | inside
    for position, item in enumerate(alert.media, 1):
        own = f"media.{position}"
        yield own, {own, f"{own}.alt", "media", "media.alt", "alt", *(f"{own}.alt.{tag.casefold()}" for tag in item.alt)}
