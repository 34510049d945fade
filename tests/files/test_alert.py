"""alert.toml: read whole, or refused with its line."""

from __future__ import annotations

import copy
import json
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box

from geoalert.alert import Alert
from geoalert.boundaries.model import Layer
from geoalert.errors import AlertError, BoundaryError, GeoAlertError
from geoalert.files.alert import MEDIA_LIMIT_BYTES, read_alert

ALERT = """\
format = 1
id = "S1"
kind = "suspect_appeal"
status = "exercise"
scope = "restricted"
case = "27-9000011"
unit = "sex-crimes"
purpose = "CSPA s.80"
lead = "division:D52"
expires = 2027-03-14T06:00:00
at_expiry = "remove_images"
link = "https://police.example/news/27-9000011"
area = {type = "circle", lon = -79.39660, lat = 43.64867, radius_m = 600}
audience = {categories = ["nightlife.*"], open = [2027-03-12T21:00:00, 2027-03-14T03:30:00], unknown_hours = "list"}
event = {lon = -79.39660, lat = 43.64867}
recorded = {division = "D14"}

[text.en]
event = "Sexual-assault series"
place = "Queen St W and Spadina Ave area"
when = "three Fridays, 11 pm to 2:30 am"
guidance = "Do not approach. Call 9-1-1 if seen."

[[people]]
number = 1
label = "suspect"
age = "25-35"
height_cm = 175
clothing = ["grey hooded jacket", "red-soled shoes"]
[people.restricted]
surname = "Quillfeather"

[[media]]
file = "sketch.png"
class = "composite_sketch"
person = 1
alt.en = "Pencil sketch of a man with a short dark beard"
basis = "CSPA s.80"
remove_by = 2027-03-16T12:00:00
"""


@dataclass(frozen=True)
class Sender:
    """The two settings of a project that an alert takes."""

    agency: str = "Hamilton Example Police"
    time_zone: str = "America/Toronto"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Alert]:
    """Writes alert.toml with replacements, beside a sketch, and reads it."""
    (tmp_path / "sketch.png").write_bytes(b"\x89PNG not looked at here")

    def write_and_read(*replacements: tuple[str, str], layers: Mapping[str, Any] | None = None) -> Alert:
        text = ALERT
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "alert.toml"
        path.write_text(text, encoding="utf-8")
        return read_alert(path, project=Sender(), layers=layers or {})

    return write_and_read


def test_every_field_is_read(read: Callable[..., Alert]) -> None:
    """The example of the file's reference, with local times made instants."""
    alert = read()

    assert (alert.sender, alert.identifier, alert.kind, alert.status, alert.scope) == (
        "Hamilton Example Police", "S1.r1", "suspect_appeal", "exercise", "restricted",
    )  # fmt: skip
    assert (alert.expires, alert.zone) == (datetime(2027, 3, 14, 10, tzinfo=UTC), "America/Toronto")
    assert alert.audience.open == (datetime(2027, 3, 13, 2, tzinfo=UTC), datetime(2027, 3, 14, 7, 30, tzinfo=UTC))
    assert (alert.stated, alert.recorded, alert.event_lon, alert.event_lat) == (
        {"division": "D52"},
        {"division": "D14"},
        -79.3966,
        43.64867,
    )
    assert alert.area.rule["radius_m"] == 600
    assert (alert.people[0].age, alert.people[0].clothing) == ("25-35", ("grey hooded jacket", "red-soled shoes"))
    assert (alert.media[0].person, alert.media[0].remove_by) == (1, datetime(2027, 3, 16, 16, tzinfo=UTC))
    assert alert.restricted.parts() == {"people.1.surname": "Quillfeather"}
    assert "Quillfeather" not in json.dumps(alert.to_dict())


def test_json_says_the_same(read: Callable[..., Alert], tmp_path: Path) -> None:
    """The same fields, times as ISO 8601 text."""
    alert = read()
    document = tomllib.loads(ALERT)
    path = tmp_path / "alert.json"
    path.write_text(json.dumps(document, default=lambda value: value.isoformat() if isinstance(value, date) else None), encoding="utf-8")

    assert read_alert(path, project=Sender(), layers={}).to_dict() == alert.to_dict()


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        ('accept_area = "province-wide"', {"size": "province-wide"}),
        ('accept = {size = "province-wide"}', {"size": "province-wide"}),
        ('accept = {overshoot = "one feed", outside_city = "told"}', {"outside_city": "told", "overshoot": "one feed"}),
        ('accept_area = "province-wide"\naccept = {unreached = "at night"}', {"size": "province-wide", "unreached": "at night"}),
    ],
)
def test_reasons_are_read_by_measure(read: Callable[..., Alert], told: str, reasons: dict[str, str]) -> None:
    """`accept_area` is the size's; a copy of the alert keeps them, and `accepting` adds to them."""
    alert = read(("at_expiry =", f"{told}\nat_expiry ="))

    assert dict(alert.accept) == alert.to_dict()["accept"] == reasons
    assert dict(copy.deepcopy(alert).accept) == reasons
    assert dict(alert.accepting({"size": "more"}).accept) == {**reasons, "size": "more"}


