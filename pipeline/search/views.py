"""What a search tells, in frozen records with the fields of the page's JSON. Offsets are code points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.transcript import Role


@dataclass(frozen=True, slots=True)
class HitPiece:
    """A stretch of a passage.

    Attributes:
        marked: Whether it is what was searched for.
    """

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    Attributes:
        version: Id of the transcript version.
        turn: Number of the turn it is in.
        before: Words before it in the same turn, cut where the turn goes on.
        pieces: The passage, cut at what was searched for.
        after: Words after it.
        similarity: Cosine to what was searched for by meaning; None where words were.
    """

    version: int
    transcript: str
    turn: int
    speaker: str | None
    role: Role
    start: int
    end: int
    before: str
    pieces: tuple[HitPiece, ...]
    after: str
    similarity: float | None = None

    @property
    def text(self) -> str:
        """The passage."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found.

    Attributes:
        total: Passages that were found, of which the hits are the first.
        more: Whether there are more than the total.
    """

    hits: Sequence[Hit]
    total: int
    more: bool
