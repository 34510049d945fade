"""Every stable code of the package, read from its source: which class carries it, which room raises it, what it says."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.code_flow import Flow, Function, Told, called, words

PACKAGE = Path(__file__).resolve().parents[1] / "geoalert"
_ROOMS_OF_TWO = {"boundaries", "directory"}

LEAST_LETTERS = 6
"""In a text of fewer nothing is said: the rest is filled in."""

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
    "key_replaced": "the person has another key than the one that signed",
    "language_twice": "two texts of one language",
    "layer": "what a layer is",
    "layer_unusable": "a layer cannot be read",
    "missing_field": "a field is missing",
    "no_consent": "no consent is in force",
    "not_yet_valid": "a channel is not valid yet",
    "outbox_corrupt": "the ledger is damaged",
    "outbox_locked": "another process holds the ledger",
    "outbox_unusable": "the ledger cannot be opened or written",
    "people_unusable": "people and their keys cannot be checked",
    "profile": "which profile it is, and who reviewed it",
    "profile_unusable": "the profile cannot be read",
    "project": "which project it is",
    "read_timeout": "no reply within the time allowed",
    "reader_note": "a remark of GDAL",
    "record_broken": "an entry of the record is not what was written",
    "record_unusable": "the record cannot be read",
    "request_refused": "a request that cannot be made",
    "restricted_in_public": "a public text holds what may never be published",
    "state_unusable": "the state folder cannot be used",
    "unit_without_contact": "the unit has no contact of its own",
    "unknown_at_expiry": "at_expiry is leave, remove_images or remove",
    "unknown_certainty": "no certainty of that name",
    "unknown_field": "no field of that name",
    "unknown_hours_policy": "unknown_hours is list, include or exclude",
    "unknown_key": "no unknown delivery has a key that begins so, or several have",
    "unknown_kind": "no kind of alert of that name",
    "unknown_label": "a person is called by a word that is not known",
    "unknown_measure": "a reason is given for something that is not measured",
    "unknown_place": "the catalogue has no such place",
    "unknown_scope": "scope is public or restricted",
    "unknown_severity": "no severity of that name",
    "unknown_status": "status is actual, exercise or test",
    "unknown_urgency": "no urgency of that name",
    "worker_unusable": "whether a worker runs cannot be told",
    "wrong_key": "the signature is not of the key listed for that person",
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
                    self._in_function(node, path, errors, findings)
        return sorted(errors), sorted(findings)

    def lost(self) -> list[str]:
        """Returns FILE:LINE of every code that cannot be followed to the words it may be, so that none is left out in silence."""
        calls = [
            (path, node, function)
            for path, tree in self.trees.items()
            for function in ast.walk(tree)
            if isinstance(function, Function)
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
        ]
        return sorted(
            {
                f"{path}:{node.lineno}"
                for path, node, function in calls
                if any(told.code is None for told in self._codes(node, called(node), path, function))
            }
        )

    def _in_function(self, function: Function, path: str, errors: set[Use], findings: set[Use]) -> None:
        room = _room(path)
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                name = called(node)
                for told in self._codes(node, name, path, function):
                    kept = findings if self._is_finding(name, path) else errors
                    if told.code is not None:
                        kept.add(Use(told.code, self._class(name, path), room, _told(_says(node, function), told.says)))

    def _named(self, name: str, path: str) -> list[Function]:
        """Returns the functions of a name: those of the module itself, else of any."""
        found = self.functions.get(name, [])
        return [function for where, function in found if where == path] or [function for _, function in found]

    def _codes(self, call: ast.Call, name: str, path: str, function: Function) -> Iterator[Told]:
        flow = Flow(self.trees, self.functions)
        for keyword in call.keywords:
            if keyword.arg == "code":
                yield from flow.codes(keyword.value, function, path)
        position = 1 if name == "Finding" else self._code_position(name, path)
        if position is not None and len(call.args) > position:
            yield from flow.codes(call.args[position], function, path)

    def _code_position(self, name: str, path: str) -> int | None:
        for function in self._named(name, path):
            given = [argument for argument in function.args.args if argument.arg not in ("self", "cls")]
            # A whole number called code is a server's answer.
            names = [argument.arg for argument in given if getattr(argument.annotation, "id", "") != "int"]
            if "code" in names and _hands_on(function):
                return [argument.arg for argument in given].index("code")
        return None

    def _is_finding(self, name: str, path: str) -> bool:
        if name in self.errors or name == "Finding":
            return name == "Finding"
        return any(_mentions(function, {"Finding"}) and not self._made(function) for function in self._named(name, path))

    def _made(self, function: Function) -> set[str]:
        """Returns the error classes that a function makes."""
        return {called(node) for node in ast.walk(function) if isinstance(node, ast.Call)} & self.errors

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
                if not inner and isinstance(call, ast.Call) and called(call) != name and self._named(called(call), path):
                    passed_on = self._class(called(call), path, inner=True)
                    if passed_on in self.errors:
                        return passed_on
        if inner:
            return ""
        return " or ".join(sorted(_mentions(self.trees[path], self.errors) - {"ExplainedError", "GeoAlertError"})) or "GeoAlertError"


def _hands_on(function: Function) -> bool:
    """Tells whether a function gives its `code` to a call, as to the error that it makes."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and called(node) != "get"]
    given = [value for call in calls for value in (*call.args, *(keyword.value for keyword in call.keywords))]
    return any(isinstance(part, ast.Name) and part.id == "code" for value in given for part in ast.walk(value))


def _mentions(tree: ast.AST, names: frozenset[str] | set[str]) -> set[str]:
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return (found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}) & set(names)


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
        if " " in (said := words(text)):
            return said
    return ""


def _told(whole: str, beside: str) -> str:
    """Returns the words of the call, or where those are all filled in the ones that stand beside the code."""
    return whole if sum(letter.isalpha() for letter in whole) >= LEAST_LETTERS else beside or whole


def _room(path: str) -> str:
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(parts[: 2 if parts[0] in _ROOMS_OF_TWO else 1])
