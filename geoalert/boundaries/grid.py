"""A uniform grid over a layer: most cells know their one boundary, the rest a short list to test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Covers = Callable[[NDArray[np.signedinteger[Any]], Floats, Floats], NDArray[np.bool_]]

CELLS_PER_VERTEX = 16
LEAST_CELLS, MOST_CELLS = 1 << 10, 1 << 22
MOST_CROSSINGS = 1 << 23
BLOCK = 1 << 19
LEAST_CELL_DEG = 1e-9
CHUNK = 1 << 16
NONE = -1


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the cells are: a rectangle in degrees cut into columns and rows, with one empty cell all around.

    A coordinate's column never falls as the coordinate grows, so the cells of a segment lie between those of its ends.
    """

    x0: float
    y0: float
    per_x: float
    per_y: float
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: Floats, cells: int) -> Frame:
        """Returns a frame of about `cells` cells over bounds (least x, least y, greatest x, greatest y)."""
        width, height = np.maximum(bounds[2:] - bounds[:2], 1e-6)
        columns = int(np.clip(np.sqrt(cells * width / height), 1, min(cells, width / LEAST_CELL_DEG)))
        rows = int(np.clip(cells / columns, 1, height / LEAST_CELL_DEG))
        wide, high = width / columns, height / rows
        return cls(float(bounds[0] - 1.5 * wide), float(bounds[1] - 1.5 * high), float(1 / wide), float(1 / high), columns + 3, rows + 3)

    def columns_of(self, xs: Floats) -> Floats:
        """Returns the column of each x, as whole numbers or not, clipped to the frame."""
        cells = xs - self.x0
        cells *= self.per_x
        return np.clip(cells, 0, self.columns - 1, out=cells)

    def rows_of(self, ys: Floats) -> Floats:
        """Returns the row of each y, as whole numbers or not, clipped to the frame."""
        cells = ys - self.y0
        cells *= self.per_y
        return np.clip(cells, 0, self.rows - 1, out=cells)

    def cells_of(self, xs: Floats, ys: Floats) -> NDArray[np.int32]:
        """Returns the number of each point's cell."""
        cells = self.rows_of(ys).astype(np.int32)
        cells *= np.int32(self.columns)
        cells += self.columns_of(xs).astype(np.int32)
        return cells

    def middle(self, cells: Ints) -> tuple[Floats, Floats]:
        """Returns the points in the middle of cells."""
        rows, columns = np.divmod(cells, self.columns)
        return self.x0 + (columns + 0.5) / self.per_x, self.y0 + (rows + 0.5) / self.per_y


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a layer.

    Attributes:
        answers: for each cell the row of the boundary that has it wholly, -1 for none, or -2 - k for the k-th mixed cell.
        starts: where the candidates of each mixed cell begin; one more at the end.
        candidates: rows whose edge meets the mixed cell, first in natural order first.
        otherwise: for each mixed cell, the row that has it where no candidate does, or -1.
    """

    frame: Frame
    answers: NDArray[np.int32]
    starts: NDArray[np.int32]
    candidates: NDArray[np.int32]
    otherwise: NDArray[np.int32]

    def locate(self, xs: Floats, ys: Floats, covers: Covers) -> Ints:
        """Returns, for each finite point, the row first in natural order that covers it, or -1."""
        found = np.empty(len(xs), dtype=np.int64)
        for start in range(0, len(xs), CHUNK):
            part = slice(start, start + CHUNK)
            found[part] = self.answers[self.frame.cells_of(xs[part], ys[part])]
        mixed = np.flatnonzero(found < NONE)
        if len(mixed):
            found[mixed] = self._among_candidates(xs[mixed], ys[mixed], -2 - found[mixed], covers)
        return found

    def _among_candidates(self, xs: Floats, ys: Floats, cells: Ints, covers: Covers) -> Ints:
        """Tests the candidates of each point's cell in order; the first that covers the point has it."""
        found = self.otherwise[cells].astype(np.int64)
        turn, last = self.starts[cells], self.starts[cells + 1]
        left = np.arange(len(xs))
        while len(left):
            rows = self.candidates[turn[left]]
            inside = covers(rows, xs[left], ys[left])
            found[left[inside]] = rows[inside]
            left = left[~inside]
            turn[left] += 1
            left = left[turn[left] < last[left]]
        return found


def build_grid(geometries: NDArray[Any], order: Ints) -> Grid:
    """Returns the grid of a layer; `order` holds its rows in natural order of their ids.

    Memory follows the number of cells and of edges that meet them, both bounded whatever the layer.
    """
    ordered = geometries[order]
    frame = _frame_for(ordered)
    keys = _edge_cells(ordered, frame)
    whole = _whole_cells(ordered, frame, keys)
    count = len(ordered)
    cells, ranks = keys % (frame.columns * frame.rows), keys // (frame.columns * frame.rows)
    wanted = ranks < whole[cells]
    cells, ranks = cells[wanted], ranks[wanted]
    by_cell = np.argsort(cells, kind="stable")
    cells, ranks = cells[by_cell], ranks[by_cell]
    mixed, starts = np.unique(cells, return_index=True)
    rows = np.append(order, NONE).astype(np.int32)
    otherwise = rows[np.minimum(whole[mixed], count)]
    answers = rows[np.minimum(whole, count)]
    answers[mixed] = -2 - np.arange(len(mixed), dtype=np.int32)
    return Grid(frame, answers, np.append(starts, len(cells)).astype(np.int32), rows[ranks], otherwise)


