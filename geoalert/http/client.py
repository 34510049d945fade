"""Http: the only door to other machines for publishers, the catalogue and feeds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin

import requests
from requests.utils import get_environ_proxies, select_proxy
from urllib3.response import BaseHTTPResponse

from geoalert.clock import Clock, system_clock
from geoalert.errors import OutcomeUnknown, PublishError, Rejected
from geoalert.http.addresses import may_follow, origin, read_url, refuse_internal
from geoalert.http.answer import Answer, Headers
from geoalert.http.body import Body, FilePart, write_body
from geoalert.http.direct import MOST_ORIGINS, Direct
from geoalert.http.download import Validator, keep
from geoalert.http.translate import FOREIGN, translate

DEFAULT_LIMIT_BYTES = 16 * 1024 * 1024
DOWNLOAD_LIMIT_BYTES = 512 * 1024 * 1024
MOST_REDIRECTS = 5
_CHUNK_BYTES = 64 * 1024
_CONNECT_S = 10.0
_OPEN_HEADERS = frozenset({"accept", "accept-encoding", "accept-language", "connection", "content-type", "if-range", "range", "user-agent"})
_ACCEPTED = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"}

# urllib3 logs paths and queries at DEBUG, and some platforms keep the token there.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


class Http:
    """Asks servers over HTTP with a timeout, a size limit and one set of errors.

    An instance holds no cookies, reads no .netrc and may be shared by threads. Private networks are refused unless a call says
    `internal=True`, by the address that is connected to, before a byte leaves. Proxies and certificates come from the environment
    (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE), read once an origin.

    Args:
        session: a session of the caller's own, with its adapters, proxies and certificates; used as it is. Names are then looked up
            before each request, so one that changes its address in that instant is not caught. A proxy looks names up itself.
    """

    def __init__(
        self,
        session: requests.Session | None = None,
        *,
        user_agent: str | None = None,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
        clock: Clock = system_clock,
    ) -> None:
        self._session = session
        self._direct = Direct()
        self._by_proxy: dict[tuple[str, str], bool] = {}
        self._proxy_session: requests.Session | None = None
        self._agent = {"User-Agent": user_agent or f"geoalert/{version('geoalert')}"}
        self._limit_bytes = limit_bytes
        self._clock = clock

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        files: Mapping[str, FilePart] | None = None,
        timeout_s: float = 30.0,
        internal: bool = False,
        limit_bytes: int | None = None,
    ) -> Answer:
        """Returns the server's whole answer, whatever its status.

        Args:
            body: bytes or text as they are; a mapping or sequence becomes JSON, or a form where Content-Type says so; with `files` the
                fields of a mapping join the multipart body.
            timeout_s: the longest wait for the reply to begin, and again for it to end.
            internal: addresses inside private networks are meant.
            limit_bytes: largest reply after decompression.

        Raises:
            NotSent: no connection, so nothing left this machine.
            OutcomeUnknown: the reply did not come, was cut off or is too large.
            Rejected: the address or a redirect is not allowed.
        """
        most = self._limit_bytes if limit_bytes is None else limit_bytes
        response = self._follow(method.upper(), url, headers=headers, body=body, files=files, timeout_s=timeout_s, internal=internal)
        with response:
            chunks: list[bytes] = []
            size = 0
            for chunk in self._chunks(response, timeout_s=timeout_s, total_s=timeout_s):
                size += len(chunk)
                if size > most:
                    raise _too_large(response, most)
                chunks.append(chunk)
            return self._answer(response, b"".join(chunks))

    def download(
        self,
        url: str,
        into: Path,
        *,
        resume: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
        timeout_s: float = 60.0,
        internal: bool = False,
        limit_bytes: int = DOWNLOAD_LIMIT_BYTES,
    ) -> Answer:
        """Writes a file's bytes to `into` and returns the answer without its body.

        What arrived before an interruption stays beside it as `.part`; the next call asks for the rest only (RFC 9110 section 14.2) where
        the server proves by ETag or Last-Modified that the file is still the same.

        Args:
            progress: called with bytes so far and in all, None where the server does not say.

        Raises:
            NotSent, OutcomeUnknown, Rejected: as `request` and `Answer.require` do.
            OSError: `into` cannot be written.
        """
        part = into.with_name(into.name + ".part")
        known = Validator.read(part, url=url) if resume else None
        asked = {"Accept-Encoding": "identity"} | (known.headers() if known else {})
        response = self._follow("GET", url, headers=asked, body=None, files=None, timeout_s=timeout_s, internal=internal)
        with response:
            if response.status == 416 and known is not None:
                Validator.forget(part)
                return self.download(
                    url, into, resume=False, progress=progress, timeout_s=timeout_s, internal=internal, limit_bytes=limit_bytes
                )
            if not 200 <= response.status < 300:
                self._answer(response, b"").require()
            answer = self._answer(response, b"")
            keep(
                self._chunks(response, timeout_s=timeout_s, total_s=None),
                answer=answer,
                part=part,
                known=known,
                asked=url,
                progress=progress,
                limit_bytes=limit_bytes,
            )
        part.replace(into)
        Validator.forget(part)
        return answer

    def _follow(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        body: Body | None,
        files: Mapping[str, FilePart] | None,
        timeout_s: float,
        internal: bool,
    ) -> _Reply:
        sent = _beside(self._agent, headers or {})
        for _ in range(MOST_REDIRECTS + 1):
            response = self._send(method, url, headers=sent, body=body, files=files, timeout_s=timeout_s, internal=internal)
            try:
                following = self._next(method, url, response, sent)
            except PublishError:
                response.close()
                raise
            if following is None:
                return response
            response.close()
            url = following
        raise Rejected(f"{origin(url)}: more than {MOST_REDIRECTS} redirects", code="redirect_refused")

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: Body | None,
        files: Mapping[str, FilePart] | None,
        timeout_s: float,
        internal: bool,
    ) -> _Reply:
        parts = read_url(url)
        whole, written = write_body(body, headers, files)
        session = self._session or self._proxied(parts)
        timeout = (min(timeout_s, _CONNECT_S), timeout_s)
        problem: PublishError
        try:
            if session is None:
                raw = self._direct.send(method, parts, headers=_beside(_ACCEPTED, written), body=whole, timeout=timeout, internal=internal)
                return _Reply(raw.status, raw.headers, raw, url)
            if not internal:
                proxies = session.merge_environment_settings(url, {}, None, None, None)["proxies"]
                refuse_internal(url, resolve=not select_proxy(url, proxies))
            response = session.request(
                method, parts.geturl(), headers=written, data=whole, timeout=timeout, allow_redirects=False, stream=True
            )
            return _Reply(response.status_code, response.headers, response.raw, response.url)
        except FOREIGN as err:
            problem = translate(err, at=origin(url), reading=False)
        # Raised outside the handler: the foreign error's text holds the whole address, and a chain would print it.
        raise problem

    def _proxied(self, parts: SplitResult) -> requests.Session | None:
        """Returns the session to use where the environment names a proxy for this server."""
        key = (parts.scheme, parts.netloc.rpartition("@")[2])
        by_proxy = self._by_proxy.get(key)
        if by_proxy is None:
            url = f"{key[0]}://{key[1]}/"
            if len(self._by_proxy) >= MOST_ORIGINS:
                self._by_proxy.clear()
            by_proxy = self._by_proxy[key] = bool(select_proxy(url, get_environ_proxies(url)))
        if by_proxy and self._proxy_session is None:
            self._proxy_session = _new_session()
        return self._proxy_session if by_proxy else None

    def _next(self, method: str, url: str, response: _Reply, headers: Mapping[str, str]) -> str | None:
        location = response.headers.get("location")
        if response.status not in (301, 302, 303, 307, 308) or not location:
            return None
        if method not in ("GET", "HEAD") and response.status not in (307, 308):
            return None
        try:
            following = urljoin(url, location.strip().replace(" ", "%20"))
        except ValueError:
            following = ""
        before, after = read_url(url), read_url(following)
        secret = bool(before.username) or any(name.lower() not in _OPEN_HEADERS for name in headers)
        if self._session is not None:
            secret = secret or self._session.auth is not None or any(name.lower() not in _OPEN_HEADERS for name in self._session.headers)
        if not may_follow(before, after, secret=secret or method not in ("GET", "HEAD")):
            raise Rejected(
                f"{origin(url)} redirects to {origin(following)}, where this request may not follow",
                code="redirect_refused",
                do="Use the new address if it is trusted",
            )
        return following

    def _chunks(self, response: _Reply, *, timeout_s: float, total_s: float | None) -> Iterator[bytes]:
        problem: PublishError
        until = None if total_s is None else time.monotonic() + total_s
        try:
            while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                yield chunk
                if until is not None and time.monotonic() > until:
                    problem = OutcomeUnknown(f"{origin(response.url)}: the reply took longer than {timeout_s:g} s", code="read_timeout")
                    break
            else:
                return
        except FOREIGN as err:
            problem = translate(err, at=origin(response.url), reading=True)
        raise problem

    def _answer(self, response: _Reply, body: bytes) -> Answer:
        return Answer(response.status, Headers(response.headers), body, response.url, self._clock())


@dataclass(frozen=True, slots=True, repr=False)
class _Reply:
    """A reply whose body is still unread, however it was fetched."""

    status: int
    headers: Mapping[str, str]
    raw: BaseHTTPResponse
    url: str

    def __enter__(self) -> _Reply:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the connection back where the body was read whole, else closes it."""
        self.raw.close()
        self.raw.release_conn()


class _Session(requests.Session):
    def resolve_redirects(self, *args: Any, **kwargs: Any) -> Iterator[requests.Response]:
        """Returns nothing: requests looks ahead even where redirects are off, and reads the whole body for it."""
        return iter(())


def _new_session() -> requests.Session:
    session = _Session()
    session.auth = _as_it_is
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return session


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    # Any auth at all keeps requests from reading credentials out of .netrc.
    return prepared


def _beside(defaults: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, str]:
    given = {name.lower() for name in headers}
    return {name: value for name, value in defaults.items() if name.lower() not in given} | dict(headers)


def _too_large(response: _Reply, most: int) -> OutcomeUnknown:
    return OutcomeUnknown(f"{origin(response.url)}: the reply is larger than {most} bytes", code="answer_too_large")
