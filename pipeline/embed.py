"""Sentences of a transcript, embedded with the words around them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from corpus.transcript import Role, Segment, Transcript
from models.embedder import Embedder
from models.examples import EncodedTexts, encode_with_context
from pipeline.languages import ENGLISH
from pipeline.notes import without_notes
from pipeline.segment import segment

WINDOW = 2
"""Sentences on either side of a sentence, within its turn, that make its context."""

REMEMBERED = 16
"""Transcripts whose sentences are remembered."""

FEWEST_WORDS = 5
"""Words from which a remark of an interviewer without a question mark still sets what is talked about."""


def participant_segments(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return the segments that may be suggested a code."""
    return tuple(segment for segment in segments if segment.role is Role.PARTICIPANT)


@lru_cache(maxsize=REMEMBERED)
def participant_sentences(transcript: Transcript, language: str = ENGLISH) -> tuple[Segment, ...]:
    """Return the sentences of a transcript that may be suggested a code.

    The last transcripts are remembered: what is learnt after each batch of decisions asks for the same ones again.
    """
    return participant_segments(segment(transcript, language=language))


def windows(segments: Sequence[Segment]) -> list[slice]:
    """Return which rows each sentence's context spans: itself and its neighbours in the same turn."""
    near = [range(max(0, n - WINDOW), min(len(segments), n + WINDOW + 1)) for n in range(len(segments))]
    inside = [[m for m in rows if segments[m].turn == segments[n].turn] for n, rows in enumerate(near)]
    return [slice(rows[0], rows[-1] + 1) for rows in inside]


def contexts(transcript: Transcript, segments: Sequence[Segment]) -> list[str]:
    """Return each sentence with its neighbours in the same turn, notes left out, in the order of ``segments``."""
    ends = ((segments[window.start], segments[window.stop - 1]) for window in windows(segments))
    return [without_notes(first.span.join(last.span).of(transcript.text)) for first, last in ends]


def questions(transcript: Transcript, segments: Sequence[Segment]) -> list[str]:
    """Return what was asked before the turn of each sentence, notes left out; empty where nothing was.

    What only keeps talk going ("Mm.", "Right.") asks nothing: what was asked before it still holds.

    Args:
        transcript: Where the sentences come from.
        segments: Participant sentences in order.
    """
    before: list[str] = []
    asked = ""
    for turn, words in transcript.talk():
        before.append(asked)
        said = without_notes(words)
        if turn.role is Role.INTERVIEWER and ("?" in said or len(said.split()) >= FEWEST_WORDS or not asked):
            asked = said
    return [before[segment.turn] for segment in segments]


def embed_segments(transcript: Transcript, segments: Sequence[Segment], embedder: Embedder) -> EncodedTexts:
    """Return the sentences as a suggester wants them, row by row: what was said, without transcribers' notes.

    Args:
        transcript: Where the sentences come from.
        segments: Participant sentences in order.
        embedder: Text to unit vectors.
    """
    if not segments:
        return EncodedTexts((), (), np.zeros((0, 0), dtype=np.float32))
    texts = [without_notes(segment.span.of(transcript.text)) for segment in segments]
    parts = [texts[window] for window in windows(segments)]
    around, asked = contexts(transcript, segments), questions(transcript, segments)
    return encode_with_context(embedder, texts, around, asked, parts=parts)
