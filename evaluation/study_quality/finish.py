"""The finish line of a study as page, report and paper have it: points, thresholds of codes, and a sentence."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.study_quality.finish_line import Estimate, FinishPoint, JudgedStudy, finish_points
from evaluation.study_quality.risk_control import CodeThreshold, fewest_judged, lowest_safe_threshold

GOOD = 0.8
"""Kappa whose interval must lie above it for a threshold to be recommended."""

COLUMNS = (
    *("threshold", "by_hand", "taken", "judged", "kappa", "kappa_low", "kappa_high"),
    *("precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high"),
)


@dataclass(frozen=True, slots=True)
class FinishLine:
    """How reliable the finished coding would be, by threshold.

    Attributes:
        sentences: Participant sentences of the study; ``judged`` of them were coded without sight of suggestions, in
            so many ``transcripts`` coded blind and in ``audited`` sentences elsewhere.
        precision: Share of suggestions that should be right, for the thresholds of single codes.
        points: By threshold, lowest first.
        codes: In codebook order.
        recommended: The lowest threshold whose kappa is good beyond doubt; None where none is.
        summary: A sentence for the paper.
    """

    sentences: int
    judged: int
    transcripts: int
    audited: int
    precision: float
    points: tuple[FinishPoint, ...]
    codes: tuple[CodeThreshold, ...]
    recommended: float | None
    summary: str


def finish_line(study: JudgedStudy, codes: Sequence[str], precision: float) -> FinishLine:
    """Return the finish line.

    Args:
        study: What is suggested and what was judged.
        codes: Ids of the codebook's codes, in its order.
        precision: Share of suggestions of a code that must be right for a threshold of its own.
    """
    points = finish_points(study)
    good = (point for point in points if point.kappa.low is not None and point.kappa.low >= GOOD)
    best = next(good, None)
    judged, clusters = int(study.judged.sum()), np.unique(study.clusters[study.judged])
    transcripts = int((clusters < study.documents).sum())
    audited = len(clusters) - transcripts
    evidence = _evidence(judged, transcripts, audited)
    return FinishLine(
        sentences=study.sentences,
        judged=judged,
        transcripts=transcripts,
        audited=audited,
        precision=precision,
        points=points,
        codes=code_thresholds(study, codes, precision),
        recommended=best.threshold if best else None,
        summary=_summary(best, points, evidence),
    )


def code_thresholds(study: JudgedStudy, codes: Sequence[str], precision: float) -> tuple[CodeThreshold, ...]:
    """Return from which probability on suggestions of each code keep a precision, in codebook order.

    A suggestion is right if the person gave its code to at least half of its sentences that were judged.

    Args:
        study: What is suggested and what was judged.
        codes: Ids of the codebook's codes, in its order.
        precision: Share that must be right.
    """
    human = study.human.sentences * study.codes + study.human.codes
    judged = study.judged[study.suggested.sentences]
    right = judged & np.isin(study.suggested.sentences * study.codes + study.suggested.codes, human)
    marks, first = np.unique(study.marks, return_index=True)
    counted = (np.bincount(study.marks, flags)[marks] if len(marks) else np.zeros(0) for flags in (judged, right))
    looked, hits = counted
    chances, of_code, known = study.chances[first], study.suggested.codes[first], looked > 0
    found = []
    for column, code in enumerate(codes):
        mine = of_code == column
        cases = mine & known
        correct = 2 * hits[cases] >= looked[cases]
        threshold = lowest_safe_threshold(chances[cases], correct, precision)
        taken = 0 if threshold is None else int((chances[mine] >= threshold).sum())
        n = int(cases.sum())
        few = n if n < fewest_judged(precision) else None
        found.append(CodeThreshold(code, n, int(correct.sum()), few, threshold, taken))
    return tuple(found)


def finish_csv(points: Iterable[FinishPoint]) -> str:
    """Return the points as CSV, shares and figures with four digits; empty cells where too little was judged."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for point in points:
        figures = (point.kappa, point.precision, point.recall)
        estimates = (end for figure in figures for end in (figure.value, figure.low, figure.high))
        row = (f"{point.threshold:.2f}", f"{point.by_hand:.4f}", point.taken, point.judged)
        writer.writerow([*row, *("" if end is None else f"{end:.4f}" for end in estimates)])
    return file.getvalue()


def _evidence(judged: int, transcripts: int, audited: int) -> str:
    kinds = (
        (transcripts, "transcript coded blind", "transcripts coded blind"),
        (audited, "audited sentence", "audited sentences"),
    )
    told = " and ".join(f"{n} {single if n == 1 else several}" for n, single, several in kinds if n)
    return f"estimated from {judged} sentences that a person coded without sight of suggestions ({told})"


def _summary(best: FinishPoint | None, points: Sequence[FinishPoint], evidence: str) -> str:
    """Return the sentence for the paper, or what is missing for one."""
    shown = best or next((point for point in reversed(points) if point.kappa.value is not None), None)
    if shown is None:
        return (
            "Not enough was judged without sight of suggestions to say how reliable the finished coding would be: "
            "code two or three transcripts blind, or audit more sentences."
        )
    doubt = "" if best else f"No threshold keeps kappa above {GOOD:.2f} beyond doubt. "
    return (
        f"{doubt}With suggestions of a probability of at least {shown.threshold:.2f} taken as they are and all other "
        f"sentences coded by a person ({shown.by_hand:.0%} of them), the finished coding would agree with coding by "
        f"hand throughout at Cohen's kappa {_told(shown.kappa)}, with precision {_told(shown.precision)} and recall "
        f"{_told(shown.recall)}, {evidence}."
    )


def _told(estimate: Estimate) -> str:
    value = f"{estimate.value:.2f}" if estimate.value is not None else "unknown"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} (95% interval {estimate.low:.2f} to {estimate.high:.2f})"
