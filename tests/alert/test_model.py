"""An alert that nobody could act on cannot be made."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoalert.alert import KINDS, Alert, AudienceRule, Order, Person, Reference, Restricted, RestrictedPerson, Texts, Vehicle
from geoalert.area import Area
from geoalert.errors import AlertError, GeoAlertError
from geoalert.media import Media

Make = Callable[..., Alert]
WORDS = {
    "language": "en",
    "event": "Robbery",
    "place": "Example St and Sample Ave area",
    "when": "Friday, 11 pm",
    "guidance": "Call 9-1-1.",
}
SENT = datetime(2027, 3, 12, tzinfo=UTC)


def texts(**changes: Any) -> Texts:
    """Returns complete texts with some changed."""
    return Texts(**WORDS | changes)


def media(**changes: Any) -> Media:
    """Returns an image with some fields changed."""
    return Media(**{"content": b"x", "media_class": "composite_sketch", "alt": {"en": "A sketch"}, "person": 1} | changes)


def test_an_alert_keeps_its_times_in_utc_and_its_zone(make_alert: Make) -> None:
    """An aware time of any zone is one instant."""
    alert = make_alert(expires=datetime(2027, 3, 14, 6, tzinfo=timezone(timedelta(hours=-4))))

    assert (alert.expires, alert.expires.tzinfo, alert.zone) == (datetime(2027, 3, 14, 10, tzinfo=UTC), UTC, "America/Toronto")


def test_a_version_has_its_identifier_and_references(make_alert: Make) -> None:
    """CAP's identifier is ID.rN, and an earlier version is named by sender, id, revision and time."""
    first = Reference(sender="Hamilton Example Police", id="S1", revision=1, sent=SENT)
    alert = make_alert(revision=2, references=(first,))

    assert (alert.identifier, alert.references[0].identifier) == ("S1.r2", "S1.r1")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"kind": "suspect_apeal"}, "unknown_kind", "kind"),
        ({"status": "live"}, "unknown_status", "status"),
        ({"scope": "private"}, "unknown_scope", "scope"),
        ({"at_expiry": "delete"}, "unknown_at_expiry", "at_expiry"),
        ({"urgency": "soon"}, "unknown_urgency", "urgency"),
        ({"severity": "bad"}, "unknown_severity", "severity"),
        ({"certainty": "sure"}, "unknown_certainty", "certainty"),
        ({"id": ""}, "invalid_id", "id"),
        ({"id": "a b"}, "invalid_id", "id"),
        ({"id": "../S1"}, "invalid_id", "id"),
        ({"id": None}, "invalid_id", "id"),
        ({"sender": " "}, "missing_text", "sender"),
        ({"revision": 0}, "invalid_revision", "revision"),
        ({"expires": None}, "no_expiry", "expires"),
        ({"expires": datetime(2027, 3, 14, 6)}, "naive_time", "expires"),  # noqa: DTZ001 - the mistake under test
        ({"expires": "2027-03-14"}, "not_a_time", "expires"),
        ({"onset": datetime(2027, 3, 15, tzinfo=UTC)}, "expires_before_onset", "expires"),
        ({"zone": "America/Torronto"}, "unknown_zone", "zone"),
        ({"area": None}, "no_area", "area"),
        ({"texts": ()}, "missing_text", "text"),
        ({"texts": (texts(), texts())}, "language_twice", "text"),
        ({"people": (Person(number=1, label="suspect"),) * 2}, "person_number", "people.number"),
        ({"people": (Person(number=1, label="missing"),)}, "label_not_of_kind", "people.1.label"),
        ({"vehicles": (Vehicle(colour="blue"),) * 2}, "vehicle_number", "vehicles.number"),
        ({"media": (media(person=2),)}, "unknown_person", "media.person"),
        ({"media": (media(alt={"fr": "Croquis"}),)}, "missing_alt", "alt.en"),
        ({"restricted": Restricted(people=(RestrictedPerson(number=7, surname="Doe"),))}, "unknown_person", "restricted.people"),
        ({"kind": "amber_relay", "people": ()}, "authority_missing", "authority_reference"),
        ({"kind": "emergency_relay", "people": (), "authority_reference": " "}, "authority_missing", "authority_reference"),
        ({"texts": (texts(details="Like an AMBER  Alert."),)}, "amber_words", "text.en.details"),
        ({"texts": (texts(event="Alerte AMBER"),)}, "amber_words", "text.en.event"),
        ({"media": (media(alt={"en": "Amber-alert logo"}),)}, "amber_words", "media.1.alt.en"),
        ({"link": "police.example/news"}, "invalid_link", "link"),
        ({"link": "javascript:alert(1)"}, "invalid_link", "link"),
        ({"link": "https://me:secret@police.example"}, "invalid_link", "link"),
        ({"lead": "D52"}, "invalid_lead", "lead"),
        ({"lead": "division:"}, "invalid_lead", "lead"),
        ({"event_lon": -79.4}, "half_a_point", "event"),
        ({"event_lon": 0.0, "event_lat": 0.0}, "null_island", "event"),
        ({"bans": "first_name"}, "not_a_list", "bans"),
        (
            {"references": (Reference(sender="Hamilton Example Police", id="S1", revision=1, sent=SENT),)},
            "reference_to_itself",
            "references",
        ),
        ({"order": Order(number="", made_at=SENT)}, "missing_text", "order.number"),
        ({"purpose": "a\x00b"}, "control_characters", "purpose"),
    ],
)
def test_what_cannot_be_meant_is_refused(make_alert: Make, changes: dict[str, Any], code: str, field: str) -> None:
    """One error for the first mistake, with its code and its field."""
    with pytest.raises(GeoAlertError) as refused:
        make_alert(**changes)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_unknown_kind_names_the_nearest(make_alert: Make) -> None:
    """A slip of the pen is answered with the word that was meant."""
    with pytest.raises(AlertError, match="Did you mean suspect_appeal"):
        make_alert(kind="suspect_apeal")


