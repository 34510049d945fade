"""`geoalert area`: make, show, check and export area files."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoalert.cli.area_drawing import check_cover_options, cover_options, redrawn
from geoalert.cli.exporting import exported, overwrite_option
from geoalert.cli.face import counted, json_option, percent, print_json, print_table, project_option, told

if TYPE_CHECKING:
    from geoalert.boundaries.model import Layer

layer_option = click.option(
    "--layer", "layers", multiple=True, metavar="NAME[=FILE,id=F,...]", help="A layer of the project, or of a file, as for `match`."
)
at_option = click.option("--at", metavar="TIME", help="Of rings: the ring reached by this time; default: the first.")
signal_option = click.option("--signal", "signals", multiple=True, metavar="NAME", help="Of rings: a signal that was given.")

as_of_option = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Use the layers' editions of this day; default: today's."
)
delta_option = click.option("--delta", is_flag=True, help="Of rings: only what the ring reached adds to the one before it.")


@click.group(name="area")
def command() -> None:
    """Make, show, check and export area files."""


@command.command(name="make")
@click.option("--lat", type=float, help="Latitude of the centre, degrees.")
@click.option("--lon", type=float, help="Longitude of the centre, degrees.")
@click.option("--near", metavar="TEXT", help="A street corner, in the place of --lat and --lon.")
@click.option("--radius", type=float, metavar="M", help="Radius of a circle, or of each circle of a series, metres.")
@click.option("--series", multiple=True, metavar="LON,LAT", help="A point of a series; may be given again.")
@click.option("--ring", "rings", multiple=True, metavar="AFTER=M[,SIGNAL]", help="A ring, such as 2h=1600 or 4h=2500,transit-sighting.")
@click.option("--since", metavar="TIME", help="When the person was last seen, from which rings count.")
@click.option("--corridor", metavar="FILE[:TABLE]", help="A file with the line of a corridor.")
@click.option("--each-side", type=float, metavar="M", help="Metres on each side of the corridor.")
@click.option("--caps", type=click.Choice(["round", "flat"]), default="round", show_default=True, help="Ends of the corridor.")
@click.option("--polygon", metavar="FILE[:TABLE]", help="A file of polygons.")
@click.option("--named", multiple=True, metavar="LAYER:ID", help="A boundary of one of the project's layers.")
@click.option("--minus", multiple=True, metavar="FILE[:TABLE]", help="A file of what is taken off, in public.")
@click.option("--withhold", multiple=True, metavar="FILE[:TABLE]", help="A file of secret places.")
@click.option("--distance", type=float, metavar="M", help="Metres round each secret place.")
@click.option("--label", metavar="TEXT", help="The only words for the place that the public gets.")
@click.option("--author", metavar="WHO", help="Who draws it.")
@click.option("--reason", metavar="TEXT", help="Why it is this area.")
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("area.toml"), show_default=True, help="The file to write.")
@project_option
@json_option
@told
def make(out: Path, project: Path | None, as_json: bool, **said: Any) -> None:
    """Write an area file; the files it names lie beside it or below.

    Example:

        geoalert area make --lat 43.64867 --lon -79.39660 --radius 600 --label "Queen St W and Spadina Ave area"
    """
    from geoalert.app.area import AreaDesk, make_area
    from geoalert.cli.area_options import written

    with AreaDesk.of(project) as desk:
        area = make_area(desk, out, **written(said))
    if as_json:
        print_json({"file": str(out), "area": area.to_dict()})
    else:
        click.echo(f"{out}: {area.rule['type']}, {area.area_m2 / 1e6:.3f} km2. Look at it: geoalert area show {out}")


@command.command(name="show")
@click.argument("file", metavar="FILE[:TABLE]")
@layer_option
@at_option
@signal_option
@delta_option
@as_of_option
@project_option
@json_option
@told
def show(
    file: str,
    layers: tuple[str, ...],
    at: str | None,
    signals: tuple[str, ...],
    delta: bool,
    as_of: datetime | None,
    project: Path | None,
    as_json: bool,
) -> None:
    """Print what an area file comes to: size, bounds, boundaries and rings; secret places are not mentioned."""
    from geoalert.app.area import AreaDesk
    from geoalert.targeting import survey
    from geoalert.targeting.parts import has_rings

    day = _day(as_of)
    asked = _asked(layers, project, day)
    with AreaDesk.of(project, given={layer.name: layer for layer in asked}, as_of=day) as desk:
        rule = desk.read(file)
        moment = desk.instant(at)
        area = desk.area(rule, at=moment, signals=signals, delta=delta)
        rings = desk.rings(rule, at=moment, signals=signals)
    found = survey(area, asked, as_of=day) if asked else None
    if as_json:
        about = {"label": area.label, "author": rule.author, "reason": rule.reason, "bounds": list(area.geometry.bounds)}
        print_json(area.to_dict() | about | {"rings": rings} | (found.to_dict() if found else {"matches": []}))
        return
    click.echo(f"{area.rule['type']}, {area.area_m2 / 1e6:.3f} km2" + (f": {area.label}" if area.label else ""))
    for name in ("author", "reason"):
        if getattr(rule, name):
            click.echo(f"{name.capitalize()}: {getattr(rule, name)}")
    click.echo("Bounds (west, south, east, north): " + ", ".join(f"{edge:.5f}" for edge in area.geometry.bounds))
    if rings:
        rows = [
            (each["ring"], "yes" if each["reached"] else None, each["begins"], each["or_on"], f"{each['radius_m']:g}",
             f"{each['adds_m2'] / 1e6:.3f}")
            for each in rings
        ]  # fmt: skip
        print_table(counted(len(rings), "ring"), ("No.", "Reached", "Begins", "Or on signal", "metres", "% km2 added"), rows)
    elif has_rings(rule.rule):
        click.echo(f"Rings stand inside this {rule.rule['type']}: --at and --signal choose one of each")
    if found is not None:
        met = [(each.layer, each.id, each.label, percent(each.share_of_area), "yes" if each.targeted else "no") for each in found.matches]
        print_table(counted(len(met), "boundary", "boundaries"), ("Layer", "Id", "Label", "% of area", "Targeted"), met)


@command.command(name="check")
@click.argument("file", metavar="FILE[:TABLE]")
@layer_option
@as_of_option
@project_option
@json_option
@told
def check(file: str, layers: tuple[str, ...], as_of: datetime | None, project: Path | None, as_json: bool) -> None:
    """Read an area file with everything that it names, secret places included, and say what is missing in it."""
    from geoalert.app.area import AreaDesk

    day = _day(as_of)
    asked = _asked(layers, project, day)
    with AreaDesk.of(project, given={layer.name: layer for layer in asked}, as_of=day) as desk:
        rule = desk.read(file)
        withheld = desk.check(rule)
        area = desk.area(rule)
    missing = [name for name in ("author", "reason", "label") if not getattr(rule, name)]
    document = {
        "file": file, "type": rule.rule["type"], "digest": area.digest, "minus": len(rule.minus), "withhold": withheld, "missing": missing,
    }  # fmt: skip
    if as_json:
        print_json(document)
        return
    click.echo(f"{file}: good; {document['type']}, {counted(len(rule.minus), 'minus', 'minus')}, {counted(withheld, 'withheld place')}")
    if missing:
        click.echo(f"warn: the file has no {' and no '.join(missing)}")


@command.command(name="export")
@click.argument("file", metavar="FILE[:TABLE]")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="The file to write: .geojson, .gpkg, .kml, .shp or .zip.")
@at_option
@signal_option
@delta_option
@as_of_option
@overwrite_option
@cover_options
@project_option
@json_option
@told
def export(
    file: str,
    out: Path,
    at: str | None,
    signals: tuple[str, ...],
    delta: bool,
    as_of: datetime | None,
    overwrite: bool,
    project: Path | None,
    as_json: bool,
    **drawn: Any,
) -> None:
    """Write the public area as a geometry file; author, reason and secret places never go with it."""
    from geoalert.app.area import AreaDesk

    check_cover_options(drawn)
    with AreaDesk.of(project, as_of=_day(as_of)) as desk:
        area = desk.area(desk.read(file), at=desk.instant(at), signals=signals, delta=delta)
    drawing = redrawn(area, **drawn)
    made = exported(list(drawing.areas), out, overwrite=overwrite)
    if as_json:
        print_json(made.to_dict() | {"digest": area.digest, "area_m2": area.area_m2} | drawing.told)
    else:
        click.echo(f"{out}: {area.area_m2 / 1e6:.3f} km2{drawing.words}")


def _day(as_of: datetime | None) -> date | None:
    return None if as_of is None else as_of.date()


def _asked(texts: tuple[str, ...], project: Path | None, day: date | None) -> list[Layer]:
    """Returns the layers named, else those of the project, else none."""
    from geoalert.cli.match import layers_of
    from geoalert.errors import ConfigurationError

    try:
        return layers_of(texts, project, as_of=day)
    except ConfigurationError as err:
        if texts or project is not None or err.code != "no_project":
            raise
        return []
