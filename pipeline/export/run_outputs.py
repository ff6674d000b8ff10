"""What a run hands over: the files in ``exports/``, the counts a person reads, the manifest a machine reads."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from corpus.codebook import Codebook
from corpus.errors import InputError, UsageError
from corpus.files import replace_folder
from pipeline.export import Document, Origin, SuggestionRow, rows_of, write_csv, write_jsonl, write_page, write_xlsx
from pipeline.export.rows import origin_of
from pipeline.run import FinishedRun, TranscriptOutcome, refusal
from pipeline.session import StudySession

if TYPE_CHECKING:
    from corpus.suggestion import Suggestion
    from pipeline.store import Run, StoredSuggestion, TranscriptVersion

LATEST = "latest"
MANIFEST = "manifest.json"
MANIFEST_VERSION = 1


@dataclass(frozen=True)
class SuggestionSet:
    """The suggestions of a study as they stand: one document for each transcript that has been pre-coded."""

    documents: Sequence[Document]
    codebook: Codebook
    origin: Origin

    def rows(self) -> Iterator[SuggestionRow]:
        """Yield every suggestion, transcript by transcript."""
        return chain.from_iterable(document.rows for document in self.documents)

    @property
    def names(self) -> list[str]:
        """The transcripts' names."""
        return [document.transcript.name for document in self.documents]

    def counts(self) -> dict[str, Counter[str]]:
        """Return by transcript how many passages got a suggestion in each domain."""
        return {document.transcript.name: passages_by_domain(document.rows) for document in self.documents}

    def totals(self) -> dict[str, int]:
        """Return by transcript how many passages got any suggestion."""
        return {one.transcript.name: len({(row.start, row.end) for row in one.rows}) for one in self.documents}


def passages_by_domain(rows: Sequence[SuggestionRow]) -> Counter[str]:
    """Count passages by domain; one with two codes of a domain counts once there."""
    return Counter(domain for _, _, domain in {(row.start, row.end, row.domain) for row in rows})


@dataclass(frozen=True, slots=True)
class RunOutputs:
    """What a finished run leaves.

    Attributes:
        counts: By transcript and domain, see ``SuggestionSet.counts``.
        totals: By transcript, see ``SuggestionSet.totals``.
        domains: In codebook order.
        folder: Where the newest files are.
    """

    ran: FinishedRun
    counts: Mapping[str, Mapping[str, int]]
    totals: Mapping[str, int]
    domains: tuple[str, ...]
    folder: Path

    @property
    def page(self) -> Path:
        """The page to open first."""
        return self.folder / "suggestions.html"

    def also(self, refused: Iterable[InputError]) -> RunOutputs:
        """Return this with files that were refused before the run began."""
        outcomes = (*self.ran.outcomes, *map(refusal, refused))
        return replace(self, ran=replace(self.ran, outcomes=outcomes))


Writer = Callable[[Path, SuggestionSet], object]

FORMATS: Mapping[str, Writer] = MappingProxyType(
    {
        "csv": lambda path, edition: write_csv(path, edition.rows()),
        "jsonl": lambda path, edition: write_jsonl(path, edition.rows()),
        "xlsx": lambda path, edition: write_xlsx(
            path, edition.rows(), edition.codebook, edition.origin, transcripts=edition.names
        ),
        "html": lambda path, edition: write_page(path, edition.documents, edition.codebook, edition.origin),
    }
)
"""Writers by file name ending."""


def write_run_outputs(session: StudySession, ran: FinishedRun) -> RunOutputs:
    """Write the files of a run into ``exports/run-NNNN`` and ``exports/latest``; a run of nothing writes nothing.

    Files that an earlier run could not write, because it was killed or they were open elsewhere, are written now.

    Raises:
        UsageError: If the files cannot be written; the suggestions are in the store all the same.
    """
    edition, runs = suggestion_set(session), session.store.runs.all()
    delivery = RunOutputs(
        ran, edition.counts(), edition.totals(), edition.codebook.domains, session.study.exports / LATEST
    )
    if runs and (ran.run is not None or not _is_delivered(delivery, runs[-1])):
        _publish(session.study.exports / f"run-{runs[-1].id:04d}", delivery, edition, runs[-1])
    return delivery


