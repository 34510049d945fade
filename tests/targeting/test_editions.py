"""Rules that name the edition of a layer that they were made with."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from shapely.geometry import box

from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.boundaries.versions import Editions
from geoalert.errors import BoundaryError
from geoalert.targeting import area_from_rule
from geoalert.targeting.editions import DayLayers

OLD = Layer(
    name="beat",
    ids=["1", "2"],
    geometries=[box(10, 50, 10.1, 50.1), box(10.1, 50, 10.2, 50.1)],
    version="1990",
    valid_to=date(1999, 12, 31),
)
NEW = Layer(
    name="beat",
    ids=["1", "2"],
    geometries=[box(10, 50, 10.05, 50.1), box(10.05, 50, 10.2, 50.1)],
    version="2000",
    valid_from=date(2000, 1, 1),
)
LAYERS = DayLayers({"beat": NEW}, editions={"beat": Editions([OLD, NEW])}.get)
RULE = {"type": "named", "layer": "beat", "ids": ["1"]}


@pytest.mark.parametrize(
    ("told", "edition"),
    [
        ({}, NEW),
        ({"version": "2000"}, NEW),
        ({"version": "1990"}, OLD),
        ({"layer_digest": OLD.digest}, OLD),
        (Area.named(OLD, "1").rule, OLD),
    ],
)
def test_a_rule_is_read_in_the_edition_that_it_names(told: dict[str, Any], edition: Layer) -> None:
    """By version or digest; the day's where it names none."""
    assert area_from_rule(RULE | told, layers=LAYERS) == Area.named(edition, "1")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"version": "1980"}, "version"),
        ({"version": "2000", "layer_digest": "0" * 64}, "layer_digest"),
        (Area.named(OLD, "1").rule, "layer_digest"),
    ],
)
def test_an_edition_that_is_not_at_hand_is_refused(told: dict[str, Any], field: str) -> None:
    """Both are named, so that nobody alerts other ground than was drawn."""
    with pytest.raises(BoundaryError, match=r"the rule names .*, at hand is version 2000") as refused:
        area_from_rule(RULE | told, layers={"beat": NEW})

    assert (refused.value.code, refused.value.field) == ("layer_changed", field)
    assert (told.get("version") or "000000000000") in str(refused.value)
    assert NEW.digest[:12] in str(refused.value)
    assert refused.value.do
