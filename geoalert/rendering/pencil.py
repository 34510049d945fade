"""A pencil for Pillow: jittered strokes, hatching and smudges that always fall the same way."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

Point = tuple[float, float]
_OVERSAMPLE = 2


class Pencil:
    """Draws grey lines on paper of a size in px; coordinates are px from the upper left corner."""

    def __init__(self, width_px: int, height_px: int, *, paper: int = 248, seed: int = 7) -> None:
        from PIL import Image, ImageDraw

        self._size = (width_px, height_px)
        self._random = random.Random(seed)  # noqa: S311 - jitter of a drawing, the same every time
        self._paper = paper
        self._image = Image.new("L", (width_px * _OVERSAMPLE, height_px * _OVERSAMPLE), 255)
        self._draw = ImageDraw.Draw(self._image)

    def stroke(self, points: Sequence[Point], *, grey: int = 90, width: float = 1.6, passes: int = 2, jitter: float = 1.1) -> None:
        """Draws a smooth line through `points`, several times, never twice in the same place, thin at its ends."""
        for _ in range(passes):
            shaken = [(x + self._shake(jitter), y + self._shake(jitter)) for x, y in points]
            path = smooth(shaken)
            shade = max(0, min(255, grey + round(self._shake(18))))
            for n, (a, b) in enumerate(pairwise(path)):
                swell = 0.45 + 0.55 * math.sin(math.pi * (n + 0.5) / (len(path) - 1))
                self._segment(a, b, shade, width * swell)

    def tufts(self, inside: Sequence[Point], *, count: int, length: float, towards: Point, grey: tuple[int, int] = (40, 110)) -> None:
        """Fills a polygon with short hairs that grow away from the point `towards`."""
        xs, ys = [p[0] for p in inside], [p[1] for p in inside]
        drawn = 0
        while drawn < count:
            x, y = self._random.uniform(min(xs), max(xs)), self._random.uniform(min(ys), max(ys))
            if not contains(inside, (x, y)):
                continue
            angle = math.atan2(y - towards[1], x - towards[0]) + self._shake(0.35)
            reach = length * self._random.uniform(0.6, 1.2)
            bend = (x + reach / 2 * math.cos(angle + 0.15), y + reach / 2 * math.sin(angle + 0.15))
            tip = (x + reach * math.cos(angle), y + reach * math.sin(angle))
            self.stroke([(x, y), bend, tip], grey=self._random.randint(*grey), width=1.3, passes=1, jitter=0.3)
            drawn += 1

    def hatch(self, inside: Sequence[Point], *, angle_deg: float, spacing: float, grey: int = 150, soft: float = 6.0) -> None:
        """Lays parallel lines over a polygon; what lies below shows through."""
        from PIL import Image, ImageChops, ImageDraw

        layer = Image.new("L", self._image.size, 255)
        draw = ImageDraw.Draw(layer)
        across = math.radians(angle_deg)
        dx, dy = math.cos(across), math.sin(across)
        xs, ys = [p[0] for p in inside], [p[1] for p in inside]
        middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        reach = math.hypot(max(xs) - min(xs), max(ys) - min(ys)) / 2 + 4
        offset = -reach
        while offset < reach:
            start, end = reach * self._random.uniform(0.9, 1.1), reach * self._random.uniform(0.9, 1.1)
            x, y = middle[0] - dy * offset, middle[1] + dx * offset
            bow = self._shake(3)
            line = smooth([(x - dx * start, y - dy * start), (x - dy * bow, y + dx * bow), (x + dx * end, y + dy * end)])
            shade = max(0, min(255, grey + round(self._shake(16))))
            draw.line([(a * _OVERSAMPLE, b * _OVERSAMPLE) for a, b in line], fill=shade, width=2)
            offset += spacing * self._random.uniform(0.7, 1.3)
        self._lay(ImageChops.multiply(self._image, layer), inside, soft)

    def smudge(self, inside: Sequence[Point], *, grey: int, soft: float = 14.0) -> None:
        """Darkens a polygon evenly, with a soft edge."""
        from PIL import ImageChops

        tone = ImageChops.constant(self._image, grey)
        self._lay(ImageChops.multiply(self._image, tone), inside, soft)

    def erase(self, inside: Sequence[Point]) -> None:
        """Clears a polygon, for what lies in front."""
        self._draw.polygon([(x * _OVERSAMPLE, y * _OVERSAMPLE) for x, y in inside], fill=255)

    def picture(self) -> Image:
        """Returns the drawing: graphite broken by the paper's grain, 8-bit grey."""
        from PIL import Image, ImageChops, ImageFilter

        small = self._image.resize(self._size, Image.Resampling.LANCZOS)
        grain = Image.frombytes("L", self._size, self._random.randbytes(self._size[0] * self._size[1]))
        grain = grain.filter(ImageFilter.GaussianBlur(0.6)).point([round(150 + 105 * n / 255) for n in range(256)])
        ink = ImageChops.multiply(ImageChops.invert(small), grain)
        return ImageChops.invert(ink).point([round(self._paper * n / 255) for n in range(256)])

    def _lay(self, darker: Image, inside: Sequence[Point], soft: float) -> None:
        from PIL import Image, ImageDraw, ImageFilter

        mask = Image.new("L", self._image.size, 0)
        ImageDraw.Draw(mask).polygon([(x * _OVERSAMPLE, y * _OVERSAMPLE) for x, y in inside], fill=255)
        self._image.paste(darker, (0, 0), mask.filter(ImageFilter.GaussianBlur(soft)))

    def _segment(self, a: Point, b: Point, grey: int, width: float) -> None:
        ends = [(a[0] * _OVERSAMPLE, a[1] * _OVERSAMPLE), (b[0] * _OVERSAMPLE, b[1] * _OVERSAMPLE)]
        self._draw.line(ends, fill=grey, width=max(1, round(width * _OVERSAMPLE)))

    def _shake(self, most: float) -> float:
        return self._random.uniform(-most, most)


def smooth(points: Sequence[Point], *, steps: int = 8) -> list[Point]:
    """Returns a Catmull-Rom curve through `points`."""
    padded = [points[0], *points, points[-1]]
    path: list[Point] = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for n in range(steps):
            t = n / steps
            path.append((_between(p0[0], p1[0], p2[0], p3[0], t), _between(p0[1], p1[1], p2[1], p3[1], t)))
    return [*path, points[-1]]


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Returns whether a point lies inside, by crossings of a ray."""
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
