"""Talk that comes in timed pieces: pieces of one speaker become one turn, written as one line, "Speaker: words"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from corpus.readers.draft import Draft, Utterance
from corpus.transcript import Span

PAUSE_SECONDS = 2.0
"""Silence that ends a turn where nobody is named; it is the only sign of a change of speaker."""

SHORT_PAUSE_SECONDS = 1.0
"""Silence between two pieces of one turn from which a thought may end there."""

LEAST_WORDS = 3
"""Words of a piece, on average, from which pieces are phrases; where single words end tells nothing."""


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Words of one speaker with their times.

    Attributes:
        words: Not blank, without line breaks around them.
        started: Seconds, as is ``ended``; None where unknown.
        fresh: Whether somebody else begins to speak here, though nobody says who.
        breaks: Offsets into the words at which joined pieces begin; ``pauses`` those of them behind a silence.
    """

    speaker: str | None
    words: str
    started: float | None = None
    ended: float | None = None
    fresh: bool = False
    breaks: tuple[int, ...] = ()
    pauses: tuple[int, ...] = ()


def joined(pieces: Iterable[SpokenWords]) -> Iterator[SpokenWords]:
    """Join consecutive talk of one speaker; of nobody in particular, only until a pause."""
    group: list[SpokenWords] = []
    for piece in pieces:
        if group and not _continues(group[-1], piece):
            yield _merged(group)
            group = []
        group.append(piece)
    if group:
        yield _merged(group)


def written(turns: Sequence[SpokenWords], warnings: tuple[str, ...] = ()) -> Draft:
    """Write turns as the lines of a canonical text and return it with the spans of their words."""
    return Draft("\n".join(map(_line, turns)), tuple(_utterances(turns)), warnings)


def _continues(before: SpokenWords, after: SpokenWords) -> bool:
    if after.fresh or before.speaker != after.speaker:
        return False
    if after.speaker is not None or before.ended is None or after.started is None:
        return True
    return after.started - before.ended <= PAUSE_SECONDS


def _merged(group: Sequence[SpokenWords]) -> SpokenWords:
    ends = [piece.ended for piece in group if piece.ended is not None]
    words = " ".join(piece.words for piece in group)
    started, ended = group[0].started, max(ends, default=None)
    return SpokenWords(group[0].speaker, words, started, ended, breaks=_breaks(group, words), pauses=_pauses(group))


def _breaks(group: Sequence[SpokenWords], words: str) -> tuple[int, ...]:
    """Return where pieces begin: those of a time of their own, and of more than a word or two."""
    if words.count(" ") + 1 < LEAST_WORDS * len(group):
        return _pauses(group)
    parted = (
        before.started is None or before.started != after.started or _is_silent(before, after)
        for before, after in pairwise(group)
    )
    return tuple(place for place, holds in zip(_places(group), parted, strict=True) if holds)


def _pauses(group: Sequence[SpokenWords]) -> tuple[int, ...]:
    silent = (_is_silent(before, after) for before, after in pairwise(group))
    return tuple(place for place, holds in zip(_places(group), silent, strict=True) if holds)


def _is_silent(before: SpokenWords, after: SpokenWords) -> bool:
    if before.ended is None or after.started is None:
        return False
    return after.started - before.ended > SHORT_PAUSE_SECONDS


def _places(group: Sequence[SpokenWords]) -> list[int]:
    """Return the offsets of all pieces but the first where one blank joins them."""
    return list(accumulate(len(piece.words) + 1 for piece in group[:-1]))


def _prefix(turn: SpokenWords) -> str:
    return f"{turn.speaker}: " if turn.speaker is not None else ""


def _line(turn: SpokenWords) -> str:
    return _prefix(turn) + turn.words


def _utterances(turns: Sequence[SpokenWords]) -> Iterator[Utterance]:
    start = 0
    for turn in turns:
        end = start + len(_line(turn))
        first = start + len(_prefix(turn))
        breaks, pauses = tuple(first + n for n in turn.breaks), tuple(first + n for n in turn.pauses)
        yield Utterance(Span(first, end), turn.speaker, turn.started, turn.ended, breaks, pauses)
        start = end + 1
