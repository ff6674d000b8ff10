"""Typing errors corrected on the page: kept in the study's ``corrections.jsonl`` and in the text at once.

The text that a correction makes takes the place of the one before it: suggestions are put onto it until the next run
makes them anew, and what people decided follows word for word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import LRUCache

from corpus.corrections import Corrected, Correction, Fit
from corpus.errors import InputError
from corpus.transcript import Span
from pipeline.carry import carry_forward
from pipeline.corrections import CorrectionLog
from pipeline.review.errors import Missing, Outdated
from pipeline.review.views import CorrectedView, CorrectionView
from pipeline.settings import load_settings
from pipeline.speakers import StudySpeakers
from pipeline.study import SETTINGS, Source, Study

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.store import TranscriptVersion

KEPT = 100
"""Files whose corrections are kept in memory as they fit, so that they are not read again to be listed."""
CHANGED = "the text was corrected meanwhile; look at the current one and correct it there"
TAKEN_BACK = "this correction was taken back meanwhile; select the words and correct them again"
FILE_CHANGED = "the file of this transcript changed since it was read; type precode run, then correct its text"


@dataclass(frozen=True, slots=True)
class Selected:
    """Words that a coder selected to correct.

    Attributes:
        version: The text they are in.
        span: Where they are in it.
        words: What they are, as the coder saw them.
    """

    version: int
    span: Span
    words: str


class Correcting:
    """Corrects texts of a study under review, one at a time. Threads may share one.

    Args:
        study: The study.
        service: The same study under review.
    """

    def __init__(self, study: Study, service: ReviewService) -> None:
        self._study = study
        self._service = service
        self._log = CorrectionLog(study.folder)
        self._lock = Lock()
        self._fits: LRUCache[tuple[Source, str], Corrected] = LRUCache(KEPT)

    def correct(self, coder: str, selected: Selected, right: str, key: str) -> CorrectedView:
        """Correct words and return where the right ones stand in the text that is current from now on.

        Args:
            coder: Who corrects.
            selected: The words as they are.
            right: As they should be; empty to remove them.
            key: Made by the page; the same when it is sent again, and the id of the correction.

        Raises:
            Missing: If there is no such text.
            Outdated: If the text is not the current one any more, or its file changed.
            UsageError: If the words cannot be corrected like that; says why.
        """
        with self._lock:
            known = {correction.id: correction for correction in self._log.in_force()}
            if key not in known:
                if any(row.id == key for row in self._log.rows()):
                    raise Outdated(TAKEN_BACK)
                self._correct(coder, selected, right, key)
            made = known.get(key) or next(found for found in self._log.in_force() if found.id == key)
            return self._where(made)

    def take_back(self, coder: str, correction: str, key: str) -> CorrectedView:
        """Take a correction back, whoever made it, and return where its words stand now.

        Args:
            coder: Who takes it back.
            correction: Its id.
            key: Made by the page.

        Raises:
            Missing: If there is no such correction in force.
        """
        with self._lock:
            made = next((found for found in self._log.in_force() if found.id == correction), None)
            if made is None:
                raise Missing("there is no such correction (any more)")
            study = self._study_now()
            source = _source_of(study, made)
            before = None if source is None else self._fit(study, source)
            with self._service.now() as state:
                self._log.take_back(correction, key=key, coder=coder)
                version = None if source is None else _current(state, source.name)
                if before is None or version is None or version.digest != before.transcript.digest:
                    return CorrectedView(version.id if version else None, made.transcript, correction)
                place, (current, after) = before.places().get(correction), _install(state, study, version, before)
            moved = place and before.revision(after).move(place)
            span = moved.span if moved else Span(0, 1)
            return CorrectedView(current, version.name, correction, span.start, span.end)

    def listed(self) -> list[CorrectionView]:
        """Return the corrections that were not taken back, each with what became of it."""
        with self._lock:
            made, study = self._log.in_force(), self._study_now()
            sources = study.sources().accepted if made else ()
            fitted = {source.name: self._fit(study, source) for source in sources if source.corrections}
        with self._service.now() as state:
            current = {version.name: version.id for version in state.current()}
        views = {view.id: view for name, corrected in fitted.items() for view in _views(made, name, corrected, current)}
        return [views.get(found.id) or _view(found, Fit.LOST, found.transcript, None, None) for found in made]

    def _correct(self, coder: str, selected: Selected, right: str, key: str) -> None:
        with self._service.now() as state:
            version = state.version(selected.version)
        study = self._study_now()
        source = next((source for source in study.sources().accepted if source.name == version.name), None)
        if version.superseded is not None:
            raise Outdated(CHANGED)
        if source is None:
            raise Outdated(FILE_CHANGED)
        before = study.read_corrected(source)
        if before.transcript.digest != version.digest or selected.span.of(before.transcript.text) != selected.words:
            raise Outdated(FILE_CHANGED)
        quote, words = before.propose(selected.span, right)
        correction = Correction(
            id=key,
            transcript=source.name,
            file=replace(source, corrections="").digest(),
            before=quote.before,
            words=quote.words,
            after=quote.after,
            right=words,
            coder=coder,
            time=datetime.now(UTC),
            place=quote.place,
        )
        StudySpeakers(study).checks()  # now, and not while everybody waits
        with self._service.now() as state:
            current = _current(state, source.name)
            if current is None or current.id != version.id:
                raise Outdated(CHANGED)
            self._log.add(correction)
            _install(state, study, version, before)

    def _where(self, made: Correction) -> CorrectedView:
        """Return where the right words of a correction stand."""
        study = self._study_now()
        source = _source_of(study, made)
        corrected = None if source is None else self._fit(study, source)
        with self._service.now() as state:
            version = None if source is None else _current(state, source.name)
        span = corrected.places().get(made.id) if corrected else None
        if version is None or span is None:
            return CorrectedView(version.id if version else None, made.transcript, made.id)
        return CorrectedView(version.id, version.name, made.id, span.start, span.end)

    def _fit(self, study: Study, source: Source) -> Corrected | None:
        """Return a file's text with its corrections; None if it cannot be read now, which a run tells."""
        try:
            key = source, source.digest()
            if key not in self._fits:
                self._fits[key] = study.read_corrected(source)
            return self._fits[key]
        except InputError:
            return None

    def _study_now(self) -> Study:
        """Return the study as its settings are now: who speaks may have been said since the page was opened."""
        settings, warnings = load_settings(self._study.folder / SETTINGS)
        return replace(self._study, settings=settings, warnings=warnings)


