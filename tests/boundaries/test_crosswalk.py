"""What became of each boundary between two editions."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geoalert.boundaries.crosswalk import COLUMNS, Crosswalk, crosswalk
from geoalert.boundaries.model import Layer
from geoalert.errors import BoundaryError, LayerNotFound
from tests.layers import geojson_layer, toronto_divisions, toronto_neighbourhoods, toronto_neighbourhoods_140

SPLIT = {
    "14": "159 158", "17": "160 161", "26": "155 154", "45": "149 150", "51": "152 153 151", "75": "168 167", "76": "170 169",
    "77": "166 165 164", "82": "163 162", "93": "171 172", "104": "174 173", "117": "148 147", "127": "156 157", "131": "144 143",
    "132": "146 145", "137": "142 141",
}  # fmt: skip


def _layer(*bounds: tuple[str, float, float], version: str | None = None) -> Layer:
    """Boundaries side by side: id, first and last hundredth of a degree of longitude."""
    return Layer(
        name="beat",
        ids=[each for each, _, _ in bounds],
        geometries=[box(10 + west / 100, 50, 10 + east / 100, 50.01) for _, west, east in bounds],
        version=version,
    )


OLD = _layer(("1", 0, 1), ("2", 1, 2), ("3", 2, 4), version="old")
NEW = _layer(("1", 0, 1), ("2", 1, 2.5), ("4", 2.5, 3.5), ("5", 3.5, 4), version="new")


@pytest.fixture(scope="module")
def hoods(shared: Path) -> Crosswalk:
    """The crosswalk of the two neighbourhood models of Toronto."""
    return crosswalk(toronto_neighbourhoods_140(shared), toronto_neighbourhoods(shared))


def test_shares_are_of_the_ground() -> None:
    """Each row says which part of the old and of the new boundary the two have in common."""
    rows = crosswalk(OLD, NEW).replacements("3")

    assert [(row.new_id, round(row.share_of_old, 6), round(row.share_of_new, 6)) for row in rows] == [
        ("4", 0.5, 1.0),
        ("2", 0.25, 0.333333),
        ("5", 0.25, 1.0),
    ]


def test_ids_are_retired_introduced_unchanged_or_changed() -> None:
    """Every id of either edition is in one of the four."""
    found = crosswalk(OLD, NEW)

    assert (found.retired, found.introduced, found.unchanged, found.changed) == (("3",), ("4", "5"), ("1",), ("2",))


@pytest.mark.parametrize("written", ["3", "03", "3.0", "Beat 3"])
def test_replacements_take_an_id_as_people_write_it(written: str) -> None:
    """The older edition's own id rule applies."""
    assert len(crosswalk(OLD, NEW).replacements(written)) == 3


def test_an_id_that_never_was_is_refused() -> None:
    """An unknown id has no empty list of replacements."""
    with pytest.raises(LayerNotFound, match="no boundary '9'") as caught:
        crosswalk(OLD, NEW).replacements("9")

    assert caught.value.code == "unknown_boundary"


def test_slivers_are_listed_apart() -> None:
    """Ground below the least share of both boundaries is a sliver, and shared edges are nothing."""
    moved = _layer(("1", 0, 1.005), ("2", 1.005, 2), ("3", 2, 4))

    found = crosswalk(OLD, moved)

    assert [(row.old_id, row.new_id) for row in found.rows] == [("1", "1"), ("2", "2"), ("3", "3")]
    assert [(row.old_id, row.new_id) for row in found.slivers] == [("2", "1")]
    assert found.unchanged == ("1", "2", "3")


def test_no_sliver_counts_where_the_least_share_is_zero() -> None:
    """With a least share of 0 every common ground is a row."""
    moved = _layer(("1", 0, 1.005), ("2", 1.005, 2), ("3", 2, 4))

    found = crosswalk(OLD, moved, least_share=0)

    assert len(found.rows) == 4
    assert not found.slivers


@pytest.mark.parametrize("share", [-0.1, 0.6, float("nan")])
def test_a_least_share_out_of_range_is_refused(share: float) -> None:
    """A least share is 0 to 0.5."""
    with pytest.raises(BoundaryError) as caught:
        crosswalk(OLD, NEW, least_share=share)

    assert caught.value.code == "share_out_of_range"


def test_csv_and_json_hold_every_row() -> None:
    """Both forms are read back to the rows."""
    found = crosswalk(OLD, NEW)

    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    document = json.loads(json.dumps(found.to_dict()))

    assert tuple(rows[0]) == COLUMNS
    assert [row["new_id"] for row in rows] == [row.new_id for row in found.rows] == [row["new_id"] for row in document["rows"]]
    assert document["retired"] == ["3"]
    assert document["old"]["version"] == "old"


