"""Learning from decisions: is a suggester that has learned them better on decisions it has not seen?

Rule ``not-worse/v1``. The decided sentences are held out in turn, whole interviews at a time (of a single interview,
stretches of turns). Two suggesters are fitted without each part: one with what is in force, one with what would be
learned. Over all parts, micro average precision must not fall and log loss must not rise; with fewer than
``MINIMUM`` decided sentences, or fewer than ``FEWEST`` that bear a code, nothing is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.errors import InputError
from corpus.seeds import PAGE, SeedBank
from corpus.transcript import Transcript
from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.intervals import FEWEST, Bootstrap, Score, ratio
from evaluation.metrics.ranking import Ranking, indicator
from models.examples import TrainingSet, turn_numbers
from models.seed_vectors import examples_of
from pipeline.languages import ENGLISH
from pipeline.learn import CodedTranscript, coded_in, decided, learned
from pipeline.learned import LearnedSeeds
from pipeline.precoder import Precoder, make_precoder
from pipeline.session import StudySession
from pipeline.study import Study

RULE = "not-worse/v1"
PARTS = 3
MINIMUM = 20
"""Decided sentences under which no comparison means anything."""

Numbers = NDArray[np.intp]
Fit = Callable[[SeedBank], Precoder]
"""Makes a precoder that has learned the given quotations, on top of the study's own seeds."""


class Verdict(StrEnum):
    """What became of what was to be learned."""

    KNOWN = "known"
    TOO_FEW = "too few"
    WORSE = "worse"
    BETTER = "better"


@dataclass(frozen=True)
class ScoreChange:
    """Both suggesters on decided sentences that neither has seen.

    Attributes:
        truth: Shape (sentences, codes).
        before: Probabilities of the suggester in force, shape (sentences, codes).
        after: Probabilities of the one that has learned.
        documents: Shape (sentences,), the interview of each sentence, counted from 0.
    """

    truth: Flags
    before: Floats
    after: Floats
    documents: Numbers

    @cached_property
    def scores(self) -> dict[str, dict[str, Score]]:
        """Average precision and log loss, each ``before``, ``after`` and the ``gain``, which is good if positive.

        The gain is paired: its interval draws the same interviews for both.
        """
        precision = [self._precision(scores) for scores in (self.before, self.after)]
        loss = [self._loss(scores) for scores in (self.before, self.after)]
        return {
            "micro_average_precision": self._paired(*precision, gain=precision[1] - precision[0]),
            "log_loss": self._paired(*loss, gain=loss[0] - loss[1]),
        }

    @property
    def coded(self) -> int:
        """How many of the sentences bear a code."""
        return int(self.truth.any(axis=1).sum())

    @property
    def verdict(self) -> Verdict:
        """What the rule says."""
        if len(self.truth) < MINIMUM or self.coded < FEWEST:
            return Verdict.TOO_FEW
        gains = [scores["gain"].value for scores in self.scores.values()]
        return Verdict.BETTER if all(gain is not None and gain >= 0 for gain in gains) else Verdict.WORSE

    @cached_property
    def _bootstrap(self) -> Bootstrap:
        return Bootstrap(int(self.documents.max()) + 1)

    def _paired(self, before: Floats, after: Floats, *, gain: Floats) -> dict[str, Score]:
        named = {"before": before, "after": after, "gain": gain}
        return {name: self._bootstrap.score(values, self.coded) for name, values in named.items()}

    def _precision(self, scores: Floats) -> Floats:
        documents = self.documents.repeat(self.truth.shape[1])
        return Ranking(self.truth.ravel(), scores.ravel(), documents).average_precision(self._bootstrap.weights)

    def _loss(self, scores: Floats) -> Floats:
        """Return the mean over (sentence, code) pairs of ``-log p(what was decided)`` for each draw."""
        chance = np.clip(np.where(self.truth, scores, 1 - scores), 1e-6, 1.0)
        sums, weights = indicator(self.documents, self._bootstrap.documents), self._bootstrap.weights
        return ratio(weights @ (sums @ -np.log(chance).mean(axis=1)), weights @ sums.sum(axis=1))


@dataclass(frozen=True)
class Learning:
    """What learning came to.

    Attributes:
        seeds: What would be or was learned.
        judgements: Decisions and codings it rests on.
        comparison: None where there was nothing to compare.
    """

    verdict: Verdict
    seeds: SeedBank
    judgements: int
    comparison: ScoreChange | None = None

    @property
    def facts(self) -> dict[str, float]:
        """Counts and scores, for the history of a study."""
        scores = self.comparison.scores if self.comparison else {}
        values = {f"{metric}_{name}": score.value for metric, each in scores.items() for name, score in each.items()}
        counts = {"judgements": self.judgements, "sentences": len(self.seeds.quotes), "coded": len(self.seeds.coded)}
        return {**counts, **{name: round(value, 6) for name, value in values.items() if value is not None}}


