"""Requests to a model's server: no proxies, no redirects, no retries of the library's own, and no word in an error."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import httpx

from models.second.opinion import Failure, NoOpinion

CONNECT_SECONDS = 3.0
LOADING_SECONDS = 120.0
"""How long a model may take to load, once."""

PAUSE_SECONDS = 1.0
LARGEST_ANSWER = 4_000_000
"""Bytes; lists of models with their templates are the longest."""

BY_STATUS = {404: Failure.NOT_FOUND, 501: Failure.NO_DECISIONS, 503: Failure.LOADING}
TOO_LONG = "exceed_context_size_error"


class ModelClient:
    """A connection to one server.

    Args:
        address: From ``checked_address``.
        timeout: Seconds for one answer.
        sleep: Waits; tests hand in one that does not.
    """

    def __init__(self, address: str, *, timeout: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self.address = address
        self._sleep = sleep
        self._patience = LOADING_SECONDS
        self._timeout = timeout
        limits = httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout))
        self._http = httpx.Client(base_url=address, timeout=limits, trust_env=False, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str) -> dict[str, Any]:
        """Return the JSON object at a path; see ``post`` for what it raises."""
        return self._patiently("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a JSON object and return the one that is answered.

        A model that loads is waited for, over all questions no longer than ``LOADING_SECONDS``.

        Raises:
            NoOpinion: If there is no such answer.
        """
        return self._patiently("POST", path, body)

    def allows_foreign_pages(self) -> bool:
        """Tell whether any web page that is open in a browser here could use the server, too."""
        foreign = "http://elsewhere.example"
        try:
            with self._http.stream("GET", "/v1/models", headers={"origin": foreign}) as response:
                allowed = response.headers
        except httpx.HTTPError:
            return False
        return allowed.get("access-control-allow-origin") in {"*", foreign}

    def _patiently(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        while True:
            try:
                return self._answer(method, path, body)
            except NoOpinion as none:
                if none.failure is not Failure.LOADING or self._patience <= 0:
                    raise
            self._patience -= PAUSE_SECONDS
            self._sleep(PAUSE_SECONDS)

    def _answer(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        status, kind, content = self._exchange(method, path, body)
        if 300 <= status < 400:
            raise NoOpinion(Failure.REDIRECTED)
        if status != 200:
            raise NoOpinion(_refusal(status, content))
        if "json" not in kind:
            raise NoOpinion(Failure.UNREADABLE)
        return json_object(content)

    def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[int, str, bytes]:
        """Return status, content type and content; a server that trickles is cut off like one that is silent."""
        ends = time.monotonic() + self._timeout
        content = b""
        try:
            with self._http.stream(method, path, json=body) as response:
                for part in response.iter_bytes():
                    content += part
                    if len(content) > LARGEST_ANSWER:
                        raise NoOpinion(Failure.UNREADABLE)
                    if time.monotonic() > ends:
                        raise NoOpinion(Failure.HUNG)
                return response.status_code, response.headers.get("content-type", ""), content
        except httpx.TimeoutException as error:
            away = isinstance(error, httpx.ConnectTimeout)
            raise NoOpinion(Failure.AWAY if away else Failure.HUNG) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise NoOpinion(Failure.AWAY) from None


def json_object(content: bytes | str) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        NoOpinion: If it is none.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise NoOpinion(Failure.UNREADABLE) from None
    if not isinstance(found, dict):
        raise NoOpinion(Failure.UNREADABLE)
    return found


def _refusal(status: int, content: bytes) -> Failure:
    if status == 400 and TOO_LONG.encode() in content:
        return Failure.TOO_LONG
    return BY_STATUS.get(status, Failure.REFUSED)