def test_a_relay_with_its_reference_may_say_amber_alert(make_alert: Make) -> None:
    """Only the relay of the issuing authority's own."""
    alert = make_alert(kind="amber_relay", people=(), authority_reference="OPP-1", texts=(texts(event="AMBER Alert"),))

    assert alert.about.relayed


@pytest.mark.parametrize(
    "place",
    [
        "in this area",
        "In This Area.",
        "this area",
        "your area",
        "here",
        "  ",
        "",
        "the area",
        "near you",
        "in your neighbourhood",
        "ici",
        "TBD",
        "in the area below",
        "See map",
        "Area shown on map",
        "in this area of the city",
        "The area marked on the map above.",
        "near y\u200bou",
        "Secteur indiqu\u00e9 sur la carte ci-dessous",
        "???",
    ],
)
def test_a_place_that_names_no_place_is_refused(place: str) -> None:
    """Only someone who already stands there could read it."""
    with pytest.raises(AlertError) as refused:
        texts(place=place)

    assert (refused.value.code, refused.value.field) == ("vague_place", "text.en.place")


@pytest.mark.parametrize(
    "place",
    [
        "Queen St W area",
        "Queen St W and Spadina Ave area",
        "The Beaches",
        "Hereford St and Main St",
        "Area 51 Park",
        "Young St",
        "Secteur de la rue Queen Ouest et de l'avenue Spadina",
        "D52, south of the map's edge",
        "\u5317\u4eac\u8def",
    ],
)
def test_a_place_with_a_name_is_kept(place: str) -> None:
    """A vague word inside a name does no harm."""
    assert texts(place=place).place == place


@pytest.mark.parametrize(
    "mark", [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), *"\u061c\u200e\u200f\u2028\u2029\ufeff\r\x07\ud800"]
)
@pytest.mark.parametrize("name", ["event", "guidance", "details"])
def test_a_character_that_turns_what_is_read_is_refused(name: str, mark: str) -> None:
    """Nobody can approve a text that reads otherwise than it is written; the error names the character and the field."""
    with pytest.raises(AlertError) as refused:
        texts(**{name: f"Call{mark}9-1-1"})

    assert (refused.value.code, refused.value.field) == ("control_characters", f"text.en.{name}")
    assert (refused.value.value or "").startswith(f"U+{ord(mark):04X}")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"media": (media(alt={"en": "Sketch\u202e"}),)}, "media.1.alt.en"),
        ({"area": Area.circle(lon=-79.4, lat=43.65, radius_m=600, label="Queen St\u2066")}, "area.label"),
        ({"link": "https://police.example/\u200enews"}, "link"),
        ({"people": (Person(number=1, label="suspect", hair="da\nrk"),)}, "people.1.hair"),
        ({"vehicles": (Vehicle(number=2, plate="AB\t7"),)}, "vehicles.2.plate"),
        ({"case": "27-\n9"}, "case"),
        ({"sender": "Hamilton\u2028Police"}, "sender"),
    ],
)
def test_no_public_word_hides_a_character(make_alert: Make, changes: dict[str, Any], field: str) -> None:
    """Alternative texts, labels and links are read as much as the texts; only texts have lines."""
    with pytest.raises(AlertError) as refused:
        make_alert(**changes)

    assert (refused.value.code, refused.value.field) == ("control_characters", field)


def test_joiners_and_line_breaks_stay() -> None:
    """Emoji and many scripts need joiners; long texts have paragraphs, a place has not."""
    kept = "\U0001f468\u200d\U0001f467 \u0646\u0645\u06cc\u200c\u062e \u26a0\ufe0f\nCall\t9-1-1."

    assert texts(guidance=kept).guidance == kept
    with pytest.raises(AlertError, match=r"U\+000A"):
        texts(place="High St\nMill Lane")


@pytest.mark.parametrize("name", ["event", "place", "when", "guidance"])
@given(blank=st.text(alphabet=" \t\n\u00a0\u2003", max_size=4))
def test_no_part_of_a_warning_may_be_blank(name: str, blank: str) -> None:
    """Event, place, time and guidance are each needed to act."""
    with pytest.raises(AlertError) as refused:
        texts(**{name: blank})

    assert refused.value.code in ("missing_text", "vague_place")


