"""`geoalert schema`: the JSON Schema of a file that people write."""

from __future__ import annotations

import click

from geoalert.cli.face import json_option, print_json, told


@click.command(name="schema")
@click.argument("kind", required=False)
@json_option
@told
def command(kind: str | None, as_json: bool) -> None:
    """Print the JSON Schema of alert, catalogue, profile or project files; without KIND, list them."""
    from geoalert.files.schema import SCHEMAS, json_schema

    if kind is not None:
        print_json(json_schema(kind))
    elif as_json:
        print_json({"kinds": list(SCHEMAS)})
    else:
        click.echo("\n".join(SCHEMAS))
