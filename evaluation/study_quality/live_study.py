"""What a study's store says, as columns, read again only when it says something new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np

from corpus.codebook import Codebook
from corpus.transcript import Span
from evaluation.metrics.grouping import Flags, Floats
from evaluation.study_quality.sentences import CodedSpans, Numbers, SentenceRow, row_of
from pipeline.store import Action, ChangeCounters, CurrentDecision, Decision, Event, EventKind, StudyStore
from pipeline.store.event_records import AUDITED
from pipeline.store.fold import fold

T = TypeVar("T")
PEOPLE = 64
"""How many things about coders are remembered: more than coders times what is asked of them."""
FINISHING = frozenset({EventKind.DONE, EventKind.REOPENED})
COLUMNS = np.dtype([("id", "i8"), ("version", "i8"), ("start", "i8"), ("end", "i8"), ("code", "i8"), ("chance", "f8")])
Audits = dict[tuple[int, Span], bool]
"""Audited sentences, each with whether a code was missing."""


@dataclass(frozen=True)
class Suggested:
    """The suggestions coders are asked about, as columns in the order of their ids.

    Attributes:
        ids: Of each suggestion.
        marks: Where each is and its code.
        chances: The probability of each.
    """

    ids: Numbers
    marks: CodedSpans
    chances: Floats

    def only(self, kept: Flags) -> Suggested:
        """Return those that are ``kept``, shape (suggestions,)."""
        return Suggested(self.ids[kept], self.marks.only(kept), self.chances[kept])


class Kept:
    """Remembers what was made from the store until a pulse moves.

    Args:
        limit: How many things; the oldest are forgotten. All by default.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._made: dict[Hashable, tuple[object, object]] = {}

    def get(self, key: Hashable, pulse: object, make: Callable[[], T]) -> T:
        """Return what was made for this key at this pulse, or make it."""
        held = self._made.get(key)
        if held is not None and held[0] == pulse:
            return held[1]  # type: ignore[return-value]  # a key always stands for one maker
        made = make()
        self._made.pop(key, None)
        self._made[key] = (pulse, made)
        if self._limit is not None and len(self._made) > self._limit:
            del self._made[next(iter(self._made))]
        return made


class LiveStudy:
    """The store of one study with the codes of one codebook, as it was at the last ``look``. One thread at a time.

    Args:
        store: The study's store.
        codebook: Suggestions and codings of other codes do not enter.

    Attributes:
        versions: Names of the current transcript versions, in the order of the names.
    """

    def __init__(self, store: StudyStore, codebook: Codebook) -> None:
        self.codebook = codebook
        self._store = store
        self._columns = {code: n for n, code in enumerate(codebook.ids)}
        self._since = Kept()
        self._people = Kept(PEOPLE)
        self._logs: dict[str, list[Decision]] = {}
        self._pulse = ChangeCounters(0, 0, 0)
        self.versions: dict[int, str] = {}

    def look(self) -> object:
        """Look whether anything has changed; the answer differs from the last one if so."""
        self._pulse = self._store.change_counters()
        self.versions = {one.id: one.name for one in self._store.transcripts.versions()}
        return self._pulse, self.versions

    def precoded(self) -> frozenset[int]:
        """Return the versions whose newest suggestions were made with this codebook."""
        return self._since_run("precoded", lambda: self._store.runs.precoded(self.codebook.digest))

    def suggested(self, versions: Collection[int]) -> Suggested:
        """Return the suggestions of these versions."""
        everything = self._since_run("suggested", self._read_suggested)
        return everything.only(np.isin(everything.marks.versions, list(versions)))

    def row(self, versions: Collection[int]) -> SentenceRow:
        """Return the participant sentences of these versions."""
        return row_of({version: self._sentences(version) for version in versions})

    def standings(self, coder: str) -> list[CurrentDecision]:
        """Return where a coder stands on everything they decided on."""
        return self._people.get(("standings", coder), self._pulse.decisions, lambda: fold(self._log(coder)))

    def moments(self, coder: str) -> list[datetime]:
        """Return when a coder decided on suggestions, those taken back included."""
        return [one.time for one in self._log(coder) if one.suggestion is not None]

    def begun(self, coder: str) -> frozenset[int]:
        """Return the versions in which a coder has decided anything."""
        decisions = (one.decision for one in self.standings(coder))
        return frozenset(one.version for one in decisions if one.action is not Action.MEMO)

    def coded(self, coder: str, versions: Collection[int]) -> CodedSpans:
        """Return what a coder has coded in these versions."""
        codings = (one.decision for one in self.standings(coder) if one.coded)
        return self._marks(one for one in codings if one.version in versions)

    def done(self, coder: str) -> frozenset[int]:
        """Return the versions that a coder has marked as done and not reopened."""
        last = {mark.version: mark.kind for mark in self._marked(coder) if mark.kind in FINISHING}
        return frozenset(version for version, kind in last.items() if version and kind is EventKind.DONE)

    def audits(self, coder: str) -> Audits:
        """Return what a coder's last look at each audited sentence found."""
        looked = (mark for mark in self._marked(coder) if mark.kind in AUDITED)
        return {(m.version, m.span): m.kind is EventKind.AUDITED_FOUND for m in looked if m.version and m.span}

    def _since_run(self, key: str, make: Callable[[], T]) -> T:
        return self._since.get(key, self._pulse.outcomes, make)

    def _read_suggested(self) -> Suggested:
        found = self._store.suggestions.candidates(self.codebook.digest)
        known = ((c.id, c.version, c.start, c.end, self._columns.get(c.code, -1), c.probability) for c in found)
        rows = np.fromiter((row for row in known if row[4] >= 0), dtype=COLUMNS)
        return Suggested(
            rows["id"], CodedSpans(rows["version"], rows["start"], rows["end"], rows["code"]), rows["chance"]
        )

    def _sentences(self, version: int) -> Numbers:
        return self._since_run(f"sentences {version}", lambda: self._read_sentences(version))

    def _read_sentences(self, version: int) -> Numbers:
        spans = (offset for one in self._store.runs.sentences(version) for offset in (one.span.start, one.span.end))
        return np.fromiter(spans, dtype=np.int64).reshape(-1, 2)

    def _log(self, coder: str) -> list[Decision]:
        log = self._logs.get(coder, [])
        log.extend(self._store.decisions.stream(coder=coder, after=log[-1].id if log else 0))
        if log:
            self._logs[coder] = log
        return log

    def _marked(self, coder: str) -> list[Event]:
        return self._people.get(("marks", coder), self._pulse.marks, lambda: [*self._store.events.stream(coder=coder)])

    def _marks(self, decisions: Iterable[Decision]) -> CodedSpans:
        coded = ((one.version, one.span, self._columns.get(one.code or "", -1)) for one in decisions)
        rows = [(version, span.start, span.end, code) for version, span, code in coded if span and code >= 0]
        return CodedSpans(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)
