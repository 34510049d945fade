"""What every command shares: --json and --project, printing, and errors told once."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from geoalert.errors import ExplainedError, GeoAlertError

if TYPE_CHECKING:
    from geoalert.app import Desk

DONE, REFUSED, USAGE, UNKNOWN, WAITING = 0, 1, 2, 3, 4
F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
project_option = click.option(
    "--project", type=click.Path(path_type=Path), envvar="GEOALERT_PROJECT", help="geoalert.toml or its folder; default: the nearest."
)
who_option = click.option("--as", "who", envvar="GEOALERT_AS", metavar="WHO", help="Your name in the project; default: your login.")


def told(function: F) -> F:
    """Decorates a command: an error is told once, as text or as the design's JSON on stderr, with exit status 1."""

    @functools.wraps(function)
    def run(*args: Any, as_json: bool = False, **options: Any) -> Any:
        try:
            found = function(*args, as_json=as_json, **options)
            sys.stdout.flush()
        except ExplainedError as err:
            fail(err, as_json=as_json)
        except BrokenPipeError:
            # Whoever read the output had enough of it; the work is done. Python would complain again when it closes the stream.
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
            sys.exit(DONE)
        except OSError as err:
            fail(GeoAlertError(f"the output cannot be written: {err.strerror or err}", code="output_unwritable"), as_json=as_json)
        return found

    return run  # type: ignore[return-value]


def fail(err: ExplainedError, *, as_json: bool) -> NoReturn:
    """Prints one error and ends with status 1."""
    if as_json:
        click.echo(json.dumps(err.to_dict(), ensure_ascii=False), err=True)
    else:
        click.echo(f"error: {err} [{err.code}]", err=True)
    sys.exit(UNKNOWN if err.code == "outcome_unrecorded" else REFUSED)


def print_json(document: Any) -> None:
    """Prints one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, default=str))


def posts_beside(as_json: bool) -> AbstractContextManager[object]:
    """Sends what a console account prints to standard error while standard output has to stay one JSON document."""
    return redirect_stdout(sys.stderr) if as_json else nullcontext()


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table as wide as the terminal; cells are plain text, never markup."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE, header_style="bold", pad_edge=False)
    for column in columns:
        right = column.startswith("%") or column in ("No.", "metres", "rows")
        table.add_column(column.removeprefix("%").strip(), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 140
    console = Console(width=width, highlight=False)
    # rich ends the process with status 1 where a reader has had enough; that is no refusal, so `told` decides.
    console.on_broken_pipe = _had_enough  # type: ignore[method-assign]
    console.print(table)


def _had_enough() -> NoReturn:
    raise BrokenPipeError


def counted(count: int, one: str, more: str | None = None) -> str:
    """Returns `1 post`, `2 posts`."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def percent(share: float | None) -> str:
    """Returns a share as `52.1 %`, nothing for None."""
    return "" if share is None else f"{share * 100:.1f} %"


def open_desk(project: Path | None) -> Desk:
    """Opens the project that the option, the environment or the folder names."""
    from geoalert.app import open_project

    return open_project(project)


def who_is(who: str | None) -> str:
    """Returns the name of whoever types: --as, GEOALERT_AS, else the login name."""
    if who:
        return who
    import getpass

    return getpass.getuser()
