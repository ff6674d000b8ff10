"""``precode export``: write a study's suggestions and codings to files, for people and for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, StudyOption, note, print_json, progress, say

if TYPE_CHECKING:
    from pipeline.export.gather import ExportRequest
    from pipeline.session import StudySession

NAMES = (
    "Suggestions: csv, jsonl, xlsx, html. Codings: word, passages, framework, quotations, codebook, data, qdpx, qdc, "
    "label-studio, argilla. May be repeated."
)


def export(  # noqa: PLR0913 - one parameter an option
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
    from pipeline.export.gather import ExportRequest, left_behind, where_of
    from pipeline.session import StudySession
    from pipeline.study import open_study

    suggested, coded = _sorted(formats or [])
    if not coded and (coder or by or with_suggestions):
        raise UsageError("--coder, --by and --with-suggestions are for codings; add a --format such as passages")
    opened = open_study(study)
    request = ExportRequest(
        formats=coded,
        coder=coder,
        where=where_of(where or (), opened.participants()),
        suggestions=with_suggestions,
        by=by,
        tool=tool,
    )
    paths: list[Path] = []
    with StudySession(opened) as session, progress("Writing", len(suggested) + len(coded)) as bar:
        for made in _steps(session, to, suggested, request):
            paths += made
            bar.advance(bar.task_ids[0])
        behind = left_behind(session) if coded else 0
    _tell(paths, behind, json=json)


def _tell(paths: Sequence[Path], behind: int, *, json: bool) -> None:
    if json:
        print_json({"files": [str(path) for path in paths], "left_behind": behind})
        return
    for path in paths:
        say(f"Wrote {path}")
    if behind:
        note(f"Not in these files: codings on earlier texts of transcripts that changed since ({behind})")
    say(f"Next: open {paths[0]}")


def _sorted(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell formats of suggestions from formats of codings; without a name all of the first kind are meant."""
    from pipeline.export.formats import CODED_FORMATS
    from pipeline.export.run_outputs import FORMATS

    chosen = tuple(dict.fromkeys(names)) or tuple(FORMATS)
    unknown = [name for name in chosen if name not in FORMATS and name not in CODED_FORMATS]
    if unknown:
        raise UsageError(f"format {unknown[0]!r} is none of {', '.join((*FORMATS, *CODED_FORMATS))}")
    return tuple(name for name in chosen if name in FORMATS), tuple(name for name in chosen if name in CODED_FORMATS)


def _steps(
    session: StudySession, to: Path | None, suggested: Sequence[str], request: ExportRequest
) -> Iterator[list[Path]]:
    """Write one format after the other and yield the files of each."""
    from pipeline.export.formats import write_coded
    from pipeline.export.gather import suggested_to
    from pipeline.export.run_outputs import LATEST, suggestion_set, write_formats

    study = session.study
    folder = to or study.exports / LATEST
    if suggested:
        suggestions = suggestion_set(session)
        chosen = suggested_to(request, suggestions.documents, study.participants())
        if not suggestions.documents:
            raise UsageError(
                f"{study.folder}: nothing has been pre-coded yet; type: precode run --study {study.folder}"
            )
        if not chosen:
            raise UsageError("no transcript is of a participant as --where asks for")
        yield from (write_formats(folder, replace(suggestions, documents=chosen), [name]) for name in suggested)
    if request.formats:
        yield from write_coded(session, folder, request)
