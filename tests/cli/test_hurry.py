"""What is done about something that is out, in a new process: it loads what it needs, and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.project import write_project
from tests.faults.project import approved, open_desk

HEAVY = ("numpy", "shapely", "pyproj", "geopandas", "pandas", "matplotlib", "PIL", "jinja2")
CODE = f"""
import sys
from geoalert.cli import main
try:
    main()
finally:
    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """A project whose alert is out."""
    path = write_project(tmp_path)
    with open_desk(tmp_path) as desk:
        desk.send(approved(desk, tmp_path))
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ("recall", "S1", "--because", "error", "--as", "t.singh"),
        ("recall", "S1", "--because", "arrested", "--as", "t.singh", "--dry-run"),
        ("hold", "S1", "--as", "t.singh"),
        ("status", "S1"),
    ],
    ids=" ".join,
)
def test_it_loads_no_geometry_and_renders_nothing(sent: Path, arguments: tuple[str, ...]) -> None:
    """From the words typed to the end of the process, neither a shape, a table, an image nor a page is touched."""
    done = subprocess.run([sys.executable, "-c", CODE, *arguments, "--project", str(sent)], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == "[]"
    assert done.returncode in (0, 4)
