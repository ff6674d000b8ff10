"""The study store. Importing it loads SQLAlchemy (0.2 s): light commands import it where they open a study."""

from pipeline.store.event_records import Mark, MarkKind, NewMark
from pipeline.store.records import (
    Action,
    Added,
    Candidate,
    Change,
    Decision,
    NewDecision,
    Outcome,
    OutcomeState,
    Pulse,
    Run,
    RunFacts,
    RunState,
    Sentence,
    Standing,
    StoredSuggestion,
    TranscriptVersion,
)
from pipeline.store.store import StudyStore

__all__ = [
    "Action",
    "Added",
    "Candidate",
    "Change",
    "Decision",
    "Mark",
    "MarkKind",
    "NewDecision",
    "NewMark",
    "Outcome",
    "OutcomeState",
    "Pulse",
    "Run",
    "RunFacts",
    "RunState",
    "Sentence",
    "Standing",
    "StoredSuggestion",
    "StudyStore",
    "TranscriptVersion",
]
