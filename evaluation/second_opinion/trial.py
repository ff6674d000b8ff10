"""A trial: what a language model would bring to a study, measured on held-out codings before it may count.

Rule ``second/v1``. Passages that people judged without sight of an opinion are asked about. Folds of whole interviews
(of fewer than three, of stretches) are held out in turn; on the others the second stage is fitted with the opinion and
without it, so that a mere recalibration is no merit of the model. It counts from then on if log loss on the held-out
falls by more than its standard error; with fewer than ``FEWEST_PASSAGES`` answers, or ``FEWEST_CODED`` on passages that
bear a code, nothing is decided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.intervals import Bootstrap, Score, ratio
from evaluation.second_opinion.cases import Case, cases_of
from models.second.opinion import NONE, Failure, ModelFacts, NoOpinion, Opinion, Option, Question, SecondOpinion
from models.second.prompts import Prompter
from models.second.stage import UNCHANGED, Pairs, SecondStage, to_weights
from pipeline.second.asking import Asker, AskingReport, PassageOpinion
from pipeline.second.kept import KeptTrial, load_trial, save_trial
from pipeline.second.second_pass import planned, show_opinions

if TYPE_CHECKING:
    from pipeline.session import StudySession

RULE = "second/v1"
QUESTIONS = 120
"""Passages that a trial asks about at the most: some minutes."""

FEWEST_PASSAGES, FEWEST_CODED = 30, 15
FOLDS = 5
MANY_DOCUMENTS = 3


class TrialVerdict(StrEnum):
    """What became of a trial."""

    USED = "used"
    NO_GAIN = "no gain"
    TOO_FEW = "too few"


@dataclass(frozen=True)
class Answered:
    """A judged passage with what the model thinks of it."""

    case: Case
    opinion: PassageOpinion


@dataclass(frozen=True)
class Weighing:
    """What held-out passages say of a model.

    Attributes:
        coded: Shape (passages,), which bear a code.
        loss: Shape (2, passages), summed log loss of each without and with the opinion.
        right: Shape (2, passages), whether the likeliest code is one that was given, without and with.
        alone: Shape (passages,), whether the model's own choice is right: a code that was given, none where none was.
        agree: Shape (passages,), whether the model chooses precode's likeliest code.
        stage: Fitted on all of them.
    """

    coded: Flags
    loss: Floats
    right: Flags
    alone: Flags
    agree: Flags
    stage: SecondStage

    @property
    def gain(self) -> float:
        """Fall of the log loss, in the mean over passages."""
        return float((self.loss[0] - self.loss[1]).mean())

    @property
    def error(self) -> float:
        """Standard error of the gain."""
        return float((self.loss[0] - self.loss[1]).std(ddof=1) / math.sqrt(len(self.coded)))

    @property
    def verdict(self) -> TrialVerdict:
        """What the rule says."""
        if len(self.coded) < FEWEST_PASSAGES or self.coded.sum() < FEWEST_CODED:
            return TrialVerdict.TOO_FEW
        return TrialVerdict.USED if self.gain > self.error and self.stage.is_used else TrialVerdict.NO_GAIN

    def scores(self) -> dict[str, Score]:
        """Return log loss and right code first with 95% intervals over passages, without, with, and the gain."""
        draws, coded = Bootstrap(len(self.coded)), self.coded.astype(np.float64)
        every = np.ones(len(self.coded))

        def score(values: Floats, among: Floats, n: int) -> Score:
            return draws.score(ratio(draws.weights @ (values * among), draws.weights @ among), n)

        all_, bearing = len(self.coded), int(coded.sum())
        before, after = self.right.astype(np.float64)
        return {
            "log_loss_without": score(self.loss[0], every, all_),
            "log_loss_with": score(self.loss[1], every, all_),
            "log_loss_gain": score(self.loss[0] - self.loss[1], every, all_),
            "first_without": score(before, coded, bearing),
            "first_with": score(after, coded, bearing),
            "first_gain": score(after - before, coded, bearing),
            "model_alone": score(self.alone.astype(np.float64), every, all_),
            "agreement": score(self.agree.astype(np.float64), every, all_),
        }


@dataclass(frozen=True)
class Trial:
    """What a trial came to.

    Attributes:
        report: How asking went.
        cases: Judged passages that there are.
        weighing: None where too few were answered to weigh anything.
        questions: What a pass over the study would still ask.
        minutes: How long that takes.
    """

    facts: ModelFacts
    report: AskingReport
    cases: int
    weighing: Weighing | None
    questions: int = 0
    minutes: float = 0.0

    @property
    def verdict(self) -> TrialVerdict:
        """What became of it."""
        return self.weighing.verdict if self.weighing else TrialVerdict.TOO_FEW

    @property
    def stage(self) -> SecondStage:
        """The second stage that is in force from now on."""
        used = self.weighing is not None and self.verdict is TrialVerdict.USED
        return self.weighing.stage if self.weighing and used else UNCHANGED

    @property
    def figures(self) -> dict[str, Any]:
        """Counts and scores by name, for people and machines; no word of a transcript."""
        scores = {name: score.to_json() for name, score in self.weighing.scores().items()} if self.weighing else {}
        return {
            "rule": RULE,
            "cases": self.cases,
            "answered": len(self.weighing.coded) if self.weighing else 0,
            "coded": int(self.weighing.coded.sum()) if self.weighing else 0,
            "seconds_each": round(self.report.seconds_each, 3),
            "questions": self.questions,
            "minutes": round(self.minutes, 1),
            "scores": scores,
            "report": self.report.lines(),
        }

    def kept(self) -> KeptTrial:
        """Return it as the study keeps it."""
        created = datetime.now(UTC).isoformat(timespec="seconds")
        return KeptTrial(self.facts, str(self.verdict), to_weights(self.stage), self.figures, created)


def try_model(
    session: StudySession,
    model: SecondOpinion,
    human: Path | None = None,
    *,
    questions: int = QUESTIONS,
    advance: Callable[[int, int], None] = lambda _done, _of: None,
) -> Trial:
    """Ask a model about judged passages, and let it count from now on if that helps; otherwise it counts nothing.

    Args:
        session: The study; a run has been over it.
        model: Who is asked.
        human: A file of human codings.
        questions: Passages to ask about at the most.
        advance: Called after each passage with how many are done, of how many.

    Raises:
        PrecodeError: If the codings fit no transcript, or the study cannot be used.
    """
    asker = Asker(session.store, model, Prompter(session.precoder.codebook, model.facts.window))
    trial = _weighed(session, asker, model.facts, cases_of(session, human)[:questions], advance)
    _put_in_force(session, trial)
    return trial


def refit(session: StudySession, human: Path | None = None) -> Trial | None:
    """Weigh again what the model of the newest trial has answered so far, without asking it anything.

    Args:
        session: The study.
        human: A file of human codings.

    Returns:
        None where no model was tried, or too little is known by now.
    """
    before = load_trial(session.study.folder)
    if before is None:
        return None
    silent = SilentModel(before.facts)
    asker = Asker(session.store, silent, Prompter(session.precoder.codebook, before.facts.window), only_kept=True)
    trial = _weighed(session, asker, before.facts, cases_of(session, human), lambda _done, _of: None)
    if trial.verdict is TrialVerdict.TOO_FEW:
        return None
    _put_in_force(session, trial)
    return trial


class SilentModel:
    """A model that is known and not asked.

    Args:
        facts: What is known of it.
    """

    def __init__(self, facts: ModelFacts) -> None:
        self.facts = facts

    def ask(self, question: Question) -> Opinion:
        """Answer nothing."""
        raise NoOpinion(Failure.AWAY)

    def why(self, question: Question, chosen: Option) -> str:
        """Answer nothing."""
        raise NoOpinion(Failure.AWAY)


def _weighed(
    session: StudySession,
    asker: Asker,
    facts: ModelFacts,
    cases: Sequence[Case],
    advance: Callable[[int, int], None],
) -> Trial:
    answered: list[Answered] = []
    for n, case in enumerate(cases, start=1):
        opinion = asker.opinion(case.passage)
        if opinion is not None:
            answered.append(Answered(case, opinion))
        advance(n, len(cases))
    codes = session.precoder.codebook.ids
    weighing = weigh(answered, codes) if len(answered) >= FOLDS else None
    plan = planned(session)
    known = {(kept.version, kept.span) for kept in session.store.opinions.stream(facts.fingerprint)}
    left = sum((passage.version, passage.span) not in known for passage in plan.passages)
    budget = min(left, session.study.settings.second.budget)
    return Trial(facts, asker.report, len(cases), weighing, budget, budget * asker.report.seconds_each / 60)


def _put_in_force(session: StudySession, trial: Trial) -> None:
    save_trial(session.study.folder, trial.kept())
    seen = trial.stage.is_used or session.study.settings.second.show_untested
    show_opinions(session, trial.facts.fingerprint if seen else "")


def weigh(answered: Sequence[Answered], codes: Sequence[str]) -> Weighing:
    """Weigh a model's answers, each passage by weights that were fitted without it.

    Args:
        answered: Judged passages with opinions, at least as many as folds.
        codes: Ids in codebook order.
    """
    folds, pairs, owner = _folds(answered), pairs_of(answered, codes), _owners(answered)
    loss, mixed = np.zeros((2, len(answered))), [each.case.passage.chances for each in answered]
    for fold in range(FOLDS):
        held = np.flatnonzero(folds == fold)
        train, test = ~np.isin(owner, held), np.isin(owner, held)
        if not len(held) or not train.any():
            continue
        stages = [SecondStage.fit(pairs.take(train), opinion=opinion) for opinion in (False, True)]
        for n, stage in enumerate(stages):
            np.add.at(loss[n], owner[test], stage.losses(pairs.take(test)))
        for passage in held.tolist():
            mixed[passage] = answered[passage].opinion.weighed(mixed[passage], codes, stages[1])
    before = [each.case.passage.chances for each in answered]
    best = [codes[int(chances.argmax())] for chances in before]
    return Weighing(
        coded=np.array([bool(each.case.codes) for each in answered]),
        loss=loss,
        right=np.array([_right(answered, codes, before), _right(answered, codes, mixed)]),
        alone=np.array([each.opinion.best in (each.case.codes or {NONE}) for each in answered]),
        agree=np.array([each.opinion.best == code for each, code in zip(answered, best, strict=True)]),
        stage=SecondStage.fit(pairs),
    )


def pairs_of(answered: Sequence[Answered], codes: Sequence[str]) -> Pairs:
    """Return a pair for each code that was asked about of each passage.

    Args:
        answered: Judged passages with opinions.
        codes: Ids in codebook order.
    """
    column = {code: n for n, code in enumerate(codes)}
    rows = [
        (each.case.passage.chances[column[code]], strength, each.opinion.fit.get(code, 0.0), code in each.case.codes)
        for each in answered
        for code, strength in each.opinion.choice.items()
    ]
    calibrated, choice, fit, given = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return Pairs(calibrated, choice, fit, given.astype(np.bool_), _owners(answered))


def _owners(answered: Sequence[Answered]) -> NDArray[np.intp]:
    """Return the passage of each pair, shape (pairs,)."""
    return np.repeat(np.arange(len(answered)), [len(each.opinion.choice) for each in answered])


def _folds(answered: Sequence[Answered]) -> NDArray[np.intp]:
    """Return the fold that each passage is held out with, shape (passages,): interviews whole, if there are enough."""
    documents = sorted({each.case.document for each in answered})
    if len(documents) >= MANY_DOCUMENTS:
        return np.array([documents.index(each.case.document) % FOLDS for each in answered])
    order = sorted(range(len(answered)), key=lambda n: (answered[n].case.document, answered[n].case.passage.span))
    folds = np.empty(len(answered), dtype=np.intp)
    folds[order] = np.arange(len(answered)) * FOLDS // len(answered)
    return folds


def _right(answered: Sequence[Answered], codes: Sequence[str], chances: Sequence[Floats]) -> list[bool]:
    pairs = zip(answered, chances, strict=True)
    return [codes[int(each_chances.argmax())] in each.case.codes for each, each_chances in pairs]
