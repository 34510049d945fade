"""How ids are compared: natural order, and look-ups that forgive the ways people write one id."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from geoalert.errors import BoundaryError

_RUNS = re.compile(r"[0-9]+|[^0-9]+")
_BRACKET = re.compile(r".*\S\s*\(\s*([a-z]{0,4}[ -]?[0-9]+(?:\.0+)?[a-z]?)\s*\)", re.DOTALL)
_FLOAT = re.compile(r"([0-9]+)\.0+")
_CODE = re.compile(r"([a-z]*)[ _-]?0*([0-9]+[a-z]?)")
_ORDINAL = re.compile(r"\b([0-9]+)(?:st|nd|rd|th)\b")
_UNIT = r"(?:police )?(?:division|div|district|dist|precinct|pct|ward|beat|zone|sector|area|community area|neighbou?rhood|hood)\.?"
_UNIT_FIRST = re.compile(rf"{_UNIT} ?(?:no\.? ?|# ?)?([a-z]{{0,4}}[ -]?[0-9]+[a-z]?)")
_UNIT_LAST = re.compile(rf"([a-z]{{0,4}}[ -]?[0-9]+[a-z]?) {_UNIT}")

DISSOLVE = "dissolve = true in geoalert.toml, dissolve=True in Python, or ,dissolve=true in --layer"
"""How each face says that rows of one id are parts of one boundary."""

AS_WRITTEN = 'where they only read alike, compare them as written by id_rule = "verbatim"'
"""The way out for different ids that the default rule takes for one."""

NaturalKey = tuple[tuple[tuple[int, int, str], ...], str]


def natural_key(id: str) -> NaturalKey:
    """Returns the sort key under which D9 comes before D10 and 2 before 014.

    Digits compare as numbers of any length, letters without case; equal ones by their verbatim text, so the order is total.
    """
    runs = []
    for run in _RUNS.findall(id.casefold()):
        if run[0] in "0123456789":
            digits = run.lstrip("0")
            runs.append((0, len(digits), digits))
        else:
            runs.append((1, 0, run))
    return tuple(runs), id


def id_text(value: object) -> str | None:
    """Returns the text of a look-up value: 97, 97.0 and numpy's 97 read "97"; None for what cannot be an id."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if not math.isfinite(number):
        return None
    return str(int(value)) if number.is_integer() else str(value)  # type: ignore[call-overload]


def _plain(text: str) -> str:
    """Returns the text without case, width variants, double spaces, a name before a bracketed id, a unit word or an ordinal."""
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if bracket := _BRACKET.fullmatch(text):
        text = bracket[1]
    text = _ORDINAL.sub(r"\1", text)
    if unit := _UNIT_FIRST.fullmatch(text) or _UNIT_LAST.fullmatch(text):
        text = unit[1]
    if whole := _FLOAT.fullmatch(text):
        text = whole[1]
    return text


def split_code(text: str) -> tuple[str, str]:
    """Splits "D014" into ("d", "14") and "097" into ("", "97"); a text that is no code is ("", text)."""
    text = _plain(text)
    code = _CODE.fullmatch(text)
    return (code[1], code[2]) if code else ("", text)


@dataclass(frozen=True, slots=True)
class IdRule:
    """The rule by which one layer compares ids; the ids themselves stay verbatim.

    The default rule drops case, zeros in front, Excel's ".0", a unit word ("14 Division"), and a name before a bracketed id
    ("Yonge-St.Clair (97)"). The letters of "D14" drop only where the layer has one such prefix, so "A1" and "B1" stay apart.

    Attributes:
        verbatim: compare ids exactly as they are written.
        prefix: the letters every lettered id of the layer begins with; None where several do, "" where none does.
    """

    verbatim: bool = False
    prefix: str | None = ""

    @classmethod
    def of(cls, ids: Iterable[str]) -> IdRule:
        """Returns the default rule for a layer with these ids."""
        prefixes = {prefix for prefix, _ in map(split_code, ids) if prefix}
        if len(prefixes) > 1:
            return cls(prefix=None)
        return cls(prefix=prefixes.pop() if prefixes else "")

    @classmethod
    def named(cls, name: str | IdRule | None, ids: Iterable[str]) -> IdRule:
        """Returns the rule that `default` or `verbatim` names, for a layer with these ids.

        Raises:
            BoundaryError: code unknown_id_rule.
        """
        if isinstance(name, IdRule):
            return name
        if name in (None, "default"):
            return cls.of(ids)
        if name == "verbatim":
            return VERBATIM
        raise BoundaryError(
            "no such rule for ids",
            code="unknown_id_rule",
            field="id_rule",
            value=name,
            do='Write "default", which compares ids by their numbers and letters, or "verbatim"',
        )

    def normalise(self, text: str) -> str:
        """Returns the key under which an id is looked up.

        With the prefix "d", "D14", "14" and "Division 14" are all "14"; "W14" is "w14".
        """
        if self.verbatim:
            return text
        prefix, code = split_code(text)
        if self.prefix is None:
            return prefix + code
        return code if prefix in ("", self.prefix) or (not self.prefix and prefix == "d") else prefix + code

    def describe(self) -> str:
        """Returns the rule in words, for checks and error texts."""
        if self.verbatim:
            return "ids are compared as written"
        dropped = f" and the prefix {self.prefix.upper()}" if self.prefix else ""
        return f"ids are compared without case, zeros in front, unit words, names before a bracketed id{dropped}"


VERBATIM = IdRule(verbatim=True)


def positions_by_key(ids: Iterable[str], rule: IdRule, *, layer: str) -> dict[str, int]:
    """Returns where each id is, under its normalised key.

    Raises:
        BoundaryError: two ids are equal under the rule (duplicate_id).
    """
    rows = list(ids)
    keys: dict[str, int] = {}
    for row, text in enumerate(rows):
        first = keys.setdefault(rule.normalise(text), row)
        if first != row:
            raise BoundaryError(
                f"ids {rows[first]!r} (row {first + 1}) and {text!r} (row {row + 1}) of layer {layer} are one id: {rule.describe()}",
                code="duplicate_id",
                row=row + 1,
                field="id",
                value=text,
                do=f"Join the rows of one id by {DISSOLVE}; {AS_WRITTEN}; or correct the id.",
            )
    return keys
