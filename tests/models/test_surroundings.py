"""What surrounds a sentence: the question before it and the rest of its turn, mixed into its vector."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.seeds import SeedBank, SeedQuote
from models.examples import EncodedTexts, encode_with_context
from models.lexical_encoder import LexicalEncoder
from models.seed_vectors import examples_of, save_vectors
from models.surroundings import QUESTION, QUESTION_UNTAUGHT, TURN, Surroundings, turn_vectors
from tests.corpus.support import BOOK, PATTERN, interviews, quotes, sentence

ENCODER = LexicalEncoder()
EAST, NORTH = [1.0, 0.0], [0.0, 1.0]


def asked(count, questions=("Who pays?", "How was it?")):
    """Interviews in which every sentence has a question."""
    bank = interviews(count)
    pairs = enumerate(bank.quotes)
    return SeedBank(
        tuple(
            SeedQuote(q.text, q.code, context=q.context, document=q.document, question=questions[n % 2])
            for n, q in pairs
        )
    )


def test_taught_by_quotations_asks_a_little_and_knows_no_turns():
    examples = examples_of(SeedBank(quotes("team", 8) + quotes(None, 20)), BOOK, ENCODER)
    assert Surroundings.taught_by(examples) == Surroundings(QUESTION_UNTAUGHT, 0.0)


@pytest.mark.parametrize(("bank", "question"), [(interviews(8), 0.0), (asked(8), QUESTION)], ids=["bare", "asked"])
def test_taught_by_interviews_uses_the_questions_they_hold(bank, question):
    assert Surroundings.taught_by(examples_of(bank, BOOK, ENCODER)) == Surroundings(question, TURN)


def test_mixed_turns_an_answer_towards_its_question():
    vectors = np.array([EAST, EAST], np.float32)
    questions = np.array([NORTH, [0.0, 0.0]], np.float32)
    mixed = Surroundings(1.0, 0.0).mixed(EncodedTexts("ab", "ab", vectors, questions), np.array([0, 1]))
    assert mixed.vectors == pytest.approx(np.array([[0.5**0.5, 0.5**0.5], EAST]))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.floats(0, 1), st.floats(0, 1))
def test_mixed_leaves_alone_what_stands_alone(runs, question, turn):
    vectors = np.random.default_rng(len(runs)).normal(size=(len(runs), 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = ["x"] * len(runs)
    alone = Surroundings(question, turn).mixed(EncodedTexts(texts, texts, vectors), np.arange(len(runs)))
    assert alone.vectors == pytest.approx(vectors, abs=1e-5)
    inside = Surroundings(question, turn).mixed(EncodedTexts(texts, texts, vectors), np.array(runs))
    assert np.linalg.norm(inside.vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_turn_vectors_are_those_of_runs_of_one_number():
    vectors = np.array([EAST, NORTH, NORTH, EAST], np.float32)
    half = [0.5**0.5, 0.5**0.5]
    assert turn_vectors(vectors, np.array([4, 4, 7, 4])) == pytest.approx(np.array([half, half, NORTH, EAST]))


def test_encode_with_context_knows_before_which_texts_something_was_asked():
    encoded = encode_with_context(ENCODER, ["a b", "c d"], ["a b", "c d"], ["who", ""])
    assert encoded.asked.tolist() == [True, False]
    assert encoded.take(np.array([1])).asked.tolist() == [False]
    assert encode_with_context(ENCODER, ["a"], ["a"]).asked.tolist() == [False]


def test_shipped_vectors_hold_the_questions(tmp_path):
    bank = asked(2) + interviews(1, pattern=("team", *PATTERN[1:]))
    save_vectors(tmp_path, bank, ENCODER)

    class Silent(LexicalEncoder):
        def encode(self, texts):
            assert not texts, "embedded in vain"
            return super().encode(texts)

    fresh, ready = examples_of(bank, BOOK, ENCODER), examples_of(bank, BOOK, Silent(), shipped=tmp_path)
    assert ready.encoded.questions == pytest.approx(fresh.encoded.questions, abs=1e-3)
    more = examples_of(bank + SeedBank((SeedQuote("x", "team", question="Why?"),)), BOOK, ENCODER, shipped=tmp_path)
    assert more.encoded.asked.tolist() == [True] * 10 + [False] * 5 + [True]


def test_a_bank_without_questions_keeps_the_digest_it_had():
    bank = SeedBank((SeedQuote(sentence("team", 0), "team"),))
    assert bank.digest == "a6cc3d0a32d40b51ec4a630df7469bdd556b75cdaadb97dd61cd4ba405c76a17"
    assert SeedBank((SeedQuote(sentence("team", 0), "team", question="Why?"),)).digest != bank.digest


@st.composite
def talks(draw):
    """Up to twelve encoded sentences, before some of which something was asked, and their turns."""
    rows = draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    vectors, questions = rng.normal(size=(2, rows, 5)).astype(np.float32)
    vectors, questions = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (vectors, questions))
    questions[rng.random(rows) < 0.5] = 0
    texts = [str(n) for n in range(rows)]
    return EncodedTexts(texts, texts, vectors, questions), np.cumsum(rng.random(rows) < 0.4)


@given(talks(), st.sampled_from([0.0, 0.3, 0.8]), st.sampled_from([0.0, 0.5]))
def test_mixed_equals_adding_up_sentence_by_sentence(talk, question, turn):
    encoded, turns = talk
    mixed = Surroundings(question, turn).mixed(encoded, turns)
    assert (mixed.texts, mixed.contexts, mixed.vectors.dtype) == (encoded.texts, encoded.contexts, np.float32)
    for row, vector in enumerate(mixed.vectors):
        same = encoded.vectors[turns == turns[row]].sum(axis=0)
        expected = encoded.vectors[row] + turn * same / np.linalg.norm(same) + question * encoded.questions[row]
        assert vector == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)


@given(talks(), talks())
def test_mixed_does_not_reach_into_another_turn(talk, other):
    (encoded, turns), (more, further) = talk, other
    joined = EncodedTexts(
        [*encoded.texts, *more.texts],
        [*encoded.contexts, *more.contexts],
        np.vstack([encoded.vectors, more.vectors]),
        np.vstack([encoded.questions, more.questions]),
    )
    rows = np.concatenate([turns, turns[-1] + 1 + further])
    weights = Surroundings(QUESTION, TURN)
    expected = np.vstack([weights.mixed(encoded, turns).vectors, weights.mixed(more, further).vectors])
    assert weights.mixed(joined, rows).vectors == pytest.approx(expected, abs=1e-6)


@given(talks())
def test_mixed_of_no_weight_or_of_no_questions_is_the_same_object(talk):
    encoded, turns = talk
    silent = EncodedTexts(encoded.texts, encoded.contexts, encoded.vectors, np.zeros_like(encoded.questions))
    assert Surroundings(0.0, 0.0).mixed(encoded, turns) is encoded
    assert Surroundings(QUESTION, 0.0).mixed(silent, turns) is silent


def test_mixed_of_no_sentences_is_no_sentences():
    nothing = EncodedTexts([], [], np.zeros((0, 5), np.float32))
    assert Surroundings(QUESTION, TURN).mixed(nothing, np.zeros(0, np.intp)) is nothing


@given(st.floats(0, 1), st.floats(0, 1))
def test_surroundings_come_back_from_arrays(question, turn):
    weights = Surroundings(question, turn)
    assert Surroundings.from_arrays(weights.to_arrays()) == weights
