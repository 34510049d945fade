"""What can still be read of a damaged ledger, and how much of its record still proves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoalert.errors import OutboxError
from geoalert.outbox.chain import ZEROS, Entry, check_chain
from geoalert.outbox.salvage import salvage

if TYPE_CHECKING:
    from geoalert.app.desk import Desk

_ENTRY = ("seq", "at", "kind", "sender", "alert", "revision", "actor", "role", "body", "salt", "body_digest", "entry_digest", "hash")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """Rows that could be read, `table` named in each.

    Attributes:
        rows: in the order of the file.
        broken: entries of the record that are missing or are not what was written, in words.
        head: the last hash that could be read.
    """

    file: Path
    rows: tuple[Mapping[str, Any], ...] = field(repr=False)
    broken: tuple[str, ...] = ()
    head: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows by table."""
        return dict(Counter(row["table"] for row in self.rows))

    def lines(self) -> bytes:
        """Returns the rows as JSON lines."""
        return "".join(f"{json.dumps(row, ensure_ascii=False, sort_keys=True, default=str)}\n" for row in self.rows).encode()


def salvaged(desk: Desk, alert: str | None = None) -> Salvaged:
    """Reads a ledger that need not be whole and changes nothing in it.

    Args:
        alert: leaves rows of other alerts out.

    Raises:
        OutboxError: there is no ledger (outbox_missing), or nothing of it can be read (outbox_corrupt).
    """
    path = desk.project.state / "outbox.sqlite"
    if not path.is_file():
        do = "Name the project with --project; a project that never planned has none"
        raise OutboxError("there is no ledger", code="outbox_missing", file=path, do=do)
    rows = tuple(salvage(path))
    broken, head = _proved([row for row in rows if row["table"] == "log"])
    if alert is not None:
        own = {row["id"] for row in rows if row["table"] == "deliveries" and row["alert"] == alert}
        rows = tuple(row for row in rows if row.get("alert") == alert or (row["table"] == "attempts" and row["delivery"] in own))
    return Salvaged(path, rows, broken, head)


def _proved(rows: list[Mapping[str, Any]]) -> tuple[tuple[str, ...], str | None]:
    """Returns what of the record does not hold; after a gap the next entry is taken for what it says, and those after it proved."""
    broken, prev, last = [], ZEROS, 0
    for row in rows:
        seq = int(row["seq"])
        if seq != last + 1:
            broken.append(f"entry {last + 1} is missing" if seq == last + 2 else f"entries {last + 1} to {seq - 1} are missing")
        try:
            entry = Entry(**{name: row[name] for name in _ENTRY} | {"body": None if row["body"] is None else json.loads(row["body"])})
            check_chain([entry], prev)
        except OutboxError as err:
            if seq == last + 1 or err.field != "hash":
                broken.append(f"entry {seq}, {err.field}: {err.what}")
        except (ValueError, TypeError, KeyError) as err:
            broken.append(f"entry {seq} cannot be read ({type(err).__name__})")
        prev, last = str(row["hash"]), seq
    return tuple(broken), None if not rows else prev