@given(st.permutations(range(3)), st.permutations(range(4)))
def test_row_order_of_the_files_does_not_matter(old: list[int], new: list[int]) -> None:
    """The same editions give the same bytes."""
    shuffled = [
        Layer(name="beat", ids=layer.ids[order], geometries=layer.geometries[order], version=layer.version)
        for layer, order in ((OLD, old), (NEW, new))
    ]

    assert crosswalk(*shuffled).to_dict() == crosswalk(OLD, NEW).to_dict()


@given(st.sets(st.integers(1, 49), min_size=1, max_size=8), st.sets(st.integers(1, 49), min_size=1, max_size=8))
def test_the_shares_of_any_two_partitions_add_up(old: set[int], new: set[int]) -> None:
    """Where both editions fill the same ground, no part of an old or a new boundary is lost or counted twice."""
    layers = []
    for cuts in (old, new):
        ends = [0, *sorted(cuts), 50]
        layers.append(_layer(*((f"B{at}", west, east) for at, (west, east) in enumerate(pairwise(ends)))))

    rows = crosswalk(*layers, least_share=0).rows

    for layer, field, share in ((layers[0], "old_id", "share_of_old"), (layers[1], "new_id", "share_of_new")):
        for each in layer.ids:
            assert sum(getattr(row, share) for row in rows if getattr(row, field) == each) == pytest.approx(1, abs=1e-9)


@pytest.mark.shared
def test_sixteen_neighbourhoods_became_thirty_four(hoods: Crosswalk) -> None:
    """Geometry alone finds the 16 retired ids of the 140 model, the 34 new ones, and what each was split into."""
    assert {old: " ".join(row.new_id for row in hoods.replacements(old)) for old in hoods.retired} == SPLIT
    assert hoods.introduced == tuple(str(number) for number in range(141, 175))
    assert (len(hoods.unchanged), hoods.changed) == (123, ("73",))


@pytest.mark.shared
def test_each_new_neighbourhood_lies_in_the_one_it_came_from(hoods: Crosswalk) -> None:
    """A split leaves no new neighbourhood across two old ones."""
    of_new = {row.new_id: row.share_of_new for old in hoods.retired for row in hoods.replacements(old)}

    assert sorted(of_new) == sorted(hoods.introduced)
    assert min(of_new.values()) > 0.99


@pytest.mark.shared
def test_no_ground_is_lost_between_the_models(hoods: Crosswalk) -> None:
    """Rows and slivers of each old neighbourhood add up to it, to a thousandth."""
    for old in hoods.old_ids:
        assert sum(row.share_of_old for row in (*hoods.rows, *hoods.slivers) if row.old_id == old) == pytest.approx(1, abs=1e-3)


@pytest.mark.shared
def test_two_surveys_of_one_model_agree(shared: Path, tmp_path: Path) -> None:
    """The two publishers' 158 neighbourhoods, drawn differently, are one model."""
    import gzip

    packed = shared / "data/toronto_boundaries/neighbourhoods_158_tps.geojson.gz"
    (tmp_path / "police.geojson").write_bytes(gzip.decompress(packed.read_bytes()))
    police = geojson_layer(tmp_path / "police.geojson", name="neighbourhood", id="HOOD_ID", label="AREA_NAME")

    found = crosswalk(police, toronto_neighbourhoods(shared), least_share=0.05)

    assert (found.retired, found.introduced, found.changed) == ((), (), ())


@pytest.mark.shared
def test_the_merged_division_is_found_in_the_one_that_took_it(shared: Path) -> None:
    """D54, here the north of D55 by an invented line, is wholly in D55, which is changed; the other fifteen are not."""
    now = toronto_divisions(shared)
    whole = now["D55"].geometry
    west, south, east, north = whole.bounds
    line = (south + north) / 2
    parts = {"D54": box(west, line, east, north), "D55": box(west, south, east, line)}
    others = [each for each in now.ids if each != "D55"]
    before = Layer(
        name="division",
        ids=[*others, *parts],
        geometries=[*(now[each].geometry for each in others), *(shapely.intersection(whole, part) for part in parts.values())],
    )

    found = crosswalk(before, now)

    (row,) = found.replacements("D54")
    assert (len(before), found.retired, found.introduced, found.changed) == (17, ("D54",), (), ("D55",))
    assert (row.new_id, round(row.share_of_old, 6)) == ("D55", 1.0)
    assert sum(row.share_of_new for row in found.rows if row.new_id == "D55") == pytest.approx(1, abs=1e-6)


def test_less_than_a_square_metre_is_no_common_ground() -> None:
    """What rounding makes of a common edge is no sliver; two square metres are one."""
    metre2 = 1 / (111_240 * 71_695) / 0.01
    old = _layer(("1", 0, 1), ("2", 1, 2))
    shifted = {square_m: _layer(("1", 0, 1 + square_m * metre2 * 100), ("3", 1 + square_m * metre2 * 100, 2)) for square_m in (0.5, 2)}

    slivers = {square_m: [(row.old_id, row.new_id) for row in crosswalk(old, new).slivers] for square_m, new in shifted.items()}

    assert slivers == {0.5: [], 2: [("2", "1")]}
