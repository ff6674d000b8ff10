"""``precode run``: pre-code the transcripts of a study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import InputError, UsageError
from flows.cli.console import (
    CODINGS,
    JsonOption,
    StudyOption,
    complain,
    next_step,
    note,
    print_json,
    print_table,
    progress,
    say,
)

if TYPE_CHECKING:
    from pipeline.export.run_outputs import RunOutputs
    from pipeline.run import TranscriptOutcome
    from pipeline.session import StudySession
    from pipeline.study import Source, Study


def run(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files to copy into the study first.", show_default=False)
    ] = None,
    *,
    study: StudyOption = Path(),
    prefect: Annotated[
        bool,
        typer.Option(
            help="Run as a Prefect flow: on PREFECT_API_URL if set, else on an embedded server. Same results."
        ),
    ] = True,
    redo: Annotated[bool, typer.Option("--redo", help="Do transcripts again that are up to date.")] = False,
    json: JsonOption = False,
) -> None:
    """Suggest codes for every transcript that is new or has changed.

    \b
    Suggestions go into the study's database and, as CSV, JSONL, XLSX and an
    HTML page, into exports/latest. A run that was stopped goes on where it was.
    \b
    Example:
      precode run --study my-study
      precode run --study my-study ~/interviews/P01.docx
    """
    from pipeline.session import StudySession
    from pipeline.study import open_study

    opened = open_study(study)
    refused = _import(opened, files or ())
    with StudySession(opened) as session:
        outputs = _run(session, prefect=prefect, redo=redo).also(refused)
    if json:
        from flows.summary import to_dict

        print_json(to_dict(outputs))
    else:
        _print_summary(outputs, study)
    raise typer.Exit(outputs.finished.exit_code)


def _import(study: Study, files: Iterable[Path]) -> Sequence[InputError]:
    for warning in study.warnings:
        note(warning)
    refused = study.import_files(files).refused
    sources = study.sources()
    if not sources.accepted and not refused:
        from corpus.readers import SUFFIXES

        raise UsageError(
            f"{study.transcripts}: holds no transcripts; put {', '.join(SUFFIXES)} files there, or type: "
            f"precode run --study {study.folder} FILES"
        )
    return refused


def _run(session: StudySession, *, prefect: bool, redo: bool) -> RunOutputs:
    from flows.progress import listening
    from pipeline.export.run_outputs import write_run_outputs
    from pipeline.run import plan, run_study

    todo = plan(session).redone() if redo else plan(session)
    if todo.todo:
        note(f"Pre-coding {len(todo.todo)} transcripts of {session.study.folder} ...")
    with progress("Pre-coding", len(todo.todo)) as bar, listening(lambda _: bar.advance(bar.task_ids[0])):
        if prefect and todo.todo:
            return _as_flow(session.study, redo=redo)
        return write_run_outputs(session, run_study(session, partial(_told, session), todo))


def _as_flow(study: Study, *, redo: bool) -> RunOutputs:
    from flows.prefect_server import prefect_api

    with prefect_api(study.settings.run.concurrency):
        from flows.precode_flow import precode_study

        return precode_study(str(study.folder.resolve()), redo=redo)


def _print_summary(outputs: RunOutputs, study: Path) -> None:
    from flows.summary import header, rows

    print_table(header(outputs), rows(outputs), title="Passages with suggestions, by domain")
    for outcome in outputs.finished.outcomes:
        for line in outcome.notes:
            note(f"{outcome.source}: {line}")
        if outcome.error:
            complain(outcome.error)
    if outputs.finished.run is None:
        say("Nothing is new or changed since the last run.")
    say(f"Open {outputs.page} to read the passages in context; {outputs.folder} also has CSV, JSONL and XLSX.")
    say("Suggestions are not codings: they become codings when a person accepts them.")
    next_step("precode", "review", "--study", study)
    codings = study / CODINGS
    if codings.exists():
        say(f"To compare with the human codings: precode benchmark study --study {study} --human {codings}")


def _told(session: StudySession, run: int, sources: Sequence[Source]) -> Iterator[TranscriptOutcome]:
    from flows.progress import tell
    from pipeline.run import in_threads

    for outcome in in_threads(session, run, sources):
        tell(outcome)
        yield outcome
