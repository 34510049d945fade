"""The wheel carries what a checkout has: package, boundaries, templates, entry points; and the demo runs from both."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the checkout with the build tools at hand."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (built,) = folder.glob("geoalert-*.whl")
    return built


def demo(folder: Path, **environment: str) -> dict[str, object]:
    """Runs `geoalert demo` in a folder of its own and returns what it says."""
    code = "import geoalert, sys; print(geoalert.__file__, file=sys.stderr); from geoalert.cli import main; main(['demo', '--json'])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=folder, capture_output=True, text=True, env=os.environ | environment, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told | {"package": done.stderr.splitlines()[0]}


def test_demo_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Unpacked away from the checkout, the demo finds its layers and sends every post."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")

    told = demo(tmp_path, PYTHONPATH=str(tmp_path / "site"))

    assert str(tmp_path / "site") in str(told["package"])
    assert told["counts"] == {"done": told["posts"]}
    assert (tmp_path / str(told["map"])).read_bytes().startswith(b"\x89PNG")
    assert len(list((tmp_path / "geoalert-demo" / "posts").rglob("post.txt"))) >= 8


def test_demo_runs_from_the_checkout(tmp_path: Path) -> None:
    """The editable install finds the same layers beside the package."""
    told = demo(tmp_path)

    assert str(ROOT) in str(told["package"])
    assert told["counts"] == {"done": told["posts"]}


def test_wheel_holds_data_and_types_and_nothing_else(wheel: Path) -> None:
    """Boundaries, templates, profiles, SQL and py.typed are inside; tests and machine leftovers are not."""
    names = zipfile.ZipFile(wheel).namelist()

    for name in ("geoalert/py.typed", "geoalert/_boundaries/catalogue.toml", "geoalert/_boundaries/toronto-demo/divisions.geojson",
                 "geoalert/outbox/schema.sql", "geoalert/plan/page.html.j2", "geoalert/profiles/demo.toml"):  # fmt: skip
        assert name in names
    assert not [name for name in names if name.startswith("tests") or "__pycache__" in name or name.endswith(".pyc")]
