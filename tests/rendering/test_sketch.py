"""The demo's drawing is a drawing, always the same one, and passes the door every image passes."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
from PIL import Image

from geoalert.media import Media
from geoalert.publishing import Capabilities
from geoalert.rendering.images import clean
from geoalert.rendering.pencil import contains, smooth
from geoalert.rendering.segments import check_only_pixels
from geoalert.rendering.sketch import HEIGHT_PX, WIDTH_PX, demo_sketch


def test_the_sketch_is_grey_lines_on_paper() -> None:
    """It has the size it says, only greys, mostly paper, and enough dark strokes for a face."""
    content = demo_sketch()
    check_only_pixels(content, "image/png")
    picture = Image.open(io.BytesIO(content))
    tones = np.asarray(picture)
    assert (picture.size, picture.mode) == ((WIDTH_PX, HEIGHT_PX), "L")
    assert np.mean(tones > 225) > 0.3
    assert 0.01 < np.mean(tones < 90) < 0.2


def test_the_sketch_is_always_the_same_bytes() -> None:
    """The demo's plan has one digest."""
    assert demo_sketch() == demo_sketch()


def test_the_sketch_stays_png_for_a_place_that_takes_it() -> None:
    """Pencil lines are kept crisp and pixel for pixel."""
    content = demo_sketch()
    sketch = Media(content=content, media_class="composite_sketch", alt={"en": "Pencil sketch"})
    rendition = clean(sketch, Capabilities(media_types=("image/jpeg", "image/png"), media_count=1, alt_limit=100), "en")
    assert rendition.media_type == "image/png"
    assert Image.open(io.BytesIO(rendition.content)).tobytes() == Image.open(io.BytesIO(content)).tobytes()


def test_strokes_pass_through_their_points_without_jumps() -> None:
    """A smooth line meets every point it was given."""
    points = [(0.0, 0.0), (40.0, 10.0), (60.0, 50.0)]
    path = smooth(points)
    assert all(point in path for point in points)
    assert max(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(path)) < 12


def test_hair_stays_inside_its_patch() -> None:
    """Inside is inside, also in a dent."""
    dent = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (5.0, 2.0), (0.0, 10.0)]
    assert contains(dent, (2.0, 4.0))
    assert not contains(dent, (5.0, 6.0))
