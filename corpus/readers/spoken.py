"""Talk that comes in timed pieces: pieces of one speaker become one turn, written as one line, "Speaker: words"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.readers.draft import Draft, Utterance
from corpus.transcript import Span

PAUSE_SECONDS = 2.0
"""Silence that ends a turn where nobody is named; it is the only sign of a change of speaker."""


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Words of one speaker with their times.

    Attributes:
        words: Not blank, without line breaks around them.
        started: Seconds, as is ``ended``; None where unknown.
        fresh: Whether somebody else begins to speak here, though nobody says who.
    """

    speaker: str | None
    words: str
    started: float | None = None
    ended: float | None = None
    fresh: bool = False


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
    return SpokenWords(group[0].speaker, words, group[0].started, max(ends, default=None))


def _prefix(turn: SpokenWords) -> str:
    return f"{turn.speaker}: " if turn.speaker is not None else ""


def _line(turn: SpokenWords) -> str:
    return _prefix(turn) + turn.words


def _utterances(turns: Sequence[SpokenWords]) -> Iterator[Utterance]:
    start = 0
    for turn in turns:
        end = start + len(_line(turn))
        yield Utterance(Span(start + len(_prefix(turn)), end), turn.speaker, turn.started, turn.ended)
        start = end + 1
