"""The house stands: imports go down or left, heavy rooms stay lazy, each foreign library has its room."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "geoalert"

LINES = [
    ["errors", "clock", "text", "geo", "markup"],
    ["findings", "media", "boundaries", "area", "covering"],
    ["alert", "publishing", "places"],
    ["directory", "targeting"],
    ["directory.select", "directory.template", "directory.check", "gates", "rendering"],
    ["plan"],
    [
        "files",
        "places.store",
        "config",
        "http",
        "registry",
        "frames",
        "boundaries.load",
        "places.load",
        "directory.load",
        "cap",
        "outbox",
        "campaigns.file",
    ],
    ["publishers", "boundaries.catalogue", "directory.sources", "cap.feed", "evidence", "worker", "recall", "testing"],
    ["app"],
    ["campaigns.run", "serving", "workbench"],
    ["cli"],
    ["__init__", "__main__"],
]
"""Design section 2: rooms from the bottom up, and from left to right. A room is the longest name that a module starts with."""

RANK = {room: (level, place) for level, line in enumerate(LINES) for place, room in enumerate(line)}

FOREIGN = {
    "pyproj": ("geo",),
    "geopandas": ("boundaries.load", "directory.load", "directory.sources", "frames"),
    "pyogrio": ("boundaries.load", "directory.load", "directory.sources", "frames"),
    "requests": ("http",),
    "urllib3": ("http",),
    "lxml": ("markup",),
    "PIL": ("rendering",),
    "matplotlib": ("rendering", "frames", "workbench"),
    "click": ("cli",),
    "rich": ("cli",),
}

HEAVY = [
    "numpy",
    "shapely",
    "geopandas",
    "pandas",
    "requests",
    "pydantic",
    "lxml",
    "PIL",
    "matplotlib",
    "pyproj",
    "jinja2",
    "click",
    "rich",
]


def room_of(module: str) -> str:
    """The room a module of the package belongs to."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in RANK:
            return ".".join(parts[:length])
    raise AssertionError(f"geoalert.{module} belongs to no room of the design; add it to LINES")


def module_name(path: Path) -> str:
    """Dotted name below the package, packages named by their folder."""
    parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """Every module that a file imports, at top level or inside a function, with its full name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            known = {
                name
                for name in names
                if (PACKAGE.parent / Path(*name.split("."))).is_dir()
                or (PACKAGE.parent / Path(*name.split("."))).with_suffix(".py").is_file()
            }
            found |= known or {node.module}
    return found


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_name(path))
def test_imports_go_down_or_left(path: Path) -> None:
    """A room imports lower layers, rooms to its left, and itself."""
    here = room_of(module_name(path))

    for name in imported(path):
        if name.startswith("geoalert.") and here not in ("__init__", "__main__"):
            there = room_of(name.removeprefix("geoalert."))
            assert there == here or RANK[there] < RANK[here], f"{here} imports {there}"
            assert RANK[there][0] < RANK[here][0] or (RANK[there][0] == RANK[here][0] and RANK[there][1] <= RANK[here][1])
        assert name != "geoalert" or here in ("cli", "__main__"), f"{here} imports the package itself"


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_name(path))
def test_foreign_libraries_keep_to_their_room(path: Path) -> None:
    """One room owns each library whose mistakes would otherwise be everywhere."""
    here = room_of(module_name(path))

    for name in imported(path):
        rooms = FOREIGN.get(name.split(".")[0])
        assert rooms is None or here in rooms, f"{here} imports {name}; its rooms are {rooms}"


def test_import_of_the_package_is_light() -> None:
    """`import geoalert` loads no heavy library."""
    code = f"import sys, geoalert; print([m for m in {HEAVY!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["recall", "hold", "status", "confirm", "unknown"])
def test_what_is_done_in_a_hurry_loads_no_geometry(command: str) -> None:
    """A desk and the commands for what is already out load nothing that only a new plan needs."""
    heavy = [name for name in HEAVY if name not in ("requests", "pydantic", "click")]
    code = f"import sys, geoalert.cli.{command}, geoalert.app; print([m for m in {heavy!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
