"""The commonest workflow: a person codes one, two or three interviews completely, the rest is pre-coded.

``hand-coded/v1``: every interview in turn is the first to be coded by hand, the ones after it in name order follow, at
most ``ROTATIONS`` times. A suggester is fitted as a study fits it: on names, definitions and every sentence of these
interviews, those without a code as what gets no code. The other interviews are the test. Rows of all rotations are
pooled; an interview that is tested in several is one document of the bootstrap. Codes found in fewer than
``FEWEST_INTERVIEWS`` interviews take no part.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.codings import Coding
from corpus.errors import UsageError
from corpus.seeds import SeedBank
from corpus.shipped import selfie_uncoded
from corpus.transcript import Span, Transcript, digest_of
from evaluation.benchmarks.baselines import Task, baseline_scores
from evaluation.benchmarks.coded_study import CodedTalk, coded_talk
from evaluation.benchmarks.leakage import find_leaks
from evaluation.benchmarks.protocols import RULES, Fit, finished
from evaluation.benchmarks.result import Inputs, Result
from evaluation.benchmarks.scorer import Scorer
from evaluation.metrics.alignment import RULE
from evaluation.metrics.curves import Curve, curves_of
from evaluation.metrics.grouping import Flags, Floats, by_construct
from evaluation.metrics.intervals import LEVEL, Block, Bootstrap, ratio
from evaluation.metrics.measures import (
    Rows,
    calibration_block,
    mean_average_precision,
    operating_point,
    sentence_block,
)
from evaluation.metrics.ranking import Hits
from models.embedder import Embedder
from pipeline.learn import CODINGS, CodedTranscript, learned

BY_HAND = (1, 2, 3)
ROTATIONS = 7
FEWEST_INTERVIEWS = 3
DRAWS = 200
"""Resamples of whole interviews; every rotation tests nearly all sentences again, so a thousand would take minutes."""
FLOOR = 0.3
"""Probability from which a thorough researcher would look at a suggestion: there, stated and right are compared."""

HAND_CODED_RULES = RULES | {
    "intervals": f"{LEVEL:.0%} percentile bootstrap, {DRAWS} draws of whole documents; wide with few documents",
    "hand_coded": "each interview in turn is the first to be coded by hand, the next in name order follow, at most "
    f"{ROTATIONS} rotations; the others are the test; rows of all rotations pooled; rotation: the mean over rotations",
    "codes": f"those found in at least {FEWEST_INTERVIEWS} interviews",
    "complete": "an interview with any coding is taken to be coded completely; a passage is coded if anyone coded it",
    "floor": f"stated: mean probability of (sentence, code) pairs from {FLOOR} on; right: the share of them coded so",
    "alignment": RULE,
    "leakage": "test sentences that a sentence coded by hand gives away are left out",
}


@dataclass(frozen=True)
class CodedProject:
    """Interviews coded completely by people.

    Attributes:
        transcripts: In name order; those without a coding are left out.
        codings: By one or more coders.
    """

    codebook: Codebook
    transcripts: Sequence[Transcript]
    codings: Sequence[Coding]

    def of(self, transcript: Transcript) -> list[Coding]:
        """Return the codings of one interview."""
        return [coding for coding in self.codings if coding.transcript == transcript.name]


@dataclass(frozen=True)
class ScoredSentences:
    """The sentences of interviews that were tested together.

    Attributes:
        truth: Shape (sentences, codes).
        scores: Shape (sentences, codes).
        documents: Shape (sentences,): number of each sentence's interview in the project.
    """

    truth: Flags
    scores: Floats
    documents: NDArray[np.intp]


@dataclass(frozen=True)
class Tested(ScoredSentences):
    """What was suggested there besides, and by the baselines.

    Attributes:
        hits: Of all codes together, a row for each interview of the project.
        times: Shape (interviews of the project,): 1 for those that were tested.
    """

    coded: Floats
    baselines: dict[str, Floats]
    hits: Hits
    times: Floats


def benchmark_hand_coded(
    project: CodedProject,
    *,
    fit: Fit,
    embedder: Embedder | None = None,
    by_hand: Sequence[int] = BY_HAND,
    rotations: int = ROTATIONS,
) -> Result:
    """Measure a suggester after so many interviews coded by hand, on the others.

    Args:
        project: Interviews coded completely.
        fit: Makes the suggester.
        embedder: For the baselines that compare embeddings; without it they are left out.
        by_hand: Numbers of interviews coded by hand; those that leave nothing to test are left out.
        rotations: How often another interview is the first.

    Raises:
        UsageError: If there are too few coded interviews, too few codes recur, or no rotation is asked for.
    """
    started = time.perf_counter()
    project = recurring(project)
    if rotations < 1:
        raise UsageError("no rotation was asked for")
    able = [n for n in by_hand if n < len(project.transcripts)]
    if not able:
        raise UsageError(f"{len(project.transcripts)} coded interviews leave none to test; at least two are needed")
    scores: dict[str, Block] = {}
    curves: Mapping[str, Curve] = {}
    baselines: defaultdict[str, dict[str, Block]] = defaultdict(dict)
    for n in able:
        tested = []
        for first in range(min(rotations, len(project.transcripts))):
            scorer, rotation = _rotation(project, first, n, fit, embedder)
            tested.append(rotation)
        rows = rows_of(project, tested)
        curves, scores[f"by_hand{n}"] = curves_of(rows), scores_of(rows, tested)
        for name, block in baseline_blocks(rows, tested).items():
            baselines[name][f"by_hand{n}"] = block
    result = Result(
        protocol="hand-coded/v1",
        inputs=inputs_of(project, scorer, HAND_CODED_RULES),
        scores=scores,
        baselines=baselines,
        curves=curves,
    )
    return finished(result, started, None, None)


def recurring(project: CodedProject) -> CodedProject:
    """Return a project with the codes that recur in enough of its coded interviews, and the interviews that bear any.

    Raises:
        UsageError: If no code does.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for coding in project.codings:
        found[coding.code].add(coding.transcript)
    fewest = min(FEWEST_INTERVIEWS, len({coding.transcript for coding in project.codings}))
    codes = tuple(code for code in project.codebook.codes if len(found[code.id]) >= max(2, fewest))
    if not codes:
        raise UsageError("no code was given in several interviews, so nothing that is learnt from some fits others")
    kept = {code.id for code in codes}
    codings = [coding for coding in project.codings if coding.code in kept]
    named = {coding.transcript for coding in codings}
    transcripts = sorted((t for t in project.transcripts if t.name in named), key=lambda transcript: transcript.name)
    return CodedProject(replace(project.codebook, codes=codes), transcripts, codings)


