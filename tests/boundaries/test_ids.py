"""Natural order, and look-ups that forgive the ways people write one id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.boundaries.ids import VERBATIM, IdRule, id_text, natural_key, positions_by_key
from geoalert.errors import BoundaryError

IDS = st.text(st.sampled_from("AaBd019 .-()"), max_size=8)


@pytest.mark.parametrize(
    "ordered",
    [
        ["D9", "D10", "D11", "D100"],
        ["2", "014", "14", "097", "100"],
        ["1", "1A", "1B", "2", "10A"],
        ["A1", "A2", "A10", "B1"],
        ["7", "A7"],
        ["9" * 5000, "1" + "0" * 5000],
    ],
)
def test_natural_order(ordered: list[str]) -> None:
    """Digits count as numbers, however long."""
    shuffled = ordered[1:] + ordered[:1]
    assert sorted(shuffled, key=natural_key) == ordered


@given(IDS, IDS)
def test_natural_order_is_total(one: str, other: str) -> None:
    """Only equal texts have equal keys."""
    assert (natural_key(one) == natural_key(other)) == (one == other)


@pytest.mark.parametrize(
    ("value", "text"),
    [("097", "097"), (97, "97"), (97.0, "97"), (97.5, "97.5"), (None, None), (True, None), (float("nan"), None), ([], None), ("", "")],
)
def test_numbers_are_read_as_their_digits(value: object, text: str | None) -> None:
    """Excel's 97.0 is 97; what is no id at all is None."""
    assert id_text(value) == text


@pytest.mark.parametrize(
    ("ids", "spellings"),
    [
        (
            ["097", "098"],
            ["097", "97", "97.0", " 97 ", "Yonge-St.Clair (97)", "Yonge-St.Clair ( 097 )", "Hood 97", "Neighbourhood 97", "９７"],
        ),
        (["97", "98"], ["097", "97.0", "Yonge-St.Clair (97)"]),
        (
            ["D14", "D52"],
            [
                "14",
                "d14",
                "D-14",
                "D 14",
                "D014",
                "14.0",
                "14 Division",
                "Division 14",
                "division  14",
                "Div. 14",
                "Div 14",
                "D14 Division",
            ],
        ),
        (["14 Division", "52 Division"], ["D14", "14", "Division 14", "14 Div"]),
        (["14", "52"], ["D14", "14th Precinct", "Precinct No. 14", "14 Pct"]),
        (["0111", "1011"], ["111", "0111", "Beat 0111", "0111.0"]),
        (["M5V", "M6K"], ["m5v", "M5V ", "5v"]),
        (["MN12", "BK12"], ["mn12", "MN-12", "MN012"]),
        (["MN0101", "BK0101"], ["MN0101", "mn0101", "MN 0101"]),
        (["Annex", "Rosedale"], ["annex", " Annex ", "ANNEX"]),
        (["14A", "14B"], ["014a", "14 Division".replace(" Division", "A")]),
        (["A1", "B1", "1"], ["a1", "A-01", "A 1"]),
    ],
)
def test_spellings_of_the_first_id(ids: list[str], spellings: list[str]) -> None:
    """Each finds the first id and no other."""
    rule = IdRule.of(ids)
    keys = positions_by_key(ids, rule, layer="x")
    assert [keys.get(rule.normalise(spelling)) for spelling in spellings] == [0] * len(spellings)


@pytest.mark.parametrize(
    ("ids", "spelling"),
    [
        (["D14", "D52"], "W14"),
        (["D14", "D52"], "D1"),
        (["D14", "D52"], "1.4"),
        (["D14", "D52"], "14A"),
        (["D14", "D52"], "Annex"),
        (["14", "52"], "W14"),
        (["A1", "B1"], "1"),
        (["MN12", "BK13"], "12"),
        (["10", "1"], "1.5"),
        (["1A", "2A"], "1"),
        (["Annex (north)", "Annex (south)"], "Annex"),
        (["14", "52"], "NSA"),
    ],
)
def test_spellings_that_are_no_id(ids: list[str], spelling: str) -> None:
    """A letter more, another letter or a fraction is another place."""
    rule = IdRule.of(ids)
    assert rule.normalise(spelling) not in positions_by_key(ids, rule, layer="x")


@pytest.mark.parametrize(
    "ids",
    [
        ["A1", "B1", "1"],
        ["MN12", "BK12", "QN12"],
        ["0111", "0112", "1110"],
        ["W1", "W2", "E1"],
        ["1A", "1B"],
        ["10", "1.0.1", "1.5"],
        ["MN0101", "MN1001", "MN0110"],
        ["Annex (north)", "Annex (south)"],
    ],
)
def test_ids_that_only_look_alike_live_in_one_layer(ids: list[str]) -> None:
    """The rule joins spellings, not places."""
    keys = positions_by_key(ids, IdRule.of(ids), layer="x")
    assert len(keys) == len(ids)


def test_the_verbatim_rule_joins_nothing() -> None:
    """Layers whose ids differ by case or zeros can say so."""
    assert positions_by_key(["a", "A", "1", "01"], VERBATIM, layer="x") == {"a": 0, "A": 1, "1": 2, "01": 3}
    assert "as written" in VERBATIM.describe()


@given(st.lists(IDS, min_size=1, max_size=6, unique=True), IDS)
def test_every_id_finds_itself_or_is_refused(ids: list[str], other: str) -> None:
    """No id is reachable only under another spelling, and the key of a key is the key."""
    rule = IdRule.of(ids)
    assert rule.normalise(rule.normalise(other)) == rule.normalise(other)
    if len({rule.normalise(text) for text in ids}) < len(ids):
        with pytest.raises(BoundaryError, match="are one id"):
            positions_by_key(ids, rule, layer="x")
        return
    keys = positions_by_key(ids, rule, layer="x")
    assert [keys[rule.normalise(text)] for text in ids] == list(range(len(ids)))
