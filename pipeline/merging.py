"""Two copies of one study become one: what a colleague decided in a copy comes over, once.

A decision that both copies hold is known by its key, or, where it has none, by its coder, time, passage and code. So
merging twice doubles nothing, and copies may be merged in any order. Texts and files of this study stay as they are;
decisions on other texts of the other copy follow their words into the current ones (``pipeline.carry``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from corpus.codebook import Codebook
from corpus.coders import MACHINE
from corpus.errors import InputError
from corpus.transcript import Transcript, digest_of
from pipeline.carry import carry_forward
from pipeline.corrections import CorrectionLog
from pipeline.session import StudySession
from pipeline.study import Source, Study

if TYPE_CHECKING:
    from pipeline.store import Decision, Event, NewDecision, StoredSuggestion, StudyStore, TranscriptVersion

KEY = "merged"
Place = tuple[str, str]
"""Name and digest of a text: the same in every copy of a study."""


@dataclass
class MergeReport:
    """What came over.

    Attributes:
        transcripts: Names of files that were not here before.
        decisions: Entries of the log, codings and all else, that were not here before.
        events: Memos, summaries, ends of work and audits, likewise.
        corrections: Corrections of texts, and what was taken back of them, likewise.
        codes: Ids of codes that were not here before.
        moved: Codings of other texts that now stand on the current ones.
        conflicts: What both copies have and what differs, one line each; no transcript text.
    """

    transcripts: list[str] = field(default_factory=list)
    decisions: int = 0
    events: int = 0
    corrections: int = 0
    codes: list[str] = field(default_factory=list)
    moved: int = 0
    conflicts: list[str] = field(default_factory=list)


def merge_study(other: Study, into: Study) -> MergeReport:
    """Bring transcripts, codes, decisions and events of another copy over.

    Args:
        other: The colleague's copy; it is not changed.
        into: The study that takes them in.

    Raises:
        PrecodeError: If one of them cannot be read, or ``into`` cannot be written.
    """
    report = MergeReport()
    with StudySession(into) as ours:
        _merge_codes(other.codebook(), ours, report)
    _merge_files(other, into, report)
    report.corrections = CorrectionLog(into.folder).take_in(CorrectionLog(other.folder))
    with StudySession(other) as theirs, StudySession(into) as ours:
        _Logs(theirs.store, ours.store, report).merge()
        names = {source.name for source in into.sources().accepted}
        report.moved = sum(changed.moved for changed in carry_forward(ours.store, names))
        report.conflicts += _disagreements(ours.store)
    return report


def _merge_codes(theirs: Codebook, into: StudySession, report: MergeReport) -> None:
    """Add codes that only the other codebook has; what both define otherwise is listed."""
    from pipeline.codebook.editing import edit_codebook
    from pipeline.codebook.edits import TakeIn

    ours = into.study.codebook()
    if theirs.digest == ours.digest:
        return
    fresh = [code for code in theirs.codes if not ours.knows(code.id)]
    own = (into.study.folder / into.study.settings.study.codebook).is_file()
    if fresh and (own or theirs.name == ours.name):  # a copy of the one that ships is edited
        edit_codebook(into, TakeIn(tuple(fresh), theirs.removed), coder=MACHINE, file="")
        report.codes += [code.id for code in fresh]
    elif fresh:
        listed = ", ".join(code.id for code in fresh)
        report.conflicts.append(f"codebook: {listed} stay out, because this study uses another codebook, which ships")
    report.conflicts += _defined_otherwise(theirs, ours)


def _defined_otherwise(theirs: Codebook, ours: Codebook) -> Iterator[str]:
    for code in theirs.codes:
        mine = ours.by_id.get(code.id)
        if mine is not None and mine != code:
            yield f"codebook: {code.id} is described otherwise in the other copy; this study's stays"


def _merge_files(other: Study, into: Study, report: MergeReport) -> None:
    """Copy the files that are not here; of two that differ under one name this study's stays."""
    here = {source.name: source for source in into.sources().accepted}
    for source in other.sources().accepted:
        if source.name not in here:
            refused = into.import_files([source.path]).refused
            report.conflicts += map(str, refused)
            report.transcripts += [] if refused else [source.name]
        elif _differs(source, here[source.name]):
            report.conflicts.append(f"{source.relative} differs in the other copy; this study's stays")


def _differs(theirs: Source, ours: Source) -> bool:
    try:
        theirs, ours = (replace(source, corrections="") for source in (theirs, ours))  # those are joined
        return theirs.digest() != ours.digest()
    except InputError:
        return True


