"""``precode merge``: two copies of one study become one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, next_step, note, print_json, say


def merge(
    other: Annotated[Path, typer.Argument(help="The colleague's copy of the study.")],
    *,
    into: Annotated[Path, typer.Option("--into", help="The study that takes it in.")],
    json: JsonOption = False,
) -> None:
    """Bring a colleague's decisions, memos, transcripts and codes into this copy of the study.

    \b
    Nothing here is overwritten and nothing comes twice, however often you merge.
    Where the copies differ, this one's files stay and the differences are listed;
    where coders differ, the page's Compare shows their passages.
    \b
    Example:
      precode merge ../ruths-copy --into my-study
    """
    from pipeline.merging import merge_study
    from pipeline.study import open_study

    if other.resolve() == into.resolve():
        raise UsageError(f"{other} is the study itself; name the other copy")
    report = merge_study(open_study(other), open_study(into))
    if json:
        print_json(asdict(report))
        return
    say(f"{report.decisions} decisions and {report.events} notes came over; {report.moved} moved to the current texts.")
    if report.corrections:
        say(f"{report.corrections} corrections of texts came over; the next run makes the corrected texts.")
    for what, names in (("Transcripts", report.transcripts), ("Codes", report.codes)):
        if names:
            say(f"{what} that were not here: {', '.join(names)}")
    for conflict in report.conflicts:
        note(conflict)
    next_step(
        "precode",
        *(("run", "--study", into) if report.transcripts or report.corrections else ("review", "--study", into)),
    )
