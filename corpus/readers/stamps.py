"""Time stamps: seconds of a recording, or a clock's time, in every usual shape."""

from __future__ import annotations

import re
from dataclasses import dataclass

REACH = 120
"""Characters of a line in which a label must lie; bounds the work on any line, however long."""

_AM_PM = r"(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\b\.?)"
# 1:02, 01:02:03.5, 00:01:02:15 (frames), 10:30:12 AM
CLOCK = rf"(?:\d{{1,3}}:)?\d{{1,2}}:\d{{2}}(?::\d{{2}}(?!\d))?(?:[.,]\d{{1,3}})?{_AM_PM}?"
_DOTTED = r"\d{1,2}\.\d{2}\.\d{2}(?:[.,]\d{1,3})?"
_UNITS = (
    r"(?:\d{1,2} ?[Hh](?:ours?)? ?)?\d{1,3} ?[Mm](?:in(?:ut(?:e|es|en|os))?)? ?\d{1,2}(?:[.,]\d{1,3})?"
    r" ?[Ss](?:ec(?:onds?|onden|ondes?)?|egundos?|ekunden?)?(?!\w)|\d{1,3}[\u2032'] ?\d{1,2}(?:\u2033|''|\")"
)
_SECONDS = r"\d{1,6}[.,]\d{1,6} ?s?|\d{1,6} ?s"
_TO = r"\s*(?:-->|->|[-\u2013\u2014]|to|bis|tot)\s*"
_INSIDE = rf"(?:{CLOCK}|{_DOTTED}|{_UNITS}|{_SECONDS})"
BRACKETED = (
    rf"(?:[\[(<{{\u3010\uff08]\s?{_INSIDE}(?:{_TO}{_INSIDE})?\s?[\])>}}\u3011\uff09]"
    rf"|#(?:{CLOCK})(?:-\d{{1,2}})?#)"
)
STAMP = rf"(?:{BRACKETED}|{CLOCK}|{_UNITS})"
_DAY = r"(?:\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{2,4}\.?|\d{1,2}\.? \w{3,9}\.? \d{4})"
# When a message was written: chat exports of telephones and meetings.
_DATED = rf"\[?{_DAY},?\s+(?:um |at )?{CLOCK}\]?(?:\s+[-\u2013]\s|:(?=\s))?"
DATED = rf"\[?{_DAY},?\s+(?:um |at )?{CLOCK}\]?"
# Older transcripts of Teams: 0:0:4.21 --> 0:0:6.9
_LOOSE = r"\d{1,2}:\d{1,2}:\d{1,2}\.\d{1,7}"
_RANGE = (
    rf"{_LOOSE}\s*-->\s*{_LOOSE}|{CLOCK}{_TO}{CLOCK}"
    rf"|(?:\d{{1,6}}\.\d{{1,6}}s?)(?:{_TO}|\s+)(?:\d{{1,6}}\.\d{{1,6}}s?)(?=\s)"
)

_LEAD = re.compile(
    rf"(?P<dated>{_DATED})|(?P<range>{_RANGE})|(?P<bracketed>{BRACKETED})|(?P<bare>{CLOCK}|{_UNITS})(?!\d)"
)
_ALONE = re.compile(rf"\s*+(?:(?P<range>{_RANGE})|(?P<one>{STAMP}))\s*+$")
_TRAILING = re.compile(rf"(?P<stamp>{BRACKETED})\s*+$")
_OPENING = "[(<{\u3010\uff08#"
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)?")
_EITHER = re.compile(rf"{_LOOSE}|{_INSIDE}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp in a line.

    Attributes:
        end: Offset behind it.
        started: Seconds, None where it is a date; ``ended`` likewise, and None where there is no range.
        kind: ``dated``, ``range``, ``bracketed`` or ``bare``.
    """

    end: int
    started: float | None
    ended: float | None
    kind: str


def stamp_at(line: str, start: int) -> Stamp | None:
    """Return the time stamp that begins at an offset of a line."""
    if not line[start : start + 2].strip() or not any(map(str.isdigit, line[start : start + 3])):
        return None
    match = _LEAD.match(line, start)
    if match is None:
        return None
    kind = str(match.lastgroup)
    times = [seconds(found[0]) for found in _EITHER.finditer(match[0])] if kind != "dated" else []
    started = times[0] if times else None
    ended = max(times) if len(times) > 1 else None
    return Stamp(match.end(), started, ended, kind)


def stamp_alone(line: str) -> float | None:
    """Return the seconds of a line that holds nothing but a time stamp (or a range of them), else None."""
    first = line.lstrip()[:1]
    if not (first.isdecimal() or first in _OPENING) or len(line) >= REACH:
        return None
    match = _ALONE.match(line)
    if match is None:
        return None
    found = _EITHER.search(match[0])
    return seconds(found[0]) if found else None


def trailing_stamp(line: str) -> tuple[int, float | None]:
    """Return where the words end before a bracketed time stamp, and its seconds; ``(len(line), None)`` without one."""
    if not line.rstrip().endswith(("]", ")", "#", ">", "}")):
        return len(line), None
    match = _TRAILING.search(line, max(0, len(line) - REACH))
    return (match.start(), seconds(match["stamp"])) if match else (len(line), None)


def seconds(stamp: str) -> float:
    """Return the seconds of ``mm:ss`` or ``hh:mm:ss`` with optional fraction, brackets, frames or AM and PM."""
    text = stamp.partition("-")[0]
    parts = _NUMBERS.findall(re.sub(r"(?<=\d)\.(?=\d\d\.\d)|(?<=\d\.\d\d)\.(?=\d\d)", ":", text))
    if re.fullmatch(r"\W*\d{1,2}\.\d{2}\.\d{2}\W*", text):
        parts = re.findall(r"\d+", text)
    total = 0.0
    for part in parts[:3]:
        total = total * 60 + float(part.replace(",", "."))
    afternoon = re.search(r"(?i)([ap])\.?m", text) if re.search(r"\d\s?[ap]\.?m", text, re.IGNORECASE) else None
    hour = float(parts[0].replace(",", ".")) if parts else 0
    if afternoon and hour <= 12:
        scale = 3600 if len(parts) > 2 else 60
        total += scale * ((12 if afternoon[1].lower() == "p" else 0) - (12 if hour == 12 else 0))
    return total * (60 if afternoon and len(parts) == 2 else 1)
