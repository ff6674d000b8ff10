"""Plain text: the canonical text is the decoded file itself."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.talk import lines_of, utterances_of


def read_plain(path: Path, interviewers: Collection[str]) -> Draft:
    """Read a ``.txt`` transcript.

    Raises:
        InputError: If the file cannot be read or is not text.
    """
    decoded = read_text(path)
    lines = lines_of(decoded.text, wrapped=True)
    return Draft(decoded.text, utterances_of(lines, interviewers), decoded.warnings)