@pytest.mark.parametrize(
    ("old", "new", "code", "row", "field"),
    [
        ('case = "27', 'accept = {outside = "x"}\ncase = "27', "unknown_field", 6, "accept.outside"),
        ('case = "27', 'accept = {size = " "}\ncase = "27', "missing_text", 6, "accept.size"),
        ('case = "27', 'accept_area = "x"\naccept = {size = "y"}\ncase = "27', "accept_twice", 6, "accept_area"),
        ('id = "S1"\n', "", "missing_field", None, "id"),
        ("expires = 2027-03-14T06:00:00\n", "", "no_expiry", None, "expires"),
        ("kind =", "knid =", "unknown_field", 3, "knid"),
        ("suspect_appeal", "suspect_apeal", "unknown_kind", 3, "kind"),
        ("exercise", "excercise", "unknown_status", 4, "status"),
        ('scope = "restricted"', 'scope = "secret"', "unknown_scope", 5, "scope"),
        ("expires = 2027-03-14T06:00:00", "expires = 2027-03-14T02:30:00", "missing_time", 10, "expires"),
        ("expires = 2027-03-14T06:00:00", "expires = 2027-11-07T01:30:00", "ambiguous_time", 10, "expires"),
        ("expires = 2027-03-14T06:00:00", "expires = 2027-03-14T06:00:00-05:00", "offset_disagrees", 10, "expires"),
        ("expires = 2027-03-14T06:00:00", "expires = 2027-03-14", "wrong_type", 10, "expires"),
        ("expires = 2027-03-14T06:00:00", "expires = 20270314", "wrong_type", 10, "expires"),
        ("2027-03-14T03:30:00]", "2027-03-14T02:30:00]", "missing_time", 14, "audience.open"),
        ("unknown_hours", "unknown_hour", "unknown_field", 14, "audience.unknown_hour"),
        ("Queen St W and Spadina Ave area", "in this area", "vague_place", 20, "text.en.place"),
        ("[text.en]", "[text.english-please]", "unknown_language", 18, "language"),
        ('when = "three Fridays, 11 pm to 2:30 am"\n', "", "missing_field", 18, "text.en.when"),
        ('label = "suspect"', 'label = "missing"', "label_not_of_kind", 26, "people.1.label"),
        ("height_cm = 175", "height_cm = 5.9", "height_out_of_range", 28, "people.1.height_cm"),
        ("clothing = [", "cloths = [", "unknown_field", 29, "people.1.cloths"),
        ("surname =", "surnam =", "unknown_field", 31, "people.1.restricted.surnam"),
        ("person = 1", "person = 2", "unknown_person", 36, "media.person"),
        ('class = "composite_sketch"', 'class = "drawing"', "unknown_media_class", 35, "class"),
        ('"sketch.png"', '"absent.png"', "media_not_found", 34, "media.1.file"),
        ("lon = -79.39660, lat = 43.64867}", "lon = 0, lat = 0}", "null_island", 15, "event"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    read: Callable[..., Alert], tmp_path: Path, old: str, new: str, code: str, row: int | None, field: str
) -> None:
    """Code, file, line and field."""
    with pytest.raises(GeoAlertError) as refused:
        read((old, new))

    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.row == row or field in ("media.person", "class", "language")
    assert refused.value.file


@pytest.mark.parametrize(
    ("area", "code"),
    [
        ('"../area.toml"', "path_outside"),
        ('{type = "polygon", file = "zone.geojson"}', "file_not_available"),
        ('{type = "circle", near = "Queen St W & Spadina Ave", radius_m = 600}', "near_not_available"),
        ('{type = "circle", lon = -79.3966, lat = 43.64867, radius_m = 0}', "radius_out_of_range"),
        ('{type = "circle", lon = -79.3966, lat = 43.64867, radius = 600}', "unknown_field"),
        ('{type = "circle", lon = "79 W", lat = 43.64867, radius_m = 600}', "wrong_type"),
        ('{type = ["circle"], lon = -79.3966, lat = 43.64867, radius_m = 600}', "wrong_type"),
        ('{type = "union", of = [1, 2]}', "wrong_type"),
        ("600", "wrong_type"),
        ('{type = "named", layer = "division", ids = ["D52"]}', "unknown_layer"),
        ('{type = "circle", lon = -79.3966, lat = 43.64867, radius_m = 1000001}', "radius_out_of_range"),
    ],
)
def test_an_area_that_cannot_be_made_is_refused(read: Callable[..., Alert], area: str, code: str) -> None:
    """What comes with a later release names lon and lat."""
    with pytest.raises(GeoAlertError) as refused:
        read(('{type = "circle", lon = -79.39660, lat = 43.64867, radius_m = 600}', area))

    assert (refused.value.code, refused.value.row) == (code, 13)
    assert code != "near_not_available" or ("lon" in str(refused.value.do) and "lat" in str(refused.value.do))


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "/etc/passwd",
        "a/../../secret.png",
        "..\\\\secret.png",
        "C:/secret.png",
        "link.png",
        "folder/link/x.png",
        "",
        "a\\u0000b",
    ],
)
def test_an_image_outside_the_alerts_folder_is_refused(tmp_path: Path, name: str) -> None:
    """Absolute paths, parents, drives, links and null bytes."""
    folder = tmp_path / "alerts"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "folder" / "link").symlink_to(tmp_path)
    (folder / "alert.toml").write_text(ALERT.replace("sketch.png", name), encoding="utf-8")

    with pytest.raises(AlertError) as refused:
        read_alert(folder / "alert.toml", project=Sender(), layers={})

    assert (refused.value.code, refused.value.field) == ("control_characters" if "u0000" in name else "path_outside", "media.1.file")


