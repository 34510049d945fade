"""A first channels.csv from a layer, and what a check says about a directory."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shapely import box

from geoalert.boundaries.model import Layer
from geoalert.directory.check import check_directory
from geoalert.directory.load import read_channels
from geoalert.directory.model import Directory
from geoalert.directory.template import channels_template
from geoalert.errors import DirectoryError

Make = Callable[..., Any]


def test_the_template_has_one_row_per_boundary_in_natural_order(layers: dict[str, Layer]) -> None:
    """Header, ids, labels and speaks_for are there; contacts are for people to fill in."""
    lines = channels_template(layers["division"]).splitlines()

    assert lines[0].startswith("id,name,account,address,scope,speaks_for")
    assert [line.split(",")[0] for line in lines[1:]] == ["division-d11", "division-d14", "division-d52"]
    assert lines[3] == "division-d52,Ex Three,,,restricted,division:D52,,,,,,,"


def test_a_filled_in_template_reads(layers: dict[str, Layer], tmp_path: Path) -> None:
    """Blank accounts are asked for; filled in, every row is a channel of its boundary."""
    path = tmp_path / "channels.csv"
    path.write_text(channels_template(layers["division"]))
    with pytest.raises(DirectoryError, match="account is blank; 2 more rows fail"):
        read_channels(path)

    path.write_text(channels_template(layers["division"], account="posts", languages=("en", "fr")).replace("posts,,", "posts,x,"))

    assert [one.speaks_for for one in read_channels(path, layers=layers)] == [(("division", key),) for key in ("D11", "D14", "D52")]


def test_template_ids_stay_apart_where_boundary_ids_look_alike() -> None:
    """Two ids that differ by a sign only get two channel ids."""
    layer = Layer(name="beat", ids=["A-x", "A x", 'Ä, "7"'], geometries=[box(n, 0, n + 1, 1) for n in range(3)])

    lines = channels_template(layer).splitlines()[1:]

    assert sorted(line.split(",")[0] for line in lines) == ["beat-a-x", "beat-a-x-2", "beat-ä-7"]


@pytest.mark.parametrize(
    ("changed", "level", "code"),
    [
        ({"speaks_for": (("division", "D99"),)}, "refuse", "unknown_boundary"),
        ({"speaks_for": (("divison", "D52"),)}, "refuse", "unknown_layer"),
        ({"account": "other"}, "refuse", "unknown_account"),
        ({"kinds": ("parade",)}, "refuse", "unknown_kind"),
        ({"speaks_for": ()}, "warn", "speaks_for_nothing"),
        ({"valid_to": date(2027, 1, 1)}, "warn", "expired"),
        ({"valid_from": date(2028, 1, 1)}, "warn", "not_yet_valid"),
        ({"consent": ""}, "warn", "no_consent"),
        ({"consent": "letter-1", "consented": date(2024, 1, 1)}, "warn", "old_consent"),
    ],
)
def test_a_check_names_what_is_wrong_with_a_channel(
    channel: Make, layers: dict[str, Layer], on: date, changed: dict[str, Any], level: str, code: str
) -> None:
    """Dead ids, unknown names, run-out validity and consent: each with its channel."""
    report = check_directory(Directory((channel(**changed),)), layers, ("posts",), on)

    found = next(finding for finding in report.findings if finding.code == code)
    assert (found.level, found.where) == (level, "ed-bia")
    assert report.sound is (level != "refuse")


def test_a_check_names_boundaries_that_no_usable_channel_speaks_for(channel: Make, layers: dict[str, Layer], on: date) -> None:
    """An expired channel covers nothing; a whole-layer channel covers all."""
    rows = channel(id="a"), channel(id="b", speaks_for=(("division", "14"),), valid_to=date(2027, 1, 1))

    report = check_directory(Directory(rows), layers, None, on)
    whole = check_directory(Directory((*rows, channel(id="c", speaks_for=(("division", "*"),)))), layers, None, on)

    texts = {finding.code: finding.text for finding in report.findings}
    assert texts["uncovered_boundary"] == "no usable channel speaks for 2 of 3 boundaries of division: D11, D14"
    assert texts["uncovered_layer"] == "no usable channel speaks for any boundary of neighbourhood"
    assert "uncovered_boundary" not in [finding.code for finding in whole.findings]


def test_a_check_counts_venues_and_finds_doubles(channel: Make, venue: Make, layers: dict[str, Layer], on: date) -> None:
    """Doubles, missing consents and the accounts of venues are told; the report is JSON."""
    directory = Directory(
        (channel(id="a", address="x"), channel(id="b", address="X")),
        (
            venue(id="v-1"),
            venue(id="v-2", name="example  club", consent=""),
            venue(id="v-3", lon=-79.4, closed_on=date(2026, 1, 1), opening_hours="24/7"),
            venue(id="v-4", lon=-79.41, consented=date(2020, 1, 1)),
        ),
        venue_accounts={"email": "nowhere"},
    )

    report = check_directory(directory, layers.values(), ("posts",), on)

    codes = [finding.code for finding in report.findings]
    assert {"duplicate_address", "duplicate_venue", "unknown_account", "no_consent", "old_consent"} <= set(codes)
    assert (report.counts["channels"], report.counts["venues"], report.counts["venues_closed"]) == (2, 4, 1)
    assert (report.counts["venues_with_consented_contact"], report.counts["venues_without_hours"]) == (3, 3)
    assert json.loads(json.dumps(report.to_dict()))["sound"] is False


def test_a_check_names_every_venue_that_fits_only_otherwise(layers: dict[str, Layer], venue: Make, on: date) -> None:
    """What was read without layers is held against them here: a lost sign is a refusal, a place far away is not."""
    far = venue(id="far", lon=-75.7, lat=45.4)
    wrong = venue(id="sign", lon=79.39511)

    report = check_directory(Directory(venues=(venue(), far, wrong)), layers, None, on)

    assert [(one.code, one.where) for one in report.findings if one.level == "refuse"] == [("sign_lost", "sign")]
