"""Speaker labels and time stamps at the start of a line, and which of them to believe."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corpus.readers.names import LONGEST, could_be_name, is_known_shape, looks_like_name, tidy

REACH = 120
"""Characters of a line in which a label must lie; bounds the work on any line, however long."""
DOMINANT = 0.8
"""Share of labelled lines from which a name that speaks only once is believed too."""
STAMPED = 3
"""Labels with a time stamp from which such a label is believed even if its name speaks only once."""

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_BRACKETED = rf"(?:\[ ?{_TIME} ?\]|\( ?{_TIME} ?\)|#{_TIME}(?:-\d)?#)"
_STAMP = rf"(?:{_BRACKETED}|{_TIME})"
_NAME = rf"[^\W\d_][^\n:\uff1a\t\[\]<>#]{{0,{LONGEST - 1}}}?"

# "Name:", "[00:01:02] Name:", "Name (00:01:02):", "Name: [00:01:02]", "Name<tab>"; never "http://" or "at 10:30".
_BEFORE_WORDS = re.compile(
    rf"\s*+(?:(?P<before>{_STAMP})[\s\u2013-]*+)?(?P<name>{_NAME})(?:\s*+(?P<after>{_STAMP}))?"
    rf"(?:\s*+[:\uff1a](?!\d|//)|[^\S\t]*+\t)(?:\s*+(?P<inner>{_BRACKETED}))?"
)
# "Name 00:01:02", "[Name] 00:01:02", "00:01:02 Name" alone on a line; the words follow below.
_NAME_THEN_TIME = re.compile(rf"\s*+\[?(?P<name>{_NAME})(?:\]\s*+|\s++)(?P<after>{_STAMP})\s*+$")
_TIME_THEN_NAME = re.compile(rf"\s*+(?P<after>{_STAMP})\s++(?P<name>{_NAME})\s*+$")
_STAMP_LINE = re.compile(rf"\s*+(?P<stamp>{_STAMP})(?:\s*+(?:-->|[-\u2013\u2014])\s*+{_STAMP})?\s*+$")
_LEADING_STAMP = re.compile(rf"\s*+(?P<stamp>{_BRACKETED})")
_TRAILING_STAMP = re.compile(rf"(?P<stamp>{_BRACKETED})\s*+$")


@dataclass(frozen=True, slots=True)
class Label:
    """A possible speaker label.

    Attributes:
        words: Offset in the line at which the talk starts.
        started: Seconds, None where the label has no time stamp.
        likely: Whether it looks like a name; "jane" or "my mum said" do not, and need more support.
    """

    name: str
    words: int
    started: float | None = None
    likely: bool = True


def find_label(line: str, bold: int = 0) -> Label | None:
    """Return what could be a speaker label at the start of a line.

    Args:
        line: One line without its newline.
        bold: Number of characters at the start of the line that are set in bold.
    """
    head = line[:REACH]
    match = _BEFORE_WORDS.match(head) or (_alone(head) if len(line) < REACH else None)
    if match is not None and could_be_name(match["name"]):
        return _label_from(match)
    return _bold_label(line, bold)


def _alone(line: str) -> re.Match[str] | None:
    return _NAME_THEN_TIME.match(line) or _TIME_THEN_NAME.match(line)


def _label_from(match: re.Match[str]) -> Label:
    groups = match.groupdict()
    stamp = next((groups[key] for key in ("before", "after", "inner") if groups.get(key)), None)
    return Label(tidy(match["name"]), match.end(), seconds(stamp) if stamp else None, looks_like_name(match["name"]))


def _bold_label(line: str, bold: int) -> Label | None:
    """A bold beginning followed by plain words: the convention that needs no colon."""
    if not 0 < bold < REACH or not line[bold:].strip() or not looks_like_name(line[:bold].strip()):
        return None
    return Label(tidy(line[:bold]), bold)


def convincing(labels: Sequence[Label | None], known: Collection[str] = ()) -> frozenset[str]:
    """Return the names to believe, so that "The thing is: ..." stays talk.

    Args:
        labels: One entry per line that holds anything, None where the line has no label.
        known: Names to believe wherever they occur: the configured interviewers, in lower case.
    """
    found = [label for label in labels if label is not None]
    counts = Counter(label.name for label in found)
    habit = len(found) >= max(2, DOMINANT * len(labels))
    stamped = sum(label.started is not None for label in found) >= STAMPED
    return frozenset(
        label.name
        for label in found
        if label.name.casefold() in known
        or _is_believed(label, repeated=counts[label.name] > 1, habit=habit, stamped=stamped)
    )


def _is_believed(label: Label, *, repeated: bool, habit: bool, stamped: bool) -> bool:
    """Judge one label by the file it stands in.

    Args:
        label: The label.
        repeated: Whether it labels two lines or more.
        habit: Whether nearly every line of the file has a label.
        stamped: Whether labels of the file usually carry a time stamp.
    """
    if not label.likely:
        return habit and repeated
    return repeated or habit or is_known_shape(label.name) or (stamped and label.started is not None)


def stamp_alone(line: str) -> float | None:
    """Return the seconds of a line that holds nothing but a time stamp (or a range of them), else None."""
    match = _STAMP_LINE.match(line) if len(line) < REACH else None
    return seconds(match["stamp"]) if match else None


def leading_stamp(line: str) -> tuple[int, float | None]:
    """Return where the words start after a bracketed time stamp, and its seconds; ``(0, None)`` without one."""
    match = _LEADING_STAMP.match(line[:REACH])
    return (match.end(), seconds(match["stamp"])) if match else (0, None)


def trailing_stamp(line: str) -> tuple[int, float | None]:
    """Return where the words end before a bracketed time stamp, and its seconds; ``(len(line), None)`` without one."""
    tail = max(0, len(line) - REACH)
    match = _TRAILING_STAMP.search(line, tail)
    return (match.start(), seconds(match["stamp"])) if match else (len(line), None)


def seconds(stamp: str) -> float:
    """Return the seconds of ``mm:ss`` or ``hh:mm:ss`` with optional fraction and brackets."""
    parts = re.findall(r"\d+(?:[.,]\d+)?", stamp.partition("-")[0])
    total = 0.0
    for part in parts:
        total = total * 60 + float(part.replace(",", "."))
    return total
