"""`geoalert locate`: one boundary for each point of a CSV file."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from geoalert.cli.face import json_option, print_json, project_option, told
from geoalert.cli.match import layers_of


@click.command(name="locate")
@click.argument("points", type=click.Path(path_type=Path))
@click.option("--layer", "layers", multiple=True, metavar="NAME[=FILE,id=F,...]", help="As for `geoalert match`; default: every layer.")
@click.option("--lon", "lon_column", default="lon", show_default=True, help="Column of longitudes, degrees.")
@click.option("--lat", "lat_column", default="lat", show_default=True, help="Column of latitudes, degrees.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the CSV here; default: standard output.")
@project_option
@json_option
@told
def command(
    points: Path, layers: tuple[str, ...], lon_column: str, lat_column: str, out: Path | None, project: Path | None, as_json: bool
) -> None:
    """Name the boundary of every point: the CSV again, with one column of ids a layer; blank for none.

    A point on a shared edge goes to the lower id in natural order. A row without coordinates stays blank and is counted.
    """
    from geoalert.app.disk import write_whole
    from geoalert.app.locate import locate_file

    if out is not None and out.exists() and points.exists() and out.samefile(points):
        raise click.UsageError("-o names the file of points itself")
    found = layers_of(layers, project)
    located = locate_file(points, found, lon_column=lon_column, lat_column=lat_column)
    if as_json:
        print_json(located.to_dict())
        return
    if out is not None:
        write_whole(out, located.to_csv().encode("utf-8"), mode=0o644)
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows(located.table())
        sys.stdout.flush()
    for layer, (inside, outside) in located.counts.items():
        click.echo(f"{layer}: {inside} points in a boundary, {outside} in none, {located.blank} without coordinates", err=True)
