"""Images leave as pixels and nothing else, upright, within a place's limits."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from geoalert.errors import AlertError
from geoalert.media import Media
from geoalert.publishing import Capabilities
from geoalert.rendering import images
from geoalert.rendering.images import clean
from geoalert.rendering.segments import check_only_pixels, jpeg_segments, png_chunks

BOTH = Capabilities(media_types=("image/png", "image/jpeg"), media_count=4, alt_limit=1000)
SECRET = b"43.64867 -79.39660 Somebody"


def picture(mode: str = "RGB", size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A gradient with one red corner at the upper left."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.paste((200, 20, 20), (0, 0, size[0] // 4, size[1] // 4))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Returns an image file's bytes."""
    out = io.BytesIO()
    image.save(out, format=kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def media(content: bytes, media_class: str = "security_camera_still") -> Media:
    """An image as an author hands it in."""
    return Media(content=content, media_class=media_class, alt={"en": "A man at a door", "fr": "Un homme"}, name="still.jpg")


def exif(orientation: int = 1) -> bytes:
    """EXIF with a camera owner, a place and an orientation."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x013B] = SECRET.decode()
    tags.get_ifd(0x8825)[2] = (43.0, 38.0, 55.2)
    return tags.tobytes()


def text_chunks() -> PngInfo:
    """PNG text of three kinds."""
    chunks = PngInfo()
    chunks.add_text("Author", SECRET.decode())
    chunks.add_text("Comment", SECRET.decode(), zip=True)
    chunks.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET.decode()}</x>")
    return chunks


def srgb() -> bytes:
    """A colour profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


DIRTY = {
    "jpeg exif": saved(picture(), "JPEG", exif=exif(), comment=SECRET),
    "jpeg icc": saved(picture(), "JPEG", icc_profile=srgb()),
    "jpeg xmp": saved(picture(), "JPEG", xmp=b"<x>" + SECRET + b"</x>"),
    "jpeg iptc": saved(picture(), "JPEG")[:2] + b"\xff\xed" + struct.pack(">H", 2 + len(SECRET)) + SECRET + saved(picture(), "JPEG")[2:],
    "jpeg tail": saved(picture(), "JPEG") + SECRET,
    "png text": saved(picture(), "PNG", pnginfo=text_chunks(), exif=exif(), icc_profile=srgb(), dpi=(300, 300)),
    "webp": saved(picture(), "WEBP", exif=exif(), xmp=SECRET),
    "tiff": saved(picture(), "TIFF", tiffinfo={315: SECRET.decode()}),
    "gif": saved(picture("P"), "GIF", comment=SECRET),
    "bmp": saved(picture(), "BMP"),
}
MODES = {
    "cmyk": saved(picture("CMYK"), "JPEG"),
    "palette": saved(picture("P"), "PNG"),
    "bilevel": saved(picture("1"), "PNG"),
    "grey alpha": saved(picture("LA"), "PNG"),
    "rgba": saved(picture("RGBA"), "PNG"),
    "16 bit": saved(Image.frombytes("I;16", (320, 240), struct.pack("<H", 0x8000) * 320 * 240), "PNG"),
    "32 bit": saved(picture("L").convert("I"), "TIFF"),
    "float": saved(picture("L").convert("F"), "TIFF"),
}


@pytest.mark.parametrize("media_class", ["security_camera_still", "composite_sketch"])
@pytest.mark.parametrize("name", sorted(DIRTY))
def test_nothing_but_pixels_leaves(name: str, media_class: str) -> None:
    """No secret, no profile, no text: only the allowed chunks or segments, up to the last byte."""
    rendition = clean(media(DIRTY[name], media_class), BOTH, "en")
    check_only_pixels(rendition.content, rendition.media_type)
    assert SECRET not in rendition.content
    assert not Image.open(io.BytesIO(rendition.content)).getexif()
    assert rendition.media_type == ("image/png" if media_class == "composite_sketch" else "image/jpeg")
    assert rendition.source_digest == media(DIRTY[name]).digest


@pytest.mark.parametrize("name", sorted(set(DIRTY) - {"bmp", "gif", "tiff", "webp"}))
def test_the_check_sees_what_authors_send(name: str) -> None:
    """The re-parse is not blind: it refuses the very bytes that came in."""
    kind = "image/png" if name.startswith("png") else "image/jpeg"
    with pytest.raises(AlertError) as caught:
        check_only_pixels(DIRTY[name], kind)
    assert caught.value.code in ("image_not_clean", "image_unreadable")


def riff_chunks(content: bytes) -> set[bytes]:
    """The names of a WebP's chunks."""
    found, at = set(), 12
    while at < len(content):
        found.add(content[at : at + 4])
        length = struct.unpack_from("<I", content, at + 4)[0]
        at += 8 + length + length % 2
    return found


@pytest.mark.parametrize("media_class", ["family_photo", "map"])
def test_a_webps_metadata_stays_behind(media_class: str) -> None:
    """Camera, place, editor's notes and profile are in the file that came and in no chunk or segment of the one that leaves."""
    dirty = saved(picture(), "WEBP", exif=exif(), xmp=b"<x>" + SECRET + b"</x>", icc_profile=srgb())
    assert {b"EXIF", b"XMP ", b"ICCP"} <= riff_chunks(dirty)

    rendition = clean(media(dirty, media_class), BOTH, "en")

    walk = png_chunks if rendition.media_type == "image/png" else jpeg_segments
    allowed = {"IHDR", "IDAT", "IEND"} if walk is png_chunks else {"SOI", "APP0", "DQT", "SOF0", "DHT", "SOS", "EOI"}
    assert {name for name, _ in walk(rendition.content)} == allowed
    assert SECRET not in rendition.content


@pytest.mark.parametrize("media_class", ["family_photo", "map"])
def test_an_encoder_that_adds_something_is_caught(monkeypatch: pytest.MonkeyPatch, media_class: str) -> None:
    """A plug-in of the image library that writes text of its own: what it made never leaves."""

    def noting(kind: str) -> None:
        whole = Image.SAVE[kind]

        def save(image: Image.Image, out: io.BytesIO, name: str | bytes) -> None:
            chunks = PngInfo()
            chunks.add_text("Software", "Somebody's computer")
            image.encoderinfo |= {"pnginfo": chunks} if kind == "PNG" else {"comment": b"Somebody's computer"}
            whole(image, out, name)

        monkeypatch.setitem(Image.SAVE, kind, save)

    noting("PNG")
    noting("JPEG")
    with pytest.raises(AlertError) as caught:
        clean(media(MODES["rgba"], media_class), BOTH, "en")
    assert caught.value.code == "image_not_clean"


@pytest.mark.parametrize("name", sorted(MODES))
def test_every_pixel_form_becomes_grey_or_rgb(name: str) -> None:
    """Palettes, inks, alpha and deep pixels all end as eight-bit L or RGB of the same size."""
    rendition = clean(media(MODES[name], "composite_sketch"), BOTH, "en")
    result = Image.open(io.BytesIO(rendition.content))
    assert (result.mode in ("L", "RGB"), result.size) == (True, (320, 240))


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    """Half of white stays half of white."""
    result = Image.open(io.BytesIO(clean(media(MODES["16 bit"], "map"), BOTH, "en").content))
    assert result.getpixel((5, 5)) == 128


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_then_dropped(orientation: int) -> None:
    """A phone's turned picture arrives upright: the red corner is where the tag says."""
    corner = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    rendition = clean(media(saved(picture(), "JPEG", exif=exif(orientation))), BOTH, "en")
    result = Image.open(io.BytesIO(rendition.content)).convert("RGB")
    assert result.size == ((320, 240) if orientation < 5 else (240, 320))
    red = result.getpixel((corner[0] * (result.width - 9) + 4, corner[1] * (result.height - 9) + 4))
    assert isinstance(red, tuple)
    assert red[0] > 150 > red[1]


def test_what_transparency_hid_does_not_travel() -> None:
    """Pixels below full transparency become white."""
    hidden = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    result = Image.open(io.BytesIO(clean(media(saved(hidden, "PNG"), "map"), BOTH, "en").content)).convert("RGB")
    assert result.getcolors() == [(40000, (255, 255, 255))]


def test_a_thumbnail_inside_the_picture_is_gone() -> None:
    """A JFIF thumbnail shows the picture before it was cropped, so it is refused and never written."""
    thumb = saved(picture(), "JPEG")
    jfif = b"\xff\xe0" + struct.pack(">H", 16 + 12) + b"JFIF\0\x01\x02\0\0\x01\0\x01\x02\x02" + b"\x01" * 12
    dirty = b"\xff\xd8" + jfif + thumb[20:]
    with pytest.raises(AlertError, match="more than pixels"):
        check_only_pixels(dirty, "image/jpeg")
    app0 = [body for name, body in jpeg_segments(clean(media(dirty), BOTH, "en").content) if name == "APP0"]
    assert [len(body) for body in app0] == [14]


@pytest.mark.parametrize("limit", [60_000, 25_000, 9_000])
@pytest.mark.parametrize("media_class", ["family_photo", "composite_sketch"])
def test_bytes_fit_the_place(limit: int, media_class: str) -> None:
    """Quality falls first, then size, until the place takes it."""
    noisy = Image.effect_noise((900, 700), 90).convert("RGB")
    place = Capabilities(media_types=("image/png", "image/jpeg"), media_count=1, media_bytes=limit, alt_limit=1000)
    rendition = clean(media(saved(noisy, "PNG"), media_class), place, "en")
    assert len(rendition.content) <= limit
    assert max(rendition.width_px, rendition.height_px) >= images.LEAST_SIDE_PX


def test_pixels_fit_and_are_never_invented() -> None:
    """The longest side is brought down to the limit, and a small picture stays small."""
    place = Capabilities(media_types=("image/jpeg",), media_count=1, media_pixels=200, alt_limit=1000)
    down = clean(media(saved(picture(), "PNG")), place, "en")
    same = clean(media(saved(picture(size=(40, 30)), "PNG")), place, "en")
    assert ((down.width_px, down.height_px), (same.width_px, same.height_px)) == ((200, 150), (40, 30))


def test_the_same_image_gives_the_same_bytes() -> None:
    """A digest is approved, so nothing may vary."""
    first, second = (clean(media(DIRTY["jpeg exif"]), BOTH, "en") for _ in range(2))
    assert first.digest == second.digest


def bomb() -> bytes:
    """A PNG of a few kilobytes that unpacks to 900 megapixels."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    parts = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    chunks = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content)) for kind, content in parts
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


REFUSED = {
    "empty": (b"", "image_unreadable"),
    "text": (b"not an image at all", "image_unreadable"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_unreadable"),
    "cut jpeg": (saved(picture(), "JPEG")[:900], "image_unreadable"),
    "cut png": (saved(Image.effect_noise((300, 300), 80), "PNG")[:3000], "image_unreadable"),
    "bomb": (bomb(), "image_bomb"),
    "long strip": (saved(Image.new("L", (70_000, 200)), "PNG"), "image_bomb"),
    "high strip": (saved(Image.new("L", (20, 65_501)), "PNG"), "image_bomb"),
    "sixty megapixels": (saved(Image.new("1", (10_000, 6_000)), "PNG"), "image_bomb"),
    "animated": (saved(picture("P"), "GIF", save_all=True, append_images=[Image.new("P", (320, 240), 3)]), "image_animated"),
    "apng": (saved(picture(), "PNG", save_all=True, append_images=[picture("L").convert("RGB")]), "image_animated"),
}


def test_the_longest_side_that_a_jpeg_has_still_leaves() -> None:
    """The bound is the format's, not a guess."""
    rendition = clean(media(saved(Image.new("L", (images.MOST_SIDE_PX, 30)), "PNG")), BOTH, "en")
    assert (rendition.width_px, rendition.media_type) == (images.MOST_SIDE_PX, "image/jpeg")


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_bad_images_are_refused_with_one_error(name: str) -> None:
    """Each kind of bad image has its code and a way out."""
    content, code = REFUSED[name]
    with pytest.raises(AlertError) as caught:
        clean(media(content), BOTH, "en")
    assert (caught.value.code, bool(caught.value.do), caught.value.file) == (code, True, "still.jpg")


def test_alternative_text_has_the_right_language_and_length() -> None:
    """A region falls back to its base, another language never stands in, and a long text is refused."""
    photo = media(saved(picture(), "PNG"))
    assert clean(photo, BOTH, "fr-CA").alt == "Un homme"
    for place, language, code in (
        (BOTH, "de", "missing_language"),
        (Capabilities(media_types=("image/png",), media_count=1, alt_limit=5), "en", "alt_too_long"),
        (Capabilities(media_types=("image/webp",), media_count=1, alt_limit=50), "en", "media_type_refused"),
        (Capabilities(media_types=("image/png",), media_count=1, alt_limit=50, media_bytes=20), "en", "image_too_large"),
    ):
        with pytest.raises(AlertError) as caught:
            clean(photo, place, language)
        assert caught.value.code == code


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_walkers_refuse_every_cut_off_file(cut: int) -> None:
    """Whatever is missing at the end is noticed."""
    whole_png, whole_jpeg = saved(picture(size=(40, 30)), "PNG"), saved(picture(size=(40, 30)), "JPEG")
    for walk, whole in ((png_chunks, whole_png), (jpeg_segments, whole_jpeg)):
        with pytest.raises(AlertError) as caught:
            list(walk(whole[: len(whole) - 1 - cut % (len(whole) - 1)]))
        assert caught.value.code == "image_unreadable"


def test_a_phones_picture_with_a_second_image_keeps_the_first() -> None:
    """Multi-picture files hide a preview or a depth map behind the photograph; only the photograph goes on."""
    behind = Image.effect_noise((320, 240), 90).convert("RGB")
    content = saved(picture(), "MPO", save_all=True, append_images=[behind])
    rendition = clean(media(content), BOTH, "en")
    assert (rendition.width_px, rendition.height_px) == (320, 240)
    assert len(rendition.content) < len(content) / 2


@settings(max_examples=250, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(sorted(set(DIRTY) | {"apng", "animated"})),
    hits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.one_of(st.just(1.0), st.floats(0.05, 1.0)),
)
def test_damaged_files_end_in_one_of_our_errors_or_clean(name: str, hits: list[tuple[float, int]], cut: float) -> None:
    """No damage reaches the caller as a foreign error, and whatever still decodes is clean."""
    damaged = bytearray(DIRTY[name] if name in DIRTY else REFUSED[name][0])
    for where, byte in hits:
        damaged[int(where * len(damaged))] = byte
    try:
        rendition = clean(media(bytes(damaged[: int(cut * len(damaged))])), BOTH, "en")
    except AlertError as err:
        refused = err.code
    else:
        check_only_pixels(rendition.content, rendition.media_type)
        refused = None
    assert refused in (None, "image_unreadable", "image_bomb", "image_animated")
