"""Every stable code of the package, read from its source: which class carries it, which room raises it, what it says."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "geoalert"
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_ROOMS_OF_TWO = {"boundaries", "directory"}
Function = ast.FunctionDef | ast.AsyncFunctionDef

IN_WORDS = {
    "account": "what an account is",
    "account_unusable": "an account cannot be used",
    "banned_words": "a text holds words that a publication ban covers",
    "clock": "what the project's clock shows",
    "clock_unusable": "the time cannot be told",
    "connection_broken": "the connection broke while the request was under way",
    "directory": "how many channels, venues and units there are",
    "directory_unusable": "the directory cannot be read",
    "disk_full": "the disk is full",
    "disk_read_only": "the disk cannot be written",
    "expired": "a channel's validity has ended",
    "hours_not_filtered": "opening hours do not filter venues yet",
    "invalid_capabilities": "what a place can do contradicts itself",
    "invalid_geojson": "not GeoJSON as RFC 7946 has it",
    "invalid_publisher": "an entry point that leads to no publisher of its name",
    "invalid_value": "a value that the field cannot have",
    "language_twice": "two texts of one language",
    "layer": "what a layer is",
    "layer_unusable": "a layer cannot be read",
    "missing_field": "a field is missing",
    "no_consent": "no consent is in force",
    "not_yet_valid": "a channel is not valid yet",
    "outbox_corrupt": "the ledger is damaged",
    "outbox_locked": "another process holds the ledger",
    "outbox_unusable": "the ledger cannot be opened or written",
    "profile": "which profile it is, and who reviewed it",
    "profile_unusable": "the profile cannot be read",
    "project": "which project it is",
    "read_timeout": "no reply within the time allowed",
    "reader_note": "a remark of GDAL",
    "request_refused": "a request that cannot be made",
    "restricted_in_public": "a public text holds what may never be published",
    "state_unusable": "the state folder cannot be used",
    "unit_without_contact": "the unit has no contact of its own",
    "unknown_field": "no field of that name",
    "unknown_hours_policy": "unknown_hours is list, include or exclude",
    "unknown_kind": "no kind of alert of that name",
    "unknown_label": "a person is called by a word that is not known",
    "unknown_place": "the catalogue has no such place",
    "wrong_type": "a value of another type than the field's",
}
"""Codes whose words are put together elsewhere than where the code stands."""


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One place where a code is given."""

    code: str
    error: str
    room: str
    says: str


