"""The second pass after a run, as commands and the page start it. Imported only where a study names a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from models.second.opinion import NoOpinion, Option
from models.second.prompts import Prompter
from pipeline.export.run_outputs import write_run_outputs
from pipeline.run import FinishedRun, OutcomeStatus, TranscriptOutcome
from pipeline.second.connecting import open_model
from pipeline.second.kept import stage_for
from pipeline.second.passages import passages_of
from pipeline.second.second_pass import SecondPass, ask_study

if TYPE_CHECKING:
    from pipeline.session import StudySession
    from pipeline.settings import Settings
    from pipeline.store import StoredSuggestion


def second_pass(session: StudySession, advance: Callable[[int, int], None]) -> SecondPass:
    """Ask the study's model about the passages of its last run, and write the exports anew where suggestions changed.

    Args:
        session: The study at work.
        advance: Called after each passage with how many are done, of how many.

    Raises:
        UsageError: If the model cannot be asked.
    """
    study = session.study
    with open_model(study.settings) as model:
        stage = stage_for(study.folder, model.facts.fingerprint)
        passed = ask_study(session, model, stage, show=study.settings.second.show_untested, advance=advance)
    if passed.run is not None:
        sources = study.sources().accepted
        kept = [TranscriptOutcome(source.name, source.relative, OutcomeStatus.KEPT) for source in sources]
        write_run_outputs(session, FinishedRun(passed.run, tuple(kept), 0.0))
    return passed


def reason_for(session: StudySession, settings: Settings, stored: StoredSuggestion) -> str:
    """Return one sentence of the model on the code of a suggestion; it is not kept.

    Args:
        session: The study at work.
        settings: As they are now.
        stored: The suggestion.

    Raises:
        UsageError: If the model cannot be asked, or cannot write.
    """
    transcript, precoder = session.store.transcripts.get(stored.version), session.precoder
    passages = passages_of(stored.version, transcript, precoder.precode(transcript))
    if not passages:
        raise UsageError("no participant speaks in this transcript any more; see Who speaks")
    passage = max(passages, key=lambda passage: passage.span.overlap(stored.suggestion.span))
    with open_model(settings) as model:
        prompter = Prompter(precoder.codebook, model.facts.window)
        question = prompter.choice(passage.text, prompter.candidates(passage.ranked(precoder.codebook.ids)))
        code = precoder.codebook[stored.suggestion.code]
        try:
            return model.why(question, Option(code.id, code.name))
        except NoOpinion as none:
            raise UsageError(f"the model says nothing: {none}") from None
