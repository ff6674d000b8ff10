"""``/api/speakers``: how the files of a study were read, and what the researcher says about who speaks."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Annotated

from cachetools import LRUCache
from fastapi import APIRouter, Depends

from corpus.errors import InputError, UsageError
from flows.web.errors import REFUSALS
from flows.web.sessions import current_coder
from flows.web.speaker_types import CheckView, SaidView, SpeakersIn, SpeakersView, SpeakerView
from pipeline.settings import FileSpeakers
from pipeline.settings_file import SpeakerChanges, change_speakers
from pipeline.speakers import StudySpeakers, TranscriptCheck, first_words
from pipeline.study import SETTINGS, Source, Study

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService

Coder = Annotated[str, Depends(current_coder)]
FirstWords = Mapping[str | None, str]
"""By label."""
KEPT = 500
"""Files whose first words are kept in memory, so that a change of one does not read all of them again."""


def router(study: Study, service: ReviewService) -> APIRouter:
    """Return the routes of a study's speakers.

    Args:
        study: The study.
        service: The same study under review.
    """
    routes = APIRouter(prefix="/api", tags=["speakers"], responses=REFUSALS)
    readings = SpeakerReadings(study, service)

    @routes.get("/speakers")
    def speakers(_: Coder, *, words: bool = True) -> SpeakersView:
        """Tell how each file was read, doubts first; without the first words of each speaker that is quicker."""
        return readings.view(words=words)

    @routes.post("/speakers")
    def say(_: Coder, body: SpeakersIn) -> SpeakersView:
        """Keep what the researcher says in study.toml, and tell how files are read now; runs go by it from then on."""
        readings.change(SpeakerChanges(**body.model_dump()))
        return readings.view(words=True)

    return routes


class SpeakerReadings:
    """How a study's files are read, looked at anew whenever it is asked for: files and settings change beside the page.

    Args:
        study: The study, with the settings of when the page was opened.
        service: The same study under review.
    """

    def __init__(self, study: Study, service: ReviewService) -> None:
        self._study = study
        self._service = service
        self._lock = Lock()
        self._words: LRUCache[tuple[TranscriptCheck, str], FirstWords] = LRUCache(KEPT)

    def view(self, *, words: bool) -> SpeakersView:
        """Return how each file is read now.

        Args:
            words: With the first words of each speaker, for which files are read that were not read before.
        """
        with self._lock:
            study = self._study.reread()
            checks = sorted(StudySpeakers(study).checks().values(), key=lambda check: (not check.doubts, check.name))
            sources = {source.name: source for source in study.sources().accepted} if words else {}
            shown = [self._shown(study, check, sources.get(check.name)) for check in checks]
        return SpeakersView(
            transcripts=shown,
            doubtful=sum(bool(check.doubts) for check in checks),
            waiting=sum(check.waiting for check in shown),
            said=_said(study.settings.speakers),
        )

    def change(self, changes: SpeakerChanges) -> None:
        """Keep what the researcher says.

        Raises:
            UsageError: If it is about a file that is not there, or the settings cannot be written.
        """
        with self._lock:
            names = [source.name for source in self._study.sources().accepted]
            if changes.file and changes.file not in names:
                raise UsageError("there is no such transcript in the study's folder; look at the page again")
            if changes:
                change_speakers(self._study.folder / SETTINGS, changes)

    def _shown(self, study: Study, check: TranscriptCheck, source: Source | None) -> CheckView:
        with self._service.now() as state:
            version = next((version.id for version in state.current() if version.name == check.name), None)
            coded = "" if version is None else state.event_log.speakers(version)
        return CheckView(
            name=check.name,
            source=check.source,
            version=version,
            speakers=_speakers(check, self._first_words(study, check, source)),
            turns=check.turns,
            timed=check.timed,
            similar=list(check.similar),
            warnings=list(check.warnings),
            error=check.error,
            doubts=check.doubts,
            waiting=not check.error and coded != check.fingerprint,
            said=_said(study.settings.speakers.files.get(check.name, FileSpeakers())),
        )

    def _first_words(self, study: Study, check: TranscriptCheck, source: Source | None) -> FirstWords:
        if check.error or source is None:
            return {}
        try:
            key = check, source.digest()
            if key not in self._words:
                self._words[key] = dict(first_words(study, check))
            return self._words[key]
        except InputError:  # the file changed or left since it was checked: the next look says so
            return {}


def _speakers(check: TranscriptCheck, words: FirstWords) -> list[SpeakerView]:
    return [
        SpeakerView(
            label=speaker.label,
            turns=speaker.turns,
            words=speaker.words,
            role=speaker.role,
            confidence=speaker.confidence,
            doubtful=speaker.label in check.doubtful,
            reason=speaker.reason,
            first_words=words.get(speaker.label, ""),
        )
        for speaker in check.speakers
    ]


def _said(table: FileSpeakers) -> SaidView:
    return SaidView.model_validate(table.model_dump(mode="json", include=set(SaidView.model_fields)))
