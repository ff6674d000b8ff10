"""What the page says when something goes wrong: one line, never a word of a transcript."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import InputError, InternalError, PrecodeError, UsageError
from flows.web.jobs import JobRunningError
from pipeline.store.database import UnreadyError

LOG = logging.getLogger("precode.review")
"""Receives one line for each defect: its kind and place, never what it is about."""

DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"content": {"application/json": {"schema": DETAIL}}} for status in (400, 401, 403, 404, 409, 413, 422, 503)
}
"""How OpenAPI describes refusals. Spelt out: of a model FastAPI makes a validator for each status of each route."""


def answer(status: int, line: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return what is told as one line.

    Args:
        status: HTTP status.
        line: What is told.
        headers: More that the status asks for.
    """
    return JSONResponse({"detail": line}, status, headers)


async def refused(_: Request, error: PrecodeError) -> Response:
    """Tell an error of ours."""
    return answer(_status(error), str(error))


async def no_page(_: Request, error: HTTPException) -> Response:
    """Tell that there is no such page, as FastAPI tells it of the API."""
    return answer(error.status_code, error.detail, error.headers)


def _status(error: PrecodeError) -> int:
    if isinstance(error, JobRunningError):
        return 409
    if isinstance(error, UnreadyError):
        return 503  # makes a page keep what it has to send, and send it again
    return 400 if isinstance(error, UsageError | InputError) else 500


class DiscreetErrors:
    """Middleware that tells a defect by its kind and place only: its own message may quote a transcript.

    Args:
        app: What may fail.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer 500 to what fails."""
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noticing)
        except Exception as error:  # noqa: BLE001 - a server would log its message, which may quote the transcript
            defect = InternalError.of("review", error)
            LOG.error("%s", defect)  # noqa: TRY400 - exception() would log what it must not
            if scope["type"] == "http" and not begun:
                await answer(500, str(defect))(scope, receive, send)
