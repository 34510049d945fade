"""Types of the alert's parts, asked before anything looks inside: a wrong one is an error that names the field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from geoalert.alert.checks import lines
from geoalert.errors import AlertError

Part = TypeVar("Part")
Kept = TypeVar("Kept")


def refuse_type(value: object, wanted: str, *, field: str) -> NoReturn:
    """Raises `wrong_type`; the value itself is not shown, it may be a whole record about a person.

    Raises:
        AlertError: always.
    """
    raise AlertError(f"{field} must be {wanted}", code="wrong_type", field=field, value=type(value).__name__, do=f"Give {wanted}")


def part(value: Any, kind: type[Part], *, field: str) -> Part:
    """Returns `value` where it is of that class.

    Raises:
        AlertError: `wrong_type`.
    """
    if not isinstance(value, kind):
        refuse_type(value, f"one {kind.__name__}", field=field)
    return value


def parts(values: Any, kind: type[Part], *, field: str) -> tuple[Part, ...]:
    """Returns the values as a tuple where each is of that class.

    Raises:
        AlertError: `wrong_type`.
    """
    if not isinstance(values, Iterable) or isinstance(values, str | bytes | Mapping):
        refuse_type(values, f"a tuple of {kind.__name__}", field=field)
    return tuple(part(value, kind, field=field) for value in values)


def text_list(values: Any, *, field: str) -> tuple[str, ...]:
    """Returns each text stripped.

    Raises:
        AlertError: `wrong_type`, and what `lines` refuses.
    """
    if not isinstance(values, Iterable) or isinstance(values, bytes | Mapping):
        refuse_type(values, "a list of texts", field=field)
    return lines(values, field=field)


def flag(value: Any, *, field: str) -> bool:
    """Returns a truth value; `"no"` is none.

    Raises:
        AlertError: `wrong_type`.
    """
    if not isinstance(value, bool):
        refuse_type(value, "True or False", field=field)
    return value


def number(value: Any, *, field: str) -> float | None:
    """Returns a number or None.

    Raises:
        AlertError: `wrong_type`.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        refuse_type(value, "a number", field=field)
    return value


def whole_number(value: Any, what: str, *, code: str, field: str) -> int:
    """Returns a number that counts from 1.

    Raises:
        AlertError: with `code`.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise AlertError(what, code=code, field=field, value=value if isinstance(value, int | float) else type(value).__name__)
    return value


_SAYS = {
    "control_characters": "a text holds a character that no reader sees",
    "not_text": "this must be text",
    "not_a_list": "this must be a list",
    "wrong_type": "this must be a list of texts",
}


def quiet(check: Callable[..., Kept], value: Any, *, field: str) -> Kept:
    """Returns what `check` makes of a value that may never be shown; its error carries neither the value nor a cause that does.

    Raises:
        AlertError: with the code of the check's own.
    """
    try:
        return check(value, field=field)
    except AlertError as err:
        code = err.code
    # Raised outside the except block: there the first error, which holds the value, would hang on as its context.
    raise AlertError(
        _SAYS.get(code, "this cannot be kept"), code=code, field=field, do="Type it anew; the value is not shown, it may never be published"
    )
