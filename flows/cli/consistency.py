"""``precode consistency``: codings that look unlike the others with their code."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, StudyOption, next_step, print_json, print_table, say


def consistency(
    *,
    study: StudyOption = Path(),
    coder: Annotated[str, typer.Option(help="Whose codings.", show_default="the only coder's")] = "",
    json: JsonOption = False,
) -> None:
    """Show codings that look unlike the others with their code.

    \b
    Each coded passage is compared with the others that bear its code. What stands
    out is no mistake by itself, but worth a second look. Shows words of the
    transcripts.
    \b
    Example:
      precode consistency --study my-study
      precode consistency --study my-study --coder Ruth
    """
    from evaluation.study_quality.second_look import second_look
    from pipeline.review.service import ReviewService
    from pipeline.session import StudySession
    from pipeline.study import open_study

    opened = open_study(study)
    with StudySession(opened) as session:
        service = ReviewService(session)
        with service.now() as state:
            coders = state.decision_log.coders
        if not coder and len(coders) != 1:
            raise UsageError(f"--coder: say whose codings; there are {', '.join(coders) or 'none'}")
        found = second_look(service, session.precoder.embedder, coder or coders[0])
    if json:
        print_json([asdict(each) for each in found])
        return
    rows = [
        (each.code, odd.transcript, f"{odd.similarity:.2f}", f"{odd.usual:.2f}", odd.nearer or "", odd.text[:80])
        for each in found
        for odd in each.odd
    ]
    if rows:
        header = ("Code", "Transcript", "Similar", "Usual", "More like", "Passage")
        print_table(header, rows, title="Codings that look unlike the others with their code")
        next_step("precode", "review", "--study", opened.folder)
    else:
        say("No coding looks unlike the others with its code; codes with fewer than 6 codings are not compared.")
