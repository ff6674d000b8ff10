"""The study store. Importing it loads SQLAlchemy (0.2 s): light commands import it where they open a study."""

from pipeline.store.event_records import Event, EventKind, NewEvent
from pipeline.store.records import (
    Action,
    Added,
    Change,
    ChangeCounters,
    CurrentDecision,
    Decision,
    DecisionFields,
    NewDecision,
    OutcomeState,
    Run,
    RunFacts,
    RunState,
    Sentence,
    StoredCandidate,
    StoredOutcome,
    StoredSuggestion,
    TranscriptVersion,
)
from pipeline.store.store import StudyStore

__all__ = [
    "Action",
    "Added",
    "Change",
    "ChangeCounters",
    "CurrentDecision",
    "Decision",
    "DecisionFields",
    "Event",
    "EventKind",
    "NewDecision",
    "NewEvent",
    "OutcomeState",
    "Run",
    "RunFacts",
    "RunState",
    "Sentence",
    "StoredCandidate",
    "StoredOutcome",
    "StoredSuggestion",
    "StudyStore",
    "TranscriptVersion",
]
