"""PublicAlert -> the full text for one place and language, within that place's limit."""

from __future__ import annotations

from dataclasses import replace

from geoalert.gates.public import PublicAlert
from geoalert.publishing import Capabilities
from geoalert.rendering.fitting import Rendered, fit, layouts_for
from geoalert.rendering.languages import closest
from geoalert.rendering.parts import OPTIONAL_ORDER, parts_of, status_mark
from geoalert.rendering.words import words_in


def render(
    public: PublicAlert, capabilities: Capabilities, language: str, *, place_line: str | None = None, update_of: str | None = None
) -> Rendered:
    """Words an alert for one place.

    Short places get source, guidance, event, location, time, in that order; others a release. Optional parts fall away in `OPTIONAL_ORDER`
    until the text fits; source, guidance, event, location, time, image captions, inlined alternative text, contact and link never do.

    Args:
        public: what the gates let through.
        capabilities: of the account; a handle is broken visibly where `mentions` is "text".
        language: BCP 47 tag of the channel.
        place_line: names of the boundaries this channel is told about, "14 Division, University".
        update_of: identifier of the version that the channel already has, `S1.r1`; the text then says that it is an update.

    Raises:
        AlertError: codes missing_language, missing_part, cannot_fit.
    """
    texts = closest({found.language: found for found in public.texts}, language, what="text")
    words = words_in(texts.language)
    parts = parts_of(public, texts, words, capabilities, language=texts.language, place_line=place_line, updates=update_of is not None)
    heading = texts.heading or words("labelled").format(label=words(f"kind.{public.kind}"), text=f"{texts.event}, {texts.place}")
    title = " - ".join(piece for piece in (status_mark(public, words), parts.kept["update"], heading) if piece)
    rendered = fit(parts, OPTIONAL_ORDER, layouts_for(capabilities), words, capabilities, title=title)
    return replace(rendered, language=texts.language)
