"""Does one published study help with another? ``published-other-study/v1`` leaves one study out at a time.

The quotations of the study that is left out are the test; those of the other studies join the shipped seeds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from corpus.published import resolve_published
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank, SeedQuote
from corpus.shipped import selfie, selfie_seeds
from evaluation.benchmarks.baselines import Task, baseline_scores
from evaluation.benchmarks.leakage import refuse_leakage
from evaluation.benchmarks.protocols import (
    PUBLISHED_AT_LEAST,
    QUOTE_RULES,
    Fit,
    finished,
    quote_inputs,
    quote_rows,
    quote_scores,
    quotes_result,
)
from evaluation.benchmarks.result import Result
from evaluation.metrics.grouping import Floats
from models.embedder import Embedder

RULES = QUOTE_RULES | {
    "seeds": "the shipped bank and the quotations of the other studies, one study left out at a time"
}
OURS = "precode"


def benchmark_other_study(papers: Path, *, fit: Fit, embedder: Embedder | None = None) -> Result:
    """Measure a suggester on each published study, with the other studies' quotations added to the seeds.

    Args:
        papers: Folder with the papers as text.
        fit: Makes the suggester.
        embedder: For the baselines that compare embeddings; without it they are left out.

    Raises:
        InputError: If a paper is not in the folder.
        IntegrityError: If a paper's text is not the one that was annotated.
        UsageError: If a study's quotation stands in the seeds or in another study.
    """
    started = time.perf_counter()
    items = sorted(resolve_published(papers, at_least=PUBLISHED_AT_LEAST), key=lambda item: str(item.source))
    parts = [_left_out(study, items, fit, embedder) for study in dict.fromkeys(item.source for item in items)]
    scores = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rows = {name: quote_rows(selfie(), items, values) for name, values in scores.items()}
    inputs = quote_inputs(fit(selfie(), selfie_seeds()), rows[OURS], items, selfie_seeds().digest)
    result = quotes_result("published-other-study/v1", rows[OURS], replace(inputs, rules=RULES))
    baselines = {name: quote_scores(scored) for name, scored in rows.items() if name != OURS}
    return finished(replace(result, baselines=baselines), started, None, None)


def with_quotes(bank: SeedBank, items: Sequence[QuoteItem]) -> SeedBank:
    """Return the bank with published quotations at its end."""
    quotes = (SeedQuote(item.text, min(item.codes), None, "published", source=item.source) for item in items)
    return bank + SeedBank(tuple(quotes))


def _left_out(study: str | None, items: Sequence[QuoteItem], fit: Fit, embedder: Embedder | None) -> dict[str, Floats]:
    """Return the scores of one study's quotations by suggester and baselines."""
    bank = with_quotes(selfie_seeds(), [item for item in items if item.source != study])
    texts = {item.id: item.text for item in items if item.source == study}
    refuse_leakage(bank, texts)
    ours = fit(selfie(), bank).rank([*texts.values()]).astype(np.float64)
    return {OURS: ours} | baseline_scores(Task(selfie(), bank, [*texts.values()]), embedder)
