"""What is said when a case is over or an alert was wrong: approved with the alert, so that a recall takes seconds."""

from __future__ import annotations

from geoalert.errors import AlertError
from geoalert.gates.public import PublicAlert
from geoalert.publishing import Capabilities
from geoalert.rendering.fitting import Parts, Rendered, fit
from geoalert.rendering.parts import status_mark
from geoalert.rendering.words import words_in

REASONS = ("arrested", "located", "identified", "resolved", "error")
CLOSING_ORDER = ("contact", "heading", "case")
_OFFENDERS = frozenset({"suspect", "wanted", "person_of_interest"})


def closing(public: PublicAlert, capabilities: Capabilities, language: str, *, because: str) -> Rendered:
    """Words the end of an alert: no name, picture, place or condition of anybody, whatever the alert said.

    Raises:
        AlertError: codes unknown_reason, missing_language, cannot_fit.
    """
    if because not in REASONS:
        raise AlertError(
            "unknown reason for closing", code="unknown_reason", field="because", value=because, do=f"Use one of {', '.join(REASONS)}"
        )
    words = words_in(language)
    kept = {
        "mark": status_mark(public, words),
        "source": public.sender,
        "closing": words(f"closing.{_correction(public) if because == 'error' else because}"),
    }
    optional = {
        "contact": "\n".join(public.contact_in(language)),
        "heading": words(f"kind.{public.kind}"),
        "case": words("case").format(public.case) if public.case else "",
    }
    heading = words("closing.error_title" if because == "error" else "closing.title")
    title = " - ".join(piece for piece in (kept["mark"], public.sender, heading) if piece)
    return fit(Parts(kept, optional), CLOSING_ORDER, ("closing",), words, capabilities, title=title)


def closings(public: PublicAlert, capabilities: Capabilities, language: str) -> dict[str, Rendered]:
    """Returns every closing text by reason, in the order of `REASONS`."""
    return {because: closing(public, capabilities, language, because=because) for because in REASONS}


def _correction(public: PublicAlert) -> str:
    """Returns the word for an error: only somebody who was called a suspect is said not to be one."""
    accused = {person.number for person in public.people if person.label in _OFFENDERS}
    if any(item.person in accused for item in public.media):
        return "error_shown"
    return "error_described" if accused else "error_other"
