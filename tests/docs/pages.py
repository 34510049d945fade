"""Runs what a documentation page shows: its Python, its commands and the files it writes."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from geoalert.cli import main

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```[ ]*$|^<!--\s*(?P<order>\w+):\s*(?P<value>[^\n]*?)\s*-->[ ]*$",
    re.MULTILINE | re.DOTALL,
)
ORDERS = ("file", "append", "run", "status", "notest")
MARKERS = ("generated", "measured", "end")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block, with the orders that stand in comments right before it."""

    line: int
    language: str
    text: str
    orders: dict[str, str]


@dataclass(slots=True)
class Page:
    """A page's blocks in order, run in one folder and one Python namespace."""

    path: Path
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "page"})
    status: int = 0

    def blocks(self) -> list[Block]:
        """Returns the page's blocks; an order without a block of its own is one, of language "order"."""
        return list(_blocks(self.path.read_text("utf-8")))

    def run(self, *, first: str | None = None) -> int:
        """Runs the page in the current folder, after the command `first`; returns how many blocks were compared or executed."""
        done = 0
        if first is not None:
            self._hidden(Block(1, "order", "", {"run": first}), self.path.name)
        blocks = self.blocks()
        for block, following in zip_longest(blocks, blocks[1:]):
            where = f"{self.path.name}:{block.line}"
            if "notest" in block.orders:
                assert len(block.orders["notest"]) > 10, f"{where}: notest needs a reason"
            elif "file" in block.orders or "append" in block.orders:
                _write(block)
            elif block.language == "order":
                self._hidden(block, where)
            elif block.language == "python":
                printed = self._python(block, where)
                if following is not None and following.language == "text":
                    compare(following.text, printed, where=f"{self.path.name}:{following.line}")
                else:
                    assert not printed.strip(), f"{where}: prints what no text block shows:\n{printed}"
            elif block.language == "console":
                self._console(block, where)
            else:
                continue
            done += 1
        return done

    def _hidden(self, block: Block, where: str) -> None:
        output, status = self._command(block.orders["run"], where)
        assert status == 0, f"{where}: {block.orders['run']} ended with {status}:\n{output}"

    def _python(self, block: Block, where: str) -> str:
        printed = io.StringIO()
        code = compile("\n" * block.line + block.text, str(self.path), "exec")
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(code, self.names)
        return printed.getvalue()

    def _console(self, block: Block, where: str) -> None:
        for command, expected in _commands(block.text, where):
            output, status = self._command(command, where)
            compare(expected, output, where=f"{where}: {command}")
            told = "echo $?" in block.text or status == int(block.orders.get("status", "0"))
            assert told, f"{where}: {command} ended with {status}:\n{output}"

    def _command(self, command: str, where: str) -> tuple[str, int]:
        if command == "echo $?":
            return str(self.status), 0
        words = shlex.split(command.replace("\\\n", " "), comments=True)
        redirect = words.index(">") if ">" in words else None
        words, to = (words, None) if redirect is None else (words[:redirect], words[redirect + 1])
        program, *arguments = words
        if program == "geoalert":
            result = CliRunner().invoke(main, arguments, prog_name="geoalert", env={"GEOALERT_PROJECT": None, "GEOALERT_AS": None})
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise AssertionError(f"{where}: {command} crashed") from result.exception
            output, self.status = result.stdout + ("" if to else result.stderr), result.exit_code
        else:
            output, self.status = _shell(program, arguments, where), 0
        if to is not None:
            Path(to).write_text(output, "utf-8")
            output = ""
        return output, self.status


def _shell(program: str, arguments: list[str], where: str) -> str:
    """Does what the few ordinary commands do that pages may show."""
    if program == "cd":
        os.chdir(arguments[0])
        return ""
    if program == "mkdir":
        for name in arguments:
            Path(name).mkdir(parents=True, exist_ok=True)
        return ""
    if program == "cat":
        return "".join(Path(name).read_text("utf-8") for name in arguments)
    if program == "ls":
        folder = Path(arguments[0]) if arguments else Path()
        return "".join(f"{path.name}\n" for path in sorted(folder.iterdir()) if not path.name.startswith("."))
    raise AssertionError(f"{where}: pages may show geoalert, cd, mkdir, cat and ls, not {program}")


def _write(block: Block) -> None:
    add = "append" in block.orders
    path = Path(block.orders["append" if add else "file"])
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if add else ""
    path.write_text(before + ("\n" if add else "") + block.text, "utf-8")


def _blocks(text: str) -> Iterator[Block]:
    orders: dict[str, str] = {}
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found["order"]:
            if found["order"] == "run":
                yield Block(line, "order", "", {"run": found["value"]})
            elif found["order"] not in MARKERS:
                assert found["order"] in ORDERS, f"line {line}: unknown order {found['order']!r}"
                orders[found["order"]] = found["value"]
            continue
        language, _, rest = found["info"].strip().partition(" ")
        if rest.startswith("notest"):
            orders["notest"] = rest.removeprefix("notest").strip(" :=\"'")
        indent = len(found["indent"])
        lines = "".join(row[indent:] if row.strip() else row for row in found["text"].splitlines(keepends=True))
        yield Block(line, language, lines, orders)
        orders = {}


def _commands(text: str, where: str) -> Iterator[tuple[str, str]]:
    command: str | None = None
    output: list[str] = []
    for row in text.splitlines():
        if command is not None and command.endswith("\\") and not output:
            command += "\n" + row
        elif row.startswith("$ "):
            if command is not None:
                yield command, "\n".join(output)
            command, output = row[2:], []
        else:
            assert command is not None, f"{where}: output before the first command"
            output.append(row)
    assert command is not None, f"{where}: a console block without a command"
    yield command, "\n".join(output)


def matches(expected: str, found: str) -> bool:
    """Tells whether an output is what was shown, spaces and table rules of any width; `...` is anything, alone on a line any lines."""
    wanted, given = _plain(expected), _plain(found)
    pattern = ""
    for row in wanted.split("\n"):
        if row == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += r"[\s\S]*?".join(re.escape(part) for part in row.split("...")) + r"\n"
    return re.fullmatch(pattern, given + "\n") is not None


def _plain(text: str) -> str:
    # A table is as wide as its widest cell, which may be the path of a temporary folder.
    rows = (re.sub(r"\s+", " ", re.sub("─+", "─", row)).strip() for row in text.splitlines())
    return "\n".join(rows).strip()


def compare(expected: str, found: str, *, where: str) -> None:
    """Raises AssertionError where an output is not what the page shows."""
    assert matches(expected, found), f"{where}: the page shows\n{expected}\n\nbut it is\n{found}"
