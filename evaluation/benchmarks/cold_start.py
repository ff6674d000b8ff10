"""From no quotation at all: a simulated reviewer decides in an order, and what is decided teaches at once.

``cold-start/v1``: every third interview is the test, the others are reviewed (three rotations). Before every batch the
suggester of the step before scores what is undecided; the reviewer decides sentence by sentence in the order that is
measured, and a decision reveals all codes of the sentence: it accepts, gives other and second codes, or rejects. What
was decided is learnt as a study learns it, and the suggester fitted again. Beside it stands a suggester fitted on up to
``SEEDS`` coded passages a code of the reviewed interviews.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.codings import Coding
from corpus.errors import UsageError
from corpus.seeds import SeedBank
from corpus.shipped import selfie_uncoded
from corpus.transcript import Segment, Span, Transcript
from evaluation.benchmarks.coded_study import coded_talk, span_quotes
from evaluation.benchmarks.few_shot import seed_quotes
from evaluation.benchmarks.hand_coded import (
    HAND_CODED_RULES,
    CodedProject,
    ScoredSentences,
    floor_block,
    inputs_of,
    recurring,
    rows_of,
)
from evaluation.benchmarks.protocols import RULES, Fit, finished
from evaluation.benchmarks.result import Result
from evaluation.benchmarks.scorer import Scorer
from evaluation.metrics.alignment import RULE, sentence_codes
from evaluation.metrics.curves import curves_of
from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.intervals import Block
from evaluation.metrics.measures import Rows, sentence_block
from pipeline.learn import DECISIONS, CodedTranscript, learned
from pipeline.review.ordering import by, distance, teaching

BUDGETS = (0, 25, 50, 100, 200, 400)
ROTATIONS = 3
SEEDS = 32
COLD_START_RULES = RULES | {
    "intervals": HAND_CODED_RULES["intervals"],
    "cold_start": f"interview n is tested in rotation n mod {ROTATIONS}, the others are reviewed; after each budget of "
    "decisions the suggester is fitted again; a decision reveals all codes of a sentence",
    "orders": "in_turn: the surest undecided sentence of each code in turn; teach: the same, the least sure first; "
    "certain, uncertain: over all codes; transcript: as the interviews run",
    "reference": f"seeds{SEEDS}: up to {SEEDS} coded passages a code of the reviewed interviews, with all their codes",
    "codes": "those found in at least three interviews",
    "alignment": RULE,
}

Rank = NDArray[np.intp]
Order = Callable[[Floats], Rank]
"""From probabilities of undecided sentences, shape (sentences, codes), to the order in which they are decided."""


def codes_in_turn(probabilities: Floats) -> Rank:
    """Take the surest sentence of each code in turn."""
    ranks = (-probabilities).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return by(ranks.min(axis=1), -probabilities.max(axis=1))


ORDERS: Mapping[str, Order] = {
    "in_turn": codes_in_turn,
    "teach": lambda chances: teaching(chances.argmax(axis=1), chances.max(axis=1), np.zeros(len(chances), np.bool_)),
    "certain": lambda chances: by(-chances.max(axis=1)),
    "uncertain": lambda chances: by(distance(chances.argmax(axis=1), chances.max(axis=1))),
    "transcript": lambda chances: np.arange(len(chances)),
}


@dataclass(frozen=True)
class _Pool:
    """The sentences of the reviewed interviews, row by row.

    Attributes:
        truth: Shape (sentences, codes): what the reviewer will find.
        segments: The sentences.
        transcripts: The interview of each sentence.
    """

    truth: Flags
    segments: Sequence[Segment]
    transcripts: Sequence[Transcript]

    def decisions(self, rows: Sequence[int], codes: Sequence[str]) -> list[CodedTranscript]:
        """Return what the reviewer decided on some sentences, as the log of a study would say it.

        Args:
            rows: The sentences.
            codes: Ids in the order of the columns.
        """
        codings: defaultdict[Transcript, list[Coding]] = defaultdict(list)
        rejected: defaultdict[Transcript, list[Span]] = defaultdict(list)
        for row in rows:
            talk, span = self.transcripts[row], self.segments[row].span
            given = [codes[column] for column in np.flatnonzero(self.truth[row]).tolist()]
            codings[talk] += [Coding(talk.name, span, code) for code in given]
            rejected[talk] += [] if given else [span]
        talks = dict.fromkeys(self.transcripts[row] for row in rows)
        return [CodedTranscript(talk, codings[talk], rejected[talk], DECISIONS) for talk in talks]


def benchmark_cold_start(
    project: CodedProject,
    *,
    fit: Fit,
    budgets: Sequence[int] = BUDGETS,
    orders: Mapping[str, Order] = ORDERS,
    rotations: int = ROTATIONS,
) -> Result:
    """Measure a suggester after each budget of decisions, in each order.

    Args:
        project: Interviews coded completely.
        fit: Makes the suggester.
        budgets: Numbers of decided sentences, rising; those beyond the smallest pool are left out.
        orders: By name.
        rotations: Interviews are tested in so many parts.

    Raises:
        UsageError: If there are too few coded interviews, or too few codes recur.
    """
    started = time.perf_counter()
    project = recurring(project)
    steps: defaultdict[str, defaultdict[str, list[ScoredSentences]]] = defaultdict(lambda: defaultdict(list))
    reference: list[ScoredSentences] = []
    for tested, reviewed in rotated(len(project.transcripts), rotations):
        scorer = fit(project.codebook, seed_bank(project, reviewed))
        reference.append(_tested(scorer, project, tested))
        pool = _pool(scorer, project, reviewed)
        for name, order in orders.items():
            for budget, learner in _reviewed(pool, project, fit, order, budgets):
                steps[name][f"decided{budget}"].append(_tested(learner, project, tested))
    seeds = _scores_of(rows_of(project, reference))
    scores = {
        name: {
            budget: _scores_of(rows_of(project, parts))
            for budget, parts in budgeted.items()
            if len(parts) == rotations  # the smallest pool holds so many sentences, too
        }
        for name, budgeted in steps.items()
    }
    result = Result(
        protocol="cold-start/v1",
        inputs=inputs_of(project, scorer, COLD_START_RULES),
        scores=scores,
        baselines={f"seeds{SEEDS}": {name: dict.fromkeys(budgeted, seeds) for name, budgeted in scores.items()}},
        curves=curves_of(rows_of(project, reference)),
    )
    return finished(result, started, None, None)


def rotated(interviews: int, rotations: int) -> list[tuple[list[int], list[int]]]:
    """Return the numbers of the interviews that are tested in each rotation, and of the others.

    Raises:
        UsageError: If no rotation is asked for, or one has nothing to test or nothing to learn from.
    """
    if rotations < 1:
        raise UsageError("no rotation was asked for")
    numbers = range(interviews)
    tested = [[n for n in numbers if n % rotations == part] for part in range(rotations)]
    parts = [(own, [n for n in numbers if n not in own]) for own in tested]
    if not all(own and rest for own, rest in parts):
        raise UsageError(f"{interviews} coded interviews are too few for {rotations} rotations")
    return parts


def _reviewed(
    pool: _Pool, project: CodedProject, fit: Fit, order: Order, budgets: Sequence[int]
) -> Iterator[tuple[int, Scorer]]:
    """Yield the suggester after each budget of decisions.

    Args:
        pool: What is reviewed.
        project: Its codebook.
        fit: Makes the suggester.
        order: In which sentences are decided.
        budgets: Numbers of decisions, rising.
    """
    decided: list[int] = []
    scorer = fit(project.codebook, selfie_uncoded())
    for budget in (budget for budget in budgets if budget <= len(pool.truth)):
        if budget > len(decided):
            done = set(decided)
            rest = np.array([row for row in range(len(pool.truth)) if row not in done], dtype=np.intp)
            chances = np.concatenate([scorer.score(talk).probabilities for talk in dict.fromkeys(pool.transcripts)])
            taken = order(chances[rest].astype(np.float64))[: budget - len(decided)]
            decided += rest[taken].tolist()
            readings = pool.decisions(decided, project.codebook.ids)
            scorer = fit(project.codebook, selfie_uncoded() + learned(readings, project.codebook))
        yield budget, scorer


def _pool(scorer: Scorer, project: CodedProject, numbers: Sequence[int]) -> _Pool:
    """Return the sentences of the named interviews; the scorer only cuts them."""
    talks = [project.transcripts[n] for n in numbers]
    cut = [scorer.score(talk).segments for talk in talks]
    truth = [
        sentence_codes(segments, project.of(talk), project.codebook) for talk, segments in zip(talks, cut, strict=True)
    ]
    segments = [segment for found in cut for segment in found]
    return _Pool(np.concatenate(truth), segments, [t for t, found in zip(talks, cut, strict=True) for _ in found])


def seed_bank(project: CodedProject, numbers: Sequence[int], each: int = SEEDS) -> SeedBank:
    """Return coded passages, drawn by chance, with talk without a code.

    Args:
        project: All interviews.
        numbers: Of those that the passages are from.
        each: Passages a code, at most.
    """
    talks = [project.transcripts[n] for n in numbers]
    items = [item for talk in talks for item in span_quotes(talk, project.of(talk))]
    shuffled = [items[n] for n in np.random.default_rng(0).permutation(len(items))]
    chosen = {
        item.id: item
        for code in project.codebook.ids
        for item in [item for item in shuffled if code in item.codes][:each]
    }
    return selfie_uncoded() + SeedBank(tuple(quote for item in chosen.values() for quote in seed_quotes(item)))


def _tested(scorer: Scorer, project: CodedProject, numbers: Sequence[int]) -> ScoredSentences:
    talk = coded_talk(scorer, [project.transcripts[n] for n in numbers], project.codings)
    return ScoredSentences(talk.rows.truth, talk.rows.scores, np.array(numbers, dtype=np.intp)[talk.rows.documents])


def _scores_of(rows: Rows) -> Block:
    return {"sentences": sentence_block(rows, rows.scores.max(axis=1)), "floor": floor_block(rows)}
