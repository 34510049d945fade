"""The one translation of the HTTP client's errors into ours; the class decides whether repeating is safe."""

from __future__ import annotations

import ssl
from traceback import walk_tb

import requests
import urllib3.exceptions as low
from urllib3.util.ssl_match_hostname import CertificateError

from geoalert.errors import NotSent, OutcomeUnknown, PublishError, Rejected

FOREIGN = (requests.RequestException, low.HTTPError, OSError, ValueError)
"""Everything the client underneath raises; ValueError for what a server wrote and nobody can parse."""

_NEVER_SENT = (low.NewConnectionError, low.ConnectTimeoutError)

_REFUSED: dict[type[requests.RequestException], str] = {
    requests.exceptions.InvalidHeader: "a header cannot be sent",
    requests.exceptions.InvalidProxyURL: "the proxy's address is unreadable",
    requests.exceptions.InvalidSchema: "the address has an unknown scheme",
    requests.exceptions.InvalidURL: "the address is unreadable",
    requests.exceptions.MissingSchema: "the address has no scheme",
    requests.exceptions.URLRequired: "there is no address",
    requests.exceptions.InvalidJSONError: "the body cannot be written as JSON",
    requests.exceptions.UnrewindableBodyError: "the body cannot be sent twice",
    requests.exceptions.TooManyRedirects: "too many redirects",
}

_UNKNOWN: dict[type[requests.RequestException], tuple[str, str]] = {
    requests.exceptions.JSONDecodeError: ("broken_reply", "the reply is not JSON"),
    requests.exceptions.ChunkedEncodingError: ("connection_broken", "the reply was cut off"),
    requests.exceptions.ContentDecodingError: ("broken_reply", "the reply cannot be decompressed"),
    requests.exceptions.StreamConsumedError: ("broken_reply", "the reply was read twice"),
    requests.exceptions.ReadTimeout: ("read_timeout", "no reply came in time"),
    requests.exceptions.Timeout: ("read_timeout", "no reply came in time"),
    requests.exceptions.RetryError: ("server_error", "the client gave up repeating"),
    requests.exceptions.HTTPError: ("server_error", "the server answered with an error"),
    requests.exceptions.ConnectionError: ("connection_broken", "the connection broke"),
    requests.RequestException: ("connection_broken", "the request failed"),
}

_NOT_SENT: dict[type[requests.RequestException], tuple[str, str]] = {
    requests.exceptions.ConnectTimeout: ("connection_failed", "no connection in time"),
    requests.exceptions.ProxyError: ("connection_failed", "the proxy cannot be reached"),
    requests.exceptions.SSLError: ("tls_failed", "no secure connection"),
}

MAPPED = frozenset(_REFUSED) | frozenset(_UNKNOWN) | frozenset(_NOT_SENT)
"""Every exception of the client that has a meaning here; a test fails when the client grows another."""


def translate(err: BaseException, *, at: str, reading: bool) -> PublishError:
    """Returns our error for a foreign one.

    Args:
        at: the server, without anything secret; a foreign error's own text holds the whole address, so none of it is kept.
        reading: the request had left and its reply had begun, so that nothing is certain any more.
    """
    if reading:
        late = any(isinstance(step, low.ReadTimeoutError | TimeoutError) for step in _chain(err))
        code, what = ("read_timeout", "the reply stopped") if late else ("connection_broken", "the reply was cut off")
        return OutcomeUnknown(f"{at}: {what}", code=code)
    if isinstance(err, low.LocationValueError):
        return Rejected(f"{at}: the address is unreadable", code="request_refused")
    if isinstance(err, low.TimeoutError):
        return OutcomeUnknown(f"{at}: no reply came in time", code="read_timeout")
    for kind in type(err).__mro__:
        if kind is requests.exceptions.SSLError and not _in_handshake(err):
            break
        if kind is requests.exceptions.ConnectionError and any(isinstance(step, _NEVER_SENT) for step in _chain(err)):
            return NotSent(f"{at}: no connection", code="connection_failed")
        if kind in _NOT_SENT:
            code, what = _NOT_SENT[kind]
            return NotSent(f"{at}: {what}", code=code, do=_tls_advice(err) if code == "tls_failed" else None)
        if kind in _REFUSED:
            return Rejected(f"{at}: {_REFUSED[kind]}", code="request_refused")
        if kind in _UNKNOWN:
            code, what = _UNKNOWN[kind]
            return OutcomeUnknown(f"{at}: {what}", code=code)
    return OutcomeUnknown(f"{at}: the connection broke", code="connection_broken")


def not_connected(err: BaseException, *, at: str) -> NotSent:
    """Returns the error for a connection that was never made, or whose TLS never began."""
    if any(isinstance(step, ssl.SSLError | ssl.CertificateError | low.SSLError) for step in _chain(err)):
        return NotSent(f"{at}: no secure connection", code="tls_failed", do=_tls_advice(err))
    return NotSent(f"{at}: no connection", code="connection_failed")


def _in_handshake(err: BaseException) -> bool:
    """Tells whether TLS failed before the request could leave: bytes that are no TLS may also come after it was read."""
    return any(isinstance(step, ssl.SSLCertVerificationError | CertificateError) or _shook_hands(step) for step in _chain(err))


def _shook_hands(err: BaseException) -> bool:
    shaking = ssl.SSLSocket.do_handshake.__code__
    return isinstance(err, ssl.SSLError) and any(frame.f_code is shaking for frame, _ in walk_tb(err.__traceback__))


def _tls_advice(err: BaseException) -> str | None:
    for step in _chain(err):
        if isinstance(step, ssl.SSLCertVerificationError):
            return f"The certificate is not trusted: {getattr(step, 'verify_message', 'no reason given')}"
    return None


def _chain(err: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[object] = [err]
    while waiting:
        step = waiting.pop()
        if isinstance(step, BaseException) and not any(step is known for known in found):
            found.append(step)
            waiting += [step.__cause__, step.__context__, getattr(step, "reason", None), *step.args]
    return found
