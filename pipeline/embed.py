"""Sentences of a transcript, embedded with the words around them."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.transcript import Role, Segment, Transcript
from models.embedder import Embedder
from models.examples import EncodedTexts, encode_with_context

WINDOW = 1
"""Sentences on either side of a sentence, within its turn, that make its context."""


def participant_segments(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return the segments that may be suggested a code."""
    return tuple(one for one in segments if one.role is Role.PARTICIPANT)


def contexts(transcript: Transcript, segments: Sequence[Segment]) -> list[str]:
    """Return each sentence with its neighbours in the same turn, in the order of ``segments``."""
    return [_context(transcript, segments, n) for n in range(len(segments))]


def _context(transcript: Transcript, segments: Sequence[Segment], n: int) -> str:
    near = [one for one in segments[max(0, n - WINDOW) : n + WINDOW + 1] if one.turn == segments[n].turn]
    return near[0].span.join(near[-1].span).of(transcript.text)


def embed_segments(transcript: Transcript, segments: Sequence[Segment], embedder: Embedder) -> EncodedTexts:
    """Return the sentences as a suggester wants them, row by row."""
    texts = [one.span.of(transcript.text) for one in segments]
    return encode_with_context(embedder, texts, contexts(transcript, segments))