@dataclass(frozen=True, slots=True)
class Source:
    """The package's modules, parsed once."""

    trees: dict[str, ast.Module]
    errors: frozenset[str]
    functions: dict[str, list[tuple[str, Function]]]

    @classmethod
    def read(cls, package: Path = PACKAGE) -> Source:
        """Parses every module of the package."""
        trees = {path.relative_to(package).as_posix(): ast.parse(path.read_text("utf-8")) for path in sorted(package.rglob("*.py"))}
        errors = frozenset(node.name for node in ast.walk(trees["errors.py"]) if isinstance(node, ast.ClassDef))
        functions: dict[str, list[tuple[str, Function]]] = defaultdict(list)
        for path, tree in trees.items():
            for node in ast.walk(tree):
                if isinstance(node, Function):
                    functions[node.name].append((path, node))
        return cls(trees, errors, functions)

    def defaults(self) -> list[Use]:
        """Returns the code that each error class has by itself, with the first sentence of its docstring."""
        found = []
        for node in ast.walk(self.trees["errors.py"]):
            if isinstance(node, ast.ClassDef):
                for item in node.body:
                    if isinstance(item, ast.Assign) and getattr(item.targets[0], "id", None) == "code":
                        told = (ast.get_docstring(node) or "").split("\n\n")[0].rstrip(".")
                        found.append(Use(str(ast.literal_eval(item.value)), node.name, "errors", told))
        return [use for use in found if use.code != "error"]

    def uses(self) -> tuple[list[Use], list[Use]]:
        """Returns the codes of errors and the codes of findings, each use once."""
        errors: set[Use] = set()
        findings: set[Use] = set()
        for path, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, Function):
                    self._in_function(node, tree, path, errors, findings)
        return sorted(errors), sorted(findings)

    def _in_function(self, function: Function, tree: ast.Module, path: str, errors: set[Use], findings: set[Use]) -> None:
        room = _room(path)
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                name = _called(node)
                for code in self._codes(node, name, path):
                    kept = findings if self._is_finding(name, path) else errors
                    kept.add(Use(code, self._class(name, path), room, _says(node, function)))
        for code in _assigned(function, tree):
            kept = findings if _given_to_finding(function) else errors
            raised = [node for node in ast.walk(function) if isinstance(node, ast.Call) and _gives_local(node)]
            says = next((text for node in raised if (text := _says(node, function))), "")
            kept.add(Use(code, self._class(function.name, path), room, says))

    def _named(self, name: str, path: str) -> list[Function]:
        """Returns the functions of a name: those of the module itself, else of any."""
        found = self.functions.get(name, [])
        return [function for where, function in found if where == path] or [function for _, function in found]

    def _codes(self, call: ast.Call, name: str, path: str) -> Iterator[str]:
        for keyword in call.keywords:
            if keyword.arg == "code":
                yield from _constants(keyword.value)
        position = 1 if name == "Finding" else self._code_position(name, path)
        if position is not None and len(call.args) > position:
            yield from _constants(call.args[position])

    def _code_position(self, name: str, path: str) -> int | None:
        for function in self._named(name, path):
            names = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
            if "code" in names:
                return names.index("code")
        return None

    def _is_finding(self, name: str, path: str) -> bool:
        if name in self.errors or name == "Finding":
            return name == "Finding"
        return any(_mentions(function, {"Finding"}) and not self._made(function) for function in self._named(name, path))

    def _made(self, function: Function) -> set[str]:
        """Returns the error classes that a function makes."""
        return {_called(node) for node in ast.walk(function) if isinstance(node, ast.Call)} & self.errors

    def _class(self, name: str, path: str, *, inner: bool = False) -> str:
        if name in self.errors:
            return name
        if name == "refusal":
            return "AlertError or ConfigurationError"
        for function in self._named(name, path):
            declared = {node.id for node in ast.walk(function.returns or ast.Pass()) if isinstance(node, ast.Name)} & self.errors
            found = self._made(function) or declared or _mentions(function, self.errors) - {"ExplainedError"}
            if found == {"ExplainedError"}:
                return "AlertError or ConfigurationError"
            if found:
                return " or ".join(sorted(found))
            for call in ast.walk(function):
                if not inner and isinstance(call, ast.Call) and _called(call) != name and self._named(_called(call), path):
                    passed_on = self._class(_called(call), path, inner=True)
                    if passed_on in self.errors:
                        return passed_on
        if inner:
            return ""
        return " or ".join(sorted(_mentions(self.trees[path], self.errors) - {"ExplainedError", "GeoAlertError"})) or "GeoAlertError"


def _mentions(tree: ast.AST, names: frozenset[str] | set[str]) -> set[str]:
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return (found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}) & set(names)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _constants(value: ast.AST) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from _constants(value.body)
        yield from _constants(value.orelse)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str) and _CODE.fullmatch(value.value):
        yield value.value


def _assigned(function: Function, tree: ast.Module) -> Iterator[str]:
    """Yields constants that become a local `code`, also through a table of the module such as {key: (code, what)}."""
    tables = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        target = node.targets[0]
        names = [getattr(item, "id", "") for item in target.elts] if isinstance(target, ast.Tuple) else [getattr(target, "id", "")]
        if "code" not in names:
            continue
        place = names.index("code") if isinstance(target, ast.Tuple) else None
        yield from _picked(node.value, place)
        for name in ast.walk(node.value):
            table = tables.get(name.id) if isinstance(name, ast.Name) else None
            if isinstance(table, ast.Dict):
                for value in table.values:
                    yield from _picked(value, place)


def _picked(value: ast.AST, place: int | None) -> Iterator[str]:
    if place is None:
        yield from _constants(value)
        return
    for node in ast.walk(value):
        if isinstance(node, ast.Tuple) and len(node.elts) > place:
            yield from _constants(node.elts[place])


def _given_to_finding(function: Function) -> bool:
    """Tells whether the local `code` of a function ends in a Finding."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and _called(node) == "Finding"]
    return any(isinstance(argument, ast.Name) and argument.id == "code" for call in calls for argument in call.args)


def _gives_local(call: ast.Call) -> bool:
    return any(keyword.arg == "code" and isinstance(keyword.value, ast.Name) for keyword in call.keywords)


def _says(call: ast.Call, function: Function) -> str:
    """Returns the words of an error or finding as they are written, what is filled in as an ellipsis."""
    for argument in call.args:
        text = argument
        if isinstance(argument, ast.Name):
            given = [
                node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == argument.id
            ]
            text = given[0] if len(given) == 1 else argument
        if isinstance(text, ast.JoinedStr):
            said = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in text.values)
        elif isinstance(text, ast.Constant) and isinstance(text.value, str):
            said = text.value
        else:
            continue
        if " " in said:
            return said
    return ""


def _room(path: str) -> str:
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(parts[: 2 if parts[0] in _ROOMS_OF_TWO else 1])
