"""How far two coders agree on a study, unit by unit, from counts alone: quick enough to follow every decision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache

import numpy as np

from corpus.codebook import Codebook
from evaluation.metrics.agreement import (
    Counts,
    ac1_error,
    alpha_error,
    cohen_kappa,
    gwet_ac1,
    interval_over_units,
    kappa_error,
    krippendorff_alpha,
)
from evaluation.metrics.grouping import Floats, Grouping, by_construct, by_domain
from evaluation.metrics.intervals import DRAWS, FEWEST, LEVEL, Bootstrap, ratio
from evaluation.study_quality.sentences import CodedSpans, Numbers, SentenceRow
from evaluation.study_quality.types import Agreement, Coefficients, DrawnOver, LabelAgreement, Unit
from evaluation.study_quality.units import ComparedUnits, units_of

ALL = "all codes"
MEASURES = {
    "": (cohen_kappa, kappa_error),
    "ac1_": (gwet_ac1, ac1_error),
    "alpha_": (krippendorff_alpha, alpha_error),
}
"""Each measure with its standard error, by what its interval's fields begin with."""


@dataclass(frozen=True)
class Pair:
    """What two coders coded in the same transcripts.

    Attributes:
        names: The two coders.
        row: The participant sentences of these transcripts.
        provisional: Whether they have yet to finish.
        unit: What they are compared on.
    """

    names: tuple[str, str]
    row: SentenceRow
    first: CodedSpans
    second: CodedSpans
    provisional: bool = False
    unit: Unit = Unit.SENTENCE


@dataclass(frozen=True)
class AgreementTables:
    """Counts by document and label, shape (documents, labels): of all units, and of the coded ones."""

    every: Counts
    coded: Counts


def agreement_of(pair: Pair, codebook: Codebook) -> Agreement:
    """Return agreement on every code, every domain and on all codes together."""
    constructs, domains = by_construct(codebook), by_domain(codebook)
    units = units_of(pair.unit, pair.row, pair.first, pair.second, codebook)
    by_code, in_domains = tables(units, constructs), tables(units, domains)
    every, coded = _pooled(by_code.every), _pooled(by_code.coded)
    drawn_over = DrawnOver.TRANSCRIPTS if units.transcripts >= FEWEST else DrawnOver.UNITS
    found = Agreement(
        *pair.names,
        unit=pair.unit,
        units=len(units),
        transcripts=units.transcripts,
        provisional=pair.provisional,
        drawn_over=drawn_over,
        overall=_label(ALL, every, coded, DrawnOver.TRANSCRIPTS),
        domains=_labels(domains.labels, in_domains, drawn_over),
        codes=_labels(constructs.labels, by_code, drawn_over),
    )
    return replace(found, methods=methods_sentence(found))


def methods_sentence(found: Agreement) -> str:
    """Return what a paper would say of how agreement was measured and what it came to; empty where it is undefined."""
    overall, whole = found.overall, found.overall.kappa
    if whole is None:
        return ""
    counted = f"{found.units:,} {found.unit}{'' if found.units == 1 else 's'}"
    texts = f"{found.transcripts} transcript{'' if found.transcripts == 1 else 's'}"
    ends = f"{_decimal(overall.low)} to {_decimal(overall.high)}"
    reach = f", {LEVEL:.0%} interval {ends} from {DRAWS:,} draws of whole transcripts"
    kappas = [domain.kappa for domain in found.domains if domain.kappa is not None]
    spread = f", by domain from {min(kappas):.2f} to {max(kappas):.2f}" if kappas else ""
    return (
        f"Agreement of {found.first} and {found.second} was computed with the {found.unit} as the unit ({counted} of "
        f"{texts}; each pair of a unit and a code is one decision): Cohen's kappa {whole:.2f}"
        f"{reach if overall.low is not None else ''}{spread}; Gwet's AC1 {_decimal(overall.ac1)}; Krippendorff's alpha "
        f"(nominal) {_decimal(overall.alpha)}; {_decimal(overall.percent)} of the decisions were alike."
    )


def _decimal(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


def tables(units: ComparedUnits, grouping: Grouping) -> AgreementTables:
    """Count by document and label how often both, one or none of the two gave the label to a unit."""
    first, second = (given.cells(grouping) for given in (units.first, units.second))
    labels = len(grouping.labels)

    def counted(cells: Numbers) -> Floats:
        place = units.documents[cells // labels] * labels + cells % labels
        counts = np.bincount(place, minlength=units.transcripts * labels)
        return counts.reshape(units.transcripts, labels).astype(np.float64)

    both, only, other = (
        counted(cells)
        for cells in (np.intersect1d(first, second), np.setdiff1d(first, second), np.setdiff1d(second, first))
    )
    coded = np.unique(np.concatenate([first, second]) // labels)
    sizes = (units.by_document(some) for some in (np.arange(len(units)), coded))
    return AgreementTables(*(Counts(both, only, other, size[:, np.newaxis] - both - only - other) for size in sizes))


def _intervals(documents: Counts, drawn_over: DrawnOver) -> dict[str, float | None]:
    """Return the ends of the measures' intervals by field; see ``evaluation.metrics.intervals`` for their worth.

    Args:
        documents: Counts of one label, shape (documents,).
        drawn_over: What they rest on.
    """
    given = int((documents.both + documents.first + documents.second).sum())
    if given < FEWEST:
        return {}
    ends: dict[str, float | None] = {}
    for prefix, (measure, error) in MEASURES.items():
        if drawn_over is DrawnOver.UNITS:
            counts = _summed(documents)
            found = interval_over_units(float(measure(counts)), float(error(counts)), int(counts.n))
            low, high = found or (None, None)
        else:
            bootstrap = _bootstrap(len(documents.both))
            score = bootstrap.score(measure(documents.weighted(bootstrap.weights)), given)
            low, high = score.low, score.high
        ends |= {f"{prefix}low": low, f"{prefix}high": high}
    return ends


@cache
def _bootstrap(documents: int) -> Bootstrap:
    """Return the draws of so many transcripts, made once for all that ask."""
    return Bootstrap(documents)


def _labels(names: Sequence[str], found: AgreementTables, drawn_over: DrawnOver) -> tuple[LabelAgreement, ...]:
    return tuple(_label(name, _at(found.every, n), _at(found.coded, n), drawn_over) for n, name in enumerate(names))


def _label(name: str, documents: Counts, coded: Counts, drawn_over: DrawnOver) -> LabelAgreement:
    """Return agreement on one label.

    Args:
        name: Of the label.
        documents: Of all units, shape (documents,).
        coded: Of the coded units, likewise.
        drawn_over: What its intervals rest on.
    """
    every = _summed(documents)
    given = _plain(ratio(2 * every.both + every.first + every.second, 2 * every.n))
    figures = asdict(coefficients(every)) | _intervals(documents, drawn_over)
    return LabelAgreement(**figures, label=name, prevalence=given, coded_only=coefficients(_summed(coded)))


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
    return Counts(*(cell[..., label] for cell in _fields(counts)))


def _fields(counts: Counts) -> tuple[Floats, Floats, Floats, Floats]:
    return counts.both, counts.first, counts.second, counts.neither
