"""``precode import``: bring a half-coded project from another tool."""

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
            help="A project (.qdpx, .qde, QualCoder's .qda, Taguette's .sqlite3), a codebook (.qdc, .csv, .xlsx), "
            "a Word transcript with codes as comments (.docx), codings or coded segments (.jsonl, .csv, .tsv, .xlsx), "
            "or annotations (Label Studio's .json, doccano's .jsonl, INCEpTION's .xmi)."
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
    comments_as_codes: Annotated[
        bool,
        typer.Option(
            "--comments-as-codes",
            help="Of a Word transcript take every comment for a code, also where the study has no such code.",
        ),
    ] = False,
    columns: Annotated[
        str,
        typer.Option(
            "--columns",
            help="Of a table with headings of its own: what holds what, as in text=Passage,code=Theme,transcript=File.",
            show_default="found by the headings of MAXQDA, ATLAS.ti, Dedoose, NVivo and Taguette",
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Bring transcripts, codes and codings from NVivo, ATLAS.ti, MAXQDA, Dedoose, QualCoder, Taguette, Excel or Word.

    Codings become decisions of their coders. What finds no place in the study is told and kept under imports/.

    \b
    Example:
      precode import ward.qdpx --study ward-study
      precode import P07.docx --study ward-study
      precode import segments.xlsx --study ward-study
    """
    from pipeline.exchange.importing import import_file
    from pipeline.exchange.segment_columns import columns_of
    from pipeline.study import SETTINGS

    folder = study or (Path() if Path(SETTINGS).exists() else Path(file.stem))
    with progress("Importing"):
        report = import_file(file, folder, comments_as_codes=comments_as_codes, columns=columns_of(columns))
    for error in report.refused:
        complain(str(error))
    if json:
        print_json({"study": str(folder), **report.to_json()})
    else:
        _print_summary(report, folder)
    raise typer.Exit(int(bool(report.refused)))


def _print_summary(report: ImportReport, folder: Path) -> None:
    for remark in report.remarks:
        note(remark)
    if report.unmatched:
        rows = [[_shown(code), str(count)] for code, count in sorted(report.unmatched.items())]
        print_table(["Code that the study does not have", "Codings"], rows)
        say(f"Their codings are kept in {report.folder / 'unmatched.jsonl'}.")
    say(f"{folder}: {len(report.transcripts)} transcripts ({report.added} new), {report.codings} codings.")
    if report.codes:
        say(f"The file names {report.codes} codes; {report.codes - len(report.unmatched)} of them fit the study's.")
    if report.codings:
        by = ", ".join(f"{coder} {count}" for coder, count in sorted(report.coders.items()))
        say(f"{report.decisions} codings are new in the study's log; the rest was there. By coder: {by}.")
    if report.memos:
        say(f"{report.memos} memos on transcripts and codes are new.")
    say(f"Everything about this import is in {report.folder}.")
    if report.codings:
        next_step("precode", "benchmark", "study", "--study", folder, "--human", report.folder / "codings.jsonl")
    elif report.transcripts:
        next_step("precode", "run", "--study", folder)
    elif not report.refused:  # else the complaint says what to do
        say(f"Next: put your transcripts into {folder / 'transcripts'}")


def _shown(code: str) -> str:
    """Return a code's name; what is as long as a remark on the talk is not shown on the screen."""
    return code if len(code) <= LONGEST_SHOWN else f"(a remark of {len(code.split())} words)"
