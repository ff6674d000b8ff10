"""What can be expected from a codebook and its quotations, and what would help most: one line, without fitting.

The shares of right suggestions are those measured on two studies coded by hand, of 10 and 21 codes
(docs/decisions/0005-suggester.md).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from models.examples import FEWEST_SENTENCES
from models.thresholds import NEVER
from pipeline.choices import ThresholdRule
from pipeline.selection import rule_in_force
from pipeline.settings import SuggestSettings

if TYPE_CHECKING:
    from pipeline.study import Study

RIGHT = {0: "15 to 25%", 1: "18 to 34%", 2: "30 to 38%", 4: "38 to 48%", 8: "43 to 54%", 32: "45 to 66%"}
"""Of the best suggestions of a transcript, how many were right, by quotations a code in the mean."""

NAMED = 3
"""Codes that are named where several lack the same."""

NO_CODES = (
    "There are no codes yet, so there are no suggestions. Make codes while you read, in the page that precode review "
    "opens: as soon as there are some, the next run suggests them."
)
AUTO = SuggestSettings()


def study_expectation(study: Study) -> str:
    """Return what to expect of a study's suggestions: from its quotations, what it learned, and the rule it chose."""
    from pipeline.learned import LearnedSeeds
    from pipeline.precoder import bank_of

    codebook = study.codebook()
    bank = bank_of(study.seeds(), LearnedSeeds(study.folder).seeds(codebook))
    return expectation(codebook, bank, study.settings.suggest)


def expectation(codebook: Codebook, bank: SeedBank, chosen: SuggestSettings = AUTO) -> str:
    """Return what to expect and what would help most, in a line without a word of any quotation.

    Args:
        codebook: The framework.
        bank: Its quotations, learned ones among them.
        chosen: The rule by which probabilities become suggestions.
    """
    if not codebook.codes:
        return NO_CODES
    counts = Counter(code for quote in bank.coded for code in (quote.code, quote.also) if code in codebook.by_id)
    interviews = coded_interviews(bank)
    if interviews:
        basis = f"{interviews} {'interview' if interviews == 1 else 'interviews'} coded completely"
    else:
        each = (
            f"{counts.total() / len(codebook.codes):.1f} quotations a code" if counts else "names and definitions only"
        )
        basis = f"{each}, no interview coded completely"
    expected = _suggestions(chosen, has_evidence=bool(interviews))
    if not interviews:
        share = RIGHT[[*RIGHT][bisect_right([*RIGHT], counts.total() / len(codebook.codes)) - 1]]
        expected += f"; of the best {AUTO.best} of a transcript {share} were right in studies that were measured"
    return f"What to expect: {basis}: {expected}. What helps most: {_advice(codebook, counts, interviews)}."


def coded_interviews(bank: SeedBank) -> int:
    """Return how many interviews of a bank are coded by hand: they show talk with and without codes."""
    inside = [quote for quote in bank.quotes if quote.document is not None and quote.context is not None]
    coded = sum(quote.code is not None for quote in inside)
    return len({quote.document for quote in inside}) if min(coded, len(inside) - coded) >= FEWEST_SENTENCES else 0


def _suggestions(chosen: SuggestSettings, *, has_evidence: bool) -> str:
    """Return which suggestions there will be, and what they promise."""
    best = f"each transcript gets its best {chosen.best}"
    doubt = f"what is not shown to be right {chosen.precision:.0%} of the time is marked as uncertain"
    match rule_in_force(chosen.threshold, has_evidence=has_evidence):
        case ThresholdRule.THOROUGH:
            return f"everything from a probability of {chosen.floor:.0%} on is suggested; {doubt}"
        case ThresholdRule.SURE if has_evidence:
            rest = f"only what is {NEVER:.0%} certain is suggested" if chosen.threshold is ThresholdRule.SURE else best
            return (
                f"suggestions aim to be right {chosen.precision:.0%} of the time; where interviews held out do not "
                f"reach that, {rest}"
            )
        case ThresholdRule.SURE:
            return f"nothing shows from where on {chosen.precision:.0%} are right, so only what is {NEVER:.0%} certain"
        case _:
            return f"{best} suggestions; {doubt}" if has_evidence else f"{best} suggestions, uncertain ones"


def _advice(codebook: Codebook, counts: Counter[str | None], interviews: int) -> str:
    bare = [code.id for code in codebook.codes if not code.definition.strip() and not counts[code.id]]
    empty = [code for code in codebook.ids if not counts[code]]
    advice = [] if interviews else ["code one whole interview"]
    if bare:
        advice.append(f"define {_listed(bare)}")
    elif not counts:
        advice.append("write a dozen quotations a code, as people would say it")
    elif empty:
        advice.append(f"give an example of {_listed(empty)}")
    return ", and ".join(advice) or "decide on suggestions and let precode learn from them"


def _listed(codes: list[str]) -> str:
    more = len(codes) - NAMED
    return ", ".join(codes[:NAMED]) + (f" and {more} more codes" if more > 0 else "")