def bank_by_hand(project: CodedProject, transcripts: Sequence[Transcript]) -> SeedBank:
    """Return what a study has learnt once these interviews are coded completely, on top of talk without a code."""
    readings = [CodedTranscript(each, project.of(each), [Span(0, len(each.text))], CODINGS) for each in transcripts]
    return selfie_uncoded() + learned(readings, project.codebook)


def _rotation(project: CodedProject, first: int, n: int, fit: Fit, embedder: Embedder | None) -> tuple[Scorer, Tested]:
    """Fit on ``n`` interviews from the ``first`` on, test on the others.

    Args:
        project: All interviews.
        first: Number of the first that is coded by hand.
        n: How many are.
        fit: Makes the suggester.
        embedder: For baselines.
    """
    count = len(project.transcripts)
    taken = [(first + step) % count for step in range(n)]
    bank = bank_by_hand(project, [project.transcripts[number] for number in taken])
    rest = [number for number in range(count) if number not in taken]
    return tested_on(project, rest, bank, fit, embedder)


def tested_on(
    project: CodedProject, rest: Sequence[int], bank: SeedBank, fit: Fit, embedder: Embedder | None = None
) -> tuple[Scorer, Tested]:
    """Fit on a bank, test on interviews; what the bank gives away is left out.

    Args:
        project: All interviews.
        rest: Numbers of those that are tested.
        bank: What a study has learnt, of other interviews.
        fit: Makes the suggester.
        embedder: For baselines.
    """
    scorer, count = fit(project.codebook, bank), len(project.transcripts)
    talk = coded_talk(scorer, [project.transcripts[number] for number in rest], project.codings)
    leaks = find_leaks(bank, talk.texts)
    kept = np.array([name not in leaks for name in talk.texts], dtype=np.bool_)
    baselines = baseline_scores(Task(project.codebook, bank, [*talk.texts.values()]), embedder)
    return scorer, Tested(
        truth=talk.rows.truth[kept],
        scores=talk.rows.scores[kept],
        coded=talk.coded[kept],
        documents=np.array(rest, dtype=np.intp)[talk.rows.documents][kept],
        baselines={name: scored[kept] for name, scored in baselines.items()},
        hits=_spread(talk, rest, count),
        times=np.isin(np.arange(count), rest).astype(np.float64),
    )


