"""`geoalert boundaries`: list, install and check layers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from geoalert.cli.face import DONE, REFUSED, counted, json_option, percent, print_json, print_table, project_option, told


@click.group(name="boundaries")
def command() -> None:
    """List, install and check boundary layers."""


@command.command(name="check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default=None, help="Name of the layer in the printed block; default: the file's.")
@click.option("--table", help="Table, where the file has several.")
@click.option("--crs", help="CRS, where the file names none, such as EPSG:26917.")
@json_option
@told
def check(file: Path, name: str | None, table: str | None, crs: str | None, as_json: bool) -> None:
    """Print a file's columns, which are unique, CRS and accuracy, repairs, and the block to paste into geoalert.toml.

    Where reading would refuse the file, it says why, prints no block, and the status is 1.
    """
    from geoalert.boundaries.load import inspect_file

    report = inspect_file(file, table=table, crs=crs)
    named = name or file.name.partition(".")[0].lower().replace(" ", "-")
    block = None if report.refused else report.toml_block(named, file=_as_the_project_names(file))
    if as_json:
        print_json(report.to_dict() | {"toml": block})
        sys.exit(REFUSED if block is None else DONE)
    rows = [(c.name, c.kind, "yes" if c.unique else "", c.blanks or "", ", ".join(c.examples)) for c in report.columns]
    print_table(f"{report.file}: {report.format}, {counted(report.rows, 'row')}", ("Column", "Kind", "Unique", "Blank", "Examples"), rows)
    accuracy = "" if report.accuracy_m is None else f", converted with a stated accuracy of {report.accuracy_m:g} m"
    click.echo(f"CRS: {report.crs or 'none: name it with --crs'}{accuracy}")
    if report.bounds:
        click.echo("Bounds (west, south, east, north): " + ", ".join(f"{edge:.5f}" for edge in report.bounds))
    for repair in report.repairs:
        level = f"refuse [{repair.code}]" if repair.level == "refuse" else repair.level
        click.echo(f"{level}: {repair.text}" + (f" ({repair.where})" if repair.where else ""))
    if block is None:
        sys.exit(REFUSED)
    click.echo(f"\n{block}", nl=False)


def _as_the_project_names(file: Path) -> str:
    """Returns the path relative to the nearest project's folder where the file lies below it, else the absolute one."""
    from geoalert.config import find_project
    from geoalert.errors import ConfigurationError

    whole = file.parent.resolve() / file.name
    try:
        folder = find_project().parent
    except ConfigurationError:
        return str(whole)
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else str(whole)


@command.command(name="list")
@project_option
@json_option
@told
def list_(project: Path | None, as_json: bool) -> None:
    """List every place of the catalogue, and what of it is installed here."""
    from geoalert.app.boundaries import listed

    entries = listed(project)
    if as_json:
        print_json({"layers": entries})
        return
    rows = [(e["place"], e["layer"], e["title"], e["count"] or "", e["licence"], e["checked"], e["installed"] or "") for e in entries]
    print_table(f"{len(rows)} layers", ("Place", "Layer", "Title", "Count", "Licence", "Checked", "Installed"), rows)


@command.command(name="install")
@click.argument("place")
@click.option("--layer", "layers", multiple=True, help="Only this layer of the place.")
@click.option("--accept", is_flag=True, help="Accept that the source differs from what boundaries.lock pins.")
@click.option("--internal", is_flag=True, help="Allow addresses of your own network.")
@project_option
@json_option
@told
def install(place: str, layers: tuple[str, ...], accept: bool, internal: bool, project: Path | None, as_json: bool) -> None:
    """Download the layers of a place, check and pin them; print the blocks to paste into geoalert.toml."""
    from geoalert.app.boundaries import install_place

    def tell(layer: str, done: int, whole: int | None) -> None:
        if not as_json:
            click.echo(f"\r{layer}: {done:,}" + (f" of {whole:,}" if whole else ""), nl=False, err=True)

    installed = install_place(project, place, layers=layers, accept=accept, internal=internal, progress=tell)
    if as_json:
        print_json({"installed": installed})
        return
    click.echo("", err=True)
    for each in installed:
        click.echo(f"{each['layer']}: {each['count']} boundaries in {each['file']}, digest {each['digest'][:12]}\n\n{each['toml']}")


@command.command(name="crosswalk")
@click.argument("old")
@click.argument("new")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the table as CSV.")
@project_option
@json_option
@told
def crosswalk(old: str, new: str, out: Path | None, project: Path | None, as_json: bool) -> None:
    """Show how the boundaries of one edition went over into another, measured on their geometry.

    OLD and NEW are layers of the project, or NAME=FILE,id=FIELD[,...].

    Example:

        geoalert boundaries crosswalk neighbourhood-140 neighbourhood
    """
    from geoalert.app.disk import write_whole
    from geoalert.boundaries.crosswalk import crosswalk as measured
    from geoalert.cli.match import layers_of

    before, after = layers_of((old,), project)[0], layers_of((new,), project)[0]
    found = measured(before, after)
    if out is not None:
        write_whole(out, found.to_csv().encode("utf-8"), mode=0o644)
    if as_json:
        print_json(found.to_dict())
        return
    rows = [(r.old_id, r.old_label, r.new_id, r.new_label, percent(r.share_of_old), percent(r.share_of_new)) for r in found.rows]
    print_table(counted(len(rows), "row"), ("Old", "Label", "New", "Label", "% of old", "% of new"), rows)
    click.echo(f"Retired: {', '.join(found.retired) or 'none'}\nNew: {', '.join(found.introduced) or 'none'}")
