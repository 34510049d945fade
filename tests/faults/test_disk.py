"""What the disk can do to a ledger: full, damaged, gone read-only; nothing leaves that could not be written down first."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoalert.errors import OutboxError
from geoalert.outbox import Settlement
from tests.faults.child import AT, rows
from tests.faults.evening import HOOK, PLAIN, Evening, place_of

COUNT = 40
PAGE_BYTES = 4096
DISK = "8m"
"""Room for a ledger and its log at their largest, which SQLite folds up at 4 MB."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of a few megabytes; needs root to be mounted, and is there wherever servers are required."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)], capture_output=True, text=True)
    if mounted.returncode:
        told = f"no small disk can be mounted here: {mounted.stderr.strip()}"
        required = os.environ.get("GEOALERT_REQUIRE_SERVERS") == "1" and os.geteuid() == 0
        pytest.fail(told) if required else pytest.skip(told)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, *, leave: int = 0) -> Path:
    """Fills the disk but for some bytes, and returns what has to be deleted to make space again."""
    path = folder / "something-else"
    with path.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 65_536)
            except OSError:
                break
    if leave:
        os.truncate(path, path.stat().st_size - leave)
    return path


@pytest.mark.parametrize("kind", [HOOK, PLAIN])
def test_a_full_disk_stops_before_anything_leaves(small_disk: Path, kind: str) -> None:
    """The first claim cannot be written: no request is made, the error says why, and space lets it go on."""
    with place_of(kind) as place:
        evening = Evening(place, kind, small_disk, count=COUNT)
        filler = fill(small_disk)
        with pytest.raises(OutboxError) as caught:
            evening.send()
        touched = place.touched()
        filler.unlink()
        evening.send()
        states, standing = evening.states, evening.standing
        evening.outbox.close()

    assert (caught.value.code, touched) == ("disk_full", 0)
    assert "Free some space" in str(caught.value)
    assert (states, standing) == ({"done": COUNT}, COUNT)


def test_a_disk_that_fills_up_while_queueing(small_disk: Path) -> None:
    """An alert is queued whole or not at all."""
    with place_of(PLAIN) as place:
        evening = Evening(place, PLAIN, small_disk, count=0)
        fill(small_disk, leave=64 * 1024)
        with pytest.raises(OutboxError) as caught:
            evening.outbox.enqueue(rows(2_000), at=AT)
        states = evening.states
        evening.send()
        touched = place.touched()
        evening.outbox.close()

    assert (caught.value.code, states, touched) == ("disk_full", {}, 0)
    assert "nothing was sent" in str(caught.value)


@pytest.mark.parametrize("kind", [HOOK, PLAIN])
@pytest.mark.parametrize("leave", [0, 16, 32, 64, 96])
def test_a_disk_that_fills_up_under_way(small_disk: Path, kind: str, leave: int) -> None:
    """Whatever fitted was sent once; once there is space, the rest is sent, and only what was under way may be unknown."""
    with place_of(kind) as place:
        evening = Evening(place, kind, small_disk, count=COUNT)
        filler = fill(small_disk, leave=leave * 1024)
        with pytest.raises(OutboxError):
            evening.send()
        before = evening.standing
        filler.unlink()
        evening.send_for(minutes=2)
        states, standing = evening.states, evening.standing
        evening.outbox.close()

    unknown = states.pop("unknown", 0)
    assert states == {"done": COUNT - unknown}
    assert before <= COUNT
    assert COUNT - unknown <= standing <= COUNT
    assert unknown <= (8 if kind == PLAIN else 0)


def test_a_ledger_with_a_damaged_page(tmp_path: Path) -> None:
    """Whichever page is damaged: a clear error, or only what was still to be sent, and that once; never what was done."""
    with place_of(PLAIN) as place:
        evening = Evening(place, PLAIN, tmp_path, count=COUNT)
        claimed = evening.outbox.claim(at=AT, most=COUNT // 2)
        evening.outbox.exchange([Settlement(attempt, "done", AT) for _, attempt in claimed], (), at=AT, lanes={}, most=0)
        done = {delivery.key for delivery, _ in claimed}
        evening.outbox.close()
        path = tmp_path / "outbox.sqlite"
        whole = path.read_bytes()
        found: Counter[str | None] = Counter()
        for begin in range(0, len(whole), PAGE_BYTES):
            for left in tmp_path.glob("outbox.sqlite*"):
                left.unlink()
            path.write_bytes(whole[:begin] + b"\xa5" * PAGE_BYTES + whole[begin + PAGE_BYTES :])
            place.posts.clear()
            found[_code(evening)] += 1
            assert max(place.posts.values(), default=0) <= 1
            assert not done & set(place.posts), "what was done is sent again"

    assert found["outbox_corrupt"] > 5
    assert set(found) <= {"outbox_corrupt", "outcome_unrecorded", None}


def _code(evening: Evening) -> str | None:
    """Opens the ledger and sends; returns the code of what that ended with."""
    try:
        damaged = evening.open()
    except OutboxError as err:
        return err.code
    try:
        evening.send(damaged)
    except OutboxError as err:
        return err.code
    finally:
        damaged.close()
    return None
