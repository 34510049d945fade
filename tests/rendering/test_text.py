"""Every post says what a warning must say, within what its place takes, as that place counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoalert.alert import Texts, Vehicle
from geoalert.errors import AlertError
from geoalert.gates.public import PublicAlert, PublicPerson
from geoalert.media import Media
from geoalert.publishing import Capabilities
from geoalert.rendering.fitting import tidy
from geoalert.rendering.mentions import inert
from geoalert.rendering.parts import OPTIONAL_ORDER
from geoalert.rendering.text import render
from geoalert.text import COUNTINGS, count, is_gsm7

X = Capabilities(text_limit=280, text_unit="x_weighted", media_types=("image/png",), media_count=4, alt_limit=1000, mentions="text")
MAIL = Capabilities(media_types=("image/png",), media_count=3, alt_limit=500)
MATRIX = Capabilities(media_types=("image/png",), media_count=3)
SMS = Capabilities(text_limit=2, text_unit="sms_segments")
GUIDANCE = "Do not approach. Call 9-1-1 if seen."
CONTACT = ("Emergency: 9-1-1", "sex-crimes: 416-555-0174", "Tips: 416-555-0177")


def sketch(**changes: Any) -> Media:
    """The scenario's drawing; rendering words never opens its bytes."""
    alt = {"en": "Pencil sketch of a man with a short dark beard", "fr": "Portrait au crayon d'un homme barbu"}
    return Media(**{"content": b"drawing", "media_class": "composite_sketch", "alt": alt, "person": 1} | changes)


def alert(**changes: Any) -> PublicAlert:
    """Scenario S1 as the gates let it through."""
    plain: dict[str, Any] = {
        "sender": "Hamilton Example Police",
        "id": "S1",
        "kind": "suspect_appeal",
        "status": "exercise",
        "scope": "restricted",
        "expires": datetime(2027, 3, 14, 10, tzinfo=UTC),
        "zone": "America/Toronto",
        "texts": (
            Texts(
                language="en",
                event="Sexual-assault series",
                place="Queen St W and Spadina Ave area",
                when="three Fridays, 11 pm to 2:30 am",
                guidance=GUIDANCE,
                details="It is reported that a man followed people home from bars.",
            ),
            Texts(language="fr", event="Agressions", place="secteur Queen et Spadina", when="trois vendredis", guidance="Faites le 9-1-1."),
        ),
        "contact": CONTACT,
        "case": "27-9000011",
        "link": "https://police.example/news/27-9000011",
        "people": (person(),),
        "media": (sketch(),),
    }
    return PublicAlert(**plain | changes)


def person(**changes: Any) -> PublicPerson:
    """The described man."""
    plain: dict[str, Any] = {
        "number": 1,
        "label": "suspect",
        "sex": "male",
        "age": "25-35",
        "height_cm": 175,
        "build": "slim",
        "facial_hair": "short dark beard",
        "clothing": ("grey hooded jacket", "red-soled shoes"),
    }
    return PublicPerson(**plain | changes)


def in_order(text: str, *words: str) -> bool:
    """Tells whether the words follow one another."""
    at = [text.index(word) for word in words]
    return at == sorted(at)


def test_short_posts_follow_warning_science() -> None:
    """Source, guidance, event, location, time, then contact and link (START 2014)."""
    text = render(alert(), X, "en").text
    assert in_order(text, "Hamilton Example Police", GUIDANCE, "Sexual-assault", "Queen St W", "three Fridays", *CONTACT, "https://")
    assert count(text, "x_weighted") <= 280


