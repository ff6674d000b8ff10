"""``precode import``: import_file a half-coded project from another tool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.console import JsonOption, complain, next_step, note, print_json, print_table, progress, say

if TYPE_CHECKING:
    from pipeline.exchange.importing import ImportReport

LONGEST_SHOWN = 60
"""Characters; names of codes are shorter."""


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="A project (.qdpx, .qde), a codebook (.qdc), a Word transcript with codes as comments (.docx), "
            "or codings (.jsonl, .csv)."
        ),
    ],
    *,
    study: Annotated[
        Path | None,
        typer.Option(
            "--study",
            help="The study folder; made, with the file's own codebook, when absent.",
            show_default="this folder if it is a study, else a new one named after the file",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Bring transcripts, codes and codings from NVivo, ATLAS.ti, MAXQDA, QualCoder or Word.

    Codings become decisions of their coders. What finds no place in the study is told and kept under imports/.

    \b
    Example:
      precode import ward.qdpx --study ward-study
      precode import P07.docx --study ward-study
    """
    from pipeline.exchange.importing import import_file, study_for
    from pipeline.session import StudySession
    from pipeline.study import SETTINGS

    folder = study or (Path() if Path(SETTINGS).exists() else Path(file.stem))
    with progress("Importing"), StudySession(study_for(file, folder)) as session:
        brought = import_file(file, session)
    for error in brought.refused:
        complain(str(error))
    if json:
        print_json({"study": str(folder), **brought.to_json()})
    else:
        _tell(brought, folder)
    raise typer.Exit(int(bool(brought.refused)))


def _tell(brought: ImportReport, folder: Path) -> None:
    for remark in brought.remarks:
        note(remark)
    if brought.unmatched:
        rows = [[_shown(code), str(count)] for code, count in sorted(brought.unmatched.items())]
        print_table(["Code that the study does not have", "Codings"], rows)
        say(f"Their codings are kept in {brought.folder / 'unmatched.jsonl'}.")
    say(f"{folder}: {len(brought.transcripts)} transcripts ({brought.added} new), {brought.codings} codings.")
    if brought.codings:
        say(f"{brought.decisions} codings are new in the study's log; the rest was there.")
    say(f"Everything about this import is in {brought.folder}.")
    if brought.codings:
        next_step("precode", "benchmark", "study", "--study", folder, "--human", brought.folder / "codings.jsonl")
    elif brought.transcripts:
        next_step("precode", "run", "--study", folder)
    elif not brought.refused:  # else the complaint says what to do
        say(f"Next: put your transcripts into {folder / 'transcripts'}")


def _shown(code: str) -> str:
    """Return a code's name; what is as long as a remark on the talk is not shown on the screen."""
    return code if len(code) <= LONGEST_SHOWN else f"(a remark of {len(code.split())} words)"
