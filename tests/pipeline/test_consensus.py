"""A consensus is withdrawn as it was made: by entries of the log, at any time, and brought back by others."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.coders import CONSENSUS
from corpus.errors import UsageError
from corpus.transcript import Span
from pipeline.export.gather import in_force
from pipeline.review.consensus import Agreed, record, restore, withdraw, withdrawn
from pipeline.review.errors import Missing
from pipeline.store import Action, EventKind, NewDecision, NewEvent, StudyStore
from tests.pipeline.review_support import BOOK, desk_of, fill

SPAN, BESIDE = Span(28, 47), Span(48, 70)


@pytest.fixture
def store(tmp_path):
    with StudyStore(str(tmp_path / "study.db")) as opened:
        yield opened


@pytest.fixture
def anna(store):
    return fill(store)["anna"]


@pytest.fixture
def desk(store, anna):
    return desk_of(store)


def agreed(version, *codes, key, span=SPAN, by="Ann"):
    return Agreed(version, span, codes, "", by, key)


def standing(store, version):
    """What counts, as exports see it: coder, code and span."""
    counted = (current.decision for current in in_force(store.decisions.current(version=version)))
    return {(decision.coder, decision.code, decision.span) for decision in counted}


def code(store, version, coder, code_id, span=SPAN):
    store.decisions.add(NewDecision(coder, version, Action.CODE, span=span, code=code_id))


def test_withdraw_lets_each_coders_word_count_again_and_restore_the_consensus(store, desk, anna):
    code(store, anna, "Ann", "team")
    code(store, anna, "Ben", "trust")
    apart = standing(store, anna)
    record(desk, agreed(anna, "budget", "trust", key="made"))
    together = standing(store, anna)
    assert {(coder, code_id) for coder, code_id, _ in together} == {(CONSENSUS, "budget"), (CONSENSUS, "trust")}
    undone = withdraw(desk, agreed(anna, key="back", by="Ben"))
    assert standing(store, anna) == apart
    assert {(entry.coder, entry.action, entry.recorder) for entry in undone} == {(CONSENSUS, Action.UNDO, "Ben")}
    restore(desk, agreed(anna, key="again"))
    assert standing(store, anna) == together
    withdraw(desk, agreed(anna, key="back again"))
    assert standing(store, anna) == apart


def test_withdraw_takes_back_that_no_code_fits_and_whatever_was_agreed_before_it(store, desk, anna):
    code(store, anna, "Ann", "team")
    apart = standing(store, anna)
    record(desk, agreed(anna, "trust", key="first"))
    record(desk, agreed(anna, "budget", key="second"))
    record(desk, agreed(anna, key="none fits"))
    assert standing(store, anna) == set()
    withdraw(desk, agreed(anna, key="back"))
    assert standing(store, anna) == apart


def test_withdraw_leaves_what_was_agreed_on_elsewhere(store, desk, anna):
    record(desk, agreed(anna, "team", key="here"))
    record(desk, agreed(anna, "trust", key="beside", span=BESIDE))
    withdraw(desk, agreed(anna, key="back"))
    assert standing(store, anna) == {(CONSENSUS, "trust", BESIDE)}


def test_withdraw_sent_twice_is_written_once(store, desk, anna):
    record(desk, agreed(anna, "team", "trust", key="made"))
    first, again = (withdraw(desk, agreed(anna, key="back")) for _ in range(2))
    assert first == again
    assert len(list(store.decisions.stream())) == 4


def test_withdraw_and_restore_refuse_where_there_is_nothing(store, desk, anna):
    with pytest.raises(UsageError, match="nothing is agreed on"):
        withdraw(desk, agreed(anna, key="a"))
    with pytest.raises(UsageError, match="nothing was withdrawn"):
        restore(desk, agreed(anna, key="b"))
    record(desk, agreed(anna, "team", key="made"))
    with pytest.raises(UsageError, match="nothing was withdrawn"):
        restore(desk, agreed(anna, key="c"))
    withdraw(desk, agreed(anna, key="d"))
    record(desk, agreed(anna, "trust", key="made anew"))
    with pytest.raises(UsageError, match="something was agreed on since"):
        restore(desk, agreed(anna, key="e"))
    with pytest.raises(Missing):
        withdraw(desk, agreed(99, key="f"))


def test_withdraw_is_refused_to_whoever_codes_the_transcript_blind(store, desk, anna):
    record(desk, agreed(anna, "team", key="made"))
    store.events.add(NewEvent("Cleo", EventKind.BLIND, anna))
    with pytest.raises(Missing, match="hidden from you"):
        withdraw(desk, agreed(anna, key="back", by="Cleo"))


ACTS = st.lists(
    st.tuples(st.sampled_from(["withdraw", "restore"]), st.just(()))
    | st.tuples(st.just("record"), st.lists(st.sampled_from(BOOK.ids), max_size=2, unique=True).map(tuple)),
    max_size=7,
)


@settings(max_examples=30, deadline=None)
@given(ACTS)
def test_whatever_is_agreed_withdrawn_and_restored_the_last_act_tells_what_counts(acts):
    """A model of it: what is agreed on now, and what was when it was withdrawn last."""
    with tempfile.TemporaryDirectory() as folder, StudyStore(str(Path(folder) / "study.db")) as store:
        version = fill(store)["anna"]
        desk = desk_of(store)
        code(store, version, "Ann", "team")
        apart, now, before = standing(store, version), None, None
        for number, (act, codes) in enumerate(acts):
            asked = agreed(version, *codes, key=f"k{number}")
            if act == "record":
                record(desk, asked)
                now, before = set(codes), None
            elif (now if act == "withdraw" else before) is None:
                with pytest.raises(UsageError):
                    (withdraw if act == "withdraw" else restore)(desk, asked)
            elif act == "withdraw":
                withdraw(desk, asked)
                now, before = None, now
            else:
                restore(desk, asked)
                now, before = before, None
            expected = apart if now is None else {(CONSENSUS, each, SPAN) for each in now}
            assert standing(store, version) == expected
            with desk.now() as state:
                taken_back = withdrawn(state.decision_log.of_version(version), SPAN)
            assert (taken_back is not None) == (before is not None)