def test_long_posts_follow_a_release() -> None:
    """Heading, source, case, event, where, when, details, person, picture, guidance, expiry, contact, link."""
    found = render(alert(vehicles=(Vehicle(colour="blue", make="Example", plate="...7K"),)), MAIL, "en", place_line="Kensington (78)")
    assert found.left_out == ()
    assert in_order(
        found.text,
        "Suspect appeal",
        "Hamilton",
        "Case 27-9000011",
        "Sexual-assault series.",
        "Where: Queen",
        "When: three",
        "Concerns: Kensington (78)",
        "It is reported",
        "Suspect: male; aged 25-35; 175 cm (5'9\"); build: slim; facial hair: short dark beard",
        "wearing grey hooded jacket, red-soled shoes",
        "Vehicle: blue Example; plate ...7K",
        "Composite sketch",
        "What to do: Do not approach.",
        "Until Sun Mar 14, 2027, 6:00 AM",
        *CONTACT,
        "https://police.example/news/27-9000011",
    )


@pytest.mark.parametrize("place", [X, MAIL, SMS])
@pytest.mark.parametrize(("status", "mark"), [("exercise", "EXERCISE"), ("test", "TEST")])
def test_an_exercise_says_so_first_and_last(place: Capabilities, status: str, mark: str) -> None:
    """Nobody reads half of it as real; the title says it too."""
    found = render(alert(status=status), place, "en")
    assert found.text.startswith(f"{mark}\n")
    assert found.text.endswith(f"\n{mark}")
    assert found.title.startswith(mark)


def test_an_actual_alert_carries_no_mark() -> None:
    """It ends with contact and link."""
    text = render(alert(status="actual"), MAIL, "en").text
    assert "EXERCISE" not in text
    assert text.endswith("\n".join((*CONTACT, "https://police.example/news/27-9000011")))


def test_an_update_says_so_everywhere() -> None:
    """The marker stays in the shortest text, and is absent where nothing was said before."""
    assert "UPDATE" in render(alert(), X, "en", update_of="S1.r1").text.splitlines()
    assert "UPDATE" not in render(alert(), X, "en").text


@pytest.mark.parametrize(
    ("label", "words"),
    [("suspect", "Suspect"), ("person_of_interest", "Person of interest"), ("witness", "Witness"), ("missing", "Missing")],
)
def test_a_label_is_never_swapped(label: str, words: str) -> None:
    """A person of interest is no suspect, in any language, line or caption."""
    told = alert(kind="public_safety", people=(person(label=label), person(number=2, label=label)))
    text = render(told, MATRIX, "en").text
    assert f"{words} 1: male" in text
    assert f"Composite sketch, {words[0].lower()}{words[1:]} 1" in text
    if label != "suspect":
        assert "suspect" not in (text + render(told, MATRIX, "fr").text).lower()


def test_alternative_text_goes_into_the_text_where_there_is_no_field() -> None:
    """The class label is in every caption; the description only where the place cannot hold it."""
    assert "Composite sketch: Pencil sketch of a man" in render(alert(), MATRIX, "en").text
    for place in (MAIL, X):
        text = render(alert(), place, "en").text
        assert "Composite sketch" in text
        assert "Pencil sketch" not in text


def test_inlined_alternative_text_never_falls() -> None:
    """Rather no post than a picture some people cannot see."""
    tight = Capabilities(text_limit=340, media_types=("image/png",), media_count=1)
    text = render(alert(), tight, "en").text
    assert "Pencil sketch" in text
    with pytest.raises(AlertError, match="images"):
        render(alert(), replace(tight, text_limit=250), "en")


def test_what_falls_falls_in_the_stated_order() -> None:
    """Shrinking the limit by one only ever lengthens the list of what fell."""
    told = alert(vehicles=(Vehicle(colour="blue"),), area_label="Downtown")
    place = Capabilities(media_types=("image/png",), media_count=1, alt_limit=100)
    seen: list[tuple[str, ...]] = []
    for limit in range(500, 0, -1):
        try:
            found = render(told, replace(place, text_limit=limit), "en", place_line="Kensington (78)")
        except AlertError:
            break
        assert count(found.text, "characters") <= limit
        if not seen or found.left_out != seen[-1]:
            seen.append(found.left_out)
    whole = tuple(name for name in OPTIONAL_ORDER if name != "pictures")
    assert seen[-1] == whole
    assert all(step == whole[: len(step)] for step in seen)
    assert len(seen) >= 4


