"""`geoalert evidence`: the file that proves an alert, and its verification."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from geoalert.cli.face import DONE, REFUSED, counted, json_option, open_desk, print_json, project_option, told, who_is, who_option
from geoalert.errors import GeoAlertError


class _Evidence(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Takes anything but a subcommand for an alert's id."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args.insert(0, "export")
        return super().parse_args(ctx, args)


@click.group(name="evidence", cls=_Evidence)
def command() -> None:
    """Write the file that proves an alert: geoalert evidence ID -o FILE.zip; or verify one."""


@command.command(name="export")
@click.argument("alert")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="The file; default: ID.evidence.zip, which must not be there yet.")
@click.option("--public", is_flag=True, help="Without names of staff, addresses, reasons, images and posts that were not public.")
@who_option
@project_option
@json_option
@told
def export(alert: str, out: Path | None, public: bool, who: str | None, project: Path | None, as_json: bool) -> None:
    """Write the evidence of an alert; that it was taken, and by whom, is recorded."""
    from geoalert.app.disk import write_whole

    to = out or Path(f"{alert}.evidence.zip".replace("/", "_"))
    if to.exists():
        raise GeoAlertError("the file is there already", code="file_exists", file=to, do="Name another file with -o")
    with open_desk(project) as desk:
        content = desk.evidence(alert, public=public, by=who_is(who))
    write_whole(to, content)
    found = _verified(content, None)
    if as_json:
        print_json(found | {"file": str(to), "bytes": len(content), "public": public})
        return
    click.echo(f"{to}: {len(content):,} bytes, {counted(found['entries'], 'entry', 'entries')} of the record, head {found['head']}")
    for note in found["notes"]:
        click.echo(f"note: {note}")
    click.echo(f"Next  geoalert evidence verify {to}")


@command.command(name="verify")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--head", metavar="HASH", help="A hash that the chain has to hold, from a copy kept elsewhere.")
@click.option("--ledger", is_flag=True, help="Verify the project's whole record instead of a file.")
@project_option
@json_option
@told
def verify(file: Path | None, head: str | None, ledger: bool, project: Path | None, as_json: bool) -> None:
    """Verify an evidence file, with no project at hand; names exactly what is wrong. Status 1 where anything is."""
    if ledger == (file is not None):
        raise click.UsageError("give a FILE, or --ledger")
    found = _ledger(project, head) if file is None else _verified(_read(file), head)
    if as_json:
        print_json(found)
    else:
        for note in found["notes"]:
            click.echo(f"note: {note}")
        for problem in found["problems"]:
            click.echo(f"WRONG {problem['where']}: {problem['text']} [{problem['code']}]")
        verified = f"Verified: {counted(found['entries'], 'entry', 'entries')}, head {found['head']}"
        click.echo(verified if found["ok"] else f"Not verified: {counted(len(found['problems']), 'problem')}")
    sys.exit(DONE if found["ok"] else REFUSED)


def _read(file: Path) -> bytes:
    from geoalert.evidence.packed import MOST_BYTES

    try:
        if file.stat().st_size > MOST_BYTES:
            raise GeoAlertError("the file is larger than evidence may be", code="evidence_too_large", file=file)
        return file.read_bytes()
    except OSError as err:
        raise GeoAlertError(f"the file cannot be read: {err.strerror}", code="evidence_unreadable", file=file, do="Check the path") from err


def _verified(content: bytes, head: str | None) -> dict[str, Any]:
    from geoalert.evidence import Verifier

    found = Verifier(content, head=head)
    return {
        "ok": not found.problems,
        "problems": [problem._asdict() for problem in found.problems],
        "notes": found.notes,
        "alert": found.manifest.get("alert"),
        "entries": len(found.entries),
        "signatures": found.signatures,
        "head": (found.manifest.get("chain") or {}).get("head"),
    }


def _ledger(project: Path | None, head: str | None) -> dict[str, Any]:
    from geoalert.app.evidence import check_record

    with open_desk(project) as desk:
        entries, end = check_record(desk, head=head)
    return {"ok": True, "problems": [], "notes": [], "alert": None, "entries": entries, "signatures": 0, "head": end}
