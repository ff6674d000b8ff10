"""A study of 300 transcripts, 100,000 suggestions and 50,000 decisions: everything is there, and in little memory."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import insert

from corpus.transcript import Span
from pipeline.review.decision_log import DecisionLog
from pipeline.review.ordering import QueueOrder
from pipeline.review.queue import QueueRequest
from pipeline.review.suggestion_index import Wanted
from pipeline.store import Action, Decision, StudyStore
from pipeline.store.schema import decisions, suggestions
from pipeline.study_filter import Filter
from tests.pipeline.review_support import BOOK, FACTS, desk_of, interview
from tests.pipeline.store_support import source_of

pytestmark = pytest.mark.slow

TRANSCRIPTS, SUGGESTIONS, DECISIONS = 300, 100_000, 50_000
MB = 2**20


def suggestion_row(n):
    blank = {"rank": 1, "segments": [], "evidence": [], "words": [], "alternatives": []}
    place = {"outcome": n % TRANSCRIPTS + 1, "start": 28 + n // TRANSCRIPTS % 20, "end": 50}
    return blank | place | {"code": BOOK.ids[n % 3], "probability": (n * 7919 % 10_000) / 10_000}


def decision_row(n):
    version, action = n % TRANSCRIPTS + 1, Action.ACCEPT if n % 3 else Action.REJECT
    blank = {"memo": "", "blind": False, "recorder": "", "start": 28, "end": 50, "code": "team"}
    coder = "Ann" if n % 5 else "Ben"
    return blank | {
        "time": datetime.now(UTC),
        "coder": coder,
        "version": version,
        "action": action,
        "suggestion": n + 1,
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with StudyStore(str(tmp_path_factory.mktemp("large") / "study.db")) as store:
        run = store.runs.start(FACTS)
        for n in range(TRANSCRIPTS):
            name = f"P{n:03d}"
            added = store.transcripts.add(interview(name, "We meet every week and talk of money."), source_of(name))
            store.runs.save(run, added.version, ())
        with store._database.writing() as connection:
            connection.execute(insert(suggestions), [suggestion_row(n) for n in range(SUGGESTIONS)])
            connection.execute(insert(decisions), [decision_row(n) for n in range(DECISIONS)])
        yield store


@pytest.fixture(scope="module")
def desk(store):
    return desk_of(store)


@pytest.mark.parametrize("order", list(QueueOrder))
def test_a_walk_through_the_queue_meets_every_suggestion_once(desk, order):
    question = QueueRequest(order, Filter(version=7), Wanted.ALL, limit=50)
    met, answer = [], desk.queue("Ann", question)
    while answer.items:
        met += [one.id for one in answer.items]
        answer = desk.queue("Ann", QueueRequest(order, Filter(version=7), Wanted.ALL, after=met[-1], limit=50))
    assert len(met) == len(set(met)) == answer.total


def test_all_is_counted(desk):
    ann = desk.queue("Ann", QueueRequest(limit=1))
    assert (ann.total, ann.remaining) == (SUGGESTIONS, SUGGESTIONS - DECISIONS * 4 // 5)
    states = desk.transcripts("Ben")
    assert sum(one.suggestions for one in states) == SUGGESTIONS
    assert sum(one.decided for one in states) == DECISIONS // 5


def test_the_most_certain_come_first(desk):
    chances = [one.probability for one in desk.queue("Cleo", QueueRequest(limit=50)).items]
    assert chances == sorted(chances, reverse=True)
    assert all(a >= b for a, b in pairwise(chances))


def decided(n, start):
    span, code, key = Span(n, n + 9), f"code{n % 60}", f"{n:036}"
    time = start + timedelta(seconds=n)
    return Decision("".join("Ann"), n % 300 + 1, Action.ACCEPT, n, span, code, key=key, id=n, time=time)


def test_a_hundred_thousand_decisions_are_held_in_less_than_100_mb():
    ledger, start = DecisionLog(None), datetime.now(UTC)
    tracemalloc.start()
    ledger.take(decided(n, start) for n in range(1, 100_001))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ledger.last == 100_000
    assert held < 100 * MB