def test_a_place_without_images_gets_them_described() -> None:
    """What the picture shows is said while there is room, and that it is not carried is recorded."""
    found = render(alert(), Capabilities(text_limit=2000), "en")
    assert "Pencil sketch" in found.text
    assert found.left_out == ("media",)


def test_what_cannot_fit_is_refused_with_its_figures() -> None:
    """No ellipsis: the error counts as the place counts and names what must stay."""
    with pytest.raises(AlertError) as caught:
        render(alert(), Capabilities(text_limit=160, text_unit="sms_units"), "en")
    assert caught.value.code == "cannot_fit"
    assert "sms_units" in caught.value.what
    assert all(name in caught.value.what for name in ("160", "guidance 36", "contact", "link 38", "source 23"))


@pytest.mark.parametrize("language", ["de", "es-MX", ""])
def test_another_language_never_stands_in(language: str) -> None:
    """A channel whose language the alert lacks is refused."""
    with pytest.raises(AlertError) as caught:
        render(alert(), MAIL, language)
    assert caught.value.code == "missing_language"


def test_an_image_without_words_in_the_language_is_refused() -> None:
    """Alternative text is needed in each language of a post."""
    with pytest.raises(AlertError) as caught:
        render(alert(media=(sketch(alt={"en": "Sketch"}),)), MATRIX, "fr")
    assert (caught.value.code, caught.value.field) == ("missing_language", "language")


def test_descriptions_in_the_authors_language_stay_out_of_another() -> None:
    """French readers get figures and the label, never English words, and the plan says what is missing."""
    found = render(alert(), MAIL, "fr-CA")
    assert (found.language, found.title) == ("fr", "EXERCICE - Suspect recherché : Agressions, secteur Queen et Spadina")
    assert "Suspect : âge : 25-35; 175 cm (5 pi 9 po)" in found.text
    assert "jacket" not in found.text
    assert "description_words" in found.left_out
    assert "Jusqu'au dim. 14 mars 2027, 06:00" in found.text


def test_a_part_that_a_warning_needs_is_named() -> None:
    """An agency without a name speaks for nobody."""
    with pytest.raises(AlertError) as caught:
        render(alert(sender=" "), MAIL, "en")
    assert (caught.value.code, caught.value.value) == ("missing_part", "source")


def test_english_words_of_ours_keep_a_text_message_short() -> None:
    """One foreign character would cost more than half of the room."""
    assert is_gsm7(render(alert(), replace(SMS, text_limit=None), "en", update_of="S1.r1").text)


def test_a_link_stays_out_where_links_are_not_allowed() -> None:
    """And that is recorded."""
    found = render(alert(), replace(MAIL, links=False), "en")
    assert "https://" not in found.text
    assert found.left_out == ("link",)


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("@everyone look", "@ everyone look"),
        ("see @police_example.", "see @ police_example."),
        ("desk@bia.example", "desk@bia.example"),
        ("https://social.example/@police", "https://social.example/@police"),
        ("x@everyone", "x@ everyone"),
        ("<@123> <@&9> <@!7>", "<@ 123> <@ &9> <@ !7>"),
        ("\uff20here", "\uff20 here"),
        ("@@room", "@@ room"),
        ("at 5 @ Queen", "at 5 @ Queen"),
    ],
)
def test_handles_are_broken_visibly(text: str, broken: str) -> None:
    """Nobody is pinged, e-mail addresses and links stay whole, and a place with its own switch is left alone."""
    assert inert(text, X) == broken
    assert inert(text, MAIL) == text


def test_breaking_handles_counts_towards_the_limit() -> None:
    """The post already holds what must arrive."""
    texts = (replace(alert().texts[0], details="@a @b @c"),)
    place = Capabilities(text_limit=2000, mentions="text")
    text = render(alert(texts=texts, media=()), place, "en").text
    assert "@ a @ b @ c" in text
    assert render(alert(texts=texts, media=()), replace(place, text_limit=len(text)), "en").text == text


