"""Pre-coding interview transcripts from Python: one import name for notebooks and scripts.

Importing it loads nothing heavy; every function imports what it needs when it is called. A first look::

    import precode

    study = precode.create_study("sample-study", sample=True)
    precode.run(study)
    for suggestion in precode.suggest("We never know who pays for the nurse."):
        print(suggestion.code, suggestion.probability)

Errors are those of `precode.PrecodeError`; a message is one line that names a place, never a transcript's words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.telemetry import switch_off_telemetry

if TYPE_CHECKING:
    import pyarrow

    from corpus.codebook import Codebook
    from corpus.errors import PrecodeError
    from corpus.seeds import SeedBank
    from corpus.suggestion import Suggestion
    from corpus.transcript import Transcript
    from evaluation.study_benchmark import StudyBenchmark
    from flows.learn_flow import learn_from_decisions
    from flows.precode_flow import precode_study
    from flows.summary import StudyRun
    from pipeline.precoder import Precoder
    from pipeline.spacy_component import PrecodeComponent
    from pipeline.study import Study

__all__ = [
    "Codebook",
    "PrecodeComponent",
    "PrecodeError",
    "Precoder",
    "SeedBank",
    "Study",
    "StudyBenchmark",
    "StudyRun",
    "Suggestion",
    "Transcript",
    "benchmark",
    "codings",
    "create_study",
    "decisions",
    "export",
    "fit",
    "learn_from_decisions",
    "load_codebook",
    "load_seeds",
    "open_study",
    "precode_study",
    "read_transcript",
    "run",
    "suggest",
    "suggest_all",
]

switch_off_telemetry()  # before a notebook's next line imports a library that reports

AnyPath = str | PathLike[str]

_HOMES = {
    "Codebook": "corpus.codebook",
    "PrecodeComponent": "pipeline.spacy_component",
    "PrecodeError": "corpus.errors",
    "Precoder": "pipeline.precoder",
    "SeedBank": "corpus.seeds",
    "Study": "pipeline.study",
    "StudyBenchmark": "evaluation.study_benchmark",
    "StudyRun": "flows.summary",
    "Suggestion": "corpus.suggestion",
    "Transcript": "corpus.transcript",
    "learn_from_decisions": "flows.learn_flow",
    "precode_study": "flows.precode_flow",
}
"""Where the names live that are imported when they are first asked for (PEP 562)."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'precode' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


def create_study(
    folder: AnyPath, *, name: str | None = None, sample: bool = False, codebook: AnyPath = "selfie"
) -> Study:
    """Make a study: a folder with ``study.toml`` and a place for transcripts.

    Example::

        study = precode.create_study("my-study", name="Living with long covid", codebook="cfir")

    Args:
        folder: Where; made when absent.
        name: What to call it; the folder's name by default.
        sample: Put the shipped sample interviews into it, with SELFIE also their human codings.
        codebook: A framework that ships, or a file with a codebook, which is copied into the study.

    Raises:
        PrecodeError: If there is no such codebook, or the folder is a study already or cannot be written.
    """
    from pipeline.exchange.codebook_file import study_with_codebook

    return study_with_codebook(Path(folder), str(codebook), name=name, sample=sample)


def open_study(folder: AnyPath) -> Study:
    """Open a study folder.

    Example::

        study = precode.open_study("my-study")
        study.import_files([Path("interviews/P01.docx")])

    Raises:
        PrecodeError: If it is no study or its settings are wrong.
    """
    from pipeline import study

    return study.open_study(Path(folder))


def read_transcript(path: AnyPath, *, interviewers: Iterable[str] = ()) -> Transcript:
    """Read one interview in any format that ``precode run`` takes.

    Example::

        transcript = precode.read_transcript("P01.docx", interviewers=["Researcher"])
        print([turn.speaker for turn in transcript.turns])

    Args:
        path: The file.
        interviewers: Labels that mark interviewers; the usual ones by default.

    Raises:
        PrecodeError: If the file cannot be read or is no transcript.
    """
    from corpus import readers

    labels = tuple(interviewers) or readers.DEFAULT_INTERVIEWERS
    return readers.read_transcript(Path(path), interviewers=labels)


