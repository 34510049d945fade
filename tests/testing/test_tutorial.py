"""The tutorial's package: installed on its own, found by its entry point, and held to the contract by its own test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorial" / "publisher.md"
MOST_LINES = 15


def code_lines(path: Path) -> int:
    """Returns how many lines of a file are not empty."""
    return len([line for line in path.read_text("utf-8").splitlines() if line.strip()])


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's files as they stand there, and the package installed beside them."""
    folder = tmp_path_factory.mktemp("tutorial")
    for block in Page(PAGE).blocks():
        if "file" in block.orders:
            path = folder / block.orders["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir"]
    subprocess.run([*command, "--target", str(folder / "site"), str(folder / "board")], check=True, capture_output=True, timeout=120)
    return folder


def run(board: Path, *command: str, before: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs Python where the package is installed, and geoalert is as here; modules in `before` hide those installed."""
    places = [*([str(before)] if before else []), str(board / "site"), str(ROOT)]
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(places), "COLUMNS": "200"}
    return subprocess.run([sys.executable, *command], cwd=board, env=environ, capture_output=True, text=True, timeout=120, check=False)


def run_contract(board: Path, *, before: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the page's test alone, with no settings of ours."""
    options = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(board), "--import-mode=importlib")
    return run(board, "-m", "pytest", *options, "board", before=before)


@pytest.mark.parametrize("name", ["geoalert_board.py", "test_board.py"])
def test_it_is_short(board: Path, name: str) -> None:
    """Neither the publisher nor its test needs more than fifteen lines."""
    assert code_lines(board / "board" / name) <= MOST_LINES


def test_it_keeps_the_contract(board: Path) -> None:
    """Its own test passes, and skips what it says alone."""
    done = run_contract(board)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("11 passed, 2 skipped in ")


def test_it_is_installed_like_any_other(board: Path) -> None:
    """`geoalert publishers` lists it beside the shipped ones."""
    done = run(board, "-m", "geoalert", "publishers", "--json")

    assert '"name": "board"' in done.stdout
    assert '"name": "folder"' in done.stdout


@pytest.mark.parametrize(
    ("before", "after", "point"),
    [
        ("self.capabilities.check(post)", "pass", "point_04"),
        (".require()", "", "point_06"),
        ('"text": post.text', '"text": post.text.strip(".")', "point_02"),
        ("idempotent=True", "idempotent=True, threads=True", "point_12"),
        ('url = f"', 'print(headers); url = f"', "point_09"),
        ("notices/{key}", "notices/{__import__('time').time_ns()}", "point_07"),
    ],
)
def test_a_publisher_that_breaks_a_promise_fails_it(board: Path, tmp_path: Path, before: str, after: str, point: str) -> None:
    """The contract is no rubber stamp: each promise broken fails under its number."""
    written = (board / "site" / "geoalert_board.py").read_text("utf-8")
    assert before in written
    (tmp_path / "geoalert_board.py").write_text(written.replace(before, after), "utf-8")

    done = run_contract(board, before=tmp_path)

    assert done.returncode == 1, done.stdout
    assert f"test_{point}" in done.stdout
