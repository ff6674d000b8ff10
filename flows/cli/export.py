"""``precode export``: write a study's suggestions and codings to files, for people and for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, StudyOption, note, print_json, progress, say

if TYPE_CHECKING:
    from pipeline.export.publishing import Published

NAMES = (
    "Suggestions: csv, jsonl, xlsx, html. Codings: word, passages, framework, quotations, codebook, codetable, "
    "memos, trail, data, qdpx, qdc, taguette, label-studio, argilla. May be repeated."
)


def export(
    *,
    study: StudyOption = Path(),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help=NAMES, show_default="csv, jsonl, xlsx, html")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Folder for the files.", show_default="exports/latest")] = None,
    coder: Annotated[
        str, typer.Option(help="Whose codings; 'consensus' for what was agreed.", show_default="everybody's")
    ] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only participants like this, for instance role=nurse; may be repeated.", show_default=False),
    ] = None,
    domain: Annotated[str, typer.Option(help="Only codes of this domain.", show_default="all")] = "",
    by: Annotated[
        str, typer.Option(help="Rows of the framework matrix: an attribute such as role.", show_default="participant")
    ] = "",
    tool: Annotated[
        str, typer.Option("--for", help="Who reads the qdpx: generic, atlasti, maxqda, nvivo or qualcoder.")
    ] = "generic",
    with_suggestions: Annotated[
        bool, typer.Option("--with-suggestions", help="Add suggestions that nobody decided on, marked as such.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write the suggestions of a study, and what people coded, to files.

    \b
    Example:
      precode export --study my-study
      precode export --study my-study --format passages --format word
      precode export --study my-study --format framework --by role
    """
    from flows.exporting import export_files, sort_formats
    from pipeline.export.gather import ExportRequest, left_behind
    from pipeline.session import StudySession
    from pipeline.study import open_study
    from pipeline.study_filter import Filter, where_of

    suggested, coded = sort_formats(formats or [])
    if not coded and (coder or by or with_suggestions):
        raise UsageError("--coder, --by and --with-suggestions are for codings; add a --format such as passages")
    opened = open_study(study)
    request = ExportRequest(
        formats=tuple(formats or ()),
        filter=Filter(domain=domain or None, coder=coder or None, where=where_of(where or (), opened.participants())),
        suggestions=with_suggestions,
        by=by,
        tool=tool,
    )
    paths: list[Path] = []
    written: list[Published] = []
    with StudySession(opened) as session, progress("Writing", len(suggested) + len(coded)) as bar:
        for made, published in export_files(session, to, request):
            paths += made
            written.append(published)
            bar.advance(bar.task_ids[0])
        behind = left_behind(session) if coded else 0
    _print_summary(paths, written, behind, json=json)


def _print_summary(paths: Sequence[Path], written: Sequence[Published], behind: int, *, json: bool) -> None:
    if json:
        kept = [str(path) for published in written for path in published.kept]
        print_json({"files": [str(path) for path in paths], "kept": kept, "left_behind": behind})
        return
    for path in paths:
        say(f"Wrote {path}")
    for published in written:
        for line in published.messages():
            note(line)
    if behind:
        what = f"codings of earlier texts that found no place in the current ones ({behind})"
        note(f"Not in these files: {what}; not_placed.csv lists them")
    say(f"Next: open {paths[0]}")
