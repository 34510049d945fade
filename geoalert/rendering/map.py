"""The picture of a plan: area, boundaries, chosen and skipped venues, with legend, scale and north."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoalert.rendering.maplabels import Label, place_labels
from geoalert.rendering.mapscale import draw_furniture, metres_per_degree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

    from geoalert.area import Area
    from geoalert.boundaries.model import Layer
    from geoalert.targeting import Match

DPI = 100
POINT_KINDS = ("chosen", "visit", "skipped")
"""What `points` may say of a venue; skipped ones are drawn below the others."""

# Okabe and Ito's palette: told apart with any colour vision; each kind has its own shape besides.
_AREA = "#E69F00"
_LAYER_COLOURS = ("#0072B2", "#7A4B94", "#3B3B3B", "#56B4E9")
_LAYER_LINES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
_POINTS: dict[str, dict[str, Any]] = {
    "chosen": {"marker": "o", "s": 48, "c": "#009E73", "edgecolors": "black", "linewidths": 0.7, "zorder": 6.2},
    "visit": {"marker": "^", "s": 62, "c": "#D55E00", "edgecolors": "black", "linewidths": 0.7, "zorder": 6.1},
    "skipped": {"marker": "x", "s": 26, "c": "#6E6E6E", "linewidths": 1.3, "zorder": 6.0},
}
_LEGEND = {"chosen": "venue, chosen", "visit": "venue, to be visited", "skipped": "venue, skipped"}
_MARGIN = 0.3
_LEAST_SPAN_M = 500.0


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the world that is drawn, degrees, and how much longer a degree of latitude is than one of longitude there."""

    west: float
    south: float
    east: float
    north: float
    aspect: float

    @property
    def frame(self) -> Polygon:
        """The window as a polygon."""
        return Polygon([(self.west, self.south), (self.east, self.south), (self.east, self.north), (self.west, self.north)])


def area_map(
    area: Area,
    layers: Sequence[Layer],
    *,
    matches: Iterable[Match] = (),
    points: Iterable[tuple[float, float, str]] = (),
    title: str | None = None,
    attribution: str | None = None,
    size_px: tuple[int, int] = (1400, 1100),
) -> bytes:
    """Draws the area with what it meets and returns PNG bytes without metadata, the same for the same input.

    Only the area's public geometry is drawn; the first layer is drawn strongest.

    Args:
        area: its `geometry` is drawn, whatever it leaves out of it.
        layers: whole; only what reaches into the window is drawn.
        matches: which boundaries are targeted.
        points: (lon, lat, kind) of venues, kind one of `POINT_KINDS`; those outside the window are not drawn.
        title: one line above the map.
        attribution: sources and licences, one line below it.
        size_px: width and height.

    Raises:
        ValueError: unknown kind of point.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    targeted = {(match.layer, match.id) for match in matches if match.targeted}
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        # A script that the font lacks is drawn as boxes, never as a failed plan.
        warnings.filterwarnings("ignore", message="Glyph")
        figure = Figure(figsize=(size_px[0] / DPI, size_px[1] / DPI), dpi=DPI, facecolor="white")
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0.012, 0.105, 0.976, 0.845))
        window = window_of(area.geometry, size_px[0] * 0.976 / (size_px[1] * 0.845))
        _prepare(axes, window)
        labels = _draw_layers(axes, layers, targeted, window)
        _draw_area(axes, area.geometry)
        taken = _draw_points(axes, points, window)
        draw_furniture(axes, (window.west, window.south, window.east, window.north))
        _write_around(figure, axes, title, attribution)
        place_labels(axes, canvas.get_renderer(), labels, taken, area.geometry.boundary)
        canvas.draw()
        return _png(np.asarray(canvas.buffer_rgba())[..., :3])


def window_of(geometry: BaseGeometry, ratio: float) -> Window:
    """Returns the geometry's bounds with a margin, widened to `ratio` (width to height as drawn)."""
    west, south, east, north = geometry.bounds
    lon_m, lat_m = metres_per_degree((west + east) / 2, (south + north) / 2)
    half_x = max((east - west) * lon_m * (0.5 + _MARGIN), _LEAST_SPAN_M / 2)
    half_y = max((north - south) * lat_m * (0.5 + _MARGIN), _LEAST_SPAN_M / 2)
    half_x, half_y = max(half_x, half_y * ratio), max(half_y, half_x / ratio)
    lon, lat = (west + east) / 2, (south + north) / 2
    return Window(lon - half_x / lon_m, lat - half_y / lat_m, lon + half_x / lon_m, lat + half_y / lat_m, lat_m / lon_m)


