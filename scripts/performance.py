"""Measures every bench and writes the ratios into docs/explanation/performance.md.

python -m scripts.performance
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from pathlib import Path

from tests.bench.runner import Result, load, measure, names, shared_folder, table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "performance.md"
LIBRARIES = ("numpy", "shapely", "geopandas", "pyproj", "click")
_MARKED = re.compile(r"(<!-- measured: bench -->\n).*?(<!-- end: bench -->)", re.DOTALL)


def measured(results: list[Result]) -> str:
    """Returns promises, table and what they were measured on, as Markdown."""
    promises = "\n".join(f"- `{result.name}`: {result.promise}" for result in results)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, {versions}"
    noise = "The machine was shared with other work, so times are noisy; ratios of one run less so."
    return f"{promises}\n\n{table(results)}\n\nMeasured on {machine}. {noise}"


if __name__ == "__main__":
    text = measured([measure(load(name, shared_folder())) for name in names()])
    PAGE.write_text(_MARKED.sub(lambda mark: f"{mark[1]}\n{text}\n\n{mark[2]}", PAGE.read_text("utf-8")), "utf-8")
    print(text)
