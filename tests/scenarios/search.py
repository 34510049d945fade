"""Looks for a secret place in bytes: as numbers, as pairs either way round, a little moved, rounded or cut."""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Iterator

import numpy as np

MOVES_M = (0.0, 5.0)
DECIMALS = range(3, 8)
NEAR_DEGREES = 1e-4
SINGLE_FROM = 5
"""Decimals from which one number alone tells a place: 5 are a metre; fewer are searched for in pairs."""


def traces(content: bytes, *, lon: float, lat: float) -> list[str]:
    """Returns every text in the content that tells the place, moved by up to 5 m, with 3 to 7 decimals, in either order."""
    text = content.decode("latin-1")
    return sorted({found.group() for pattern in _patterns(lon, lat) for found in pattern.finditer(text)}) + _binary(content, lon, lat)


def _binary(content: bytes, lon: float, lat: float) -> list[str]:
    """Returns pairs of neighbouring doubles, of either byte order and at any offset, that lie within 10 m of the place."""
    found = []
    for offset in range(8):
        whole = content[offset : offset + (len(content) - offset) // 8 * 8]
        for order in ("<f8", ">f8"):
            numbers = np.frombuffer(whole, dtype=order)
            with np.errstate(invalid="ignore"):
                east, north = np.abs(numbers - lon) < NEAR_DEGREES, np.abs(numbers - lat) < NEAR_DEGREES
            at = np.flatnonzero((east[:-1] & north[1:]) | (north[:-1] & east[1:]))
            found += [f"{numbers[each]!r}, {numbers[each + 1]!r}" for each in at.tolist()]
    return found


def png_texts(content: bytes) -> bytes:
    """Returns what the text chunks of a PNG say, unpacked."""
    at, found = 8, b""
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if kind == b"tEXt":
            found += body
        elif kind in (b"zTXt", b"iTXt", b"eXIf"):
            found += body
            for start in range(len(body)):
                if body[start : start + 1] == b"\x78":
                    try:
                        found += zlib.decompress(body[start:])
                    except zlib.error:
                        continue
        at += 12 + length
    return found


def _patterns(lon: float, lat: float) -> Iterator[re.Pattern[str]]:
    east = {step / (111_320 * math.cos(math.radians(lat))) for m in MOVES_M for step in (-m, m)}
    north = {step / 111_320 for m in MOVES_M for step in (-m, m)}
    for decimals in DECIMALS:
        lons, lats = ({text for move in moves for text in _written(value + move, decimals)} for value, moves in ((lon, east), (lat, north)))
        first, second = (f"(?:{'|'.join(map(re.escape, sorted(each)))})" for each in (lons, lats))
        between = r"\d*[^\d.]{1,24}?"
        yield re.compile(f"{first}{between}{second}")
        yield re.compile(f"{second}{between}{first}")
        if decimals >= SINGLE_FROM:
            yield re.compile(rf"(?<!\d)(?:{first}|{second})")


def _written(value: float, decimals: int) -> set[str]:
    cut = math.trunc(value * 10**decimals) / 10**decimals
    return {f"{abs(number):.{decimals}f}" for number in (value, cut)}