def _spread(talk: CodedTalk, documents: Sequence[int], count: int) -> Hits:
    """Return the hits of all codes together, one row for each interview of the project."""
    hits = talk.comparison(by_construct(talk.rows.codebook)).hits.micro()
    parts = np.zeros((4, count, 1))
    parts[:, documents] = np.stack([hits.correct, hits.suggested, hits.found, hits.human])
    return Hits(*parts)


def rows_of(project: CodedProject, tested: Sequence[ScoredSentences]) -> Rows:
    """Return the sentences of all that was tested, pooled."""
    truth, scores, documents = (
        np.concatenate(parts)
        for parts in zip(*((each.truth, each.scores, each.documents) for each in tested), strict=True)
    )
    return Rows(project.codebook, truth, scores, documents, Bootstrap(len(project.transcripts), draws=DRAWS))


def baseline_blocks(rows: Rows, tested: Sequence[Tested]) -> dict[str, Block]:
    """Return how the sentences of all that was tested rank by each baseline."""
    ranked = {name: np.concatenate([each.baselines[name] for each in tested]) for name in tested[0].baselines}
    return {
        name: {"sentences": sentence_block(replace(rows, scores=scores), scores.max(axis=1))}
        for name, scores in ranked.items()
    }


def scores_of(rows: Rows, tested: Sequence[Tested]) -> Block:
    """Return how sentences rank, how true probabilities are, and what is suggested."""
    correct, suggested, found, human = (
        np.sum([getattr(each.hits, name) for each in tested], axis=0)
        for name in ("correct", "suggested", "found", "human")
    )
    weights, times = rows.bootstrap.weights, np.sum([each.times for each in tested], axis=0)
    each_transcript = ratio(weights @ suggested[:, 0], weights @ times)
    return {
        "sentences": sentence_block(rows, np.concatenate([each.coded for each in tested])),
        "rotation": rotation_block(rows, tested),
        "calibration": calibration_block(rows),
        "floor": floor_block(rows),
        "passages": {"construct": operating_point(Hits(correct, suggested, found, human), rows.bootstrap)[0]},
        "suggestions_a_transcript": rows.bootstrap.score(each_transcript, int(times.sum())),
    }


def rotation_block(rows: Rows, tested: Sequence[ScoredSentences]) -> Block:
    """Return how sentences rank within a rotation, in the mean; pooled ones were scored by suggesters that differ."""
    parts = [replace(rows, truth=each.truth, scores=each.scores, documents=each.documents) for each in tested]
    mean = mean_average_precision([part.ranking(part.truth, part.scores) for part in parts], rows.bootstrap)
    return {"average_precision": rows.bootstrap.score(mean, int(rows.truth.sum()))}


def floor_block(rows: Rows, floor: float = FLOOR) -> Block:
    """Compare what suggestions from a floor on state with what of them is right."""
    reached, weights = rows.scores >= floor, rows.bootstrap.weights
    count = weights @ (rows.sums @ reached.sum(axis=1))
    stated = ratio(weights @ (rows.sums @ (rows.scores * reached).sum(axis=1)), count)
    right = ratio(weights @ (rows.sums @ (rows.truth & reached).sum(axis=1)), count)
    pairs = int(reached.sum())
    return {"stated": rows.bootstrap.score(stated, pairs), "right": rows.bootstrap.score(right, pairs)}


def inputs_of(project: CodedProject, scorer: Scorer, rules: Mapping[str, str]) -> Inputs:
    """Return what a benchmark of a coded project was run on.

    Args:
        project: Its interviews and codes.
        scorer: One of those measured.
        rules: Of the protocol.
    """
    marks = [f"{c.transcript}\t{c.span.start}\t{c.span.end}\t{c.code}\t{c.coder}" for c in project.codings]
    texts = [f"{transcript.name}\t{transcript.digest}" for transcript in project.transcripts]
    return Inputs(
        codebook=project.codebook.digest,
        seeds="",
        model=scorer.model,
        recipe=scorer.recipe,
        data={"transcripts": digest_of("\n".join(texts)), "codings": digest_of("\n".join(sorted(marks)))},
        n_documents=len(project.transcripts),
        n_passages=len({(c.transcript, c.span, c.code) for c in project.codings}),
        rules=rules,
    )
