"""`geoalert match`: an area, given by hand, against layers of the project or of files."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoalert.cli.face import counted, json_option, open_desk, percent, print_json, print_table, project_option, told
from geoalert.errors import ConfigurationError

if TYPE_CHECKING:
    from geoalert.area import Area
    from geoalert.boundaries.model import Layer


@click.command(name="match")
@click.option("--lat", type=float, help="Latitude of the centre, degrees.")
@click.option("--lon", type=float, help="Longitude of the centre, degrees.")
@click.option("--radius", type=float, metavar="M", help="Radius of a circle, metres; without it the point itself.")
@click.option("--area", metavar="FILE[:TABLE]", help="An area file, or a file of polygons.")
@click.option("--at", metavar="TIME", help="Of rings in an area file: the ring reached by this time; default: the first.")
@click.option("--signal", "signals", multiple=True, metavar="NAME", help="Of rings in an area file: a signal that was given.")
@click.option("--near", metavar="TEXT", help="A street corner, from the project's gazetteer or --places.")
@click.option("--places", type=click.Path(path_type=Path), help="Gazetteer that `geoalert places build` wrote.")
@click.option(
    "--layer",
    "layers",
    multiple=True,
    metavar="NAME[=FILE,id=F,...]",
    help="A layer of the project, or of a file with id=, label=, table=, crs=.",
)
@click.option("--rule", default="overlap", show_default=True, help="overlap, touches, centroid, share:20% or within:150m.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Match as of this day.")
@project_option
@json_option
@told
def command(
    lat: float | None,
    lon: float | None,
    radius: float | None,
    area: str | None,
    at: str | None,
    signals: tuple[str, ...],
    near: str | None,
    places: Path | None,
    layers: tuple[str, ...],
    rule: str,
    as_of: datetime | None,
    project: Path | None,
    as_json: bool,
) -> None:
    """Match an area to boundaries: shares, distance, relation and reason, largest share first.

    Example:

        geoalert match --lat 43.64867 --lon -79.39660 --radius 600 --layer division=divisions.geojson,id=DIV,label=UNIT_NAME
    """
    from geoalert.targeting import survey

    day = as_of.date() if as_of else None
    corner = None
    if area is not None:
        _alone(lat, lon, radius, near)
        asked = layers_of(layers, project, as_of=day)
        place = area_of_file(area, project, asked, at=at, signals=signals, as_of=day)
    else:
        corner = None if near is None else _near(near, places, project)
        place = _area(lat, lon, radius) if corner is None else _area(corner["lat"], corner["lon"], radius)
        asked = layers_of(layers, project, as_of=day)
    found = survey(place, asked, rule=rule, as_of=day)
    if as_json:
        print_json(found.to_dict() | ({} if corner is None else {"near": corner}))
        return
    if corner is not None:
        click.echo(f"Near {corner['label']}: lon {corner['lon']:.5f}, lat {corner['lat']:.5f}")
    rows = [
        (match.layer, match.id, match.label, percent(match.share_of_area), percent(match.share_of_boundary), f"{match.distance_m:.0f}",
         match.relation, "yes" if match.targeted else "no", match.reason)
        for match in found.matches
    ]  # fmt: skip
    if rows:
        columns = ("Layer", "Id", "Label", "% of area", "% of boundary", "metres", "Relation", "Targeted", "Reason")
        print_table(counted(len(rows), "boundary", "boundaries"), columns, rows)
    else:
        click.echo("The area meets no boundary of these layers.")
    if not place.is_point:
        for layer, share in found.uncovered.items():
            click.echo(f"In no {layer}: {percent(share)}")


def _alone(lat: float | None, lon: float | None, radius: float | None, near: str | None) -> None:
    if any(each is not None for each in (lat, lon, radius, near)):
        raise click.UsageError("--area stands alone; leave out --lat, --lon, --radius and --near")


def area_of_file(
    text: str, project: Path | None, layers: list[Layer], *, at: str | None, signals: tuple[str, ...], as_of: date | None = None
) -> Area:
    """Returns the public area of an area file or a file of polygons."""
    from geoalert.app.area import AreaDesk

    with AreaDesk.of(project, given={layer.name: layer for layer in layers}, as_of=as_of) as desk:
        rule = desk.read(text)
        return desk.area(rule, at=desk.instant(at), signals=signals)


def _area(lat: float | None, lon: float | None, radius: float | None) -> Area:
    from geoalert.area import Area

    if lat is None or lon is None:
        raise click.UsageError("give --lat and --lon, or --near; and --radius for a circle; or --area FILE")
    return Area.point(lon=lon, lat=lat) if radius is None else Area.circle(lon=lon, lat=lat, radius_m=radius)


def _near(text: str, places: Path | None, project: Path | None) -> dict[str, Any]:
    """Returns the corner that a text names: label, lon and lat."""
    from geoalert.app.boundaries import project_folder
    from geoalert.app.places import FILE_NAME, Corners, corners_of
    from geoalert.errors import AreaError

    corners = Corners(places) if places is not None else corners_of(None, project_folder(project))
    if places is None:
        with suppress(ConfigurationError), open_desk(project) as desk:
            corners = desk.near or corners
    if corners is None:
        raise AreaError(
            "there is no gazetteer to find street corners in",
            code="near_not_available",
            field="--near",
            value=text,
            do=f"geoalert places build FILE writes {FILE_NAME}; or give --lat and --lon",
        )
    lon, lat, label = corners(text)
    corners.close()
    return {"label": label, "lon": lon, "lat": lat}


def layers_of(texts: tuple[str, ...], project: Path | None, *, as_of: date | None = None) -> list[Layer]:
    """Returns layers named by `--layer`, of the project or of files; every layer of the project where none is named."""
    if texts and all("=" in text for text in texts):
        return [file_layer(text) for text in texts]
    try:
        with open_desk(project) as desk:
            named = [file_layer(text) if "=" in text else desk.layer(text, as_of=as_of) for text in texts]
            return named or list(desk.layers_on(as_of or desk.today).values())
    except ConfigurationError as err:
        if err.code == "no_project":
            err.do = "Name a layer by --layer NAME=FILE,id=FIELD, or a project by --project"
        raise


_OPTIONS = ("id=", "label=", "table=", "crs=", "dissolve=", "id_rule=")


def file_layer(text: str) -> Layer:
    """Reads `NAME=FILE,id=F[,label=F][,table=T][,crs=C]`; a comma in a file name is kept where no `key=` follows it."""
    from geoalert.boundaries.load import read_layer

    name, _, rest = text.partition("=")
    path, *others = rest.split(",")
    options: dict[str, str] = {}
    for other in others:
        key, equals, value = other.partition("=")
        if equals and f"{key}=" in _OPTIONS:
            options[key] = value
        elif options:
            raise click.UsageError(f"--layer {name}: {other!r} is none of {', '.join(_OPTIONS)}")
        else:
            path = f"{path},{other}"
    if not name or not path or "id" not in options:
        raise click.UsageError("--layer takes NAME=FILE,id=FIELD[,label=FIELD][,table=TABLE][,crs=CRS][,dissolve=true][,id_rule=verbatim]")
    dissolve = options.pop("dissolve", "false")
    if dissolve not in ("true", "false"):
        raise click.UsageError(f"--layer {name}: dissolve is true or false")
    return read_layer(path, name=name, id=options.pop("id"), dissolve=dissolve == "true", **options)  # type: ignore[arg-type]
