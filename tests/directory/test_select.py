"""Every channel and venue is chosen or skipped, once, with the reason."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoalert.alert.audience import AudienceRule
from geoalert.area import Area
from geoalert.boundaries.model import Layer
from geoalert.directory.model import Channel, Directory, Venue
from geoalert.directory.select import select
from geoalert.directory.selection import Selected
from geoalert.errors import DirectoryError
from geoalert.targeting import survey

Make = Callable[..., Any]
Select = Callable[..., Selected]
LON, LAT, RADIUS_M = -79.39660, 43.64867, 600


@pytest.fixture
def area() -> Area:
    """600 m around the corner; it meets D14, D52, 078 and 164."""
    return Area.circle(lon=LON, lat=LAT, radius_m=RADIUS_M)


@pytest.fixture
def chosen_for(area: Area, layers: dict[str, Layer], on: date) -> Select:
    """Selects for a suspect appeal that wants all nightlife, changed as asked."""

    def run(directory: Directory, **changed: Any) -> Selected:
        place = changed.pop("area", area)
        values: dict[str, Any] = {
            "alert_kind": "suspect_appeal",
            "scope": "restricted",
            "audience": AudienceRule(categories=("nightlife.*",)),
            "layers": layers,
            "on": on,
            "languages": ("en",),
        }
        return select(directory, place, survey(place, list(layers.values())), **{**values, **changed})

    return run


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"speaks_for": (("division", "D11"),)}, "speaks for division D11, which the area does not meet"),
        (
            {"speaks_for": (("division", "D11"), ("division", "D99"))},
            "speaks for division D11 and division D99, which the area does not meet",
        ),
        (
            {"speaks_for": tuple(("division", f"X{n}") for n in range(5))},
            "speaks for division X0, division X1, division X2 and 2 more, which the area does not meet",
        ),
        ({"speaks_for": ()}, "speaks for no boundary"),
        ({"speaks_for": (("ward", "10"),)}, "speaks for ward 10, of a layer that the project does not have"),
        ({"scope": "public"}, "a restricted alert may not go to a public channel"),
        ({"kinds": ("missing_person", "amber_relay")}, "takes missing_person, amber_relay, not suspect_appeal"),
        ({"valid_from": date(2027, 3, 13)}, "valid from 2027-03-13 only"),
        ({"valid_to": date(2027, 3, 11)}, "expired on 2027-03-11"),
        ({"consent": ""}, "no consent is recorded"),
        ({"consent": "withdrawn 2027-01-02"}, "consent was withdrawn"),
    ],
)
def test_a_channel_that_does_not_fit_is_skipped_with_the_reason(
    chosen_for: Select, channel: Make, changed: dict[str, Any], reason: str
) -> None:
    """Boundary, scope, kind, dates and consent each say no in one sentence."""
    found = chosen_for(Directory((channel(**changed),)))

    (one,) = found.selections
    assert (one.chosen, one.reason, one.channels) == (False, reason, ())
    assert found.recipients == ()
    assert [finding.code for finding in found.findings] == ["no_such_category", "nobody_chosen"]


@pytest.mark.parametrize(
    ("speaks_for", "via"),
    [
        ((("division", "D52"),), ("division:D52",)),
        ((("division", "52"), ("neighbourhood", "164.0")), ("division:D52", "neighbourhood:164")),
        ((("division", "D11"), ("neighbourhood", "78")), ("neighbourhood:078",)),
        ((("division", "*"),), ("division:D14", "division:D52")),
        ((("*", "*"),), ()),
    ],
)
def test_a_channel_is_chosen_once_for_all_its_targeted_boundaries(
    chosen_for: Select, channel: Make, speaks_for: tuple[tuple[str, str], ...], via: tuple[str, ...]
) -> None:
    """A channel across a border gets one post; `via` names both sides as the layers write them."""
    found = chosen_for(Directory((channel(speaks_for=speaks_for),)))

    (one,) = found.selections
    assert one.chosen
    assert sorted(one.via) == sorted(via)
    assert one.channels == ("ed-bia",)
    assert [recipient.id for recipient in found.recipients] == ["ed-bia"]


def test_the_reason_tells_boundary_and_share(chosen_for: Select, channel: Make, area: Area, layers: dict[str, Layer]) -> None:
    """What the approver reads is what the survey measured."""
    share = next(match.share_of_area or 0.0 for match in survey(area, list(layers.values())).matches if match.id == "D52")

    found = chosen_for(Directory((channel(), channel(id="whole", speaks_for=(("*", "*"),)))))

    assert found.of("channel", "ed-bia").reason == f"speaks for division D52 ({share * 100:.1f} % of the area)"
    assert found.of("channel", "whole").reason == "speaks for the whole project"


def test_the_reason_quotes_the_share_that_decided(chosen_for: Select, channel: Make) -> None:
    """A small division wholly inside a large area is chosen for its own share, not for its part of the area."""
    everything = Area.circle(lon=LON, lat=LAT, radius_m=150_000)

    found = chosen_for(Directory((channel(id="d11", speaks_for=(("division", "D11"),)),)), area=everything)

    assert found.of("channel", "d11").reason == "speaks for division D11 (100 % of it lies in the area)"


def test_a_sliver_chooses_nobody(chosen_for: Select, channel: Make) -> None:
    """A boundary that the area only grazes is met but not targeted, and the reason says so."""
    near_the_middle = Area.circle(lon=-79.3989, lat=43.64867, radius_m=240)

    found = chosen_for(Directory((channel(), channel(id="d14", speaks_for=(("division", "D14"),)))), area=near_the_middle)

    assert [one.id for one in found.chosen] == ["d14"]
    assert found.of("channel", "ed-bia").reason.startswith("speaks for division D52; the area only grazes division D52 (")


def test_a_public_alert_goes_to_public_and_restricted_channels(chosen_for: Select, channel: Make) -> None:
    """Restricted channels are narrower, not other."""
    found = chosen_for(Directory((channel(id="a", scope="public"), channel(id="b"))), scope="public")

    assert [one.id for one in found.recipients] == ["a", "b"]


def test_the_audience_may_name_the_only_channels(chosen_for: Select, channel: Make) -> None:
    """Named ones must still fit; an unknown name is an error with the nearest."""
    directory = Directory((channel(id="a"), channel(id="b"), channel(id="c", speaks_for=(("division", "D11"),))))

    found = chosen_for(directory, audience=AudienceRule(channels=("a", "c")))

    assert [one.id for one in found.chosen] == ["a"]
    assert found.of("channel", "b").reason == "not among the channels that the audience names"
    with pytest.raises(DirectoryError, match="Did you mean") as caught:
        chosen_for(Directory((channel(id="queen-bia"),)), audience=AudienceRule(channels=("queens-bia",)))
    assert caught.value.code == "unknown_channel"


def test_two_rows_of_one_address_make_one_post(chosen_for: Select, channel: Make) -> None:
    """The first in natural order keeps the post and the boundaries of both."""
    both = channel(id="c-2", address="x@bia.example"), channel(id="c-10", address="X@BIA.example", speaks_for=(("division", "D14"),))

    found = chosen_for(Directory(both))

    assert [one.id for one in found.recipients] == ["c-2"]
    assert found.of("channel", "c-2").via == ("division:D52", "division:D14")
    assert found.of("channel", "c-10").reason == "reached once already, through c-2 with the same account and address"


@pytest.mark.parametrize(
    ("wanted", "given", "fits"),
    [
        ((), ("en", "fr"), ("en",)),
        (("fr", "en"), ("en", "fr"), ("fr", "en")),
        (("fr-CA",), ("en", "fr"), ("fr",)),
        (("pl",), ("en",), ("en",)),
    ],
)
def test_each_channel_gets_the_languages_it_reads(
    chosen_for: Select, channel: Make, wanted: tuple[str, ...], given: tuple[str, ...], fits: tuple[str, ...]
) -> None:
    """Its own order counts; where none fits it gets the main one, and a finding says so."""
    found = chosen_for(Directory((channel(languages=wanted),)), languages=given)

    assert found.of("channel", "ed-bia").languages == fits
    assert ("language_missing" in [finding.code for finding in found.findings]) is (wanted == ("pl",))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"category": "food.cafe"}, "food.cafe is not among the wanted categories"),
        ({"closed_on": date(2027, 3, 12)}, "closed on 2027-03-12"),
        ({"scope": "public"}, "a restricted alert may not go to a public venue"),
        ({"lon": -79.38700}, "outside the area by 196 m"),
        ({"lon": -79.37000}, "outside the area by 1.6 km"),
        ({"lon": -79.37000, "lat": 43.90}, "outside the area by 27.4 km"),
    ],
)
def test_a_venue_that_does_not_fit_is_skipped_with_the_reason(
    chosen_for: Select, venue: Make, changed: dict[str, Any], reason: str
) -> None:
    """Category, closing, scope and distance each say no; a near miss is told in metres."""
    found = chosen_for(Directory((), (venue(**changed),)))

    (one,) = found.selections
    assert (one.chosen, one.on_visit_list, one.reason) == (False, False, reason)


def test_a_venue_is_reached_by_its_consented_contacts(chosen_for: Select, venue: Make) -> None:
    """Each way with an account becomes a recipient; the venue stays one selection."""
    directory = Directory((), (venue(sms="+1 416-555-0142"),), venue_accounts={"email": "mail", "sms": "texts"})

    found = chosen_for(directory)

    (one,) = found.selections
    assert (one.chosen, one.on_visit_list, one.channels) == (True, False, ("club-014/email", "club-014/sms"))
    assert one.via == ("division:D52", "neighbourhood:164")
    assert one.reason == "nightlife.nightclub inside the area; reached by e-mail and text message"
    assert [(channel.account, channel.venue) for channel in found.recipients] == [("mail", "club-014"), ("texts", "club-014")]
    assert found.visit_list == ()


@pytest.mark.parametrize(
    ("changed", "accounts", "reason"),
    [
        ({"email": ""}, {"email": "mail"}, "no contact is known"),
        ({"consent": ""}, {"email": "mail"}, "no consent is recorded"),
        ({"consent": "withdrawn"}, {"email": "mail"}, "consent was withdrawn"),
        ({"consented": date(2027, 4, 1)}, {"email": "mail"}, "consent begins on 2027-04-01"),
        ({"consented": None}, {"email": "mail"}, "the consent has no date"),
        ({}, {}, "no account for e-mail"),
        ({"sms": "416-555-0142"}, {}, "no account for e-mail and no account for text message"),
    ],
)
def test_a_venue_without_a_usable_contact_is_visited(
    chosen_for: Select, venue: Make, changed: dict[str, Any], accounts: Mapping[str, str], reason: str
) -> None:
    """It is chosen all the same, and the reason says why somebody has to walk there."""
    found = chosen_for(Directory((), (venue(**changed),), venue_accounts=accounts))

    (one,) = found.selections
    assert (one.chosen, one.on_visit_list, one.channels) == (True, True, ())
    assert one.reason == f"nightlife.nightclub inside the area; to be visited: {reason}"
    assert found.visit_list == (one,)
    assert found.recipients == ()


def test_an_address_shared_by_venues_or_channels_gets_one_post(chosen_for: Select, channel: Make, venue: Make) -> None:
    """Two venues of one owner, and a channel of the same mailbox, are reached once; each says through what."""
    directory = Directory(
        (channel(id="bia", account="mail", address="owner@clubs.example"),),
        (
            venue(id="v-1", email="Owner@clubs.example"),
            venue(id="v-2", email="two@clubs.example"),
            venue(id="v-3", email="two@clubs.example"),
        ),
        venue_accounts={"email": "mail"},
    )

    found = chosen_for(directory)

    assert [one.id for one in found.recipients] == ["bia", "v-2/email"]
    assert [found.of("venue", key).channels for key in ("v-1", "v-2", "v-3")] == [("bia",), ("v-2/email",), ("v-2/email",)]
    assert "once, through v-2/email" in found.of("venue", "v-3").reason


def test_a_venue_on_the_edge_is_inside(chosen_for: Select, venue: Make) -> None:
    """A vertex of the circle belongs to the area."""
    area = Area.circle(lon=LON, lat=LAT, radius_m=RADIUS_M)
    corners = list(area.geometry.exterior.coords)[:-1]

    found = chosen_for(Directory((), tuple(venue(id=f"v-{n}", lon=x, lat=y) for n, (x, y) in enumerate(corners))))

    assert all(one.chosen for one in found.selections)


def test_a_bare_point_reaches_the_venue_it_stands_at(chosen_for: Select, venue: Make) -> None:
    """Within 30 m of a point counts as there, as in matching."""
    at = Area.point(lon=LON, lat=LAT)
    venues = venue(id="there", lon=LON + 0.0003, lat=LAT), venue(id="next-door", lon=LON + 0.0006, lat=LAT)

    found = chosen_for(Directory((), venues), area=at)

    assert [one.id for one in found.chosen] == ["there"]
    assert found.of("venue", "next-door").reason == "outside the area by 49 m"


def test_sensitive_venues_need_naming(chosen_for: Select, venue: Make) -> None:
    """Schools and shelters are not reached by a wildcard."""
    directory = Directory((), (venue(category="education.school"),))

    wild = chosen_for(directory, audience=AudienceRule(categories=("*",)))
    named = chosen_for(directory, audience=AudienceRule(categories=("*",), allow=("education.school",)))

    assert wild.selections[0].reason == "education.school is a sensitive category that the audience does not allow by name"
    assert named.selections[0].chosen


def test_no_categories_ask_for_no_venues(chosen_for: Select, venue: Make) -> None:
    """An audience of channels only leaves every venue out."""
    found = chosen_for(Directory((), (venue(),)), audience=AudienceRule())

    assert found.selections[0].reason == "the audience asks for no venues"


def test_findings_tell_what_the_approver_should_know(chosen_for: Select, venue: Make) -> None:
    """An opening window does not filter yet; a category that nobody has may be misspelt."""
    window = (datetime(2027, 3, 12, 21, tzinfo=UTC), datetime(2027, 3, 14, 3, 30, tzinfo=UTC))
    audience = AudienceRule(categories=("nightlife.*", "nightlif.bar"), open=window)

    found = chosen_for(Directory((), (venue(opening_hours="Th-Sa 22:00-02:30"),)), audience=audience)

    assert [(finding.level, finding.code) for finding in found.findings] == [("warn", "hours_not_filtered"), ("warn", "no_such_category")]
    assert "1 chosen venue" in found.findings[0].text
    assert "nightlife" in found.findings[1].text
    assert found.selections[0].opening_hours == "Th-Sa 22:00-02:30"


def test_the_visit_list_is_walked_from_the_middle_to_the_next_nearest(chosen_for: Select, venue: Make) -> None:
    """Each stop is the nearest left; the same order from any order of rows."""
    steps = {"v-1": 0.0040, "v-2": 0.0005, "v-3": -0.0010, "v-4": 0.0022, "v-5": -0.0030}
    venues = [venue(id=key, lon=LON + east, lat=LAT, email="") for key, east in steps.items()]

    orders = []
    for seed in range(5):
        random.Random(seed).shuffle(venues)
        orders.append([stop.id for stop in chosen_for(Directory((), tuple(venues))).visit_list])

    assert orders == [["v-2", "v-3", "v-5", "v-4", "v-1"]] * 5


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_any_input_order_gives_the_same_answer(seed: int) -> None:
    """Rows may come in any order; everything of the directory is in the answer once."""
    rng = random.Random(seed)
    channels = [
        Channel(
            id=f"c-{n}", name="N", account="posts", address=f"a{n % 9}", scope="restricted", consent="own", speaks_for=(("division", d),)
        )
        for n, d in enumerate(["A", "B"] * 6)
    ]
    venues = [
        Venue(
            id=f"v-{n}",
            name="N",
            category=rng.choice(["nightlife.bar", "food.cafe"]),
            lon=LON + rng.uniform(-0.02, 0.02),
            lat=LAT + rng.uniform(-0.02, 0.02),
            email=f"door{n % 7}@x.example" if n % 3 else "",
            scope="restricted",
            consent="own",
        )
        for n in range(40)
    ]
    from shapely import box

    layer = Layer(name="division", ids=["A", "B"], geometries=[box(-79.45, 43.6, LON, 43.7), box(LON, 43.6, -79.3, 43.7)])
    place = Area.circle(lon=LON, lat=LAT, radius_m=RADIUS_M)
    answers = []
    for _ in range(2):
        rng.shuffle(channels)
        rng.shuffle(venues)
        answers.append(
            select(
                Directory(tuple(channels), tuple(venues), venue_accounts={"email": "mail"}),
                place,
                survey(place, [layer]),
                alert_kind="wanted",
                scope="restricted",
                audience=AudienceRule(categories=("nightlife.*",)),
                layers=[layer],
                on=date(2027, 3, 12),
            )
        )

    first, second = answers
    assert first == second
    assert sorted((one.kind, one.id) for one in first.selections) == sorted(
        [("channel", c.id) for c in channels] + [("venue", v.id) for v in venues]
    )
    assert len({recipient.recipient for recipient in first.recipients}) == len(first.recipients)
    assert all(one.reason for one in first.selections)


def test_the_answer_is_json_without_addresses(chosen_for: Select, channel: Make, venue: Make) -> None:
    """A plan and a log may hold it; the contacts stay with the recipients."""
    directory = Directory(
        (channel(),), (venue(sms="416-555-0142"), venue(id="w", email="")), venue_accounts={"email": "mail", "sms": "texts"}
    )

    found = chosen_for(directory)
    text = json.dumps(found.to_dict())

    assert "@" not in text
    assert "555" not in text
    assert "@" not in repr(found)
    assert found.to_dict()["counts"] == {
        "channels_chosen": 1,
        "channels_skipped": 0,
        "venues_chosen": 2,
        "venues_skipped": 0,
        "recipients": 3,
        "visits": 1,
    }
