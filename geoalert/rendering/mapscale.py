"""Scale bar and north arrow of a map."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from shapely.geometry import LineString

from geoalert.geo import length_m

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEP = 0.001


def metres_per_degree(lon: float, lat: float) -> tuple[float, float]:
    """Returns the geodesic length in metres of a degree of longitude and of latitude around a place."""
    across = length_m(LineString([(lon - _STEP, lat), (lon + _STEP, lat)]))
    along = length_m(LineString([(lon, lat - _STEP), (lon, lat + _STEP)]))
    return across / (2 * _STEP), along / (2 * _STEP)


def bar_length_m(width_m: float) -> int:
    """Returns the length of a scale bar for a map so wide: 1, 2 or 5 times a power of ten, at most a quarter of it."""
    most = width_m / 4
    power = 10 ** floor(log10(most))
    return int(max(step * power for step in (1, 2, 5) if step * power <= most))


def draw_furniture(axes: Axes, bounds: tuple[float, float, float, float]) -> None:
    """Draws a scale bar in metres at the lower left and a north arrow at the upper right."""
    from matplotlib.patches import Polygon, Rectangle

    west, south, east, north = bounds
    lon_m, _ = metres_per_degree((west + east) / 2, (south + north) / 2)
    length = bar_length_m((east - west) * lon_m)
    width, left, low = length / lon_m / (east - west), 0.02, 0.028
    axes.add_patch(
        Rectangle((left - 0.008, low - 0.014), width + 0.016, 0.052, transform=axes.transAxes, color="white", alpha=0.8, zorder=8)
    )
    for n in range(4):
        face = "black" if n % 2 == 0 else "white"
        axes.add_patch(
            Rectangle(
                (left + n * width / 4, low), width / 4, 0.009, transform=axes.transAxes, facecolor=face, edgecolor="black", lw=0.8, zorder=9
            )
        )
    text = f"{length // 1000} km" if length >= 2000 else f"{length} m"
    axes.text(left, low + 0.014, "0", transform=axes.transAxes, fontsize=9, ha="center", va="bottom", zorder=9)
    axes.text(left + width, low + 0.014, text, transform=axes.transAxes, fontsize=9, ha="center", va="bottom", zorder=9)
    tip = [(0.975, 0.962), (0.964, 0.912), (0.975, 0.925), (0.986, 0.912)]
    axes.add_patch(Polygon(tip, closed=True, transform=axes.transAxes, facecolor="black", edgecolor="white", lw=1.0, zorder=9))
    axes.text(0.975, 0.906, "N", transform=axes.transAxes, fontsize=12, fontweight="bold", ha="center", va="top", zorder=9)
