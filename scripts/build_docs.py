"""Writes what the documentation takes from the code: tables between markers, and JSON Schemas.

    python -m scripts.build_docs            # writes
    python -m scripts.build_docs --check    # changes nothing; status 1 where a page is not current

A page marks a generated part with `<!-- generated: NAME -->` and `<!-- end: NAME -->`; the prose around it is written by hand.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import textwrap
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

import geoalert
from geoalert.boundaries.catalogue.entry import Catalogue
from geoalert.cli import SECTIONS, main
from geoalert.files import alert_schema, area_schema, catalogue_schema, profile, project_schema
from geoalert.files.schema import SCHEMAS, json_schema
from geoalert.registry import load_publisher
from scripts.error_codes import IN_WORDS, LEAST_LETTERS, Source, Use

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SHIPPED_PUBLISHERS = ("console", "email", "folder", "webhook")
_MARKED = re.compile(r"(<!-- generated: (?P<name>[\w. :-]+?) -->\n).*?(<!-- end: (?P=name) -->)", re.DOTALL)


def pages(docs: Path = DOCS) -> dict[Path, str]:
    """Returns the text that every generated or partly generated file should have."""
    found: dict[Path, str] = {}
    for path in sorted(docs.rglob("*.md")):
        text = path.read_text("utf-8")
        found[path] = _MARKED.sub(lambda mark: f"{mark[1]}\n{part(mark['name']).strip()}\n\n{mark[3]}", text)
    for kind in SCHEMAS:
        found[docs / f"reference/schemas/{kind}.json"] = _json(json_schema(kind))
    return found


def part(name: str) -> str:
    """Returns one generated part by the name in its marker.

    Raises:
        KeyError: no part of that name.
    """
    kind, _, argument = name.partition(" ")
    return MAKERS[kind](argument) if argument else MAKERS[kind]()


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Returns a Markdown table."""
    lines = [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]
    return "\n".join([*lines, *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)])


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ").strip()


def commands() -> str:
    """Returns every command with its arguments, options and help, in the sections of `geoalert --help`."""
    context = click.Context(main, info_name="geoalert")
    return "\n\n".join(f"## {title}\n\n" + "\n\n".join(_command(name, context) for name in names) for title, names in SECTIONS.items())


def _command(name: str, above: click.Context) -> str:
    group = above.command
    command = group.get_command(above, name) if isinstance(group, click.Group) else None
    if command is None:
        raise LookupError(name)
    context = click.Context(command, info_name=name, parent=above)
    told = inspect.cleandoc(command.help or "").replace("\b\n", "")
    heading = f"{'###' if above.parent is None else '####'} `{context.command_path}`"
    if isinstance(command, click.Group):
        return "\n\n".join([heading, told, *(_command(each, context) for each in command.list_commands(context))])
    lines = [heading, f"    {context.command_path} {' '.join(command.collect_usage_pieces(context))}", told]
    rows = [_option(parameter) for parameter in command.params if isinstance(parameter, click.Option)]
    return "\n\n".join([*lines, table(("option", "default", "what"), rows)])


def _option(option: click.Option) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in option.opts)
    takes = "" if option.is_flag else f" {option.metavar or option.type.name.upper()}"
    default = option.default if isinstance(option.default, str | int | float | Path) and not option.is_flag else ""
    more = f" Environment: `{option.envvar}`." if option.envvar else ""
    return f"{names}{takes}{' (repeatable)' if option.multiple else ''}", f"`{default}`" if default != "" else "", f"{option.help}{more}"


def errors() -> str:
    """Returns every error code with class and room."""
    source = Source.read()
    return _codes([*source.defaults(), *source.uses()[0]], "class")


def findings() -> str:
    """Returns every finding's code and room."""
    return _codes([Use(use.code, "Finding", use.room, use.says) for use in Source.read().uses()[1]], "")


def _codes(uses: Iterable[Use], column: str) -> str:
    grouped: dict[tuple[str, str], tuple[set[str], list[str]]] = {}
    for use in uses:
        rooms, says = grouped.setdefault((use.code, use.error), (set(), []))
        rooms.add(use.room)
        says.extend([use.says] if _has_words(use.says) else [])
    rows = []
    for (code, error), (rooms, says) in sorted(grouped.items()):
        middle = [error] if column else []
        rows.append((f"`{code}`", *middle, ", ".join(sorted(rooms)), says[0].rstrip(".") if says else IN_WORDS.get(code, "")))
    return table(("code", *([column] if column else []), "room", "says"), rows)


def _has_words(says: str) -> bool:
    return sum(letter.isalpha() for letter in says) >= LEAST_LETTERS


def fields(name: str) -> str:
    """Returns the fields of one schema, such as `project.LayerTable`."""
    module, _, model = name.partition(".")
    rooms: dict[str, Any] = {
        "alert": alert_schema,
        "area": area_schema,
        "catalogue": catalogue_schema,
        "profile": profile,
        "project": project_schema,
    }
    found: type[BaseModel] = getattr(rooms[module], model)
    rows = []
    for field, about in found.model_fields.items():
        default = "required" if about.is_required() else _default(about.get_default(call_default_factory=True))
        rows.append((f"`{about.alias or field}`", _type(about.annotation, about.metadata), default, about.description))
    return table(("field", "holds", "default", "what"), rows)


