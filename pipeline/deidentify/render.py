"""A pseudonymised transcript as a file that reads as the same turns, speakers and time stamps.

Three ways are tried, the one that changes least first: the text as it was, one paragraph a turn, a table with one row
a turn. Each is read again by the very reader of studies and compared turn by turn; what does not come back is not used.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import InputError
from corpus.readers import read_transcript
from corpus.span_map import SpanMap
from corpus.transcript import Span, Transcript, Turn
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.rewrite import Original, Rewritten, bare, rewrite, shifted

NEAR = 0.0015
"""Seconds by which a time stamp may move when it is written to the millisecond."""


@dataclass(frozen=True, slots=True)
class SpokenText:
    """What a turn is to be in the new file."""

    turn: Turn
    speaker: str | None
    words: Rewritten


@dataclass(frozen=True)
class Rendered:
    """A transcript in its new form.

    Attributes:
        path: The file.
        transcript: As the reader has it.
        offsets: From the old text to the new one.
        originals: What was replaced, at its place in the new text.
    """

    path: Path
    transcript: Transcript
    offsets: SpanMap
    originals: tuple[Original, ...]


def render(
    transcript: Transcript, substitutions: Substitutions, folder: Path, name: str, interviewers: Collection[str]
) -> Rendered:
    """Write a transcript with its identifiers replaced.

    Args:
        transcript: The original.
        substitutions: What is replaced by what.
        folder: Where to.
        name: What to call it.
        interviewers: How interviewers are labelled in the new study.

    Raises:
        InputError: If no way to write it reads as the same talk.
    """
    talk = [
        SpokenText(
            turn,
            bare(substitutions.applied(turn.speaker)) if turn.speaker else None,
            rewrite(turn.span.of(transcript.text), substitutions),
        )
        for turn in transcript.turns
    ]
    whole = rewrite(transcript.text, substitutions, _between(transcript))
    for suffix, text in ((".txt", whole.text), (".txt", _paragraphs(talk)), (".csv", _table(talk))):
        path = folder / f"{name}{suffix}"
        path.write_bytes(text.encode("utf-8", "replace"))
        read = _read(path, interviewers)
        if read is not None and _same(talk, read):
            return _rendered(path, read, talk, whole)
        path.unlink()
    raise InputError(transcript.name, "cannot be written so that it reads as the same turns; save it as .txt or .csv")


def _between(transcript: Transcript) -> list[Span]:
    """Return the stretches that are no talk: labels above all."""
    ends = [0, *(turn.span.end for turn in transcript.turns)]
    starts = [*(turn.span.start for turn in transcript.turns), len(transcript.text)]
    return [Span(end, start) for end, start in zip(ends, starts, strict=True) if end < start]


def _read(path: Path, interviewers: Collection[str]) -> Transcript | None:
    try:
        return read_transcript(path, interviewers=interviewers)
    except InputError:
        return None


def _same(talk: Sequence[SpokenText], read: Transcript) -> bool:
    return len(talk) == len(read.turns) and all(
        spoken.words.text == turn.span.of(read.text)
        and (spoken.speaker, spoken.turn.role) == (turn.speaker, turn.role)
        and _near(spoken.turn.started, turn.started)
        and _near(spoken.turn.ended, turn.ended)
        for spoken, turn in zip(talk, read.turns, strict=True)
    )


def _near(before: float | None, other: float | None) -> bool:
    return before == other if before is None or other is None else abs(before - other) < NEAR


def _rendered(path: Path, read: Transcript, talk: Sequence[SpokenText], whole: Rewritten) -> Rendered:
    if read.text == whole.text:
        return Rendered(path, read, SpanMap(whole.pieces), tuple(whole.originals()))
    places = [(spoken, turn.span.start) for spoken, turn in zip(talk, read.turns, strict=True)]
    pieces = [
        replace(piece, old=shifted(piece.old, spoken.turn.span.start), new=shifted(piece.new, start))
        for spoken, start in places
        for piece in spoken.words.pieces
    ]
    originals = (original for spoken, start in places for original in spoken.words.originals(start))
    return Rendered(path, read, SpanMap(pieces), tuple(originals))


def _paragraphs(talk: Sequence[SpokenText]) -> str:
    """Return one paragraph a turn: time stamp, label, words."""
    labels = (f"{spoken.speaker}: " if spoken.speaker else "" for spoken in talk)
    return "".join(
        f"{_stamp(spoken.turn.started)}{label}{spoken.words.text}\n\n"
        for spoken, label in zip(talk, labels, strict=True)
    )


def _stamp(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"[{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}] "


def _table(talk: Sequence[SpokenText]) -> str:
    buffer = io.StringIO(newline="")
    rows = csv.writer(buffer)
    rows.writerow(("speaker", "text", "start", "end"))
    for spoken in talk:
        times = (spoken.turn.started, spoken.turn.ended)
        rows.writerow((spoken.speaker, spoken.words.text, *("" if time is None else f"{time:.3f}" for time in times)))
    return buffer.getvalue()
