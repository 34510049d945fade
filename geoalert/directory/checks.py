"""What every value of the directory is asked: one DirectoryError with field, value and what to do.

Each function returns the value that is kept, or raises; none of them knows files or rows, which the reader adds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

import numpy as np
import shapely

from geoalert.alert.checks import language_tag
from geoalert.boundaries.model import Layer
from geoalert.errors import AlertError, DirectoryError
from geoalert.text import fold, hidden_mark, nearest

SCOPES = ("public", "restricted")
_ID = re.compile(r"[^\W_][\w.@+-]*")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_KIND = re.compile(r"[a-z][a-z0-9_]*")
_CATEGORY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\".]+(\.[^\s@,;<>\".]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{5,}[0-9]")


def bounds_of(layers: Iterable[Layer]) -> tuple[float, float, float, float] | None:
    """Returns west, south, east, north of all layers together, None for no layer."""
    whole = [layer.geometries for layer in layers]
    if not whole:
        return None
    west, south, east, north = map(float, shapely.total_bounds(np.concatenate(whole)))
    return west, south, east, north


def identifier(value: str) -> str:
    """Returns an id of a channel or venue: letters, digits, `.`, `_`, `-`, `@`, `+`; no space, no slash."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise DirectoryError(
            "not an id",
            code="invalid_id",
            field="id",
            value=value,
            do="Use letters, digits, '.', '_' and '-' only, as in ed-bia or club-014",
        )
    return value


def filled(value: str, *, field: str) -> str:
    """Returns `value`, refused where it is blank or holds characters that break, hide or turn what is read.

    Raises:
        DirectoryError: missing_value, control_characters.
    """
    if not isinstance(value, str) or not value.strip():
        raise DirectoryError(f"{field} is blank", code="missing_value", field=field, do=f"Fill in {field}")
    mark = hidden_mark(value, breaks=False)
    if mark is not None:
        raise DirectoryError(
            "a line break, or a character that no reader sees", code="control_characters", field=field, value=mark, do="Type it anew"
        )
    return value


def scope_word(value: str) -> str:
    """Returns `public` or `restricted`."""
    if value not in SCOPES:
        near = nearest(str(value), SCOPES, most=1)
        do = f"Did you mean {near[0]}?" if near else "Write public, or restricted for staff only"
        raise DirectoryError("unknown scope", code="unknown_scope", field="scope", value=value, do=do)
    return value


def account_name(value: str) -> str:
    """Returns the name of an account of geoalert.toml."""
    if not _ACCOUNT.fullmatch(filled(value, field="account")):
        raise DirectoryError(
            "not an account's name", code="invalid_account", field="account", value=value, do="Write a name under [accounts]"
        )
    return value


def kind_words(values: Iterable[str]) -> tuple[str, ...]:
    """Returns alert kinds, each shaped as a kind.

    Whether a kind exists is the reader's question: an agency's profile may know others than the package.
    """
    return _each(values, _KIND, field="kinds", code="unknown_kind", do="Write kinds such as suspect_appeal;missing_person")


def category_word(value: str) -> str:
    """Returns a category such as `nightlife.nightclub`, without wildcard."""
    if not isinstance(value, str) or not _CATEGORY.fullmatch(value):
        raise DirectoryError(
            "not a category",
            code="invalid_category",
            field="category",
            value=value,
            do="Write lower case and dots, as in nightlife.nightclub",
        )
    return value


def language_tags(values: Iterable[str]) -> tuple[str, ...]:
    """Returns BCP 47 tags in their usual letter case."""
    try:
        return tuple(dict.fromkeys(language_tag(value, field="languages") for value in _listed(values, field="languages")))
    except AlertError as err:
        raise DirectoryError(err.what, code=err.code, field="languages", value=err.value, do="Write BCP 47 tags: en;fr-CA") from err


def day(value: date | None, *, field: str) -> date | None:
    """Returns a calendar day or None; a time of day is refused, it would need a zone."""
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise DirectoryError("not a day", code="invalid_date", field=field, value=value, do="Give a datetime.date")
    return value


def email_address(value: str) -> str:
    """Returns one e-mail address, or nothing for nothing."""
    if value and not _EMAIL.fullmatch(value):
        raise DirectoryError(
            "not an e-mail address", code="invalid_email", field="email", value=value, do="Write one address, as in door@club.example"
        )
    return value


def phone_number(value: str, *, field: str = "sms") -> str:
    """Returns one phone number as written, or nothing for nothing.

    Any country's form passes; seven digits at least. The publisher that dials it knows its own rules.
    """
    if value and not _PHONE.fullmatch(value):
        raise DirectoryError(
            "not a phone number", code="invalid_phone", field=field, value=value, do="Write it as text, as in +1 416-555-0142"
        )
    return value


def words(values: Iterable[str], *, field: str) -> tuple[str, ...]:
    """Returns each text once, in order."""
    return tuple(dict.fromkeys(filled(value, field=field) for value in _listed(values, field=field)))


def same_address(address: str) -> str:
    """Returns an address for comparing: phone numbers by their digits, the rest folded.

    The 1 in front of a North American number is left out: +1 416-555-0142 and (416) 555-0142 ring one phone.
    """
    if _PHONE.fullmatch(address):
        digits = re.sub(r"\D", "", address)
        return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return fold(address)


def _listed(values: Iterable[str], *, field: str) -> Iterable[str]:
    if isinstance(values, str):
        raise DirectoryError(f"{field} must be a list", code="not_a_list", field=field, value=values)
    return values


def _each(values: Iterable[str], shape: re.Pattern[str], *, field: str, code: str, do: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_listed(values, field=field)))
    for value in found:
        if not shape.fullmatch(value):
            raise DirectoryError(f"not one of the {field}", code=code, field=field, value=value, do=do)
    return found
