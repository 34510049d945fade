"""Which edition of a layer holds on a day, and what a retired id says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from shapely.geometry import box

from geoalert.boundaries.model import Layer
from geoalert.boundaries.versions import Editions, editions_of, open_ended
from geoalert.errors import BoundaryError, LayerNotFound
from tests.layers import geojson_layer


def _edition(version: str | None, ids: str, *, since: date | None = None, until: date | None = None, name: str = "beat") -> Layer:
    """Boundaries of one breadth side by side, which fill the same ground in every edition."""
    each = 0.12 / len(ids.split())
    shapes = [box(10 + at * each, 50, 10 + (at + 1) * each, 50.01) for at in range(len(ids.split()))]
    return Layer(name=name, ids=ids.split(), geometries=shapes, version=version, valid_from=since, valid_to=until)


FIRST = _edition("1990", "1 2", until=date(1999, 12, 31))
SECOND = _edition("2000", "1 3 4", since=date(2000, 1, 1), until=date(2009, 12, 31))
THIRD = _edition("2010", "1 5 6 7", since=date(2010, 1, 1), until=date(3000, 1, 1))
EDITIONS = Editions([THIRD, FIRST, SECOND])


@pytest.fixture(scope="module")
def hoods(shared: Path) -> Editions:
    """The two neighbourhood models of Toronto."""
    folder = shared / "data/toronto_boundaries"
    columns = {"name": "neighbourhood", "id": "AREA_SHORT_CODE", "label": "AREA_NAME"}
    return Editions(
        [
            geojson_layer(folder / "neighbourhoods_140.geojson", **columns, version="140", valid_to=date(2022, 4, 11)),
            geojson_layer(folder / "neighbourhoods_158.geojson", **columns, version="158", valid_from=date(2022, 4, 12)),
        ]
    )


@pytest.mark.parametrize(
    ("day", "open"),
    [
        (None, True),
        (date(3000, 1, 1), True),
        (date(9999, 12, 31), True),
        (date(2099, 12, 31), True),
        (datetime(2999, 12, 31, tzinfo=UTC), True),
        (date(2099, 12, 30), False),
        (date(2027, 3, 12), False),
    ],
)
def test_sentinels_are_no_last_day(day: date | None, open: bool) -> None:
    """A last day that nobody means is none."""
    assert open_ended(day) is open


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(1900, 1, 1), "1990"),
        (date(1999, 12, 31), "1990"),
        (date(2000, 1, 1), "2000"),
        (date(2009, 12, 31), "2000"),
        (datetime(2010, 1, 1, 23, 59, tzinfo=UTC), "2010"),
        (date(2027, 3, 12), "2010"),
        (date(3500, 1, 1), "2010"),
    ],
)
def test_one_edition_holds_on_a_day(day: date, version: str) -> None:
    """First and last days belong to an edition, whatever order they were given in."""
    assert EDITIONS.as_of(day).version == version


def test_a_day_between_editions_is_refused() -> None:
    """A gap names every edition there is."""
    with pytest.raises(
        BoundaryError, match=r"no edition .* holds on 2005-01-01: 1990, open to 1999-12-31; 2010, 2010-01-01 to open"
    ) as caught:
        Editions([FIRST, THIRD]).as_of(date(2005, 1, 1))

    assert caught.value.code == "no_edition"


def test_a_day_on_which_two_hold_is_refused() -> None:
    """An older edition that was never ended is not silently passed over."""
    endless = _edition("2000", "1 3 4", since=date(2000, 1, 1), until=date(9999, 12, 31))

    with pytest.raises(BoundaryError, match="2 editions of layer beat hold on 2015-01-01") as caught:
        Editions([endless, THIRD]).as_of(date(2015, 1, 1))

    assert caught.value.code == "no_edition"
    assert "valid_to" in str(caught.value.do)


@pytest.mark.parametrize(
    ("layers", "code"),
    [
        ([], "no_edition"),
        ([FIRST, _edition("2000", "1 2", name="sector")], "edition_name"),
        ([FIRST, _edition("1990", "1 2", since=date(2000, 1, 1))], "duplicate_edition"),
    ],
)
def test_what_are_no_editions_of_one_layer_is_refused(layers: list[Layer], code: str) -> None:
    """Editions have one name and differing versions."""
    with pytest.raises(BoundaryError) as caught:
        Editions(layers)

    assert caught.value.code == code


def test_a_retired_id_says_what_replaced_it() -> None:
    """The nearest older edition that had the id is compared with the one of the day."""
    with pytest.raises(LayerNotFound) as caught:
        EDITIONS.find("2", as_of=date(2015, 1, 1))

    assert caught.value.code == "retired_id"
    assert "2 of layer beat edition 1990 was retired; its ground is now 6 50%, 7 50%" in str(caught.value)


def test_the_latest_edition_that_had_an_id_is_the_one_compared() -> None:
    """Not an older one, in which the id meant other ground."""
    last = _edition("2020", "8 9", since=date(2020, 1, 1))
    middle = _edition("2010", "7 2", since=date(2010, 1, 1), until=date(2019, 12, 31))
    first = _edition("2000", "2 7", until=date(2009, 12, 31))

    with pytest.raises(LayerNotFound, match=r"2 of layer beat edition 2010 was retired; its ground is now 9 100%"):
        Editions([first, middle, last]).find("2", as_of=date(2027, 1, 1))


@pytest.mark.parametrize("day", [None, "2015-01-01", 2015])
def test_what_is_no_date_is_refused(day: object) -> None:
    """By code, before any comparison."""
    with pytest.raises(BoundaryError) as caught:
        EDITIONS.as_of(day)

    assert caught.value.code == "not_a_date"


@pytest.mark.parametrize("day", [date(2010, 1, 1), date(3500, 1, 1), datetime(3500, 1, 1, tzinfo=UTC).date()])
def test_a_layer_and_its_editions_agree_on_sentinels(day: date) -> None:
    """What holds for one holds for both."""
    assert THIRD.valid_on(day)
    assert EDITIONS.as_of(day) is THIRD
    assert not FIRST.valid_on(day)


def test_an_id_of_a_later_edition_says_from_when() -> None:
    """An id that is not yet there is no unknown one."""
    with pytest.raises(LayerNotFound, match="Ask as of 2010-01-01 or later") as caught:
        EDITIONS.find("6", as_of=date(2005, 1, 1))

    assert caught.value.code == "later_id"


def test_an_id_of_no_edition_is_unknown() -> None:
    """The error is the layer's own, with the nearest three."""
    with pytest.raises(LayerNotFound, match="nearest") as caught:
        EDITIONS.find("88", as_of=date(2015, 1, 1))

    assert caught.value.code == "unknown_boundary"


