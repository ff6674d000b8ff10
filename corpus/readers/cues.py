"""Cues of WebVTT and SubRip files, read line by line: what is broken keeps its words and loses its time.

Players forgive decimal commas, blank lines behind a time, missing headers and numbers; so does this. A time line is one
that holds an arrow and begins with something like a time; an arrow in the words is no time.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

_HEADER = "WEBVTT"
_NOT_CUES = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_TIME = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_TIME}\s*-{{1,2}}>\s*{_TIME}(?:\s+\S*:\S.*|\s*)$")
# Something was meant as a time line: it begins with a digit on both sides of an arrow, and little else.
_BROKEN = re.compile(r"\s*[-\d][\w:.,\s-]{2,20}-->\s*[-\d][\w:.,-]{2,20}(?:\s+\S+:\S+)*\s*$")
_NUMBER = re.compile(r"\s*\d{1,7}\s*$")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:[ \t]+([^<>]*))?>")
_TAG = re.compile(r"</?(?:[cbiuv]|lang|ruby|rt|font)(?:[.\s][^<>]*)?>|<[\d:.]+>|\{\\an?\d\}", re.IGNORECASE)
# A character reference that names no character, in more digits than Python makes a number of.
_ENDLESS = re.compile(r"&#(?:\d{20,}|[xX][\da-fA-F]{20,});?")
_MEANWHILE = re.compile(r"(?<![:\w])//")
_OVERLAP = re.compile(r"\s*(?P<name>[^\W_][^/:<>\n]{0,40}):\s*")
ROLLING = 0.4
"""Share of cues that begin with what the cue before ended with, from which captions roll."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What one voice says in one cue.

    Attributes:
        lines: Its lines without tags and escapes; none is blank.
        voice: The speaker a ``<v>`` tag names, None without one.
        started: Seconds, None where the time is broken, as is ``ended``.
    """

    lines: tuple[str, ...]
    voice: str | None
    started: float | None
    ended: float | None


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of a file, and what had to be repaired.

    Attributes:
        unusable: Times without words, and blocks that are no cue.
        timeless: Cues whose time is broken and whose words were kept.
        repeated: Lines of rolling captions that had been read already.
    """

    cues: tuple[Cue, ...]
    unusable: int = 0
    timeless: int = 0
    repeated: int = 0


@dataclass(slots=True)
class _Block:
    """The lines that belong to one time."""

    started: float | None
    ended: float | None
    lines: list[str]


def parse_cues(text: str) -> Cues:
    """Parse WebVTT or SubRip, whatever is missing of their headers and numbers."""
    blocks, unusable = _blocks(text.split("\n"))
    parsed = [tuple(_voices(block)) for block in blocks]
    unusable += sum(not cues for cues in parsed)
    timeless = sum(cues[0].started is None for cues in parsed if cues)
    cues, repeated = _read_once([cue for cues in parsed for cue in cues])
    return Cues(tuple(cues), unusable, timeless, repeated)


def _blocks(lines: Sequence[str]) -> tuple[list[_Block], int]:
    """Give lines to the time above them, and count what stands above no time or under a number that has none.

    A blank line ends no cue: words behind it without a time of their own go on with what is above.
    """
    blocks: list[_Block] = []
    unusable, skipping, after_blank = 0, False, True
    times = [_time_line(line) if "->" in line else None for line in lines]
    for line, time, following in zip_longest(lines, times, times[1:]):
        if not line or line.isspace():
            after_blank, skipping = True, False
            continue
        if time is not None:
            started, ended = time
            blocks.append(_Block(started, ended, []))
            skipping = False
        elif following is not None and (after_blank or _NUMBER.match(line)):
            skipping = True  # the number or name of the next cue
        elif after_blank and (_NOT_CUES.match(line) or (line.startswith(_HEADER) and not blocks)):
            skipping = True
        elif after_blank and (not blocks or (_NUMBER.match(line) and any(blocks[-1].lines))):
            skipping, unusable = True, unusable + 1
        elif not skipping and blocks:
            blocks[-1].lines.append(line)
        after_blank = False
    return blocks, unusable


