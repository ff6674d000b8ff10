"""What a run hands over: the files in ``exports/``, the counts a person reads, the manifest a machine reads."""

from __future__ import annotations

import json
import pickle
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any
from weakref import finalize

from corpus.codebook import Codebook
from corpus.errors import InputError, UsageError
from corpus.files import private_folder, speaking_plainly
from pipeline.codebook.standing import holding, lineage_of
from pipeline.export import Document, Origin, SuggestionRow, rows_of, write_csv, write_jsonl, write_page, write_xlsx
from pipeline.export.publishing import Published, adopt, draft_for, newest, publish
from pipeline.export.rows import origin_of
from pipeline.run import FinishedRun, TranscriptOutcome, refusal
from pipeline.session import StudySession

if TYPE_CHECKING:
    from corpus.suggestion import Suggestion
    from pipeline.store import Run, StoredSuggestion, TranscriptVersion
    from pipeline.study import Study

LATEST = "latest"
MANIFEST = "manifest.json"
MANIFEST_VERSION = 1
PAGE, PAGES = "suggestions.html", "suggestions"
"""The page to open first, and the folder of its further pages."""
HELD_CHARACTERS = 100_000_000
"""Size of the documents that are held in memory between two formats; those of larger studies are held on the disk."""
ROW_CHARACTERS = 2_000
"""What a suggestion weighs beside text."""


class Documents:
    """Documents that may be gone through again and again: held in memory if they are few, else read anew each time.

    Args:
        read: Yields them.
        beside: Folder in which many are held, in a file without a name that is gone with this object; without one they
            are read anew.
    """

    def __init__(self, read: Callable[[], Iterator[Document]], beside: Path | None = None) -> None:
        self._read = read
        self._beside = beside
        self._held: Iterable[Document] | None = None

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return next(iter(self), None) is not None

    def __iter__(self) -> Iterator[Document]:
        """Yield them in order."""
        if self._held is not None:
            yield from self._held
            return
        held: list[Document] = []
        spool: _Spool | None = None
        size = 0
        for document in self._read():
            size += len(document.transcript.text) + ROW_CHARACTERS * len(document.rows)
            held.append(document)
            if size > HELD_CHARACTERS:
                spool = spool or (_Spool(self._beside) if self._beside else None)
                if spool:
                    spool.extend(held)
                held.clear()
            yield document
        if size <= HELD_CHARACTERS:
            self._held = held
        elif spool:
            self._held = spool


