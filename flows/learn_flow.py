"""The Prefect flow that learns from what people decided: ``precode learn`` for a scheduler. Parameters are paths."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_table_artifact

from corpus.errors import discreet
from evaluation.learning import Learning, learn_study
from flows.precode_flow import run_as_task
from pipeline.session import StudySession
from pipeline.study import open_study


@flow(name="learn-study", persist_result=False)
def learn_from_decisions(folder: str, human: str = "") -> Learning:
    """Learn from a study's decisions; what was learned is used by the next run if it is not worse.

    Args:
        folder: The study.
        human: File of human codings to learn from, too; none by default.
    """
    codings = Path(human) if human else None
    with discreet("learning"), StudySession(open_study(Path(folder))) as session:
        learning = run_as_task(session.study.folder.name, "learn", partial(learn_study, session, codings))
    facts = {"verdict": str(learning.verdict), **learning.facts}
    create_table_artifact(
        [{"": name, "value": value} for name, value in facts.items()],
        key="precode-learn",
        description="What was learned, and how the suggester does on decisions that were held out",
    )
    return learning
