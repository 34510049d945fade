"""`geoalert keys`: the keys that approvals are signed with."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import json_option, print_json, told

passphrase_option = click.option(
    "--passphrase", metavar="PLACE", help="Where the key's passphrase is kept: env:NAME, file:PATH or keyring:SERVICE/NAME."
)


@click.group(name="keys")
def command() -> None:
    """Make and show the keys that approvals are signed with."""


@command.command(name="new")
@click.argument("name")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="File of the private key; default: NAME.key. The public one ends in .pub."
)
@passphrase_option
@json_option
@told
def new(name: str, out: Path | None, passphrase: str | None, as_json: bool) -> None:
    """Make a key for NAME; the private file stays with its owner, geoalert.toml lists the public one."""
    from geoalert.app.keys import new_key
    from geoalert.app.names import check_name

    check_name(name)
    made = new_key(name, out, passphrase=passphrase)
    if as_json:
        files = {"private": str(made.private), "public": str(made.public)}
        print_json({"name": made.name, **files, "fingerprint": made.fingerprint, "toml": made.toml()})
        return
    click.echo(f"Private key  {made.private}   (keep it to yourself; only its owner can read it)")
    click.echo(f"Public key   {made.public}\nFingerprint  {made.fingerprint}")
    click.echo(f"\nCopy the public key into the project's keys/ folder, and add to geoalert.toml:\n\n{made.toml()}", nl=False)


@command.command(name="show")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@told
def show(file: Path, as_json: bool) -> None:
    """Print the fingerprint and the name of a public key's FILE."""
    from geoalert.app.keys import read_public

    key, name = read_public(file)
    if as_json:
        print_json({"file": str(file), "name": name, "fingerprint": key.fingerprint})
        return
    click.echo(f"{key.fingerprint}  {name}")
