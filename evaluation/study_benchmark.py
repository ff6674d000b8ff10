"""A study's suggestions against its own human coding: what every run ends with where there is such coding.

The coding is a file that ``[benchmark] human`` names, or what one coder coded on the review page in transcripts marked
as done: in the others, what nobody has read yet would count as wrong. Where nothing changed since the last
measurement, that one is returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.corrections import apply_corrections
from corpus.errors import CodingError, InputError, PrecodeError, UsageError, discreet
from corpus.files import digest_file, replace_text
from corpus.transcript import digest_of
from pipeline.learn import finished_versions
from pipeline.session import StudySession

if TYPE_CHECKING:
    from corpus.codings import Coding
    from corpus.transcript import Transcript
    from evaluation.benchmarks.result import Result
    from evaluation.report.tables import ScoreTable
    from pipeline.steps import StepRunner

RESULT, REPORT, MADE_FROM = "benchmark.json", "benchmark.html", "benchmark.digest"


@dataclass(frozen=True, slots=True)
class StudyBenchmark:
    """How the suggestions of a study compare with human coding.

    Attributes:
        human: Whose coding: the name of a file or of a coder.
        result: None where nothing could be measured.
        report: The page with plots and mistakes in context.
        problem: Why nothing could be measured; empty otherwise.
        exit_code: 1 if that is the fault of the file of codings.
    """

    human: str
    report: Path
    result: Result | None = None
    problem: str = ""
    exit_code: int = 0

    @property
    def domains(self) -> dict[str, dict[str, Any]]:
        """Counts and scores by domain and name; empty where nothing was measured."""
        lines = self.result.per_domain if self.result else {}
        return {domain: dict(line) for domain, line in lines.items() if isinstance(line, Mapping)}

    def table(self) -> ScoreTable:
        """Return precision and recall with intervals, one row a domain that people coded and one for all."""
        from evaluation.report.tables import ScoreTable, cell, flat

        lines = [(domain, line) for domain, line in self.domains.items() if line["positives"]]
        rows = [
            (domain, str(line["positives"]), cell(line["precision"]), cell(line["recall"])) for domain, line in lines
        ]
        scores = dict(flat(self.result.scores)) if self.result else {}
        overall = [cell(scores.get(f"passages.domain.{measure}")) for measure in ("precision", "recall")]
        total = str(sum(line["positives"] for _, line in lines))
        title = f"Suggestions against {self.human}: passages, by domain [95% interval]"
        return ScoreTable(title, ("Domain", "Human", "Precision", "Recall"), (*rows, ("All domains", total, *overall)))

    def to_json(self) -> dict[str, Any]:
        """Return counts and scores for machines; never a word of a transcript."""
        scores = {
            domain: {name: line[name].to_json() for name in ("precision", "recall")} | {"human": line["positives"]}
            for domain, line in self.domains.items()
        }
        return {"human": self.human, "report": str(self.report), "problem": self.problem, "domains": scores}


@dataclass(frozen=True)
class HumanFile:
    """Human codings in a file; the transcripts it names are taken to be coded completely."""

    session: StudySession
    path: Path

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def blind(self) -> frozenset[str]:
        """Names of the transcripts that were coded without sight of suggestions: a file knows of none."""
        return frozenset(source.name for source in self.session.study.sources().accepted)

    @cached_property
    def digest(self) -> str:
        """Digest of the codings and of the transcripts they may be on."""
        digests = [source.digest() for source in self.session.study.sources().accepted]
        return digest_of("\n".join([digest_file(self.path), *digests]))

    def read(self) -> tuple[Sequence[Transcript], Sequence[Coding]]:
        """Return the transcripts that can be read, and the codings; those made before words were corrected follow."""
        from corpus.codings import load_codings

        study, texts = self.session.study, []
        for source in study.sources().accepted:
            with suppress(InputError):  # the run has said which and why
                texts.append(study.read_corrected(source))
        transcripts, book = [text.transcript for text in texts], study.codebook()
        try:
            return transcripts, load_codings(self.path, {each.name: each for each in transcripts}, book)
        except CodingError:
            if not any(text.edits for text in texts):
                raise
        codings = load_codings(self.path, {text.original.name: text.original for text in texts}, book)
        moves = {text.original.name: apply_corrections(text.original, ()).revision(text) for text in texts}
        found = [(coding, moves[coding.transcript].move(coding.span)) for coding in codings]
        return transcripts, [replace(coding, span=moved.span) for coding, moved in found if moved is not None]


@dataclass(frozen=True)
class CoderLog:
    """What one coder coded on the review page.

    Attributes:
        versions: Ids of the transcript versions that the coder finished.
    """

    session: StudySession
    name: str
    versions: Sequence[int]

    @property
    def blind(self) -> frozenset[str]:
        """Names of the transcripts that the coder coded to their end without sight of suggestions."""
        store, names = self.session.store, {each.id: each.name for each in self.session.store.transcripts.versions()}
        logs = {version: list(store.decisions.stream(version=version, coder=self.name)) for version in self.versions}
        return frozenset(names[version] for version, log in logs.items() if log and all(entry.blind for entry in log))

    @cached_property
    def digest(self) -> str:
        """Digest of the codings; their spans belong to one version of a text each."""
        return digest_of("\n".join([self.name, *map(str, self._codings)]))

    def read(self) -> tuple[Sequence[Transcript], Sequence[Coding]]:
        """Return the finished transcripts and the codings on them."""
        return [self.session.store.transcripts.get(version) for version in self.versions], self._codings

    @cached_property
    def _codings(self) -> list[Coding]:
        from corpus.codings import Coding

        store, codebook = self.session.store, self.session.study.codebook()
        names = {version.id: version.name for version in store.transcripts.versions()}
        decisions = (
            current.decision
            for version in self.versions
            for current in store.decisions.codings(version=version, coder=self.name)
        )
        given = ((decision, codebook.current_id(decision.code or "")) for decision in decisions)
        return [
            Coding(names[decision.version], decision.span, code, decision.coder)
            for decision, code in given
            if decision.span is not None and code in codebook.by_id
        ]


def human_coding(session: StudySession) -> HumanFile | CoderLog | None:
    """Return what a study's suggestions are measured against; None where nobody has coded.

    Raises:
        UsageError: If ``study.toml`` names a coder who has finished no transcript.
    """
    settings = session.study.settings.benchmark
    if settings.human:
        return HumanFile(session, session.study.folder / settings.human)
    finished = finished_versions(session.store)
    coder = settings.coder or (next(iter(finished)) if len(finished) == 1 else "")
    if not coder:
        return None
    if coder not in finished:
        raise UsageError(f"[benchmark] coder: {coder!r} has marked no transcript as done on the review page")
    return CoderLog(session, coder, finished[coder])


def benchmark_session(session: StudySession, run_step: StepRunner | None = None) -> StudyBenchmark | None:
    """Measure a study's suggestions against its human coding; None where there is none.

    What keeps it from being measured is in the answer, not raised: the run before it is done and stays so.

    Args:
        session: The study at work.
        run_step: Runs the measuring as a step named ``benchmark``; directly by default.

    Raises:
        InternalError: If a library fails; names its kind and place, never its message.
    """
    settings, report = session.study.settings.benchmark, session.study.reports / REPORT
    human = settings.human or settings.coder
    with discreet("the benchmark"):
        try:
            coding = human_coding(session)
            if coding is None:
                return None
            human = coding.name
            step = partial(measure_if_changed, session, coding)
            return StudyBenchmark(human, report, run_step("benchmark", step) if run_step else step())
        except InputError as error:
            return StudyBenchmark(human, report, problem=str(error), exit_code=error.exit_code)
        except UsageError as error:
            return StudyBenchmark(human, report, problem=str(error))


def measure_if_changed(session: StudySession, coding: HumanFile | CoderLog) -> Result:
    """Return the last result where nothing changed, else a new one; see ``measure`` for what it raises."""
    return known_result(session, coding) or measure(session, coding)


def known_result(session: StudySession, coding: HumanFile | CoderLog) -> Result | None:
    """Return the last result if it was made from the same recipe and coding, and its report is still there."""
    from evaluation.benchmarks.result import load_result

    reports, made_from = session.study.reports, session.study.cache / MADE_FROM
    try:
        same = made_from.read_text(encoding="utf-8") == _digest(session, coding)
        return load_result(reports / RESULT) if same and (reports / REPORT).exists() else None
    except (OSError, PrecodeError):
        return None


def measure(session: StudySession, coding: HumanFile | CoderLog) -> Result:
    """Measure, and write the result and the page with mistakes in context into ``reports/``.

    Raises:
        InputError: If the codings fit no transcript.
        UsageError: If there is nothing to score, or the suggester has learned from these very texts.
    """
    from evaluation.benchmarks.coded_study import coded_talk
    from evaluation.benchmarks.protocols import measure_study
    from evaluation.benchmarks.result import save_result
    from evaluation.report.cases import study_mistakes
    from evaluation.report.page import write_report
    from evaluation.study_quality.finish import finish_line
    from evaluation.study_quality.judged import judged_transcripts

    precoder, (transcripts, codings) = session.precoder, coding.read()
    result = measure_study(precoder, transcripts, codings, seeds=precoder.bank).chosen_by(precoder.operating)
    mistakes = study_mistakes(precoder, transcripts, codings)
    study = judged_transcripts(coded_talk(precoder, transcripts, codings), coding.blind)
    finish = finish_line(study, precoder.codebook.ids, precoder.chosen.precision)
    write_report(session.study.reports / REPORT, result, precoder.codebook, mistakes, finish)
    save_result(result, session.study.reports / RESULT)
    replace_text(session.study.cache / MADE_FROM, _digest(session, coding))
    return result


def _digest(session: StudySession, coding: HumanFile | CoderLog) -> str:
    return digest_of("\n".join((version_of("precode"), session.recipe, coding.digest)))
