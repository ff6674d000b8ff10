"""What reaches the review page and what leaves it: host, origin, token, size, and the headers of every answer.

The page is a server on the researcher's own machine, where any web page they visit can try to reach it. So the
``Host`` must be ours (a foreign name that was made to point here is refused), whatever changes something must come from
our own pages or from no browser at all, and every answer forbids scripts and resources from elsewhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "precode_token"  # noqa: S105 - the cookie's name, not what it holds
STUDY = "precode-study"
"""The header by which our pages say which study they show: one left open may outlive its server."""

LARGEST_BODY = 2_000_000
"""Bytes; 500 decisions with a memo each are less."""
LARGEST_FILE = 300_000_000
"""Bytes of a file that is dropped onto the page; projects of other tools may hold scans."""
FILES = frozenset({"/api/files", "/api/benchmark/codings", "/api/home/studies/from-file"})
"""Where files are dropped."""
REPORT = "/api/benchmark/report"
"""A page that was written to a file: it has its styles in itself, and runs nothing."""
DIGITS = 12
"""Of a stated length; what has more is too large, whatever it says."""

NOT_ADMITTED = 401

GUESS_SECONDS = 1.0
"""What a wrong token costs whoever sent it; wrong ones are answered one after the other."""

MOST_GUESSES = 20
"""Wrong tokens that wait for their answer; more are refused at once, without a look."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # not no-referrer, under which a form would be sent with the origin "null"
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
KEEP = "no-cache"
"""For static files: kept by the browser, but asked about each time, so that a new version is seen at once."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the page is served and who may see it.

    Attributes:
        host: Address it is bound to.
        token: What a browser or notebook must know; None on loopback, where only this machine can connect.
        coder: Who is signed in from the start.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    token: str | None = None
    coder: str | None = None

    @classmethod
    def at(cls, host: str, port: int, *, coder: str | None = None) -> Access:
        """Return the access for an address, with a new token unless it is a loopback address.

        Args:
            host: Address to listen on.
            port: Port.
            coder: Who is signed in from the start.
        """
        return cls(host, port, None if is_loopback(host) else secrets.token_urlsafe(24), coder)

    @classmethod
    def private(cls, host: str, port: int) -> Access:
        """Return the access for what reaches all studies of a user: on loopback, too, it takes a token."""
        return cls(host, port, secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        """The address to open, with the token where one is needed."""
        return self.page_url("")

    def page_url(self, page: str) -> str:
        """Return the address of a page, with the token where one is needed."""
        host = socket.gethostname() if self.host in EVERYWHERE else bracketed(self.host)
        return f"http://{host}:{self.port}/{page}" + (f"?token={self.token}" if self.token else "")

    def names(self, host: str) -> bool:
        """Tell whether a ``Host`` header names this server.

        A server on all addresses of a machine answers to the machine's name and to addresses in digits: a foreign
        name that was made to point here is neither.
        """
        name, _, port = host.lower().rpartition(":")
        if port.endswith("]") or not port.isdigit():  # without a port
            name, port = host.lower(), "80"
        return port == str(self.port) and self._is_ours(name)

    def _is_ours(self, name: str) -> bool:
        if is_loopback(self.host):
            return name in {*LOOPBACK, bracketed(self.host)}
        if self.host in EVERYWHERE:
            own = socket.gethostname().lower()
            return name in {*LOOPBACK, own, f"{own}.local"} or _is_address(name)
        return name == bracketed(self.host).lower()


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can connect to an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def bracketed(host: str) -> str:
    """Return an address as URLs write it."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _is_address(name: str) -> bool:
    try:
        return bool(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return False


class Guard:
    """Middleware around everything else.

    Args:
        app: What is guarded.
        access: Where it is served and who may see it.
        study: Id of the study that is served.
    """

    def __init__(self, app: ASGIApp, access: Access, study: str) -> None:
        self.app = app
        self.access = access
        self.study = study
        self._guesses = 0
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on what may pass."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            reply = _headed(scope, send)
            answer = self._refusal(scope) or self._admission(scope)
            if answer and answer.status_code == NOT_ADMITTED and _offers_token(scope):
                answer = await self._slowly(answer)
            await (
                answer(scope, receive, reply) if answer else self.app(scope, _limited(receive, _largest(scope)), reply)
            )

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if len(headers.getlist("host")) != 1 or not self.access.names(headers["host"]):
            return _no(421, f"this server is not known by that name; open {self.access.host}:{self.access.port}")
        if not is_ours(scope["method"], headers):
            return _no(403, "refused: the request comes from another page than this server's own")
        size = headers.get("content-length", "0")
        if not size.isdecimal() or len(size) > DIGITS or int(size) > _largest(scope):
            return _no(413, _too_large(_largest(scope)))
        # A download is a link, which has no header: it says in its address which study it is of.
        shown = {headers.get(STUDY, ""), *HTTPConnection(scope).query_params.getlist("study")} - {""}
        if not shown <= {self.study}:
            # 503 makes a page keep what it has to send, until its own study is served again.
            return _no(503, "another study is served at this address now; load the page again")
        return None

    def _admission(self, scope: Scope) -> Response | None:
        """Let in who knows the token, and turn the token in an address into a cookie."""
        if self.access.token is None:
            return None
        request = HTTPConnection(scope)
        if scope["method"] == "GET" and self._is_token(request.query_params.get("token", "")):
            rest = [(key, value) for key, value in request.query_params.multi_items() if key != "token"]
            return self._welcome(scope["path"], rest)
        if any(map(self._is_token, _tokens(request))):
            return None
        return _no(NOT_ADMITTED, "this page needs the token: open the address that precode review printed")

    def _welcome(self, path: str, query: list[tuple[str, str]]) -> Response:
        here = "/" + path.lstrip("/")  # "//host" would lead elsewhere
        response = RedirectResponse(here + (f"?{urlencode(query)}" if query else ""), 303)
        # Lax, so that a link in a message works; what changes something is held to its origin anyway.
        response.set_cookie(TOKEN, self.access.token or "", httponly=True, samesite="lax")
        return response

    async def _slowly(self, answer: Response) -> Response:
        """Let a refusal wait for its turn: trying tokens in numbers takes for ever, and who knows it never waits."""
        if self._guesses >= MOST_GUESSES:
            return _no(429, "too many wrong tokens; wait a minute")
        self._guesses += 1
        try:
            async with self._turn:
                await asyncio.sleep(GUESS_SECONDS)
        finally:
            self._guesses -= 1
        return answer

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), (self.access.token or "").encode())


