"""Where a secret is kept; never the secret itself.

    password = "env:GEOALERT_MAIL_PASSWORD"        # an environment variable
    password = "file:secrets/smtp"                 # a file, relative to the project
    password = "keyring:geoalert/mail/alerts"      # service and user of the system's keyring

A literal is refused by the option's name; an address that carries a password, or is a webhook's, is one too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from geoalert.errors import ConfigurationError

PREFIXES = ("env:", "file:", "keyring:")
_WORDS = re.compile(
    r"(^|[_-])(pass|passwd|password|passphrase|pwd|pin|secret|token|bearer|jwt|key|apikey|credential|credentials|auth|authorization|cookie|private)s?($|[_-])"
)
_ABOUT_ONE = ("_id", "_url", "_file", "_path", "_name", "_type", "_method", "_expires")
_WEBHOOK_ITSELF = ("_url", "_path")
_WEBHOOKS = re.compile(
    r"""(?:^|//|@)(?:[\w-]+\.)*(?:
        hooks\.slack(?:-gov)?\.com\.?(?::\d+)?/\w+/\S
      | discord(?:app)?\.com\.?(?::\d+)?/api/(?:v\d+/)?webhooks/\d+/\S
      | api\.telegram\.org\.?(?::\d+)?/(?:file/)?bot[^/\s]
      | outlook\.office(?:365)?\.com\.?(?::\d+)?/webhook\w*/\S
      | webhook\.office\.com\.?(?::\d+)?/webhook\w*/\S
      | chat\.googleapis\.com\.?(?::\d+)?/\S*[?&](?:key|token)=\S
      | logic\.azure\.com\.?(?::\d+)?/\S*[?&]sig=\S
    )
    | /bot\d{6,}:[\w-]{20,}""",
    re.IGNORECASE | re.VERBOSE,
)
"""Addresses that anyone who knows them can post to, so that the address is the secret."""
_LIMIT_BYTES = 64_000


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A place that holds a secret: `env:NAME`, `file:PATH` (relative to the project) or `keyring:SERVICE/NAME`."""

    source: str
    folder: Path = Path()

    def __post_init__(self) -> None:
        if not self.source.startswith(PREFIXES) or not self.source.partition(":")[2].strip():
            # The source stays out of the error: it may be the secret that was meant to be kept elsewhere.
            raise ConfigurationError(
                "a secret needs a place", code="literal_secret", do=f"Write {' or '.join(p + '...' for p in PREFIXES)}"
            )

    def __repr__(self) -> str:
        return f"Secret({self.source})"

    def reveal(self, environ: Mapping[str, str]) -> str:
        """Returns the secret, read anew each time so that a rotated one is seen.

        Raises:
            ConfigurationError: `secret_missing`, or `missing_extra` for a keyring without its library.
        """
        kind, _, name = self.source.partition(":")
        found = environ.get(name) if kind == "env" else self._from_file(name) if kind == "file" else self._from_keyring(name)
        if not found:
            raise ConfigurationError("the place of a secret is empty", code="secret_missing", value=self.source, do="Put the secret there")
        return found

    def _from_file(self, name: str) -> str | None:
        path = self.folder / name
        try:
            with path.open(encoding="utf-8") as opened:
                return opened.read(_LIMIT_BYTES).strip()
        except (OSError, ValueError) as err:
            raise ConfigurationError(
                "the file of a secret cannot be read", code="secret_missing", value=self.source, do="Check its path and permissions"
            ) from err

    def _from_keyring(self, name: str) -> str | None:
        try:
            import keyring
            import keyring.errors
        except ImportError as err:
            raise ConfigurationError(
                "keyring: needs the keyring library",
                code="missing_extra",
                value=self.source,
                do="Install it: pip install 'geoalert[keyring]'",
            ) from err
        service, _, user = name.rpartition("/")
        try:
            found = keyring.get_password(service or name, user)
        except keyring.errors.KeyringError as err:
            raise ConfigurationError("the keyring does not answer", code="secret_missing", value=self.source, do="Unlock it") from err
        return None if found is None else str(found)


class Revealing:
    """Reads one secret whenever it is called; what is shown, copied or pickled of it is the place alone."""

    __slots__ = ("_environ", "_secret")
    _environ: Mapping[str, str] | None
    _secret: Secret

    def __init__(self, secret: Secret, environ: Mapping[str, str] | None = None) -> None:
        object.__setattr__(self, "_secret", secret)
        object.__setattr__(self, "_environ", environ)

    def __call__(self) -> str:
        """Returns the secret as its place holds it now."""
        return self._secret.reveal(os.environ if self._environ is None else self._environ)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{self!r} is frozen")

    def __repr__(self) -> str:
        return f"Revealing({self._secret.source})"

    def __reduce__(self) -> tuple[type[Revealing], tuple[Secret]]:
        # Without the environment: a copy that leaves this process reads the environment of the one it arrives in.
        return Revealing, (self._secret,)


def secret_like(name: str) -> bool:
    """Tells whether an option of this name holds a secret, by its words; `token_url` and `key_id` only speak about one."""
    folded = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    if "webhook" in folded and (folded.endswith(_WEBHOOK_ITSELF) or not folded.endswith(_ABOUT_ONE)):
        return True
    return not folded.startswith("public_") and not folded.endswith(_ABOUT_ONE) and _WORDS.search(folded) is not None


def is_place(value: object) -> bool:
    """Tells whether a value names the place of a secret; a `file://` address does not."""
    return isinstance(value, str) and value.startswith(PREFIXES) and not value.startswith("file://")


def refuse_literals(table: Mapping[str, Any], *, field: str, file: str, row: Callable[[str], int | None]) -> None:
    """Refuses a secret written out in a table or below it, without showing it.

    Args:
        table: of the project file.
        field: its dotted name.
        file: for the error.
        row: called with a dotted name, gives the line.

    Raises:
        ConfigurationError: `literal_secret`.
    """
    for name, value in table.items():
        where = f"{field}.{name}"
        if isinstance(value, Mapping) and not secret_like(name):
            refuse_literals(value, field=where, file=file, row=row)
        elif (secret_like(name) and not is_place(value)) or _holds_secret(value):
            raise ConfigurationError(
                "a secret is written out",
                code="literal_secret",
                file=file,
                row=row(where),
                field=where,
                do=f'Change it, this file may have been seen, and write {name} = "env:NAME", "file:PATH" or "keyring:SERVICE/NAME"',
            )


def _holds_secret(value: object) -> bool:
    if isinstance(value, list):
        return any(_holds_secret(item) for item in value)
    if isinstance(value, Mapping):
        return any((secret_like(name) and not is_place(item)) or _holds_secret(item) for name, item in value.items())
    if not isinstance(value, str) or is_place(value):
        return False
    if _WEBHOOKS.search(unquote(value)):
        return True
    try:
        return "://" in value and urlsplit(value).password is not None
    except ValueError:
        return False
