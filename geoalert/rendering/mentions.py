"""Handles broken so that a post pings nobody."""

from __future__ import annotations

import re

from geoalert.publishing import Capabilities

# A whole e-mail address or link stays usable, unless its host could be read as a word that pings a whole room.
_KEPT = re.compile(r"https?://[^\s<>]+|[\w.+-]*\w@(?!(?:everyone|here|channel|room|all)\b)[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile("([@\uff20])(?=[\\w!&.-])")


def inert(text: str, capabilities: Capabilities) -> str:
    """Returns the text with every handle broken by a space ("@ everyone") where the place would read one in plain text."""
    if capabilities.mentions != "text":
        return text
    pieces, at = [], 0
    for kept in _KEPT.finditer(text):
        pieces += [_HANDLE.sub(r"\1 ", text[at : kept.start()]), kept.group()]
        at = kept.end()
    return "".join([*pieces, _HANDLE.sub(r"\1 ", text[at:])])
