"""Http: one request, and what each failure becomes."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from geoalert.clock import Clock
from geoalert.errors import NotSent, OutcomeUnknown, PublishError, Rejected
from geoalert.http import Http
from geoalert.http.addresses import may_follow
from geoalert.http.pace import Pace, Told
from geoalert.http.translate import MAPPED, translate
from tests.portal import Portal, Reply, html_page, too_many

SECRET = "s3cr3t-t0ken"


def ask(http: Http, url: str, **kwargs: object) -> object:
    """Asks an address on this machine and insists on success."""
    return http.request("GET", url, internal=True, **kwargs).require()  # type: ignore[arg-type]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_answer_carries_status_headers_and_body(http: Http, portal: Portal) -> None:
    """A status is returned, not raised; header names are read in any case."""
    portal.fault("/x", Reply(b'{"a": 1}', 404, headers={"X-Kind": "odd"}))

    answer = http.request("GET", f"{portal.url}/x", internal=True)

    assert (answer.status, answer.headers["x-KIND"], answer.json()) == (404, "odd", {"a": 1})


@pytest.mark.parametrize(
    ("body", "headers", "arrived", "kind"),
    [
        ({"text": "né"}, {}, '{"text": "né"}'.encode(), "application/json"),
        ({"a": "1 2"}, {"content-type": "application/x-www-form-urlencoded"}, b"a=1+2", "application/x-www-form-urlencoded"),
        ("né", {"Content-Type": "text/plain"}, "né".encode(), "text/plain"),
        (b"\x00\xff", {}, b"\x00\xff", None),
    ],
)
def test_body_arrives_as_its_kind_says(
    http: Http, portal: Portal, body: object, headers: dict[str, str], arrived: bytes, kind: str | None
) -> None:
    """Mappings become JSON or a form; bytes and text stay what they are."""
    portal.routes["/in"] = lambda asked: Reply(b"{}")

    http.request("POST", f"{portal.url}/in", body=body, headers=headers, internal=True)  # type: ignore[arg-type]

    assert portal.asked[0].body == arrived
    assert portal.asked[0].headers.get("content-type") == kind


def test_files_travel_with_their_fields(http: Http, portal: Portal) -> None:
    """A multipart body holds each file's name and type and the fields beside it."""
    portal.routes["/in"] = lambda asked: Reply(b"{}")

    http.request("POST", f"{portal.url}/in", body={"alt": "a sketch"}, files={"pic": ("a.png", b"PNG", "image/png")}, internal=True)

    sent = portal.asked[0].body
    assert b'filename="a.png"' in sent
    assert b"image/png" in sent
    assert b"a sketch" in sent


@pytest.mark.parametrize(
    ("reply", "kind", "code", "wait_s"),
    [
        (Reply(status=401), Rejected, "credentials_refused", None),
        (Reply(status=403), Rejected, "credentials_refused", None),
        (Reply(status=422), Rejected, "refused_by_server", None),
        (Reply(status=303), Rejected, "refused_by_server", None),
        (too_many("30"), NotSent, "rate_limited", 30.0),
        (too_many("Fri, 12 Mar 2027 21:01:30 GMT"), NotSent, "rate_limited", 90.0),
        (too_many("soon"), NotSent, "rate_limited", None),
        (Reply(status=503, headers={"Retry-After": "5"}), NotSent, "unavailable", 5.0),
        (Reply(status=503), OutcomeUnknown, "server_error", None),
        (Reply(status=500), OutcomeUnknown, "server_error", None),
    ],
)
def test_require_turns_a_status_into_the_delivery_policy(
    http: Http, portal: Portal, reply: Reply, kind: type[PublishError], code: str, wait_s: float | None
) -> None:
    """The class says whether to repeat; the wait is the server's own, in seconds or as a date."""
    portal.fault("/x", reply)

    with pytest.raises(kind) as caught:
        ask(http, f"{portal.url}/x")

    assert type(caught.value) is kind
    assert caught.value.code == code
    assert getattr(caught.value, "retry_after_s", None) == wait_s


def test_refused_connection_was_not_sent(http: Http) -> None:
    """Nobody listens, so nothing left."""
    with pytest.raises(NotSent) as caught:
        ask(http, f"http://127.0.0.1:{free_port()}/bot{SECRET}/send?key={SECRET}")

    assert caught.value.code == "connection_failed"
    assert SECRET not in str(caught.value)


