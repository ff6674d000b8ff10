"""Quality as accepted human codings accumulate: a simulated review, in the order of the queue.

``learning-curve/v1``: documents are cut in halves; each half in turn is reviewed and the other is the test. At every
step the suggester of the step before orders what is not yet reviewed, surest first; the reviewer goes down that queue
and gives each passage the codes that people gave it, until the next budget is reached; then the suggester is fitted
again, on the seeds it began with and everything accepted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.codebook import Codebook
from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank
from evaluation.benchmarks.few_shot import seed_quotes
from evaluation.benchmarks.leakage import find_leaks
from evaluation.benchmarks.protocols import (
    QUOTE_RULES,
    Fit,
    finished,
    quote_inputs,
    quote_rows,
    quote_scores,
    quotes_result,
)
from evaluation.benchmarks.result import Result
from evaluation.benchmarks.scorer import Scorer
from evaluation.metrics.grouping import Floats
from evaluation.metrics.measures import Rows, calibration_block

BUDGETS = (0, 25, 50, 100, 200, 400)
RULES = QUOTE_RULES | {
    "learning_curve": "halves of the documents reviewed in turn, the other half is the test; the queue is ordered by "
    "the suggester of the step before, surest first; an accepted passage becomes a seed with the human's codes",
    "leakage": "test quotes that any reviewed passage or seed gives away are left out",
}


@dataclass(frozen=True)
class _Learner:
    """What is fitted again at every step."""

    codebook: Codebook
    seeds: SeedBank
    fit: Fit

    def after(self, reviewed: Sequence[QuoteItem]) -> Scorer:
        return self.fit(self.codebook, self.seeds + accepted(reviewed))


@dataclass(frozen=True)
class _Step:
    """The test after so many accepted codings."""

    accepted: int
    items: Sequence[QuoteItem]
    scores: Floats


def benchmark_learning_curve(
    items: Sequence[QuoteItem],
    *,
    codebook: Codebook,
    seeds: SeedBank,
    fit: Fit,
    budgets: Sequence[int] = BUDGETS,
) -> Result:
    """Measure quality after each budget of accepted codings; tables and curves are those of the largest one.

    Args:
        items: A quote set; quotes coded as nothing are left out.
        codebook: Of any framework.
        seeds: What the suggester begins with.
        fit: Makes the suggester.
        budgets: Numbers of accepted passages, rising; those beyond a half are left out.

    Raises:
        UsageError: If the set has fewer than two documents, or fewer coded passages than a half needs.
    """
    started = time.perf_counter()
    coded = [item for item in items if item.codes]
    learner, halves = _Learner(codebook, seeds, fit), halved(coded)
    able = [budget for budget in budgets if budget <= min(map(len, halves))]
    if not all(halves) or not able:
        raise UsageError("a learning curve needs coded passages in at least two documents")
    first, second = halves
    turns = ((first, second), (second, first))
    steps = [step for pool, test in turns for step in _reviewed(pool, test, learner, able)]
    return finished(_result(learner, coded, steps, able), started, None, None)


def halved(items: Sequence[QuoteItem]) -> tuple[list[QuoteItem], list[QuoteItem]]:
    """Cut quotes in halves by document: every other document in name order."""
    even = set(sorted({item.document for item in items})[::2])
    return [item for item in items if item.document in even], [item for item in items if item.document not in even]


def queue(scorer: Scorer, items: Sequence[QuoteItem]) -> list[QuoteItem]:
    """Order passages by the probability of their best code, surest first."""
    if not items:
        return []
    best = scorer.rank([item.text for item in items]).max(axis=1)
    return [items[n] for n in np.argsort(-best, kind="stable")]


def accepted(items: Sequence[QuoteItem]) -> SeedBank:
    """Return reviewed passages as seeds with the human's codes."""
    return SeedBank(tuple(quote for item in items for quote in seed_quotes(item)))


def _reviewed(
    pool: Sequence[QuoteItem], test: Sequence[QuoteItem], learner: _Learner, budgets: Sequence[int]
) -> Iterator[_Step]:
    """Yield the test after each budget."""
    seeds = learner.seeds
    leaks = find_leaks(seeds + accepted(pool), {item.id: item.text for item in test})
    kept = [item for item in test if item.id not in leaks]
    done: list[QuoteItem] = []
    rest, scorer = list(pool), learner.after(done)
    for budget in budgets:
        if budget > len(done):
            ordered = queue(scorer, rest)
            taken = budget - len(done)
            done, rest = [*done, *ordered[:taken]], ordered[taken:]
            scorer = learner.after(done)
        yield _Step(budget, kept, scorer.rank([item.text for item in kept]).astype(np.float64))


def _result(learner: _Learner, items: Sequence[QuoteItem], steps: Sequence[_Step], budgets: Sequence[int]) -> Result:
    codebook, seeds, scorer = learner.codebook, learner.seeds, learner.after([])
    pooled = {budget: _pooled(codebook, [step for step in steps if step.accepted == budget]) for budget in budgets}
    last = pooled[budgets[-1]]
    inputs = replace(quote_inputs(scorer, last, items, seeds.digest), rules=RULES)
    scores = {
        f"accepted{n}": quote_scores(rows) | {"calibration": calibration_block(rows)} for n, rows in pooled.items()
    }
    return replace(quotes_result("learning-curve/v1", last, inputs), scores=scores)


def _pooled(codebook: Codebook, steps: Sequence[_Step]) -> Rows:
    items = [item for step in steps for item in step.items]
    return quote_rows(codebook, items, np.concatenate([step.scores for step in steps]))
