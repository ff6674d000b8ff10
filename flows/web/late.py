"""What takes a second to make, made in a thread while the rest is served already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Generic, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.errors import PrecodeError
from flows.web.errors import answer

T = TypeVar("T")
App = TypeVar("App", bound=ASGIApp)


class Late(Generic[T]):
    """Something that is made once, in a thread of its own; whoever needs it waits.

    Making that failed is tried again when it is needed next: a database may have been locked, a codebook half written.

    Args:
        make: Makes it.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = Lock()
        self._made: Future[T] | None = None

    def begin(self) -> Future[T]:
        """Begin to make it, unless somebody has and it did not fail, and return what holds it in the end."""
        with self._lock:
            if self._made is None or (self._made.done() and self._made.exception()):
                thread = ThreadPoolExecutor(1, thread_name_prefix="late")
                self._made = thread.submit(self._make)
                thread.shutdown(wait=False)
            return self._made

    def get(self) -> T:
        """Return it once it is made."""
        return self.begin().result()

    def settle(self) -> None:
        """Wait until it is made, or has failed, if anybody has begun: it may hold what is about to be closed."""
        with self._lock:
            begun = [self._made] if self._made else []
        wait(begun)


class LateApp(Late[App]):
    """An application that is made late: requests wait for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as soon as there is something that answers."""
        try:
            # Shielded: a browser that does not wait would cancel it for all others.
            app = await asyncio.shield(asyncio.wrap_future(self.begin()))
        except PrecodeError as error:  # nothing that was sent is refused by that: 503 makes a page keep it
            await answer(503, str(error))(scope, receive, send)
        else:
            await app(scope, receive, send)
