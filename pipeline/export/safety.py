"""Making other people's text safe to put into a file, and a file safe to put into a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.errors import UsageError

ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids or discourages: controls, lone surrogates, non-characters."""
FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""First characters that spreadsheets take for a formula, full-width forms included."""


def printable(text: str) -> str:
    """Return ``text`` with every character that XML cannot carry replaced by U+FFFD."""
    return ILLEGAL.sub("\ufffd", text)


def inert(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula: an apostrophe goes before it."""
    return f"'{text}" if FORMULA.match(text) else text


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; ``path`` is replaced only when the block ends well.

    The draft lies in a fresh folder beside ``path``, so that the last step is one rename and scratch files of a
    library stay on the same disk.

    Raises:
        UsageError: If the folder cannot be written to or the disk is full; an old file then stays as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".precode-", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            yield draft
            draft.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(
            f"{path}: cannot be written ({reason}); make room, close it elsewhere or choose another place"
        ) from None
