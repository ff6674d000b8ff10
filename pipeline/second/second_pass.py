"""The pass after a run: a language model is asked about passages, and where it has been found to help, it counts.

Suggestions are there without it. It ends when everything is asked, the budget is spent, or the server makes trouble;
in the last case suggestions stay as they were. What was answered is kept, and the next pass goes on from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from corpus.coders import MACHINE
from models.second.prompts import Prompter
from models.second.stage import SecondStage
from pipeline.run import versions
from pipeline.second.asking import Asker, AskingReport, PassageOpinion
from pipeline.second.passages import AskedPassage, is_young, passages_of, worth_asking
from pipeline.steps import Scored, suggestions_of

if TYPE_CHECKING:
    from corpus.suggestion import Suggestion
    from models.second.opinion import SecondOpinion
    from pipeline.session import StudySession
    from pipeline.store import TranscriptVersion

Found = Mapping[AskedPassage, PassageOpinion]


@dataclass(frozen=True, slots=True)
class SecondPass:
    """What a pass came to.

    Attributes:
        report: How asking went.
        run: Id of the run that holds the suggestions with the opinion; None where none changed.
        changed: Names of the transcripts whose suggestions changed.
        weight: What the model's choice counts.
    """

    report: AskingReport
    run: int | None
    changed: tuple[str, ...]
    weight: float

    def lines(self) -> list[str]:
        """Return in plain words what happened."""
        counts = f"It counts {self.weight:.2f} where precode counts 1." if self.weight else "It counts nothing."
        changed = [f"Suggestions changed in {len(self.changed)} transcripts."] if self.changed else []
        return [*self.report.lines(), counts, *changed]


@dataclass(frozen=True)
class PassPlan:
    """What a pass would ask, the least sure first.

    Attributes:
        passages: Over all transcripts.
        names: Name of each transcript by its version.
    """

    passages: Sequence[AskedPassage]
    names: Mapping[int, TranscriptVersion]


def planned(session: StudySession) -> PassPlan:
    """Return what a pass would ask about the transcripts that have been pre-coded with the study's codebook."""
    precoder, store = session.precoder, session.store
    done = store.runs.precoded(precoder.codebook.digest)
    current = {version.id: version for version in store.transcripts.versions() if version.id in done}
    found = [
        passage
        for version in current
        for transcript in [store.transcripts.get(version)]
        for passage in passages_of(version, transcript, precoder.precode(transcript))
    ]
    return PassPlan(worth_asking(found, young=is_young(precoder)), current)


def ask_study(
    session: StudySession,
    model: SecondOpinion,
    stage: SecondStage,
    *,
    show: bool = False,
    advance: Callable[[int, int], None] = lambda _done, _of: None,
) -> SecondPass:
    """Ask a model about the passages of a study, and let it count as much as was measured.

    Args:
        session: The study at work; a run has been over it.
        model: Who is asked.
        stage: Its second stage, from ``pipeline.second.kept.stage_for``.
        show: Whether coders see its opinions although they do not count.
        advance: Called after each passage with how many are done, of how many.
    """
    plan, precoder = planned(session), session.precoder
    prompter = Prompter(precoder.codebook, model.facts.window)
    asker = Asker(session.store, model, prompter, budget=session.study.settings.second.budget)
    found: defaultdict[int, dict[AskedPassage, PassageOpinion]] = defaultdict(dict)
    for n, passage in enumerate(plan.passages, start=1):
        opinion = asker.opinion(passage)
        if opinion is not None:
            found[passage.version][passage] = opinion
        advance(n, len(plan.passages))
    whole = (
        stage.is_used and not asker.report.stopped
    )  # what trouble cut short changes nothing; the next pass goes on from it
    run, changed = _revise(session, model, stage, found) if whole else (None, [])
    if stage.is_used or show:
        show_opinions(session, asker.fingerprint)
    return SecondPass(asker.report, run, tuple(plan.names[version].name for version in changed), stage.weight)


def show_opinions(session: StudySession, fingerprint: str) -> None:
    """Note that coders see the opinions of a model from now on; an empty fingerprint: of none any more."""
    from pipeline.store import EventKind, NewEvent

    seen = ""
    for event in session.store.events.stream(coder=MACHINE):
        seen = event.text if event.kind is EventKind.SECOND else seen
    if seen or fingerprint:
        session.store.events.add(NewEvent(MACHINE, EventKind.SECOND, text=fingerprint))


def revised(scored: Scored, found: Found, codes: Sequence[str], stage: SecondStage) -> Scored:
    """Return scores in which opinions count.

    Args:
        scored: The sentences of one transcript.
        found: What the model thinks of its passages; of two that share a sentence the shorter one counts there.
        codes: Ids in codebook order.
        stage: The second stage.
    """
    probabilities = scored.probabilities.astype(np.float64)
    for passage in sorted(found, key=lambda passage: passage.rows[0] - passage.rows[1]):
        rows = slice(*passage.rows)
        probabilities[rows] = found[passage].weighed(scored.probabilities[rows], codes, stage)
    return replace(scored, probabilities=probabilities.astype(np.float32))


def _revise(
    session: StudySession, model: SecondOpinion, stage: SecondStage, found: Mapping[int, Found]
) -> tuple[int | None, list[int]]:
    """Store the suggestions that differ with the opinion, as those of a run of their own."""
    fresh = {
        version: suggestions
        for version, evidence in found.items()
        for suggestions in [_suggested(session, version, evidence, stage)]
        if _differ(session, version, suggestions)
    }
    if not fresh:
        return None, []
    facts = session.facts(versions())
    run = session.store.runs.start(replace(facts, model=f"{facts.model}+{model.facts.fingerprint}"))
    for version, suggestions in fresh.items():
        session.store.runs.save(run, version, suggestions, session.store.runs.sentences(version))
    session.store.runs.finish(run)
    return run, list(fresh)


def _suggested(session: StudySession, version: int, found: Found, stage: SecondStage) -> list[Suggestion]:
    transcript, precoder = session.store.transcripts.get(version), session.precoder
    scored = revised(precoder.score(transcript), found, precoder.codebook.ids, stage)
    made, _ = session.speakers.hold_back(transcript, suggestions_of(transcript, scored, precoder))
    return made


def _differ(session: StudySession, version: int, suggestions: Sequence[Suggestion]) -> bool:
    """Tell whether suggestions are others than those that are stored and nobody has decided on."""
    answered = {decision.suggestion for decision in session.store.decisions.stream(version=version)}
    stored = list(session.store.suggestions.stream(version=version))
    there = {_content(each.suggestion) for each in stored if each.id not in answered}
    decided = [each.suggestion for each in stored if each.id in answered]
    wanted = {
        _content(made)
        for made in suggestions
        if not any(made.code == known.code and made.span.shares_half(known.span, of="self") for known in decided)
    }
    return there != wanted


def _content(suggestion: Suggestion) -> tuple[object, ...]:
    return suggestion.span, suggestion.code, round(suggestion.probability, 3)