def learn_study(session: StudySession, codings: Path | None = None) -> Learning:
    """Learn from a study's decision log, and from a file of human codings; put it in force if that is not worse.

    The session keeps the precoder it has: what was learned is used by the next one that is opened.

    Raises:
        PrecodeError: If the codings fit no transcript or the study cannot be used.
    """
    study, kept = session.study, LearnedSeeds(session.study.folder)
    codebook, seeds = study.codebook(), study.seeds().without(PAGE)  # what is held out may be among these
    in_force, language = kept.seeds(codebook), study.settings.study.language
    readings = [
        *(coded_in(codings, _transcripts(study), codebook) if codings else ()),
        *decided(session.store, codebook),
    ]

    def fit(quotes: SeedBank) -> Precoder:
        if quotes.digest == in_force.digest:
            return session.precoder
        return make_precoder(codebook, seeds, session.precoder.embedder, learned=quotes, language=language)

    learning = learn(readings, codebook, fit, in_force=in_force, language=language)
    if learning.verdict is Verdict.BETTER:
        kept.install(learning.seeds, learning.facts)
    if study.settings.second.url:
        from evaluation.second_opinion.trial import refit

        refit(session, codings)
    return learning


def _transcripts(study: Study) -> Iterator[Transcript]:
    """Yield the transcripts that can be read; a run tells of the others."""
    for source in study.sources().accepted:
        with suppress(InputError):
            yield study.read(source)


def learn(
    readings: Sequence[CodedTranscript],
    codebook: Codebook,
    fit: Fit,
    *,
    in_force: SeedBank,
    language: str = ENGLISH,
) -> Learning:
    """Find out whether what people decided makes a suggester that is not worse; installs nothing.

    Args:
        readings: What people decided, from ``pipeline.learn``.
        codebook: The framework.
        fit: Makes the suggesters to compare.
        in_force: What the study has learned so far.
        language: What is spoken, ISO 639-1.
    """
    seeds = learned(readings, codebook, earlier=in_force, language=language)
    judgements = sum(reading.judgements for reading in readings)
    if seeds.digest == in_force.digest:
        return Learning(Verdict.KNOWN, seeds, judgements)
    if len(seeds.quotes) < MINIMUM:
        return Learning(Verdict.TOO_FEW, seeds, judgements)
    comparison = compare(fit, in_force, seeds)
    return Learning(comparison.verdict, seeds, judgements, comparison)


def compare(fit: Fit, old: SeedBank, new: SeedBank) -> ScoreChange:
    """Compare what is in force with what would be learned, on decisions held out part by part.

    Args:
        fit: Makes a suggester of seeds.
        old: The seeds in force.
        new: Those that were made of decisions.
    """
    usual = fit(old)
    examples = examples_of(new, usual.codebook, usual.embedder)
    before, after = np.zeros(examples.labels.shape), np.zeros(examples.labels.shape)
    parts = parts_of(examples)
    for part in np.unique(parts):
        rows = np.flatnonzero(parts == part)
        held, alone = examples.take(rows), len(set(examples.documents)) == 1
        before[rows] = _scores(fit(_without(old, held, alone=alone)), held)
        after[rows] = _scores(fit(_without(new, held, alone=alone)), held)
    return ScoreChange(examples.labels, before, after, _numbers(examples))


def parts_of(examples: TrainingSet) -> Numbers:
    """Return the part that each row is held out with: its interview's, or stretches of turns of a single one."""
    documents = _numbers(examples)
    if documents.any():
        return documents % PARTS
    turns = turn_numbers(examples)
    starts = np.unique(turns, return_index=True)[1]
    return np.asarray(starts[turns] * PARTS // len(turns), dtype=np.intp)


def _numbers(examples: TrainingSet) -> Numbers:
    """Number the interviews from 0 in order of appearance, shape (rows,)."""
    names = {name: n for n, name in enumerate(dict.fromkeys(examples.documents))}
    return np.array([names[name] for name in examples.documents], dtype=np.intp)


def _without(bank: SeedBank, held: TrainingSet, *, alone: bool) -> SeedBank:
    """Leave out the interviews of the held-out rows, or where there is one interview ``alone``, those rows."""
    names, rows = set(held.documents), set(zip(held.encoded.texts, held.encoded.contexts, strict=True))
    return SeedBank(
        tuple(q for q in bank.quotes if ((q.text, q.context) not in rows if alone else q.document not in names))
    )


def _scores(precoder: Precoder, held: TrainingSet) -> Floats:
    return np.asarray(precoder.suggester.score(held.encoded, turn_numbers(held)), dtype=np.float64)
