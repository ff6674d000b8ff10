"""Subtitle files of meetings: cues of one speaker become one turn, written as one line, "Speaker: words"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.cues import Cue, Cues, parse_cues
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.grammars import TalkLine, judged, pattern_of
from corpus.readers.roles import interviewer_names
from corpus.readers.spoken import SpokenWords, joined, written
from corpus.speakers import SpeakerSettings

_DASHES = "-\u2013\u2014"
_DASH = re.compile(rf"[{_DASHES}]\s*(?=\S)")
# "- How are you? - Fine." on one line: the second dash stands behind a sentence.
_SECOND_DASH = re.compile(r"(?<=[.?!\u2026])\s+[-\u2013\u2014]\s*(?=\S)")


def read_subtitles(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.vtt`` or ``.srt`` transcript: voice tags, "Name: words", the ``>>`` of captions, or no names at all.

    Raises:
        InputError: If the file cannot be read or no cue in it holds words.
    """
    decoded = read_text(path)
    parsed = parse_cues(decoded.text)
    if not parsed.cues:
        raise InputError(path, f"holds no sound cue ({parsed.unusable} without usable time or words)")
    pieces = list(_said(parsed.cues, speakers))
    turns = list(joined(pieces))
    return written(turns, (*decoded.warnings, *_doubts(decoded.text, parsed, pieces)))


def _doubts(text: str, parsed: Cues, pieces: Sequence[SpokenWords]) -> Iterator[str]:
    if parsed.unusable:
        yield f"left out cues without usable time or words: {parsed.unusable} (read: {len(parsed.cues)})"
    if parsed.timeless:
        yield f"cues whose time is broken, kept without a time: {parsed.timeless}"
    if parsed.repeated:
        yield f"rolling captions, read once: {parsed.repeated} lines were repeated"
    named = any(piece.speaker for piece in pieces)
    unnamed = sum(piece.fresh and piece.speaker is None for piece in pieces)
    if unnamed:
        yield f"changes of speaker without a name: {unnamed}; who speaks there is unknown"
    elif named and (nobody := sum(piece.speaker is None for piece in pieces)):
        yield f"cues without a speaker's label, given to an unnamed speaker: {nobody}"
    if not text.endswith("\n"):
        yield "does not end with a line break; the file may have been cut off"


def _said(cues: Sequence[Cue], speakers: SpeakerSettings) -> Iterator[SpokenWords]:
    """Name the speaker of each piece of talk; voice tags, where a file has any, overrule "Name:"."""
    if any(cue.voice for cue in cues):
        return (SpokenWords(cue.voice, " ".join(cue.lines), cue.started, cue.ended) for cue in cues)
    return _labelled([_undashed(cue) for cue in cues], speakers)


def _undashed(cue: Cue) -> Cue:
    """Mark each of several speakers that dashes divide in one cue as captions do, with ``>>``."""
    if not any(line[0] in _DASHES for line in cue.lines):
        return cue
    lines = [line for whole in cue.lines for line in (_SECOND_DASH.sub("\n- ", whole).split("\n") if _DASH.match(whole)
                                                      else [whole])]  # fmt: skip
    if sum(_DASH.match(line) is not None for line in lines) < 2:
        return cue
    return replace(cue, lines=tuple(_DASH.sub(">> ", line) for line in lines))


def _labelled(cues: Sequence[Cue], speakers: SpeakerSettings) -> Iterator[SpokenWords]:
    only = pattern_of(speakers.pattern) if speakers.pattern else None
    lines = [TalkLine(0, line) for cue in cues for line in cue.lines]
    labels = iter(judged(lines, interviewer_names(speakers), only))
    speaker: str | None = None
    for cue in cues:
        fresh = False
        for line in cue.lines:
            label = next(labels)
            words = line
            if label is not None:
                speaker, words = label.name or None, line[label.words :].strip()
                fresh = fresh or not label.name
            if words:
                yield SpokenWords(speaker, words, cue.started, cue.ended, fresh=fresh)
                fresh = False