class _Spool:
    """Documents in a file that has no name, so that no kill leaves their words behind: read in a quarter of the time.

    Args:
        folder: On whose disk.

    Raises:
        UsageError: If the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        with speaking_plainly(folder):
            self._file = TemporaryFile(dir=private_folder(folder))  # noqa: SIM115 - closed when nobody holds this object
        finalize(self, _close, self._file)

    def extend(self, documents: Iterable[Document]) -> None:
        """Write some more.

        Raises:
            UsageError: If the disk refuses.
        """
        with speaking_plainly(self._folder):
            for document in documents:
                pickle.dump(document, self._file, pickle.HIGHEST_PROTOCOL)
                self._count += 1
            self._file.flush()  # a full disk says so here, not to whoever reads

    def __iter__(self) -> Iterator[Document]:
        """Read them from the first on; of two who read, each has a place of its own."""
        place = 0
        for _ in range(self._count):
            self._file.seek(place)
            document: Document = pickle.load(self._file)  # noqa: S301 - nobody else can have written there
            place = self._file.tell()
            yield document


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what a full disk did not take was told already
        file.close()


@dataclass(frozen=True)
class SuggestionSet:
    """The suggestions of a study as they stand: one document for each transcript that has been pre-coded."""

    documents: Documents
    codebook: Codebook
    origin: Origin

    def rows(self) -> Iterator[SuggestionRow]:
        """Yield every suggestion, transcript by transcript."""
        return chain.from_iterable(document.rows for document in self.documents)

    @cached_property
    def counted(self) -> tuple[dict[str, Counter[str]], dict[str, int]]:
        """How many passages of each transcript got a suggestion in each domain, and how many got any."""
        counts, totals = {}, {}
        for document in self.documents:
            counts[document.transcript.name] = passages_by_domain(document.rows)
            totals[document.transcript.name] = len({(row.start, row.end) for row in document.rows})
        return counts, totals


def passages_by_domain(rows: Sequence[SuggestionRow]) -> Counter[str]:
    """Count passages by domain; one with two codes of a domain counts once there."""
    return Counter(domain for _, _, domain in {(row.start, row.end, row.domain) for row in rows})


@dataclass(frozen=True, slots=True)
class RunOutputs:
    """What a finished run leaves.

    Attributes:
        counts: By transcript and domain, see ``SuggestionSet.counted``.
        totals: By transcript, likewise.
        domains: In codebook order.
        published: The newest files.
    """

    finished: FinishedRun
    counts: Mapping[str, Mapping[str, int]]
    totals: Mapping[str, int]
    domains: tuple[str, ...]
    published: Published

    @property
    def folder(self) -> Path:
        """Where the newest files are."""
        return self.published.folder

    @property
    def page(self) -> Path:
        """The page to open first."""
        return self.published.place_of(PAGE)

    def outcome_to_dict(self, outcome: TranscriptOutcome) -> dict[str, Any]:
        """Return an outcome with its counts by domain."""
        passages = {name: n for name, n in self.counts.get(outcome.transcript, {}).items() if n}
        return {**asdict(outcome), "passages": passages}

    def also(self, refused: Iterable[InputError]) -> RunOutputs:
        """Return this with files that were refused before the run began, each once."""
        outcomes = tuple(dict.fromkeys((*self.finished.outcomes, *map(refusal, refused))))
        return replace(self, finished=replace(self.finished, outcomes=outcomes))


Writer = Callable[[Path, SuggestionSet], object]

FORMATS: Mapping[str, Writer] = MappingProxyType(
    {
        "csv": lambda path, suggestions: write_csv(path, suggestions.rows()),
        "jsonl": lambda path, suggestions: write_jsonl(path, suggestions.rows()),
        "xlsx": lambda path, suggestions: write_xlsx(
            path, suggestions.rows(), suggestions.codebook, suggestions.origin, transcripts=suggestions.counted[0]
        ),
        "html": lambda path, suggestions: write_page(
            path, suggestions.documents, suggestions.codebook, suggestions.origin
        ),
    }
)
"""Writers by file name ending."""


def write_run_outputs(session: StudySession, finished: FinishedRun) -> RunOutputs:
    """Write the files of a run into ``exports/run-NNNN`` and ``exports/latest``; a run of nothing writes nothing.

    What somebody changed or added there stays, see ``publishing``. Files that an earlier run could not write, because
    it was killed or they were open elsewhere, are written now.

    Raises:
        UsageError: If the files cannot be written; the suggestions are in the store all the same.
    """
    suggestions, runs = suggestion_set(session), session.store.runs.all()
    outputs = RunOutputs(
        finished,
        *suggestions.counted,
        suggestions.codebook.domains,
        newest(session.study.exports / LATEST),
    )
    if runs and (finished.run is not None or not _is_written(outputs, runs[-1])):
        return replace(outputs, published=_publish(session.study, outputs, suggestions, runs[-1]))
    return outputs


def _is_written(outputs: RunOutputs, run: Run) -> bool:
    """Tell whether the newest files are those of a run and hold the transcripts that the study has now."""
    try:
        written = json.loads(outputs.published.files[MANIFEST].read_text(encoding="utf-8"))
        names = [transcript["transcript"] for transcript in written["transcripts"]]
        return bool(written["run"] == run.id) and names == [outcome.transcript for outcome in outputs.finished.outcomes]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _publish(study: Study, outputs: RunOutputs, suggestions: SuggestionSet, run: Run) -> Published:
    """Write the files once and put them into the folder of the run and into the one of the newest."""
    of_run, latest = study.exports / f"run-{run.id:04d}", study.exports / LATEST
    with draft_for(study.exports, study.folder) as draft:
        adopt(latest, study.exports.glob("run-*"))
        write_formats(draft / "files", suggestions)
        text = json.dumps(manifest(outputs, run), indent=2, ensure_ascii=False)
        (draft / "files" / MANIFEST).write_text(text + "\n", encoding="utf-8")
        shutil.copytree(draft / "files", draft / "copies")
        kept = publish(draft / "copies", of_run, study.folder, ours=PAGES).kept
        published = publish(draft / "files", latest, study.folder, ours=PAGES)
        return replace(published, kept={**kept, **published.kept})


def write_formats(folder: Path, suggestions: SuggestionSet, formats: Collection[str] = tuple(FORMATS)) -> list[Path]:
    """Write the chosen formats as ``suggestions.*`` into a folder and return the files.

    Args:
        folder: Where to.
        suggestions: What is written.
        formats: Names of ``FORMATS``.

    Raises:
        UsageError: If a format is unknown or a file cannot be written.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise UsageError(f"format {unknown[0]!r} is none of {', '.join(FORMATS)}")
    paths = [folder / f"suggestions.{name}" for name in FORMATS if name in formats]
    for path in paths:
        FORMATS[path.suffix[1:]](path, suggestions)
    return paths


