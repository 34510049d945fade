"""What every part of an alert asks of a value: one error with field, value and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from geoalert.errors import AlertError
from geoalert.text import fold, hidden_mark, nearest

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-[A-Za-z0-9]{5,8})*")


def one_of(value: str, known: Iterable[str], *, field: str, code: str) -> str:
    """Returns the known word that `value` is, whatever its case.

    Raises:
        AlertError: with `code`; names the nearest known words.
    """
    words = tuple(known)
    folded = {fold(word): word for word in words}
    if isinstance(value, str) and fold(value) in folded:
        return folded[fold(value)]
    near = nearest(str(value), words)
    do = f"Did you mean {' or '.join(near)}? Known: {', '.join(words)}" if near else f"Use one of {', '.join(words)}"
    raise AlertError(f"unknown {field}", code=code, field=field, value=value, do=do)


def line(value: str, *, field: str, required: bool = True, breaks: bool = True) -> str:
    """Returns `value` stripped, refused where it is blank or holds characters that hide or turn what is read.

    Raises:
        AlertError: `missing_text` or `control_characters`.
    """
    if not isinstance(value, str):
        raise AlertError(f"{field} must be text", code="not_text", field=field, value=value)
    text = value.strip()
    if required and not text:
        raise AlertError(
            f"{field} is missing", code="missing_text", field=field, do=f"Write {field}; nobody can act on an alert without it"
        )
    refuse_hidden(text, field=field, breaks=breaks)
    return text


def refuse_hidden(text: str, *, field: str, breaks: bool = True) -> None:
    """Refuses a text with a character that hides or turns what is read.

    Raises:
        AlertError: `control_characters`, naming the character and never the text around it.
    """
    mark = hidden_mark(text, breaks=breaks)
    if mark is not None:
        raise AlertError(
            "a text holds a character that no reader sees", code="control_characters", field=field, value=mark, do="Type the text anew"
        )


def optional_line(value: str | None, *, field: str) -> str | None:
    """Returns `value` stripped, None where it is blank."""
    return None if value is None else line(value, field=field, required=False) or None


def lines(values: Iterable[str], *, field: str) -> tuple[str, ...]:
    """Returns each text stripped; a bare string is refused, it would be read letter by letter."""
    if isinstance(values, str):
        raise AlertError(f"{field} must be a list", code="not_a_list", field=field, value=values, do=f'Write {field} = ["{values}"]')
    return tuple(line(value, field=field) for value in values)


def instant(value: datetime, *, field: str) -> datetime:
    """Returns an aware time in UTC.

    Raises:
        AlertError: `naive_time`.
    """
    if not isinstance(value, datetime):
        raise AlertError(f"{field} must be a date and a time", code="not_a_time", field=field, value=value)
    if value.utcoffset() is None:
        raise AlertError("a time has no time zone", code="naive_time", field=field, value=value.isoformat(), do="Give an aware datetime")
    return value.astimezone(UTC)


def language_tag(value: str, *, field: str = "language") -> str:
    """Returns a BCP 47 tag such as `en` or `fr-CA`, in its usual letter case.

    Raises:
        AlertError: `unknown_language`.
    """
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        raise AlertError("not a language tag", code="unknown_language", field=field, value=value, do="Write a BCP 47 tag: en, en-CA, fr-CA")
    first, *rest = value.split("-")
    shaped = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in rest]
    return "-".join([first.lower(), *shaped])
