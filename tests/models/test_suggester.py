"""The suggester and its scorers on the lexical encoder: what it is fitted on, what it says, and the smallest banks."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from corpus.codebook import Code, Codebook
from corpus.seeds import SeedBank, SeedQuote
from models.classifiers import (
    NONE,
    EmbeddingClassifier,
    TfidfClassifier,
    classes_of,
    full_width,
    is_content_term,
    vocabulary,
)
from models.examples import encode_with_context
from models.lexical_encoder import LexicalEncoder
from models.seed_vectors import examples_of
from models.suggester import Suggester, held_out, is_trainable, turn_numbers
from tests.corpus.support import BOOK, NOUNS, PATTERN, interviews, quotes, sentence

ENCODER = LexicalEncoder()


def examples(bank, codebook=BOOK):
    return examples_of(bank, codebook, ENCODER)


def talk(*texts):
    return encode_with_context(ENCODER, texts, texts)


def fitted(bank, codebook=BOOK):
    return Suggester([code.domain for code in codebook.codes]).fit(examples(bank, codebook))


@pytest.fixture(scope="module")
def bank():
    return interviews(40)


@pytest.fixture(scope="module")
def suggester(bank):
    return fitted(bank)


# Scorers


def test_classes_are_first_codes_and_the_last_is_none():
    bank = SeedBank((SeedQuote("a", "budget"), SeedQuote("b", None), SeedQuote("c", "trust", also="team")))
    assert classes_of(examples(bank)).tolist() == [2, 3, 0]


def test_a_class_that_was_never_seen_gets_nearly_nothing():
    spread = full_width(np.array([[0.25, 0.75]]), np.array([0, 3]), 4)
    assert spread[0] == pytest.approx([0.25, 0, 0, 0.75], abs=1e-5)
    assert (spread > 0).all()


@pytest.mark.parametrize("predict", [lambda s, t: s.meaning_.predict(t), lambda s, t: s.words_.predict(t.texts)])
def test_a_scorer_gives_a_distribution_and_knows_what_it_was_told(suggester, predict):
    said = predict(suggester, talk(*(sentence(code, 1) for code in (*BOOK.ids, None)), "Quite another matter."))
    assert said.shape == (5, len(BOOK.ids) + 1)
    assert said.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert said[:4].argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_words_that_weigh_most_are_those_of_the_passage(suggester):
    for code in BOOK.ids:
        text = sentence(code, 6)
        words = suggester.words(f"Well, {text}", BOOK.ids.index(code))
        assert words[0] == NOUNS[code][1]
        assert all(word in text.lower() for word in words)


@pytest.mark.parametrize(
    ("term", "telling"), [("nurses", True), ("the nurses", True), ("the", False), ("of the", False)]
)
def test_words_that_hold_any_sentence_together_tell_nothing(term, telling):
    assert is_content_term(term) is telling


@pytest.mark.parametrize(
    ("term", "language", "telling"), [("omdat de", "nl", False), ("wijkteam", "nl", True), ("with", "nl", False)]
)
def test_is_content_term_knows_the_function_words_of_other_languages(term, language, telling):
    assert is_content_term(term, language) is telling


def test_no_word_speaks_for_a_code_that_has_no_example():
    scorer = TfidfClassifier().fit(examples(SeedBank(quotes("team", 8) + quotes(None, 8))))
    assert scorer.words(sentence("team", 0), 1) == ()
    assert scorer.words("", 0) == ()


@pytest.mark.parametrize(
    ("texts", "terms"),
    [
        (["one two", "two one", "two three"], ["one", "two"]),
        (["one two", "three"], ["one", "one two", "three", "two"]),
        (["a", "?"], [NONE]),
    ],
    ids=["shared", "too few to share", "no words at all"],
)
def test_a_vocabulary_is_what_texts_share_if_they_share_anything(texts, terms):
    analyse = TfidfVectorizer(ngram_range=(1, 2)).build_analyzer()
    assert vocabulary(analyse, texts) == terms


def test_far_out_words_do_not_overflow():
    scorer = TfidfClassifier().fit(examples(SeedBank(quotes("team", 2) + quotes(None, 2))))
    scorer.model_.intercept_ = scorer.model_.intercept_ - 5_000
    assert np.isfinite(scorer.predict(["nurses " * 1_000, ""])).all()


def test_the_meaning_scorer_needs_vectors_only():
    given = examples(SeedBank(quotes("team", 8) + quotes("budget", 8)))
    assert EmbeddingClassifier().fit(given).predict(talk("Nurses.")).shape == (1, 4)


# What is held out


def test_every_fourth_interview_is_held_out_whole():
    given = examples(interviews(9))
    held = held_out(given)
    assert {name for name, out in zip(given.documents, held, strict=True) if out} == {"talk00", "talk04", "talk08"}
    assert held.sum() == 3 * len(PATTERN)


def test_without_interviews_every_fourth_quotation_of_each_code_is():
    held = held_out(examples(SeedBank(quotes("team", 9) + quotes(None, 4))))
    assert np.flatnonzero(held).tolist() == [3, 7, 12]


def test_there_is_something_to_learn_only_where_two_kinds_meet():
    assert is_trainable(examples(SeedBank(quotes("team", 1) + quotes(None, 1))))
    assert is_trainable(examples(SeedBank(quotes("team", 1) + quotes("trust", 1))))
    assert not is_trainable(examples(SeedBank(quotes("team", 5))))
    assert not is_trainable(examples(interviews(1)).take(np.array([], np.intp)))


def test_sentences_that_hold_each_other_share_a_turn():
    given = examples(interviews(2) + SeedBank(quotes("team", 2)))
    assert turn_numbers(given).tolist() == [0] * 5 + [1] * 5 + [2, 3]


# What is said


def test_chances_and_ranks(suggester):
    said = talk(sentence("budget", 2), sentence(None, 3))
    chances, ranks = suggester.score(said, np.arange(2)), suggester.rank(said)
    assert chances[0].argmax() == ranks[0].argmax() == BOOK.ids.index("budget")
    assert chances[0].max() > 0.5 > chances[1].max()
    assert ranks.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_thresholds_are_shared_within_a_domain_and_keep_the_precision(suggester, bank):
    assert suggester.thresholds_[0] == suggester.thresholds_[1]
    given = examples(bank)
    reached = suggester.score(given.encoded, turn_numbers(given)) >= suggester.thresholds_
    assert given.labels[reached].mean() >= 0.75


def test_passage_weights_are_settled_on_held_out_quotations_that_stand_alone(suggester):
    alone = SeedBank(tuple(replace(quote, document="talk00") for quote in quotes("team", 8) + quotes("budget", 8)))
    assert suggester.passages_.weights_.tolist() == [0.7, 0.7]  # interviews only: nothing to settle them on
    assert fitted(interviews(8) + alone).passages_.weights_.tolist() != [0.7, 0.7]


def test_nearest_by_hand():
    """Cosines of one word with itself and with two others: 1, and 1 / sqrt 2 where the words share no feature."""
    bank = SeedBank((SeedQuote("money nurses", "budget"), SeedQuote("money", "budget"), SeedQuote("money", "team")))
    near = fitted(bank + SeedBank(quotes(None, 4))).nearest(ENCODER.encode(["money"])[0], BOOK.ids.index("budget"))
    assert [one.row for one in near] == [1, 0]
    assert [one.similarity for one in near] == pytest.approx([1, 2**-0.5], abs=0.01)


def test_two_fits_are_equal(suggester, bank):
    again, said = fitted(bank), talk("The nurses ran out of money.", "Hm.")
    assert np.array_equal(again.score(said, np.zeros(2)), suggester.score(said, np.zeros(2)))
    assert np.array_equal(again.rank(said), suggester.rank(said))
    assert np.array_equal(again.thresholds_, suggester.thresholds_)


# The smallest banks


ONE = Codebook("one", "1", (Code("team", "Team", "People"),))
SHAPES = {
    "one quotation of one code": (ONE, SeedBank(quotes("team", 1) + quotes(None, 1))),
    "one code": (ONE, SeedBank(quotes("team", 8) + quotes(None, 8))),
    "two quotations of each code": (BOOK, SeedBank(sum((quotes(code, 2) for code in BOOK.ids), ()) + quotes(None, 40))),
    "no talk without a code": (BOOK, SeedBank(sum((quotes(code, 8) for code in BOOK.ids), ()))),
    "a code without quotations": (BOOK, SeedBank(quotes("team", 8) + quotes("budget", 8) + quotes(None, 8))),
    "codes in one interview only": (BOOK, interviews(1) + interviews(5, pattern=(None,) * 5)),
    "quotations coded, interviews not": (BOOK, SeedBank(quotes("team", 8)) + interviews(5, pattern=(None,) * 5)),
    "no word twice": (BOOK, SeedBank((SeedQuote("Men", "team"), SeedQuote("Grants", "budget"), SeedQuote("Hm", None)))),
    "no words": (BOOK, SeedBank((SeedQuote("?", "team"), SeedQuote("!", "budget"), SeedQuote("…", None)))),
}  # fmt: skip


@pytest.mark.parametrize(("codebook", "bank"), SHAPES.values(), ids=SHAPES.keys())
def test_the_smallest_banks_give_probabilities(codebook, bank):
    made, said = fitted(bank, codebook), talk(sentence("team", 0), "Quite another matter.")
    chances, ranks = made.score(said, np.zeros(2, np.intp)), made.rank(said)
    assert chances.shape == ranks.shape == (2, len(codebook.ids))
    assert ((chances >= 0) & (chances <= 1)).all()
    assert ranks.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert ((made.thresholds_ > 0) & (made.thresholds_ < 1)).all()


def test_too_little_to_set_a_threshold_means_silence_unless_certain():
    assert fitted(SeedBank(quotes("team", 4) + quotes(None, 4))).thresholds_ == pytest.approx([0.95] * 3)
