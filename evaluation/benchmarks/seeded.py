"""Whole interviews from a few quotations a code, for who has a codebook with examples and no coded interview.

``seeded/v1``: every third interview is the test (three rotations); so many passages a code, drawn by chance from the
others, are the quotations, names and definitions speak besides. What such a study suggests is reported as it would show
it, and the best pairs of sentence and code of each interview by themselves.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from corpus.errors import UsageError
from evaluation.benchmarks.cold_start import ROTATIONS, rotated, seed_bank
from evaluation.benchmarks.hand_coded import (
    HAND_CODED_RULES,
    CodedProject,
    baseline_blocks,
    inputs_of,
    recurring,
    rows_of,
    scores_of,
    tested_on,
)
from evaluation.benchmarks.protocols import RULES, Fit, finished
from evaluation.benchmarks.result import Result
from evaluation.metrics.curves import curves_of
from evaluation.metrics.intervals import Block, ratio
from evaluation.metrics.measures import Rows
from models.embedder import Embedder

SEEDS = (0, 1, 2, 4, 8, 32)
BEST = 20
SEEDED_RULES = RULES | {
    "intervals": HAND_CODED_RULES["intervals"],
    "seeded": f"interview n is tested in rotation n mod {ROTATIONS}; up to k passages a code, drawn by chance from the "
    "others, with all their codes",
    "best": f"the {BEST} (sentence, code) pairs of each interview with the highest probability",
    "codes": "those found in at least three interviews",
    "floor": HAND_CODED_RULES["floor"],
    "alignment": HAND_CODED_RULES["alignment"],
    "leakage": "test sentences that a quotation gives away are left out",
}


def benchmark_seeded(
    project: CodedProject,
    *,
    fit: Fit,
    embedder: Embedder | None = None,
    seeds: Sequence[int] = SEEDS,
    rotations: int = ROTATIONS,
) -> Result:
    """Measure a suggester on whole interviews after so many quotations a code.

    Args:
        project: Interviews coded completely.
        fit: Makes the suggester.
        embedder: For the baselines that compare embeddings; without it they are left out.
        seeds: Quotations a code.
        rotations: Interviews are tested in so many parts.

    Raises:
        UsageError: If nothing is asked for, there are too few coded interviews, or too few codes recur.
    """
    started = time.perf_counter()
    project = recurring(project)
    if not seeds:
        raise UsageError("no number of quotations was asked for")
    parts = rotated(len(project.transcripts), rotations)
    scores: dict[str, Block] = {}
    baselines: defaultdict[str, dict[str, Block]] = defaultdict(dict)
    for each in seeds:
        scored = [tested_on(project, part, seed_bank(project, rest, each), fit, embedder) for part, rest in parts]
        tested = [part for _, part in scored]
        rows = rows_of(project, tested)
        scores[f"seeds{each}"] = {**scores_of(rows, tested), "best": best_block(rows)}
        for name, block in baseline_blocks(rows, tested).items():
            baselines[name][f"seeds{each}"] = block
    inputs = inputs_of(project, scored[0][0], SEEDED_RULES)
    result = Result(protocol="seeded/v1", inputs=inputs, scores=scores, baselines=baselines, curves=curves_of(rows))
    return finished(result, started, None, None)


def best_block(rows: Rows, best: int = BEST) -> Block:
    """Return which share of the best pairs of sentence and code of each interview is right."""
    documents = np.unique(rows.documents)
    correct, taken = np.zeros((2, rows.bootstrap.documents))
    for document in documents.tolist():
        inside = rows.documents == document
        first = np.argsort(-rows.scores[inside].ravel(), kind="stable")[:best]
        correct[document], taken[document] = rows.truth[inside].ravel()[first].sum(), len(first)
    weights = rows.bootstrap.weights
    return {"precision": rows.bootstrap.score(ratio(weights @ correct, weights @ taken), int(taken.sum()))}
