"""`geoalert init`: a new project in a folder."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import json_option, print_json, told


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--agency", help="The agency's name; default: made from the folder's.")
@click.option("--profile", default="plain", show_default=True, help="A shipped profile.")
@click.option("--language", default="en", show_default=True, help="BCP 47 tag of the first language.")
@click.option("--time-zone", default="UTC", show_default=True, help="IANA name, such as Europe/London.")
@json_option
@told
def command(folder: Path, agency: str | None, profile: str, language: str, time_zone: str, as_json: bool) -> None:
    """Start a project in a folder; no existing file is touched."""
    from geoalert.app.start import start_project

    written = start_project(folder, agency=agency, profile=profile, language=language, time_zone=time_zone)
    if as_json:
        print_json({"files": [str(path) for path in written]})
        return
    for path in written:
        click.echo(f"wrote {path}")
    click.echo("Next  geoalert boundaries check FILE   (prints the block of a layer for geoalert.toml), then geoalert check")
