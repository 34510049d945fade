"""How platforms count text, and the few operations on text that more than one room needs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

URL_WEIGHT = 23
"""What X counts for every link, however long (twitter-text configuration v3)."""

_ONE_WEIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
# One emoji as people see it: flag, keycap, or a picture with its variation selector, skin tone, tags and joined pictures (UTS 51).
_EMOJI = (
    r"\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3|"
    r"(?:(?=[^\u0000-\u1FFF])\p{Extended_Pictographic}|[\u00A9\u00AE]\uFE0F)[\uFE0F\p{EMod}]*[\U000E0020-\U000E007F]*"
    r"(?:\u200D\p{Extended_Pictographic}[\uFE0F\p{EMod}]*)*"
)
# A bare host counts as a link too ("222tips.com"). X asks a list of top-level domains; lists age, so any host-like word counts as one.
_URL = (
    r"(?i)(?<![\p{L}\p{N}@#$_/.-])(?:https?://(?:[a-z0-9-]+\.)+[a-z]{2,}|(?:[a-z0-9-]+\.)+[a-z]{2,})"
    r"(?::\d+)?(?![a-z0-9@_-])(?:[/?#][a-z0-9\-._~:/?#\[\]@!$&'()*+,;=%|]*[a-z0-9\-_~/#&=+%])?"
)
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Marks of direction (UAX 9), the byte order mark, and the two separators that some readers take for a line's end.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2028\u2029")
_GSM7_ESCAPED = frozenset("\f^{}\\[~]|€")


@cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    import regex

    return regex.compile(pattern)


def _characters(text: str) -> int:
    return len(text)


def _utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8"))


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _graphemes(text: str) -> int:
    return len(_compiled(r"\X").findall(text))


def _x_weighted(text: str) -> int:
    """Returns the weight after NFC: most Latin text 1, other characters and whole emoji 2, every link 23 (limit 280)."""

    def weight(rest: str) -> int:
        plain, emojis = _compiled(_EMOJI).subn("", rest)
        return 2 * emojis + sum(1 if any(low <= ord(c) <= high for low, high in _ONE_WEIGHT) else 2 for c in plain)

    total = at = 0
    text = unicodedata.normalize("NFC", text)
    for link in _compiled(_URL).finditer(text):
        bare = not link.group().lower().startswith("http")
        total += weight(text[at : link.start()]) + (max(URL_WEIGHT, weight(link.group())) if bare else URL_WEIGHT)
        at = link.end()
    return total + weight(text[at:])


def _threads(text: str) -> int:
    """Returns characters, but an emoji counts its UTF-8 bytes (limit 500)."""
    plain = _compiled(_EMOJI).sub("", text)
    return len(plain) + len(text.encode("utf-8")) - len(plain.encode("utf-8"))


def _bluesky(text: str) -> int:
    """Returns graphemes, or a tenth of the UTF-8 bytes where that is more: 300 stands for 300 graphemes and 3000 bytes."""
    return max(_graphemes(text), -(-_utf8_bytes(text) // 10))


def is_gsm7(text: str) -> bool:
    """Returns whether a text message can carry `text` in the GSM 7-bit alphabet (3GPP TS 23.038)."""
    return all(c in _GSM7 or c in _GSM7_ESCAPED for c in text)


def _sms_costs(text: str) -> list[int]:
    """Returns what each character costs, so that a segment never ends inside one."""
    if is_gsm7(text):
        return [2 if c in _GSM7_ESCAPED else 1 for c in text]
    return [2 if ord(c) > 0xFFFF else 1 for c in text]


def _sms_units(text: str) -> int:
    """Returns septets of the GSM alphabet, its extension characters two each; UTF-16 units as soon as one character is outside it."""
    return sum(_sms_costs(text))


def _sms_segments(text: str) -> int:
    """Returns text messages needed: 160 septets or 70 units alone, 153 or 67 each when split, no pair torn apart (3GPP TS 23.040)."""
    single, part = (160, 153) if is_gsm7(text) else (70, 67)
    costs = _sms_costs(text)
    if sum(costs) <= single:
        return 1 if costs else 0
    segments, used = 1, 0
    for cost in costs:
        if used + cost > part:
            segments, used = segments + 1, 0
        used += cost
    return segments


COUNTINGS: MappingProxyType[str, Callable[[str], int]] = MappingProxyType(
    {
        "characters": _characters,
        "utf8_bytes": _utf8_bytes,
        "utf16_units": _utf16_units,
        "graphemes": _graphemes,
        "x_weighted": _x_weighted,
        "threads": _threads,
        "bluesky": _bluesky,
        "sms_units": _sms_units,
        "sms_segments": _sms_segments,
    }
)
"""Every way of counting, by the name that `Capabilities.text_unit` uses."""


def count(text: str, unit: str) -> int:
    """Returns the length of `text` as a platform with that unit counts it.

    Raises:
        KeyError: no such unit.
    """
    return COUNTINGS[unit](text)


def fold(text: str) -> str:
    """Returns `text` for comparing: NFKC, case folded, white space collapsed, invisible format characters dropped."""
    seen = "".join(mark for mark in unicodedata.normalize("NFKC", text) if mark.isascii() or unicodedata.category(mark) != "Cf")
    return " ".join(seen.casefold().split())


def hidden_mark(text: str, *, breaks: bool = True) -> str | None:
    """Returns the first character that no reader sees and that turns or breaks what they read, such as `U+202E`; None where there is none.

    Joiners and variation selectors stay: emoji and many scripts need them.

    Args:
        text: any, lone surrogates too.
        breaks: whether a line break and a tab may stand in it.
    """
    for mark in text:
        if mark in _TURNING or (unicodedata.category(mark) in ("Cc", "Cs") and not (breaks and mark in "\n\t")):
            return f"U+{ord(mark):04X} {unicodedata.name(mark, '')}".strip()
    return None


def nearest(word: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """Returns the known names most like `word`, best first, for "did you mean"."""
    from difflib import get_close_matches

    folded = {fold(name): name for name in known}
    return tuple(folded[name] for name in get_close_matches(fold(word), folded, n=most, cutoff=0.5))