def _frame_for(geometries: NDArray[Any]) -> Frame:
    """Chooses cells by the number of vertices, fewer where the edges are so long that they would fill memory."""
    bounds = shapely.total_bounds(geometries)
    vertices = int(shapely.get_num_coordinates(geometries).sum())
    cells = int(np.clip(vertices * CELLS_PER_VERTEX, LEAST_CELLS, MOST_CELLS))
    spread = sum(np.abs(ends - begins).sum(axis=0) for _, begins, ends in _edges(geometries))
    while True:
        frame = Frame.over(bounds, cells)
        crossings = float(spread[0]) * frame.per_x + float(spread[1]) * frame.per_y
        if crossings <= MOST_CROSSINGS or cells <= LEAST_CELLS:
            return frame
        cells //= 2


def _edges(geometries: NDArray[Any]) -> Iterator[tuple[Ints, Floats, Floats]]:
    """Yields edges in blocks: the geometry each belongs to, where it begins and where it ends."""
    for block in _portions(shapely.get_num_coordinates(geometries), BLOCK):
        parts, of_part = shapely.get_parts(geometries[block], return_index=True)
        rings, of_ring = shapely.get_rings(parts, return_index=True)
        points, of_point = shapely.get_coordinates(rings, return_index=True)
        same = of_point[1:] == of_point[:-1]
        yield block[of_part[of_ring[of_point[:-1][same]]]], points[:-1][same], points[1:][same]


def _edge_cells(geometries: NDArray[Any], frame: Frame) -> Ints:
    """Returns rank * cells + cell for every cell that an edge of a geometry meets, ascending, each once."""
    size = np.array([1 / frame.per_x, 1 / frame.per_y])
    found = []
    for ranks, begins, ends in _edges(geometries):
        pieces = np.maximum(np.ceil((np.abs(ends - begins) / size).max(axis=1)), 1).astype(np.int64)
        met = [_cells_met(ranks[part], begins[part], ends[part], pieces[part], frame) for part in _portions(pieces, BLOCK)]
        found.append(np.unique(np.concatenate(met)))
    return np.concatenate(found)


def _portions(sizes: Ints, most: int) -> list[Ints]:
    """Splits positions so that the sizes of one portion sum to about `most`."""
    return np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(np.cumsum(sizes) // most)) + 1)


def _count_up(lengths: Ints) -> tuple[Ints, Ints]:
    """Returns, for runs of these lengths laid end to end, each element's run and its place in the run."""
    run = np.repeat(np.arange(len(lengths)), lengths)
    return run, np.arange(len(run)) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _cells_met(ranks: Ints, begins: Floats, ends: Floats, pieces: Ints, frame: Frame) -> Ints:
    """Cuts edges into pieces no longer than a cell and returns the cells of each piece's box.

    The boxes are widened by far more than rounding can move a cut.
    """
    slack = np.maximum(np.array([1 / frame.per_x, 1 / frame.per_y]) * 1e-6, 1e-12)
    edge, nth = _count_up(pieces)
    step = ((ends - begins) / pieces[:, None])[edge]
    starts = begins[edge] + step * nth[:, None]
    stops = np.where((nth + 1 == pieces[edge])[:, None], ends[edge], starts + step)
    low, high = np.minimum(starts, stops) - slack, np.maximum(starts, stops) + slack
    left, right = (frame.columns_of(side[:, 0]).astype(np.int64) for side in (low, high))
    bottom, top = (frame.rows_of(side[:, 1]).astype(np.int64) for side in (low, high))
    keys = ranks[edge] * (frame.columns * frame.rows)
    found = []
    for over in range(int((right - left).max()) + 1):
        for up in range(int((top - bottom).max()) + 1):
            met = (left + over <= right) & (bottom + up <= top)
            found.append(keys[met] + (bottom[met] + up) * frame.columns + left[met] + over)
    return np.concatenate(found)


def _whole_cells(geometries: NDArray[Any], frame: Frame, keys: Ints) -> Ints:
    """Returns for each cell the least rank of a geometry that has it wholly, or the number of geometries.

    Cells of one row between two edge cells of a geometry are all inside or all outside, so one point settles each such run.
    """
    total = frame.columns * frame.rows
    whole = np.full(total, len(geometries), dtype=np.int64)
    gap = np.flatnonzero((np.diff(keys) > 1) & (keys[1:] // frame.columns == keys[:-1] // frame.columns))
    ranks, first = np.divmod(keys[gap] + 1, total)
    lengths = keys[gap + 1] - keys[gap] - 1
    inside = shapely.contains_xy(geometries[ranks], *frame.middle(first))
    ranks, first, lengths = ranks[inside][::-1], first[inside][::-1], lengths[inside][::-1]
    for part in _portions(lengths, MOST_CELLS):
        run, nth = _count_up(lengths[part])
        whole[first[part][run] + nth] = ranks[part][run]
    return whole
