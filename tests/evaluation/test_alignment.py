"""Alignment, leakage guard and baselines: the rules, each with an example that can fail."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.codings import Coding
from corpus.errors import UsageError
from corpus.published import resolve_published
from corpus.readers import read_transcript
from corpus.seeds import SeedBank, SeedQuote
from corpus.shipped import sample_transcripts, selfie_seeds
from corpus.transcript import Role, Segment, Span
from evaluation.benchmarks.baselines import BASELINES, EMBEDDING_BASELINES, Task, baseline_scores
from evaluation.benchmarks.leakage import find_leaks, refuse_leakage
from evaluation.metrics.alignment import compare, merged, passages_of, sentence_codes
from evaluation.metrics.grouping import by_construct, by_domain, by_level
from models.lexical_encoder import LexicalEncoder
from pipeline.segment import segment as sentences_of

PAPERS = Path(__file__).parents[3] / "shared" / "papers"

BOOK = Codebook(
    "tiny",
    "1",
    (
        Code("money", "Money", "Means", level="macro", definition="Budgets and funding of the service."),
        Code("staff", "Staff", "Means", level="micro", definition="Nurses and doctors who do the work."),
        Code("trust", "Trust", "Culture", level="micro", definition="People who rely on each other."),
        Code("other", "Other", "Culture"),
    ),
)
SEEDS = SeedBank(
    (
        SeedQuote("The budgets ran dry and the funding stopped in spring.", "money"),
        SeedQuote("There was never a pound left over for the funding of it.", "money"),
        SeedQuote("We could not recruit another nurse for the ward.", "staff"),
        SeedQuote("I know that I can rely on her when it gets hard.", "trust"),
        SeedQuote("Shall we start with how you came to this job?", None),
    )
)
TEXTS = [
    "There are no budgets and no funding left",
    "Nurses on the ward, recruiting all the time.",
    "You rely on people when it is hard.",
]


def sentence(start, end):
    return Segment(f"s{start}", Span(start, end), 0, "P01", Role.PARTICIPANT)


def coded(start, end, code="money"):
    return Coding("one", Span(start, end), code)


# Alignment


@pytest.mark.parametrize(
    ("span", "bears"),
    [
        ((0, 100), [True, True, True]),
        ((0, 25), [True, True, False]),  # half of the second sentence
        ((0, 24), [True, False, False]),
        ((12, 30), [False, True, False]),
        ((18, 22), [True, True, False]),  # each holds half of the span
        ((30, 40), [False, False, False]),
    ],
)
def test_a_sentence_bears_a_code_by_the_half_rule(span, bears):
    sentences = [sentence(0, 20), sentence(20, 30), sentence(40, 80)]
    flags = sentence_codes(sentences, [coded(*span)], BOOK)
    assert flags[:, 0].tolist() == bears
    assert not flags[:, 1:].any()


def test_overlapping_spans_of_one_domain_are_one_passage():
    marks = [coded(0, 10), coded(5, 20, "staff"), coded(30, 40), coded(0, 10, "trust")]
    assert passages_of(marks, by_domain(BOOK).of_code(BOOK)) == {
        0: [Span(0, 20), Span(30, 40)],
        1: [Span(0, 10)],
    }


def test_codes_without_a_level_are_left_out_by_level():
    assert passages_of([coded(0, 5, "other")], by_level(BOOK).of_code(BOOK)) == {}


def test_comparison_counts_passages_and_characters():
    ours = {0: [Span(0, 10), Span(50, 60)], 1: [Span(0, 4)]}
    theirs = {0: [Span(5, 25), Span(100, 110)]}
    comparison = compare([ours], [theirs], 2)
    hits = comparison.hits
    assert [part[0].tolist() for part in (hits.correct, hits.suggested, hits.found, hits.human)] == [
        [1, 0],
        [2, 1],
        [1, 0],
        [2, 0],
    ]
    assert comparison.shared[0].tolist() == [5, 0]
    assert comparison.suggested[0].tolist() == [20, 4]
    assert comparison.human[0].tolist() == [30, 0]


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: Span(pair[0], sum(pair))))


@given(spans)
def test_merging_keeps_every_character_once(given_spans):
    joined = merged(given_spans)
    assert {n for span in joined for n in range(span.start, span.end)} == {
        n for span in given_spans for n in range(span.start, span.end)
    }
    assert sum(map(len, joined)) == len({n for span in joined for n in range(span.start, span.end)})


@given(spans)
def test_a_study_agrees_with_itself(given_spans):
    passages = {0: merged(given_spans)}
    comparison = compare([passages], [passages], 1)
    assert comparison.hits.correct == comparison.hits.human
    assert comparison.shared == comparison.human


# Grouping


def test_domains_gather_codes():
    grouping = by_domain(BOOK)
    scores = np.array([[0.5, 0.5, 0.1, 0.0]])
    assert grouping.labels == ("Means", "Culture")
    assert grouping.chance_of_any(scores)[0] == pytest.approx([0.75, 0.1])
    assert grouping.total(scores)[0] == pytest.approx([1.0, 0.1])
    assert grouping.truth(np.array([[False, True, False, False]])).tolist() == [[True, False]]


def test_constructs_are_left_as_they_are():
    scores = np.array([[0.5, 0.2, 0.1, 1.0]])
    np.testing.assert_allclose(by_construct(BOOK).chance_of_any(scores), scores)


# Leakage


@pytest.mark.parametrize(
    "text",
    [
        "We could not recruit another nurse for the ward.",
        "we could NOT recruit another nurse\nfor the ward",
    ],
)
def test_a_seed_in_the_test_set_is_refused(text):
    with pytest.raises(UsageError, match=r"take out the seeds of: item 7 \(seed 3\)") as caught:
        refuse_leakage(SEEDS, {"item 7": text, "item 8": "Something else was said in this place."})
    assert "recruit" not in str(caught.value)
    assert "item 8" not in str(caught.value)


def test_many_leaks_are_counted():
    texts = {str(n): SEEDS.quotes[0].text for n in range(13)}
    with pytest.raises(UsageError, match=r"0 \(seed 1\), 1 .*, 9 \(seed 1\) and 3 more"):
        refuse_leakage(SEEDS, texts)


def test_common_short_phrases_and_shared_topics_pass():
    bank = SEEDS + SeedBank((SeedQuote("Yes, I think so.", None),))
    assert not find_leaks(bank, {"a": "Yes, I think so.", "b": "We could not recruit another porter for the theatre."})


LONG = "They never told us that the clinic was to close before the winter had come to an end"


def test_most_of_a_seed_in_a_test_text_is_refused_and_a_stock_phrase_is_not():
    bank = SeedBank((SeedQuote(f"{LONG}.", "trust"),))
    phrase = "So I said that the clinic was to close before the holidays, and then nobody listened to me."
    assert find_leaks(bank, {"copied": f"Well, {LONG}, you know.", "phrase": phrase}) == {"copied": 0}


def test_the_context_of_a_seed_counts_too():
    told = LONG
    bank = SeedBank((SeedQuote("It hurt.", "trust", context=f"It hurt. {told}."),))
    assert find_leaks(bank, {"a": told}) == {"a": 0}


def test_the_shipped_bank_has_not_seen_the_sample_study():
    sentences = {
        f"{transcript.name}#{segment.id}": segment.span.of(transcript.text)
        for transcript in map(read_transcript, sample_transcripts())
        for segment in sentences_of(transcript)
        if segment.role is Role.PARTICIPANT
    }
    assert len(sentences) > 900
    assert not find_leaks(selfie_seeds(), sentences)


@pytest.mark.skipif(not PAPERS.is_dir(), reason="the papers are not beside this checkout (../shared)")
def test_the_shipped_bank_has_not_seen_the_published_quotations():
    assert not find_leaks(selfie_seeds(), {item.id: item.text for item in resolve_published(PAPERS)})


# Baselines


def test_every_baseline_scores_every_text_for_every_code():
    scored = baseline_scores(Task(BOOK, SEEDS, TEXTS), LexicalEncoder())
    assert set(scored) == set(BASELINES) | set(EMBEDDING_BASELINES)
    for scores in scored.values():
        assert scores.shape == (3, 4)
        assert ((scores >= 0) & (scores <= 1 + 1e-9)).all()


def test_without_an_encoder_two_baselines_are_left_out():
    assert set(baseline_scores(Task(BOOK, SEEDS, TEXTS))) == set(BASELINES)


@pytest.mark.parametrize("name", ["pattern", "tfidf", "nearest_seed", "definition"])
def test_baselines_find_what_words_give_away(name):
    scores = baseline_scores(Task(BOOK, SEEDS, TEXTS), LexicalEncoder())[name]
    assert scores.argmax(axis=1)[0] == 0


def test_keywords_need_the_word_itself_and_patterns_do_not():
    task = Task(BOOK, SEEDS, ["A doctor came.", "Doctors came.", "We are recruiting."])
    assert (BASELINES["keyword"](task)[:, 1] > 0).tolist() == [False, True, False]
    assert (BASELINES["pattern"](task)[:, 1] > 0).tolist() == [False, False, True]


def test_most_frequent_counts_seeds():
    assert BASELINES["most_frequent"](Task(BOOK, SEEDS, ["x"])).tolist() == [[0.5, 0.25, 0.25, 0.0]]


def test_chance_is_the_same_at_every_run():
    task = Task(BOOK, SEEDS, TEXTS)
    np.testing.assert_array_equal(BASELINES["random"](task), BASELINES["random"](task))


def test_baselines_survive_an_empty_seed_bank():
    for scores in baseline_scores(Task(BOOK, SeedBank(()), TEXTS)).values():
        assert np.isfinite(scores).all()
