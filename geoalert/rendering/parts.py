"""The parts that a post is made of, worded for one place and one language."""

from __future__ import annotations

from collections.abc import Iterable

from geoalert.alert import Texts
from geoalert.errors import AlertError
from geoalert.gates.public import PublicAlert, closest
from geoalert.media import Media
from geoalert.publishing import Capabilities
from geoalert.rendering.descriptor import person_label, person_line, vehicle_line
from geoalert.rendering.fitting import Parts
from geoalert.rendering.languages import closest as in_language
from geoalert.rendering.words import Words

OPTIONAL_ORDER = ("pictures", "details", "area_label", "place_line", "descriptions", "case", "expires", "vehicles", "people")
"""What falls first when a text is too long.

`pictures` describes images where a place carries none; `descriptions` shortens people to name, age, height and clothing.
"""


def parts_of(
    public: PublicAlert, texts: Texts, words: Words, capabilities: Capabilities, *, language: str, place_line: str | None, updates: bool
) -> Parts:
    """Words every part of the alert.

    Raises:
        AlertError: codes missing_part with the list, missing_language for an image's alternative text.
    """
    shown = media_for(public, capabilities)
    described = [_caption(item, public, words, language, alt=True) for item in public.media]
    inlined = capabilities.alt_limit is None
    kept = {
        "mark": status_mark(public, words),
        "update": words("update") if updates else "",
        "source": public.sender,
        "guidance": texts.guidance,
        "event": texts.event,
        "place": texts.place,
        "when": texts.when,
        "authority": words("authority").format(public.authority_reference) if public.authority_reference else "",
        "images": "\n".join(_caption(item, public, words, language, alt=inlined) for item in shown),
        "contact": _lines(public.contact_in(language)),
        "link": (public.link or "") if capabilities.links else "",
    }
    _require(kept)
    own = _authors_own(public, language)
    people, brief = (_people(public, words, brief=short, own=own) for short in (False, True))
    optional = {
        "heading": texts.heading or words(f"kind.{public.kind}"),
        "pictures": "\n".join(described) if public.media and not shown else "",
        "details": texts.details or "",
        "area_label": words("area").format(public.area_label) if public.area_label and public.area_label != texts.place else "",
        "place_line": words("concerns").format(place_line.strip()) if place_line and place_line.strip() else "",
        "case": words("case").format(public.case) if public.case else "",
        "expires": words("expires").format(words.time(public.expires, public.zone, language)),
        "people": people,
        "vehicles": _lines(vehicle_line(v, words, among=len(public.vehicles), own_language=own) for v in public.vehicles),
    }
    unsaid = {
        "link": bool(public.link) and not capabilities.links,
        "description_words": not own and bool(public.people or public.vehicles),
        "media": len(shown) < len(public.media),
    }
    return Parts(kept, optional, {"people": brief} if people and brief else {}, tuple(name for name, left in unsaid.items() if left))


def media_for(public: PublicAlert, capabilities: Capabilities) -> tuple[Media, ...]:
    """Returns the images that one post carries there: the author's order, as many as the place takes."""
    return public.media[: capabilities.media_count]


def status_mark(public: PublicAlert, words: Words) -> str:
    """Returns the word that an exercise or test begins and ends with; nothing for an actual alert."""
    return "" if public.status == "actual" else words(f"status.{public.status}")


def _caption(item: Media, public: PublicAlert, words: Words, language: str, *, alt: bool) -> str:
    """Returns the class of the image, always; whom it shows, where that is a question; its alternative text, if asked."""
    caption = words(f"media.{item.media_class}")
    person = next((p for p in public.people if p.number == item.person), None)
    if person is not None and len(public.people) > 1:
        label = person_label(person, words, among=len(public.people))
        caption = words("pictured").format(media=caption, label=label[:1].lower() + label[1:])
    if not alt:
        return caption
    return words("labelled").format(label=caption, text=in_language(item.alt, language, what="alternative text", file=item.name))


def _people(public: PublicAlert, words: Words, *, brief: bool, own: bool) -> str:
    return _lines(person_line(p, words, among=len(public.people), brief=brief, own_language=own) for p in public.people)


def _lines(lines: Iterable[str | None]) -> str:
    return "\n".join(line for line in lines if line)


def _authors_own(public: PublicAlert, language: str) -> bool:
    """Tells whether descriptions, written once in the alert's first language, can be read in this one."""
    return closest(language, public.languages[:1]) is not None


def _require(kept: dict[str, str]) -> None:
    """Refuses a warning without one of its parts (Mileti and Sorensen), naming all that are missing."""
    missing = [name for name in ("source", "guidance", "event", "place", "when", "contact") if not kept[name].strip()]
    if missing:
        raise AlertError(
            f"the alert does not say: {', '.join(missing)}",
            code="missing_part",
            field="text",
            value=", ".join(missing),
            do="A warning says who speaks, what happened, where, when and what to do, and whom to call",
        )
