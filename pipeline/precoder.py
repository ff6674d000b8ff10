"""The precoder: an embedder and a fitted suggester that turn a transcript into suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from threading import Lock

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.errors import CodebookError
from corpus.seeds import SeedBank
from corpus.shipped import SELFIE, selfie_uncoded
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Segment, Transcript, digest_of
from models.embedder import Embedder, FloatArray
from models.encoders import load_encoder
from models.examples import EncodedTexts, encode_with_context
from models.model_cache import load_model, save_model
from models.seed_vectors import examples_of
from models.suggester import VERSION, Suggester
from models.vector_cache import VectorCache
from models.weights import cache_home
from pipeline.embed import WINDOW, embed_segments, participant_segments
from pipeline.learned import LearnedSeeds
from pipeline.passages import Passage, alternatives, passages
from pipeline.segment import SEGMENTER, segment
from pipeline.study import Study

SHOWN = 2
"""Seed quotations that speak for a suggestion."""

ASKED = 8
"""Nearest seed quotations to choose them from: a sentence of a practice interview is often also part of a passage."""

REMEMBERED = 4
"""Transcripts whose scores are kept at hand, because a benchmark asks for scores and for suggestions."""

NOTHING_LEARNED = SeedBank(())


@dataclass(frozen=True)
class Scored:
    """The participant sentences of one transcript with their scores.

    Attributes:
        segments: Participant sentences in order.
        talk: The same sentences as the suggester saw them.
        probabilities: Shape (segments, codes), columns in codebook order, calibrated.
    """

    segments: tuple[Segment, ...]
    talk: EncodedTexts
    probabilities: FloatArray

    @property
    def coded(self) -> FloatArray:
        """Shape (segments,): the chance that a sentence bears any code, codes taken as independent."""
        return np.asarray(1 - np.prod(1 - self.probabilities, axis=1), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Precoded:
    """What a run keeps of one transcript.

    Attributes:
        sentences: The participant sentences that were scored, in order.
    """

    sentences: tuple[Segment, ...]
    suggestions: list[Suggestion]


@dataclass
class Precoder:
    """Suggests codes for transcripts. Threads may share one; models load at the first text.

    Attributes:
        codebook: The framework; its order is the order of columns.
        bank: What the suggester is fitted on; evidence is quoted from it.
        embedder: Text to vectors, usually with a cache.
        kept: Folder of fitted suggesters; None to fit in memory only.
    """

    codebook: Codebook
    bank: SeedBank
    embedder: Embedder
    kept: Path | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)
    _suggester: Suggester | None = field(default=None, repr=False)
    _scored: LRUCache[Transcript, Scored] = field(default_factory=lambda: LRUCache(REMEMBERED), repr=False)

    @property
    def model(self) -> str:
        """Fingerprint of encoder and suggester."""
        return f"{self.embedder.fingerprint}+{VERSION}"

    @property
    def recipe(self) -> str:
        """Digest of everything that determines the suggestions for a transcript."""
        parts = (self.model, SEGMENTER, str(WINDOW), self.codebook.digest, self.bank.digest, version("scikit-learn"))
        return digest_of("\n".join(parts))

    @property
    def suggester(self) -> Suggester:
        """The fitted suggester: kept from an earlier run, or fitted now."""
        with self._lock:
            if self._suggester is None:
                self._suggester = self._kept_or_fitted()
            return self._suggester

    @property
    def thresholds(self) -> FloatArray:
        """The probability from which each code is suggested, shape (codes,)."""
        return self.suggester.thresholds_

    def score(self, transcript: Transcript) -> Scored:
        """Score every participant sentence."""
        with self._lock:
            known = self._scored.get(transcript)
        if known is None:
            known = self._score(transcript)
            with self._lock:
                self._scored[transcript] = known
        return known

    def rank(self, texts: Sequence[str]) -> FloatArray:
        """Return a distribution over codes for passages known to be coded, shape (texts, codes)."""
        if not texts:
            return _rows_of(len(self.codebook.ids))
        return self.suggester.rank(encode_with_context(self.embedder, texts, texts))

    def suggest(self, transcript: Transcript) -> list[Suggestion]:
        """Return the passages whose probability reaches their code's threshold, in order of the text."""
        return self.precode(transcript).suggestions

    def precode(self, transcript: Transcript) -> Precoded:
        """Return what ``suggest`` does with the sentences it is about."""
        scored = self.score(transcript)
        found = passages(scored.segments, scored.probabilities, self.thresholds)
        return Precoded(scored.segments, [self._suggestion(transcript, scored, passage) for passage in found])

    def _score(self, transcript: Transcript) -> Scored:
        segments = participant_segments(segment(transcript))
        if not segments:
            return Scored((), EncodedTexts((), (), _rows_of(0)), _rows_of(len(self.codebook.ids)))
        talk = embed_segments(transcript, segments, self.embedder)
        turns: NDArray[np.intp] = np.array([one.turn for one in segments], dtype=np.intp)
        return Scored(segments, talk, self.suggester.score(talk, turns))

    def _suggestion(self, transcript: Transcript, scored: Scored, passage: Passage) -> Suggestion:
        span = passage.span(scored.segments)
        return Suggestion(
            span=span,
            segments=tuple(one.id for one in passage.segments(scored.segments)),
            code=self.codebook.ids[passage.column],
            probability=round(passage.probability, 4),
            rank=passage.rank,
            evidence=self._evidence(scored.talk.vectors[slice(*passage.rows)], passage.column),
            words=self.suggester.words(span.of(transcript.text), passage.column),
            alternatives=self._alternatives(scored, passage),
        )

    def _alternatives(self, scored: Scored, passage: Passage) -> tuple[tuple[str, float], ...]:
        found = alternatives(passage, scored.probabilities)
        return tuple((self.codebook.ids[column], round(probability, 4)) for column, probability in found)

    def _evidence(self, vectors: FloatArray, column: int) -> tuple[Evidence, ...]:
        middle = vectors.mean(axis=0)
        near = self.suggester.nearest(middle / max(float(np.linalg.norm(middle)), 1e-12), column, most=ASKED)
        shown: list[Evidence] = []
        for one in near:
            quote = self.bank.quotes[one.row]
            if not any(quote.text in other.text or other.text in quote.text for other in shown):
                shown.append(Evidence(quote.text, round(one.similarity, 4), quote.provenance))
        return tuple(shown[:SHOWN])

    def _kept_or_fitted(self) -> Suggester:
        found = load_model(self.kept, self.recipe) if self.kept else None
        if found is not None:
            return found
        examples = examples_of(self.bank, self.codebook, self.embedder, shipped=SELFIE)
        suggester = Suggester([code.domain for code in self.codebook.codes]).fit(examples)
        if self.kept:
            save_model(self.kept, self.recipe, suggester)
        return suggester


