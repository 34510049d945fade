"""How platforms count text, and the few operations on text that more than one room needs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from types import MappingProxyType


def _characters(text: str) -> int:
    return len(text)


def _utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8"))


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _graphemes(text: str) -> int:
    import regex

    return len(regex.findall(r"\X", text))


COUNTINGS: MappingProxyType[str, Callable[[str], int]] = MappingProxyType(
    {"characters": _characters, "utf8_bytes": _utf8_bytes, "utf16_units": _utf16_units, "graphemes": _graphemes}
)
"""Every way of counting, by the name that `Capabilities.text_unit` uses."""


def count(text: str, unit: str) -> int:
    """Returns the length of `text` as a platform with that unit counts it.

    Raises:
        KeyError: no such unit.
    """
    return COUNTINGS[unit](text)


def fold(text: str) -> str:
    """Returns `text` for comparing: NFKC, case folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def nearest(word: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """Returns the known names most like `word`, best first, for "did you mean"."""
    from difflib import get_close_matches

    folded = {fold(name): name for name in known}
    return tuple(folded[name] for name in get_close_matches(fold(word), folded, n=most, cutoff=0.5))