def test_unknown_name_was_not_sent(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without an address is a failed connection, with and without the private-network check."""
    monkeypatch.setattr(socket, "getaddrinfo", _no_such_name)

    for internal in (False, True):
        with pytest.raises(NotSent) as caught:
            http.request("GET", "https://portal.example/x", internal=internal)
        assert caught.value.code == "connection_failed"


@pytest.mark.parametrize("own", [False, True])
def test_plain_server_behind_https_was_not_sent(http: Http, portal: Portal, own: bool) -> None:
    """A failed TLS handshake leaves nothing behind."""
    with pytest.raises(PublishError) as caught:
        ask(Http(requests.Session()) if own else http, portal.url.replace("http://", "https://"))

    assert (type(caught.value), caught.value.code) == (NotSent, "tls_failed")


def test_no_reply_in_time_is_unknown(http: Http, portal: Portal) -> None:
    """The request arrived; nobody knows what came of it."""
    release = threading.Event()
    portal.fault("/x", Reply(b"{}", wait=release))

    with pytest.raises(OutcomeUnknown) as caught:
        ask(http, f"{portal.url}/x", timeout_s=0.2)
    release.set()

    assert caught.value.code == "read_timeout"
    assert len(portal.asked) == 1


def test_cut_off_reply_is_unknown(http: Http, portal: Portal) -> None:
    """Fewer bytes than announced are no answer."""
    portal.fault("/x", Reply(b'{"id": "1234567890"}', cut_at=9))

    with pytest.raises(OutcomeUnknown) as caught:
        ask(http, f"{portal.url}/x")

    assert caught.value.code == "connection_broken"


def test_reply_that_stops_halfway_is_unknown(http: Http, portal: Portal) -> None:
    """A server that falls silent in the middle is not waited for longer than the timeout."""
    release = threading.Event()
    portal.fault("/x", Reply(b'{"id": "1234567890"}', cut_at=9, stall=release))

    with pytest.raises(OutcomeUnknown) as caught:
        ask(http, f"{portal.url}/x", timeout_s=0.2)
    release.set()

    assert caught.value.code == "read_timeout"


def test_cut_off_chunked_reply_is_unknown(http: Http) -> None:
    """A chunked reply that ends without its last chunk is no answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_half_a_chunk, args=(listener,))
        thread.start()

        with pytest.raises(OutcomeUnknown) as caught:
            ask(http, f"http://127.0.0.1:{listener.getsockname()[1]}/x")
        thread.join()

    assert caught.value.code == "connection_broken"


@pytest.mark.parametrize(
    ("written", "wait_s"),
    [
        ("Fri, 12 Mar 99999999999 21:00:00 GMT", None),
        ("Fri, 12 Mar 9999 21:00:00 GMT", 366 * 86400.0),
        ("9" * 400, 366 * 86400.0),
        ("Fri, 12 Mar 2027 21:00:09 GMT", 9.0),
    ],
)
def test_an_absurd_wait_ends_no_answer(http: Http, portal: Portal, written: str, wait_s: float | None) -> None:
    """A post that landed stays landed, whatever the server says of the next."""
    paces: list[Pace] = []
    portal.routes["/x"] = lambda asked: Reply(b"{}", headers={"Retry-After": written})

    answer = Told(http, paces.append).request("POST", f"{portal.url}/x", internal=True)

    assert (answer.status, answer.retry_after_s, len(paces)) == (200, wait_s, 1)


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "hex", "zip", "no-such", "utf-8"])
def test_a_body_is_text_whatever_charset_is_named(http: Http, portal: Portal, charset: str) -> None:
    """What no text is written in is read as UTF-8."""
    portal.routes["/x"] = lambda asked: Reply(b"\xff..a", media_type=f"text/plain; charset={charset}")

    assert http.request("GET", f"{portal.url}/x", internal=True).text() == "\ufffd..a"


def test_json_that_is_nested_without_end_is_unknown(http: Http, portal: Portal) -> None:
    """It is as broken as any other reply that nobody can read."""
    portal.routes["/x"] = lambda asked: Reply(b"[" * 200_000)

    with pytest.raises(OutcomeUnknown):
        http.request("GET", f"{portal.url}/x", internal=True).json()


def test_reply_that_is_not_json_is_unknown(http: Http, portal: Portal) -> None:
    """A page of HTML with status 200 does not say that a post arrived."""
    portal.fault("/x", html_page())

    answer = http.request("GET", f"{portal.url}/x", internal=True)

    with pytest.raises(OutcomeUnknown) as caught:
        answer.json()
    assert caught.value.code == "broken_reply"


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_size_limit_holds_while_reading(http: Http, portal: Portal, size: int, fits: bool) -> None:
    """At the limit passes, one over fails."""
    portal.fault("/x", Reply(b"x" * size))

    if fits:
        assert len(http.request("GET", f"{portal.url}/x", internal=True, limit_bytes=1000).body) == 1000
    else:
        with pytest.raises(OutcomeUnknown) as caught:
            ask(http, f"{portal.url}/x", limit_bytes=1000)
        assert caught.value.code == "answer_too_large"


