"""Counts of a study's codings and words: coders, consensus, nested codings, gone codes and filters, by hand."""

from functools import partial

import pytest

from corpus.coders import CONSENSUS
from corpus.participants import Participants
from corpus.transcript import Span
from evaluation.analysis.study_analysis import StudyAnalysis
from evaluation.analysis.study_words import StudyWords
from evaluation.analysis.types import TogetherIn
from pipeline.review.noted import audit_trail, memos
from pipeline.review.queue import QueueRequest
from pipeline.review.suggestion_index import Wanted
from pipeline.store import Action, EventKind, NewDecision, NewEvent, StudyStore
from pipeline.store.records import DecisionFields
from pipeline.study_filter import EVERYTHING, Filter, where_of
from tests.pipeline.review_support import SAID, Desk, StubSession, fill

PEOPLE = Participants(
    ("id", "role"), ({"id": "anna", "role": "nurse"}, {"id": "bert", "role": "GP"}, {"id": "cleo", "role": "nurse"})
)


class Study:
    """Three interviews that coders code by hand."""

    def __init__(self, store):
        self.store, self.versions = store, fill(store)
        session = StubSession(store)
        session.participants = lambda: PEOPLE
        self.desk = Desk(session)
        self.codings, self.words = StudyAnalysis(self.desk), StudyWords(self.desk, store)

    def span(self, name, words):
        text = self.store.transcripts.get(self.versions[name]).text
        return Span(text.index(words), text.index(words) + len(words))

    def code(self, name, words, code, coder="Ann", memo=""):
        draft = NewDecision(coder, self.versions[name], Action.CODE, span=self.span(name, words), code=code, memo=memo)
        return self.store.decisions.add(draft)[0]

    def counts(self, wanted=EVERYTHING, coder="Ann"):
        return {
            each.code: (each.passages, each.transcripts)
            for each in self.codings.codes(wanted, coder).codes
            if each.passages
        }


@pytest.fixture
def study(tmp_path):
    with StudyStore(str(tmp_path / "study.db")) as store:
        yield Study(store)


def test_codes_are_counted_once_a_passage_whoever_gave_them(study):
    study.code("anna", "We meet every week.", "team")
    study.code("anna", "We meet every week.", "team", "Ben")
    study.code("anna", "every week", "team")  # nested: it stands for itself
    study.code("cleo", "We share a desk.", "team", "Ben")
    study.code("cleo", "I never see the budget.", "lost", "Ben")
    assert study.counts() == {"team": (3, 2), "lost": (1, 1)}
    assert study.counts(Filter(coder="Ben")) == {"team": (2, 2), "lost": (1, 1)}
    assert study.counts(Filter(domain="No longer in the codebook")) == {"lost": (1, 1)}
    assert [each.code for each in study.codings.codes(EVERYTHING, "Ann").codes] == ["team", "trust", "budget", "lost"]


def test_a_consensus_counts_in_place_of_what_it_was_reached_on(study):
    study.code("anna", "We meet every week.", "team")
    study.code("anna", "We meet every week.", "trust", "Ben")
    study.code("anna", "We meet every week.", "budget", CONSENSUS)
    assert study.counts() == {"budget": (1, 1)}
    assert study.counts(Filter(coder="Ann")) == {"team": (1, 1)}


def test_suggestions_are_counted_until_somebody_decides(study):
    def suggested(wanted=EVERYTHING):
        return {each.code: each.suggested for each in study.codings.codes(wanted, "Ann").codes}

    before = suggested()
    assert sum(before.values()) == len(study.desk.queue("Ann", QueueRequest(state=Wanted.ALL, limit=50)).items)
    item = study.desk.queue("Ann", QueueRequest(state=Wanted.ALL, limit=50)).items[0]
    study.desk.decide([DecisionFields("Ben", item.version, Action.REJECT, suggestion=item.id, key="k")])
    assert suggested() == before | {item.code: before[item.code] - 1}
    assert suggested(Filter(coder="Ann")) == before


def test_codes_by_role_and_over_the_course(study):
    study.code("anna", "We meet every week.", "team")
    study.code("bert", "The nurse", "team")
    study.code("cleo", "We share a desk.", "trust")
    table = study.codings.groups(EVERYTHING, "Ann", "role")
    assert (table.codes, table.columns, table.sizes) == (("team", "trust"), ("GP", "nurse"), (1, 2))
    assert table.passages == ((1, 1), (0, 1))
    nurses = Filter(where=where_of(["role=nurse"], PEOPLE))
    assert study.codings.groups(nurses, "Ann", "role").columns == ("nurse",)
    course = study.codings.course(EVERYTHING, "Ann", 2)
    assert course.columns == ("0\u201350%", "50\u2013100%")
    assert sum(map(sum, course.passages)) == 3
    assert course.passages[course.codes.index("trust")] == (0, 1)
    assert study.codings.groups(EVERYTHING, "Ann", "transcript").columns == tuple(SAID)


