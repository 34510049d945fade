"""The privacy gates: what a ban, a missing person's dignity or a restricted record keeps back.

A field is withheld where the rest still makes sense without it. A word inside a text that must stand cannot be cut out by a machine,
so it refuses the alert and a person writes the text anew. Neither finding nor error repeats the word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from geoalert.alert import Alert
from geoalert.alert.bans import banned_fields, banned_words, is_required
from geoalert.alert.words import public_words
from geoalert.errors import GateRefused
from geoalert.findings import Finding
from geoalert.gates.search import Search, pieces
from geoalert.gates.young import RULE, young_witnesses

BAN = "publication_ban"
_UNSEARCHED = "notes"


@dataclass(frozen=True, slots=True)
class Withheld:
    """What stays inside.

    Attributes:
        hidden: dotted names, `people.1.sex`; a whole member as `people.1`, `media.2`.
        searches: values that may stand nowhere in public.
    """

    hidden: frozenset[str]
    findings: tuple[Finding, ...]
    searches: tuple[Search, ...] = field(repr=False)

    def hides(self, where: str) -> bool:
        """Tells whether the field, or the member it belongs to, stays inside."""
        return any(where == name or where.startswith(f"{name}.") for name in self.hidden)

    def refuse_in(self, words: Iterable[tuple[str, str]]) -> None:
        """Raises where a public text holds what may not be published.

        Args:
            words: each text with the field that holds it.

        Raises:
            GateRefused: `restricted_in_public`, `banned_words`.
        """
        shown = [(where, text) for where, text in words if not self.hides(where)]
        for search in self.searches:
            for where, text in shown:
                search.refuse_in(where, text)


def withheld_fields(alert: Alert) -> Withheld:
    """Returns the fields that stay inside with a finding for each, and the searches for what may stand nowhere.

    Raises:
        GateRefused: `banned_required`, `restricted_in_public`, `banned_words`.
    """
    found = [*_dignity(alert), *young_witnesses(alert), *_bans(alert)]
    hidden = frozenset(one.where for one in found if one.level == "withhold" and one.where)
    searches = [*_ban_searches(alert, found), *_restricted_searches(alert)]
    result = Withheld(hidden, tuple(found), tuple(searches))
    result.refuse_in(public_words(alert))
    return result


def _dignity(alert: Alert) -> Iterator[Finding]:
    for person in alert.people:
        if person.label == "missing" and person.sex:
            text = "A missing person's sex or gender is not published"
            yield Finding("withhold", "missing_person_sex", text, "missing_person_privacy", where=f"people.{person.number}.sex")


def _bans(alert: Alert) -> list[Finding]:
    covered: dict[str, None] = {}
    found = []
    for position, ban in enumerate(alert.bans, 1):
        if banned_words(ban) is not None:
            continue
        named = banned_fields(alert, ban, field=f"bans.{position}")
        members = {f"people.{person.number}" for person in alert.people}
        present = [path for path in named if path in members or _values(alert, path)]
        for path in (path for path in named if is_required(path)):
            raise GateRefused(
                "a publication ban covers a part that no alert can do without",
                rule=BAN,
                code="banned_required",
                field=path,
                do="Write that part so that it may be published and ban the words instead, in quotation marks",
            )
        covered |= dict.fromkeys(present)
        if not present:
            nothing = "A publication ban names a field that this alert does not fill"
            found.append(Finding("note", "ban_covers_nothing", nothing, BAN, "R8", f"bans.{position}"))
    covered |= dict.fromkeys(_left_bare(alert, covered))
    text = "A publication ban covers this field"
    return [*found, *(Finding("withhold", "banned_field", text, BAN, "R8", path) for path in sorted(covered))]


def _left_bare(alert: Alert, covered: Iterable[str]) -> Iterator[str]:
    gone = set(covered)
    for vehicle in alert.vehicles:
        own = f"vehicles.{vehicle.number}"
        look = {f"{own}.{name}" for name, value in vehicle.to_dict().items() if value and name not in ("number", "direction")}
        if look <= gone:
            yield own
    yield from (f"media.{n}" for n, item in enumerate(alert.media, 1) if f"people.{item.person}" in gone)


def _ban_searches(alert: Alert, found: Iterable[Finding]) -> Iterator[Search]:
    for ban in alert.bans:
        yield from Search.of(banned_words(ban) or "", rule=BAN)
    for one in found:
        if one.code == "banned_field" and one.where:
            for path, text in _values(alert, one.where):
                yield from Search.of(text, rule=BAN, own=path)
        elif one.code == "young_witness" and one.where:
            for path, text in _values(alert, f"{one.where}.first_name"):
                yield from Search.of(text, rule=RULE, own=path)


def _restricted_searches(alert: Alert) -> Iterator[Search]:
    for name, value in alert.restricted.parts().items():
        if _UNSEARCHED not in name.split("."):
            for text in dict.fromkeys(pieces(name, value)):
                yield from Search.of(text, rule="restricted_fields")


def _values(alert: Alert, path: str) -> list[tuple[str, str]]:
    words = [*public_words(alert), *alert.restricted.parts().items()]
    for person in alert.people:
        words += [(f"people.{person.number}.height_cm", f"{person.height_cm:g}")] if person.height_cm else []
    return [(where, text) for where, text in words if where == path or (where.startswith(f"{path}.") and not where.endswith(".basis"))]
