"""Who may reach the review page: names, origins, tokens, sizes, and what every answer forbids."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from flows.web.guard import GUESS_SECONDS, HEADERS, LARGEST_BODY, MOST_GUESSES, TOKEN, Access, Guard

LOCAL = Access("127.0.0.1", 8765)
EVIL = "http://evil.example"
OWN = "http://localhost:8765"


async def echo(request: Request):
    return PlainTextResponse(f"{len(await request.body())} {request.url.query}")


def client_of(access=LOCAL, *, host="localhost:8765", **headers):
    routes = [Route("/{path:path}", echo, methods=["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])]
    app = Starlette(routes=routes, middleware=[Middleware(Guard, access=access, study="s1")])
    client = TestClient(app, base_url=f"http://{host}", follow_redirects=False, raise_server_exceptions=True)
    client.headers = headers  # none of httpx's own
    return client


def status_of(method="GET", path="/", *, access=LOCAL, host="localhost:8765", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client_of(access, host=host).request(method, path, headers=named).status_code


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1:8765", "[::1]:8765", "LocalHost:8765"])
def test_the_names_of_this_machine_are_answered(host):
    assert status_of(host=host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8765",  # DNS rebinding: the name leads here, the page it belongs to is not ours
        "evil.example",
        "localhost",
        "localhost:8766",
        "localhost.evil.example:8765",
        "127.0.0.1.evil.example:8765",
        "192.168.1.5:8765",
        "0.0.0.0:8765",
        "localhost:8765:8765",
        "user@localhost:8765",
        "localhost:",
    ],
)
def test_other_names_are_refused_whatever_they_lead_to(host):
    assert client_of().get("/api/study", headers={"host": host}).status_code == 421


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30))
def test_any_host_that_is_not_ours_is_refused(host):
    assert LOCAL.names(host) == (host.lower() in {"localhost:8765", "127.0.0.1:8765", "[::1]:8765"})


def test_a_missing_host_or_two_of_them_are_refused():
    client = client_of()
    assert client.get("/", headers=[("host", "localhost:8765"), ("host", "evil.example")]).status_code == 421
    assert client.get("/", headers={"host": ""}).status_code == 421


@pytest.mark.parametrize(
    ("bound", "host", "answered"),
    [
        ("::1", "[::1]:8765", True),
        ("localhost", "localhost:8765", True),
        ("127.0.0.9", "127.0.0.9:8765", True),
        ("192.168.1.5", "192.168.1.5:8765", True),
        ("192.168.1.5", "localhost:8765", False),
        ("192.168.1.5", "evil.example:8765", False),
        ("fe80::1", "[fe80::1]:8765", True),
        ("0.0.0.0", "192.168.1.5:8765", True),
        ("0.0.0.0", f"{socket.gethostname()}:8765", True),
        ("0.0.0.0", "evil.example:8765", False),
        ("::", "[2001:db8::1]:8765", True),
    ],
)
def test_a_server_answers_to_the_address_it_is_bound_to(bound, host, answered):
    assert Access(bound, 8765).names(host) is answered


def test_the_standard_port_may_be_left_out():
    assert Access("127.0.0.1", 80).names("localhost")
    assert Access("::1", 80).names("[::1]")
    assert not LOCAL.names("[::1]")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_another_origin_cannot_change_anything(method):
    for origin in (EVIL, "null", "http://localhost:3000", "https://localhost:8765", "http://127.0.0.1:8765", ""):
        assert status_of(method, origin=origin) == 403
        assert status_of(method, origin=origin, cookie="precode_coder=Ada") == 403
    assert status_of(method, origin=OWN, cookie="precode_coder=Ada") == 200


def test_without_an_origin_a_cookie_counts_only_if_the_browser_says_it_is_our_page():
    assert status_of("POST", cookie="precode_coder=Ada") == 403
    assert status_of("POST", cookie="precode_coder=Ada", sec_fetch_site="same-origin") == 200
    assert status_of("POST", cookie="precode_coder=Ada", sec_fetch_site="none") == 403


def test_a_notebook_needs_neither_origin_nor_cookie():
    assert status_of("POST", precode_coder="Ada") == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_page_can_link_to_ours_and_do_nothing_else(site):
    assert status_of(sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="document") == 200
    assert status_of(sec_fetch_site=site, sec_fetch_mode="navigate", sec_fetch_dest="iframe") == 403
    assert status_of(sec_fetch_site=site, sec_fetch_mode="no-cors", sec_fetch_dest="script") == 403
    assert status_of(sec_fetch_site=site, sec_fetch_mode="cors", sec_fetch_dest="empty") == 403
    opened = {"sec_fetch_site": site, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert status_of("POST", origin=OWN, **opened) == 403


def test_a_typed_address_and_our_own_pages_are_answered():
    assert status_of(sec_fetch_site="none", sec_fetch_mode="navigate", sec_fetch_dest="document") == 200
    assert status_of(sec_fetch_site="same-origin", sec_fetch_mode="cors", sec_fetch_dest="empty") == 200


def test_bodies_are_limited_whether_they_tell_their_size_or_not():
    client = client_of()
    assert client.post("/", content=b"x" * LARGEST_BODY).text == f"{LARGEST_BODY} "
    assert client.post("/", content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert client.post("/", content=(b"x" * 100_000 for _ in range(21))).status_code == 413
    for size in ("many", "-1", b"\xb2", "", "9" * 5000):
        assert client.post("/", content=b"", headers={"content-length": size}).status_code == 413


def test_every_answer_forbids_what_is_not_ours():
    client = client_of()
    answers = [client.get("/"), client.get("/", headers={"host": "x"}), client.post("/", headers={"origin": EVIL})]
    for answer in answers:
        assert HEADERS.items() <= dict(answer.headers).items()
        assert answer.headers["cache-control"] == "no-store"
    assert client.get("/static/a.js").headers["cache-control"] == "no-cache"


def test_no_inline_script_or_style_and_no_other_address_is_allowed():
    rules = dict(rule.strip().split(" ", 1) for rule in HEADERS["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert not any(word in HEADERS["content-security-policy"] for word in ("unsafe", "http", "*"))


def test_a_page_of_another_study_is_told_to_wait():
    assert status_of("POST", "/api/decisions", precode_study="s2") == 503
    assert status_of("POST", "/api/decisions", precode_study="s1") == 200


SHARED = Access("192.168.1.5", 8765, token="secret-token")
THERE = {"access": SHARED, "host": "192.168.1.5:8765"}


def test_loopback_needs_no_token_and_every_other_address_gets_one():
    assert [Access.at(host, 1).token for host in ("127.0.0.1", "localhost", "::1", "127.0.0.9")] == [None] * 4
    first, second = (Access.at("0.0.0.0", 1).token for _ in range(2))
    assert len(first) >= 32
    assert first != second


def test_without_the_token_nothing_is_answered():
    for path in ("/", "/api/study", "/static/style.css", "/?token=wrong", "/?token=", "/?token=%FF"):
        assert status_of(path=path, **THERE) == 401
    assert status_of(authorization="Bearer wrong", **THERE) == 401
    assert status_of(authorization="Basic secret-token", **THERE) == 401
    assert status_of(cookie=f"{TOKEN}=wrong", **THERE) == 401
    assert status_of("POST", "/?token=secret-token", **THERE) == 401


def test_a_token_in_the_address_becomes_a_cookie_and_leaves_the_address():
    client = client_of(SHARED, host="192.168.1.5:8765")
    answer = client.get("/queue?order=certain&token=secret-token&code=a%26b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?order=certain&code=a%26b")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert client.get("/queue").status_code == 200


def test_a_token_never_leads_to_another_machine():
    client = client_of(SHARED, host="192.168.1.5:8765")
    answer = client.get("http://192.168.1.5:8765//evil.example/?token=secret-token")
    assert answer.headers["location"] == "/evil.example/"


def test_a_notebook_sends_the_token_as_bearer():
    assert status_of("POST", authorization="Bearer secret-token", **THERE) == 200


def test_the_address_to_open_holds_the_token_only_where_there_is_one():
    assert LOCAL.url == "http://127.0.0.1:8765/"
    assert Access("::1", 80).url == "http://[::1]:80/"
    assert SHARED.url == "http://192.168.1.5:8765/?token=secret-token"
    assert Access("0.0.0.0", 80).url == f"http://{socket.gethostname()}:80/"


SERVED = Access("192.168.1.5", 8765, token="right")


@pytest.fixture
def waits(monkeypatch):
    """How often somebody was made to wait, without waiting."""
    found = []

    async def wait(seconds):
        found.append(seconds)

    monkeypatch.setattr("flows.web.guard.asyncio.sleep", wait)
    return found


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/?token=wrong", {}), ("/", {"authorization": "Bearer wrong"}), ("/", {"cookie": f"{TOKEN}=wrong"})],
)
def test_a_wrong_token_waits_and_the_right_one_does_not(waits, path, headers):
    assert client_of(SERVED, host="192.168.1.5:8765").get(path, headers=headers).status_code == 401
    assert waits == [GUESS_SECONDS]
    right = client_of(SERVED, host="192.168.1.5:8765").get("/", headers={"authorization": "Bearer right"})
    assert (right.status_code, waits) == (200, [GUESS_SECONDS])


def test_without_a_token_nobody_waits(waits):
    assert client_of(SERVED, host="192.168.1.5:8765").get("/").status_code == 401
    assert waits == []


def test_more_guesses_than_may_wait_are_refused_at_once():
    async def everything():
        guard = Guard(None, SERVED, "s1")
        wrong = PlainTextResponse("no", 401)
        answers = [asyncio.create_task(guard._slowly(wrong)) for _ in range(MOST_GUESSES + 5)]
        await asyncio.sleep(0)
        at_once = [task for task in answers if task.done()]
        assert [task.result().status_code for task in at_once] == [429] * 5
        for task in answers:
            task.cancel()

    with ThreadPoolExecutor(1) as thread:  # where no browser of another test has a loop
        thread.submit(asyncio.run, everything()).result()