def _install(state: StudyState, study: Study, version: TranscriptVersion, before: Corrected) -> tuple[int, Corrected]:
    """Make the text as it is corrected now the current one, take everything along, and return its version.

    Args:
        state: The study under review.
        study: The same with its settings as they are now.
        version: What was current until now.
        before: Its text.
    """
    sources = study.sources().accepted
    source = next(source for source in sources if source.name == version.name)
    after = study.corrected(before.original, source)
    added = state.store.transcripts.add(StudySpeakers(study).judged(after.transcript), source).version
    if added == version.id:  # what was taken back had been replaced before
        return added, after
    mover = before.revision(after)

    def place(span: Span) -> Span | None:
        moved = mover.move(span)
        return None if moved is None else moved.span

    state.store.runs.move(version.id, added, place)
    carry_forward(state.store, {source.name for source in sources}, {(version.id, added): mover})
    state.read_versions()
    state.refresh()
    return added, after


def _current(state: StudyState, name: str) -> TranscriptVersion | None:
    return next((version for version in state.current() if version.name == name), None)


def _source_of(study: Study, made: Correction) -> Source | None:
    """Return the file whose text a correction is about, also under another name; None if it is gone."""
    return next(
        (
            source
            for source in study.sources().accepted
            if source.corrections and any(found.id == made.id for found in study.corrections(source))
        ),
        None,
    )


def _views(
    made: Sequence[Correction], name: str, corrected: Corrected | None, current: Mapping[str, int]
) -> Iterator[CorrectionView]:
    """Yield the corrections of one transcript.

    Args:
        made: All of the study's.
        name: Of the transcript.
        corrected: Its text; None where its file cannot be read.
        current: Current versions by name.
    """
    places = corrected.places() if corrected else {}
    for correction in made:
        if corrected and correction.id in corrected.fits:
            fit = corrected.fits[correction.id]
            yield _view(correction, fit, name, current.get(name), places.get(correction.id))


def _view(made: Correction, fit: Fit, name: str, version: int | None, span: Span | None) -> CorrectionView:
    """Return a correction as the page shows it.

    Args:
        made: The correction.
        fit: What became of it.
        name: Of its transcript now.
        version: The current text of that, if there is one.
        span: Where the right words stand in it, if they do.
    """
    return CorrectionView(
        id=made.id,
        transcript=name,
        version=version,
        before=made.before,
        words=made.words,
        after=made.after,
        right=made.right,
        coder=made.coder,
        time=made.time,
        fit=fit,
        start=None if span is None else span.start,
        end=None if span is None else span.end,
    )
