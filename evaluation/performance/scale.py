"""What happens when a study grows past one machine.

Slope and memory by size, workers beside threads, one database beside the other, the page on two million suggestions.
Every figure comes from whole processes. Where the model itself is not what is measured, a stand-in takes its place
(``stand_in``) and the figure says so.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from evaluation.performance.big_study import change_settings, make_big_study
from evaluation.performance.local_postgres import local_postgres, programs
from evaluation.performance.measurement import Measurement
from evaluation.performance.memory import peak_mb
from evaluation.performance.review import Figure, deciding, figures_table, opening, serving
from evaluation.performance.review_study import Size, make_study
from evaluation.report.tables import ScoreTable
from pipeline.run import in_threads, plan
from pipeline.session import StudySession
from pipeline.store import StudyStore
from pipeline.study import Source, Study
from pipeline.trust import ENVIRONMENT, allow

PROTOCOL = "scale/v2"
SENTENCES = 100
"""In each interview."""
PORTION = 10
"""Interviews that go to one database before as many go to the other."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        stand_in: Interviews of the studies by whose figures the slope is told, smallest first.
        real: Interviews that the study's own encoder reads.
        workers: Interviews that threads and workers do, with the lexical encoder.
        tiny: Transcripts of a sentence each, by which a transcript's overhead is told.
        databases: Interviews that go to each database.
        page: Of the study that is reviewed.
        many: Of the one that is reviewed in PostgreSQL.
        requests: Items asked for there.
    """

    stand_in: tuple[int, ...] = (100, 1_000, 3_000)
    real: int = 50
    workers: int = 300
    tiny: int = 640
    databases: int = 200
    page: Size = field(default_factory=lambda: Size(10_000, 100, 100, 1_000))
    many: Size = field(default_factory=lambda: Size(10_000, 100, 200, 1_000))
    requests: int = 200


FULL = Sizes(stand_in=(100, 1_000, 10_000), real=100)
"""With a run of a million sentences."""
QUICK = Sizes((5, 10, 20), 2, 20, 80, 20, Size(20, 40, 20, 400), Size(20, 40, 20, 400), 5)
"""Shows that all of it works, in some minutes; its figures mean little."""


@dataclass(frozen=True, kw_only=True)
class ScaleFigures(Measurement):
    """One run of the benchmark."""

    sizes: Sizes
    figures: tuple[Figure, ...]
    protocol: str = PROTOCOL

    def tables(self) -> list[ScoreTable]:
        """Return the figures beside their goals."""
        return [figures_table("Past one machine", self.figures)]


def benchmark_scale(precode: Sequence[str], folder: Path, sizes: Sizes | None = None) -> ScaleFigures:
    """Measure everything, in an empty folder.

    Args:
        precode: How precode is called.
        folder: Empty; left behind with the studies in it.
        sizes: How much.

    Raises:
        UsageError: If a command fails, or workers or databases disagree.
    """
    sizes = sizes or Sizes()
    os.environ[ENVIRONMENT] = str(folder / "data")  # what is allowed here is allowed nowhere else
    figures = [*_slope(folder, sizes), *_real(precode, folder, sizes), *_engines(precode, folder, sizes)]
    figures += _overhead(precode, folder, sizes.tiny)
    figures += _page(precode, folder / "page", sizes.page, sizes.requests)
    if programs() is not None:
        with local_postgres() as url:
            figures += _databases(folder, sizes.databases, url)
            figures += _page(precode, folder / "many", sizes.many, sizes.requests, _database(url, "many"))
    return ScaleFigures(sizes=sizes, figures=tuple(figures))


def _slope(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """Measure runs of a stand-in at several sizes: what a sentence costs must not grow with their number.

    The slope is that of the processor's seconds, which do not depend on what else the machine does.
    """
    taken: dict[int, float] = {}
    for interviews in sizes.stand_in:
        study = make_big_study(folder / f"stand-in-{interviews}", interviews, SENTENCES)
        command = [sys.executable, "-P", "-m", "evaluation.performance.stand_in", str(study.folder)]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)  # noqa: S603 - this very program
        count = interviews * SENTENCES
        taken[count] = told["processor"]
        yield Figure(f"stand-in model, {count:,} sentences", count / told["seconds"], "sentences/s")
        yield Figure(f"stand-in model, {count:,} sentences, processor", 1_000 * told["processor"] / count, "ms each")
        yield Figure(f"stand-in model, {count:,} sentences, most memory", told["peak"], "MB", 1_500)
        shutil.rmtree(study.folder)
    if len(taken) > 2:
        yield Figure("processor for each further sentence, last step beside first", growth(taken), "times", 1.1)


def growth(taken: Mapping[int, float]) -> float:
    """Return how many times the seconds for each further sentence grew from the first step of sizes to the last.

    Args:
        taken: Seconds by number of sentences, three sizes at least, smallest first.
    """
    each = [(more - less) / (many - few) for (few, less), (many, more) in pairwise(taken.items())]
    return each[-1] / each[0]


def _real(precode: Sequence[str], folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """Measure a whole run with the encoder that ships."""
    if sizes.real:
        study = make_big_study(folder / "real", sizes.real, SENTENCES)
        seconds, peak = _run(precode, study.folder)
        yield Figure(
            f"shipped model, {sizes.real * SENTENCES:,} sentences", sizes.real * SENTENCES / seconds, "sentences/s"
        )
        yield Figure("shipped model, most memory", peak, "MB", 1_500)


def _engines(precode: Sequence[str], folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """Measure two worker processes beside two threads on the same study, and hold their suggestions equal."""
    rates, found = {}, {}
    for engine in ("threads", "dask"):
        study = make_big_study(folder / engine, sizes.workers, SENTENCES, run={"engine": engine}, model=LEXICAL)
        _run(precode, study.folder)
        until, each = _until_first(study), _seconds_each(study)
        rates[engine] = SENTENCES / each
        found[engine] = _suggestions(study.folder)
        yield Figure(f"two of {engine}", rates[engine], "sentences/s")
        yield Figure(f"two of {engine}: until the first transcript", until, "s")
    if found["threads"] != found["dask"]:
        raise UsageError("workers and threads made different suggestions")
    yield Figure("threads, times of Dask's rate", rates["threads"] / rates["dask"], "times", 1 / 0.9)


def _overhead(precode: Sequence[str], folder: Path, count: int) -> Iterator[Figure]:
    """Measure what a tiny transcript costs in a worker beyond a run without tasks."""
    each = {}
    for engine, words in {"dask": (), "threads": ("--no-prefect",)}.items():
        run = {"engine": engine, "concurrency": 1}
        study = make_big_study(folder / f"tiny-{engine}", count, 1, run=run, model=LEXICAL)
        _run(precode, study.folder, *words)
        each[engine] = _seconds_each(study)
    yield Figure("a transcript in a worker, beyond its own work", 1_000 * (each["dask"] - each["threads"]), "ms", 5)


def _databases(folder: Path, interviews: int, url: str) -> Iterator[Figure]:
    """Measure a run on PostgreSQL and one on SQLite in turns, a few interviews each."""
    seconds = {"SQLite": 0.0, "PostgreSQL": 0.0}
    with ExitStack() as stack:
        works: dict[str, tuple[StudySession, int, tuple[Source, ...]]] = {}
        for kind in seconds:
            study = make_big_study(folder / kind, interviews, SENTENCES, model=LEXICAL)
            if kind == "PostgreSQL":
                change_settings(study.folder, store={"url": _database(url, "run")})
                allow(study.folder, study.reread().settings)
            session = stack.enter_context(StudySession(study.reread()))
            session.fit()
            todo = plan(session).todo
            works[kind] = session, session.store.runs.start(session.facts({})), todo
        for first in range(0, interviews, PORTION):
            works = dict(reversed(works.items()))  # who comes second finds what is kept of the same sentences
            for kind, (session, run, todo) in works.items():
                started = time.perf_counter()
                list(in_threads(session, run, todo[first : first + PORTION]))
                seconds[kind] += (time.perf_counter() - started) if first else 0.0  # the first ones load a language
    for kind, taken in seconds.items():
        yield Figure(f"run on {kind}", (interviews - PORTION) * SENTENCES / taken, "sentences/s")
    yield Figure("PostgreSQL, times of SQLite's seconds", seconds["PostgreSQL"] / seconds["SQLite"], "times", 1 / 0.8)


def _page(precode: Sequence[str], folder: Path, size: Size, requests: int, database: str = "") -> Iterator[Figure]:
    """Measure the review page on a study of random words.

    Args:
        precode: How precode is called.
        folder: Where the study is made.
        size: Its size.
        requests: Items asked for.
        database: A database URL; empty for SQLite.
    """
    study = make_study(folder, size, database)
    kind = f"{size.transcripts * size.suggestions:,} suggestions in {'PostgreSQL' if database else 'SQLite'}"
    with serving((*precode, "review", "--study", str(study.folder), "--no-open", "--port", "0")) as server:
        yield Figure(f"{kind}: start to first page", server.seconds, "s")
        for figure in (*opening(server.page), *deciding(server.page, requests)):
            yield Figure(f"{kind}: {figure.name}", figure.value, figure.unit, figure.goal)
        yield Figure(f"{kind}: most memory", peak_mb(server.process), "MB", 1_000)


LEXICAL: dict[str, object] = {"encoder": "lexical"}


def _database(url: str, name: str) -> str:
    """Make a database on a server and return its URL."""
    from sqlalchemy import create_engine, make_url, text

    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE precode_{name}"))
    engine.dispose()
    return make_url(url).set(database=f"precode_{name}").render_as_string(hide_password=False)


def _run(precode: Sequence[str], study: Path, *words: str) -> tuple[float, float]:
    """Run precode on a study; return the seconds of the run, its exports left out, and the peak of memory in megabytes.

    Args:
        precode: How precode is called.
        study: Its folder.
        words: Further options.

    Raises:
        UsageError: If it fails.
    """
    process = subprocess.Popen(  # noqa: S603 - this very program
        [*precode, "run", "--study", str(study), "--json", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with process:
        out = process.stdout.read() if process.stdout else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise UsageError(f"precode run ended with {process.returncode}")
    return json.loads(out)["seconds"], used.ru_maxrss / 1000


def _seconds_each(study: Study) -> float:
    """Return the seconds for a transcript in the last run, from the first that it stored to the last.

    So it is left out what a run costs once: starting, and loading models in each worker.
    """
    with StudyStore(study.database) as store:
        stored = sorted(outcome.recorded for outcome in store.runs.outcomes(store.runs.all()[-1].id))
    return (stored[-1] - stored[0]).total_seconds() / (len(stored) - 1)


def _until_first(study: Study) -> float:
    """Return the seconds from the begin of the last run until its first transcript was stored."""
    with StudyStore(study.database) as store:
        run = store.runs.all()[-1]
        return (min(outcome.recorded for outcome in store.runs.outcomes(run.id)) - run.started).total_seconds()


def _suggestions(study: Path) -> list[tuple[Any, ...]]:
    """Return everything that was suggested, of a study in SQLite, whatever came first."""
    query = """SELECT o.transcript, s.start, s.end, s.code, s.probability, s.rank, s.segments, s.evidence, s.words,
               s.alternatives, s.uncertain FROM suggestions s JOIN outcomes o ON o.id = s.outcome ORDER BY 1, 2, 3, 4"""
    with closing(sqlite3.connect(study / "study.db")) as database:
        return database.execute(query).fetchall()
