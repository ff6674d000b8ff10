"""Serving a page on this machine: the socket, the server, and the browser that opens."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from corpus.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PORT = 8765
TRIED = 20
"""Ports that are tried, from ``PORT`` on, when none is asked for."""


def listener_at(host: str, port: int | None) -> socket.socket:
    """Return a listening socket: on the port asked for, else on the first free one from ``PORT`` on.

    Raises:
        UsageError: If there is none, or the address is not this machine's.
    """
    tried = [port] if port is not None else range(PORT, PORT + TRIED)
    for candidate in tried:
        try:
            return _listening(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise UsageError(f"--host {host} --port {candidate}: cannot be served ({error.strerror})") from None
    raise UsageError(f"port {tried[0]} is in use, perhaps by another review; stop that one, or add: --port 0")


def _listening(host: str, port: int) -> socket.socket:
    address = host.strip("[]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # Said to be TCP, which socket.create_server leaves open: only then does asyncio send answers without delay (40 ms).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # a port is free again at once; on Windows the option would share it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def serve_app(
    app: ASGIApp,
    listener: socket.socket,
    url: str | None,
    *,
    on_start: Callable[[Callable[[], None]], None] | None = None,
) -> None:
    """Serve an application until ctrl-c, or until it is stopped.

    Args:
        app: What answers.
        listener: Where.
        url: Opened in the browser; None for no browser.
        on_start: Is given what stops the server.
    """
    import uvicorn

    from flows.web.serving import ImpatientProtocol

    # No access log: queries hold names. No server log: what matters is told by the page and by precode.review.
    config = uvicorn.Config(
        app,
        http=ImpatientProtocol,
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    if on_start:
        on_start(lambda: setattr(server, "should_exit", True))
    if url:
        open_browser(url)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again when all is closed
        server.run(sockets=[listener])


def open_browser(url: str) -> None:
    """Open the browser: the socket listens by now, so the page loads as soon as the server runs."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
