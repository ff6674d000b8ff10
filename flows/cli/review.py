"""``precode review``: decide on suggestions in the browser."""

from __future__ import annotations

import json as as_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.console import StudyOption, note, say
from flows.cli.page_server import PORT, listener_at, serve_app

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from flows.web.guard import Access
    from pipeline.session import StudySession


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
    with StudySession(opened) as session, listener_at(host, port) as listener:
        access = Access.at(host, listener.getsockname()[1], coder=name)
        app = _app(session, access, blind=blind)
        if json:
            say(as_json.dumps({"url": access.url, "port": access.port, "token": access.token}))
        else:
            _print_summary(access)
        serve_app(app, listener, access.url if open_ else None)
    note("Stopped. Everything you decided is kept.")


def _app(session: StudySession, access: Access, *, blind: bool) -> Starlette:
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
