"""What a language model is asked about: the passages of a transcript with what was said around them.

Every stretch that has a suggestion is a passage, and so is every sentence without one. While a codebook is young, all
of them are asked about; later those that precode is unsure of. The least sure come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.transcript import Role, Span, Transcript
from models.second.prompts import PassageText
from pipeline.notes import without_notes

if TYPE_CHECKING:
    from pipeline.precoder import Precoder
    from pipeline.steps import Precoded, Scored

YOUNG = 24
"""Quotations a code up to which everything is asked: half the questions bring half the gain there, and nine tenths of
it with a codebook that has more (docs/decisions/0014)."""

UNSURE = (0.05, 0.85)
"""Highest probabilities of a passage between which it is asked about, once a codebook has grown up."""


@dataclass(frozen=True, eq=False)
class AskedPassage:
    """A stretch of sentences that is asked about as one.

    Attributes:
        version: The transcript version.
        rows: First row and row after the last, into the scored sentences.
        span: Where it is in the text.
        chances: Shape (codes,), the highest probability of each code in it.
        suggested: Whether it bears a suggestion.
        text: Its words and those around it.
    """

    version: int
    rows: tuple[int, int]
    span: Span
    chances: NDArray[np.float64]
    suggested: bool
    text: PassageText

    @cached_property
    def doubt(self) -> float:
        """How far its likeliest code is from even odds; the lowest is the least sure."""
        return abs(float(self.chances.max(initial=0.0)) - 0.5)

    def ranked(self, codes: Sequence[str]) -> list[str]:
        """Return all codes, the most probable first."""
        return [codes[column] for column in np.argsort(-self.chances, kind="stable")]


def passages_of(version: int, transcript: Transcript, precoded: Precoded) -> list[AskedPassage]:
    """Return the passages of a transcript in order of the text.

    Args:
        version: The transcript version.
        transcript: Its text.
        precoded: Its participant sentences, and what was suggested.
    """
    scored, suggestions = precoded.scored, precoded.suggestions
    row_of = {segment.id: row for row, segment in enumerate(scored.segments)}
    places = {(row_of[made.segments[0]], row_of[made.segments[-1]] + 1) for made in suggestions if made.segments}
    covered = {row for first, last in places for row in range(first, last)}
    alone = {(row, row + 1) for row in row_of.values() if row not in covered}
    return [_passage(version, transcript, scored, rows, rows in places) for rows in sorted(places | alone)]


def _passage(
    version: int, transcript: Transcript, scored: Scored, rows: tuple[int, int], suggested: bool
) -> AskedPassage:
    span = scored.segments[rows[0]].span.join(scored.segments[rows[1] - 1].span)
    chances = scored.probabilities[slice(*rows)].max(axis=0).astype(np.float64)
    return AskedPassage(version, rows, span, chances, suggested, _text(rows, transcript, scored))


def is_young(precoder: Precoder) -> bool:
    """Tell whether codes have few quotations to be known by."""
    return len(precoder.bank.coded) < YOUNG * len(precoder.codebook.ids)


def worth_asking(passages: Iterable[AskedPassage], *, young: bool) -> list[AskedPassage]:
    """Return the passages to ask about, the least sure first.

    Args:
        passages: Of all transcripts.
        young: Whether the codebook is.
    """
    low, high = UNSURE
    chosen = (each for each in passages if young or low <= each.chances.max(initial=0.0) <= high)
    return sorted(chosen, key=lambda passage: (passage.doubt, passage.version, passage.rows))


def _text(rows: tuple[int, int], transcript: Transcript, scored: Scored) -> PassageText:
    """Return the words of some sentences and those around them."""
    segments, (start, end) = scored.segments, rows
    turn = segments[start].turn
    before = segments[start - 1] if start > 0 and segments[start - 1].turn == turn else None
    after = segments[end] if end < len(segments) and segments[end].turn == segments[end - 1].turn else None
    asked = transcript.turns[turn - 1] if turn > 0 else None

    def words(span: Span | None) -> str:
        return without_notes(span.of(transcript.text)) if span else ""

    return PassageText(
        passage=words(segments[start].span.join(segments[end - 1].span)),
        question=words(asked.span) if asked and asked.role is Role.INTERVIEWER else "",
        speaker=transcript.turns[turn].speaker or "",
        before=words(before.span if before else None),
        after=words(after.span if after else None),
    )
