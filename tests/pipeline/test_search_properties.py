"""What any search for words tells of any transcripts: its passages are words of the text, each in its turn and once."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.search.folding import fold
from pipeline.search.ranking import best_passages
from pipeline.search.study_search import AROUND, StudySearch
from pipeline.search.words import occurrences, parse_query
from pipeline.segment import segment

PIECES = ["tea", "Tea", "t\u00e9a", "tea-time", "room", "ROOM", "a", "a", "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd"]
PIECES += [
    "\u05e9\u05dc\u05d5\u05dd",
    "\u202b\u202c",
    "<b>tea</b>",
    "&amp;",
    "<script>",
    "stra\u00dfe",
    "\ufb01sh",
    ".",
    "?",
]
SAID = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(" ".join)
TALK = st.lists(st.tuples(st.sampled_from(Role), SAID), min_size=1, max_size=5)
TERMS = [
    "tea",
    "te*",
    '"tea room"',
    '"a a"',
    "a",
    "\u05e9\u05dc\u05d5\u05dd",
    "b",
    "<b>",
    "strasse",
    "fish",
    "tea-time",
    '"tea',
]
QUERIES = st.lists(st.sampled_from(TERMS), min_size=1, max_size=3).map(" ".join)


def transcript_of(talk, between="\n", label=""):
    """Turns that nothing but white space keeps apart, unless they have labels."""
    text, turns = "", []
    for role, words in talk:
        text += label
        turns.append(Turn(Span(len(text), len(text) + len(words)), None, role))
        text += words + between
    return Transcript("P01", text, tuple(turns))


def spoken(transcript):
    """What a run has cut of the talk of participants."""
    cut = segment(transcript, starts_of=lambda words: [0, *(mark.end() for mark in re.finditer(r"[.?] (?=.)", words))])
    return [sentence for sentence in cut if sentence.role is Role.PARTICIPANT]


def searching(*transcripts):
    """A study of some transcripts, as far as searching for words looks at one, and its versions."""
    texts = dict(enumerate((replace(each, name=f"P{n}") for n, each in enumerate(transcripts)), start=1))
    store = SimpleNamespace(
        transcripts=SimpleNamespace(get=texts.__getitem__),
        runs=SimpleNamespace(
            sentence_rows_of=lambda some: (
                (version, [(cut.span.start, cut.span.end, cut.turn) for cut in spoken(texts[version])])
                for version in some
            ),
            versions_since=lambda _: (),
        ),
        change_counters=lambda: SimpleNamespace(outcomes=1),
    )
    versions = [SimpleNamespace(id=version, name=text.name) for version, text in texts.items()]
    return StudySearch(SimpleNamespace(store=store)), versions, texts


@given(TALK, QUERIES, st.sampled_from(["", "Ann: ", "tea: "]))
def test_occurrences_of_a_turn_are_those_of_its_words_alone(talk, query, label):
    transcript, terms, alone = transcript_of(talk, label=label), parse_query(query), []
    for number, turn in enumerate(transcript.turns):
        words = turn.span.of(transcript.text)
        for _, places in occurrences(terms, fold(words), [Span(0, len(words))]):
            moved = [Span(place.start + turn.span.start, place.end + turn.span.start) for place in places]
            alone.append((number, moved))
    spans = [turn.span for turn in transcript.turns]
    assert list(occurrences(terms, fold(transcript.text), spans)) == alone


def test_occurrences_of_a_phrase_begin_anew_where_a_turn_does():
    spans = [Span(0, 1), Span(2, 5)]
    assert list(occurrences(parse_query('"a a"'), fold("a\na a"), spans)) == [(1, [Span(2, 5)])]


@given(st.lists(TALK, min_size=1, max_size=2), QUERIES)
def test_by_words_passages_are_stretches_of_their_turns_in_order_and_apart(talks, query):
    search, versions, texts = searching(*map(transcript_of, talks))
    found = search.by_words(query, versions, most=200)
    assert found.total == len(found.hits)
    last = (0, 0)
    for hit in found.hits:
        text, within = texts[hit.version].text, texts[hit.version].turns[hit.turn].span
        assert hit.text == text[hit.start : hit.end]
        assert within.start <= hit.start < hit.end <= within.end
        assert last <= (hit.version, hit.start)
        last = (hit.version, hit.end)
        assert any(piece.marked for piece in hit.pieces)
        assert text[: hit.start].endswith(hit.before.removeprefix("\u2026"))
        assert text[hit.end :].startswith(hit.after.removesuffix("\u2026"))
        assert max(len(hit.before), len(hit.after)) <= AROUND + 1


@given(st.lists(TALK, min_size=1, max_size=2), QUERIES, st.integers(1, 3))
def test_by_words_fewer_and_of_participants_only_is_a_part_of_all(talks, query, most):
    search, versions, _ = searching(*map(transcript_of, talks))
    everything = search.by_words(query, versions, most=200)
    few = search.by_words(query, versions, most=most)
    assert (few.hits, few.total) == (everything.hits[:most], everything.total)
    theirs = search.by_words(query, versions, most=200, everyone=False)
    assert theirs.hits == [hit for hit in everything.hits if hit.role is not Role.INTERVIEWER]
    only = search.by_words(query, versions[:1], most=200)
    assert only.hits == [hit for hit in everything.hits if hit.version == versions[0].id]


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("tea tea", ["tea"]),
        ('tea "green tea"', ["green tea"]),
        ("te* tea green", ["green", "tea"]),
        ('"green tea" "tea room"', ["green tea room"]),
    ],
)
def test_by_words_terms_that_find_the_same_words_show_them_once(query, marked):
    search, versions, _ = searching(transcript_of([(Role.PARTICIPANT, "We took green tea room by room.")]))
    (hit,) = search.by_words(query, versions, most=9).hits
    assert hit.text == "We took green tea room by room."
    assert [piece.text for piece in hit.pieces if piece.marked] == marked


def test_by_words_of_nothing_finds_nothing():
    search, _, _ = searching()
    assert search.by_words("tea", [], most=9).hits == []
    silent, versions, _ = searching(Transcript("P01", "", ()))
    assert silent.by_words("tea", versions, most=9).total == 0
    with pytest.raises(UsageError, match="holds no words"):
        silent.words_of(1, Span(0, 1))


def test_best_passages_of_nothing_are_none():
    assert best_passages(np.zeros(0, np.float32), np.zeros(0, np.int64), 3) == []
    assert best_passages(np.full(4, -np.inf, np.float32), np.zeros(4, np.int64), 3) == []
