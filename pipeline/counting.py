"""Which codings count where several coders, and what they agreed on, lie on one passage: one rule for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from corpus.coders import CONSENSUS

if TYPE_CHECKING:
    from pipeline.store import CurrentDecision


def in_force(standings: Iterable[CurrentDecision]) -> list[CurrentDecision]:
    """Return the codings that count: a consensus takes the place of whatever single coders said of its passage.

    Two passages are one if they share at least half of both, as on the page: what lies inside a long passage that was
    agreed on stands for itself. A consensus without a code is a note on the passage:
    nothing is coded there.
    """
    standings = list(standings)
    coded = [(current, current.decision.span) for current in standings if current.coded]
    agreed = [
        current.decision.span for current in standings if current.decision.coder == CONSENSUS and current.decision.span
    ]
    return [
        current
        for current, span in coded
        if current.decision.coder == CONSENSUS
        or span is None
        or not any(span.shares_half(passage, of="both") for passage in agreed)
    ]
