"""``precode run``: pre-code the transcripts of a study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import InputError, UsageError
from flows.cli.console import (
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
    from evaluation.study_benchmark import StudyBenchmark
    from flows.prefect_server import EmbeddedServer
    from flows.summary import StudyRun
    from pipeline.run import Plan
    from pipeline.session import StudySession
    from pipeline.study import Study

SOON = (
    *("flows.precode_flow", "prefect.flow_engine", "prefect.task_engine", "fastapi.encoders"),
    *("docx", "jinja2", "scipy.sparse", "xlsxwriter"),
)
"""What a flow imports, and then Prefect's engine, readers, suggester and exports."""


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
    second: Annotated[
        bool, typer.Option(help="Ask the language model that study.toml names when the run is over; never with --json.")
    ] = True,
    json: JsonOption = False,
) -> None:
    """Suggest codes for every transcript that is new or has changed.

    \b
    Suggestions go into the study's database and, as CSV, JSONL, XLSX and an
    HTML page, into exports/latest. Where study.toml names human codings, they are
    measured against those. A run that was stopped goes on where it was. Where
    study.toml names a language model, it is asked at the end.
    \b
    Example:
      precode run --study my-study
      precode run --study my-study ~/interviews/P01.docx
    """
    from pipeline.expectation import expectation
    from pipeline.session import StudySession
    from pipeline.study import open_study

    opened = open_study(study)
    refused = _import(opened, files or ())
    with StudySession(opened) as session:
        finished = _run(session, prefect=prefect, redo=redo)
        expected = expectation(session.precoder.codebook, session.precoder.bank, session.precoder.chosen)
    finished = replace(finished, outputs=finished.outputs.also(refused))
    if json:
        from flows.summary import to_dict

        print_json(to_dict(finished) | {"expected": expected})
    else:
        _print_summary(finished, study, expected)
    if second and opened.settings.second.url and not json:
        _ask_second(opened)
    raise typer.Exit(finished.exit_code)


def _ask_second(study: Study) -> None:
    """Ask for second opinions, now that the suggestions are there; trouble with the model is no trouble of the run."""
    from corpus.errors import PrecodeError
    from flows.cli.second import require_second

    try:
        require_second()
        from flows.second import second_pass
        from pipeline.session import StudySession

        note("Asking for second opinions; ctrl-c stops it, and what was answered is kept ...")
        with StudySession(study) as session, progress("Asking") as bar:
            passed = second_pass(session, lambda done, of: bar.update(bar.task_ids[0], completed=done, total=of))
    except PrecodeError as error:
        note(f"no second opinion: {error}")
    else:
        for line in passed.lines():
            say(line)


def _import(study: Study, files: Iterable[Path]) -> Sequence[InputError]:
    from pipeline.object_store import fetch_transcripts

    for warning in study.warnings:
        note(warning)
    fetched = fetch_transcripts(study)
    if fetched.files:
        note(f"Fetched {len(fetched.files)} transcripts that are new or changed")
    refused = (*fetched.refused, *study.import_files(files).refused)
    sources = study.sources()
    for line in sources.passed_over:
        note(line)
    if not sources.accepted and not refused:
        from corpus.readers import SUFFIXES

        raise UsageError(
            f"{study.transcripts}: holds no transcripts; put {', '.join(SUFFIXES)} files there, or type: "
            f"precode run --study {study.folder} FILES"
        )
    return refused


def _run(session: StudySession, *, prefect: bool, redo: bool) -> StudyRun:
    from flows.prefect_server import starting_server
    from pipeline.settings import Engine

    settings = session.study.settings.run
    if not prefect and settings.engine is not Engine.THREADS:
        note(f"[run] engine: {settings.engine} needs Prefect; this run works in threads")
    with ExitStack() as servers:
        # Where there is work for sure, the server starts while it is planned.
        server = servers.enter_context(starting_server(settings.concurrency)) if prefect and redo else None
        from flows.plain_run import run_plainly
        from flows.progress import listening

        todo = _planned(session, redo=redo)
        with progress("Pre-coding", len(todo.todo)) as bar, listening(lambda _: bar.advance(bar.task_ids[0])):
            if not (prefect and todo.todo):
                return run_plainly(session, todo)
            server = server or servers.enter_context(starting_server(settings.concurrency))
            return _as_flow(session.study, server, redo=redo)


def _planned(session: StudySession, *, redo: bool) -> Plan:
    from flows.progress import report_plan
    from pipeline.run import plan

    todo = plan(session).redone() if redo else plan(session)
    report_plan([source.name for source in todo.todo])
    if todo.todo:
        note(f"Pre-coding {len(todo.todo)} transcripts of {session.study.folder} ...")
    return todo


def _as_flow(study: Study, server: EmbeddedServer | None, *, redo: bool) -> StudyRun:
    from flows.prefect_server import connected

    folder = str(study.folder.resolve())  # before Prefect's folder is the current one
    with connected(server, SOON):
        from flows.precode_flow import precode_study

        return precode_study(folder, redo=redo)


def _print_summary(finished: StudyRun, study: Path, expected: str) -> None:
    from flows.summary import header, rows

    outputs = finished.outputs
    print_table(header(outputs), rows(outputs), title="Passages with suggestions, by domain")
    for outcome in outputs.finished.outcomes:
        for line in outcome.notes:
            note(f"{outcome.source}: {line}")
        if outcome.error:
            complain(outcome.error)
    if outputs.finished.run is None:
        say("Nothing is new or changed since the last run.")
    for line in outputs.published.messages():
        note(line)
    if finished.benchmark:
        _print_benchmark(finished.benchmark)
    say(expected)
    say(f"Open {outputs.page} to read the passages in context; {outputs.folder} also has CSV, JSONL and XLSX.")
    say("Suggestions are not codings: they become codings when a person accepts them.")
    next_step("precode", "review", "--study", study)


def _print_benchmark(benchmark: StudyBenchmark) -> None:
    if benchmark.problem:
        (complain if benchmark.exit_code else note)(f"not measured against human coding: {benchmark.problem}")
        return
    table = benchmark.table()
    print_table(table.header, table.rows, title=table.title)
    say(f"{benchmark.report} shows plots and mistakes in context.")
