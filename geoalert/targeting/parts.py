"""What a rule and the rules inside it say before any is resolved: layers, rings, depth."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from geoalert.errors import AreaError
from geoalert.targeting.rings import check_signals

Rule = Mapping[str, Any]

_DEEPEST = 50
"""Rules within rules; no person writes more, and Python's stack ends at some hundreds."""


def check_depth(rule: Rule) -> None:
    """Refuses a rule with more rules inside each other than anybody writes.

    Raises:
        AreaError: code too_deep.
    """
    level: list[Any] = [rule]
    for _ in range(_DEEPEST):
        level = [part for each in level if isinstance(each, Mapping) and isinstance(each.get("of"), list | tuple) for part in each["of"]]
        if not level:
            return
    raise AreaError(
        f"more than {_DEEPEST} rules stand inside each other",
        code="too_deep",
        field="of",
        do="List the rules side by side in one of = [...]; a union or minus takes any number.",
    )


def layer_names(rule: Rule) -> Iterator[str]:
    """Yields the layers that a rule and its parts name."""
    return (str(each["layer"]) for each in parts_of(rule) if each.get("type") == "named" and "layer" in each)


def parts_of(rule: Rule) -> Iterator[Rule]:
    """Yields a rule and every rule inside it."""
    yield rule
    inner = rule.get("of")
    for part in inner if isinstance(inner, list | tuple) else ():
        if isinstance(part, Mapping):
            yield from parts_of(part)


def has_rings(rule: Rule) -> bool:
    """Returns whether a rule, or one inside it, is rings that time or a signal may widen."""
    return any(each.get("type") == "rings" and "ring" not in each for each in parts_of(rule))


def check_asked(rule: Rule, signals: Collection[str], *, at: datetime | None = None, delta: bool = False) -> None:
    """Refuses to be asked for what only rings have: a time, a signal that one of them waits for, what a ring adds.

    Raises:
        AreaError: codes no_rings, unknown_signal.
    """
    if not (signals or delta or at is not None):
        return
    if not has_rings(rule):
        raise AreaError(
            "the rule has no rings, so no time, signal or delta can be asked of it",
            code="no_rings",
            field="type",
            value=rule.get("type"),
            do="Leave it out, or give a rule of type rings.",
        )
    if delta and rule.get("type") != "rings":
        raise AreaError(
            f"the rings stand inside a {rule.get('type')}, of which no ring adds anything by itself",
            code="no_rings",
            field="type",
            value=rule.get("type"),
            do="Ask for what a ring adds in an area file of the rings alone.",
        )
    check_signals(signals, sorted({name for each in parts_of(rule) if each.get("type") == "rings" for name in _waited_for(each)}))


def _waited_for(rule: Rule) -> Iterator[str]:
    steps = rule.get("steps")
    for step in steps if isinstance(steps, list | tuple) else ():
        if isinstance(step, Mapping) and isinstance(step.get("or_on"), str):
            yield step["or_on"]
