"""`geoalert --help` against the least that any click program costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.runner import Bench, Side


def bench(shared: Path) -> Bench:
    """Both sides start a process of the same Python; ours imports no command and nothing heavier than click."""

    def start(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)

    ours = "import sys; sys.argv = ['geoalert', '--help']\nfrom geoalert.cli import main\nmain()"
    return Bench(
        name="help",
        promise="geoalert --help takes at most 1.5 times `import click`",
        sides=(
            Side("geoalert --help", lambda: start(ours), calls=1),
            Side("import click", lambda: start("import click"), limit=1 / 1.5, calls=1),
        ),
        rounds=15,
    )
