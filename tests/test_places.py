"""The library belongs to no one city: the home of the demo appears only where it may."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "geoalert"
PLACES = re.compile(r"toronto|spadina|queen st", re.IGNORECASE)
DEMO = ("app/demo.py", "cli/demo.py", "rendering/sketch.py")


def code_words(path: Path) -> str:
    """A file's text without its docstrings and comments."""
    text = path.read_text(encoding="utf-8")
    docs = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join(token.string for token in tokens if token.type != tokenize.COMMENT and token.start[0] not in docs)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_code_names_no_city(path: Path) -> None:
    """Outside docstrings and the demo no module knows a place, a street or a local grid."""
    if path.relative_to(PACKAGE).as_posix() in DEMO:
        return

    found = PLACES.search(code_words(path))

    assert found is None, f"{path.name} names {found and found[0]}"


def test_data_in_the_package_names_no_city() -> None:
    """Templates, words and profiles other than the demo's are for every agency."""
    for path in PACKAGE.rglob("*"):
        if path.suffix in (".toml", ".j2", ".sql") and path.stem not in ("demo", "canada-police"):
            assert not PLACES.search(path.read_text(encoding="utf-8")), path
