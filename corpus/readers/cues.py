"""Cues of WebVTT and SubRip files, parsed by webvtt-py, and a count of what it could not use."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webvtt import Caption

_HEADER = "WEBVTT"
_NOT_CUES = ("NOTE", "STYLE", "REGION")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:[ \t]+([^<>]*))?>")
_TAG = re.compile(r"</?(?:[cbiuv]|lang|ruby|rt|font)(?:[.\s][^<>]*)?>|<[\d:.]+>", re.IGNORECASE)
# A character reference that names no character, in more digits than Python makes a number of.
_ENDLESS = re.compile(r"&#(?:\d{20,}|[xX][\da-fA-F]{20,});?")
# A voice that is closed before the next voice or cue; a blank line inside it would end the cue for any parser.
_CLOSED_VOICE = re.compile(r"<v[ .](?:(?!-->|<v[ .]|</v>).)*</v>", re.DOTALL)
_BLANK_LINES = re.compile(r"\n\s*\n")
# webvtt-py refuses a whole SubRip file unless it begins with a number, a time line and a line of text.
# Atomic and possessive: a line of many arrows would otherwise be tried at each of them.
_FIRST_CUE = re.compile(r"^\d++\n(?>[^\n]*?-->)[^\n]*+\n[^\n]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cue:
    """What one voice says in one cue.

    Attributes:
        lines: Its lines without tags and escapes; none is blank.
        voice: The speaker a ``<v>`` tag names, None without one.
        started: Seconds, as is ``ended``.
    """

    lines: tuple[str, ...]
    voice: str | None
    started: float
    ended: float


@dataclass(frozen=True, slots=True)
class Cues:
    """The sound cues of a file, and how many others there were."""

    cues: tuple[Cue, ...]
    unusable: int


def parse_webvtt(text: str) -> Cues:
    """Parse WebVTT; a missing header line is forgiven."""
    from webvtt import WebVTT

    clean = _CLOSED_VOICE.sub(lambda match: _BLANK_LINES.sub("\n", match[0]), _stripped(text))
    blocks = _blocks(clean)
    headed = bool(blocks) and blocks[0].startswith(_HEADER)
    talk = blocks[1:] if headed else blocks
    captions = WebVTT.from_string(clean if headed else f"{_HEADER}\n\n{clean}").captions
    return _cues(captions, _expected(block for block in talk if not block.startswith(_NOT_CUES)))


def parse_subrip(text: str) -> Cues:
    """Parse SubRip; a numbered block without a time is not taken for the talk of the cue above it."""
    from webvtt import WebVTT

    blocks = _blocks(_stripped(text))
    timed = "\n\n".join(block for block in blocks if "-->" in block or not block.split("\n")[0].isdigit())
    first = _FIRST_CUE.search(timed)
    if first is None:
        return Cues((), _expected(blocks))
    captions = WebVTT.from_buffer(timed[first.start() :].split("\n"), format="srt").captions
    numbered = (block for block in blocks if "-->" in block or block.split("\n")[0].isdigit())
    return _cues(captions, _expected(numbered))


def _stripped(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("\n")).strip("\n")


def _blocks(text: str) -> list[str]:
    return [block for block in re.split(r"\n\n+", text) if block]


def _expected(blocks: Iterator[str] | list[str]) -> int:
    """Count the cues that blocks were meant to be: one for each time line, or one without any."""
    return sum(max(1, block.count("-->")) for block in blocks)


def _cues(captions: list[Caption], expected: int) -> Cues:
    parsed = [tuple(_voices(caption)) for caption in captions]
    usable = sum(bool(cues) for cues in parsed)
    return Cues(tuple(cue for cues in parsed for cue in cues), max(0, expected - usable))


def _voices(caption: Caption) -> Iterator[Cue]:
    """Split a caption at its voice tags."""
    started = caption.start_time.in_milliseconds() / 1000
    ended = max(started, caption.end_time.in_milliseconds() / 1000)
    # re.split with one group alternates: text, voice, text, voice, text.
    parts = [None, *_VOICE.split(caption.raw_text)]
    for voice, raw in zip(parts[::2], parts[1::2], strict=True):
        lines = tuple(line for line in map(_plain, (raw or "").split("\n")) if line)
        if lines:
            yield Cue(lines, _plain(voice or "") or None, started, ended)


def _plain(line: str) -> str:
    """Resolve tags first and escapes second, so that an escaped tag stays talk; fold white space."""
    return " ".join(html.unescape(_ENDLESS.sub("", _TAG.sub("", line))).split())
