"""How `geoalert area export` draws an area: as it is, as a cover of few points, or cut where it has holes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from geoalert.cli.face import counted

if TYPE_CHECKING:
    from geoalert.area import Area

_COVER = ("max_points", "max_overshoot", "max_polygons")
_POINTS, _OVERSHOOT_M = 100, 161.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """The areas to write, and what is said of them in JSON and in words."""

    areas: tuple[Area, ...]
    told: dict[str, Any] = field(default_factory=dict)
    words: str = ""


def cover_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a command with --cover and its limits, and with --without-holes."""
    for option in reversed(
        (
            click.option("--cover", is_flag=True, help="Write polygons without holes, of few points, that contain the whole area."),
            click.option("--max-points", type=int, metavar="N", help=f"Of a cover: points at most, closing ones not counted [{_POINTS}]."),
            click.option(
                "--max-overshoot", type=float, metavar="M", help=f"Of a cover: metres that it may reach beyond the area [{_OVERSHOOT_M:g}]."
            ),
            click.option(
                "--max-polygons", type=int, metavar="P", help="Of a cover: polygons at most; default: as many as the shape needs."
            ),
            click.option("--without-holes", is_flag=True, help="Cut the area where it has holes; the pieces add up to it exactly."),
        )
    ):
        command = option(command)
    return command


def check_cover_options(drawn: dict[str, Any]) -> None:
    """Refuses limits of a cover where none is asked for, and two ways of drawing.

    Raises:
        click.UsageError: such options.
    """
    if drawn["cover"] and drawn["without_holes"]:
        raise click.UsageError("give --cover or --without-holes, not both")
    said = [f"--{name.replace('_', '-')}" for name in _COVER if drawn[name] is not None]
    if said and not drawn["cover"]:
        raise click.UsageError(f"{said[0]} goes with --cover")


def redrawn(
    area: Area, *, cover: bool, max_points: int | None, max_overshoot: float | None, max_polygons: int | None, without_holes: bool
) -> Drawing:
    """Returns an area as it is to be written; errors as `geoalert.cover` and `geoalert.without_holes`."""
    from geoalert.area import Area
    from geoalert.covering import cover as cover_of
    from geoalert.covering import without_holes as cut

    if without_holes:
        pieces = cut(area)
        points = sum(len(piece.exterior.coords) - 1 for piece in pieces)
        told: dict[str, Any] = {"polygons": len(pieces), "points": points}
        words = f"; {counted(len(pieces), 'polygon')} without holes, {counted(points, 'point')}"
    elif cover:
        made = cover_of(
            area, _POINTS if max_points is None else max_points, _OVERSHOOT_M if max_overshoot is None else max_overshoot, max_polygons
        )
        pieces = list(made.polygons)
        told = {"polygons": len(pieces), "points": made.points, "overshoot_m": made.overshoot_m}
        words = (
            f"; the cover has {counted(len(pieces), 'polygon')}, {counted(made.points, 'point')}, "
            f"and reaches at most {made.overshoot_m:.1f} m beyond the area"
        )
    else:
        return Drawing((area,))
    return Drawing(tuple(Area.polygon(piece, label=area.label) for piece in pieces), told, words)
