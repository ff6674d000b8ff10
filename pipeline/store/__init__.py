"""The study store. Importing it loads SQLAlchemy (0.2 s): light commands import it where they open a study."""

from pipeline.store.records import (
    Action,
    Added,
    Change,
    Decision,
    NewDecision,
    Outcome,
    OutcomeState,
    Run,
    RunFacts,
    RunState,
    Standing,
    StoredSuggestion,
    TranscriptVersion,
)
from pipeline.store.store import StudyStore

__all__ = [
    "Action",
    "Added",
    "Change",
    "Decision",
    "NewDecision",
    "Outcome",
    "OutcomeState",
    "Run",
    "RunFacts",
    "RunState",
    "Standing",
    "StoredSuggestion",
    "StudyStore",
    "TranscriptVersion",
]
