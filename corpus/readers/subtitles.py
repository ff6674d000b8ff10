"""Subtitle files of meetings: cues of one speaker become one turn, written as one line, "Speaker: words"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.cues import Cue, Cues, parse_subrip, parse_webvtt
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.labels import convincing, find_label
from corpus.readers.spoken import SpokenWords, joined, written


def read_webvtt(path: Path, interviewers: Collection[str]) -> Draft:
    """Read a ``.vtt`` transcript: Teams voice tags, Zoom "Name: words", or no names at all.

    Raises:
        InputError: If the file cannot be read or no cue in it is sound.
    """
    return _read(path, interviewers, parse_webvtt)


def read_subrip(path: Path, interviewers: Collection[str]) -> Draft:
    """Read a ``.srt`` transcript, with or without "Name: words".

    Raises:
        InputError: If the file cannot be read or no cue in it is sound.
    """
    return _read(path, interviewers, parse_subrip)


def _read(path: Path, interviewers: Collection[str], parse: Callable[[str], Cues]) -> Draft:
    decoded = read_text(path)
    parsed = parse(decoded.text)
    if not parsed.cues:
        raise InputError(path, f"holds no sound cue ({parsed.unusable} without usable time or words)")
    turns = list(joined(_said(parsed.cues, interviewers)))
    return written(turns, (*decoded.warnings, *_doubts(decoded.text, parsed)))


def _doubts(text: str, parsed: Cues) -> Iterator[str]:
    if parsed.unusable:
        yield f"left out cues without usable time or words: {parsed.unusable} (read: {len(parsed.cues)})"
    if not text.endswith("\n"):
        yield "does not end with a line break; the file may have been cut off"


def _said(cues: Sequence[Cue], interviewers: Collection[str]) -> Iterator[SpokenWords]:
    """Name the speaker of each piece of talk; voice tags, where a file has any, overrule "Name:"."""
    if any(cue.voice for cue in cues):
        return (SpokenWords(cue.voice, " ".join(cue.lines), cue.started, cue.ended) for cue in cues)
    return _labelled(cues, interviewers)


def _labelled(cues: Sequence[Cue], interviewers: Collection[str]) -> Iterator[SpokenWords]:
    names = convincing([find_label(line) for cue in cues for line in cue.lines], interviewers)
    speaker: str | None = None
    for cue in cues:
        for line in cue.lines:
            label = find_label(line)
            if label is not None and label.name in names:
                speaker, line = label.name, line[label.words :].strip()  # noqa: PLW2901 - the label is not talk
            if line:
                yield SpokenWords(speaker, line, cue.started, cue.ended)