def test_layers_are_grouped_by_name() -> None:
    """A project's layers as of a day are one edition of each name, in the project's order."""
    wards = _edition(None, "1 2 3", name="ward")

    found = editions_of([THIRD, wards, FIRST, SECOND])

    assert [each.as_of(date(2005, 1, 1)) for each in found.values()] == [SECOND, wards]


def test_a_crosswalk_is_computed_once() -> None:
    """Asking again gives the same table; a layer from elsewhere gives none."""
    assert EDITIONS.crosswalk(FIRST, THIRD) is EDITIONS.crosswalk(FIRST, THIRD)
    with pytest.raises(BoundaryError, match="not one of the editions"):
        EDITIONS.crosswalk(FIRST, _edition("2020", "1"))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2021, 6, 1), "Waterfront Communities-The Island (77)"),
        (date(2022, 4, 11), "Waterfront Communities-The Island (77)"),
        (date(2022, 4, 12), "Wellington Place"),
        (date(2023, 6, 1), "Wellington Place"),
    ],
)
def test_queen_and_spadina_changed_its_neighbourhood(hoods: Editions, day: date, label: str) -> None:
    """The same point is in 77 before 12 April 2022, in 164 from then on."""
    layer = hoods.as_of(day)

    assert layer.labels[layer.locate(-79.39660, 43.64867)] == label


@pytest.mark.shared
@pytest.mark.parametrize("written", ["77", 77, "077", "Waterfront Communities-The Island (77)"])
def test_the_old_waterfront_names_its_three_successors(hoods: Editions, written: object) -> None:
    """Neighbourhood 77 of the 140 model is now 166, 165 and 164, and says so however it is written."""
    with pytest.raises(LayerNotFound, match=r"166 \(.*\) 84%, 165 \(.*\) 8%, 164 \(Wellington Place\) 7%") as caught:
        hoods.find(written, as_of=date(2023, 6, 1))

    assert caught.value.code == "retired_id"


@pytest.mark.shared
def test_an_id_that_stayed_is_found_in_both(hoods: Editions) -> None:
    """Neighbourhood 94 is Wychwood on any day."""
    assert hoods.find("94", as_of=date(2021, 6, 1)).label == "Wychwood (94)"
    assert hoods.find("94", as_of=date(2023, 6, 1)).label == "Wychwood"
