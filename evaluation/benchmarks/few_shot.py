"""A few quotes a code as seeds, the rest as test: how a suggester does on any codebook, by number of seeds.

``few-shot/v2``: for every seed value the documents are shuffled and cut in halves. From the first half up to k quotes
of each code are drawn as seeds, with all their codes; k = 0 leaves the names and definitions of the codebook. The
second half is the test, at most ``TEST_MOST`` quotes at their natural prevalence. The same draw serves every k, a
smaller k takes the first of a larger one, and rows of all draws are pooled: a document that is tested in several draws
is still one document of the bootstrap. (``few-shot/v1`` began at k = 4, gave a seed two codes, and tested at most 40
quotes a code.)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import TypeVar

import numpy as np

from corpus.codebook import Codebook
from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank, SeedQuote
from evaluation.benchmarks.baselines import Baseline, Task, baseline_scores
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
from evaluation.metrics.intervals import Block
from evaluation.metrics.measures import calibration_block, pair_block
from models.embedder import Embedder

SEEDS_EACH = (0, 1, 2, 4, 8, 16, 32)
DRAWS = (0, 1, 2)
TEST_MOST = 1_000
RULES = QUOTE_RULES | {
    "few_shot": "documents halved by seed value; up to k quotes a code as seeds with all their codes, at most "
    f"{TEST_MOST} quotes of the other half as test, at natural prevalence",
    "pairs": "micro average precision over (quote, code); of the quotes with two codes, those with both among the "
    "first three",
    "draws": "rows of all draws pooled; a document tested in several draws is one document of the bootstrap",
    "leakage": "test quotes that a seed gives away are left out",
}


@dataclass(frozen=True)
class SeedDraw:
    """One cut of a quote set.

    Attributes:
        seeds: By code, in the order in which they are taken.
        test: Coded quotes of documents that no seed comes from.
    """

    seeds: Mapping[str, Sequence[QuoteItem]]
    test: Sequence[QuoteItem]

    @property
    def largest(self) -> int:
        """The most seeds a code has."""
        return max(len(quotes) for quotes in self.seeds.values())

    def bank(self, k: int) -> SeedBank:
        """Return the first ``k`` seeds of each code as a bank; a quote drawn for several codes is one passage."""
        chosen = {item.id: item for items in self.seeds.values() for item in items[:k]}
        return SeedBank(tuple(quote for item in chosen.values() for quote in seed_quotes(item)))


def seed_quotes(item: QuoteItem) -> Iterator[SeedQuote]:
    """Yield a coded quote as seed, with all its codes: two on a line."""
    codes = sorted(item.codes)
    for code, also in zip_longest(codes[::2], codes[1::2]):
        yield SeedQuote(item.text, code, also, "accepted", source=item.source)


@dataclass(frozen=True)
class _Bench:
    """What is fitted on every bank."""

    codebook: Codebook
    fit: Fit
    embedder: Embedder | None
    extra: Mapping[str, Baseline]


@dataclass(frozen=True)
class _Measured:
    """One or all draws at one k: test quotes, scores row by row, and seconds of fitting, each by who scored."""

    items: Sequence[QuoteItem]
    scores: Mapping[str, Floats]
    seconds: Mapping[str, float]


OURS = "precode"
T = TypeVar("T")


def benchmark_few_shot(  # noqa: PLR0913 - what is measured, with what, and how often are all the caller's choice
    items: Sequence[QuoteItem],
    *,
    codebook: Codebook,
    fit: Fit,
    embedder: Embedder | None = None,
    ks: Sequence[int] = SEEDS_EACH,
    draws: Sequence[int] = DRAWS,
    extra: Mapping[str, Baseline] | None = None,
) -> Result:
    """Measure a suggester by the number of seeds a code has; tables and curves are those of the largest k.

    Args:
        items: A quote set; quotes coded as nothing are neither seeds nor test.
        codebook: Of any framework.
        fit: Makes the suggester.
        embedder: For the baselines that compare embeddings; without it they are left out.
        ks: Numbers of seeds a code; those that no code can give are left out.
        draws: Seed values.
        extra: Further baselines by name, say one that trains for minutes; their time is told.

    Raises:
        UsageError: If the set is too small for the smallest k.
    """
    started = time.perf_counter()
    cuts = [draw(items, codebook, seed, max(ks)) for seed in draws]
    able = [k for k in ks if k <= min(cut.largest for cut in cuts)]
    if not able:
        raise UsageError(f"no code of the set has {min(ks)} quotes in half of its documents; use a larger set")
    session = _Bench(codebook, fit, embedder, extra or {})
    measured = {k: _measured(cuts, k, session) for k in able}
    result = _result(codebook, items, measured, fit(codebook, cuts[0].bank(able[-1])))
    last = measured[able[-1]]
    timed = finished(result, started, last.seconds[OURS], None)
    others = {name: round(seconds, 1) for name, seconds in last.seconds.items() if name != OURS}
    return replace(timed, timings=replace(timed.timings, baseline_seconds=others))


def draw(items: Sequence[QuoteItem], codebook: Codebook, seed: int, k: int) -> SeedDraw:
    """Cut a quote set in halves by document and take up to ``k`` seeds of each code from the first.

    Args:
        items: The quote set.
        codebook: Its codes.
        seed: Of the random cut.
        k: Seeds a code at most.
    """
    random = np.random.default_rng(seed)
    documents = sorted({item.document for item in items})
    random.shuffle(documents)
    first = set(documents[: len(documents) // 2])
    coded = [items[n] for n in random.permutation(len(items)) if items[n].codes]
    pool, rest = [item for item in coded if item.document in first], [i for i in coded if i.document not in first]
    seeds = {code: [item for item in pool if code in item.codes][:k] for code in codebook.ids}
    return SeedDraw(seeds, rest[:TEST_MOST])


def _measured(cuts: Sequence[SeedDraw], k: int, session: _Bench) -> _Measured:
    """Pool the draws: rows one after the other, seconds as their mean."""
    parts = [_once(cut, k, session) for cut in cuts]
    return _Measured(
        [item for part in parts for item in part.items],
        {name: np.concatenate([part.scores[name] for part in parts]) for name in parts[0].scores},
        {name: sum(part.seconds[name] for part in parts) / len(parts) for name in parts[0].seconds},
    )


def _once(cut: SeedDraw, k: int, session: _Bench) -> _Measured:
    bank = cut.bank(k)
    leaks = find_leaks(bank, {item.id: item.text for item in cut.test})
    test = [item for item in cut.test if item.id not in leaks]
    task = Task(session.codebook, bank, [item.text for item in test])
    scorer, seconds = _timed(lambda: _ready(session.fit(session.codebook, bank), task.texts))
    ours = {OURS: scorer.rank(task.texts).astype(np.float64)}
    extra = {name: _timed(partial(baseline, task)) for name, baseline in session.extra.items()}
    scores = ours | baseline_scores(task, session.embedder) | {name: ranked for name, (ranked, _) in extra.items()}
    return _Measured(test, scores, {OURS: seconds} | {name: taken for name, (_, taken) in extra.items()})


def _ready(scorer: Scorer, texts: Sequence[str]) -> Scorer:
    """Return the scorer after its first text: some fit no sooner."""
    scorer.rank(texts[:1])
    return scorer


def _timed(action: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    return action(), time.perf_counter() - started


def _result(
    codebook: Codebook, items: Sequence[QuoteItem], measured: Mapping[int, _Measured], scorer: Scorer
) -> Result:
    last = measured[max(measured)]
    rows = quote_rows(codebook, last.items, last.scores[OURS])
    inputs = quote_inputs(scorer, rows, [item for item in items if item.codes], "")
    inputs = replace(inputs, rules=RULES | {"seeds": f"tables and curves: up to {max(measured)} seeds a code"})
    scores = {
        name: {f"k{k}": _scores_of(codebook, pooled, name) for k, pooled in measured.items()} for name in last.scores
    }
    return replace(
        quotes_result("few-shot/v2", rows, inputs),
        scores=scores[OURS],
        baselines={name: block for name, block in scores.items() if name != OURS},
    )


def _scores_of(codebook: Codebook, measured: _Measured, name: str) -> Block:
    """Return the scores of the suggester or of a baseline; only the suggester's are probabilities."""
    rows = quote_rows(codebook, measured.items, measured.scores[name])
    ours = {"pairs": pair_block(rows), "calibration": calibration_block(rows)} if name == OURS else {}
    return quote_scores(rows) | ours
