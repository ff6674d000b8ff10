"""What the machine proposes: a span, a code, a calibrated probability, and what speaks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from corpus.transcript import Span

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "authored": "example quotation",
        "published": "quotation from a published study",
        "accepted": "passage coded in this study",
        "rejected": "passage without a code in this study",
    }
)
"""What a reader is told of where a quotation comes from, by its provenance."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A seed quotation near the suggested passage. It explains; it does not decide.

    Attributes:
        similarity: Cosine between passage and quotation, -1 to 1.
    """

    text: str
    similarity: float
    provenance: str

    @property
    def source(self) -> str:
        """Where the quotation comes from, in words."""
        return SOURCES.get(self.provenance, "")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A code proposed for a passage. It is not a coding (`corpus.codings.Coding`) until a person accepts it.

    Attributes:
        span: The passage: one sentence or adjacent sentences with the same code.
        segments: Ids of the sentences the passage covers, in order.
        probability: Calibrated chance that a human coder would give ``code`` here, 0 to 1.
        rank: 1 for the most probable code of the passage's sentences.
        evidence: The nearest seed quotations, nearest first.
        words: The words that weighed most for the code, heaviest first.
        alternatives: The passage's next best codes with their probabilities, best first, at most five.
        uncertain: Whether no coded interview shows that suggestions as probable as this one are right as often as the
            study asks for.
    """

    span: Span
    segments: tuple[str, ...]
    code: str
    probability: float
    rank: int
    evidence: tuple[Evidence, ...] = ()
    words: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()
    uncertain: bool = False
