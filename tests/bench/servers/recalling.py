"""An alert that is out in 200 channels, put back as it was before each recall."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.servers.answering import Server
from tests.conftest import ROOT
from tests.faults.project import approved, open_desk, write_hooks

CHANNELS = 200
LIMIT_S = 1.0
COMMAND = "from geoalert.cli import main; main()"
BY_HAND = "import sys, requests; requests.post(sys.argv[1], json={'text': 'x' * 500}).raise_for_status()"


class Out:
    """The project, sent once; every recall begins from a copy of it, which is not timed."""

    def __init__(self) -> None:
        self._server = Server(0.0)
        self._kept = tempfile.TemporaryDirectory(prefix="geoalert-bench-")
        self._sent, self._now = Path(self._kept.name) / "sent", Path(self._kept.name) / "now"
        write_hooks(self._sent, self._server.url, channels=CHANNELS)
        with open_desk(self._sent) as desk:
            assert desk.send(approved(desk, self._sent)).counts == {"done": CHANNELS}

    def by_desk(self) -> float:
        """Returns the seconds from the call of `Desk.recall` to the first correction at the server."""
        self._again()
        with open_desk(self._now) as desk:
            began = time.monotonic()
            found = desk.recall("S1", because="arrested", by="t.singh")
            assert len(found.items) == CHANNELS
            assert all(item.state == "done" for item in found.items)
        return self._server.arrived() - began

    def by_command(self) -> float:
        """Returns the seconds from the start of `geoalert recall` as a process to the first correction at the server."""
        self._again()
        return self._process("-c", COMMAND, "recall", "S1", "--because", "arrested", "--as", "t.singh", "--project", str(self._now))

    def by_hand(self) -> float:
        """Returns the same for a script that has one address and posts one text there."""
        self._server.arm()
        return self._process("-c", BY_HAND, self._server.url)

    def _process(self, *arguments: str) -> float:
        began = time.monotonic()
        ended = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return self._server.arrived() - began

    def _again(self) -> None:
        shutil.rmtree(self._now, ignore_errors=True)
        shutil.copytree(self._sent, self._now)
        self._server.arm()


def promised() -> float:
    """Returns the seconds that are promised."""
    return LIMIT_S
