"""Counting where there is little or odd to count: no codes, several speakers, passages over questions, any script."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.participants import Participants
from corpus.transcript import Role, Span, Transcript, Turn
from evaluation.analysis.study_analysis import StudyAnalysis
from evaluation.analysis.study_words import StudyWords
from evaluation.analysis.word_index import WordIndex
from evaluation.analysis.words import words_of
from evaluation.metrics.grouping import by_construct, by_domain, by_level
from evaluation.study_quality.agreement import Pair, agreement_of
from evaluation.study_quality.sentences import CodedSpans, row_of
from evaluation.study_quality.types import Unit
from pipeline.review.speaker_index import Spoken
from pipeline.store import Action, NewDecision, StudyStore
from pipeline.study_filter import Filter, where_of
from tests.pipeline.review_support import Desk, StubSession
from tests.pipeline.store_support import source_of

EMPTY = Codebook("empty", "1", ())
NOBODY = Spoken(np.zeros(1, dtype=np.intp), ({},))
TALK = st.text("abé'\u2019 \n.1漢ßİ\u0301", max_size=12)
ROLES = st.sampled_from([Role.PARTICIPANT, Role.INTERVIEWER])


@st.composite
def talks(draw):
    """A transcript of labelled turns of participants and interviewers."""
    text, turns = "", []
    for role, said in draw(st.lists(st.tuples(ROLES, TALK.filter(bool)), min_size=1, max_size=5)):
        text += "label: "
        turns.append(Turn(Span(len(text), len(text) + len(said)), "label", role))
        text += said + "\n"
    return Transcript("talk", text, tuple(turns))


class OneText:
    """What a word index asks of a store."""

    def __init__(self, transcript):
        self.transcripts, self.transcript = self, transcript

    def get(self, _version):
        return self.transcript


def counted(index, found):
    names = index.vocabulary
    return {
        names[n]: count for each in found for n, count in zip(each.words.tolist(), each.counts.tolist(), strict=True)
    }


# Words


@given(talks())
def test_words_within_a_passage_over_all_of_a_talk_are_those_of_its_participants(talk):
    index = WordIndex(OneText(talk))
    whole = counted(index, index.within(1, NOBODY, [Span(0, len(talk.text))]))
    assert whole == counted(index, index.of(1, NOBODY))
    said = [words_of(turn.span.of(talk.text)) for turn in talk.turns if turn.role is Role.PARTICIPANT]
    assert sum(whole.values()) == sum(map(len, said))
    assert "label" not in whole


@given(talks(), st.data())
def test_words_within_a_passage_are_words_that_participants_say_in_it(talk, data):
    start = data.draw(st.integers(0, len(talk.text) - 1))
    passage = Span(start, data.draw(st.integers(start + 1, len(talk.text))))
    shared = [
        talk.text[max(turn.span.start, passage.start) : min(turn.span.end, passage.end)]
        for turn in talk.turns
        if turn.role is Role.PARTICIPANT and turn.span.overlap(passage)
    ]
    index = WordIndex(OneText(talk))
    expected = [word for part in shared for word in words_of(part)]
    assert counted(index, index.within(1, NOBODY, [passage])) == {word: expected.count(word) for word in expected}


@given(TALK)
def test_words_do_not_depend_on_the_form_of_accents(text):
    assert words_of(unicodedata.normalize("NFD", text)) == words_of(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize("text", ["", "\n", "42 7", "…—", "\u202b\u202c"])
def test_a_talk_without_a_word_has_none(text):
    assert words_of(text) == []


# Several who speak


@pytest.fixture
def pair(tmp_path):
    """A talk of a nurse and a GP, and what counts its codings and words."""
    text = "N: We ring them. G: They come in. N: We ring again."
    said = [("N", "We ring them."), ("G", "They come in."), ("N", "We ring again.")]
    spans = [Span(text.index(words), text.index(words) + len(words)) for _, words in said]
    turns = tuple(Turn(span, who, Role.PARTICIPANT) for span, (who, _) in zip(spans, said, strict=True))
    people = Participants(("id", "role"), ({"id": "N", "role": "nurse"}, {"id": "G", "role": "GP"}))
    with StudyStore(str(tmp_path / "study.db")) as store:
        version = store.transcripts.add(Transcript("pair", text, turns), source_of("pair")).version
        session = StubSession(store)
        session.participants = lambda: people
        for turn, code in zip(turns, ("team", "team", "trust"), strict=True):
            store.decisions.add(NewDecision("Ann", version, Action.CODE, span=turn.span, code=code))
        store.decisions.add(NewDecision("Ben", version, Action.CODE, span=Span(3, len(text)), code="budget"))
        desk = Desk(session)
        yield StudyAnalysis(desk), StudyWords(desk, store), people


@pytest.mark.parametrize(
    ("where", "columns", "teams"),
    [
        ([], ("GP", "nurse"), (1, 1)),
        (["role=nurse"], ("nurse",), (1,)),
        (["role=gp"], ("GP",), (1,)),
        (["role=nurse", "role=gp"], ("GP", "nurse"), (1, 1)),
        (["role=porter"], (), None),
    ],
)
def test_groups_of_a_talk_of_two_have_the_columns_that_the_filter_means(pair, where, columns, teams):
    codings, _, people = pair
    table = codings.groups(Filter(where=where_of(where, people)), "Ann", "role")
    assert table.columns == columns
    assert dict(zip(table.codes, table.passages, strict=True)).get("team") == teams


def test_words_of_a_passage_that_goes_on_over_others_are_each_speakers_own(pair):
    _, words, people = pair
    groups = words.keywords(Filter(code="budget"), "Ann", by="role", language="", most=9).groups
    assert {group.group: group.total for group in groups} == {"nurse": 6, "GP": 3}
    nurse = Filter(code="budget", where=where_of(["role=nurse"], people))
    said = {each.word: each.count for each in words.words(nurse, "Ann", language="", most=9).words}
    assert said == {"we": 2, "ring": 2, "them": 1, "again": 1}


# No codes


@pytest.mark.parametrize("grouping", [by_construct, by_domain, by_level])
def test_columns_of_a_grouping_are_there_for_every_code_and_none_without_codes(grouping):
    assert grouping(EMPTY).columns().tolist() == []
    book = Codebook("two", "1", (Code("a", "A", "D", level="core"), Code("b", "B", "E"), Code("c", "C", "D")))
    columns, labels = grouping(book).columns(), grouping(book).labels
    assert columns.shape == (3,)
    for code, column in zip(book.ids, columns.tolist(), strict=True):
        assert grouping(book).of_code(book).get(code, 0) == column < len(labels)


@pytest.mark.parametrize("unit", list(Unit))
def test_agreement_under_a_codebook_without_codes_is_undefined(unit):
    nothing = CodedSpans(*np.zeros((4, 0), dtype=np.int64))
    row = row_of({1: np.array([(0, 9), (10, 19)])}, {1: np.array([0, 1])})
    found = agreement_of(Pair(("Ada", "Ben"), row, nothing, nothing, unit=unit), EMPTY)
    assert (found.overall.kappa, found.codes, found.domains, found.methods) == (None, (), (), "")