def _is_delivered(delivery: RunOutputs, run: Run) -> bool:
    """Tell whether the newest files are those of a run and hold the transcripts that the study has now."""
    try:
        told = json.loads((delivery.folder / MANIFEST).read_text(encoding="utf-8"))
        names = [one["transcript"] for one in told["transcripts"]]
        return bool(told["run"] == run.id) and names == [one.transcript for one in delivery.ran.outcomes]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _publish(target: Path, delivery: RunOutputs, edition: SuggestionSet, run: Run) -> None:
    with replace_folder(target) as draft:
        write_formats(draft, edition)
        text = json.dumps(manifest(delivery, run), indent=2, ensure_ascii=False)
        (draft / MANIFEST).write_text(text + "\n", encoding="utf-8")
    with replace_folder(delivery.folder) as draft:
        shutil.copytree(target, draft, dirs_exist_ok=True)


def write_formats(folder: Path, edition: SuggestionSet, formats: Collection[str] = tuple(FORMATS)) -> list[Path]:
    """Write the chosen formats as ``suggestions.*`` into a folder and return the files.

    Raises:
        UsageError: If a format is unknown or a file cannot be written.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise UsageError(f"format {unknown[0]!r} is none of {', '.join(FORMATS)}")
    paths = [folder / f"suggestions.{name}" for name in FORMATS if name in formats]
    for path in paths:
        FORMATS[path.suffix[1:]](path, edition)
    return paths


def suggestion_set(session: StudySession) -> SuggestionSet:
    """Return the suggestions that the study's store holds for the files of its folder.

    Suggestions made with another codebook are left out: their codes mean something else.
    """
    study, store = session.study, session.store
    codebook, names = study.codebook(), {source.name for source in study.sources().accepted}
    runs = {run.id: run for run in store.runs.all()}
    documents = [
        _document(session, version, codebook, runs) for version in store.transcripts.versions() if version.name in names
    ]
    newest = max(runs.values(), key=lambda run: run.id, default=None)
    return SuggestionSet(
        [one for one in documents if one], codebook, origin_of(study.settings.study.name, newest, codebook)
    )


def _document(
    session: StudySession, version: TranscriptVersion, codebook: Codebook, runs: Mapping[int, Run]
) -> Document | None:
    stored = list(session.store.suggestions.stream(version=version.id))
    listed = [one for one in stored if runs[one.run].facts.codebook == codebook.digest]
    if stored and not listed:
        return None
    transcript, statuses = session.store.transcripts.get(version.id), _statuses(session, listed)
    rows: list[SuggestionRow] = []
    for run in sorted({one.run for one in listed}):  # what was decided stays with the run that made it
        made = (one.suggestion for one in listed if one.run == run)
        origin = origin_of(session.study.settings.study.name, runs[run], codebook)
        rows += rows_of(transcript, codebook, made, origin, statuses)
    return Document(transcript, sorted(rows, key=lambda row: (row.start, row.end, row.rank, row.code)))


def _statuses(session: StudySession, stored: Sequence[StoredSuggestion]) -> dict[Suggestion, str]:
    """Return what people decided on suggestions that they decided on."""
    known = {one.id: one.suggestion for one in stored}
    decided = [
        standing.decision for one in stored[:1] for standing in session.store.decisions.current(version=one.version)
    ]
    return {known[d.suggestion]: str(d.action) for d in decided if d.suggestion is not None and d.suggestion in known}


def manifest(delivery: RunOutputs, run: Run) -> dict[str, Any]:
    """Return everything a machine may want to know about a run; counts and digests, no words."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "run": run.id,
        "state": str(run.state),
        "started": _moment(run.started),
        "finished": _moment(run.finished),
        "seconds": round(delivery.ran.seconds, 3),
        "versions": dict(run.facts.versions),
        "digests": {
            "recipe": run.facts.recipe,
            "model": run.facts.model,
            "codebook": run.facts.codebook,
            "seeds": run.facts.seeds,
        },
        "transcripts": [told(outcome, delivery) for outcome in delivery.ran.outcomes],
    }


def told(outcome: TranscriptOutcome, delivery: RunOutputs) -> dict[str, Any]:
    """Return an outcome with its counts by domain."""
    passages = {name: n for name, n in delivery.counts.get(outcome.transcript, {}).items() if n}
    return {**asdict(outcome), "passages": passages}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
