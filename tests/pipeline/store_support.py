"""Little makers for the tests of the study store."""

import hashlib

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.store import RunFacts
from pipeline.study import Source

TALK = "We meet every week. The nurse rings me.\nSometimes nobody tells me anything."


class Bytes(Source):
    """A source whose bytes are its path: no file needed."""

    def digest(self):
        return hashlib.sha256(str(self.path).encode()).hexdigest()


def source_of(name, content="first"):
    return Bytes(name, content, f"transcripts/{name}.txt")


def transcript_of(name="P01", words=TALK, role=Role.PARTICIPANT, **other):
    turn = Turn(Span(0, len(words)), "Anna", role, 1.5, 9.0)
    return Transcript(name, words, (turn,), **other)


def facts_of(recipe="recipe-1"):
    return RunFacts(recipe, "lexical/v1", "codebook-digest", "seeds-digest", {"precode": "0.1.0"})


def suggestion_of(start=0, code="coordination", **other):
    values = {"segments": ("t0000s000",), "probability": 0.75, "rank": 1, **other}
    return Suggestion(Span(start, start + 5), code=code, **values)


def rich_suggestion():
    evidence = (
        Evidence("My nurse — zuster 🙂 — calls.", 0.875, "authored"),
        Evidence("Nobody rings.", -0.25, "accepted"),
    )
    return suggestion_of(3, evidence=evidence, words=("nurse", "rings"), segments=("t0000s000", "t0000s001"))


def add(store, name="P01", words=TALK, **other):
    """Add a transcript and return its version."""
    return store.transcripts.add(transcript_of(name, words, **other), source_of(name)).version


def coded_run(store, version, *suggestions, recipe="recipe-1"):
    """Run over one version and return the run."""
    run = store.runs.start(facts_of(recipe))
    store.runs.save(run, version, suggestions or (suggestion_of(),))
    store.runs.finish(run)
    return run


def refused_by_trigger(place, statement):
    """Try something behind the store's back and hold the database to refusing it."""
    engine = create_engine(place if "://" in place else f"sqlite:///{place}")
    with pytest.raises(DBAPIError, match=r"immutable|append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
