"""The index behind a Layer answers as a plain search through all boundaries does."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.affinity import affine_transform
from shapely.geometry import MultiPolygon, Polygon, box

from geoalert.boundaries import grid as grids
from geoalert.boundaries.ids import natural_key
from geoalert.boundaries.model import Layer
from geoalert.errors import GeometryError
from tests.layers import toronto_divisions, toronto_neighbourhoods

Floats = NDArray[np.float64]


def by_search(layer: Layer, xs: Floats, ys: Floats) -> list[int]:
    """Returns, for each point, the covering row whose id comes first, by asking every polygon."""
    covering = [shapely.intersects(geometry, shapely.points(xs, ys)) for geometry in layer.geometries]
    order = sorted(range(len(layer)), key=lambda row: natural_key(layer.ids[row]))
    return [next((row for row in order if covering[row][point]), -1) for point in range(len(xs))]


def by_grid(layer: Layer, xs: Floats, ys: Floats) -> list[int]:
    """Returns the grid's answers, however few the points."""
    index = layer._index
    return index.grid.locate(xs, ys, index.covers).tolist()


def telling_points(layer: Layer) -> tuple[Floats, Floats]:
    """Returns vertices, middles of edges, points a hair beside both, and a raster over and around the layer."""
    corners = shapely.get_coordinates(layer.geometries)
    middles = (corners[1:] + corners[:-1]) / 2
    hair = np.nextafter(corners, corners + 1)
    west, south, east, north = shapely.total_bounds(layer.geometries)
    raster = np.stack(np.meshgrid(np.linspace(2 * west - east, 2 * east - west, 13), np.linspace(south - 0.01, north + 0.01, 11)), -1)
    points = np.concatenate([corners, middles, hair, np.nextafter(middles, -180.0), raster.reshape(-1, 2)])
    return points[:, 0].copy(), points[:, 1].copy()


