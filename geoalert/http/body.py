"""What a request carries: its headers and body as bytes, refused before anything is connected where they cannot be sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from urllib3.filepost import encode_multipart_formdata

from geoalert.errors import Rejected

Body = bytes | str | Mapping[str, Any] | Sequence[Any]
FilePart = tuple[str, bytes, str]
"""One file of a multipart body: file name, content, media type."""

_FORM = "application/x-www-form-urlencoded"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def write_body(body: Body | None, headers: Mapping[str, str], files: Mapping[str, FilePart] | None) -> tuple[bytes | None, dict[str, str]]:
    """Returns the body's bytes, and the headers with its Content-Type.

    Raises:
        Rejected: a header that cannot be sent (`request_refused`); its value is not shown.
        TypeError: files beside a body that is no mapping of fields.
    """
    sent = dict(headers)
    for name, value in sent.items():
        _check_header(name, value)
    if files is not None:
        if body is not None and not isinstance(body, Mapping):
            raise TypeError("with files, body is a mapping of fields")
        fields: list[Any] = [(name, value if isinstance(value, bytes) else str(value)) for name, value in (body or {}).items()]
        whole, kind = encode_multipart_formdata([*fields, *files.items()])
        return whole, {name: value for name, value in sent.items() if name.lower() != "content-type"} | {"Content-Type": kind}
    if body is None or isinstance(body, bytes):
        return body, sent
    if isinstance(body, str):
        return body.encode("utf-8"), sent
    given = next((value for name, value in sent.items() if name.lower() == "content-type"), None)
    if given is not None and given.startswith(_FORM):
        pairs: Any = body.items() if isinstance(body, Mapping) else body
        return urlencode(list(pairs), doseq=True).encode("ascii"), sent
    if given is None:
        sent["Content-Type"] = "application/json"
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8"), sent


def _check_header(name: str, value: str) -> None:
    if _NAME.fullmatch(name) and not ("\n" in value or "\r" in value or "\0" in value):
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            pass
        else:
            return
    raise Rejected("a header cannot be sent", code="request_refused", field="headers", value=name if _NAME.fullmatch(name) else None)