def test_size_limit_counts_unpacked_bytes(http: Http, portal: Portal) -> None:
    """A small reply that unpacks to a large one is stopped."""
    portal.fault("/x", Reply(gzip.compress(b"0" * 10_000_000), headers={"Content-Encoding": "gzip"}))

    with pytest.raises(OutcomeUnknown) as caught:
        ask(http, f"{portal.url}/x", limit_bytes=100_000)

    assert caught.value.code == "answer_too_large"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest",
        "http://[::ffff:10.0.0.1]/",
    ],
)
def test_private_networks_are_refused_unless_meant(http: Http, url: str) -> None:
    """A link in an alert or a catalogue cannot reach inside."""
    with pytest.raises(Rejected) as caught:
        http.request("GET", url)

    assert caught.value.code == "address_refused"


def test_name_that_leads_inside_is_refused(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is looked up first, and one private address among several is enough."""
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: rows)

    with pytest.raises(Rejected) as caught:
        http.request("GET", "http://portal.example/")

    assert (caught.value.code, caught.value.value) == ("address_refused", "10.0.0.7")


@pytest.mark.parametrize(
    "url", ["ftp://portal.example/x", "file:///etc/passwd", "portal.example/x", "http://", "http://portal.example:999999/"]
)
def test_only_web_addresses_are_asked(http: Http, url: str) -> None:
    """Another scheme or no host is refused before anything happens."""
    with pytest.raises(Rejected) as caught:
        http.request("GET", url, internal=True)

    assert caught.value.code == "address_refused"


TWO_WAYS = (
    "http://127.0.0.1:{port}\\@public.example/x",
    "http://127.0.0.1:{port}\\.public.example/x",
    "http://127.0.0.1:{port}\t\\@public.example/x",
    "http://public.example\n@127.0.0.1:{port}/x",
    " http://127.0.0.1:{port}/x",
    "http://127.0.0.1:{port}/x y",
    "http://127.0.0.1:{port}/x\u2028y",
    "http://１２７.0.0.1:{port}/x",
    "http://%3127.0.0.1:{port}/x",
)


@pytest.mark.parametrize("url", TWO_WAYS)
@pytest.mark.parametrize("own", [False, True])
def test_an_address_that_two_readers_take_for_two_is_refused(clock: Clock, portal: Portal, url: str, own: bool) -> None:
    """The host that is judged has to be the host that is connected to, whosever session it is."""
    http = Http(requests.Session() if own else None, clock=clock)

    with pytest.raises(Rejected) as caught:
        http.request("GET", url.format(port=urlsplit(portal.url).port), internal=True)

    assert (caught.value.code, portal.asked) == ("address_refused", [])


@pytest.mark.parametrize("way", ["direct", "own session", "proxy"])
def test_no_redirect_takes_a_secret_to_what_only_looks_like_the_same_server(
    clock: Clock, portal: Portal, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A backslash hides the host that would be connected to."""
    port = urlsplit(portal.url).port
    if way == "proxy":
        monkeypatch.setenv("http_proxy", portal.url)
        monkeypatch.setenv("no_proxy", "")
    asked = "http://public.example/old" if way == "proxy" else f"http://localhost:{port}/old"
    here = urlsplit(asked).netloc
    location = f"http://127.0.0.1:{port}\\@{here}/new"
    for path in ("/old", asked):
        portal.fault(path, Reply(status=307, headers={"Location": location}))

    with pytest.raises(Rejected) as caught:
        Http(requests.Session() if way == "own session" else None, clock=clock).request(
            "POST", asked, headers={"Authorization": SECRET}, body=b"x", internal=way != "proxy"
        )

    assert (caught.value.code, len(portal.asked)) == ("address_refused", 1)


def test_a_redirect_with_a_space_in_its_path_is_followed(http: Http, portal: Portal) -> None:
    """Portals write so; it is one address to every reader once it is encoded."""
    portal.fault("/old", Reply(status=302, headers={"Location": "/new layer"}))
    portal.routes["/new layer"] = portal.routes["/new%20layer"] = lambda asked: Reply(b"{}")

    ask(http, f"{portal.url}/old")


def test_redirect_on_the_same_server_is_followed(http: Http, portal: Portal) -> None:
    """A moved page is found, credentials and all."""
    portal.fault("/old", Reply(status=301, headers={"Location": "/new"}))
    portal.routes["/new"] = lambda asked: Reply(asked.headers["authorization"].encode())

    answer = http.request("GET", f"{portal.url}/old", headers={"Authorization": SECRET}, internal=True)

    assert answer.text() == SECRET


@pytest.mark.parametrize(("headers", "followed"), [({}, True), ({"Authorization": SECRET}, False), ({"X-Api-Key": SECRET}, False)])
def test_redirect_elsewhere_never_carries_credentials(http: Http, portal: Portal, headers: dict[str, str], followed: bool) -> None:
    """Another host gets the request only when it holds no secret."""
    portal.fault("/old", Reply(status=302, headers={"Location": portal.url.replace("127.0.0.1", "localhost") + "/new"}))
    portal.routes["/new"] = lambda asked: Reply(b"{}")

    if followed:
        assert http.request("GET", f"{portal.url}/old", headers=headers, internal=True).status == 200
    else:
        with pytest.raises(Rejected) as caught:
            http.request("GET", f"{portal.url}/old", headers=headers, internal=True)
        assert caught.value.code == "redirect_refused"
        assert len(portal.asked) == 1


@pytest.mark.parametrize(
    ("before", "after", "secret", "follows"),
    [
        ("https://a.example/x", "https://a.example/y", True, True),
        ("http://a.example/x", "https://a.example/x", True, True),
        ("https://a.example/x", "https://b.example/x", True, False),
        ("https://a.example/x", "https://b.example/x", False, True),
        ("https://a.example/x", "https://a.example:8443/x", True, False),
        ("https://a.example/x", "http://a.example/x", False, False),
        ("https://a.example/x", "http://a.example:443/x", True, False),
    ],
)
def test_redirect_rule(before: str, after: str, secret: bool, follows: bool) -> None:
    """Same host and port, or no secret; never from https to http."""
    assert may_follow(urlsplit(before), urlsplit(after), secret=secret) is follows


def test_netrc_is_not_read(http: Http, portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login that lies on the machine is never sent along."""
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    portal.routes["/x"] = lambda asked: Reply(b"{}")

    ask(http, f"{portal.url}/x")

    assert "authorization" not in portal.asked[0].headers


def test_post_is_not_repeated_by_an_old_redirect(http: Http, portal: Portal) -> None:
    """301, 302 and 303 after a POST come back as they are; a 307 on the same server repeats it whole."""
    portal.fault("/a", Reply(status=303, headers={"Location": "/b"}))
    portal.fault("/c", Reply(status=307, headers={"Location": "/d"}))
    portal.routes["/d"] = lambda asked: Reply(asked.body)

    seen = http.request("POST", f"{portal.url}/a", body="x", internal=True)
    repeated = http.request("POST", f"{portal.url}/c", body="x", internal=True)

    assert (seen.status, repeated.text()) == (303, "x")


def test_redirects_end(http: Http, portal: Portal) -> None:
    """A loop is left after five steps."""
    portal.routes["/loop"] = lambda asked: Reply(status=302, headers={"Location": "/loop"})

    with pytest.raises(Rejected) as caught:
        ask(http, f"{portal.url}/loop")

    assert caught.value.code == "redirect_refused"
    assert len(portal.asked) == 6


def test_secret_is_in_no_error_log_or_repr(http: Http, portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    """Tokens in user name, path, query and header stay out of whatever people read."""
    caplog.set_level(logging.DEBUG)
    address = portal.url.replace("http://", f"http://user:{SECRET}@") + f"/bot{SECRET}/send?key={SECRET}"
    portal.fault("/bot", Reply(b"not json", 200))
    portal.fault("/bot", Reply(b"", 500))

    answer = http.request("POST", address, headers={"Authorization": SECRET}, internal=True)
    texts = [repr(answer), repr(http)]
    for attempt in (answer.json, lambda: http.request("POST", address, internal=True).require()):
        with pytest.raises(OutcomeUnknown) as caught:
            attempt()
        texts += [str(caught.value), repr(caught.value), repr(caught.value.__context__), repr(caught.value.__cause__)]

    assert SECRET not in "".join(texts) + caplog.text


def test_proxy_looks_names_up_itself(http: Http, portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy a name need not be known here; a private address stays refused."""
    monkeypatch.setenv("http_proxy", portal.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    portal.routes["/x"] = lambda asked: Reply(asked.headers["host"].encode())

    assert http.request("GET", "http://portal.example/x").text() == "portal.example"
    with pytest.raises(Rejected):
        http.request("GET", "http://10.0.0.1/x")


def test_cookies_are_not_kept(http: Http, portal: Portal) -> None:
    """Two accounts that share the door share no login."""
    portal.fault("/x", Reply(b"{}", headers={"Set-Cookie": "who=me"}))

    ask(http, f"{portal.url}/x")
    portal.routes["/y"] = lambda asked: Reply(b"{}")
    ask(http, f"{portal.url}/y")

    assert "cookie" not in portal.asked[-1].headers


def test_callers_own_session_is_used(clock: Clock, portal: Portal) -> None:
    """Its headers, adapters and proxies stay as the caller set them."""
    session = requests.Session()
    session.headers["X-Site"] = "north"
    portal.routes["/x"] = lambda asked: Reply(b"{}")

    ask(Http(session, clock=clock), f"{portal.url}/x")

    assert portal.asked[0].headers["x-site"] == "north"
    assert portal.asked[0].headers["user-agent"].startswith("geoalert/")


@pytest.mark.parametrize("headers", [{"X-Api-Key": SECRET}, {"Authorization": SECRET}])
def test_secret_of_a_callers_session_follows_no_redirect_elsewhere(clock: Clock, portal: Portal, headers: dict[str, str]) -> None:
    """Headers that the session adds count as the request's own."""
    session = requests.Session()
    session.headers.update(headers)
    portal.fault("/old", Reply(status=302, headers={"Location": portal.url.replace("127.0.0.1", "localhost") + "/new"}))

    with pytest.raises(Rejected) as caught:
        ask(Http(session, clock=clock), f"{portal.url}/old")

    assert caught.value.code == "redirect_refused"


@pytest.mark.parametrize("location", ["ftp://portal.example/x", "http://[broken", "file:///etc/passwd"])
def test_redirect_to_something_else_than_the_web_is_refused(http: Http, portal: Portal, location: str) -> None:
    """The scheme rule holds on every step, whosever session it is."""
    portal.fault("/old", Reply(status=302, headers={"Location": location}), times=2)

    with pytest.raises(Rejected):
        ask(http, f"{portal.url}/old")
    with pytest.raises(PublishError):
        ask(Http(requests.Session()), f"{portal.url}/old")


def test_body_of_a_redirect_is_not_read(http: Http, portal: Portal) -> None:
    """A redirect with an endless body costs nothing."""
    release = threading.Event()
    portal.fault("/old", Reply(b"x" * 100, 302, headers={"Location": "/new"}, cut_at=10, stall=release))
    portal.routes["/new"] = lambda asked: Reply(b"{}")

    answer = http.request("GET", f"{portal.url}/old", internal=True, timeout_s=0.5)
    release.set()

    assert answer.status == 200


def test_every_error_of_the_client_has_a_meaning() -> None:
    """Fails when requests grows an exception that nobody decided about."""
    foreign = {
        kind for kind in vars(requests.exceptions).values() if isinstance(kind, type) and issubclass(kind, requests.RequestException)
    }

    assert foreign == MAPPED


@pytest.mark.parametrize("kind", sorted(MAPPED, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_nothing_that_fails_while_reading_is_called_safe(kind: type[requests.RequestException]) -> None:
    """Once a reply has begun the request did arrive, so no error may invite a second one."""
    err = kind("x", "x", 0) if issubclass(kind, requests.exceptions.JSONDecodeError) else kind("x")

    assert type(translate(err, at="https://x.example", reading=True)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("err", "expected"),
    [
        (requests.exceptions.ConnectTimeout("x"), NotSent),
        (requests.exceptions.ProxyError("x"), NotSent),
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError("x")), NotSent),
        (requests.exceptions.SSLError(ssl.SSLEOFError("x")), OutcomeUnknown),
        (requests.exceptions.SSLError(ssl.SSLError("WRONG_VERSION_NUMBER")), OutcomeUnknown),
        (requests.exceptions.ConnectionError("aborted"), OutcomeUnknown),
        (requests.exceptions.ReadTimeout("x"), OutcomeUnknown),
        (requests.exceptions.InvalidHeader("x"), Rejected),
        (requests.exceptions.InvalidURL("x"), Rejected),
        (OSError("x"), OutcomeUnknown),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.__name__,
)
def test_errors_before_a_reply_say_whether_anything_left(err: Exception, expected: type[PublishError]) -> None:
    """Safe to repeat only where no connection stood; what the caller wrote wrongly is refused."""
    assert type(translate(err, at="https://x.example", reading=False)) is expected


def _no_such_name(*args: object, **kwargs: object) -> object:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _half_a_chunk(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf")
