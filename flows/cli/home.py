"""``precode`` and ``precode home``: the page on which studies are made, opened, and worked on."""

from __future__ import annotations

import json as as_json
from typing import Annotated

import typer

from flows.cli.console import note, say
from flows.cli.page_server import PORT, listener_at, open_browser, serve_app

HOST = "127.0.0.1"


def home(
    *,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 for any free one.", show_default=f"{PORT} or next free"),
    ] = None,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    json: Annotated[
        bool, typer.Option("--json", help="Print the address as one line of JSON instead of text.")
    ] = False,
) -> None:
    """Open the page: make or open a study, add transcripts, run, review, export. What precode alone does, too.

    \b
    It is served on this machine only, and only to whoever has the address that is
    printed. Started a second time, it opens the page that is there.
    \b
    Example:
      precode
      precode home --no-open
    """
    from flows.web.guard import Access
    from flows.web.home import HomeServer, announce_server, running_server

    there = running_server() if port is None else None
    if there:
        say(as_json.dumps({"url": there}) if json else f"precode is open already at {there}")
        if open_:
            open_browser(there)
        return
    with listener_at(HOST, port) as listener:
        access = Access.private(HOST, listener.getsockname()[1])
        server = HomeServer(access)
        url = access.page_url("home")
        say(as_json.dumps({"url": url, "port": access.port, "token": access.token}) if json else f"Open at {url}")
        note("Stop with ctrl-c, or close this window.")
        with announce_server(url):
            serve_app(server, listener, url if open_ else None, on_start=server.stopped_by)
    note("Stopped. Everything you decided is kept.")
