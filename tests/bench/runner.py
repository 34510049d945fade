"""Measures what the project promises: the same work done by us and by peers, in turns, in one run.

A bench is one file beside this one, found by its name, with a function `bench(shared) -> Bench`:

    def bench(shared: Path) -> Bench:
        layer = ...
        return Bench(
            name="locate",
            promise="a million points against 158 boundaries",
            sides=(Side("geoalert", lambda: layer.locate(x, y)), Side("geopandas.sjoin", join, limit=20)),
        )
"""

from __future__ import annotations

import importlib
import json
import math
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import cast

HERE = Path(__file__).parent
NOT_BENCHES = {"__init__", "__main__", "cover_table", "runner"}


@dataclass(frozen=True, slots=True)
class Side:
    """One way of doing the work; the first side of a bench is ours, the others are peers with the limit we promise against them."""

    name: str
    run: Callable[[], object]
    limit: float | None = None
    """At least so many times faster than this peer; 1 means no slower, 1 / 1.5 means at most 1.5 times its time."""
    calls: int | None = None
    """Calls in one timed run; None picks enough for `least_s`."""
    tells: bool = False
    """`run` returns the seconds itself: what counts ends before the call does, or in another process."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One promise and the sides that are measured for it."""

    name: str
    promise: str
    sides: tuple[Side, ...]
    rounds: int = 9
    least_s: float = 0.02
    timer: Callable[[], float] = time.perf_counter
    """`time.process_time` compares what the work costs this process, not how long it takes."""
    check: Callable[[], None] | None = None
    """Raises unless the sides give the same answer; run before anything is timed."""

    def __post_init__(self) -> None:
        if len(self.sides) < 2:
            raise ValueError(f"{self.name}: a ratio needs two sides")


@dataclass(frozen=True, slots=True)
class Ratio:
    """What one peer measured against us."""

    bench: str
    peer: str
    ours_us: float
    peer_us: float
    times: float
    low: float
    high: float
    limit: float | None

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return self.limit is None or self.times >= self.limit


@dataclass(frozen=True, slots=True)
class Result:
    """All ratios of one bench."""

    name: str
    promise: str
    ratios: tuple[Ratio, ...] = field(default=())


def names() -> list[str]:
    """Returns every bench there is, by file name."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_BENCHES)


def load(name: str, shared: Path) -> Bench:
    """Returns the bench of one file."""
    return importlib.import_module(f"tests.bench.{name}").bench(shared)


def shared_folder() -> Path:
    """Returns the folder of real boundaries and incidents."""
    path = Path(os.environ.get("GEOALERT_SHARED") or HERE.parents[2] / "shared").resolve()
    if not (path / "data").is_dir():
        raise SystemExit("no shared folder; set GEOALERT_SHARED")
    return path


def measure(bench: Bench) -> Result:
    """Runs the sides of a bench in turns and returns the ratios: medians of the rounds, with their quartiles."""
    if bench.check is not None:
        bench.check()
    calls = [side.calls or _enough(side, bench) for side in bench.sides]
    times: list[list[float]] = [[] for _ in bench.sides]
    for turn in range(bench.rounds):
        order = range(len(bench.sides)) if turn % 2 == 0 else reversed(range(len(bench.sides)))
        for position in order:
            times[position].append(_timed(bench.sides[position], calls[position], bench.timer))
    return Result(bench.name, bench.promise, tuple(_ratio(bench, times, position) for position in range(1, len(bench.sides))))


def _ratio(bench: Bench, times: Sequence[Sequence[float]], position: int) -> Ratio:
    each = [peer / ours for peer, ours in zip(times[position], times[0], strict=True)]
    low, _, high = quantiles(each, n=4) if len(each) > 1 else (each[0], each[0], each[0])
    side = bench.sides[position]
    return Ratio(bench.name, side.name, median(times[0]) * 1e6, median(times[position]) * 1e6, median(each), low, high, side.limit)


def _timed(side: Side, calls: int, timer: Callable[[], float]) -> float:
    if side.tells:
        return sum(cast("float", side.run()) for _ in range(calls)) / calls
    start = timer()
    for _ in range(calls):
        side.run()
    return (timer() - start) / calls


def _enough(side: Side, bench: Bench) -> int:
    side.run()
    return max(1, math.ceil(bench.least_s / max(_timed(side, 1, bench.timer), 1e-9)))


def table(results: Iterable[Result]) -> str:
    """Returns the ratios as a Markdown table, which docs/explanation/performance.md takes as it is."""
    lines = [
        "| bench | against | ours (us) | theirs (us) | times faster | quartiles | promised | kept |",
        "| --- | --- | ---: | ---: | ---: | --- | ---: | --- |",
    ]
    for ratio in (ratio for result in results for ratio in result.ratios):
        promised = "" if ratio.limit is None else f"{ratio.limit:.3g}"
        lines.append(
            f"| {ratio.bench} | {ratio.peer} | {ratio.ours_us:,.1f} | {ratio.peer_us:,.1f} | {ratio.times:,.2f} | "
            f"{ratio.low:,.2f} to {ratio.high:,.2f} | {promised} | {'yes' if ratio.kept else 'NO'} |"
        )
    return "\n".join(lines)


def as_json(results: Iterable[Result]) -> str:
    """Returns the ratios as JSON, with the versions they were measured on."""
    import numpy as np
    import shapely

    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "numpy": np.__version__, "shapely": shapely.__version__}
    rows = [
        {**{name: getattr(ratio, name) for name in Ratio.__slots__}, "kept": ratio.kept, "promise": result.promise}
        for result in results
        for ratio in result.ratios
    ]
    return json.dumps({"machine": machine, "ratios": rows}, indent=1)
