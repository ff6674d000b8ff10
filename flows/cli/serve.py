"""``precode serve``: pre-code a study on a schedule."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import StudyOption, note


def serve(
    *,
    study: StudyOption = Path(),
    every: Annotated[
        float | None, typer.Option(min=0.05, help="Minutes between runs.", show_default="5 without --cron")
    ] = None,
    cron: Annotated[str | None, typer.Option(help="When to run, as a cron line.", show_default=False)] = None,
) -> None:
    """Watch a study's inbox: pre-code what is dropped into it, on a schedule, until ctrl-c.

    \b
    Each run moves finished files from inbox/ to transcripts/ and pre-codes them;
    files that cannot be read as transcripts of this study go to inbox/refused/.
    The schedule lives in the Prefect server that PREFECT_API_URL names, else in
    an embedded one.
    \b
    Example:
      precode serve --study my-study --every 10
      precode serve --study my-study --cron "0 6 * * *"
    """
    from flows.deploy import serve_study
    from pipeline.inbox import INBOX
    from pipeline.study import open_study

    if every and cron:
        raise UsageError("--every and --cron exclude each other; give one")
    opened = open_study(study)
    (opened.folder / INBOX).mkdir(exist_ok=True)
    note(f"Watching {opened.folder / INBOX}; stop with ctrl-c.")
    serve_study(opened, interval=None if cron else timedelta(minutes=every or 5), cron=cron)