def _prepare(axes: Axes, window: Window) -> None:
    axes.set_xlim(window.west, window.east)
    axes.set_ylim(window.south, window.north)
    axes.set_aspect(window.aspect)
    axes.set_facecolor("#FBFAF7")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#555555")


def _draw_layers(axes: Axes, layers: Sequence[Layer], targeted: set[tuple[str, str]], window: Window) -> list[Label]:
    from matplotlib.patches import PathPatch

    labels = []
    for depth, layer in enumerate(layers):
        colour, line = _LAYER_COLOURS[depth % 4], _LAYER_LINES[depth % 4]
        wide = 2.8 if depth == 0 else 1.5
        axes.plot([], [], color=colour, linestyle=line, linewidth=wide, label=f"{layer.name}, targeted")
        if any((layer.name, str(each)) not in targeted for each in layer.ids):
            axes.plot([], [], color=colour, linestyle=line, linewidth=wide * 0.5, alpha=0.45, label=f"{layer.name}, other")
        for row in np.flatnonzero(shapely.intersects(layer.geometries, window.frame)):
            chosen = (layer.name, str(layer.ids[row])) in targeted
            strength: dict[str, Any] = {"linewidth": wide, "alpha": 0.95} if chosen else {"linewidth": wide * 0.5, "alpha": 0.45}
            order = (4.0 if chosen else 3.0) - depth * 0.2
            path = _path(layer.geometries[row])
            axes.add_patch(PathPatch(path, facecolor="none", edgecolor=colour, linestyle=line, zorder=order, **strength))
            visible = layer.geometries[row].intersection(window.frame)
            labels.append(Label(_words(layer, int(row)), visible, colour, chosen, depth))
    return labels


def _words(layer: Layer, row: int) -> str:
    name, label = str(layer.ids[row]), str(layer.labels[row])
    return name if not label else label if name in label else f"{label} ({name})"


def _draw_area(axes: Axes, geometry: BaseGeometry) -> None:
    from matplotlib.colors import to_rgba
    from matplotlib.patches import PathPatch

    if geometry.area > 0:
        path = _path(geometry)
        style: dict[str, Any] = {"facecolor": to_rgba(_AREA, 0.2), "edgecolor": _AREA, "linewidth": 3.0}
        axes.add_patch(PathPatch(path, label="area of the alert", zorder=2.0, **style))
        return
    coords = shapely.get_coordinates(geometry)
    axes.scatter(coords[:, 0], coords[:, 1], marker="*", s=280, c=_AREA, edgecolors="black", zorder=6.5, label="place of the alert")


def _draw_points(axes: Axes, points: Iterable[tuple[float, float, str]], window: Window) -> list[tuple[float, float]]:
    listed = list(points)
    unknown = {kind for _, _, kind in listed} - set(POINT_KINDS)
    if unknown:
        raise ValueError(f"unknown kind of point {', '.join(sorted(unknown))}; known: {', '.join(POINT_KINDS)}")
    drawn: list[tuple[float, float]] = []
    for kind, style in _POINTS.items():
        here = [(x, y) for x, y, k in listed if k == kind and window.west <= x <= window.east and window.south <= y <= window.north]
        if here:
            axes.scatter([x for x, _ in here], [y for _, y in here], label=f"{_LEGEND[kind]} ({len(here)})", **style)
        drawn += here if kind != "skipped" else []
    return drawn


def _write_around(figure: Figure, axes: Axes, title: str | None, attribution: str | None) -> None:
    if title:
        figure.text(0.012, 0.972, title, fontsize=15, fontweight="bold", va="center", ha="left", parse_math=False)
    if attribution:
        figure.text(0.988, 0.012, attribution, fontsize=8, color="#555555", va="center", ha="right", parse_math=False)
    handles, names = axes.get_legend_handles_labels()
    legend = figure.legend(handles, names, loc="center", bbox_to_anchor=(0.5, 0.062), ncol=4, fontsize=10, frameon=False, columnspacing=2.0)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _path(geometry: BaseGeometry) -> Path:
    from matplotlib.path import Path

    rings = [ring for part in shapely.get_parts(geometry) if part.area > 0 for ring in (part.exterior, *part.interiors)]
    return Path.make_compound_path(*[Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings])


def _png(pixels: np.ndarray[Any, Any]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, format="PNG", optimize=True)
    return out.getvalue()
