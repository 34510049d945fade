"""The chunks of a PNG and the segments of a JPEG, walked to prove that an image carries nothing but pixels."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from geoalert.errors import AlertError

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_ALLOWED = frozenset({"IHDR", "PLTE", "IDAT", "IEND"})
_JPEG_NAMES = {0xC0: "SOF0", 0xC2: "SOF2", 0xC4: "DHT", 0xD8: "SOI", 0xD9: "EOI", 0xDA: "SOS", 0xDB: "DQT", 0xDD: "DRI", 0xE0: "APP0"}
_BARE_JFIF_BYTES = 14


def png_chunks(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields every chunk's type and content, checking lengths and checksums up to the last byte.

    Raises:
        AlertError: code image_unreadable, the bytes are not one whole PNG.
    """
    if not content.startswith(PNG_SIGNATURE):
        raise _broken("it does not start as a PNG")
    at = len(PNG_SIGNATURE)
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        end = at + 12 + length
        if end > len(content) or zlib.crc32(kind + body) != int.from_bytes(content[end - 4 : end], "big"):
            raise _broken(f"a PNG chunk is damaged at byte {at}")
        yield kind.decode("latin-1"), body
        at = end
        if kind == b"IEND" and at != len(content):
            raise _broken(f"{len(content) - at} bytes follow the end of the PNG")
        if kind == b"IEND":
            return
    raise _broken("the PNG has no end")


def jpeg_segments(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields every segment's name (the marker in hex where it has none here) and content, skipping coded pixels.

    Raises:
        AlertError: code image_unreadable, the bytes are not one whole JPEG.
    """
    if not content.startswith(b"\xff\xd8"):
        raise _broken("it does not start as a JPEG")
    yield "SOI", b""
    at = 2
    while at + 2 <= len(content):
        if content[at] != 0xFF:
            raise _broken(f"a JPEG marker is missing at byte {at}")
        marker = content[at + 1]
        name = _JPEG_NAMES.get(marker, f"{marker:02X}")
        if name == "EOI":
            if at + 2 != len(content):
                raise _broken(f"{len(content) - at - 2} bytes follow the end of the JPEG")
            yield name, b""
            return
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(content):
            raise _broken(f"a JPEG segment is damaged at byte {at}")
        yield name, content[at + 4 : at + 2 + length]
        at += 2 + length
        if name == "SOS":
            at = _after_coded_pixels(content, at)
    raise _broken("the JPEG has no end")


def check_only_pixels(content: bytes, media_type: str) -> None:
    """Refuses bytes that hold anything besides pixels and what decoding needs.

    Raises:
        AlertError: code image_not_clean, naming the chunk or segment; image_unreadable, the bytes are no such image.
    """
    if media_type == "image/png":
        extra = [kind for kind, _ in png_chunks(content) if kind not in _PNG_ALLOWED]
    else:
        known = set(_JPEG_NAMES.values())
        extra = [
            name
            for name, body in jpeg_segments(content)
            if name not in known or (name == "APP0" and not (body.startswith(b"JFIF\0") and len(body) == _BARE_JFIF_BYTES))
        ]
    if extra:
        raise AlertError(
            "an image carries more than pixels",
            code="image_not_clean",
            field="media",
            value=", ".join(sorted(set(extra))),
            do="Let geoalert re-encode the image; report this if it did",
        )


def _after_coded_pixels(content: bytes, at: int) -> int:
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2
    raise _broken("the JPEG has no end")


def _broken(what: str) -> AlertError:
    return AlertError(f"an image cannot be read: {what}", code="image_unreadable", field="media", do="Export it again as PNG or JPEG")
