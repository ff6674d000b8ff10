"""What a run works with: a study, its store, and its precoder, each made when first needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Self

from corpus.transcript import digest_of
from pipeline.study import Study

STORED = "outcome/v3"
"""What a run stores for each transcript: since v2 runner-up codes and scored sentences, since v3 what is uncertain."""

if TYPE_CHECKING:
    from pipeline.precoder import Precoder
    from pipeline.speakers import StudySpeakers
    from pipeline.store import RunFacts, StudyStore


class StudySession:
    """A study at work. Threads may share one; as a context manager it closes the store.

    Args:
        study: The study.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self._lock = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store: all of the study is in its file then."""
        if "_store" in self.__dict__:
            self._store.close()

    @property
    def store(self) -> StudyStore:
        """The study's store, open."""
        with self._lock:
            return self._store

    @property
    def precoder(self) -> Precoder:
        """The study's precoder; models load and fit at the first transcript, not here."""
        with self._lock:
            return self._precoder

    @property
    def recipe(self) -> str:
        """Digest of what determines what is stored of any transcript: the precoder's recipe and the kind of record."""
        return digest_of("\n".join((self.precoder.recipe, STORED)))

    @property
    def speakers(self) -> StudySpeakers:
        """Who speaks in the study's transcripts, read when first asked for."""
        with self._lock:
            return self._speakers

    def fit(self) -> None:
        """Fit the suggester, or find the one that is kept; other processes then find it, too."""
        _ = self.precoder.suggester

    def facts(self, versions: Mapping[str, str]) -> RunFacts:
        """Return what a run that begins now works with."""
        from pipeline.store import RunFacts

        precoder = self.precoder
        return RunFacts(self.recipe, precoder.model, precoder.codebook.digest, precoder.bank.digest, versions)

    @cached_property
    def _speakers(self) -> StudySpeakers:
        from pipeline.speakers import StudySpeakers

        return StudySpeakers(self.study)

    @cached_property
    def _store(self) -> StudyStore:
        from pipeline.store import StudyStore

        return StudyStore(self.study.database)

    @cached_property
    def _precoder(self) -> Precoder:
        from pipeline.precoder import load_precoder

        return load_precoder(self.study)