def _rows_of(columns: int) -> FloatArray:
    """Return a matrix without rows."""
    return np.zeros((0, columns), dtype=np.float32)


def make_precoder(
    codebook: Codebook,
    seeds: SeedBank,
    embedder: Embedder,
    *,
    learned: SeedBank = NOTHING_LEARNED,
    kept: Path | None = None,
) -> Precoder:
    """Return a precoder for any codebook and bank.

    A bank without examples of uncoded talk is given those that ship with precode, so that there is a real
    "no code" to choose. What a study has ``learned`` comes on top.

    Raises:
        CodebookError: If no seed bears a code.
    """
    bank = (seeds if seeds.uncoded else seeds + selfie_uncoded()) + learned
    if not bank.coded:
        raise CodebookError(f"the seed bank has no quotation for any code of codebook {codebook.name!r}; add some")
    return Precoder(codebook, bank, embedder, kept)


def load_precoder(study: Study) -> Precoder:
    """Return the precoder of a study; nothing is loaded or fitted until the first text.

    A suggester holds words of what it was fitted on. Only one fitted on what ships is kept for all studies; any other
    stays in its study.
    """
    encoder = load_encoder(study.encoder(), allow_network=study.settings.model.allow_network)
    codebook = study.codebook()
    learned, shipped = LearnedSeeds(study.folder).seeds(codebook), not study.settings.study.seeds
    kept = cache_home() if shipped and not learned.quotes else study.cache
    return make_precoder(codebook, study.seeds(), VectorCache(encoder, study.cache), learned=learned, kept=kept)
