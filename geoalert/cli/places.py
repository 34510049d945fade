"""`geoalert places`: build and ask a gazetteer of street corners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoalert.cli.face import counted, fail, json_option, print_json, print_table, project_option, told

if TYPE_CHECKING:
    from geoalert.places import Found
    from geoalert.places.load import Format

FILE_NAME = "places.sqlite"


@click.group(name="places")
def command() -> None:
    """Build and ask a gazetteer of street corners."""


@command.command(name="build")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path(FILE_NAME), show_default=True, help="The gazetteer to write.")
@click.option(
    "--format", "kind", type=click.Choice(["auto", "stops", "corners", "lines"]), default="auto", show_default=True, help="What FILE holds."
)
@click.option("--name", metavar="COLUMN", help="Column of the street's name, for lines; default: a usual one.")
@click.option("--table", help="Table, where the file has several.")
@click.option("--crs", help="CRS of lines whose file names none, such as EPSG:26917.")
@json_option
@told
def build(file: Path, out: Path, kind: Format, name: str | None, table: str | None, crs: str | None, as_json: bool) -> None:
    """Build a gazetteer from transit stops, a table of corners, or street centrelines.

    FILE is a GTFS feed or its stops.txt, a CSV of stop_name, lat, lon (names such as "A at B"), a CSV of street, cross_street, lon, lat, or
    lines in any format that `geoalert boundaries check` reads.
    """
    from geoalert.places.load import build_places

    gathered = build_places(file, out, format=kind, name=name, table=table, crs=crs)
    if as_json:
        counts = {"corners": len(gathered.corners), "streets": len(gathered.spellings), "left_out": gathered.left_out}
        print_json({"file": str(out), "source": str(file)} | counts)
        return
    click.echo(f"{out}: {counted(len(gathered.corners), 'corner')} of {counted(len(gathered.spellings), 'street')}")
    for why, count in sorted(gathered.left_out.items()):
        click.echo(f"left out: {count} ({why})", err=True)


@command.command(name="find")
@click.argument("text")
@click.option("--places", type=click.Path(path_type=Path), help=f"Gazetteer, or CSV of corners; default: {FILE_NAME} of the project.")
@project_option
@json_option
@told
def find(text: str, places: Path | None, project: Path | None, as_json: bool) -> None:
    """Find the corner that TEXT names, such as "First St W & Second Ave".

    Where several may be meant it lists them with the metres between, where none is known the nearest names; the status is then 1.
    """
    from geoalert.errors import AreaError
    from geoalert.places.load import read_places

    with read_places(places or _of_project(project)) as gazetteer:
        found = gazetteer.find(text)
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found)
    try:
        found.place()
    except AreaError as err:
        fail(err, as_json=as_json)


def _of_project(project: Path | None) -> Path:
    from geoalert.app.boundaries import project_folder

    return project_folder(project) / FILE_NAME


def _print(found: Found) -> None:
    columns = ("Place", "%lon", "%lat")
    if found.places:
        rows = [(p.label, f"{p.lon:.5f}", f"{p.lat:.5f}", f"{m:,}") for p, m in zip(found.places, found.apart_m(), strict=True)]
        title = "1 corner" if len(rows) == 1 else f"{len(rows)} corners may be meant; metres are from the first"
        print_table(title, (*columns, "metres"), rows)
    elif found.nearest:
        print_table("Nearest names", columns, [(p.label, f"{p.lon:.5f}", f"{p.lat:.5f}") for p in found.nearest])
