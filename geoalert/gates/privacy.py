"""The privacy gates: what a ban, a missing person's dignity or a restricted record keeps back.

A field is withheld where the rest still makes sense without it. A word inside a text that must stand cannot be cut out by a machine,
so it refuses the alert and a person writes the text anew. Neither finding nor error repeats the word.
"""

from __future__ import annotations

import re
from dataclasses import fields

from geoalert.alert import Alert
from geoalert.alert.rules import public_words
from geoalert.errors import GateRefused
from geoalert.findings import Finding
from geoalert.gates.public import PublicPerson
from geoalert.text import fold

Hidden = set[tuple[int, str]]
"""Person's number and field name; number 0 for a field of the alert itself."""

_PERSON_FIELDS = {f.name for f in fields(PublicPerson)} - {"number", "label"}
_ALERT_FIELDS = ("case", "link", "media")
_UNSEARCHED = "notes"


def withheld_fields(alert: Alert) -> tuple[Hidden, list[Finding]]:
    """Returns the fields that stay inside, with a finding for each.

    Raises:
        GateRefused: `restricted_in_public`, `banned_words`: a word that may not be published stands where it cannot be taken out.
    """
    hidden: Hidden = set()
    found: list[Finding] = []
    for person in alert.people:
        if person.label == "missing" and person.sex:
            hidden.add((person.number, "sex"))
            text = "A missing person's sex or gender is not published"
            found.append(Finding("withhold", "missing_person_sex", text, "missing_person_privacy", where=f"people.{person.number}.sex"))
    searched: list[str] = []
    for ban in alert.bans:
        places = _banned_fields(alert, ban)
        hidden |= places
        found += [
            Finding("withhold", "banned_field", "A publication ban covers this field", "publication_ban", "R8", _name(p))
            for p in sorted(places)
        ]
        if not places:
            searched.append(ban)
    _refuse_words(alert, searched, hidden, rule="publication_ban", code="banned_words")
    inside = [text for name, text in alert.restricted.parts().items() if _UNSEARCHED not in name.split(".")]
    _refuse_words(alert, inside, hidden, rule="restricted_fields", code="restricted_in_public")
    return hidden, found


def _banned_fields(alert: Alert, ban: str) -> Hidden:
    parts = ban.split(".")
    if parts[-1] in _PERSON_FIELDS and (len(parts) == 1 or (parts[0] == "people" and len(parts) <= 3)):
        numbers = [person.number for person in alert.people if len(parts) < 3 or parts[1] == str(person.number)]
        return {(number, parts[-1]) for number in numbers}
    return {(0, ban)} if ban in _ALERT_FIELDS else set()


def _refuse_words(alert: Alert, words: list[str], hidden: Hidden, *, rule: str, code: str) -> None:
    patterns = [re.compile(rf"(?<!\w){re.escape(fold(word).lstrip('@'))}(?!\w)") for word in words if fold(word).lstrip("@")]
    for where, text in public_words(alert):
        room, _, rest = where.partition(".")
        number, _, name = rest.partition(".")
        gone = (int(number), name) in hidden if room == "people" else (0, room) in hidden
        if not gone and any(pattern.search(fold(text)) for pattern in patterns):
            # The word itself stays out of the error: it is what must not be seen.
            raise GateRefused(
                "a word that may not be published stands in a public field",
                rule=rule,
                code=code,
                field=where,
                do="Say it without that word",
            )


def _name(place: tuple[int, str]) -> str:
    return f"people.{place[0]}.{place[1]}" if place[0] else place[1]
