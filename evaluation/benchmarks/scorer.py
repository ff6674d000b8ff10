"""What a benchmark asks of a suggester. ``pipeline.precoder.Precoder`` has this shape; so have the fakes in tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.suggestion import Suggestion
from corpus.transcript import Segment, Transcript


class ScoredTalk(Protocol):
    """The participant sentences of one transcript with their scores."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Participant sentences in order."""
        ...

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Shape (sentences, codes), columns in codebook order."""
        ...

    @property
    def coded(self) -> NDArray[np.float32]:
        """Shape (sentences,): the chance that a sentence bears any code."""
        ...


class Scorer(Protocol):
    """A fitted suggester."""

    @property
    def codebook(self) -> Codebook:
        """The framework; its order is the order of columns."""
        ...

    @property
    def recipe(self) -> str:
        """Digest of everything that determines the scores."""
        ...

    @property
    def model(self) -> str:
        """Fingerprint of the encoder."""
        ...

    def score(self, transcript: Transcript) -> ScoredTalk:
        """Score every participant sentence."""
        ...

    def rank(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return probabilities of shape (texts, codes) for passages taken as given."""
        ...

    def suggest(self, transcript: Transcript) -> list[Suggestion]:
        """Return the passages suggested at the operating threshold."""
        ...
