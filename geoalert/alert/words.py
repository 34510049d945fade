"""The words of an alert that the public may read, and how two spellings of one word are the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoalert.alert.model import Alert

# Letters that Unicode does not take apart into a base and a mark.
_BASES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("'\u2018\u2019\u201a\u201b\u02bb\u02bc\u02b9\u2032\u00b4`\uff07", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
)


def plain(text: str) -> str:
    """Returns `text` for finding words in it: case, accents, invisible characters and kinds of dash or apostrophe set aside.

    Example:
        plain("O\\u2019Brien, Mu\\u00f1oz") == "o'brien, munoz"
    """
    seen = "".join(mark for mark in text if unicodedata.category(mark) not in ("Cf", "Cc", "Cs") or mark.isspace())
    apart = unicodedata.normalize("NFKD", seen.translate(_BASES)).casefold().translate(_BASES)
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", apart) if not unicodedata.category(mark).startswith("M"))
    return " ".join(bare.split())


def public_words(alert: Alert) -> Iterator[tuple[str, str]]:
    """Yields every text that may be published, with the field that holds it.

    People and vehicles go by their number, `people.2.hair`; images and references by their position from 1, `media.1.alt.en`.
    """
    for name in ("sender", "id", "case", "unit", "link", "authority_reference"):
        text = getattr(alert, name)
        if isinstance(text, str) and text:
            yield name, text
    if alert.area.label:
        yield "area.label", alert.area.label
    for texts in alert.texts:
        yield from ((f"text.{texts.language}.{name}", value) for name, value in texts.to_dict().items() if value and name != "language")
    for room, members in (("people", alert.people), ("vehicles", alert.vehicles)):
        for member in members:
            for name, value in member.to_dict().items():
                for text in value if isinstance(value, list) else [value]:
                    if isinstance(text, str) and name != "label":
                        yield f"{room}.{member.number}.{name}", text
    for position, item in enumerate(alert.media, 1):
        yield from ((f"media.{position}.alt.{tag}", text) for tag, text in item.alt.items())
        if item.basis:
            yield f"media.{position}.basis", item.basis
    for position, reference in enumerate(alert.references, 1):
        yield from ((f"references.{position}.{name}", getattr(reference, name)) for name in ("sender", "id"))
