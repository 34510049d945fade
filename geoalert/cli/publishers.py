"""`geoalert publishers`: what is installed, and what each can do."""

from __future__ import annotations

import click

from geoalert.cli.face import json_option, print_json, print_table, told


@click.command(name="publishers")
@click.argument("name", required=False)
@json_option
@told
def command(name: str | None, as_json: bool) -> None:
    """List the installed publishers, or show one with everything it can do."""
    from geoalert.registry import load_publisher, publisher_names

    names = (name,) if name else publisher_names()
    found = {each: load_publisher(each).capabilities.to_dict() for each in names}
    if as_json:
        print_json({"publishers": [{"name": each, "capabilities": can} for each, can in found.items()]})
    elif name:
        print_table(name, ("Capability", "Value"), list(found[name].items()))
    else:
        rows = [
            (
                each,
                can["text_limit"] or "no limit",
                can["text_unit"],
                can["media_count"],
                *("yes" if can[verb] else "no" for verb in ("edit", "delete", "find")),
            )
            for each, can in found.items()
        ]
        print_table(f"{len(rows)} publishers", ("Name", "Text", "Counted in", "Images", "Edit", "Delete", "Find"), rows)