def load_codebook(path: AnyPath = "selfie") -> Codebook:
    """Load a codebook: a TOML file, or by its name a framework that ships (selfie, cfir, tdf, npt, com-b, re-aim).

    Example::

        codebook = precode.load_codebook("cfir")
        print(codebook.domains)

    Raises:
        PrecodeError: If the file cannot be read or contradicts itself.
    """
    from corpus import codebook, shipped

    return shipped.framework(str(path)) if str(path) in shipped.frameworks() else codebook.load_codebook(Path(path))


def load_seeds(paths: AnyPath | Iterable[AnyPath], codebook: Codebook) -> SeedBank:
    """Load seed quotations (JSONL) for a codebook.

    Example::

        seeds = precode.load_seeds("seeds.jsonl", codebook)

    Args:
        paths: One file or several.
        codebook: Whose codes the quotations bear.

    Raises:
        PrecodeError: If a file cannot be read or names an unknown code.
    """
    from corpus import seeds

    files = [paths] if isinstance(paths, str | PathLike) else paths
    return seeds.load_seeds([Path(file) for file in files], codebook)


def fit(
    source: Study | Codebook | None = None, seeds: SeedBank | None = None, *, encoder: str = "openvino"
) -> Precoder:
    """Return a suggester; it is fitted, or loaded from an earlier fit, at the first text.

    Example::

        model = precode.fit(precode.open_study("my-study"))  # with what the study has learned
        model = precode.fit(codebook, seeds)

    Args:
        source: A study, whose codebook, seeds and encoder are used, or a codebook; the SELFIE framework by default.
        seeds: Seed quotations for the codebook; by default those that ship with it, or none.
        encoder: A name that ``[model] encoder`` takes, or a model folder; a study has its own.

    Raises:
        PrecodeError: If no seed bears a code of the codebook, or there is no such encoder.
    """
    from corpus.seeds import SeedBank
    from corpus.shipped import selfie, selfie_seeds
    from models.encoders import load_encoder
    from models.weights import cache_home
    from pipeline.precoder import load_precoder, make_precoder
    from pipeline.study import Study

    if isinstance(source, Study):
        return load_precoder(source)
    book = source or selfie()
    if seeds is None:
        seeds = selfie_seeds() if book == selfie() else SeedBank(())
    kept = cache_home() if seeds.digest == selfie_seeds().digest else None
    return make_precoder(book, seeds, load_encoder(encoder), kept=kept)


@cache
def _shipped_model() -> Precoder:
    return fit()


def suggest(material: str | Transcript, model: Precoder | None = None) -> list[Suggestion]:
    """Suggest codes for passages of a transcript or of a text.

    Example::

        for suggestion in precode.suggest(transcript, model):
            print(suggestion.span.of(transcript.text), suggestion.code, suggestion.probability)

    Args:
        material: Of a transcript only what participants say gets a code; a text is taken as said by one.
        model: From ``fit``; SELFIE as it ships by default.

    Raises:
        PrecodeError: If the model cannot be loaded.
    """
    from corpus.transcript import Role, Span, Transcript, Turn

    if isinstance(material, str):
        material = Transcript("text", material, (Turn(Span(0, len(material)), None, Role.PARTICIPANT),))
    return (model or _shipped_model()).suggest(material)


def suggest_all(texts: Iterable[str], model: Precoder | None = None) -> list[list[Suggestion]]:
    """Suggest codes for each of several texts.

    Example::

        by_answer = precode.suggest_all(answers, model)  # one list for each answer

    Args:
        texts: Each is taken as said by a participant.
        model: From ``fit``; SELFIE as it ships by default.

    Raises:
        PrecodeError: If the model cannot be loaded.
    """
    return [suggest(text, model) for text in texts]


