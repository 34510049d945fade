"""Tokens that a platform refreshes, one private file an account: PROJECT/.geoalert/tokens/ACCOUNT.json."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from geoalert.errors import ConfigurationError
from geoalert.publishing import Token

_MODE = 0o600
_FOLDER_MODE = 0o700


class TokenStore:
    """Keeps the tokens of one account in a file that only its owner reads; several processes may share it.

    Args:
        path: the file; made with mode 0600, in a folder of mode 0700, when a token is first put.
    """

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"TokenStore({self.path.name})"

    def get(self, name: str) -> Token | None:
        """Returns a token as it was last put, or None.

        Raises:
            ConfigurationError: `tokens_unreadable`, `tokens_not_private`.
        """
        return self._read().get(name)

    def names(self) -> tuple[str, ...]:
        """Returns the names of the tokens that are kept, sorted."""
        return tuple(sorted(self._read()))

    def put(self, name: str, value: str, expires_at: datetime | None) -> None:
        """Keeps a token, whole and on disk before it returns; the others stay.

        Raises:
            ConfigurationError: `tokens_unreadable`, `tokens_not_private`, `tokens_unwritable`.
        """
        token = Token(value, expires_at)
        try:
            self.path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            with self._alone():
                self._write(self._read() | {name: token})
        except OSError as err:
            raise self._error(
                f"the tokens cannot be kept: {err.strerror}", "tokens_unwritable", "Free the disk or mend permissions"
            ) from err

    def _read(self) -> dict[str, Token]:
        try:
            with self.path.open(encoding="utf-8") as opened:
                if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
                    raise self._error("others may read the tokens", "tokens_not_private", f"chmod 600 {self.path}, and log in again")
                kept: dict[str, dict[str, Any]] = json.load(opened)["tokens"]
            return {name: Token(row["value"], _at(row["expires_at"])) for name, row in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # No cause: the text of a parse error may show a piece of the file.
            problem = self._error("the tokens cannot be read", "tokens_unreadable", "Move the file elsewhere, and log in again")
        raise problem

    def _write(self, tokens: dict[str, Token]) -> None:
        rows = {name: {"value": token.value, "expires_at": _text(token.expires_at)} for name, token in tokens.items()}
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            json.dump({"format": 1, "tokens": rows}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        opened = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _MODE)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)

    def _error(self, what: str, code: str, do: str) -> ConfigurationError:
        return ConfigurationError(what, code=code, file=self.path, do=do)


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
