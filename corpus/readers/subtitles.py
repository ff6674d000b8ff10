"""Subtitle files of meetings: cues of one speaker become one turn, written as one line, "Speaker: words"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.cues import Cue, Cues, parse_subrip, parse_webvtt
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft, Utterance
from corpus.readers.labels import convincing, find_label
from corpus.transcript import Span

PAUSE_SECONDS = 2.0
"""Silence that ends a turn where nobody is named; it is the only sign of a change of speaker."""


@dataclass(frozen=True, slots=True)
class _Said:
    """Words of one speaker with their times."""

    speaker: str | None
    words: tuple[str, ...]
    started: float
    ended: float


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
    turns = list(_joined(_said(parsed.cues, interviewers)))
    warnings = (*decoded.warnings, *_doubts(decoded.text, parsed))
    return Draft("\n".join(map(_line, turns)), tuple(_utterances(turns)), warnings)


def _doubts(text: str, parsed: Cues) -> Iterator[str]:
    if parsed.unusable:
        yield f"left out cues without usable time or words: {parsed.unusable} (read: {len(parsed.cues)})"
    if not text.endswith("\n"):
        yield "does not end with a line break; the file may have been cut off"


def _said(cues: Sequence[Cue], interviewers: Collection[str]) -> Iterator[_Said]:
    """Name the speaker of each piece of talk; voice tags, where a file has any, overrule "Name:"."""
    if any(cue.voice for cue in cues):
        return (_Said(cue.voice, cue.lines, cue.started, cue.ended) for cue in cues)
    return _labelled(cues, interviewers)


def _labelled(cues: Sequence[Cue], interviewers: Collection[str]) -> Iterator[_Said]:
    names = convincing([find_label(line) for cue in cues for line in cue.lines], interviewers)
    speaker: str | None = None
    for cue in cues:
        for line in cue.lines:
            label = find_label(line)
            if label is not None and label.name in names:
                speaker, line = label.name, line[label.words :].strip()  # noqa: PLW2901 - the label is not talk
            if line:
                yield _Said(speaker, (line,), cue.started, cue.ended)


def _joined(pieces: Iterable[_Said]) -> Iterator[_Said]:
    """Join consecutive talk of one speaker; of nobody in particular, only until a pause."""
    group: list[_Said] = []
    for piece in pieces:
        if group and not _continues(group[-1], piece):
            yield _merged(group)
            group = []
        group.append(piece)
    if group:
        yield _merged(group)


def _continues(before: _Said, after: _Said) -> bool:
    return before.speaker == after.speaker and (
        after.speaker is not None or after.started - before.ended <= PAUSE_SECONDS
    )


def _merged(group: Sequence[_Said]) -> _Said:
    words = tuple(word for piece in group for word in piece.words)
    return _Said(group[0].speaker, words, group[0].started, max(piece.ended for piece in group))


def _prefix(turn: _Said) -> str:
    return f"{turn.speaker}: " if turn.speaker is not None else ""


def _line(turn: _Said) -> str:
    return _prefix(turn) + " ".join(turn.words)


def _utterances(turns: Sequence[_Said]) -> Iterator[Utterance]:
    start = 0
    for turn in turns:
        end = start + len(_line(turn))
        yield Utterance(Span(start + len(_prefix(turn)), end), turn.speaker, turn.started, turn.ended)
        start = end + 1
