"""Names of boundaries on a map, each inside its boundary and none on another."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

_GRID = 9
_PAD_PX = 3.0
_MARKER_PX = 7.0
_TOO_POOR = 9.0


@dataclass(frozen=True, slots=True)
class Label:
    """One name to write: where its boundary is visible, in which colour, how strongly."""

    text: str
    visible: BaseGeometry
    colour: str
    strong: bool
    depth: int


def place_labels(
    axes: Axes, renderer: RendererBase, labels: Sequence[Label], points: Sequence[tuple[float, float]], outline: BaseGeometry
) -> None:
    """Writes the names of targeted boundaries first; others only where they find a free place inside their boundary.

    Args:
        axes: of the map, its limits set.
        renderer: measures the text.
        labels: names with what is visible of their boundaries.
        points: lon, lat of marks that a name should not hide.
        outline: of the area, which a name should not cross either.
    """
    frame = axes.get_window_extent(renderer)
    taken = [_corner(frame, 0.0, 0.0, 0.30, 0.08), _corner(frame, 0.95, 0.86, 1.0, 1.0)]
    marks = [tuple(axes.transData.transform(point)) for point in points]
    lines = shapely.union_all([*(each.visible.boundary for each in labels if each.strong), outline])
    shapely.prepare(lines)
    for label in sorted(labels, key=lambda each: (not each.strong, each.depth, -each.visible.area, each.text)):
        written = _write(axes, label)
        shapely.prepare(label.visible)
        best: tuple[float, Any, Bbox] | None = None
        for rank, (x, y) in enumerate(_candidates(label.visible)):
            written.set_position((x, y))
            extent = written.get_window_extent(renderer).padded(_PAD_PX)
            inside = frame.x0 <= extent.x0 and extent.x1 <= frame.x1 and frame.y0 <= extent.y0 and extent.y1 <= frame.y1
            if not inside or any(extent.overlaps(other) for other in taken):
                continue
            cost = _cost(extent, marks, axes, label, lines) + rank * 0.05
            if best is None or cost < best[0]:
                best = (cost, (x, y), extent)
        if best is None or (not label.strong and best[0] >= _TOO_POOR):
            written.remove()
            continue
        written.set_position(best[1])
        taken.append(best[2])


def _cost(extent: Bbox, marks: Sequence[tuple[float, ...]], axes: Axes, label: Label, lines: BaseGeometry) -> float:
    """Returns how poor a place is for a name: marks it hides, how far it leaves its boundary, lines it crosses."""
    (west, south), (east, north) = axes.transData.inverted().transform([(extent.x0, extent.y0), (extent.x1, extent.y1)])
    middle = (west + east) / 2
    corners = [Point(x, y) for x in (west, middle, east) for y in (south, north)]
    outside = sum(not label.visible.contains(corner) for corner in corners) / len(corners)
    crossed = bool(lines.intersects(shapely.box(west, south, east, north)))
    return 3.0 * sum(_hits(extent, mark) for mark in marks) + 12.0 * outside + 3.0 * crossed


def _write(axes: Axes, label: Label) -> Text:
    from matplotlib.patheffects import withStroke

    size = (15 if label.depth == 0 else 10.5) - (0 if label.strong else 1.5)
    text = axes.text(
        0,
        0,
        "\n".join(textwrap.wrap(label.text, 20)) or label.text,
        fontsize=size,
        fontweight="bold" if label.strong else "normal",
        color=label.colour,
        alpha=1.0 if label.strong else 0.75,
        ha="center",
        va="center",
        linespacing=1.05,
        zorder=7,
        parse_math=False,
    )
    text.set_path_effects([withStroke(linewidth=3.2, foreground="white")])
    return text


def _candidates(visible: BaseGeometry) -> Iterator[tuple[float, float]]:
    """Yields places inside the largest visible part, the roomiest first."""
    parts = [part for part in shapely.get_parts(visible) if part.area > 0]
    if not parts:
        return
    largest = max(parts, key=lambda part: part.area)
    middle = largest.representative_point()
    yield middle.x, middle.y
    west, south, east, north = largest.bounds
    inner = [
        Point(west + (east - west) * (i + 0.5) / _GRID, south + (north - south) * (j + 0.5) / _GRID)
        for i in range(_GRID)
        for j in range(_GRID)
    ]
    edge = largest.boundary
    free = sorted((p for p in inner if largest.contains(p)), key=lambda p: (-edge.distance(p), p.x, p.y))
    yield from ((p.x, p.y) for p in free)


def _hits(extent: Bbox, mark: tuple[float, ...]) -> bool:
    return bool(extent.x0 - _MARKER_PX < mark[0] < extent.x1 + _MARKER_PX and extent.y0 - _MARKER_PX < mark[1] < extent.y1 + _MARKER_PX)


def _corner(frame: Bbox, left: float, low: float, right: float, high: float) -> Bbox:
    from matplotlib.transforms import Bbox

    return Bbox.from_extents(
        frame.x0 + left * frame.width, frame.y0 + low * frame.height, frame.x0 + right * frame.width, frame.y0 + high * frame.height
    )
