"""A study as it is now, in memory: kept current by looking how far decisions, events and outcomes go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import PrecodeError
from pipeline.codebook.editing import notice
from pipeline.codebook.standing import lineage_of
from pipeline.review.coding_columns import CodingColumns
from pipeline.review.decision_log import DecisionLog, Subject
from pipeline.review.errors import Missing
from pipeline.review.event_log import EventLog
from pipeline.review.opinions import OpinionLog
from pipeline.review.ordering import QueueOrder, Rows, teaching
from pipeline.review.sentence_cache import SentenceCache
from pipeline.review.speaker_index import Places, SpeakerIndex
from pipeline.review.suggestion_index import Flags, Stage, States, SuggestionIndex, index_of, stage_of
from pipeline.review.transcript_cache import TranscriptCache
from pipeline.store.records import ChangeCounters

if TYPE_CHECKING:
    from pipeline.review.participant_table import ParticipantTable
    from pipeline.session import StudySession
    from pipeline.store import TranscriptVersion
    from pipeline.study_filter import Filter


class StudyState:
    """All that is held of a study in memory: logs, suggestions as columns, caches. Not locked: its owner is.

    The review page and the figures of ``evaluation.study_quality`` both work on it.

    Args:
        session: The study.
        blind: Everybody codes blind until they are done with a version.
        participants: The study's table of participants; read when first needed where none is given.

    Attributes:
        language: What is spoken, ISO 639-1.
        codebook: The study's codebook; all else is read at the first ``refresh``.
        codebook_problem: Why its file cannot be read now; empty where it can.
        decision_log: What was decided.
        event_log: What was noted beside the decisions.
        opinions: What a language model thinks, where coders may see it.
        index: The suggestions that coders may be asked about.
        precoded: Versions whose newest suggestions were made with this codebook.
        models: Fingerprint of each run's model, by run.
        transcript_cache: Texts that were read last.
        sentence_cache: Participant sentences of all versions that were asked for, as arrays; locks itself.
        speakers: Who speaks where, as the table of participants tells.
        coding_columns: The codings of each version, as columns.
        revision: Grows whenever something was taken in.
    """

    def __init__(
        self, session: StudySession, *, blind: bool = False, participants: ParticipantTable | None = None
    ) -> None:
        self.store = session.store
        self._session = session
        self._stamp = session.study.codebook_stamp()
        notice(session)
        self.codebook = session.study.codebook()
        self.language = session.study.settings.study.language
        self.codebook_problem = ""
        self.decision_log = DecisionLog(self.store, self.codebook.renamed)
        self.event_log = EventLog(self.store, self.codebook.renamed)
        self.opinions = OpinionLog(self.store)
        self.models: Mapping[int, str] = {}
        self.precoded: frozenset[int] = frozenset()
        self.sentence_cache = SentenceCache(self.store)
        self.revision = 0
        self._blind = blind
        self._names: Mapping[str, str] = {}
        self._outcomes = 0
        self._versions: dict[int, TranscriptVersion] = {}
        self._texts: dict[int, list[int]] = {}
        self.index: SuggestionIndex = index_of((), self.codebook, ())
        self.transcript_cache = TranscriptCache(self.store)
        self.speakers = SpeakerIndex(
            participants.current if participants else cache(session.study.participants),
            self.transcript_cache.transcript,
        )
        self.coding_columns = CodingColumns(self.decision_log)
        self._hidden: dict[str, tuple[tuple[int, int, int], frozenset[int]]] = {}
        self._stages: dict[str, States] = {}
        self._teaching: dict[str, Rows] = {}
        self._disagreement: Rows | None = None

    def refresh(self) -> None:
        """Take in what anybody has written since."""
        self._follow_codebook()
        newest = self.store.change_counters()
        if newest.marks != self.event_log.last and self.store.events.coder_names() != self._names:
            self._begin_logs()
        seen = ChangeCounters(self.decision_log.last, self.event_log.last, self._outcomes)
        if newest == seen:
            return
        self.revision += 1
        if newest.outcomes != seen.outcomes:
            self._take_runs(newest.outcomes)
        if newest.marks != seen.marks:
            self.event_log.refresh()
        if newest.outcomes != seen.outcomes or newest.marks != seen.marks:
            self._disagreement = None
            if self.event_log.second or self.opinions.model:
                self.opinions.refresh(self.event_log.second)
        if newest.decisions != seen.decisions:
            touched = self.decision_log.refresh()
            if any(subject.version not in self._versions for subject in touched):
                self.read_versions()  # a version may be coded before any run has worked on it
            for subject in touched:
                self._restage(subject)
                self.coding_columns.forget(subject.version)

    def _follow_codebook(self) -> None:
        """Take in what was changed in the codebook's file; while that cannot be read, the one before goes on."""
        stamp = self._session.study.codebook_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._session.study = self._session.study.reread()
            self._stamp = self._session.study.codebook_stamp()
            notice(self._session)
            book = self._session.study.codebook()
        except PrecodeError as error:
            self.codebook_problem = str(error)
            return
        self.codebook_problem = ""
        if book != self.codebook:
            self.codebook = book
            self.revision += 1
            self._begin_logs()
            self._index_anew()

    def _index_anew(self) -> None:
        """Make the index of suggestions of the codebook as it is now."""
        self.index = self._indexed()
        self._stages.clear()
        self._teaching.clear()
        self._disagreement = None

    def _indexed(self, versions: Collection[int] | None = None, numbered: Sequence[str] = ()) -> SuggestionIndex:
        """Return the index of suggestions that hold under the codebook as it is now.

        Args:
            versions: Only those of these versions; all by default.
            numbered: Codes that have numbers already.
        """
        book = self.codebook
        lineage = lineage_of(self._session, book)
        self.precoded = self.store.runs.precoded(*lineage)
        known = [*book.ids, *(before for before, now in book.renamed.items() if now in book.by_id)]
        candidates = self.store.suggestions.candidates(*lineage, codes=known, versions=versions)
        return index_of(candidates, book, [version.id for version in self.current()], numbered)

    def _begin_logs(self) -> None:
        """Read both logs anew, because coders or codes go by other names now."""
        self._names = self.store.events.coder_names()
        self.decision_log = DecisionLog(self.store, self.codebook.renamed)
        self.event_log = EventLog(self.store, self.codebook.renamed)
        self.coding_columns = CodingColumns(self.decision_log)
        self._stages.clear()
        self._teaching.clear()

    @property
    def basis(self) -> tuple[object, ...]:
        """What every view of the study rests on beside its decisions: runs, codebook, coders' names, language model."""
        return self._outcomes, self.codebook.digest, frozenset(self._names.items()), self.event_log.second

    def version(self, version: int) -> TranscriptVersion:
        """Return what is known of a transcript version.

        Raises:
            Missing: If there is none.
        """
        if version not in self._versions:
            self.read_versions()
        if version not in self._versions:
            raise Missing(f"the study has no transcript version {version}")
        return self._versions[version]

    def current(self) -> list[TranscriptVersion]:
        """Return the current versions by name."""
        return [version for version in self._versions.values() if version.superseded is None]

    def is_hidden(self, coder: str, version: int) -> bool:
        """Tell whether a coder may see nothing of a version but its text and their own codings.

        A corrected text is coded blind by whoever was about to code the other one blind.
        """
        if self.event_log.is_done(coder, version):
            return False
        return self._blind or any(self._codes_blind(coder, text) for text in self._texts.get(version, (version,)))

    def is_blind(self, coder: str, version: int) -> bool:
        """Tell whether what a coder decides on a version now counts as blind: hidden, and never open to them before."""
        return self.is_hidden(coder, version) and not self.has_seen(coder, version)

    def has_seen(self, coder: str, version: int) -> bool:
        """Tell whether suggestions on any text of a transcript were open to a coder who answered one or was done."""
        texts = self._texts.get(version, (version,))
        answered = (
            subject.coder == coder and subject.suggestion is not None
            for text in texts
            for subject in self.decision_log.of_version(text)
        )
        return any(answered) or any(self.event_log.ended(coder, text) is not None for text in texts)

    def hidden(self, coder: str) -> frozenset[int]:
        """Return all versions that are hidden from a coder; worked out anew when anything was taken in."""
        now = (self.revision, self.event_log.last, self.decision_log.last)
        if coder not in self._hidden or self._hidden[coder][0] != now:
            known = self.decision_log.versions | self._versions.keys()  # one may be coded before any run is over
            self._hidden[coder] = now, frozenset(version for version in known if self.is_hidden(coder, version))
        return self._hidden[coder][1]

    def stages(self, coder: str) -> States:
        """Return how far a coder is with each suggestion, by row of the index; not to be changed."""
        if coder not in self._stages:
            self._stages[coder] = np.full(len(self.index), Stage.UNDECIDED, dtype=np.int8)
            for subject in self.decision_log.of_suggestions():
                if subject.coder == coder:
                    self._restage(subject)
        return self._stages[coder]

    def places(self, wanted: Filter, coder: str) -> Places:
        """Return where a filter looks in current versions that are not hidden from a coder."""
        hidden = self.hidden(coder)
        seen = (version for version in self.current() if wanted.version in {None, version.id})
        return self.speakers.places((version for version in seen if version.id not in hidden), wanted)

    def matching(self, wanted: Filter, coder: str) -> Flags:
        """Return which rows of the index a filter means that are not hidden from a coder, shape (rows,)."""
        flags = self.index.matching(wanted, self.hidden(coder))
        if wanted.where:
            flags &= self.places(wanted, coder).holding(self.index.versions, self.index.starts)
        return flags

    def order(self, order: QueueOrder, coder: str, *, anew: bool) -> Rows:
        """Return the rows in an order; that which teaches most stays as it is until it is asked for ``anew``.

        Args:
            order: Which one.
            coder: Whose decisions tell what teaches most.
            anew: Whether what teaches most is worked out again.
        """
        if order is QueueOrder.DISAGREE:
            if self._disagreement is None:
                self._disagreement = self.opinions.disagreement(self.index)
            return self._disagreement
        if order is not QueueOrder.TEACH:
            return self.index.order(order)
        if anew or coder not in self._teaching:
            decided = self.stages(coder) != Stage.UNDECIDED
            self._teaching[coder] = teaching(self.index.code_numbers, self.index.probabilities, decided)
        return self._teaching[coder]

    def _codes_blind(self, coder: str, version: int) -> bool:
        return self.event_log.begun_blind(coder, version) and not self.event_log.is_done(coder, version)

    def read_versions(self) -> None:
        """Take in texts that no run has worked on yet."""
        self.revision += 1
        self._versions = {version.id: version for version in self.store.transcripts.versions(superseded=True)}
        named: defaultdict[str, list[int]] = defaultdict(list)
        for version in self._versions.values():
            named[version.name].append(version.id)
        self._texts = {version.id: named[version.name] for version in self._versions.values()}

    def _restage(self, subject: Subject) -> None:
        stages = self._stages.get(subject.coder)
        row = None if subject.suggestion is None else self.index.row(subject.suggestion)
        if stages is not None and row is not None:
            stages[row] = stage_of(subject.standing)

    def _take_runs(self, newest: int) -> None:
        """Take in what runs have stored since; of other versions everything stays."""
        touched, before = self.store.runs.versions_since(self._outcomes), self.index
        self.read_versions()
        fresh = self._indexed(touched if len(before) else None, before.codes)
        self.index = before.renewed(fresh, touched)
        self.models = {run.id: run.facts.model for run in self.store.runs.all()}
        self.transcript_cache.forget(touched)
        self.sentence_cache.forget(touched)
        self.speakers.forget(touched)
        self._stages = {coder: self.index.carried(before, stages) for coder, stages in self._stages.items()}
        for subject in chain.from_iterable(map(self.decision_log.of_version, touched)):
            self._restage(subject)
        self._teaching.clear()
        self._outcomes = newest