@st.composite
def lattice_shapes(draw: st.DrawFn) -> Any:
    """Draws a valid polygon of lattice boxes and triangles: with holes, in parts, and often sharing edges with the next one."""
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        x, y, width, height = (draw(st.integers(low, 6)) for low in (0, 0, 1, 1))
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        if draw(st.booleans()):
            corners.pop(draw(st.integers(0, 3)))
        pieces.append(Polygon(corners))
    shape = shapely.union_all(pieces)
    if draw(st.booleans()):
        x, y = draw(st.integers(0, 6)), draw(st.integers(0, 6))
        shape = shape.difference(box(x + 0.25, y + 0.25, x + 0.75, y + 0.75))
    return shape


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Draws a layer of overlapping and touching shapes, at the size of a city, a block or a continent."""
    shapes = draw(st.lists(lattice_shapes(), min_size=1, max_size=7))
    scale, skew = draw(st.sampled_from([1.0, 0.1, 0.01, 1e-5, 4.0])), draw(st.sampled_from([0.0, 0.3]))
    moved = [affine_transform(shape, [scale, skew * scale, 0.0, scale, -79.4, 33.6]) for shape in shapes]
    kept = [shape for shape in moved if shape.is_valid and shape.geom_type in ("Polygon", "MultiPolygon")]
    if not kept:
        kept = [box(0, 0, 1, 1)]
    numbers = draw(st.permutations(range(5, 5 + len(kept))))
    return Layer(name="x", ids=[f"D{number}" for number in numbers], geometries=kept)


@settings(max_examples=150, deadline=None)
@given(layers())
def test_grid_tree_and_single_points_answer_as_a_plain_search(layer: Layer) -> None:
    """On vertices, on edges, a hair beside them, inside holes, in overlaps and outside."""
    xs, ys = telling_points(layer)
    expected = by_search(layer, xs, ys)
    assert by_grid(layer, xs, ys) == expected
    assert layer.locate(xs[:400], ys[:400]).tolist() == expected[:400]
    assert [layer.locate(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)] == expected


@settings(max_examples=60, deadline=None)
@given(layers(), st.floats(0, 20_000))
def test_locate_all_without_tolerance_names_every_cover_and_with_one_never_fewer(layer: Layer, tolerance_m: float) -> None:
    """`locate` is the first of them."""
    xs, ys = (values[::7] for values in telling_points(layer))
    everyone = layer.locate_all(xs, ys)
    for point, rows in enumerate(everyone):
        covering = {row for row in range(len(layer)) if shapely.intersects_xy(layer.geometries[row], xs[point], ys[point])}
        assert set(rows) == covering
        assert [natural_key(layer.ids[row]) for row in rows] == sorted(natural_key(layer.ids[row]) for row in rows)
    assert [rows[0] if rows else -1 for rows in everyone] == layer.locate(xs, ys).tolist()
    wider = layer.locate_all(xs, ys, tolerance_m)
    assert all(set(rows) <= set(more) for rows, more in zip(everyone, wider, strict=True))


def test_a_shared_edge_goes_to_the_lower_id_in_natural_order() -> None:
    """D9 comes before D10 although its row comes later."""
    layer = Layer(name="division", ids=["D10", "D9"], geometries=[box(0, 0, 1, 1), box(1, 0, 2, 1)])
    assert layer.locate(1.0, 0.5) == 1
    assert layer.locate([1.0, 0.999, 3.0], [0.5, 0.5, 0.5]).tolist() == [1, 0, -1]
    assert layer.locate_all(1.0, 0.5) == (1, 0)
    assert layer.locate_all([1.0, 3.0], [0.5, 0.5]) == [(1, 0), ()]


def test_of_overlapping_boundaries_the_lowest_id_has_the_whole_overlap() -> None:
    """Even where a higher one has the cell wholly and first in the file."""
    layer = Layer(name="beat", ids=["3", "2", "1"], geometries=[box(0, 0, 9, 9), box(2, 2, 7, 7), MultiPolygon([box(4, 4, 5, 5)])])
    xs = np.linspace(-1, 10, 12)
    assert by_grid(layer, xs, xs) == by_search(layer, xs, xs)
    assert [layer.ids[row] for row in by_grid(layer, np.array([1.0, 3.0, 4.5]), np.array([1.0, 3.0, 4.5]))] == ["3", "2", "1"]


def test_tolerance_is_metres_on_the_ground() -> None:
    """At 60 degrees north a degree of longitude is half as long."""
    layer = Layer(name="x", ids=["1"], geometries=[box(24.0, 60.0, 24.1, 60.1)])
    beside = 24.1 + 30 / 55_800
    assert layer.locate_all(beside, 60.05) == ()
    assert layer.locate_all(beside, 60.05, tolerance_m=29.0) == ()
    assert layer.locate_all(beside, 60.05, tolerance_m=31.0) == (0,)


@pytest.mark.parametrize(
    ("lons", "lats", "code"),
    [
        ([0.0, np.nan], [0.0, 0.0], "not_finite"),
        ([0.0, 0.0], [0.0, -np.inf], "not_finite"),
        (float("nan"), 0.0, "not_finite"),
        ([0.0, 1.0], [0.0], "unequal_lengths"),
        (["a"], [0.0], "not_a_number"),
        ([None], [object()], "not_a_number"),
    ],
)
def test_points_that_are_none_are_refused(lons: Any, lats: Any, code: str) -> None:
    """The position of the first is named; nothing is guessed."""
    layer = Layer(name="x", ids=["1"], geometries=[box(0, 0, 1, 1)])
    for ask in (layer.locate, layer.locate_all):
        with pytest.raises(GeometryError) as error:
            ask(lons, lats)
        assert error.value.code == code
    if code == "not_finite" and isinstance(lons, list):
        assert error.value.row == 2


@pytest.mark.parametrize("tolerance_m", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_below_zero_is_refused(tolerance_m: float) -> None:
    """So is one that is no number."""
    layer = Layer(name="x", ids=["1"], geometries=[box(0, 0, 1, 1)])
    with pytest.raises(GeometryError, match="tolerance"):
        layer.locate_all(0.5, 0.5, tolerance_m)


def test_answers_have_the_form_of_the_question() -> None:
    """Scalars give an int, arrays an array of their shape, nothing gives nothing."""
    layer = Layer(name="x", ids=["1"], geometries=[box(0, 0, 1, 1)])
    for scalar in (0.5, np.float64(0.5), np.array(0.5), 1):
        assert type(layer.locate(scalar, scalar)) is int
    assert layer.locate([[0.5, 2.0]], [[0.5, 2.0]]).tolist() == [[0, -1]]
    assert layer.locate([], []).tolist() == []
    assert layer.locate_all([], []) == []
    assert layer.locate([1e300, -1e300], [0.5, 0.5]).tolist() == [-1, -1]


def star(seed: int, count: int) -> Layer:
    """Returns thin overlapping spokes across a wide square, the dearest shape for a grid."""
    rng = np.random.default_rng(seed)
    spokes = []
    for angle in rng.uniform(0, np.pi, count):
        along = 20 * np.array([np.cos(angle), np.sin(angle)])
        across = 0.1 * np.array([-np.sin(angle), np.cos(angle)])
        spokes.append(Polygon([along + across, across - along, -along - across, along - across]))
    return Layer(name="x", ids=range(count), geometries=spokes)  # type: ignore[arg-type]


def test_memory_is_bounded_whatever_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long edges get fewer cells, work goes in blocks, and the answers stay the same."""
    monkeypatch.setattr(grids, "MOST_CROSSINGS", 20_000)
    monkeypatch.setattr(grids, "CELLS_PER_VERTEX", 4096)
    monkeypatch.setattr(grids, "BLOCK", 50)
    monkeypatch.setattr(grids, "MOST_CELLS", 1 << 18)
    layer = star(1, 150)
    points = np.random.default_rng(2).uniform(-20, 20, (2, 4000))
    assert by_grid(layer, *points) == by_search(layer, *points)
    grid = layer._index.grid
    assert len(grid.candidates) <= 4 * grids.MOST_CROSSINGS
    assert len(grid.answers) < 1 << 17


