"""Who is the coder: a name in a cookie, or in a header, percent-encoded; our pages and notebooks send the header."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, quote, unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from corpus.coders import LONGEST, coder_name, known_as
from corpus.errors import UsageError
from flows.web.errors import REFUSALS
from flows.web.guard import Access

if TYPE_CHECKING:
    from fastapi import APIRouter

COOKIE = "precode_coder"
HEADER = "precode-coder"
YEAR = 365 * 24 * 3600
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["coder"],
                    "properties": {
                        "coder": {"type": "string", "minLength": 1, "maxLength": LONGEST},
                        "new": {"type": "string", "description": "Anything: the name is somebody new."},
                    },
                }
            }
        },
    }
}
"""The sign-in form as OpenAPI describes it; it is read here, because one field needs no form library."""


def current_coder(request: Request) -> str:
    """Return who is asking, for endpoints to depend on.

    Raises:
        HTTPException: 401 if nobody is signed in.
        UsageError: If the header holds what is no name.
    """
    coder = coder_of(request)
    if coder is None:
        raise HTTPException(401, "sign in first: open the start page, or send the header Precode-Coder")
    return coder


def coder_of(request: Request) -> str | None:
    """Return who is asking, if anybody: the header's name, the cookie's, else whom the server was started for.

    Raises:
        UsageError: If the header holds what is no name.
    """
    access: Access = request.app.state.access
    header, cookie = request.headers.get(HEADER), request.cookies.get(COOKIE)
    if header:  # first, so that of two tabs each stays whose it was when another one signs in
        coder: str | None = coder_name(unquote(header))
    else:
        coder = access.coder if cookie is None else _name_in(cookie)
    names: Mapping[str, str] = request.app.state.names_now() if coder else {}
    return names.get(coder, coder) if coder else None


class StartPage(Protocol):
    """The page to sign in on."""

    def __call__(self, *, problem: str = "", known: Sequence[str] = (), new: str = "") -> Response:
        """Return the page: why signing in failed, who is known, and the new name it asks about."""
        ...


def router(start_page: StartPage, known: Callable[[], Sequence[str]]) -> APIRouter:
    """Return the routes that sign in and out.

    Args:
        start_page: The page to sign in on.
        known: Names of those who have coded here.
    """
    from fastapi import APIRouter  # the pages, which ask who is signed in, are served before FastAPI is loaded

    routes = APIRouter(tags=["session"], responses=REFUSALS)

    @routes.post("/sign-in", status_code=303, response_class=Response, openapi_extra=FORM)
    async def sign_in(request: Request) -> Response:
        """Take the name from the form ``coder``, however it is spelt, and go on to the start page.

        Where others have coded, a name that nobody has had is asked about, unless the form says that it is ``new``.
        """
        form, coders = await request.body(), known()
        try:
            typed = coder_name(_field(form, "coder"))
            coder = known_as(typed, coders)
            if coder is None and coders and not _field(form, "new"):
                return start_page(known=coders, new=typed)
        except UsageError as error:
            return start_page(problem=str(error), known=coders)
        coder = coder or typed
        response = RedirectResponse("/", 303)
        # Quoted, because cookies hold ASCII only.
        response.set_cookie(COOKIE, quote(coder), max_age=YEAR, httponly=True, samesite="strict")
        return response

    @routes.post("/sign-out", status_code=303, response_class=Response)
    def sign_out() -> Response:
        """Forget the name; an empty one says so even where the server was started for somebody."""
        response = RedirectResponse("/", 303)
        response.set_cookie(COOKIE, "", max_age=YEAR, httponly=True, samesite="strict")
        return response

    return routes


def _field(form: bytes, name: str) -> str:
    try:
        return parse_qs(form.decode(), errors="strict", max_num_fields=10).get(name, [""])[0]
    except ValueError:  # no UTF-8, or more fields than any form of ours has
        raise UsageError("the form cannot be read; type the name again") from None


def _name_in(cookie: str) -> str | None:
    try:
        return coder_name(unquote(cookie))
    except UsageError:
        return None
