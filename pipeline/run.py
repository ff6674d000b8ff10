"""A run: which transcripts need work, what becomes of each, and how the pieces make one whole.

One transcript is one unit of work. ``run_study`` hands the units to whoever does them: threads here, tasks in a flow.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from importlib.metadata import version as version_of
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeVar

from corpus.coders import MACHINE
from corpus.errors import InputError, IntegrityError, InternalError, PrecodeError, discreet
from pipeline.carry import CarriedTranscript, carry_forward
from pipeline.session import StudySession
from pipeline.study import Source

if TYPE_CHECKING:
    from pipeline.steps import StepRunner
    from pipeline.store import Added

LIBRARIES = ("precode", "spacy", "scikit-learn", "openvino", "onnxruntime", "sentence-transformers", "prefect")
PAUSE_SECONDS = 0.5
"""Before a unit of work is tried again; doubled each time."""

T = TypeVar("T")


class OutcomeStatus(StrEnum):
    """What a run made of one transcript; KEPT: nothing changed since its suggestions were made."""

    CODED = "coded"
    KEPT = "kept"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TranscriptOutcome:
    """What a run made of one transcript.

    Attributes:
        source: Path of the file within the study folder.
        suggestions: How many this run stored.
        error: The line that says why it was refused or failed.
        notes: What the reader repaired and what a changed text left behind, one line each.
    """

    transcript: str
    source: str
    status: OutcomeStatus
    suggestions: int = 0
    error: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to do.

    Attributes:
        todo: New or changed files, and those that could not be read last time.
        kept: Files whose suggestions are what this recipe would make of them again.
        refused: Files that cannot be told apart by their names.
    """

    todo: tuple[Source, ...]
    kept: tuple[Source, ...] = ()
    refused: tuple[TranscriptOutcome, ...] = ()

    def redone(self) -> Plan:
        """Return this plan with everything that can be read to be done."""
        return replace(self, todo=tuple(sorted((*self.todo, *self.kept), key=lambda source: source.relative)), kept=())


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that ended.

    Attributes:
        run: Its id; None when there was nothing to do.
        outcomes: One for each file of the study, by name.
    """

    run: int | None
    outcomes: tuple[TranscriptOutcome, ...]
    seconds: float

    @property
    def exit_code(self) -> int:
        """0 all done, 1 some inputs refused, 3 some stopped by a defect."""
        states = {outcome.status for outcome in self.outcomes}
        return InternalError.exit_code if OutcomeStatus.FAILED in states else int(OutcomeStatus.REFUSED in states)


Work = Callable[[int, Sequence[Source]], Iterable[TranscriptOutcome]]
"""Does the units of work of a run and yields an outcome for each, in any order."""


def run_study(session: StudySession, work: Work, todo: Plan) -> FinishedRun:
    """Do what is planned.

    Args:
        session: The study at work.
        work: Does the transcripts; see ``in_threads``.
        todo: What to do; see ``plan``.

    Raises:
        PrecodeError: What no other transcript would escape either, such as a full disk. What was done is kept.
    """
    started = time.perf_counter()
    run, fresh = _worked(session, work, todo.todo) if todo.todo else (None, [])
    kept = [TranscriptOutcome(source.name, source.relative, OutcomeStatus.KEPT) for source in todo.kept]
    outcomes = sorted([*fresh, *kept, *todo.refused], key=lambda outcome: (outcome.transcript, outcome.source))
    carried = carry_forward(session.store, {outcome.transcript for outcome in outcomes}) if outcomes else []
    return FinishedRun(run, tuple(_with_notes(outcomes, carried)), time.perf_counter() - started)


def _with_notes(
    outcomes: Iterable[TranscriptOutcome], carried: Iterable[CarriedTranscript]
) -> Iterator[TranscriptOutcome]:
    """Tell with each transcript what became of the codings of its earlier text."""
    by_name = {changed.transcript: changed for changed in carried}
    for outcome in outcomes:
        changed = None if outcome.error else by_name.get(outcome.transcript)
        yield outcome if changed is None else replace(outcome, notes=(*outcome.notes, *changed.notes()))


def plan(session: StudySession) -> Plan:
    """Compare the files of a study with what its store holds; asks the store as often for a thousand as for one."""
    sources = session.study.sources()
    done = _done(session) if sources.accepted else {}
    kept, todo = list[Source](), list[Source]()
    for source in sources.accepted:
        (kept if _is_kept(session, source, done.get(source.name)) else todo).append(source)
    return Plan(tuple(todo), tuple(kept), tuple(map(refusal, sources.refused)))


def _done(session: StudySession) -> dict[str, tuple[str, str]]:
    """Return what suggestions of this recipe were made from, by transcript: digest of the file, reading of speakers."""
    current, recipe = session.store.transcripts.versions(), session.recipe
    recipes, speakers = session.store.runs.recipes(), _speakers_read(session)
    return {
        version.name: (version.source_digest, speakers.get(version.id, ""))
        for version in current
        if recipes.get(version.id) == recipe
    }


def in_threads(session: StudySession, run: int, sources: Sequence[Source]) -> Iterator[TranscriptOutcome]:
    """Do the units of work here, as many at once as the settings say.

    Args:
        session: The study, open.
        run: Id of the run that the outcomes belong to.
        sources: The files to pre-code, one unit of work each.

    Yields:
        What became of each file, in the order of the sources.
    """
    settings = session.study.settings.run
    with ThreadPoolExecutor(settings.concurrency) as pool:
        futures = [
            pool.submit(with_retries, partial(precode_transcript, session, run, source), settings.retries)
            for source in sources
        ]
        try:
            for future, source in zip(futures, sources, strict=True):
                yield settled(source, future.result)
        finally:
            pool.shutdown(cancel_futures=True)


def with_retries(action: Callable[[], T], retries: int) -> T:
    """Try again after a failure that may pass."""
    for n in range(retries):
        try:
            return action()
        except PrecodeError as error:
            if not may_pass(error):
                raise
            time.sleep(PAUSE_SECONDS * 2**n)
    return action()


def may_pass(error: BaseException) -> bool:
    """Tell whether trying again could help: it does for a locked database, not for damaged data."""
    return isinstance(error, PrecodeError) and not isinstance(error, IntegrityError)


def settled(source: Source, result: Callable[[], TranscriptOutcome]) -> TranscriptOutcome:
    """Return a unit's outcome; a defect that struck one transcript is one, too."""
    try:
        return result()
    except InternalError as error:
        return TranscriptOutcome(source.name, source.relative, OutcomeStatus.FAILED, error=str(error))