def test_threads_may_share_a_layer() -> None:
    """Several first askers at once get the same answers."""
    layer = star(3, 60)
    points = np.random.default_rng(4).uniform(-20, 20, (2, 2000))
    expected = by_search(layer, *points)
    with ThreadPoolExecutor(8) as pool:
        for answer in pool.map(lambda _: layer.locate(*points).tolist(), range(16)):
            assert answer == expected


HAMMER = """
import sys, threading, time
import numpy as np, shapely
from geoalert.boundaries.model import Layer

around = np.linspace(0, 2 * np.pi, 900, endpoint=False)
reach = 0.6 + 0.2 * np.sin(40 * around)
shapes = [np.column_stack((x + reach * np.cos(around), y + reach * np.sin(around))) for x in range(3) for y in range(3)]
wkb = shapely.to_wkb(shapely.polygons(shapes))
ids = [f"B{row}" for row in range(len(wkb))]
xs, ys = np.random.default_rng(5).uniform(-1, 3, (2, 1000))

def asked(layer):
    one = [layer.locate(float(x), float(y)) for x, y in zip(xs[:40], ys[:40])]
    return layer.locate(xs, ys).tolist(), one, layer.locate_all(xs, ys), layer.locate_all(xs[:40], ys[:40], 5000.0)

expected = asked(Layer(name="star", ids=ids, geometries=shapely.from_wkb(wkb)))
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    layer, answers, start = Layer(name="star", ids=ids, geometries=shapely.from_wkb(wkb)), [None] * 4, threading.Barrier(4)

    def ask(nth):
        start.wait()
        answers[nth] = asked(layer)

    threads = [threading.Thread(target=ask, args=(nth,)) for nth in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if any(answer != expected for answer in answers):
        sys.exit("a thread got another answer")
"""


