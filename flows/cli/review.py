"""``precode review``: decide on suggestions in the browser."""

from __future__ import annotations

import errno
import json as as_json
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import StudyOption, note, say

if TYPE_CHECKING:
    from fastapi import FastAPI

    from flows.web.guard import Access
    from pipeline.session import StudySession

PORT = 8765
TRIED = 20
"""Ports that are tried, from ``PORT`` on, when none is asked for."""


def review(
    *,
    study: StudyOption = Path(),
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 for any free one.", show_default=f"{PORT} or next free"),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to serve at; any but loopback needs a token.")] = "127.0.0.1",
    coder: Annotated[str | None, typer.Option(help="Who is signed in from the start.", show_default=False)] = None,
    blind: Annotated[bool, typer.Option("--blind", help="Show nobody any suggestion until they are done.")] = False,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    json: Annotated[
        bool, typer.Option("--json", help="Print the address as one line of JSON instead of text.")
    ] = False,
) -> None:
    """Review suggestions in the browser: accept, reject, code by hand, compare coders.

    \b
    The page is served on this machine only, until ctrl-c. Every decision is kept
    in the study's database at once.
    \b
    Example:
      precode review --study my-study
      precode review --study my-study --coder Ada --blind
    """
    from corpus.coders import coder_name
    from flows.web.guard import Access
    from pipeline.session import StudySession
    from pipeline.study import open_study

    opened = open_study(study)
    name = coder_name(coder) if coder else None
    with StudySession(opened) as session, _listener(host, port) as listener:
        access = Access.at(host, listener.getsockname()[1], coder=name)
        app = _app(session, access, blind=blind)
        if json:
            say(as_json.dumps({"url": access.url, "port": access.port, "token": access.token}))
        else:
            _print_summary(access)
        _serve(app, listener, access.url if open_ else None)
    note("Stopped. Everything you decided is kept.")


def _app(session: StudySession, access: Access, *, blind: bool) -> FastAPI:
    from flows.web.app import make_app
    from flows.web.jobs import ReviewJobs

    jobs = ReviewJobs(session.study.folder.resolve())
    return make_app(session, jobs=jobs, access=access, blind=blind)


def _print_summary(access: Access) -> None:
    say(f"Review at {access.url}")
    if access.token:
        note(
            f"WARNING: {access.host} can be reached from other machines. Whoever has this address reads the "
            "transcripts and decides under any name; the connection is not encrypted. Give it to your coders only, on "
            "a network you trust."
        )
    note("Stop with ctrl-c.")


def _listener(host: str, port: int | None) -> socket.socket:
    """Return a listening socket: on the port asked for, else on the first free one from ``PORT`` on."""
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


def _serve(app: FastAPI, listener: socket.socket, url: str | None) -> None:
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
    if url:
        _open_soon(url)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again when all is closed
        uvicorn.Server(config).run(sockets=[listener])


def _open_soon(url: str) -> None:
    """Open the browser: the socket listens by now, so the page loads as soon as the server runs."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
