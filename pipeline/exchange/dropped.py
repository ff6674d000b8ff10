"""What a dropped file may be, be called and become; ``pipeline.exchange.intake`` takes it in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from corpus.errors import UsageError
from pipeline.study import NOT_TRANSCRIPTS

LONGEST_NAME = 150
DEVICES = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?")
"""What Windows takes for a device, whatever its suffix."""
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


class FileKind(StrEnum):
    """What a file is taken for; AUTO: what it looks like."""

    AUTO = "auto"
    TRANSCRIPT = "transcript"
    PARTICIPANTS = "participants"
    PROJECT = "project"


class SameName(StrEnum):
    """What becomes of a file whose name is taken by another text."""

    ASK = "ask"
    REPLACE = "replace"
    KEEP_BOTH = "keep both"


class FileOutcome(StrEnum):
    """What became of a file."""

    ADDED = "added"
    PRESENT = "present"
    ASKED = "asked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TakenFile:
    """What became of a file.

    Attributes:
        name: As it was dropped, or as it is kept where that differs.
        lines: How it was read and what was left out, or why it was refused; no word of what anybody said.
    """

    name: str
    kind: FileKind
    outcome: FileOutcome
    lines: tuple[str, ...]


def checked_name(name: str) -> str:
    """Return a file's name if it is one on every system and leads nowhere else.

    Raises:
        UsageError: If it is a path, a device, hidden, too long, or holds a sign that no file name may hold.
    """
    if FORBIDDEN.search(name) or name.startswith(NOT_TRANSCRIPTS) or DEVICES.fullmatch(name):
        raise UsageError("the file's name cannot be kept on every system; rename the file")
    if not name.strip() or name != name.strip().rstrip(".") or len(name.encode("utf-8", "replace")) > LONGEST_NAME:
        raise UsageError(f"the file's name is empty, ends with a dot or a blank, or has over {LONGEST_NAME} bytes")
    if not name.isprintable():
        raise UsageError("the file's name holds signs that do not print; rename the file")
    return name
