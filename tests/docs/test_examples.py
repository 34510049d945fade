"""README and documentation do what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import Page, matches

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MUST_RUN = ("docs/tutorial/first-alert.md", "docs/reference/python.md", "docs/how-to/add-layers.md", "docs/how-to/directory.md")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_page_does_what_it_shows(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python block runs and prints its text block; every command prints what stands below it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GEOALERT_PROJECT", raising=False)

    done = Page(path).run()

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
def test_a_wrong_page_fails(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner is no rubber stamp."""
    page = tmp_path / "page.md"
    page.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GEOALERT_PROJECT", raising=False)

    with pytest.raises(AssertionError):
        Page(page).run()
