"""What can be expected from a codebook and its quotations, and what would help most: one line, without fitting.

The shares of right suggestions are those measured on two studies coded by hand, of 10 and 21 codes
(docs/decisions/0005-suggester.md).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from models.examples import FEWEST_SENTENCES
from models.thresholds import TARGET_PRECISION
from pipeline.passages import BEST

RIGHT = {0: "15 to 25%", 1: "18 to 34%", 2: "30 to 38%", 4: "38 to 48%", 8: "43 to 54%", 32: "45 to 66%"}
"""Of the best suggestions of a transcript, how many were right, by quotations a code in the mean."""

NAMED = 3
"""Codes that are named where several lack the same."""


def expectation(codebook: Codebook, bank: SeedBank) -> str:
    """Return what to expect and what would help most, in a line without a word of any quotation.

    Args:
        codebook: The framework.
        bank: Its quotations, learned ones among them.
    """
    counts = Counter(code for quote in bank.coded for code in (quote.code, quote.also) if code in codebook.by_id)
    interviews = coded_interviews(bank)
    if interviews:
        expected = (
            f"{interviews} {'interview' if interviews == 1 else 'interviews'} coded completely: suggestions aim to be "
            f"right {TARGET_PRECISION:.0%} of the time; where interviews held out do not reach that, "
            f"each transcript gets its best {BEST}"
        )
    else:
        each = counts.total() / len(codebook.codes)
        share = RIGHT[[*RIGHT][bisect_right([*RIGHT], each) - 1]]
        basis = f"{each:.1f} quotations a code" if counts else "names and definitions only"
        expected = (
            f"{basis}, no interview coded completely: each transcript gets its best {BEST} suggestions, "
            f"uncertain ones; {share} of such were right in studies that were measured"
        )
    return f"What to expect: {expected}. What helps most: {_advice(codebook, counts, interviews)}."


def coded_interviews(bank: SeedBank) -> int:
    """Return how many interviews of a bank are coded by hand: they show talk with and without codes."""
    inside = [quote for quote in bank.quotes if quote.document is not None and quote.context is not None]
    coded = sum(quote.code is not None for quote in inside)
    return len({quote.document for quote in inside}) if min(coded, len(inside) - coded) >= FEWEST_SENTENCES else 0


def _advice(codebook: Codebook, counts: Counter[str | None], interviews: int) -> str:
    bare = [code.id for code in codebook.codes if not code.definition.strip() and not counts[code.id]]
    empty = [code for code in codebook.ids if not counts[code]]
    advice = [] if interviews else ["code one whole interview"]
    if bare:
        advice.append(f"define {_listed(bare)}")
    elif empty:
        advice.append(f"give an example of {_listed(empty)}")
    return ", and ".join(advice) or "decide on suggestions and let precode learn from them"


def _listed(codes: list[str]) -> str:
    more = len(codes) - NAMED
    return ", ".join(codes[:NAMED]) + (f" and {more} more codes" if more > 0 else "")
