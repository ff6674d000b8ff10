"""How far two coders agree on the sentences of a study, from counts alone: quick enough to follow every decision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np

from corpus.codebook import Codebook
from evaluation.metrics.agreement import Counts, cohen_kappa, gwet_ac1, krippendorff_alpha
from evaluation.metrics.grouping import Floats, Grouping, by_construct, by_domain
from evaluation.metrics.intervals import Bootstrap, ratio
from evaluation.study_quality.sentences import CodedSpans, Numbers, SentenceRow
from evaluation.study_quality.types import Agreement, Coefficients, LabelAgreement

ALL = "all codes"


@dataclass(frozen=True)
class Pair:
    """What two coders coded in the same sentences.

    Attributes:
        names: The two coders.
        provisional: Whether they have yet to finish.
    """

    names: tuple[str, str]
    row: SentenceRow
    first: CodedSpans
    second: CodedSpans
    provisional: bool = False


@dataclass(frozen=True)
class AgreementTables:
    """Counts by document and label, shape (documents, labels): of all sentences, and of the coded ones."""

    every: Counts
    coded: Counts


def agreement_of(pair: Pair, codebook: Codebook) -> Agreement:
    """Return agreement on every code, every domain and on all codes together."""
    constructs, domains = by_construct(codebook), by_domain(codebook)
    by_code, in_domains = tables(pair, constructs), tables(pair, domains)
    return Agreement(
        *pair.names,
        units=len(pair.row),
        transcripts=len(pair.row.versions),
        provisional=pair.provisional,
        overall=_overall(by_code),
        domains=_labels(domains.labels, in_domains),
        codes=_labels(constructs.labels, by_code),
    )


def tables(pair: Pair, grouping: Grouping) -> AgreementTables:
    """Count by document and label how often both, one or none of the two gave the label to a sentence."""
    first, second = (_cells(pair.row, marks, grouping) for marks in (pair.first, pair.second))
    labels = len(grouping.labels)
    both, only, other = (
        _by_document(pair.row, cells, labels)
        for cells in (np.intersect1d(first, second), np.setdiff1d(first, second), np.setdiff1d(second, first))
    )
    coded = np.unique(np.concatenate([first, second]) // labels)
    sizes = np.bincount(pair.row.documents[coded], minlength=len(pair.row.versions))
    neither = (each[:, np.newaxis] - both - only - other for each in (pair.row.sizes, sizes.astype(np.float64)))
    return AgreementTables(*(Counts(both, only, other, none) for none in neither))


def _cells(row: SentenceRow, marks: CodedSpans, grouping: Grouping) -> Numbers:
    """Return ``sentence * labels + label`` of every label that a sentence bears, each once."""
    sentence, mark = row.bearing(marks)
    column = grouping.members.argmax(axis=1)[marks.codes]
    return np.unique(sentence * len(grouping.labels) + column[mark])


def _by_document(row: SentenceRow, cells: Numbers, labels: int) -> Floats:
    place = row.documents[cells // labels] * labels + cells % labels
    return np.bincount(place, minlength=len(row.versions) * labels).reshape(-1, labels).astype(np.float64)


def _overall(by_code: AgreementTables) -> LabelAgreement:
    every, coded = _pooled(by_code.every), _pooled(by_code.coded)
    low, high = _interval(every)
    return _label(ALL, _summed(every), _summed(coded), low, high)


def _interval(documents: Counts) -> tuple[float | None, float | None]:
    """Return the interval of kappa over transcripts; see ``evaluation.metrics.intervals`` for what it is worth."""
    if len(documents.both) == 0:
        return None, None
    bootstrap = _bootstrap(len(documents.both))
    given = int((documents.both + documents.first + documents.second).sum())
    score = bootstrap.score(cohen_kappa(documents.weighted(bootstrap.weights)), given)
    return score.low, score.high


@cache
def _bootstrap(documents: int) -> Bootstrap:
    """Return the draws of so many transcripts, made once for all that ask."""
    return Bootstrap(documents)


def _labels(names: Sequence[str], found: AgreementTables) -> tuple[LabelAgreement, ...]:
    every, coded = _summed(found.every), _summed(found.coded)
    return tuple(_label(name, _at(every, n), _at(coded, n)) for n, name in enumerate(names))


def _label(
    name: str, every: Counts, coded: Counts, low: float | None = None, high: float | None = None
) -> LabelAgreement:
    given = _plain(ratio(2 * every.both + every.first + every.second, 2 * every.n))
    figures = asdict(coefficients(every))
    return LabelAgreement(**figures, label=name, prevalence=given, coded_only=coefficients(coded), low=low, high=high)


def coefficients(counts: Counts) -> Coefficients:
    """Return the measures of one table; None where a table leaves one undefined."""
    observed = ratio(counts.both + counts.neither, counts.n)
    measures = (observed, cohen_kappa(counts), gwet_ac1(counts), krippendorff_alpha(counts))
    return Coefficients(int(counts.n), *map(_plain, measures))


def _plain(value: Floats) -> float | None:
    return None if math.isnan(value) else float(value)


def _summed(counts: Counts) -> Counts:
    """Add up over documents (the first axis)."""
    return Counts(*(cell.sum(axis=0) for cell in _fields(counts)))


def _pooled(counts: Counts) -> Counts:
    """Add up over labels."""
    return Counts(*(cell.sum(axis=1) for cell in _fields(counts)))


def _at(counts: Counts, label: int) -> Counts:
    return Counts(*(cell[label] for cell in _fields(counts)))


def _fields(counts: Counts) -> tuple[Floats, Floats, Floats, Floats]:
    return counts.both, counts.first, counts.second, counts.neither
