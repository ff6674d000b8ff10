"""The second pass after a run, as commands and the page start it. Imported only where a study names a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipeline.export.run_outputs import write_run_outputs
from pipeline.run import FinishedRun, OutcomeStatus, TranscriptOutcome
from pipeline.second.connecting import open_model
from pipeline.second.kept import stage_for
from pipeline.second.second_pass import SecondPass, ask_study

if TYPE_CHECKING:
    from pipeline.session import StudySession


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