def test_an_image_that_cannot_be_read_is_refused(read: Callable[..., Alert], tmp_path: Path) -> None:
    """Too large, empty, a folder, and a pipe that would block for ever."""
    with (tmp_path / "large.png").open("wb") as opened:
        opened.truncate(MEDIA_LIMIT_BYTES + 1)
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")

    codes = []
    for name in ("large", "empty", "folder", "pipe"):
        with pytest.raises(AlertError) as refused:
            read(("sketch.png", f"{name}.png"))
        codes.append(refused.value.code)

    assert codes == ["media_too_large", "media_empty", "media_unreadable", "media_unreadable"]


def test_a_link_within_the_folder_is_followed(read: Callable[..., Alert], tmp_path: Path) -> None:
    """Only what leaves the folder is refused."""
    (tmp_path / "same.png").symlink_to(tmp_path / "sketch.png")

    assert read(("sketch.png", "same.png")).media[0].content == read().media[0].content


@pytest.mark.parametrize(
    ("old", "new", "code", "field", "row", "do"),
    [
        ('"division:D52"', '"division:D99"', "unknown_boundary", "lead", 9, "The nearest are "),
        ('"division:D52"', '"divison:D52"', "unknown_layer", "lead", 9, "Did you mean division?"),
        ('division = "D14"', 'division = "D1"', "unknown_boundary", "recorded.division", 16, "The nearest are "),
        ('division = "D14"', 'beat = "D14"', "unknown_layer", "recorded.beat", 16, "The layers are division"),
    ],
)
def test_a_boundary_that_no_layer_has_is_named_where_it_was_written(
    read: Callable[..., Alert], tmp_path: Path, old: str, new: str, code: str, field: str, row: int, do: str
) -> None:
    """File, line, field and the nearest: before anything is measured."""
    squares = [box(-79.42, 43.63, -79.396, 43.67), box(-79.396, 43.63, -79.37, 43.67)]
    layers = {"division": Layer(name="division", ids=["D14", "D52"], geometries=squares)}

    with pytest.raises(BoundaryError) as refused:
        read((old, new), layers=layers)

    err = refused.value
    assert (err.code, err.field, err.row, err.file) == (code, field, row, str(tmp_path / "alert.toml"))
    assert (err.do or "").startswith(do)
    assert read(layers=layers).lead == "division:D52"


def test_an_update_raises_the_revision(tmp_path: Path, read: Callable[..., Alert]) -> None:
    """The file never says it."""
    read()

    assert read_alert(tmp_path / "alert.toml", project=Sender(), layers={}, revision=2).identifier == "S1.r2"
    with pytest.raises(AlertError) as refused:
        read(('id = "S1"', 'id = "S1"\nrevision = 2'))
    assert refused.value.code == "unknown_field"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(start=st.integers(0, len(ALERT) - 1), length=st.integers(0, 60), put=st.text(alphabet='=[]{}"\n.#ab01-', max_size=6))
def test_a_damaged_file_is_an_alert_or_one_clear_error(tmp_path: Path, start: int, length: int, put: str) -> None:
    """Cut anywhere and filled with anything, nothing but our own errors comes out, each with its file."""
    (tmp_path / "sketch.png").write_bytes(b"x")
    path = tmp_path / "alert.toml"
    path.write_text(ALERT[:start] + put + ALERT[start + length :], encoding="utf-8")

    try:
        outcome: object = read_alert(path, project=Sender(), layers={}).sender
    except GeoAlertError as err:
        outcome = err.file

    assert outcome in ("Hamilton Example Police", str(path), "sketch.png")
