"""The contract between geoalert and a place that posts can be sent to.

Source: docs/reference/publisher-contract.md, whose numbers the conformance suite carries.
"""

from __future__ import annotations

from geoalert.publishing.account import MODES, Account, Token, TokenRoom
from geoalert.publishing.capabilities import Capabilities
from geoalert.publishing.post import RAW_LIMIT_BYTES, Post, Receipt
from geoalert.publishing.publisher import HttpRoom, Publisher, check_options, has_check

__all__ = [
    "MODES",
    "RAW_LIMIT_BYTES",
    "Account",
    "Capabilities",
    "HttpRoom",
    "Post",
    "Publisher",
    "Receipt",
    "Token",
    "TokenRoom",
    "check_options",
    "has_check",
]