class _Logs:
    """The logs of two copies, one of which takes in what it does not have.

    Args:
        theirs: The store that is read.
        ours: The store that is written.
        report: Counts what comes over.
    """

    def __init__(self, theirs: StudyStore, ours: StudyStore, report: MergeReport) -> None:
        self._theirs, self._ours, self._report = theirs, ours, report
        self._their_places = _places(theirs)
        self._versions = {place: version for version, place in _places(ours).items()}
        self._suggestions: dict[int, list[StoredSuggestion]] = {}
        self._known = {_identity(entry, _places(ours)): entry.id for entry in ours.decisions.stream()}

    def merge(self) -> None:
        """Bring texts, decisions and events over, in that order."""
        for version in self._theirs.transcripts.versions(superseded=True):
            self._keep_text(version)
        ids: dict[int, int] = {}
        for decision in self._theirs.decisions.stream():
            identity = _identity(decision, self._their_places)
            if identity not in self._known:
                draft = self._draft(decision, ids, identity)
                if draft is None:
                    continue
                self._known[identity] = self._ours.decisions.add(draft)[0].id
                self._report.decisions += 1
            ids[decision.id] = self._known[identity]
        self._merge_events()

    def _keep_text(self, version: TranscriptVersion) -> None:
        place = version.name, version.digest
        if place not in self._versions:
            transcript: Transcript = self._theirs.transcripts.get(version.id)
            self._versions[place] = self._ours.transcripts.keep(transcript, version)

    def _draft(self, decision: Decision, ids: Mapping[int, int], identity: str) -> NewDecision | None:
        """Return a decision as one of ours; None for an answer to a suggestion that was never made here."""
        from pipeline.store import Action

        version = self._versions[self._their_places[decision.version]]
        previous = None if decision.previous is None else ids.get(decision.previous)
        suggestion = None if decision.suggestion is None else self._suggestion(decision, version)
        action = decision.action
        if decision.suggestion is not None and suggestion is None and action is Action.ACCEPT:
            action = Action.CODE
        needs = {Action.UNDO: previous, Action.UNSURE: suggestion, Action.REJECT: suggestion or previous}
        if needs.get(action, 0) is None:
            return None
        return decision.to_new(
            version=version,
            action=action,
            suggestion=suggestion,
            previous=previous,
            key=decision.key or identity,
        )

    def _suggestion(self, decision: Decision, version: int) -> int | None:
        """Return our suggestion of the same passage and code."""
        if version not in self._suggestions:
            self._suggestions[version] = list(self._ours.suggestions.stream(version=version))
        for stored in self._suggestions[version]:
            same = decision.span and stored.suggestion.span.shares_half(decision.span, of="both")
            if same and stored.suggestion.code == decision.code:
                return stored.id
        return None

    def _merge_events(self) -> None:
        from pipeline.store.event_records import OF_STUDY, EventKind

        places = _places(self._ours)
        self._report.conflicts += _summarised_twice(self._theirs, self._ours)
        known = Counter(_event_identity(event, places) for event in self._ours.events.stream())
        for event in self._theirs.events.stream():
            identity = _event_identity(event, self._their_places)
            if event.kind in OF_STUDY:
                # Whose opinions are seen here is decided here; entries come over under today's names.
                continue
            if known[identity]:  # of equal ones, as of a transcript done, opened again and done, as many as there are
                known[identity] -= 1
                continue
            version = None if event.version is None else self._versions[self._their_places[event.version]]
            kept = event.time if event.kind is EventKind.SUMMARY else None  # the later of two summaries holds
            self._ours.events.add(event.to_new(version=version), kept)
            self._report.events += 1


def _places(store: StudyStore) -> dict[int, Place]:
    versions = store.transcripts.versions(superseded=True)
    return {version.id: (version.name, version.digest) for version in versions}


def _identity(decision: Decision, places: Mapping[int, Place]) -> str:
    """Return what tells a decision in every copy of a study; at most 64 characters, so that it may be its key."""
    if decision.key is not None:
        return decision.key
    span = decision.span
    parts = (
        *places[decision.version],
        decision.coder,
        decision.time.isoformat(timespec="microseconds"),
        str(decision.action),
        "" if span is None else f"{span.start}-{span.end}",
        decision.code or "",
        decision.memo,
    )
    return f"{KEY}:{digest_of(chr(31).join(parts))[:48]}"


def _event_identity(event: Event, places: Mapping[int, Place]) -> tuple[object, ...]:
    from pipeline.store import EventKind

    place = None if event.version is None else places[event.version]
    time = event.time if event.kind is EventKind.SUMMARY else None  # what a cell says may be what it said before
    return event.coder, event.kind, place, event.span, event.code, event.text, time


def _summarised_twice(theirs: StudyStore, ours: StudyStore) -> Iterator[str]:
    """Yield a line for each transcript of whose matrix both copies summarised the same cells, each in its way."""
    mine, other = (_summaries(store) for store in (ours, theirs))
    known = {place: {text for _, text in written} for place, written in mine.items()}
    differ = Counter(
        name
        for (name, digest, code), written in other.items()
        if (there := mine.get((name, digest, code)))
        and written[-1][1] not in known[name, digest, code]
        and there[-1][1] not in {text for _, text in written}
    )
    for name, count in differ.items():
        yield f"{name}: {count} cells of the matrix were summarised in both copies; the later summary stands in each"


def _summaries(store: StudyStore) -> dict[tuple[str, str, str], list[tuple[datetime, str]]]:
    """Return what every cell said, in the order of time, by name and digest of the text and code."""
    from pipeline.store import EventKind

    places, found = _places(store), defaultdict[tuple[str, str, str], list[tuple[datetime, str]]](list)
    for event in store.events.stream():
        if event.kind is EventKind.SUMMARY and event.version is not None:
            found[(*places[event.version], event.code or "")].append((event.time, event.text))
    return {place: sorted(written) for place, written in found.items()}


def _disagreements(store: StudyStore) -> Iterator[str]:
    """Yield a line for each transcript on which coders differ about the same passage; Compare shows them."""
    for version in store.transcripts.versions():
        codings = [current.decision for current in store.decisions.codings(version=version.id)]
        differ = sum(
            first.coder != second.coder
            and first.code != second.code
            and first.span is not None
            and second.span is not None
            and first.span.shares_half(second.span, of="both")
            for number, first in enumerate(codings)
            for second in codings[number + 1 :]
        )
        if differ:
            yield f"{version.name}: coders gave {differ} passages different codes; the page's Compare shows them"