@given(
    status=st.sampled_from(["actual", "exercise", "test", "Exercise", "draft", ""]),
    kind=st.sampled_from([*KINDS, "other"]),
    id=st.text(max_size=8),
    revision=st.integers(-1, 3),
    event=st.text(max_size=20),
    place=st.text(max_size=20),
)
def test_an_alert_is_whole_or_refused(status: str, kind: str, id: str, revision: int, event: str, place: str) -> None:
    """Whatever is thrown at it, there is an alert that survives JSON with its own words, or a coded error."""
    try:
        alert = Alert(
            sender="Hamilton Example Police",
            id=id,
            kind=kind,
            status=status,
            scope="public",
            revision=revision,
            area=Area.circle(lon=-79.39660, lat=43.64867, radius_m=600),
            expires=SENT,
            texts=(texts(event=event, place=place),),
            authority_reference="OPP-1",
        )
    except GeoAlertError as err:
        outcome = err.code
    else:
        read = json.loads(json.dumps(alert.to_dict()))
        outcome = "made" if (read["id"], read["kind"], read["texts"][0]["event"]) == (id, kind, event.strip()) else "changed"

    refusals = "unknown_status unknown_kind invalid_id invalid_revision missing_text vague_place control_characters amber_words"
    assert outcome in ("made", *refusals.split())


@pytest.mark.parametrize(
    ("age", "years"),
    [("16", (16, 16)), ("25-35", (25, 35)), ("25 \u2013 35", (25, 35)), ("30s", (30, 39)), ("18 months", (1, 1)), (None, None)],
)
def test_an_age_is_a_range(age: str | None, years: tuple[int, int] | None) -> None:
    """Gates ask for the youngest that a person may be."""
    assert Person(number=1, label="suspect", age=age).age_years == years


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"age": "teens"}, "invalid_age"),
        ({"age": "35-25"}, "invalid_age"),
        ({"age": "130"}, "invalid_age"),
        ({"height_cm": 5.9}, "height_out_of_range"),
        ({"height_cm": float("nan")}, "height_out_of_range"),
        ({"label": "suspekt"}, "unknown_label"),
        ({"number": 0}, "person_number"),
        ({"number": True}, "person_number"),
        ({"clothing": "grey hooded jacket"}, "not_a_list"),
    ],
)
def test_a_person_that_cannot_be_described_is_refused(changes: dict[str, Any], code: str) -> None:
    """Ages, heights and labels that mean nothing."""
    with pytest.raises(AlertError) as refused:
        Person(**{"number": 1, "label": "suspect"} | changes)

    assert refused.value.code == code


@pytest.mark.parametrize("changes", [{}, {"direction": "north on Example St"}, {"colour": "  "}])
def test_a_vehicle_that_is_not_described_is_refused(changes: dict[str, Any]) -> None:
    """A direction alone tells nobody what to look for."""
    with pytest.raises(AlertError) as refused:
        Vehicle(**changes)

    assert refused.value.code == "empty_vehicle"


def test_an_audience_takes_branches_and_leaves_some_out() -> None:
    """`nightlife.*` is the branch, never a word that begins alike."""
    rule = AudienceRule(categories=("nightlife.*",), exclude=("nightlife.hostel",))

    wanted = [name for name in ("nightlife.bar", "nightlife", "nightlifeless.bar", "nightlife.hostel", "Nightlife.Bar") if rule.wants(name)]

    assert wanted == ["nightlife.bar", "nightlife", "Nightlife.Bar"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"categories": ("night life",)}, "invalid_category"),
        ({"open": (SENT, SENT)}, "window_reversed"),
        ({"unknown_hours": "guess"}, "unknown_hours_policy"),
        ({"categories": "nightlife.*"}, "not_a_list"),
    ],
)
def test_an_audience_that_cannot_be_meant_is_refused(changes: dict[str, Any], code: str) -> None:
    """Categories, window and policy."""
    with pytest.raises(AlertError) as refused:
        AudienceRule(**changes)

    assert refused.value.code == code


def test_restricted_values_are_in_no_repr_and_no_document(make_alert: Make) -> None:
    """What is held is named; what it says is not."""
    kept = RestrictedPerson(number=1, surname="Quillfeather", diagnosis="Exampleitis", handles=("@quill",))
    alert = make_alert(restricted=Restricted(people=(kept,)), bans=("Quillfeather Lane",))

    shown = f"{alert!r} {kept!r} {json.dumps(alert.to_dict())}"

    assert "surname+diagnosis+handles" in shown
    assert not [word for word in ("Quillfeather", "Exampleitis", "@quill") if word in shown]
    assert alert.restricted.parts() == {
        "people.1.surname": "Quillfeather",
        "people.1.diagnosis": "Exampleitis",
        "people.1.handles": "@quill",
    }


def test_the_operators_lead_is_stated_by_layer(make_alert: Make) -> None:
    """As `survey` takes it."""
    assert make_alert(lead="division:D52").stated == {"division": "D52"}
    assert make_alert().stated == {}
