"""Asking a language model about passages: what was answered before is not asked again, and trouble ends it early.

An answer is kept under the digest of prompt, model and adapter, because the same question asked twice may be answered
differently (servers reuse what they have computed). The prompt is not kept: it can be written again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.transcript import digest_of
from models.second.opinion import NONE, Failure, NoOpinion, Opinion, Question, SecondOpinion
from models.second.stage import SecondStage, choice_evidence, fit_evidence

if TYPE_CHECKING:
    from models.second.prompts import Prompter
    from pipeline.second.passages import AskedPassage
    from pipeline.store import StudyStore

IN_A_ROW = 3
"""Questions without an answer after which a pass ends."""

SECOND_CODE = 0.1
"""Probability from which a second code of a passage is asked about by itself."""

HOPELESS = frozenset({Failure.TRUNCATED, Failure.NOT_FOUND, Failure.NO_DECISIONS})
"""Failures that every further question would meet."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PassageOpinion:
    """What a model thinks of one passage.

    Attributes:
        choice: By code, see ``models.second.stage.choice_evidence``; empty without an opinion.
        fit: By code that was asked about by itself, see ``fit_evidence``.
        best: The code it chose, or ``NONE``.
    """

    choice: Mapping[str, float]
    fit: Mapping[str, float]
    best: str

    def weighed(self, chances: NDArray[np.floating], codes: Sequence[str], stage: SecondStage) -> NDArray[np.float64]:
        """Return probabilities in which this opinion counts as much as a stage says.

        Args:
            chances: Calibrated, shape (..., codes).
            codes: Ids in codebook order; those that were not asked about stay as they are.
            stage: The second stage.
        """
        mixed, named = chances.astype(np.float64), [codes.index(code) for code in self.choice]
        fit = np.array([self.fit.get(code, 0.0) for code in self.choice])
        mixed[..., named] = stage.mixed(mixed[..., named], np.array(list(self.choice.values())), fit)
        return mixed


@dataclass
class AskingReport:
    """What asking came to; counts only, no word of a transcript.

    Attributes:
        asked: Questions sent.
        kept: Questions that were answered before.
        milliseconds: What each answer took, now or when it was asked for.
        failures: How often there was no opinion, by reason.
        stopped: Why it ended before its time; empty if it did not.
    """

    asked: int = 0
    kept: int = 0
    milliseconds: list[int] = field(default_factory=list)
    failures: Counter[Failure] = field(default_factory=Counter)
    stopped: str = ""

    @property
    def answered(self) -> int:
        """Questions with an opinion, asked now or before."""
        return len(self.milliseconds)

    @property
    def seconds_each(self) -> float:
        """What a question takes, in the median; 0 where none was asked."""
        return median(self.milliseconds) / 1000 if self.milliseconds else 0.0

    def lines(self) -> list[str]:
        """Return in plain words what happened."""
        told = [f"{self.answered} opinions ({self.kept} of them known from before)."]
        told += [f"No opinion {count} times: {failure}." for failure, count in self.failures.most_common()]
        return [*told, *([f"Stopped: {self.stopped}."] if self.stopped else [])]


class Asker:
    """Asks one model and keeps what it answers.

    Args:
        store: Where answers are kept.
        model: Who is asked.
        prompter: Writes the prompts.
        budget: Questions at the most; None for any number.
        only_kept: Whether nothing may be sent, so that only what was answered before is found.
    """

    def __init__(
        self,
        store: StudyStore,
        model: SecondOpinion,
        prompter: Prompter,
        *,
        budget: int | None = None,
        only_kept: bool = False,
    ) -> None:
        self.report = AskingReport()
        self._store, self._model, self._prompter = store, model, prompter
        self._budget = 0 if only_kept else budget
        self._in_a_row = 0

    @property
    def fingerprint(self) -> str:
        """What tells the model's answers from those of others."""
        return self._model.facts.fingerprint

    @property
    def is_over(self) -> bool:
        """Whether nothing will be asked any more."""
        return bool(self.report.stopped) or (self._budget is not None and self.report.asked >= self._budget)

    def opinion(self, passage: AskedPassage) -> PassageOpinion | None:
        """Return what the model thinks of a passage: which code it chooses, and whether a second one fits, too."""
        codes = self._prompter.codebook.ids
        ranked = passage.ranked(codes)
        candidates = self._prompter.candidates(ranked)
        chosen = self._answer(passage, "", self._prompter.choice(passage.text, candidates))
        if chosen is None:
            return None
        best = max(chosen.chances, key=chosen.chances.__getitem__)
        first = ranked[0] if best == NONE else best
        second = next((code for code in ranked if code != first), None)
        fit: dict[str, float] = {}
        if passage.suggested and second and passage.chances[codes.index(second)] >= SECOND_CODE:
            fits = self._answer(passage, second, self._prompter.fits(passage.text, second, first))
            fit = {} if fits is None else {second: fit_evidence(fits)}
        return PassageOpinion(choice_evidence(chosen), fit, best)

    def _answer(self, passage: AskedPassage, code: str, question: Question) -> Opinion | None:
        """Return what was answered before, or ask and keep the answer; None where there is no opinion."""
        from pipeline.store import NewOpinion

        key = digest_of("\n".join((question.digest, self.fingerprint)))
        known = self._store.opinions.by_key([key]).get(key)
        if known is not None:
            self.report.kept += 1
            self.report.milliseconds.append(known.milliseconds)
            return Opinion(known.chances, known.mass, known.tokens, known.milliseconds)
        if self.is_over:
            return None
        opinion = self._asked(question)
        if opinion is not None:
            kept = (opinion.chances, opinion.mass, opinion.tokens, opinion.milliseconds)
            self._store.opinions.add(NewOpinion(key, passage.version, passage.span, code, self.fingerprint, *kept))
        return opinion

    def _asked(self, question: Question) -> Opinion | None:
        self.report.asked += 1
        try:
            opinion = self._model.ask(question)
        except NoOpinion as none:
            self._note(none.failure)
            return None
        self._in_a_row = 0
        self.report.milliseconds.append(opinion.milliseconds)
        return opinion

    def _note(self, failure: Failure) -> None:
        self._in_a_row += 1
        self.report.failures[failure] += 1
        log.info("no second opinion: %s", failure)
        if failure in HOPELESS:
            self.report.stopped = str(failure)
        elif self._in_a_row >= IN_A_ROW:
            self.report.stopped = f"{IN_A_ROW} questions in a row without an answer ({failure})"