PIECES = st.one_of(
    st.sampled_from(list("abcdefghij KLMN 0123456789 .,;:@#/{}[]%$\n\u00e9\u00e7\u20ac\u4f60\u2019")),
    st.sampled_from(
        ["\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "https://a.example/b ", "@everyone ", "{{ link }}", "street "]
    ),
)
WORDS = st.lists(PIECES, max_size=60).map(lambda pieces: "Q" + "".join(pieces).rstrip())
LINES = WORDS.map(lambda text: text.replace("\n", " "))
"""The alert itself refuses a line break in what is one line."""
PEOPLE = st.builds(
    person,
    label=st.sampled_from(["suspect", "person_of_interest", "wanted", "missing", "witness"]),
    age=st.one_of(st.none(), st.sampled_from(["16", "25-35", "30s"])),
    height_cm=st.one_of(st.none(), st.floats(40, 250).map(lambda cm: round(cm, 1))),
    hair=st.one_of(st.none(), LINES),
    clothing=st.lists(LINES, max_size=3).map(tuple),
)
ALERTS = st.builds(
    alert,
    sender=WORDS,
    status=st.sampled_from(["actual", "exercise", "test"]),
    texts=st.builds(
        lambda **each: (Texts(language="en", **each),),
        event=LINES,
        place=LINES.map(lambda text: f"{text} Street"),
        when=LINES,
        guidance=WORDS,
        details=st.one_of(st.none(), WORDS),
    ),
    contact=st.lists(WORDS, min_size=1, max_size=3).map(tuple),
    case=st.one_of(st.none(), LINES),
    link=st.one_of(st.none(), st.just("https://police.example/n/1")),
    people=st.lists(PEOPLE, max_size=3).map(lambda people: tuple(replace(each, number=n) for n, each in enumerate(people, 1))),
    media=st.lists(WORDS.map(lambda text: sketch(alt={"en": text})), max_size=2).map(tuple),
)
ROOMS = st.sampled_from(sorted(COUNTINGS)).flatmap(
    lambda unit: st.tuples(st.one_of(st.none(), st.integers(1, 6) if unit == "sms_segments" else st.integers(90, 1200)), st.just(unit))
)
PLACES = st.builds(
    lambda room, **each: Capabilities(text_limit=room[0], text_unit=room[1], **each),
    room=ROOMS,
    media_types=st.just(("image/png",)),
    media_count=st.integers(0, 2),
    alt_limit=st.one_of(st.none(), st.just(1000)),
    mentions=st.sampled_from(["none", "flag", "text"]),
)


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(told=ALERTS, place=PLACES, place_line=st.one_of(st.none(), WORDS), updates=st.booleans())
def test_any_alert_fits_whole_or_is_refused(told: PublicAlert, place: Capabilities, place_line: str | None, updates: bool) -> None:
    """Within the limit as counted, with guidance, contact, source, captions and markers, or cannot_fit: nothing between."""
    code, found = "", None
    try:
        found = render(told, place, "en", place_line=place_line, update_of="S1.r1" if updates else None)
    except AlertError as refused:
        code = refused.code
    if found is None:
        assert (code, place.text_limit is None) == ("cannot_fit", False)
        return
    texts = told.texts[0]
    assert place.text_limit is None or count(found.text, place.text_unit) <= place.text_limit
    for must in (told.sender, texts.event, texts.place, texts.when, texts.guidance, *told.contact, told.link or ""):
        assert inert(tidy(must), place) in found.text
    if place.alt_limit is None:
        assert all(inert(tidy(item.alt["en"]), place) in found.text for item in told.media[: place.media_count])
    assert found.text.count("Composite sketch") >= min(place.media_count, len(told.media))
    assert ("UPDATE" in found.text) == updates
    assert place.mentions != "text" or "@everyone" not in found.text
    assert "\u2026" not in found.text
    assert "\0" not in found.text