def _default(value: object) -> str:
    if value is None or value in ([], {}) or isinstance(value, BaseModel):
        return ""
    return f"`{json.dumps(value)}`"


def _type(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    if any("LocalTime" in str(item) or "date-time" in str(item) for item in metadata):
        return "local time"
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        kinds = [_type(each) for each in arguments if each is not type(None)]
        return "local time" if kinds == ["date and time", "text"] else " or ".join(dict.fromkeys(kinds))
    if origin is typing.Annotated:
        return _type(arguments[0], arguments[1:])
    if origin is typing.Literal:
        return " or ".join(f"`{each}`" for each in arguments)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return "table" if arguments[1] is Any else f"table of {_type(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    names = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "date": "date", "datetime": "date and time"}
    return names.get(getattr(annotation, "__name__", ""), "any")


def signature(name: str) -> str:
    """Returns the signatures of one public name: the function, or the class with its public methods."""
    thing = getattr(geoalert, name)
    if not callable(thing):
        return _code([f"geoalert.{name}: {type(thing).__name__}"])
    told = inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    if not inspect.isclass(thing):
        return f"{told}\n\n{_code([_call(name, thing)])}"
    lines = [_call(name, thing)] if not issubclass(thing, BaseException) else [f"{name}({thing.__bases__[0].__name__})"]
    lines += sorted(set(_members(name, thing)), key=str.casefold)
    return f"{told}\n\n{_code(lines)}"


def _members(name: str, thing: type) -> Iterator[str]:
    for attribute, value in vars(thing).items():
        if attribute.startswith("_") or not (getattr(value, "__doc__", None) or isinstance(value, property)):
            continue
        bound = getattr(thing, attribute)
        if isinstance(value, classmethod | staticmethod):
            yield _call(f"{name}.{attribute}", bound)
        elif inspect.isfunction(value):
            yield _call(f".{attribute}", value)
        elif isinstance(value, property) or type(value).__name__ == "cached_property":
            yield f".{attribute}"


def _call(name: str, function: Any) -> str:
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return name
    kept = [each.replace(annotation=each.empty) for each in found.parameters.values() if each.name not in ("self", "cls")]
    text = re.sub(
        r"<factory>|<[a-z-]* ?function [^>]+>|<object [^>]+>", "...", str(found.replace(parameters=kept, return_annotation=found.empty))
    )
    told = found.return_annotation
    returns = "" if told in (found.empty, None, "None") or inspect.isclass(function) else f" -> {told}"
    line = f"{name}{text}{returns}"
    if len(line) <= 110:
        return line
    parts = [str(each) for each in kept]
    starred = next((place for place, each in enumerate(kept) if each.kind is each.KEYWORD_ONLY), None)
    if starred is not None:
        parts.insert(starred, "*")
    told_all = re.sub(r"<factory>|<[a-z-]* ?function [^>]+>", "...", ", ".join(parts)).replace(", ", ",\0").split("\0")
    rows = textwrap.wrap(" ".join(told_all), 100, break_long_words=False, break_on_hyphens=False)
    return f"{name}(\n    " + "\n    ".join(rows) + f",\n){returns}"


def _code(lines: Iterable[str]) -> str:
    return "\n".join(f"    {row}" for line in lines for row in line.splitlines())


def catalogue() -> str:
    """Returns the entries of the catalogue that ships, place by place."""
    entries = sorted(Catalogue.of_project(), key=lambda entry: (entry.place, entry.layer))
    rows = [
        (
            f"`{entry.place}`",
            f"`{entry.layer}`",
            entry.title,
            entry.publisher,
            entry.api,
            entry.count,
            f"`{entry.id}`" + (f", `{entry.label}`" if entry.label else ""),
            entry.licence or "not stated",
            "never" if entry.checked is None else entry.checked,
        )
        for entry in entries
    ]
    columns = ("place", "layer", "title", "publisher", "asked through", "count", "id, label", "licence", "checked")
    notes = [f"- `{entry.place}` / `{entry.layer}`: {_source(entry.address, entry.note)}" for entry in entries]
    return f"{table(columns, rows)}\n\n### Where they live\n\n" + "\n".join(notes)


def _source(address: str | None, note: str | None) -> str:
    where = f"`{address}`" if address else "address not known"
    return f"{where}. {note.rstrip('.')}." if note else f"{where}."


def publishers() -> str:
    """Returns the capabilities of the publishers that ship."""
    found = {name: load_publisher(name).capabilities.to_dict() for name in SHIPPED_PUBLISHERS}
    names = list(next(iter(found.values())))
    rows = [(f"`{name}`", *(_capability(found[each][name]) for each in found)) for name in names]
    return table(("capability", *(f"`{name}`" for name in found)), rows)


def _capability(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "no limit" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


MAKERS: dict[str, Callable[..., str]] = {
    maker.__name__: maker for maker in (commands, errors, findings, fields, signature, catalogue, publishers)
}


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write(*, check: bool) -> list[Path]:
    """Writes every file that is not current, or only names it, and returns those files."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    if not check:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path], "utf-8")
    return stale


if __name__ == "__main__":
    only_check = "--check" in sys.argv[1:]
    for path in write(check=only_check):
        print(f"{'not current' if only_check else 'wrote'}: {path.relative_to(ROOT)}")
    raise SystemExit(1 if only_check and write(check=True) else 0)
