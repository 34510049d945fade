"""Follows an error's code backwards through the source: names, tuples, tables, loops and the functions that return it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
Step = int | str
"""Into a value: a place in a tuple, ANY of a table's values or of a list, or KEY for a table's keys."""
ANY, KEY = "any", "key"
Way = tuple[Step, ...]
Seen = frozenset[object]
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Told:
    """One code, with the words that stand in the same tuple; code None where what was followed leads nowhere."""

    code: str | None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """The package's modules and functions, to follow values in.

    Example:
        [told.code for told in flow.codes(call.keywords[0].value, function, "geo/lonlat.py")]
    """

    trees: Mapping[str, ast.Module]
    functions: Mapping[str, list[tuple[str, Function]]]

    def codes(self, value: ast.AST, function: Function, path: str) -> list[Told]:
        """Returns every code that a value may be; a parameter called `code` says nothing here, for its callers are asked themselves."""
        return list(dict.fromkeys(self._follow(value, function, path, (), frozenset())))

    def _follow(self, value: ast.AST, function: Function | None, path: str, into: Way, seen: Seen) -> Iterator[Told]:
        mark = (id(value), into)
        if mark in seen:
            return
        seen |= {mark}
        if isinstance(value, ast.Constant):
            yield from _constant(value, into)
        elif isinstance(value, ast.Attribute):
            yield from self._attribute(value.attr, into, seen)
        elif isinstance(value, ast.Name):
            yield from self._name(value, function, path, into, seen)
        elif isinstance(value, ast.Call):
            yield from self._call(value, function, path, into, seen)
        elif isinstance(value, ast.JoinedStr):
            yield from self._joined(value, function, path, seen)
        else:
            found = _inner(value, into)
            if found is None:
                yield Told(None)
            for part, rest, says in found or ():
                for told in self._follow(part, function, path, rest, seen):
                    yield Told(told.code, told.says or says)

    def _name(self, use: ast.Name, function: Function | None, path: str, into: Way, seen: Seen) -> Iterator[Told]:
        name = use.id
        inside = [] if function is None else list(_bound(name, function, use))
        if function is not None and inside:
            for value, more in inside:
                yield from self._follow(value, function, path, (*more, *into), seen)
            if into[:1] == (KEY,):
                yield from (told for node in ast.walk(function) for told in _written(node, name))
        elif function is not None and name in _parameters(function):
            if name != "code" or into:
                yield from self._callers(name, function, into, seen)
        else:
            outside = list(_bound(name, self.trees[path]))
            # What a function within this one takes as `code` is followed from there.
            if not outside and not (name == "code" and not into and function is not None and _inner_takes(name, function)):
                yield Told(None)
            for value, more in outside:
                yield from self._follow(value, None, path, (*more, *into), seen)

    def _attribute(self, name: str, into: Way, seen: Seen) -> Iterator[Told]:
        """An error's own code says nothing here; a table that classes hold is looked up in all of them."""
        if name.endswith("code") and not into:
            return
        classes = [(path, node) for path, tree in self.trees.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        found = [(path, *each) for path, node in classes for each in _bindings(name, node.body)]
        if not found:
            yield Told(None)
        for path, _, value, more in found:
            yield from self._follow(value, None, path, (*more, *into), seen)

    def _callers(self, name: str, function: Function, into: Way, seen: Seen) -> Iterator[Told]:
        place = [each for each in _parameters(function) if each not in ("self", "cls")].index(name)
        for path, tree in self.trees.items():
            for caller in ast.walk(tree):
                if not isinstance(caller, Function):
                    continue
                for node in ast.walk(caller):
                    if isinstance(node, ast.Call) and called(node) == function.name:
                        given = [each.value for each in node.keywords if each.arg == name] or node.args[place : place + 1]
                        for value in given:
                            yield from self._follow(value, caller, path, into, seen)

    def _call(self, call: ast.Call, function: Function | None, path: str, into: Way, seen: Seen) -> Iterator[Told]:
        name = called(call)
        table = call.func.value if isinstance(call.func, ast.Attribute) else None
        if table is not None and name == "get":
            yield from self._follow(table, function, path, (ANY, *into), seen)
            yield from (told for value in call.args[1:] for told in self._follow(value, function, path, into, seen))
        elif table is not None and name == "values":
            yield from self._follow(table, function, path, into, seen)
        elif table is not None and name == "items" and len(into) > 1:
            yield from self._follow(table, function, path, ((KEY, ANY)[into[1] == 1], *into[2:]), seen)
        elif name in ("MappingProxyType", "frozenset", "defaultdict"):
            yield from (
                told for value in call.args if not isinstance(value, ast.Name) for told in self._follow(value, function, path, into, seen)
            )
        else:
            known = self.functions.get(name, [])
            here = [each for each in known if each[0] == path] or known
            if not here:
                yield Told(None)
            for where, inner in here:
                for node in ast.walk(inner):
                    if isinstance(node, ast.Return) and node.value is not None:
                        yield from self._follow(node.value, inner, where, into, seen)

    def _joined(self, text: ast.JoinedStr, function: Function | None, path: str, seen: Seen) -> Iterator[Told]:
        made = [""]
        for part in text.values:
            if isinstance(part, ast.Constant):
                ends = [str(part.value)]
            else:
                inner = part.value if isinstance(part, ast.FormattedValue) else part
                ends = [told.code or "" for told in self._follow(inner, function, path, (), seen)]
            made = [start + end for start in made for end in ends]
        yield from (Told(code if _CODE.fullmatch(code) else None) for code in made)


def called(call: ast.Call) -> str:
    """Returns the last name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _constant(value: ast.Constant, into: Way) -> Iterator[Told]:
    if value.value is None:
        return
    found = not into and isinstance(value.value, str) and _CODE.fullmatch(value.value)
    yield Told(str(value.value) if found else None)


def _inner(value: ast.AST, into: Way) -> list[tuple[ast.AST, Way, str]] | None:
    """Returns the parts of an expression that may be what is looked for, with the words beside them; None where it has none."""
    if isinstance(value, ast.IfExp):
        return [(value.body, into, ""), (value.orelse, into, "")]
    if isinstance(value, ast.BoolOp):
        return [(each, into, "") for each in value.values]
    if isinstance(value, ast.Subscript):
        return [(value.value, (ANY, *into), "")]
    if isinstance(value, ast.Dict) and into:
        each = value.keys if into[0] == KEY else value.values
        return [(part, into[1:], "") for part in each if part is not None]
    if isinstance(value, ast.Tuple) and into and isinstance(into[0], int):
        return [(value.elts[into[0]], into[1:], _sentence(value))] if into[0] < len(value.elts) else None
    if isinstance(value, ast.Tuple | ast.List | ast.Set) and into:
        return [(part, into[1:], "") for part in value.elts]
    return None


def _sentence(value: ast.Tuple) -> str:
    return next((said for each in value.elts if " " in (said := words(each))), "")


def words(text: ast.AST) -> str:
    """Returns a text as it is written, what is filled in as an ellipsis; nothing where it is no text."""
    if isinstance(text, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in text.values)
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""


def _bound(name: str, tree: ast.AST, use: ast.Name | None = None) -> Iterator[tuple[ast.AST, Way]]:
    """Yields what a name is bound to, with the way into it; of a module only at its top, else what may still hold where it is used."""
    if isinstance(tree, ast.Module) or use is None:
        yield from ((value, way) for _, value, way in _bindings(name, getattr(tree, "body", ())))
        return
    found = [each for each in _bindings(name, ast.walk(tree)) if _line(each[0]) <= use.lineno]
    sure = [_line(each[0]) for each in found if each[0] in _before(use, tree)]
    yield from ((value, way) for node, value, way in found if _line(node) >= max(sure, default=0))


def _line(node: ast.AST) -> int:
    placed = node.target if isinstance(node, ast.comprehension) else node
    return int(getattr(placed, "lineno", 0))


def _before(use: ast.Name, tree: ast.AST) -> list[ast.AST]:
    """Returns the statements that have run before a place in a function, whichever way was taken there; loops round it too."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        for _, block in ast.iter_fields(node):
            if not isinstance(block, list) or not any(isinstance(each, ast.stmt) for each in block):
                continue
            at = next((place for place, each in enumerate(block) if any(part is use for part in ast.walk(each))), None)
            if at is not None:
                found += block[: at + 1] if isinstance(block[at], ast.For) else block[:at]
    return found


def _bindings(name: str, nodes: Iterable[ast.AST]) -> Iterator[tuple[Any, ast.AST, Way]]:
    pairs: list[tuple[ast.expr, ast.expr, Way]]
    for node in nodes:
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value, ()) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            pairs = [(node.target, node.value, ())]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter, (ANY,))]
        else:
            continue
        for target, value, more in pairs:
            yield from ((node, value, (*more, *way)) for way in _ways(name, target))


def _ways(name: str, target: ast.AST) -> Iterator[Way]:
    if isinstance(target, ast.Name) and target.id == name:
        yield ()
    elif isinstance(target, ast.Tuple):
        for place, part in enumerate(target.elts):
            yield from ((place, *way) for way in _ways(name, part))


def _written(node: ast.AST, name: str) -> Iterator[Told]:
    """Yields the keys that a table gets one by one, as in `table["key"].append(...)`."""
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Constant)
    ):
        yield from _constant(node.slice, ())


def _inner_takes(name: str, function: Function) -> bool:
    return any(isinstance(node, Function) and name in _parameters(node) for node in ast.walk(function) if node is not function)


def _parameters(function: Function) -> list[str]:
    given = function.args
    return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
