"""Corners into a SQLite file, which appears whole or not at all."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing, suppress
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile

from geoalert.errors import BoundaryError
from geoalert.places.gather import Gathered

APPLICATION_ID = 0x67614C50
FORMAT = 1


def grams(name: str) -> tuple[str, ...]:
    """Returns the runs of three characters in a name, its ends marked, so that short names have some too."""
    padded = f"  {name} "
    return tuple(dict.fromkeys(padded[at : at + 3] for at in range(len(padded) - 2)))


def fill(connection: sqlite3.Connection, gathered: Gathered, *, source: str) -> None:
    """Writes the tables of an empty database; the same corners give the same rows and digest."""
    connection.executescript(files("geoalert.places.store").joinpath("schema.sql").read_text(encoding="utf-8"))
    streets = sorted(gathered.spellings, key=lambda street: (street.name, street.kind, street.side))
    number = {street: at for at, street in enumerate(streets, start=1)}
    rows = [(number[street], street.name, street.kind, street.side, gathered.spellings[street]) for street in streets]
    connection.executemany("INSERT INTO street VALUES (?, ?, ?, ?, ?)", rows)
    corners = [
        (at, *sorted((number[c.street], number[c.cross_street])), c.note, c.lon, c.lat, c.seen, c.spread_m)
        for at, c in enumerate(gathered.corners, start=1)
    ]
    connection.executemany("INSERT INTO corner VALUES (?, ?, ?, ?, ?, ?, ?, ?)", corners)
    pairs = sorted((gram, number[street]) for street in streets for gram in grams(street.name))
    connection.executemany("INSERT INTO gram VALUES (?, ?)", pairs)
    digest = hashlib.sha256(repr((rows, corners)).encode()).hexdigest()
    facts = {"source": source, "digest": digest, "corners": str(len(corners)), "streets": str(len(streets))}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(facts.items()))
    connection.execute("CREATE INDEX street_name ON street (name)")
    connection.execute("CREATE INDEX corner_pair ON corner (a, b)")
    connection.execute("CREATE INDEX corner_back ON corner (b, a)")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.commit()


def write_places(gathered: Gathered, path: str | Path, *, source: str = "") -> None:
    """Writes a gazetteer; an older gazetteer of that name is replaced in one step, any other file is left alone.

    Raises:
        BoundaryError: codes no_corners, not_a_gazetteer, output_unwritable.
    """
    path = Path(path)
    if not gathered.corners:
        raise BoundaryError(
            "no two streets meet in the file", code="no_corners", file=source or None, do=f"Check what it holds{_reasons(gathered)}"
        )
    if path.exists() and not is_gazetteer(path):
        raise BoundaryError("the file is something else", code="not_a_gazetteer", file=path, do="Give -o another name, or move it away")
    made: Path | None = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            made = Path(file.name)
        with closing(sqlite3.connect(made)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            fill(connection, gathered, source=source)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.chmod(0o644)
        made.replace(path)
    except (OSError, sqlite3.Error) as err:
        why = getattr(err, "strerror", None) or err
        raise BoundaryError(
            f"cannot be written: {why}", code="output_unwritable", file=path, do="Give -o a folder you may write to"
        ) from err
    finally:
        if made is not None:
            with suppress(OSError):
                made.unlink(missing_ok=True)


def is_gazetteer(path: Path) -> bool:
    """Tells by the first bytes whether a file is a gazetteer of ours."""
    try:
        with path.open("rb") as file:
            head = file.read(72)
    except OSError:
        return False
    return head.startswith(b"SQLite format 3\x00") and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def _reasons(gathered: Gathered) -> str:
    told = ", ".join(f"{count} {why}" for why, count in sorted(gathered.left_out.items()))
    return f"; left out: {told}" if told else ""