def test_codes_together_in_sentences_turns_and_transcripts(study):
    study.code("anna", "We meet every week.", "team")
    study.code("anna", "meet every week", "trust", "Ben")
    study.code("anna", "Money is short.", "budget")

    def pairs(unit, wanted=EVERYTHING):
        return {(pair.first, pair.second): pair.units for pair in study.codings.together(wanted, "Ann", unit).pairs}

    assert pairs(TogetherIn.SENTENCE) == {("team", "trust"): 1}
    every = {("team", "trust"): 1, ("team", "budget"): 1, ("trust", "budget"): 1}
    assert pairs(TogetherIn.TURN) == pairs(TogetherIn.TRANSCRIPT) == every
    assert pairs(TogetherIn.TURN, Filter(code="budget")).keys() == {("team", "budget"), ("trust", "budget")}
    assert pairs(TogetherIn.TURN, Filter(domain="People")).keys() == {("team", "trust")}
    assert pairs(TogetherIn.TURN, Filter(coder="Ann")).keys() == {("team", "budget")}


def test_words_and_keywords_are_those_of_participants(study):
    counts = study.words.words(EVERYTHING, "Ann", language="en", most=99)
    listed = {each.word: (each.count, each.transcripts) for each in counts.words}
    assert listed["budget"] == (1, 1)
    assert not listed.keys() & {"the", "we", "work"}  # the last one is the interviewer's
    assert counts.total == sum(each.count for each in study.words.words(EVERYTHING, "Ann", language="", most=99).words)
    everything = study.words.keywords(EVERYTHING, "Ann", by="role", language="", most=99)
    assert [(group.group, group.transcripts) for group in everything.groups] == [("GP", 1), ("nurse", 2)]
    assert sum(group.total for group in everything.groups) == counts.total
    study.code("cleo", "We share a desk.", "team")
    coded = study.words.words(Filter(code="team"), "Ann", language="", most=99)
    assert [each.word for each in coded.words] == ["we", "share", "a", "desk"]


def test_nothing_of_a_transcript_coded_blind_is_counted(study):
    study.code("anna", "We meet every week.", "team", "Ben", memo="secret")
    study.store.events.add(NewEvent("Ann", EventKind.BLIND, study.versions["anna"]))
    assert study.counts() == {}
    assert study.codings.codes(EVERYTHING, "Ann").hidden == 1
    assert study.counts(coder="Cleo") == {"team": (1, 1)}
    assert study.words.words(EVERYTHING, "Ann", language="", most=999).transcripts == 2
    with study.desk.now() as state:
        assert memos(state, "Ann", EVERYTHING) == []
        assert {entry.coder for entry in audit_trail(state, "Ann", EVERYTHING, after=0, limit=9).entries} == {"Ann"}
        assert len(memos(state, "Cleo", EVERYTHING)) == 1


def test_memos_and_the_trail_are_listed_and_filtered(study):
    first = study.code("anna", "We meet every week.", "team", memo="look again")
    study.store.decisions.undo(study.code("cleo", "We share a desk.", "trust").id, coder="Ann")
    study.store.events.add(NewEvent("Ben", EventKind.MEMO, code="budget", text="about money"))
    study.store.events.add(NewEvent("Ben", EventKind.MEMO, study.versions["bert"], text="a long talk"))
    with study.desk.now() as state:
        listed = partial(memos, state, "Ann")
        assert [memo.text for memo in listed(EVERYTHING)] == ["look again", "a long talk", "about money"]
        assert [memo.text for memo in listed(Filter(coder="Ben", domain="Means"))] == ["about money"]
        assert next(memo.text for memo in listed(Filter(version=study.versions["bert"]))) == "a long talk"
        trail = audit_trail(state, "Ann", EVERYTHING, after=0, limit=99)
        acts = [(entry.did, entry.in_force) for entry in reversed(trail.entries)]
        assert acts == [("code", True), ("code", False), ("undo", True), ("memo", True), ("memo", True)]
        assert trail.entries[2].code == "trust"
        assert audit_trail(state, "Ann", Filter(code="team"), after=0, limit=9).entries[0].id == f"d{first.id}"
        assert audit_trail(state, "Ann", EVERYTHING, after=4, limit=9).entries == trail.entries[4:]
