"""``precode benchmark``: suggestions against human coding, and speed on this machine."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.errors import InputError, UsageError
from flows.cli.console import JsonOption, complain, note, print_json, print_table, progress, save_json, say

if TYPE_CHECKING:
    from corpus.codings import Coding
    from corpus.transcript import Transcript
    from evaluation.benchmarks.result import Result
    from evaluation.report.tables import ScoreTable
    from pipeline.study import Sources, Study

app = typer.Typer(help="Measure suggestions against human coding.", no_args_is_help=True, rich_markup_mode=None)

STDOUT = Path("-")
JsonFile = Annotated[
    Path | None,
    typer.Option("--json", help="File for the result as JSON; - prints it instead of tables.", show_default=False),
]
HtmlFile = Annotated[
    Path | None,
    typer.Option("--html", help="File for a page with plots and mistakes in context; holds text.", show_default=False),
]
Encoder = Annotated[str, typer.Option(help="openvino, onnx-int8, sentence-transformers, or a model folder.")]


@app.command("study")
def of_study(
    *,
    study: Annotated[Path, typer.Option("--study", help="A study, or a folder of transcript files.")],
    human: Annotated[
        Path | None,
        typer.Option("--human", help="Human codings of the transcripts, JSONL or CSV.", show_default=False),
    ] = None,
    coder: Annotated[
        str,
        typer.Option(
            "--coder",
            help="Instead of a file: what this coder coded on the page, in transcripts marked as done.",
            show_default=False,
        ),
    ] = "",
    json: JsonFile = None,
    html: HtmlFile = None,
) -> None:
    """Measure suggestions on whole transcripts against human codings.

    \b
    Example:
      precode benchmark study --study my-study --human codings.jsonl
      precode benchmark study --study my-study --human codings.jsonl --json result.json --html report.html
    """
    from corpus.codings import load_codings
    from evaluation.benchmarks.protocols import benchmark_study
    from evaluation.report.cases import study_mistakes
    from evaluation.report.page import write_report
    from pipeline.precoder import load_precoder

    if (human is None) == (not coder):
        raise UsageError("name --human FILE or --coder NAME, one of the two")
    opened, sources = _opened(study)
    if human is None:
        (transcripts, codings), refused = _coded_by(opened, coder), 0
    else:
        transcripts, refused = _read(opened, sources, study)
        codings = load_codings(human, {transcript.name: transcript for transcript in transcripts}, opened.codebook())
    note(f"Measuring {len(transcripts)} transcripts against {len(codings)} human codings ...")
    with progress("Measuring"):
        precoder = load_precoder(opened)
        result = benchmark_study(
            precoder, transcripts, codings, seeds=precoder.bank, embedder=precoder.embedder
        ).chosen_by(precoder.operating)
        if html:
            write_report(html, result, precoder.codebook, study_mistakes(precoder, transcripts, codings))
    _print_result(result, json, html)
    raise typer.Exit(int(refused > 0))


@app.command("quotes")
def of_quotes(
    *,
    codebook: Annotated[Path, typer.Option(help="The codebook, TOML.")],
    seeds: Annotated[list[Path], typer.Option(help="Seed quotations, JSONL; may be repeated.")],
    items: Annotated[Path, typer.Option(help="The human-coded quotations, JSONL.")],
    encoder: Encoder = "openvino",
    json: JsonFile = None,
    html: HtmlFile = None,
) -> None:
    """Measure which code is suggested for quotations coded by people, with any codebook.

    \b
    Example:
      precode benchmark quotes --codebook f.toml --seeds s.jsonl --items q.jsonl
    """
    from corpus.codebook import load_codebook
    from corpus.quotes import load_quotes
    from corpus.seeds import load_seeds
    from evaluation.benchmarks.protocols import benchmark_quotes
    from evaluation.report.cases import quote_mistakes
    from evaluation.report.page import write_report
    from flows.fitting import cached_encoder, fit_with

    book = load_codebook(codebook)
    bank, quotes, embedder = load_seeds(seeds, book), load_quotes(items, book), cached_encoder(encoder)
    note(f"Measuring {len(quotes)} quotations with {len(bank.coded)} seeds ...")
    fit = fit_with(embedder)
    with progress("Measuring"):
        result = benchmark_quotes(quotes, codebook=book, seeds=bank, fit=fit, embedder=embedder)
        if html:
            write_report(html, result, book, quote_mistakes(fit(book, bank), quotes))
    _print_result(result, json, html)


@app.command("published")
def of_published(
    *,
    papers: Annotated[Path, typer.Option(help="Folder with your copy of the papers as .txt files.")],
    encoder: Encoder = "openvino",
    json: JsonFile = None,
    html: HtmlFile = None,
) -> None:
    """Measure on the quotations that two SELFIE studies published; their words come from your copy of the papers.

    \b
    Example:
      precode benchmark published --papers ~/papers
    """
    from corpus.published import resolve_published
    from corpus.shipped import selfie, selfie_seeds
    from evaluation.benchmarks.protocols import PUBLISHED_AT_LEAST, benchmark_published
    from evaluation.report.cases import quote_mistakes
    from evaluation.report.page import write_report
    from flows.fitting import cached_encoder, fit_with

    embedder = cached_encoder(encoder)
    fit = fit_with(embedder)
    note("Measuring the published quotations ...")
    with progress("Measuring"):
        result = benchmark_published(papers, fit=fit, embedder=embedder)
        if html:
            items = resolve_published(papers, at_least=PUBLISHED_AT_LEAST)
            write_report(html, result, selfie(), quote_mistakes(fit(selfie(), selfie_seeds()), items))
    _print_result(result, json, html)


@app.command("hand-coded")
def of_hand_coded(
    project: Annotated[
        Path,
        typer.Argument(
            help="A study with decisions, a coded project (.qdpx, .qde, Taguette's .sqlite3, QualCoder's .qda), or a "
            "table of codings or coded segments (.csv, .jsonl, .xlsx) with --transcripts."
        ),
    ],
    *,
    transcripts: Annotated[
        Path | None, typer.Option(help="Folder of the transcripts that a table is about.", show_default=False)
    ] = None,
    interviewer: Annotated[
        list[str] | None, typer.Option(help="Speaker label of an interviewer; may be repeated.", show_default=False)
    ] = None,
    by_hand: Annotated[
        list[int] | None,
        typer.Option(help="Interviews coded by hand; may be repeated.", show_default="1, 2 and 3"),
    ] = None,
    encoder: Encoder = "openvino",
    json: JsonFile = None,
) -> None:
    """Measure on your own finished project: some interviews are learnt from, the others pre-coded and compared.

    \b
    Example:
      precode benchmark hand-coded ward.qdpx
      precode benchmark hand-coded segments.xlsx --transcripts transcripts --interviewer Anna
    """
    from evaluation.benchmarks.coded_projects import coded_project
    from evaluation.benchmarks.hand_coded import BY_HAND, benchmark_hand_coded
    from flows.fitting import cached_encoder, fit_with

    coded = coded_project(project, transcripts=transcripts, interviewers=interviewer or ())
    embedder = cached_encoder(encoder)
    note(f"Measuring {len(coded.transcripts)} interviews with {len(coded.codings)} codings ...")
    with progress("Measuring"):
        result = benchmark_hand_coded(
            coded, fit=fit_with(embedder), embedder=embedder, by_hand=tuple(by_hand or BY_HAND)
        )
    _print_result(result, json, None)


@app.command("all")
def of_all(
    *,
    to: Annotated[Path, typer.Option(help="Folder for one result file each.")],
    only: Annotated[list[str] | None, typer.Option(help="Run this one only; may be repeated.")] = None,
    papers: Annotated[Path | None, typer.Option(help="Your copy of the papers as .txt files.")] = None,
    public: Annotated[Path | None, typer.Option(help="Your copy of the public sets, a folder each.")] = None,
    setfit: Annotated[bool, typer.Option("--setfit", help="Few-shot sets: SetFit too (slow; extra setfit).")] = False,
    encoder: Encoder = "openvino",
    json: JsonOption = False,
) -> None:
    """Run every benchmark whose data are there, print its scores and write its result; old files are replaced.

    \b
    Example:
      precode benchmark all --to results
      precode benchmark all --to results --papers ~/papers --public ~/public --only few-shot-nhs
    """
    from evaluation.benchmarks.result import save_result
    from evaluation.benchmarks.setfit import setfit as by_setfit
    from evaluation.benchmarks.suite import Bench, chosen
    from evaluation.report.tables import tables
    from flows.fitting import cached_encoder, fit_with

    embedder = cached_encoder(encoder)
    session = Bench(fit_with(embedder), embedder, papers, public, {"setfit": by_setfit} if setfit else {})
    files: list[Path] = []
    for name, run in chosen(session, only or []).items():
        note(f"Measuring {name} ...")
        with progress("Measuring"):
            result = run()
        to.mkdir(parents=True, exist_ok=True)
        files.append(to / f"{name}.json")
        save_result(result, files[-1])
        if not json:
            overall = tables(result)[0]
            print_table(overall.header, overall.rows, title=f"{name}: {overall.title}")
        (note if json else say)(f"Wrote {files[-1]}")
    if json:
        print_json({"files": [str(path) for path in files]})


@app.command("speed")
def of_speed(*, json: JsonFile = None) -> None:
    """Measure speed and memory on the sample study, beside plain sentence-transformers in the same run.

    \b
    Example:
      precode benchmark speed
    """
    from corpus.shipped import sample_transcripts
    from evaluation.performance.encoding import (
        benchmark_speed,
        measure_whole_run,
        sample_commands,
        sample_pages,
        sentences_of,
    )

    note("Measuring; this takes five minutes or so ...")
    with TemporaryDirectory() as folder, progress("Measuring"):
        precode, place = _precode(), Path(folder)
        commands, pages = sample_commands(precode, place), sample_pages(precode, place)
        run, texts = partial(measure_whole_run, precode, place), sentences_of(sample_transcripts())
        result = benchmark_speed(texts, commands=commands, pages=pages, whole_run=run)
    _print(result.to_json(), result.tables(), json)


@app.command("review")
def of_review(*, json: JsonFile = None) -> None:
    """Measure the review page on a study of 300 transcripts and 100,000 suggestions, made of random words.

    \b
    Example:
      precode benchmark review
    """
    from evaluation.performance.review import benchmark_review

    note("Measuring; this takes a minute or so ...")
    with TemporaryDirectory() as folder, progress("Measuring"):
        result = benchmark_review(_precode(), Path(folder))
    _print(result.to_json(), result.tables(), json)


@app.command("scale")
def of_scale(
    *,
    full: Annotated[bool, typer.Option("--full", help="A run of a million sentences, too: half an hour more.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Tiny studies: shows that it works, no figures.")] = False,
    json: JsonFile = None,
) -> None:
    """Measure very large studies, worker processes, and PostgreSQL where it is installed. Takes about 40 minutes.

    \b
    Example:
      precode benchmark scale
      precode benchmark scale --full --json scale.json
    """
    from evaluation.performance.scale import FULL, QUICK, Sizes, benchmark_scale

    if full and quick:
        raise UsageError("--full or --quick, one of the two")
    sizes = FULL if full else QUICK if quick else Sizes()
    note("Measuring; this takes a while ...")
    with TemporaryDirectory() as folder, progress("Measuring"):
        result = benchmark_scale(_precode(), Path(folder), sizes)
    _print(result.to_json(), result.tables(), json)


def _precode() -> tuple[str, ...]:
    """Return how this very precode is called."""
    return (shutil.which("precode", path=str(Path(sys.executable).parent)) or "precode",)


def _opened(folder: Path) -> tuple[Study, Sources]:
    """Open a study; a plain folder is measured with default settings and left as it is."""
    from corpus.readers import SUFFIXES
    from models.weights import cache_home
    from pipeline.settings import Settings
    from pipeline.study import NOT_TRANSCRIPTS, SETTINGS, Source, Study, open_study, told_apart

    if (folder / SETTINGS).exists():
        study = open_study(folder)
        return study, study.sources()
    if not folder.is_dir():
        raise UsageError(f"{folder}: is no folder; name a study or a folder of transcripts")
    files = (path for path in sorted(folder.iterdir()) if not path.name.startswith(NOT_TRANSCRIPTS))
    sources = told_apart(Source(path.stem, path, path.name) for path in files if path.suffix.lower() in SUFFIXES)
    return Study(cache_home() / "benchmark", Settings()), sources


def _coded_by(study: Study, coder: str) -> tuple[Sequence[Transcript], Sequence[Coding]]:
    """Return the transcripts that a coder marked as done on the page, and the codings in them."""
    from evaluation.study_benchmark import CoderLog
    from pipeline.learn import finished_versions
    from pipeline.session import StudySession

    with StudySession(study) as session:
        finished = finished_versions(session.store)
        if coder not in finished:
            known = ", ".join(sorted(finished)) or "nobody has"
            raise UsageError(f"--coder {coder!r} has marked no transcript as done on the page; these have: {known}")
        return CoderLog(session, coder, finished[coder]).read()


def _read(study: Study, sources: Sources, folder: Path) -> tuple[list[Transcript], int]:
    """Return the transcripts that can be read and how many cannot; each of those is named."""
    transcripts: list[Transcript] = []
    refused = list(sources.refused)
    for source in sources.accepted:
        try:
            transcripts.append(study.read(source))
        except InputError as error:
            refused.append(error)
    for refusal in refused:
        complain(str(refusal))
    if not transcripts:
        raise UsageError(f"{folder}: holds no transcripts that can be read")
    return transcripts, len(refused)


def _print_result(result: Result, json: Path | None, html: Path | None) -> None:
    from evaluation.report.tables import tables

    _print(result.to_json(), tables(result), json)
    if html:
        note(f"Wrote {html}, which holds transcript text")


def _print(document: dict[str, Any], tables: Sequence[ScoreTable], json: Path | None) -> None:
    if json == STDOUT:
        print_json(document)
        return
    for table in tables:
        print_table(table.header, table.rows, title=table.title)
    if json:
        save_json(json, document)
        say(f"Wrote {json}")
    else:
        say("To keep this result, add: --json result.json")
