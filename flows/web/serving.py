"""Connections that say nothing are closed, so that any number of half-open ones cannot keep the page from answering."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 20.0
"""A request, its body included, has arrived by then or is dropped; 2 MB take a fraction of it on any network."""

MOST_WAITING = 200
"""Connections that have not sent a request yet; of more, the oldest is closed. A browser opens six."""


class ImpatientProtocol(H11Protocol):
    """HTTP that gives every request a deadline; uvicorn has one only for what follows a first answer."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._watch()
        waiting = [other for other in self.connections if isinstance(other, ImpatientProtocol) and other.is_waiting]
        if len(waiting) > MOST_WAITING:
            min(waiting, key=lambda other: other.waiting_until).drop()

    def data_received(self, data: bytes) -> None:
        """Take what came; the deadline stays until the request is whole."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    @property
    def is_waiting(self) -> bool:
        """Whether a deadline runs: a request has not come, or not all of it."""
        return self._deadline is not None

    @property
    def waiting_until(self) -> float:
        """When it will be dropped, by the loop's clock."""
        return self._deadline.when() if self._deadline else float("inf")

    def drop(self) -> None:
        """Close the connection at once, whatever is unsent."""
        self._stop()
        self.transport.abort()

    def _watch(self) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self._stop()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self.drop)

    def _stop(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