def is_ours(method: str, headers: Headers) -> bool:
    """Tell whether a request comes from our own pages, from no browser, or merely opens a page.

    Browsers say by ``Sec-Fetch-Site`` where a request comes from, and by ``Origin`` for all that changes something.
    Without either it is a notebook or a script, which has no cookie that somebody else could make use of.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    opens = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if site in {"cross-site", "same-site"} and not (opens and headers.get("sec-fetch-dest") == "document"):
        return False
    if method in SAFE:
        return True
    if origin is not None:
        return origin == f"http://{headers['host']}"
    return site == "same-origin" or "cookie" not in headers


def _offers_token(scope: Scope) -> bool:
    request = HTTPConnection(scope)
    return bool(request.query_params.get("token") or any(_tokens(request)))


def _tokens(request: HTTPConnection) -> Iterator[str]:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield given.strip()
    yield request.cookies.get(TOKEN, "")


def _no(status: int, why: str) -> Response:
    return JSONResponse({"detail": why}, status)


def _headed(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that puts our headers on the answer."""
    static = scope["path"].startswith("/static/")
    ours = {**HEADERS, "cache-control": KEEP if static else "no-store"}
    if scope["path"] == REPORT:
        ours["content-security-policy"] = REPORT_POLICY

    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(ours)
        await send(message)

    return headed


def _largest(scope: Scope) -> int:
    """Return how many bytes a request may bring."""
    return LARGEST_FILE if scope["path"] in FILES else LARGEST_BODY


def _too_large(largest: int) -> str:
    return f"refused: more than {largest} bytes"


def _limited(receive: Receive, largest: int) -> Receive:
    """Return a ``receive`` that stops at the largest body."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > largest:
            raise HTTPException(413, _too_large(largest))
        return message

    return limited