def suggestion_set(session: StudySession) -> SuggestionSet:
    """Return the suggestions that the study's store holds for the files of its folder.

    Suggestions made with another codebook are left out: their codes mean something else. Those made with an earlier
    version of this one, which was edited on the page since, are in under the ids that their codes have now.
    """
    study, store = session.study, session.store
    codebook, names = study.codebook(), {source.name for source in study.sources().accepted}
    runs = {run.id: run for run in store.runs.all()}
    versions = [version for version in store.transcripts.versions() if version.name in names]
    made, decided = _Made(session, codebook, runs, lineage_of(session, codebook)), store.decisions.versions()

    def read() -> Iterator[Document]:
        found = (made.document(version, decided=version.id in decided) for version in versions)
        return (document for document in found if document is not None)

    newest = max(runs.values(), key=lambda run: run.id, default=None)
    return SuggestionSet(Documents(read, study.cache), codebook, origin_of(study.settings.study.name, newest, codebook))


@dataclass(frozen=True)
class _Made:
    """What the runs of a study made, as it holds under the study's codebook."""

    session: StudySession
    codebook: Codebook
    runs: Mapping[int, Run]
    lineage: frozenset[str]

    def document(self, version: TranscriptVersion, *, decided: bool) -> Document | None:
        """Return the suggestions for one text; None where all of them are of another codebook.

        Args:
            version: The text.
            decided: Whether anybody decided anything on it.
        """
        store, name = self.session.store, self.session.study.settings.study.name
        stored = list(store.suggestions.stream(version=version.id))
        listed = list(holding(stored, self.codebook, self.runs, self.lineage))
        if stored and not listed:
            return None
        transcript = store.transcripts.get(version.id)
        statuses = _statuses(self.session, listed) if decided else {}
        rows: list[SuggestionRow] = []
        for run in sorted({suggested.run for suggested in listed}):  # what was decided stays with the run that made it
            made = (suggested.suggestion for suggested in listed if suggested.run == run)
            facts = self.runs[run].facts
            origin = replace(origin_of(name, self.runs[run], self.codebook), codebook=facts.codebook)
            rows += rows_of(transcript, self.codebook, made, origin, statuses)
        return Document(transcript, sorted(rows, key=lambda row: (row.start, row.end, row.rank, row.code)))


def _statuses(session: StudySession, stored: Sequence[StoredSuggestion]) -> dict[Suggestion, str]:
    """Return what people decided on suggestions that they decided on."""
    known = {suggested.id: suggested.suggestion for suggested in stored}
    decided = [
        standing.decision
        for suggested in stored[:1]
        for standing in session.store.decisions.current(version=suggested.version)
    ]
    return {known[d.suggestion]: str(d.action) for d in decided if d.suggestion is not None and d.suggestion in known}


def manifest(outputs: RunOutputs, run: Run) -> dict[str, Any]:
    """Return everything a machine may want to know about a run; counts and digests, no words."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "run": run.id,
        "state": str(run.state),
        "started": _moment(run.started),
        "finished": _moment(run.finished),
        "seconds": round(outputs.finished.seconds, 3),
        "versions": dict(run.facts.versions),
        "digests": {
            "recipe": run.facts.recipe,
            "model": run.facts.model,
            "codebook": run.facts.codebook,
            "seeds": run.facts.seeds,
        },
        "transcripts": [outputs.outcome_to_dict(outcome) for outcome in outputs.finished.outcomes],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
