"""Where transcripts were cut into sentences, by content: spaCy takes seconds to load, and cuts the same talk alike.

Kept are offsets, never a word. A cache may come from somebody else: what does not fit the transcript is cut anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np

from corpus.blob_cache import BlobCache
from corpus.transcript import Segment, Span, Transcript
from pipeline.segment import SEGMENTER, segment, segments_of
from pipeline.spacy_models import SPACY_MODEL

FILE_NAME = "segments.db"
ROW = np.dtype("<i4")
"""Of turn, start and end of each segment."""


@dataclass(frozen=True)
class SegmentCache:
    """Cuts transcripts, and remembers where. Safe for several threads and processes on one folder.

    Attributes:
        folder: Where the cache file lives; made when the first transcript is kept.
    """

    folder: Path

    def segment(self, transcript: Transcript, language: str) -> list[Segment]:
        """Return what ``pipeline.segment.segment`` returns.

        Args:
            transcript: The transcript to cut.
            language: ISO 639-1.
        """
        kept, key = BlobCache(self.folder / FILE_NAME, "segment"), _key(transcript, language)
        known = kept.read([key]).get(key)
        spans = None if known is None else _spans(known, transcript)
        if spans is not None:
            return segments_of(transcript, spans)
        segments = segment(transcript, language=language)
        rows = [(piece.turn, piece.span.start, piece.span.end) for piece in segments]
        kept.write({key: np.array(rows, ROW).tobytes()})
        return segments


@cache
def _cutter() -> tuple[str, ...]:
    return SEGMENTER, version("spacy"), version(SPACY_MODEL.replace("_", "-"))


def _key(transcript: Transcript, language: str) -> bytes:
    """Return the digest of all that determines where a transcript is cut."""
    turns = [(turn.span.start, turn.span.end, turn.breaks, turn.pauses) for turn in transcript.turns]
    return sha256(json.dumps((*_cutter(), language, transcript.digest, turns)).encode()).digest()


def _spans(kept: bytes, transcript: Transcript) -> list[list[Span]] | None:
    """Return the pieces of each turn as they are kept; None where they are not pieces of these turns, in order."""
    pieces: defaultdict[int, list[Span]] = defaultdict(list)
    try:
        for turn, start, end in np.frombuffer(kept, ROW).reshape(-1, 3).tolist():
            pieces[turn].append(Span(start, end))
    except ValueError:
        return None
    spans = [pieces.pop(n, []) for n in range(len(transcript.turns))]
    sound = all(
        _covers(turn.span, within, transcript.text) for turn, within in zip(transcript.turns, spans, strict=True)
    )
    return spans if sound and not pieces else None


def _covers(turn: Span, pieces: Sequence[Span], text: str) -> bool:
    """Tell whether pieces of a turn are in order, and leave out nothing of it but white space."""
    places = [turn.start, *(place for piece in pieces for place in (piece.start, piece.end)), turn.end]
    left_out = (text[start:end] for start, end in zip(places[::2], places[1::2], strict=True))
    return places == sorted(places) and not any(map(str.strip, left_out))
