"""From sentences, passages and quotes to the blocks of a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from evaluation.metrics.agreement import (
    Counts,
    cohen_kappa,
    counts_by_document,
    gwet_ac1,
    krippendorff_alpha,
    pabak,
    prevalence,
)
from evaluation.metrics.alignment import AlignedPassages
from evaluation.metrics.grouping import Flags, Floats, Grouping, by_construct, by_domain
from evaluation.metrics.intervals import FEWEST, Block, Bootstrap, Score, ratio
from evaluation.metrics.ranking import Hits, Ranking, brier, expected_calibration_error, in_top, indicator, top_label

CONSTRUCT, DOMAIN = "construct", "domain"
GROUPINGS: Mapping[str, Callable[[Codebook], Grouping]] = {CONSTRUCT: by_construct, DOMAIN: by_domain}
TOP = {CONSTRUCT: (1, 3, 5), DOMAIN: (1, 2)}
AGREEMENT: Mapping[str, Callable[[Counts], Floats]] = {
    "kappa": cohen_kappa,
    "ac1": gwet_ac1,
    "pabak": pabak,
    "alpha": krippendorff_alpha,
    "prevalence": prevalence,
}


@dataclass(frozen=True)
class Rows:
    """Scored rows (sentences or quotes) with the truth.

    Attributes:
        truth: Shape (n, codes), columns in codebook order.
        scores: Shape (n, codes).
        documents: Shape (n,), the document of each row, counted from 0.
        bootstrap: The draws that every interval uses.
    """

    codebook: Codebook
    truth: Flags
    scores: Floats
    documents: NDArray[np.intp]
    bootstrap: Bootstrap

    @cached_property
    def sums(self) -> Floats:
        """The ``indicator`` of the rows' documents."""
        return indicator(self.documents, self.bootstrap.documents)

    @property
    def coded(self) -> Flags:
        """Which rows bear any code, shape (n,)."""
        return np.asarray(self.truth.any(axis=1))

    def ranking(self, labels: Flags, scores: Floats) -> Ranking:
        """Rank the cells of a column or of a whole matrix."""
        return Ranking(labels.reshape(-1), scores.reshape(-1), self.documents.repeat(labels.size // len(labels)))

    def columns(self, grouping: Grouping) -> list[Ranking]:
        """Rank the rows for each label."""
        truth, scores = grouping.truth(self.truth), grouping.chance_of_any(self.scores)
        return [self.ranking(truth[:, n], scores[:, n]) for n in range(len(grouping.labels))]


def sentence_block(rows: Rows, coded: Floats) -> Block:
    """Measure rankings of sentences, by construct and by domain.

    Args:
        rows: The sentences.
        coded: Shape (n,), the score for bearing any code at all.
    """
    ranking = rows.ranking(rows.coded, coded)
    auc = rows.bootstrap.score(ranking.auc(rows.bootstrap.weights), ranking.positives)
    return {name: _ranked(rows, group(rows.codebook)) | {"coded_auc": auc} for name, group in GROUPINGS.items()}


def _ranked(rows: Rows, grouping: Grouping) -> dict[str, Score]:
    weights = rows.bootstrap.weights
    pooled = rows.ranking(grouping.truth(rows.truth), grouping.chance_of_any(rows.scores))
    micro = rows.bootstrap.score(pooled.average_precision(weights), pooled.positives)
    return {"micro_average_precision": micro, "macro_average_precision": _macro(rows, grouping)}


def _macro(rows: Rows, grouping: Grouping) -> Score:
    """Return the mean average precision over labels with enough positives; ``n`` counts their positives."""
    enough = [ranking for ranking in rows.columns(grouping) if ranking.positives >= FEWEST]
    if not enough:
        return Score(None, None, None, 0)
    return rows.bootstrap.score(
        mean_average_precision(enough, rows.bootstrap), sum(ranking.positives for ranking in enough)
    )


def mean_average_precision(rankings: Sequence[Ranking], bootstrap: Bootstrap) -> Floats:
    """Return the mean over rankings in each draw, shape (draws,), without those that hold no positive there."""
    values = np.stack([ranking.average_precision(bootstrap.weights) for ranking in rankings])
    return ratio(np.nansum(values, axis=0), (~np.isnan(values)).sum(axis=0).astype(np.float64))


def work_saved_block(rows: Rows, coded: Floats) -> Block:
    """Measure the reading saved on the way to 95% of the sentences that bear any code."""
    ranking = rows.ranking(rows.coded, coded)
    return {"wss95": rows.bootstrap.score(ranking.work_saved(rows.bootstrap.weights), ranking.positives)}


def quote_block(rows: Rows) -> Block:
    """Measure how often a true label is among the first k, by construct and by domain."""
    block: dict[str, Block] = {}
    for name, group in GROUPINGS.items():
        grouping = group(rows.codebook)
        truth, scores = grouping.truth(rows.truth), grouping.total(rows.scores)
        block[name] = {f"top{k}": _share(rows, in_top(truth, scores, k)) for k in TOP[name]}
    return block


def pair_block(rows: Rows) -> Block:
    """Measure passages that may bear several codes: all (row, code) pairs ranked, and both codes of two found."""
    pairs = rows.ranking(rows.truth, rows.scores)
    block = {
        "average_precision": rows.bootstrap.score(pairs.average_precision(rows.bootstrap.weights), pairs.positives)
    }
    two = rows.truth.sum(axis=1) == 2
    if two.any():
        found = np.take_along_axis(rows.truth, np.argsort(-rows.scores, axis=1, kind="stable")[:, :3], axis=1)
        weights, both = rows.bootstrap.weights, two & (found.sum(axis=1) == 2)
        shares = ratio(weights @ (rows.sums @ both), weights @ (rows.sums @ two))
        block["both_of_two"] = rows.bootstrap.score(shares, int(two.sum()))
    return block


def _share(rows: Rows, hits: Flags) -> Score:
    weights = rows.bootstrap.weights
    return rows.bootstrap.score(ratio(weights @ (rows.sums @ hits), weights @ rows.sums.sum(axis=1)), len(hits))


def calibration_block(rows: Rows) -> Block:
    """Measure how far the probability of each row's most probable code is from being right."""
    right, confidence = top_label(rows.truth, rows.scores)
    arguments = (right, confidence, rows.sums, rows.bootstrap.weights)
    return {
        "ece": rows.bootstrap.score(expected_calibration_error(*arguments), len(right)),
        "brier": rows.bootstrap.score(brier(*arguments), len(right)),
    }


def agreement_block(rows: Rows, machine: Flags) -> Block:
    """Measure agreement of machine and human over all rows and labels, prevalence beside it.

    Args:
        rows: With the human decisions as truth.
        machine: Shape (n, codes), the machine's decisions.
    """
    return {name: _agreement(rows, machine, group(rows.codebook)) for name, group in GROUPINGS.items()}


def _agreement(rows: Rows, machine: Flags, grouping: Grouping) -> dict[str, Score]:
    counts = counts_by_document(grouping.truth(machine), grouping.truth(rows.truth), rows.sums)
    positives = int((counts.both + counts.second).sum())
    drawn = counts.weighted(rows.bootstrap.weights)
    return {name: rows.bootstrap.score(measure(drawn), positives) for name, measure in AGREEMENT.items()}


def passage_block(comparisons: Mapping[str, AlignedPassages], bootstrap: Bootstrap) -> Block:
    """Measure suggested against human passages.

    Args:
        comparisons: By grouping name (``construct``, ``domain``).
        bootstrap: The draws.
    """
    return {name: _passages(comparison, bootstrap) for name, comparison in comparisons.items()}


def _passages(comparison: AlignedPassages, bootstrap: Bootstrap) -> dict[str, Score]:
    weights, human = bootstrap.weights, int(comparison.hits.human.sum())
    shared, ours, theirs = (
        weights @ characters.sum(axis=1) for characters in (comparison.shared, comparison.suggested, comparison.human)
    )
    spans = {"span_f1": ratio(2 * shared, ours + theirs), "span_iou": ratio(shared, ours + theirs - shared)}
    return operating_point(comparison.hits.micro(), bootstrap)[0] | {
        name: bootstrap.score(values, human) for name, values in spans.items()
    }


def operating_point(hits: Hits, bootstrap: Bootstrap) -> list[dict[str, Score]]:
    """Return precision, recall and F1 of each label."""
    weights = bootstrap.weights
    suggested, human = hits.suggested.sum(axis=0), hits.human.sum(axis=0)
    columns = zip(hits.precision(weights).T, hits.recall(weights).T, hits.f1(weights).T, strict=True)
    return [
        {
            "precision": bootstrap.score(precision, int(suggested[n])),
            "recall": bootstrap.score(recall, int(human[n])),
            "f1": bootstrap.score(f1, int(human[n])),
        }
        for n, (precision, recall, f1) in enumerate(columns)
    ]


def label_table(rows: Rows, grouping: Grouping, hits: Hits) -> Block:
    """Return one line for each label: the operating point on passages, the rankings on rows.

    Args:
        rows: Sentences or quotations.
        grouping: Labels of the codes.
        hits: Of passages, shape (documents, labels).
    """
    points = operating_point(hits, rows.bootstrap)
    rankings, human = rows.columns(grouping), hits.human.sum(axis=0)
    return {
        label: points[n] | _ranking_scores(rankings[n], rows.bootstrap) | {"positives": int(human[n])}
        for n, label in enumerate(grouping.labels)
    }


def _ranking_scores(ranking: Ranking, bootstrap: Bootstrap) -> dict[str, Score]:
    return {
        "average_precision": bootstrap.score(ranking.average_precision(bootstrap.weights), ranking.positives),
        "wss95": bootstrap.score(ranking.work_saved(bootstrap.weights), ranking.positives),
    }


def first_choice(rows: Rows) -> Flags:
    """Return each row's best code as its only one, shape (n, codes)."""
    first = np.zeros_like(rows.truth)
    first[np.arange(len(first)), rows.scores.argmax(axis=1)] = True
    return first


def first_choice_hits(rows: Rows, grouping: Grouping) -> Hits:
    """Count each row's first code as the one suggestion for it: the operating point where the span is given."""
    machine, human = grouping.truth(first_choice(rows)), grouping.truth(rows.truth)
    right = rows.sums @ (machine & human)
    return Hits(right, rows.sums @ machine, right, rows.sums @ human)


def confusion_block(rows: Rows) -> Block:
    """Count passages taken as given by human domain and first suggested domain; pairs that never occur are absent.

    A passage of two domains counts once if one of them is suggested, else for each of them.
    """
    grouping = by_domain(rows.codebook)
    truth, best = grouping.truth(rows.truth), grouping.total(rows.scores).argmax(axis=1)
    hit = truth[np.arange(len(best)), best]
    truth[hit] = np.eye(len(grouping.labels), dtype=np.bool_)[best[hit]]
    counts = truth.T.astype(np.intp) @ np.eye(len(grouping.labels), dtype=np.intp)[best]
    labels = grouping.labels
    return {a: {b: int(counts[i, j]) for j, b in enumerate(labels) if counts[i, j]} for i, a in enumerate(labels)}
