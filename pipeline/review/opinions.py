"""What a language model thinks of the passages under review, where coders may see it; nothing here asks anything."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from corpus.codebook import NO_CODE
from corpus.transcript import Span
from pipeline.review.ordering import Floats, Rows, by
from pipeline.review.views import OpinionView

if TYPE_CHECKING:
    from pipeline.review.suggestion_index import SuggestionIndex
    from pipeline.store import StoredOpinion, StudyStore


class OpinionLog:
    """The choices of the one model whose opinions are shown; empty where none is. Not locked: its owner is.

    Args:
        store: Where they are.

    Attributes:
        model: Fingerprint of the model; empty for none.
    """

    def __init__(self, store: StudyStore) -> None:
        self._store = store
        self._by_version: dict[int, list[StoredOpinion]] = {}
        self.model = ""

    def refresh(self, model: str) -> None:
        """Take in what a model has answered by now; an empty fingerprint forgets everything."""
        self.model = model
        found: defaultdict[int, list[StoredOpinion]] = defaultdict(list)
        for opinion in self._store.opinions.stream(model) if model else ():
            if not opinion.code:
                found[opinion.version].append(opinion)
        self._by_version = dict(found)

    @property
    def versions(self) -> frozenset[int]:
        """The transcript versions that the model was asked about."""
        return frozenset(self._by_version)

    def choices(self, version: int) -> list[tuple[Span, str]]:
        """Return what the model chose for each passage of a version that it was asked about; ``NO_CODE`` for none."""
        return [(opinion.span, _best(opinion)) for opinion in self._by_version.get(version, ())]

    def view(self, version: int, span: Span, code: str) -> OpinionView | None:
        """Return what the model says to a suggestion; None where it was not asked.

        Args:
            version: The transcript version.
            span: Of the suggestion.
            code: The suggested one.
        """
        near = [opinion for opinion in self._by_version.get(version, ()) if opinion.span.shares_half(span, of="either")]
        if not near:
            return None
        opinion = max(near, key=lambda opinion: (2 * opinion.span.overlap(span) - len(opinion.span), opinion.id))
        best = _best(opinion)
        chance = round(opinion.chances[best], 4)
        if best == NO_CODE:
            return OpinionView("none", None, chance, opinion.model)
        return OpinionView("same" if best == code else "other", best, chance, opinion.model)

    def disagreement(self, index: SuggestionIndex) -> Rows:
        """Return all rows of an index, those first in which the model is surest of something else.

        Suggestions that it was not asked about come last; among equals, the least certain one is first.

        Args:
            index: The suggestions.
        """
        strength: Floats = np.full(len(index), -2.0)
        for row in np.flatnonzero(np.isin(index.versions, list(self._by_version))).tolist():
            span = Span(int(index.starts[row]), int(index.ends[row]))
            view = self.view(int(index.versions[row]), span, index.codes[index.code_numbers[row]])
            if view is not None:
                strength[row] = -view.probability if view.says == "same" else view.probability
        return by(-strength, index.probabilities, index.ids)


def _best(opinion: StoredOpinion) -> str:
    return max(opinion.chances, key=opinion.chances.__getitem__)
