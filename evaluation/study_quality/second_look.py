"""A coder's codings that look unlike the others with their code, with their words, for page and command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.study_quality.consistency import OddPassage, odd_passages

if TYPE_CHECKING:
    from models.embedder import Embedder
    from pipeline.review.service import ReviewService
    from pipeline.store.records import Decision

LONGEST = 300
"""Characters of a passage that are shown."""


@dataclass(frozen=True, slots=True)
class OddCoding:
    """A coding that looks unlike the others with its code.

    Attributes:
        text: Its words, cut after ``LONGEST`` characters.
        similarity: Mean cosine to the most similar others with the code, beside what is ``usual`` for the code.
        nearer: Id of the code whose passages it looks more like, if any.
    """

    decision: int
    version: int
    transcript: str
    start: int
    end: int
    text: str
    similarity: float
    usual: float
    nearer: str | None


@dataclass(frozen=True, slots=True)
class OddCodings:
    """Those of one code, the oddest first, of so many ``codings`` with it."""

    code: str
    codings: int
    odd: tuple[OddCoding, ...]


def second_look(
    service: ReviewService, embedder: Embedder, coder: str, *, hidden: Collection[int] = ()
) -> list[OddCodings]:
    """Return the coder's codings that are worth a second look, by code in codebook order.

    Args:
        service: The study under review.
        embedder: Text to unit vectors.
        coder: Whose codings.
        hidden: Transcript versions that do not enter.
    """
    with service.now() as state:
        ids = state.codebook.ids
        shown = {version.id: version.name for version in state.current() if version.id not in hidden}
        current = (standing.decision for standing in state.decision_log.current(coder) if standing.coded)
        codings = [
            made for made in current if made.version in shown and made.span and made.code in state.codebook.by_id
        ]
        texts = {version: state.transcript_cache.transcript(version).text for version in {c.version for c in codings}}
    words = [coding.span.of(texts[coding.version]) for coding in codings if coding.span]
    if not words:
        return []
    columns = np.array([ids.index(coding.code or "") for coding in codings], dtype=np.int64)
    found = odd_passages(embedder.encode([" ".join(text.split()) for text in words]), columns)
    return [
        OddCodings(
            ids[column],
            int((columns == column).sum()),
            tuple(_told(codings[odd.row], words[odd.row], shown, odd, ids) for odd in found[column]),
        )
        for column in sorted(found)
    ]


def _told(coding: Decision, words: str, names: dict[int, str], odd: OddPassage, ids: tuple[str, ...]) -> OddCoding:
    start, end = (coding.span.start, coding.span.end) if coding.span else (0, 0)
    return OddCoding(
        decision=coding.id,
        version=coding.version,
        transcript=names[coding.version],
        start=start,
        end=end,
        text=words if len(words) <= LONGEST else words[: LONGEST - 1] + "…",
        similarity=odd.similarity,
        usual=odd.usual,
        nearer=None if odd.nearer is None else ids[odd.nearer],
    )
