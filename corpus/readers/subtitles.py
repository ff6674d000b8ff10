"""Subtitle files of meetings: cues of one speaker become one turn, written as one line, "Speaker: words"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.cues import Cue, Cues, parse_subrip, parse_webvtt
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.grammars import TalkLine, judged, pattern_of
from corpus.readers.roles import interviewer_names
from corpus.readers.spoken import SpokenWords, joined, written
from corpus.speakers import SpeakerSettings


def read_webvtt(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.vtt`` transcript: Teams voice tags, Zoom "Name: words", or no names at all.

    Raises:
        InputError: If the file cannot be read or no cue in it is sound.
    """
    return _read(path, speakers, parse_webvtt)


def read_subrip(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.srt`` transcript, with or without "Name: words".

    Raises:
        InputError: If the file cannot be read or no cue in it is sound.
    """
    return _read(path, speakers, parse_subrip)


def _read(path: Path, speakers: SpeakerSettings, parse: Callable[[str], Cues]) -> Draft:
    decoded = read_text(path)
    parsed = parse(decoded.text)
    if not parsed.cues:
        raise InputError(path, f"holds no sound cue ({parsed.unusable} without usable time or words)")
    turns = list(joined(_said(parsed.cues, speakers)))
    return written(turns, (*decoded.warnings, *_doubts(decoded.text, parsed)))


def _doubts(text: str, parsed: Cues) -> Iterator[str]:
    if parsed.unusable:
        yield f"left out cues without usable time or words: {parsed.unusable} (read: {len(parsed.cues)})"
    if not text.endswith("\n"):
        yield "does not end with a line break; the file may have been cut off"


def _said(cues: Sequence[Cue], speakers: SpeakerSettings) -> Iterator[SpokenWords]:
    """Name the speaker of each piece of talk; voice tags, where a file has any, overrule "Name:"."""
    if any(cue.voice for cue in cues):
        return (SpokenWords(cue.voice, " ".join(cue.lines), cue.started, cue.ended) for cue in cues)
    return _labelled(cues, speakers)


def _labelled(cues: Sequence[Cue], speakers: SpeakerSettings) -> Iterator[SpokenWords]:
    only = pattern_of(speakers.pattern) if speakers.pattern else None
    lines = [TalkLine(0, line) for cue in cues for line in cue.lines]
    labels = iter(judged(lines, interviewer_names(speakers), only))
    speaker: str | None = None
    for cue in cues:
        for line in cue.lines:
            label = next(labels)
            if label is not None:
                speaker, line = label.name or None, line[label.words :].strip()  # noqa: PLW2901 - the label is not talk
            if line:
                yield SpokenWords(speaker, line, cue.started, cue.ended)
