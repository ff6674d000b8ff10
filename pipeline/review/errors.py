"""What a study under review refuses, so that the web can tell each from other errors by its type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.errors import UsageError

if TYPE_CHECKING:
    from pipeline.review.views import DecisionView


class Missing(UsageError):  # noqa: N818 - named like the answer, as UsageError's other kinds are named by their place
    """What was asked for is not there, or not there for this coder: the line does not tell which."""


class Outdated(UsageError):  # noqa: N818 - likewise
    """What was sent rests on what does not hold any more.

    Args:
        line: What changed, and what to do.
        current: Where the coder stands now on what the send was about.
    """

    def __init__(self, line: str, current: Sequence[DecisionView] = ()) -> None:
        super().__init__(line)
        self.current = tuple(current)
