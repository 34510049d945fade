"""Verifies a geoalert evidence file with Python alone: python3 verify.py FILE.zip [--head HASH]

Says exactly what is not what was written. Ed25519 signatures are proved where the package `cryptography` is installed, and it is
said where it is not. Take this program from a place you trust: the copy inside a file proves nothing about that file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

from geoalert.evidence.packed import FORMAT, KIND, UNREADABLE, ZEROS, dumps, pack, sha256, unpack

SIGNED_AS = b"geoalert approval 1\n"
_HEADER = ("actor", "alert", "at", "body_digest", "kind", "revision", "role", "sender", "seq")
_SKELETON = ("entry_digest", "hash", "seq")
MOST_PROBLEMS = 1_000
_USAGE = "python3 verify.py FILE.zip [--head HASH]"


class Problem(NamedTuple):
    """One thing that is not what was written: a stable code, where, and what."""

    code: str
    where: str
    text: str


class Verifier:
    """Proves one evidence file; afterwards `problems` and `notes` say what was found, in the order of the file.

    Args:
        content: the zip.
        head: a hash that the chain has to hold, from a copy kept elsewhere.
    """

    def __init__(self, content: bytes, *, head: str | None = None) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.manifest: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.entries: list[dict[str, Any]] = []
        self.signatures = 0
        self._rows: dict[str, dict[str, dict[str, Any]]] = {}
        self._plans: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, bytes] = {}
        self._purged_at = 0
        try:
            self.files = unpack(content)
        except ValueError as err:
            self._say("not_evidence", "the file", str(err))
            return
        if self._stage("manifest.json", self._members):
            stages = {"chain.jsonl": self._chain, "keys.json": self._listed, "plans": self._all_plans}
            stages |= {"deliveries.jsonl": self._ledger, "approvals": self._approvals, "record.json": self._told}
            for where, look in stages.items():
                self._stage(where, look)
            if head is not None and head not in (entry["hash"] for entry in self.entries):
                self._say("head_differs", "chain.jsonl", f"the chain does not hold {head}")
        if not self.problems and pack(self.files) != content:
            self._say("not_evidence", "the file", "the zip has bytes that no evidence file has")

    def _say(self, code: str, where: str, text: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(code, where, text))

    def _stage(self, where: str, look: Any) -> bool:
        try:
            look()
        except UNREADABLE as err:
            self._say("unreadable", where, f"it is not what geoalert writes ({type(err).__name__})")
            return False
        return True

    def _json(self, name: str) -> Any:
        value = json.loads(self.files[name])
        if dumps(value).encode("utf-8") != self.files[name]:
            self._say("member_changed", name, "it is not canonical JSON")
        return value

    def _members(self) -> None:
        self.manifest = self._json("manifest.json")
        whole = {name: value for name, value in self.manifest.items() if name != "digest"}
        if self.manifest["format"] != FORMAT or self.manifest["kind"] != KIND or self.manifest["variant"] not in ("full", "public"):
            self._say("unknown_format", "manifest.json", "a format that this program does not know")
        if sha256(dumps(whole)) != self.manifest["digest"]:
            self._say("manifest_changed", "manifest.json", "its digest is not that of what it says")
        recorded = dict(self.manifest["members"])
        for name in sorted({*recorded, *self.files} - {"manifest.json"}):
            if name not in self.files:
                self._say("member_missing", name, "the member is missing")
            elif name not in recorded:
                self._say("member_added", name, "the member was added")
            elif sha256(self.files[name]) != recorded[name]:
                self._say("member_changed", name, "its bytes are not those that were written")
        for name in {"index.html", "verify.py", "chain.jsonl"} - {*recorded}:
            self._say("member_missing", name, "evidence is never without it")
        for name, told in self.manifest["missing"].items():
            self.notes.append(f"{name}: {told}")

    def _chain(self) -> None:
        told = self.manifest["chain"]
        lines = self.files["chain.jsonl"].decode("utf-8").split("\n")
        if lines.pop() or (not lines) != (told is None):
            self._say("entry_missing", "chain.jsonl", "its end is missing")
        if told is None:
            return
        prev, seq = told["prev"], told["first"]
        if seq == 1 and prev != ZEROS:
            self._say("entry_changed", "entry 1", "the first entry follows nothing, so the hash before it is zeros")
        for line in lines:
            try:
                entry = json.loads(line)
                good = self._entry(entry, line, seq, prev)
            except UNREADABLE:
                self._say("entry_changed", f"entry {seq}", "it cannot be read")
                return
            if not good:
                return
            self.entries.append(entry)
            prev, seq = entry["hash"], seq + 1
        if seq != told["last"] + 1:
            self._say("entry_missing", f"entry {seq}", "the entries from here to the chain's head are missing")
        elif prev != told["head"]:
            self._say("entry_changed", f"entry {seq - 1}", "it is not the chain's head")
        self._purged_at = max((entry["seq"] for entry in self.entries if entry.get("kind") == "purged"), default=0)
        for entry in self.entries:
            if "body" in entry and entry["body"] is None and entry["seq"] > self._purged_at:
                self._say("entry_changed", f"entry {entry['seq']}", "body: it is missing, and no purge is recorded")

    def _entry(self, entry: dict[str, Any], line: str, seq: int, prev: str) -> bool:
        """Proves one entry in its place; says what is wrong with it."""
        where, whole = f"entry {seq}", entry.keys() != set(_SKELETON)
        if entry["seq"] > seq:
            self._say("entry_missing", where, f"it is missing: entry {entry['seq']} stands in its place")
        elif entry["seq"] != seq:
            self._say("entry_order", where, f"the entries are out of order: entry {entry['seq']} stands in its place")
        elif dumps(entry) != line or (whole and entry.keys() != {*_HEADER, *_SKELETON, "body", "salt"}):
            self._say("entry_changed", where, "it has other fields, or is written otherwise")
        elif whole and entry["body"] is not None and sha256(bytes.fromhex(entry["salt"]) + entry["body"].encode()) != entry["body_digest"]:
            self._say("entry_changed", where, "body: it is not what was written")
        elif whole and sha256(dumps({name: entry[name] for name in _HEADER})) != entry["entry_digest"]:
            self._say("entry_changed", where, f"one of {', '.join(_HEADER)} is not what was written")
        elif whole and (self.manifest["variant"] == "public" or entry["alert"] != self.manifest["alert"]):
            self._say("entry_changed", where, "it tells of another alert than the manifest")
        elif sha256(prev + entry["entry_digest"]) != entry["hash"]:
            self._say("entry_changed", where, "hash: it does not follow the entry before it")
        else:
            return True
        return False

    def _listed(self) -> None:
        for told in self._json("keys.json") if "keys.json" in self.files else ():
            content = base64.b64decode(told["key"], validate=True)
            self._keys[told["fingerprint"]] = content
            if "SHA256:" + base64.b64encode(hashlib.sha256(content).digest()).decode().rstrip("=") != told["fingerprint"]:
                self._say("key_changed", "keys.json", f"the key of {told['person']} has another fingerprint")

    def _all_plans(self) -> None:
        for folder in sorted({name.rsplit("/", 1)[0] for name in self.files if re.fullmatch(r"plans/r[0-9]+/plan\.json", name)}):
            self._stage(f"{folder}/plan.json", lambda folder=folder: self._plan(folder))

    def _plan(self, folder: str) -> None:
        where = f"{folder}/plan.json"
        plan = self._json(where)
        alert, recorded = plan["alert"], dict(plan["manifest"])
        if sha256(dumps(recorded)) != plan["digest"] or plan["format"] != 1:
            self._say("plan_changed", where, "digest: it is not that of the plan's manifest")
        if (alert["id"], alert["sender"], f"plans/r{alert['revision']}") != (self.manifest["alert"], self.manifest["sender"], folder):
            self._say("plan_changed", where, "it is of another alert or revision")
        self._plans[plan["digest"]] = plan
        found = {name: sha256(dumps(value)) for name, value in _parts(plan).items()}
        inside = {name[len(folder) + 1 :]: content for name, content in self.files.items() if name.startswith(f"{folder}/")}
        found |= {name: sha256(content) for name, content in inside.items() if name.startswith("media/")}
        if "index.html" in inside:
            found["page"] = sha256(inside["index.html"])
        for part in sorted({*recorded, *found}):
            gone = part not in found and part.partition("/")[0] in ("restricted", "media", "page")
            if gone and part.startswith("restricted/"):
                continue
            if gone and self._purged_at:
                self.notes.append(f"{folder}: {part} was purged; its digest is {recorded[part]}")
            elif recorded.get(part) != found.get(part):
                self._say("plan_changed", where, f"{part}: it is not what was approved")

    def _ledger(self) -> None:
        for name, recorded in self.manifest["rows"].items():
            self._stage(name, lambda name=name, recorded=recorded: self._member_rows(name, recorded))
        rows, tries = self._rows.get("deliveries.jsonl", {}), self._rows.get("attempts.jsonl", {})
        parts = {digest: {*plan["manifest"].values()} for digest, plan in self._plans.items()}
        for key, row in rows.items():
            is_post = row["act"] != "recall" and not row["channel"].startswith("person:")
            if is_post and row["post_digest"] not in parts.get(row["plan_digest"], {row["post_digest"]}):
                self._say("row_changed", f"deliveries.jsonl, {key}", "its content is none that was approved with the plan")
        keys = {key for key, _ in self.manifest["rows"].get("deliveries.jsonl", ())}
        for number in tries:
            if number.rpartition("#")[0] not in keys:
                self._say("row_missing", "deliveries.jsonl", f"the delivery of attempt {number} is missing")
        for entry in self.entries:
            body = json.loads(entry["body"]) if entry.get("kind") == "attempt" and entry["body"] else None
            if body is None:
                continue
            number = f"{body['key']}#{body['attempt']}"
            found = tries.get(number)
            if found is None:
                self._say("row_missing", f"attempts.jsonl, {number}", f"the row that entry {entry['seq']} tells of is missing")
            elif found["error_code"] != body["code"] or found["receipt"] not in (
                body.get("receipt"),
                None if self._purged_at else body.get("receipt"),
            ):
                self._say("row_changed", f"attempts.jsonl, {number}", f"entry {entry['seq']} tells otherwise")

    def _member_rows(self, name: str, recorded: list[list[str]]) -> None:
        """Names each row that was changed, added, left out or moved."""
        lines = self.files[name].decode("utf-8").split("\n")
        if lines.pop():
            self._say("row_changed", name, "its end is missing")
        there, written = [sha256(line) for line in lines], [digest for _, digest in recorded]
        for key, digest in recorded:
            if digest not in there:
                self._say("row_missing", f"{name}, {key}", "the row that was written is missing, or was changed")
        for number, digest in enumerate(there, 1):
            if digest not in written or digest in there[: number - 1]:
                self._say("row_changed", f"{name}, line {number}", "the row is not one that was written, or is there twice")
        if sorted(there) == sorted(written) and there != written:
            self._say("row_order", name, "the rows stand in another order")
        known = dict(zip(written, (key for key, _ in recorded), strict=True))
        self._rows[name] = {known[digest]: json.loads(line) for digest, line in zip(there, lines, strict=True) if digest in known}

    def _approvals(self) -> None:
        digests = {(plan["alert"]["revision"], digest) for digest, plan in self._plans.items()}
        proved: set[str] = set()
        for entry in (entry for entry in self.entries if entry.get("kind") == "approved" and entry["body"]):
            told = json.loads(entry["body"]) | {"by": entry["actor"], "alert": entry["alert"], "revision": entry["revision"]}
            proved.add(_approval(told))
            self._signature(f"entry {entry['seq']}", told)
        for name in sorted(name for name in self.files if "/approvals/" in name):
            told = json.loads(self.files[name])
            if (told["revision"], told["digest"]) not in digests:
                self.notes.append(f"{name}: it approves another digest than the plan's here")
            if told["format"] != 1 or _approval(told) not in proved:
                if self._purged_at:
                    self._signature(name, told)
                else:
                    self._say("approval_changed", name, "the record tells of no such approval")

    def _signature(self, where: str, told: dict[str, Any]) -> None:
        if told["signature"] is None:
            return
        if told["key"] not in self._keys:
            self.notes.append(f"{where}: the key {told['key']} that signed is not in the file, so the signature was not proved")
            return
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ImportError:
            self.notes.append(f"{where}: the signature of {told['by']} was not proved; install the package cryptography for that")
            return
        try:
            key = Ed25519PublicKey.from_public_bytes(self._keys[told["key"]])
            key.verify(base64.b64decode(told["signature"]), _signed(told))
            self.signatures += 1
        except (InvalidSignature, *UNREADABLE):
            self._say("signature_invalid", where, f"the signature of {told['by']} does not hold")

    def _told(self) -> None:
        """Holds the redacted record of a public file to the numbers of its chain."""
        if (self.manifest["variant"] == "public") != ("record.json" in self.files):
            self._say("member_missing", "record.json", "a public file has it, and no other")
        known = {entry["seq"] for entry in self.entries}
        for told in self._json("record.json") if "record.json" in self.files else ():
            if told["seq"] not in known:
                self._say("entry_missing", f"entry {told['seq']}", "record.json tells of it, and the chain has no such entry")


def _signed(told: dict[str, Any]) -> bytes:
    names = ("alert", "revision", "digest", "by", "reason", "role", "at")
    return SIGNED_AS + dumps({"format": 1} | {name: told[name] for name in names}).encode("utf-8")


def _approval(told: dict[str, Any]) -> str:
    names = ("alert", "revision", "digest", "by", "reason", "role", "at", "key", "signature")
    return dumps({name: told[name] for name in names})


def _parts(plan: dict[str, Any]) -> dict[str, Any]:
    whole = ("format", "digest", "manifest", "selections", "posts", "closing")
    parts = {name: value for name, value in plan.items() if name not in whole}
    parts |= {f"selections/{each['kind']}/{each['id']}": each for each in plan["selections"]}
    parts |= {f"posts/{each['post']['channel']}": each for each in plan["posts"]}
    parts |= {f"closing/{channel}/{why}": text for channel, texts in plan["closing"].items() for why, text in texts.items()}
    parts["order"] = [[each["post"]["channel"] for each in plan["posts"]], [each["id"] for each in plan["selections"]]]
    return parts


def main(arguments: list[str]) -> int:
    """Verifies the file of a command line; returns the exit status."""
    files = [text for text in arguments if not text.startswith("-")]
    head = arguments[arguments.index("--head") + 1] if "--head" in arguments[:-1] else None
    files = [name for name in files if name != head]
    if len(files) != 1:
        sys.stderr.write(f"{_USAGE}\n")
        return 2
    try:
        content = Path(files[0]).read_bytes()
    except OSError as err:
        sys.stderr.write(f"{files[0]} cannot be read: {err.strerror}\n")
        return 1
    found = Verifier(content, head=head)
    for note in found.notes:
        sys.stdout.write(f"note   {note}\n")
    for problem in found.problems:
        sys.stdout.write(f"WRONG  {problem.where}: {problem.text} [{problem.code}]\n")
    chain = found.manifest.get("chain") or {}
    end = "does not verify" if found.problems else f"verifies: {len(found.entries)} entries, head {chain.get('head')}"
    sys.stdout.write(f"{files[0]} {end}\n")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
