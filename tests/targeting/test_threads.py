"""Threads that match against one layer at once: no crash, one answer."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest
import shapely

from geoalert.area import Area
from geoalert.targeting import match
from geoalert.targeting.ground import Ground, ground_of
from tests.places import squares

ROOT = Path(__file__).resolve().parents[2]
HAMMER = """
import sys, threading, time
import numpy as np, shapely
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.targeting import match, survey, uncovered_share

around = np.linspace(0, 2 * np.pi, 900, endpoint=False)
reach = 0.06 + 0.02 * np.sin(40 * around)
shapes = [np.column_stack((0.1 * x + reach * np.cos(around), 0.1 * y + reach * np.sin(around))) for x in range(3) for y in range(3)]
wkb = shapely.to_wkb(shapely.polygons(shapes))
ids = [f"B{row}" for row in range(len(wkb))]
chance = np.random.default_rng(5)
sites = chance.uniform(-0.1, 0.3, (24, 2)).tolist()
circles = [Area.circle(lon=lon, lat=lat, radius_m=1000 + 300 * nth) for nth, (lon, lat) in enumerate(sites)]
areas = circles + [circles[0] | circles[1], circles[2] - Area.circle(lon=sites[2][0], lat=sites[2][1], radius_m=200)]
points = [Area.point(lon=lon, lat=lat) for lon, lat in sites]

def asked(layer):
    if sys.argv[1] == "match":
        return [match(area, layer) for area in areas]
    if sys.argv[1] == "survey":
        return [survey(area, layer).to_dict() for area in areas] + [uncovered_share(area, layer) for area in areas]
    near = [match(area, layer, "within:3km") for area in areas[:8]]
    return near, [match(area, layer, "centroid") for area in areas], [match(point, layer, tolerance_m=900) for point in points]

def made():
    return Layer(name="jagged", ids=ids, geometries=shapely.from_wkb(wkb))

def hammered(layer):
    answers = [None] * 4
    together = threading.Barrier(4)
    def run(nth):
        together.wait()
        answers[nth] = asked(layer)
    threads = [threading.Thread(target=run, args=(nth,)) for nth in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    return all(answer == expected for answer in answers)

warm = made()
expected = asked(warm)
stop = time.monotonic() + 1.0
while time.monotonic() < stop:
    assert hammered(warm)
    assert hammered(made())
"""


@pytest.mark.parametrize("work", ["match", "survey", "within"])
def test_threads_that_ask_one_layer_neither_crash_nor_differ(work: str) -> None:
    """Fresh and warm layers, in a process of their own, because a race of prepared polygons kills it."""
    run = subprocess.run([sys.executable, "-c", HAMMER, work], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)

    assert run.returncode == 0, run.stderr[-2000:]


def test_threads_that_ask_first_share_one_ground() -> None:
    """What is worked out of a layer is worked out once."""
    layer = squares(side=0.001, across=20, up=80)
    together = Barrier(4)

    def first(_: int) -> int:
        together.wait()
        return id(ground_of([layer]))

    with ThreadPoolExecutor(4) as pool:
        grounds = set(pool.map(first, range(4)))

    assert grounds == {id(ground_of([layer]))}


def test_threads_that_share_a_fresh_layer_agree() -> None:
    """What is prepared at the first match is prepared once."""
    layer = squares(side=0.001, across=20, up=20)
    areas = [Area.circle(lon=10 + step / 500, lat=50.01, radius_m=300) for step in range(8)] * 4

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda area: match(area, layer), areas))

    assert together == [match(area, layer) for area in areas]


def test_the_boundaries_of_a_layer_stay_unprepared() -> None:
    """Others may test them at the same time, without our lock."""
    layer = squares()

    match(Area.circle(lon=10.01, lat=50.01, radius_m=600), layer)

    assert not shapely.is_prepared(layer.geometries).any()


def test_grounds_are_kept_for_a_while() -> None:
    """Some lists of layers that begin alike each keep theirs; many do not pile up."""
    first, others = squares(), [squares(name=f"other {nth}", across=1, up=1) for nth in range(20)]
    kept = [weakref.ref(ground_of([first, other])) for other in others[:5]]

    assert [ground() is ground_of([first, other]) for ground, other in zip(kept, others[:5], strict=True)] == [True] * 5

    for other in others:
        ground_of([first, other])
    gc.collect()

    assert [ground() for ground in kept] == [None] * 5


@pytest.mark.parametrize(
    "ask", [lambda ground, area: ground.meeting(area.geometry), lambda ground, area: ground.shared_m2(area, np.arange(9))]
)
def test_a_prepared_boundary_is_asked_by_one_thread_at_a_time(ask: Callable[[Ground, Area], object]) -> None:
    """While one thread asks, another waits."""
    ground, area = ground_of([squares()]), Area.circle(lon=10.01, lat=50.01, radius_m=600)
    other = Thread(target=ask, args=(ground, area), daemon=True)

    with ground._asking:
        other.start()
        other.join(0.1)
        waited = other.is_alive()
    other.join(10)

    assert waited
    assert not other.is_alive()
