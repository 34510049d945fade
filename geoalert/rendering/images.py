"""Media -> Rendition: pixels decoded, turned upright, fitted to the place and encoded afresh with nothing else."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from geoalert.errors import AlertError
from geoalert.media import Media, Rendition
from geoalert.publishing import Capabilities
from geoalert.rendering.languages import closest
from geoalert.rendering.segments import check_only_pixels

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 50_000_000
MOST_BYTES = 64_000_000
MOST_SIDE_PX = 65_500
"""No JPEG has a longer side."""
LEAST_SIDE_PX = 160
"""Below this the picture helps nobody; the place is refused instead."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
LINE_ART = frozenset({"composite_sketch", "map"})
QUALITIES = (90, 85, 80, 74, 68)
_SHRINK = 0.85
_WAY_OUT = {
    "image_bomb": "Export it smaller",
    "image_animated": "Export the one frame that is meant",
    "image_unreadable": "Export it again as PNG or JPEG",
}
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)


def clean(media: Media, capabilities: Capabilities, language: str) -> Rendition:
    """Makes the bytes that one kind of place gets of an image; the same input always gives the same bytes.

    Sketches and maps stay PNG where the place takes it; photographs become JPEG. Images are only ever made smaller.
    Transparency is laid on white, so that nothing hidden below it travels along.

    Raises:
        AlertError: codes image_unreadable, image_bomb, image_animated, image_too_large (it cannot be made to fit),
            media_type_refused (the place takes neither PNG nor JPEG), missing_language, alt_too_long.
    """
    alt = closest(media.alt, language, what="alternative text", file=media.name)
    if capabilities.alt_limit is not None and len(alt) > capabilities.alt_limit:
        raise AlertError(
            f"alternative text has {len(alt)} characters, the place takes {capabilities.alt_limit}",
            code="alt_too_long",
            file=media.name,
            field="alt",
            do="Shorten it",
        )
    offered = [kind for kind in _preferred(media.media_class) if kind in capabilities.media_types]
    if not offered:
        raise AlertError(
            "the place takes neither PNG nor JPEG",
            code="media_type_refused",
            file=media.name,
            field="media",
            value=", ".join(capabilities.media_types) or "no images",
        )
    picture = upright_pixels(media)
    for candidate, kind, encoded in _attempts(picture, offered, capabilities.media_pixels):
        if capabilities.media_bytes is None or len(encoded) <= capabilities.media_bytes:
            check_only_pixels(encoded, kind)
            return Rendition(
                content=encoded,
                media_type=kind,
                width_px=candidate.width,
                height_px=candidate.height,
                alt=alt,
                media_class=media.media_class,
                source_digest=media.digest,
            )
    raise AlertError(
        f"an image cannot be brought under {capabilities.media_bytes} bytes with a side of {LEAST_SIDE_PX} px",
        code="image_too_large",
        file=media.name,
        field="media",
    )


def upright_pixels(media: Media) -> Image:
    """Decodes an image into bare L or RGB pixels, upright, in sRGB.

    Raises:
        AlertError: codes image_unreadable, image_bomb, image_animated.
    """
    from PIL import Image, ImageOps

    if len(media.content) > MOST_BYTES:
        raise _refused(media, "image_bomb", "it is larger than 64 MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(media.content), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _refused(media, "image_bomb", f"{opened.width} x {opened.height} px is more than 50 megapixels")
                if max(opened.size) > MOST_SIDE_PX:
                    raise _refused(media, "image_bomb", f"{opened.width} x {opened.height} px is longer than {MOST_SIDE_PX} px")
                if getattr(opened, "is_animated", False) and opened.format != "MPO":
                    raise _refused(media, "image_animated", "it has several frames")
                opened.load()
                turned = ImageOps.exif_transpose(opened)
                return _bare(turned)
    except Image.DecompressionBombError as err:
        raise _refused(media, "image_bomb", "it unpacks to far more pixels than any picture needs") from err
    except _UNREADABLE as err:
        raise _refused(media, "image_unreadable", "it is damaged, cut off or of an unknown format") from err


def _refused(media: Media, code: str, why: str) -> AlertError:
    return AlertError(f"the image cannot be used: {why}", code=code, file=media.name, field="media", do=_WAY_OUT[code])


def _bare(picture: Image) -> Image:
    """Returns the pixels alone, 8-bit grey or RGB in sRGB: a fresh image, so that nothing read from the file hangs on it."""
    from PIL import Image

    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        picture = _eight_bit(picture)
    if picture.mode == "P" or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        flat = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        flat.alpha_composite(picture.convert("RGBA"))
        profile = picture.info.get("icc_profile")
        picture = flat.convert("RGB")
        if profile:
            picture.info["icc_profile"] = profile
    picture = _in_srgb(picture)
    if picture.mode == "1":
        picture = picture.convert("L")
    if picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    if picture.mode == "RGB" and _is_grey(picture):
        picture = picture.convert("L")
    return Image.frombytes(picture.mode, picture.size, picture.tobytes())


def _eight_bit(picture: Image) -> Image:
    """Scales 16-bit, 32-bit and float greys, which Pillow's own conversion would clip to white."""
    import numpy as np
    from PIL import Image

    values = np.asarray(picture).astype("float64")
    top = 65535.0 if values.max() > 255 else 255.0
    return Image.fromarray(np.clip(np.rint(values / top * 255.0), 0, 255).astype("uint8"))


def _in_srgb(picture: Image) -> Image:
    """Converts by the embedded profile, which then goes: a wide-gamut photograph would look wrong without it."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK", "L"):
        return picture
    from PIL import ImageCms

    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, meant, ImageCms.createProfile("sRGB"), outputMode="RGB") or picture
    except (ImageCms.PyCMSError, *_UNREADABLE):
        return picture


def _is_grey(picture: Image) -> bool:
    from PIL import ImageChops

    red, green, blue = picture.split()
    return ImageChops.difference(red, green).getbbox() is None and ImageChops.difference(green, blue).getbbox() is None


def _preferred(media_class: str) -> tuple[str, ...]:
    return ("image/png", "image/jpeg") if media_class in LINE_ART else ("image/jpeg", "image/png")


def _attempts(picture: Image, offered: list[str], longest_px: int | None) -> Iterator[tuple[Image, str, bytes]]:
    """Yields the picture ever smaller: each offered kind, each quality, then the next size."""
    scale = min(1.0, longest_px / max(picture.size)) if longest_px else 1.0
    while True:
        size = (max(1, int(picture.width * scale)), max(1, int(picture.height * scale)))
        candidate = picture if size == picture.size else picture.resize(size, _lanczos())
        for kind in offered:
            yield from ((candidate, kind, encoded) for encoded in _encodings(candidate, kind))
        scale *= _SHRINK
        if max(picture.size) * scale < LEAST_SIDE_PX:
            return


def _encodings(picture: Image, kind: str) -> Iterator[bytes]:
    for quality in QUALITIES if kind == "image/jpeg" else (0,):
        out = io.BytesIO()
        if kind == "image/jpeg":
            picture.save(out, format="JPEG", quality=quality, optimize=True, subsampling="4:2:0")
        else:
            picture.save(out, format="PNG", optimize=True)
        yield out.getvalue()


def _lanczos() -> int:
    from PIL import Image

    return int(Image.Resampling.LANCZOS)