def outcomes_of(session: StudySession, run: int, sources: Sequence[Source]) -> dict[str, TranscriptOutcome]:
    """Return what a run has made of some files already, by transcript name.

    Args:
        session: The study at work.
        run: Id of the run in the study's store.
        sources: The files.
    """
    status = {"done": OutcomeStatus.CODED, "refused": OutcomeStatus.REFUSED}
    paths = {source.name: source.relative for source in sources}
    return {
        stored.transcript: TranscriptOutcome(
            stored.transcript, paths[stored.transcript], status[stored.state], stored.suggestions, stored.error
        )
        for stored in session.store.runs.outcomes(run, paths)
    }


def precode_transcript(
    session: StudySession, run: int, source: Source, *, run_step: StepRunner | None = None
) -> TranscriptOutcome:
    """Read, pre-code and store one transcript; nothing of it is stored before all of it is known.

    Args:
        session: The study at work.
        run: Id of the run in the study's store.
        source: The file.
        run_step: Runs each step of ``pipeline.steps`` under its name; directly by default.

    Raises:
        InternalError: If a library fails; names its kind and place, never its message.
        PrecodeError: If the store or the model cannot be used.
    """
    with discreet(source.relative):
        try:
            return _precode_and_store(session, run, source, run_step)
        except InputError as error:
            session.store.runs.save_error(run, source.name, str(error))
            return TranscriptOutcome(source.name, source.relative, OutcomeStatus.REFUSED, error=str(error))


def _precode_and_store(
    session: StudySession, run: int, source: Source, run_step: StepRunner | None
) -> TranscriptOutcome:
    transcript = session.speakers.read(source)
    precoded = session.precoder.precode(transcript, run_step=run_step)
    now = session.study.source(source.relative)
    if now.corrections != source.corrections:  # somebody corrected its text meanwhile, on the page
        return _precode_and_store(session, run, now, run_step)
    made, held = session.speakers.hold_back(transcript, precoded.suggestions)
    with session.store.one_transaction():
        added = session.store.transcripts.add(transcript, source)
        stored = session.store.runs.save(run, added.version, made, precoded.scored.segments)
        _remember_speakers(session, added, source.name)
    notes = (*transcript.warnings, *_held_note(session, source.name, len(held)))
    return TranscriptOutcome(source.name, source.relative, OutcomeStatus.CODED, stored, notes=notes)


def _held_note(session: StudySession, name: str, held: int) -> Iterator[str]:
    """Tell how many suggestions wait until somebody says who speaks."""
    doubtful = len(session.speakers.checks()[name].doubtful) if held else 0
    if held:
        yield (
            f"{held} suggestions are held back: it is not known whether {doubtful} of its speakers ask or answer; "
            f"type: precode check {session.study.folder}"
        )


def _remember_speakers(session: StudySession, added: Added, name: str) -> None:
    """Note how the speakers were read when suggestions were made, so that another reading makes them anew."""
    from pipeline.store import Change, EventKind, NewEvent

    read = session.speakers.fingerprint(name)
    known = "" if added.change is Change.NEW else _speakers_read(session, added.version).get(added.version, "")
    if known != read:
        session.store.events.add(NewEvent(MACHINE, EventKind.SPEAKERS, added.version, text=read))


def _speakers_read(session: StudySession, version: int | None = None) -> dict[int, str]:
    """Return how the speakers of versions were read when suggestions were made, of one or of all that noted it."""
    from pipeline.store import EventKind

    events = session.store.events.stream(version=version, coder=MACHINE)
    return {e.version: e.text for e in events if e.kind is EventKind.SPEAKERS and e.version is not None}


def _worked(session: StudySession, work: Work, todo: Sequence[Source]) -> tuple[int, list[TranscriptOutcome]]:
    from pipeline.codebook.editing import notice
    from pipeline.store import RunState

    notice(session, begin=True)
    run = session.store.runs.start(session.facts(versions()))
    state = RunState.FAILED
    try:
        outcomes = list(work(run, todo))
        state = RunState.FINISHED
    finally:
        session.store.runs.finish(run, state)
    return run, outcomes


def _is_kept(session: StudySession, source: Source, done: tuple[str, str] | None) -> bool:
    if done is None:
        return False
    try:
        return done == (source.digest(), session.speakers.fingerprint(source.name))
    except InputError:
        return False  # reported in full when the run tries to read the file


def refusal(error: InputError) -> TranscriptOutcome:
    """Return the outcome of a file that was refused before anything else was done with it."""
    return TranscriptOutcome(PurePath(error.place).stem, error.place, OutcomeStatus.REFUSED, error=str(error))


def versions() -> dict[str, str]:
    """Return the versions of everything that bears on a result, by name."""
    return {"python": platform.python_version()} | {name: version_of(name) for name in LIBRARIES}
