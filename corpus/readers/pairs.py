"""Recordings with one file a speaker: ``day1_doctor.TextGrid`` and ``day1_patient.TextGrid`` are one interview."""

from __future__ import annotations

import re
from pathlib import Path

SUFFIX = ".textgrid"
APART_SECONDS = 1.0
"""Most by which the recordings of two speakers of one interview differ in length."""

_HEAD_BYTES = 4_000
_PARTS = (
    "interviewer|interviewee|participant|respondent|informant|researcher|moderator|facilitator|doctor|clinician|gp|"
    "physician|nurse|therapist|patient|client|carer|caregiver|speaker[ _-]?[a-z0-9]|spk[ _-]?[0-9]|left|right|"
    "channel[ _-]?[0-9]|ch[0-9]"
)
_NAME = re.compile(rf"(?i)(?P<interview>.+)[ _.-](?P<part>{_PARTS})")
_LENGTH = re.compile(r'"TextGrid"\s+(?:xmin\s*=\s*)?-?[\d.]{1,40}\s+(?:xmax\s*=\s*)?(?P<length>[\d.]{1,40})')


def part_of(path: Path) -> str:
    """Return who a file's name says it is of, in title case; empty if it does not say."""
    match = _NAME.fullmatch(path.stem)
    return match["part"].title() if match and path.suffix.lower() == SUFFIX else ""


def companions(path: Path) -> tuple[Path, ...]:
    """Return the files of the other speakers of the same recording that lie beside a TextGrid, in order.

    They are named alike up to the speaker and equally long.
    """
    mine = _interview(path)
    if mine is None or (length := _length(path)) is None:
        return ()
    beside = (file for file in path.parent.iterdir() if file.name != path.name and _interview(file) == mine)
    lengths = {file: _length(file) for file in beside if file.is_file() and part_of(file) != part_of(path)}
    return tuple(
        sorted(file for file, its in lengths.items() if its is not None and abs(its - length) <= APART_SECONDS)
    )


def leader(path: Path) -> Path:
    """Return the file under whose name the speakers of a recording are read together: the first by name."""
    return min((path, *companions(path)))


def _interview(path: Path) -> str | None:
    match = _NAME.fullmatch(path.stem)
    return match["interview"] if match and path.suffix.lower() == SUFFIX else None


def _length(path: Path) -> float | None:
    """Return the seconds that a TextGrid says it lasts, whatever its encoding."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).replace(b"\0", b"").decode("latin-1")
    except OSError:
        return None
    match = _LENGTH.search(head)
    return float(match["length"]) if match and match["length"].count(".") <= 1 else None