def test_threads_on_a_fresh_layer_neither_crash_nor_differ() -> None:
    """GEOS fills what it prepares without a lock: threads that share it abort the process."""
    run = subprocess.run([sys.executable, "-c", HAMMER, "2"], capture_output=True, text=True, timeout=60)

    assert (run.returncode, run.stderr) == (0, "")


def test_what_a_layer_prepares_is_its_own() -> None:
    """The public geometries are never prepared, so that whoever else asks them shares nothing with the index."""
    layer = Layer(name="round", ids=["R1"], geometries=[shapely.Point(0, 0).buffer(1, quad_segs=64)])
    layer.locate(0.0, 0.0)

    assert not shapely.is_prepared(layer.geometries).any()
    assert shapely.is_prepared(layer._index._own).any()


def test_the_grid_is_made_only_when_enough_points_were_asked() -> None:
    """One point, or a few, never wait for it."""
    layer = star(5, 20)
    index = layer._index
    layer.locate(0.0, 0.0)
    layer.locate([0.0] * 500, [0.0] * 500)
    assert "grid" not in vars(index)
    layer.locate([0.0] * 500, [0.0] * 500)
    assert "grid" in vars(index)


def test_a_layer_of_thousands_answers_alike() -> None:
    """One point goes through the tree there, many through the grid."""
    side = 60
    squares = [box(x, y, x + 1, y + 1) for x in range(side) for y in range(side)]
    layer = Layer(name="x", ids=[f"{(7 * number) % len(squares)}" for number in range(len(squares))], geometries=squares)
    xs, ys = np.random.default_rng(6).integers(-2, 2 * side + 2, (2, 300)) / 2
    answers = by_grid(layer, xs, ys)
    assert answers == by_search(layer, xs, ys)
    assert [layer.locate(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)] == answers
    assert set(layer.tree.query(shapely.points(0.5, 0.5))) == {0}
    assert len(layer.locate_all(30.0, 30.0)) == 4
    assert len(layer.locate_all(30.5, 30.5, 60_000.0)) == 5


@pytest.mark.shared
@pytest.mark.parametrize("read", [toronto_divisions, toronto_neighbourhoods])
def test_every_vertex_shared_by_two_real_boundaries_has_one_answer(shared: Path, read: Any) -> None:
    """All vertices, by grid and by single point, go where the tie rule sends them."""
    layer = read(shared)
    corners, owner = shapely.get_coordinates(layer.geometries, return_index=True)
    vertices, which = np.unique(corners, axis=0, return_inverse=True)
    pairs = np.unique(np.stack([which.ravel(), owner]), axis=1)
    owners = np.bincount(pairs[0])
    first = np.full(len(vertices), len(layer))
    np.minimum.at(first, pairs[0], layer.ranks[pairs[1]])
    tied = owners > 1
    print(f"{layer.name}: {tied.sum()} vertices shared by two or more, {(owners > 2).sum()} by three or more")
    assert tied.sum() > 4000
    xs, ys = vertices[tied, 0].copy(), vertices[tied, 1].copy()
    answers = np.array(by_grid(layer, xs, ys))
    points, rows = layer._index.covering(xs, ys)
    best = np.full(len(xs), len(layer))
    np.minimum.at(best, points, layer.ranks[rows])
    assert (layer.ranks[answers] == best).all()
    assert (best <= first[tied]).all()
    some = slice(None, None, 50)
    assert [layer.locate(x, y) for x, y in zip(xs[some].tolist(), ys[some].tolist(), strict=True)] == answers[some].tolist()
    assert by_search(layer, xs[some], ys[some]) == answers[some].tolist()
