"""The fictional directory of the demo: large enough, reaching nobody real, with something of every case."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from geoalert.alert.audience import AudienceRule
from geoalert.area import Area
from geoalert.boundaries.folder import boundaries_folder
from geoalert.directory.check import check_directory
from geoalert.directory.load import read_directory
from geoalert.directory.model import Directory
from geoalert.directory.select import select
from geoalert.targeting import survey

PROJECT = boundaries_folder() / "toronto-demo" / "project"


@pytest.fixture(scope="module")
def directory() -> Directory:
    """The demo's directory, its venues reached through the `posts` account."""
    return read_directory(
        channels=[PROJECT / "channels.csv"],
        venues=[PROJECT / "venues.csv"],
        units=PROJECT / "units.csv",
        accounts=("posts", "screen"),
        venue_accounts={"email": "posts", "sms": "screen"},
    )


def test_the_demo_is_large_and_reaches_nobody_real(directory: Directory) -> None:
    """At least 60 venues and 20 channels; every contact is an example domain or a 555-01xx number."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(PROJECT).glob("*.csv")))

    assert len(directory.venues) >= 60
    assert len(directory.channels) >= 20
    assert all(domain.endswith(".example") for domain in re.findall(r"@([\w.-]+)", text))
    assert all(re.fullmatch(r"(\+1 )?416-555-01\d\d", number) for number in re.findall(r"(?:\+1 )?\d{3}-\d{3}-\d{4}", text))
    assert directory.unit("sex-crimes", date(2027, 3, 12)) is not None


def test_the_demo_shows_every_case(directory: Directory) -> None:
    """Chosen and skipped for each reason, reached, visited, near misses: the plan has something to explain."""
    from geoalert.boundaries.load import read_layer

    layers = [
        read_layer(PROJECT.parent / "divisions.geojson", name="division", id="id", label="name"),
        read_layer(PROJECT.parent / "neighbourhoods.geojson", name="neighbourhood", id="id", label="name"),
    ]
    area = Area.circle(lon=-79.39660, lat=43.64867, radius_m=600)
    on = date(2027, 3, 12)

    found = select(
        directory,
        area,
        survey(area, layers),
        alert_kind="suspect_appeal",
        scope="restricted",
        audience=AudienceRule(categories=("nightlife.*", "food.*")),
        layers=layers,
        on=on,
    )
    report = check_directory(directory, layers, ("posts", "screen"), on)

    assert report.sound
    assert sum(one.chosen for one in found.selections if one.kind == "channel") >= 8
    assert sum(one.chosen for one in found.selections if one.kind == "venue") >= 20
    assert len(found.visit_list) >= 5
    reasons = " | ".join(one.reason for one in found.skipped)
    for part in (
        "does not meet",
        "public channel",
        "not suspect_appeal",
        "expired on",
        "valid from",
        "withdrawn",
        "no consent",
        "reached once",
        "closed on",
        "wanted categories",
        "outside the area by",
    ):
        assert part in reasons
    assert any(one.distance_m and one.distance_m < 300 for one in found.skipped)
