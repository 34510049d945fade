"""What a long queue costs in memory: nothing that grows with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.servers.answering import start
from tests.conftest import ROOT

ROOM_KB = 16_384
"""What one run may differ from another: threads that came up, pages that SQLite keeps."""


def most_kb(folder: Path, url: str, count: int) -> int:
    """Returns what a process that queued and sent so many posts held at most."""
    (folder / str(count)).mkdir()
    command = [sys.executable, "-m", "tests.faults.memory", str(folder / str(count)), url, str(count)]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=1200).stdout)


@pytest.mark.parametrize("count", [3_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_memory_stays_flat(tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int) -> None:
    """A long queue takes no more memory than a hundred posts."""
    url = start(0.0)

    few, many = (most_kb(tmp_path, url, each) for each in (100, count))

    with capsys.disabled():
        print(f"\nmost memory: 100 posts {few / 1024:.1f} MB, {count:,} posts {many / 1024:.1f} MB")
    assert many <= few + ROOM_KB