def _time_line(line: str) -> tuple[float | None, float | None] | None:
    """Return the times of a time line in seconds, None and None if they are broken; None for any other line."""
    match = _TIMES.match(line)
    if match is None:
        return (None, None) if _BROKEN.match(line[:200]) else None
    times = match.groups()
    started, ended = _seconds(*times[:4]), _seconds(*times[4:])
    return started, max(started, ended)


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> float:
    """Return seconds of the parts of a time, which are digits.

    Args:
        hours: Whole hours.
        minutes: Whole minutes.
        seconds: Whole seconds.
        fraction: What stands behind the point, up to three digits.
    """
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction) / 10 ** len(fraction) if fraction else float(whole)


def _voices(block: _Block) -> Iterator[Cue]:
    """Split a cue at its voice tags, and where one voice speaks into another."""
    text = "\n".join(block.lines)
    if "<v" not in text and "//" not in text:
        lines = tuple(line for line in map(_plain, block.lines) if line)
        if lines:
            yield Cue(lines, None, block.started, block.ended)
        return
    # re.split with one group alternates: text, voice, text, voice, text.
    parts = [None, *_VOICE.split(text)]
    for voice, raw in zip(parts[::2], parts[1::2], strict=True):
        name = _plain(voice or "").strip("/ ") or None
        for speaker, words in _overlapping(name, raw or ""):
            lines = tuple(line for line in map(_plain, words.split("\n")) if line)
            if lines:
                yield Cue(lines, speaker, block.started, block.ended)


def _overlapping(voice: str | None, words: str) -> Iterator[tuple[str | None, str]]:
    """Divide ``words //S02: what another says meanwhile// words``, as noScribe marks overlapping speech."""
    parts = _MEANWHILE.split(words) if voice is not None and "//" in words else []
    if voice is None or not any(_OVERLAP.match(part) for part in parts[1:]):
        yield voice, words
        return
    yield voice, parts[0]
    for part in parts[1:]:
        other = _OVERLAP.match(part)
        yield (other["name"].strip(), part[other.end() :]) if other else (voice, part)


def _read_once(cues: list[Cue]) -> tuple[list[Cue], int]:
    """Leave out the lines that captions which roll repeat from the cue above.

    Returns:
        The cues, and how many lines were left out.
    """
    repeats = [_repeated(before, cue) for before, cue in pairwise(cues)]
    if len(repeats) < 1 or sum(n > 0 for n in repeats) < max(1, ROLLING * len(repeats)) or len(cues) < 3:
        return cues, 0
    kept = cues[:1]
    for cue, repeated in zip(cues[1:], repeats, strict=True):
        lines = list(cue.lines[repeated:])
        if repeated and not lines:
            continue
        kept.append(replace(cue, lines=tuple(lines)))
    grown: list[Cue] = []
    for cue in kept:
        before = grown[-1] if grown else None
        if before and len(cue.lines) == len(before.lines) == 1 and cue.lines[0].startswith(before.lines[0] + " "):
            grown[-1] = replace(cue, started=before.started)  # a line that grew word by word
        else:
            grown.append(cue)
    return grown, sum(repeats)


def _repeated(before: Cue, cue: Cue) -> int:
    """Return how many lines at the start of a cue are the last of the cue before, which it follows at once."""
    if before.voice != cue.voice or before.ended is None or cue.started is None or cue.started - before.ended > 0.5:
        return 0
    if cue.lines[0] not in before.lines:
        return 0
    sizes = range(min(len(before.lines), len(cue.lines)), 0, -1)
    return next((size for size in sizes if before.lines[-size:] == cue.lines[:size]), 0)


def _plain(line: str) -> str:
    """Resolve tags first and escapes second, so that an escaped tag stays talk; fold white space."""
    if "<" in line or "{" in line:
        line = _TAG.sub("", line)
    if "&" in line:
        line = html.unescape(_ENDLESS.sub("", line))
    return " ".join(line.split())
