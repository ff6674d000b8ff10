"""What editing a codebook refuses, so that who asked can tell each by its type."""

from __future__ import annotations

from corpus.errors import UsageError


class CodebookChangedError(UsageError):
    """The file is not as whoever edits it saw it."""


class NoSuchChangeError(UsageError):
    """There is no such change to take back, or not any more."""
