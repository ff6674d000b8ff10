"""A text with its identifiers replaced, the map of its offsets, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.span_map import Piece
from corpus.transcript import Span
from pipeline.deidentify.candidates import Substitutions


@dataclass(frozen=True, slots=True)
class Original:
    """What stood at a place of the new text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text with its identifiers replaced.

    Attributes:
        pieces: What became of each stretch of the old text, without gaps.
    """

    old: str
    text: str
    pieces: tuple[Piece, ...]

    def originals(self, shift: int = 0) -> Iterator[Original]:
        """Yield what was replaced, at its place in a text in which this one begins at ``shift``."""
        for piece in self.pieces:
            if not piece.kept:
                yield Original(shifted(piece.new, shift), piece.old.of(self.old))


def rewrite(text: str, substitutions: Substitutions, plain: Sequence[Span] = ()) -> Rewritten:
    """Replace the identifiers of a text.

    Args:
        text: Any text.
        substitutions: What is replaced by what.
        plain: Stretches in which replacements lose their brackets, since readers take no label in brackets.
    """
    pieces: list[Piece] = []
    new, position, length = [], 0, 0
    for spot in (*substitutions.spots(text), None):
        kept = text[position : spot.span.start if spot else len(text)]
        if kept:
            pieces.append(Piece(Span(position, position + len(kept)), Span(length, length + len(kept)), kept=True))
            length += len(kept)
        new.append(kept)
        if spot is None:
            break
        replacement = substitutions.replacement(spot.form)
        replacement = bare(replacement) if any(spot.span.overlap(stretch) for stretch in plain) else replacement
        pieces.append(Piece(spot.span, Span(length, length + len(replacement)), kept=False))
        new.append(replacement)
        position, length = spot.span.end, length + len(replacement)
    return Rewritten(text, "".join(new), tuple(pieces))


def restored(text: str, originals: Iterable[Original]) -> str:
    """Return the old text of a new one."""
    for original in sorted(originals, key=lambda original: original.span, reverse=True):
        text = text[: original.span.start] + original.text + text[original.span.end :]
    return text


def bare(replacement: str) -> str:
    """Return a replacement without its brackets."""
    return replacement.strip("[]")


def shifted(span: Span, by: int) -> Span:
    """Return a span so many characters further on."""
    return Span(span.start + by, span.end + by)
