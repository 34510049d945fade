"""`[accounts.NAME]` of geoalert.toml into the Account that a publisher is handed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoalert.config.secrets import Revealing, Secret, is_place, refuse_literals
from geoalert.errors import ConfigurationError
from geoalert.files.toml import Document
from geoalert.publishing import MODES, Account

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def account_from(name: str, table: Mapping[str, Any], *, document: Document, folder: Path, environ: Mapping[str, str] | None) -> Account:
    """Returns one account; every option that names a secret's place becomes a secret, which only `reveal` shows.

    Paths (`path`, `..._path`) are read relative to the project.

    Raises:
        ConfigurationError: `literal_secret`, `missing_field`, `unknown_mode`, `invalid_account`.
    """
    where = f"accounts.{name}"

    def refuse(what: str, code: str, field: str, do: str, value: object = None) -> ConfigurationError:
        return ConfigurationError(what, code=code, file=document.file, row=document.line_named(field), field=field, value=value, do=do)

    if not _NAME.fullmatch(name):
        raise refuse("not a name of an account", "invalid_account", where, "Use letters, digits, - and _", name)
    refuse_literals(table, field=where, file=document.file, row=document.line_named)
    publisher, mode = table.get("publisher"), table.get("mode", "sandbox")
    if not isinstance(publisher, str) or not publisher:
        raise refuse("an account without a publisher", "missing_field", f"{where}.publisher", 'Write publisher = "email" or another name')
    if mode not in MODES:
        raise refuse("unknown mode", "unknown_mode", f"{where}.mode", f"Use {' or '.join(MODES)}", mode)
    options: dict[str, Any] = {}
    secrets: dict[str, Secret] = {}
    for option, value in table.items():
        if is_place(value):
            secrets[option] = Secret(value, folder)
        elif option not in ("publisher", "mode"):
            is_path = isinstance(value, str) and (option == "path" or option.endswith("_path"))
            options[option] = str(folder / value) if is_path else value
    return Account(
        name,
        publisher,
        mode="live" if mode == "live" else "sandbox",
        options=options,
        secrets={option: Revealing(secret, environ) for option, secret in secrets.items()},
    )
