"""Who is the coder: a name in a cookie, or in a header, percent-encoded; our pages and notebooks send the header."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, quote, unquote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from corpus.coders import LONGEST, coder_name
from corpus.errors import UsageError
from flows.web.guard import Access

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
                    "properties": {"coder": {"type": "string", "minLength": 1, "maxLength": LONGEST}},
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
    header = request.headers.get(HEADER)
    if header:  # first, so that of two tabs each stays whose it was when another one signs in
        return coder_name(unquote(header))
    cookie = request.cookies.get(COOKIE)
    if cookie is not None:
        return _name_in(cookie)
    access: Access = request.app.state.access
    return access.coder


def router(start_page: Callable[[str], Response]) -> APIRouter:
    """Return the routes that sign in and out.

    Args:
        start_page: The page to sign in on, which says why signing in failed.
    """
    routes = APIRouter(tags=["session"])

    @routes.post("/sign-in", status_code=303, response_class=Response, openapi_extra=FORM)
    async def sign_in(request: Request) -> Response:
        """Take the name from the form ``coder`` and go on to the start page."""
        try:
            coder = coder_name(_field(await request.body(), "coder"))
        except UsageError as error:
            return start_page(str(error))
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
