"""How far a coder has come with the suggestions, and what became of those decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median

import numpy as np

from corpus.transcript import Span
from evaluation.metrics.grouping import Flags, Floats, Grouping
from evaluation.study_quality.columns import Suggested
from evaluation.study_quality.sentences import Numbers
from evaluation.study_quality.shares import wilson
from evaluation.study_quality.types import Acceptance, DecisionCounts, DomainTally, Pace, TranscriptProgress
from pipeline.store.records import Action, CurrentDecision, Decision

UNDECIDED, ACCEPTED, REJECTED, UNSURE, RECODED = range(5)
KINDS = 5
JUDGED = (ACCEPTED, REJECTED, RECODED)
EDGES = (0.5, 0.6, 0.7, 0.8, 0.9)
BANDS = ("under .5", ".5-.6", ".6-.7", ".7-.8", ".8-.9", ".9-1")
TOGETHER = 0.25
"""Seconds under which decisions were written in one go, such as all above a probability."""
AWAY = 120.0
"""Seconds after which a coder was doing something else."""
FEWEST = 5
"""Pauses under which no pace is given."""
RECENT = 500
"""Decisions that the pace is taken from."""


def verdicts(suggested: Suggested, standings: Iterable[CurrentDecision], codes: Sequence[str]) -> Numbers:
    """Return what the coder made of each suggestion, shape (suggestions,).

    A coding in place of a suggestion accepts it if the code is the same; with another code it counts as rejected. One
    that was rejected because it was merged into another passage of its code was right, too.

    Args:
        suggested: The suggestions.
        standings: Where the coder stands.
        codes: Ids of the codebook's codes, in its order.
    """
    held = list(standings)
    decisions = {
        standing.decision.suggestion: standing.decision for standing in held if standing.decision.suggestion is not None
    }
    coded: defaultdict[tuple[int, str | None], list[Span]] = defaultdict(list)
    for decision in (standing.decision for standing in held if standing.coded):
        coded[decision.version, decision.code] += [decision.span] if decision.span else []
    decided = np.isin(suggested.ids, np.fromiter(decisions, dtype=np.int64))
    marks = suggested.marks.only(decided)
    columns = (suggested.ids[decided], marks.versions, marks.starts, marks.ends, marks.codes)
    found = np.full(len(suggested.ids), UNDECIDED, dtype=np.int64)  # most of a big study
    found[decided] = [
        _verdict(decisions[suggestion], codes[code], (start, end), coded.get((version, codes[code]), ()))
        for suggestion, version, start, end, code in zip(*(column.tolist() for column in columns), strict=True)
    ]
    return found


def _verdict(decision: Decision, code: str, place: tuple[int, int], coded: Sequence[Span]) -> int:
    match decision.action:
        case Action.ACCEPT:
            return ACCEPTED
        case Action.CODE:
            return ACCEPTED if decision.code == code else RECODED
        case Action.REJECT:
            return ACCEPTED if any(Span(*place).shares_half(span, of="self") for span in coded) else REJECTED
        case Action.UNSURE:
            return UNSURE
    return UNDECIDED


def by_transcript(
    suggested: Suggested, found: Numbers, names: Mapping[int, str], domains: Grouping
) -> tuple[TranscriptProgress, ...]:
    """Count verdicts by transcript and domain, in the order of ``names``.

    Args:
        suggested: The suggestions.
        found: Verdicts, shape (suggestions,).
        names: Names of transcripts by version.
        domains: The codebook's codes by domain.
    """
    versions = np.fromiter(names, dtype=np.int64)
    order = np.argsort(versions)
    document = order[np.searchsorted(versions, suggested.marks.versions, sorter=order)] if len(order) else order
    width = len(domains.labels)
    cells = (document * width + _domain(suggested, domains)) * KINDS + found
    counts = np.bincount(cells, minlength=len(names) * width * KINDS).reshape(len(names), width, KINDS)
    return tuple(_transcript(*named, each, domains.labels) for named, each in zip(names.items(), counts, strict=True))


def _transcript(version: int, name: str, counts: Numbers, labels: Sequence[str]) -> TranscriptProgress:
    rows = tuple(DomainTally(*_tallied(each), label) for each, label in zip(counts, labels, strict=True))
    return TranscriptProgress(*_tallied(counts.sum(axis=0)), version, name, rows)


def total(found: Numbers) -> DecisionCounts:
    """Count verdicts."""
    return DecisionCounts(*_tallied(np.bincount(found, minlength=KINDS)))


def _tallied(counts: Numbers) -> tuple[int, int, int, int, int]:
    undecided, accepted, refused, unsure, recoded = (int(each) for each in counts)
    rejected = refused + recoded
    decided = accepted + rejected + unsure
    return undecided + decided, decided, accepted, rejected, unsure


def domain_acceptance(suggested: Suggested, found: Numbers, domains: Grouping) -> tuple[Acceptance, ...]:
    """Return the acceptance of each domain.

    Args:
        suggested: The suggestions.
        found: Verdicts, shape (suggestions,).
        domains: The codebook's codes by domain.
    """
    return _acceptances(domains.labels, _domain(suggested, domains), found, suggested.chances)


def band_acceptance(suggested: Suggested, found: Numbers) -> tuple[Acceptance, ...]:
    """Return the acceptance of each band of probability; a bound belongs to the band above it."""
    return _acceptances(BANDS, np.digitize(suggested.chances, EDGES), found, suggested.chances)


def _domain(suggested: Suggested, domains: Grouping) -> Numbers:
    return domains.columns()[suggested.marks.codes]


def _acceptances(labels: Sequence[str], group: Numbers, found: Numbers, chances: Floats) -> tuple[Acceptance, ...]:
    return tuple(_acceptance(label, group == n, found, chances) for n, label in enumerate(labels))


def _acceptance(label: str, chosen: Flags, found: Numbers, chances: Floats) -> Acceptance:
    tally = _tallied(np.bincount(found[chosen], minlength=KINDS))
    accepted, judged = tally[2], tally[2] + tally[3]
    if not judged:
        return Acceptance(*tally, label, None, None, None, None)
    expected = float(chances[chosen & np.isin(found, JUDGED)].mean())
    return Acceptance(*tally, label, expected, accepted / judged, *(wilson(accepted, judged) or (None, None)))


def pace(times: Sequence[datetime], remaining: int) -> Pace:
    """Return the pace that the median pause between decisions makes, breaks and bulk decisions left out.

    Args:
        times: When decisions were made, oldest first; the last ``RECENT`` count.
        remaining: Suggestions still to decide on.
    """
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times[-RECENT:])]
    pauses = [gap for gap in gaps if TOGETHER <= gap < AWAY]
    if len(pauses) < FEWEST:
        return Pace(None, remaining, None)
    usual = median(pauses)
    return Pace(60 / usual, remaining, remaining * usual / 60)
