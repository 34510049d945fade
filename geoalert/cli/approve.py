"""`geoalert approve`: the second person's yes."""

from __future__ import annotations

from pathlib import Path

import click

from geoalert.cli.face import json_option, open_desk, print_json, project_option, told, who_is, who_option
from geoalert.cli.keys import passphrase_option


@click.command(name="approve")
@click.argument("plan")
@click.option("--reason", default="", help="Why it is necessary and proportionate; recorded.")
@click.option(
    "--digest", metavar="PREFIX", help="First 8 characters or more of the digest that you read; a plan of status actual needs it."
)
@click.option("--key", type=click.Path(path_type=Path), envvar="GEOALERT_KEY", help="Your signing key; a plan of status actual needs it.")
@passphrase_option
@who_option
@project_option
@json_option
@told
def command(
    plan: str,
    reason: str,
    digest: str | None,
    key: Path | None,
    passphrase: str | None,
    who: str | None,
    project: Path | None,
    as_json: bool,
) -> None:
    """Approve exactly the plan that `geoalert show` prints; its submitter cannot."""
    from geoalert.app.approving import check_read

    with open_desk(project) as desk:
        found = desk.store.load(plan)
        check_read(found, digest)
        approval = desk.approve(found, by=who_is(who), reason=reason, key=key, passphrase=passphrase)
        tally = desk.tally(found)
    if as_json:
        print_json(approval.to_dict() | {"given": list(tally.by), "needed": tally.needed})
        return
    given = f" ({len(tally.by)} of {tally.needed})" if tally.needed > 1 else ""
    signed = f"Signed {approval.key}\n" if approval.key else ""
    live = f" --digest {found.digest[:12]} --key FILE" if found.status == "actual" else ""
    after = f"geoalert approve {found.id} --as NAME{live}   (another approver)" if tally.missing else f"geoalert send {found.id}"
    click.echo(f"{found.name} approved by {approval.by}{given}\nDigest {approval.digest}\n{signed}Next  {after}")
