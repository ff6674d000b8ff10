"""How suggestions lie on the text: passages, the lanes of their underlines, and runs of equally marked text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from corpus.transcript import Span
from pipeline.export.rows import SuggestionRow


@dataclass(frozen=True, slots=True)
class MarkedPassage:
    """Suggestions with one span.

    Attributes:
        number: 1 for the first passage of the transcript.
        rows: Most probable first; the first gives the passage its colour.
        lane: Distance of its underline from the text; overlapping passages never share one.
    """

    number: int
    span: Span
    rows: tuple[SuggestionRow, ...]
    lane: int

    @property
    def domain(self) -> str:
        """The domain of the most probable suggestion."""
        return self.rows[0].domain


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of text that the same passages cover throughout.

    Attributes:
        over: The passages that cover it, lowest lane first.
        starts: The passages that begin with it.
        ends: The passages that end with it.
    """

    span: Span
    over: tuple[MarkedPassage, ...]
    starts: tuple[MarkedPassage, ...]
    ends: tuple[MarkedPassage, ...]


def passages(rows: Iterable[SuggestionRow]) -> list[MarkedPassage]:
    """Return the passages of one transcript in order of place; of two that start together the longer comes first."""
    by_span = sorted(rows, key=lambda row: (row.start, -row.end, -row.probability, row.rank))
    free_from: list[int] = []
    found: list[MarkedPassage] = []
    for (start, end), group in groupby(by_span, key=lambda row: (row.start, row.end)):
        lane = _lane(free_from, Span(start, end))
        found.append(MarkedPassage(len(found) + 1, Span(start, end), tuple(group), lane))
    return found


def _lane(free_from: list[int], span: Span) -> int:
    """Take the lowest lane that is free at the span's start; ``free_from`` holds where each lane's last span ends."""
    lane = next((n for n, end in enumerate(free_from) if end <= span.start), len(free_from))
    free_from[lane : lane + 1] = [span.end]
    return lane


def runs(within: Span, over: Sequence[MarkedPassage]) -> Iterator[TextRun]:
    """Cut ``within`` wherever a passage begins or ends; the runs cover it and never overlap.

    Args:
        within: A turn.
        over: The passages that touch the turn.
    """
    opening: dict[int, list[MarkedPassage]] = defaultdict(list)
    for passage in over:
        opening[max(passage.span.start, within.start)].append(passage)
    ends = {min(passage.span.end, within.end) for passage in over}
    covering: list[MarkedPassage] = []
    for start, end in pairwise(sorted({within.start, within.end, *opening, *ends})):
        covering = sorted(
            [passage for passage in covering if passage.span.end > start] + opening[start],
            key=lambda passage: passage.lane,
        )
        yield TextRun(
            Span(start, end),
            tuple(covering),
            starts=tuple(passage for passage in covering if passage.span.start == start),
            ends=tuple(passage for passage in covering if passage.span.end == end),
        )