def run(study: Study, *, redo: bool = False) -> StudyRun:
    """Pre-code what is new or changed in a study, write its exports, and benchmark it where people have coded.

    The same as ``precode run --no-prefect``. ``precode.precode_study`` is the Prefect flow.

    Example::

        finished = precode.run(study)
        print([(outcome.transcript, str(outcome.status)) for outcome in finished.outputs.finished.outcomes])

    Args:
        study: From ``open_study`` or ``create_study``.
        redo: Do transcripts again whose suggestions are up to date.

    Raises:
        PrecodeError: If the study, its store or the model cannot be used.
    """
    from flows.plain_run import run_plainly
    from pipeline.object_store import fetch_transcripts
    from pipeline.run import plan
    from pipeline.session import StudySession

    refused = fetch_transcripts(study).refused
    with StudySession(study) as session:
        todo = plan(session)
        finished = run_plainly(session, todo.redone() if redo else todo)
    return replace(finished, outputs=finished.outputs.also(refused))


def decisions(study: Study) -> pyarrow.Table:
    """Return the decision log: every accept, reject, coding and undo of every coder, in order.

    Example::

        log = precode.decisions(study).to_pandas()  # to_pandas needs pandas

    Raises:
        PrecodeError: If the store cannot be read.
    """
    from pipeline.export.decision_table import decision_table
    from pipeline.session import StudySession

    with StudySession(study) as session:
        return decision_table(session.store)


def codings(study: Study, *, coder: str = "", suggestions: bool = False) -> pyarrow.Table:
    """Return the codings in force, one row for each code of a passage, with its text, speaker and evidence.

    Example::

        table = precode.codings(study, suggestions=True)
        rows = table.to_pylist()

    Args:
        study: From ``open_study`` or ``create_study``.
        coder: Whose; everybody's by default, where a consensus takes the place of what it was reached on.
        suggestions: Add suggestions that nobody decided on; column ``kind`` tells them apart.

    Raises:
        PrecodeError: If the store cannot be read.
    """
    from pipeline.export.data import passages_table
    from pipeline.export.gather import ExportRequest, gather
    from pipeline.session import StudySession
    from pipeline.study_filter import Filter

    with StudySession(study) as session:
        request = ExportRequest(filter=Filter(coder=coder or None), suggestions=suggestions)
        return passages_table(gather(session, request))


def benchmark(study: Study) -> StudyBenchmark | None:
    """Measure a study's suggestions against its human coding; None where there is none.

    ``[benchmark]`` in ``study.toml`` names the coding; the report goes into ``reports/``.

    Example::

        measured = precode.benchmark(study)
        for row in measured.table().rows:  # domain, human codings, precision, recall
            print(*row)

    Raises:
        PrecodeError: If the study cannot be used.
    """
    from evaluation.study_benchmark import benchmark_session
    from pipeline.session import StudySession

    with StudySession(study) as session:
        return benchmark_session(session)


def export(study: Study, *formats: str, to: AnyPath | None = None, coder: str = "") -> list[Path]:
    """Write suggestions or codings to files and return them.

    Example::

        precode.export(study, "xlsx", "passages", to="for-the-team")

    Args:
        study: From ``open_study`` or ``create_study``.
        *formats: What ``precode export --format`` takes; csv, jsonl, xlsx and html by default.
        to: The folder; ``exports/latest`` of the study by default.
        coder: Whose codings; everybody's by default.

    Raises:
        PrecodeError: If there is no such format, nothing to export, or a file cannot be written.
    """
    from flows.exporting import export_files
    from pipeline.export.gather import ExportRequest
    from pipeline.session import StudySession
    from pipeline.study_filter import Filter

    folder = None if to is None else Path(to)
    with StudySession(study) as session:
        files = export_files(session, folder, ExportRequest(formats=formats, filter=Filter(coder=coder or None)))
        return [path for made, _ in files for path in made]
