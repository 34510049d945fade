"""Files of signing keys: made once, never overwritten, private ones for their owner's eyes alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from geoalert.app.disk import private_folder, unwritable
from geoalert.config import Project, Secret
from geoalert.errors import ConfigurationError, GeoAlertError, PlanError
from geoalert.plan import PrivateKey, PublicKey
from geoalert.plan.signature import KIND
from geoalert.text import fold

_LIMIT_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """A new key: the file that signs, the file that geoalert.toml lists, and what people compare."""

    name: str
    private: Path
    public: Path
    fingerprint: str

    def toml(self) -> str:
        """Returns the table to add to geoalert.toml."""
        name = self.name if self.name.replace("-", "").replace("_", "").isalnum() else f'"{self.name}"'
        return f'[people.{name}]\nroles = ["approver"]\nkey = "keys/{self.public.name}"\n'


def new_key(name: str, out: Path | None = None, *, passphrase: str | None = None) -> KeyFiles:
    """Makes a key and writes both files; neither may be there yet.

    Args:
        name: whose, as geoalert.toml lists the person.
        out: the private key's file; NAME.key. The public one has the same name, ending in .pub.
        passphrase: the place of one, `env:`, `file:` or `keyring:`.

    Raises:
        PlanError: `file_exists`, `invalid_name`.
        ConfigurationError: the passphrase's place holds none.
        GeoAlertError: a file cannot be written.
    """
    private = Path(f"{name}.key") if out is None else out
    public = private.parent / f"{private.name.removesuffix('.key').removesuffix('.pem')}.pub"
    if private.suffix == ".pub":
        raise PlanError("the private key is named like a public one", code="invalid_name", file=private, do="Name a file that ends in .key")
    word = revealed(passphrase)
    for path in (private, public):
        if path.is_symlink() or path.exists():
            raise PlanError("a key is never overwritten", code="file_exists", file=path, do="Name another file: -o FILE")
    key = PrivateKey.new()
    _write_new(private, key.pem(word), mode=0o600)
    try:
        _write_new(public, key.public.line(name).encode("utf-8"), mode=0o644)
    except GeoAlertError:
        private.unlink(missing_ok=True)
        raise
    return KeyFiles(name, private, public, key.public.fingerprint)


def read_private(path: Path, *, passphrase: str | None = None) -> PrivateKey:
    """Reads a private key that nobody else may read.

    Args:
        path: its file.
        passphrase: the place of its passphrase.

    Raises:
        PlanError: `key_unreadable`, `key_not_private`, `key_locked`, `wrong_passphrase`, `invalid_key`.
        ConfigurationError: the place of the passphrase holds none.
    """
    try:
        content = _content(path)
        if content.lstrip().startswith(KIND.encode()):
            do = "Give the private one that `geoalert keys new` made with it"
            raise PlanError("this is a public key, which signs nothing", code="invalid_key", file=path, field="key", do=do)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise PlanError("others may read this signing key", code="key_not_private", file=path, field="key", do=f"chmod 600 {path}")
    except OSError as err:
        do = "Check the path; `geoalert keys new NAME` makes a key"
        raise PlanError(f"the signing key cannot be read: {err.strerror}", code="key_unreadable", file=path, field="key", do=do) from err
    return PrivateKey.parse(content, passphrase=revealed(passphrase), file=path)


def read_public(path: Path) -> tuple[PublicKey, str]:
    """Reads a public key's file: the key, and the name in it.

    Raises:
        ConfigurationError: `key_unreadable`, `invalid_key`.
    """
    try:
        content = _content(path)
    except OSError as err:
        do = "Check the path; `geoalert keys new NAME` makes a key"
        raise ConfigurationError(f"the public key cannot be read: {err.strerror}", code="key_unreadable", file=path, do=do) from err
    return PublicKey.parse(content.decode("utf-8", errors="replace"), file=path)


def listed_keys(project: Project, needed: Collection[str]) -> dict[str, PublicKey]:
    """Returns the public keys that geoalert.toml lists, by folded name; one that cannot be read stops only who needs it.

    Raises:
        ConfigurationError: key_shared, key_unreadable, invalid_key.
    """
    found: dict[str, PublicKey] = {}
    for name, person in project.people.items():
        if person.key is None:
            continue
        try:
            key, _ = read_public(person.key)
        except ConfigurationError:
            if fold(name) in map(fold, needed):
                raise
            continue
        twin = next((other for other, held in found.items() if held == key), None)
        if twin is not None:
            raise ConfigurationError(
                f"{name} and {twin} have one key, so that nobody can tell who signed",
                code="key_shared",
                file=project.path,
                field=f"people.{name}.key",
                do="Make each a key: geoalert keys new NAME",
            )
        found[fold(name)] = key
    return found


def revealed(place: str | None) -> str | None:
    """Returns the passphrase that a place holds, None without a place.

    Raises:
        ConfigurationError: `literal_secret`, `secret_missing`; what was given is not shown.
    """
    if place is None:
        return None
    try:
        return Secret(place, Path.cwd()).reveal(os.environ)
    except ConfigurationError as err:
        err.field = "passphrase"
        raise


def _content(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(_LIMIT_BYTES)


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    private_folder(path.parent)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as err:
        raise unwritable(path, err) from err
