"""README and documentation do what they show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.docs.pages import Page, matches

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FIRST = {"README.md": "geoalert demo"}
"""What a page tells to run before its blocks; `.ci/run` runs the README's commands themselves."""
MUST_RUN = (
    "README.md",
    "docs/tutorial/first-alert.md",
    "docs/reference/python.md",
    "docs/how-to/add-layers.md",
    "docs/how-to/directory.md",
    "docs/how-to/approve.md",
    "docs/how-to/hold-and-recall.md",
    "docs/how-to/update.md",
    "docs/how-to/worker.md",
    "docs/how-to/areas.md",
    "docs/how-to/exchange.md",
    "docs/how-to/places.md",
    "docs/how-to/versions.md",
    "docs/explanation/covers.md",
)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty current folder with a short path, so that no table folds it."""
    monkeypatch.delenv("GEOALERT_PROJECT", raising=False)
    with TemporaryDirectory(prefix="docs-") as name:
        monkeypatch.chdir(name)
        yield Path(name)
        monkeypatch.undo()


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_page_does_what_it_shows(path: Path, folder: Path) -> None:
    """Every Python block runs and prints its text block; every command prints what stands below it."""

    done = Page(path).run(first=FIRST.get(_name(path)))

    assert done > 0 or _name(path) not in MUST_RUN, "nothing on this page was run"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("52.1 %", "52.1 %\n", True),
        ("52.1 %", "52.2 %\n", False),
        ("D14 ... %", "D14 52.1 %\n", True),
        ("first\n...\nlast", "first\nsecond\nthird\nlast\n", True),
        ("first\n...\nlast", "first\nlast\n", True),
        ("first\n...", "second\nfirst\n", False),
        ("", "something\n", False),
    ],
)
def test_dots_stand_for_anything_and_nothing_else_does(shown: str, printed: str, same: bool) -> None:
    """An output differs unless dots say that it may."""
    assert matches(shown, printed) is same


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(1)\n```\n\n```text\n2\n```\n",
        "```python\nprint('nobody said so')\n```\n",
        "```console\n$ geoalert --version\ngeoalert, version 999\n```\n",
        "```console\n$ geoalert show S1\n...\n```\n",
        "<!-- notest: no -->\n```python\n1 / 0\n```\n",
        "<!-- nottest: a word that is no order -->\n```python\n```\n",
    ],
    ids=["another output", "output not shown", "another version", "a failure not told", "no reason", "unknown order"],
)
def test_a_wrong_page_fails(text: str, folder: Path) -> None:
    """The runner is no rubber stamp."""
    page = folder / "page.md"
    page.write_text(text, "utf-8")

    with pytest.raises(AssertionError):
        Page(page).run()
