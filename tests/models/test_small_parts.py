"""The lexical encoder, arrays of fitted models, vectors of seed banks, and the table of encoders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.errors import UsageError
from corpus.seeds import SeedBank, SeedQuote
from models.embedder import Embedder
from models.encoders import ENCODERS, HUB, load_encoder
from models.fitted_arrays import nested, part, text_list, texts_array
from models.lexical_encoder import DIMENSION, LexicalEncoder
from models.model_cache import load_model
from models.seed_vectors import examples_of, save_vectors, vectors_file, weights_of

TEXTS = st.lists(st.text(max_size=30), max_size=6)
BOOK = Codebook("b", "1", (Code("money", "Money", "Means"), Code("staff", "Staff", "Means")))
BANK = SeedBank(
    (
        SeedQuote("Funds ran short.", "money", "staff"),
        SeedQuote("Good morning.", None, context="Good morning. Come in.", document="d1"),
        SeedQuote("Nurses went off.", "staff", document="d1"),
    )
)

# The lexical encoder


@given(TEXTS)
def test_lexical_vectors_are_of_unit_length_and_float32(texts):
    vectors = LexicalEncoder().encode(texts)
    assert vectors.shape == (len(texts), DIMENSION)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.ones(len(texts)), rtol=1e-5)


@given(TEXTS, st.randoms())
def test_lexical_vectors_do_not_know_their_neighbours(texts, random):
    order = list(range(len(texts)))
    random.shuffle(order)
    encoder = LexicalEncoder()
    np.testing.assert_array_equal(encoder.encode(texts)[order], encoder.encode([texts[n] for n in order]))


def test_lexical_vectors_are_nearer_for_words_of_one_stem():
    nurse, nurses, budget = LexicalEncoder().encode(["nurse", "nurses", "budget"])
    assert nurse @ nurses > 0.1 > abs(nurse @ budget)


def test_lexical_vectors_know_neither_case_nor_white_space():
    first, second = LexicalEncoder().encode(["The nurse\nrang", "the  NURSE rang"])
    np.testing.assert_array_equal(first, second)


def test_lexical_encoder_has_the_shape_of_an_embedder():
    assert isinstance(LexicalEncoder(), Embedder)
    assert not isinstance(object(), Embedder)


# The table of encoders


def test_load_encoder_by_name_needs_no_weights_for_the_lexical_one():
    assert load_encoder("lexical") == LexicalEncoder()


def test_load_encoder_names_the_choices():
    with pytest.raises(UsageError) as caught:
        load_encoder("no-such-encoder")
    assert all(name in str(caught.value) for name in ENCODERS)
    assert HUB in str(caught.value)


def test_load_encoder_fetches_nothing_unless_that_is_allowed():
    with pytest.raises(UsageError, match="allow_network = true"):
        load_encoder(f"{HUB}somebody/model")


# Arrays


@given(TEXTS)
def test_texts_come_back_from_an_array(texts):
    assert text_list(texts_array(texts)) == texts


@pytest.mark.parametrize("stored", [b"{}", b"3", b"[1]", b'["a", null]', b'"a"', b"[", b""], ids=repr)
def test_an_array_of_something_else_is_no_list_of_texts(stored):
    with pytest.raises(ValueError):
        text_list(np.frombuffer(stored, np.uint8))


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 9).map(np.array), max_size=4))
def test_nested_arrays_are_found_again_beside_others(arrays):
    together = nested("first", arrays) | nested("second", {"a": np.array(99)})
    assert part("first", together) == arrays
    assert part("second", together) == {"a": np.array(99)}
    assert part("third", together) == part("fir", together) == {}


# Suggesters that are kept


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 damaged"], ids=["empty", "text", "damaged"])
def test_load_model_of_a_damaged_file_is_none(tmp_path, content):
    (tmp_path / f"suggester-{'a' * 16}.npz").write_bytes(content)
    assert load_model(tmp_path, "a" * 64) is None
    assert load_model(tmp_path / "gone", "a" * 64) is None


def test_load_model_refuses_packed_members_and_pickles(tmp_path):
    path = tmp_path / f"suggester-{'b' * 16}.npz"
    np.savez_compressed(path, zeros=np.zeros(1000))
    assert load_model(tmp_path, "b" * 64) is None
    np.savez(path, allow_pickle=True, things=np.array([{"a": 1}], dtype=object))
    assert load_model(tmp_path, "b" * 64) is None


# Vectors of seed banks


def test_weights_of_an_embedder_are_those_of_its_precisions():
    assert weights_of(LexicalEncoder("onnx-fp32:abc/1")) == weights_of(LexicalEncoder("onnx-int8:abc/1")) == "abc-1"


def test_vectors_file_names_bank_and_weights(tmp_path):
    path = vectors_file(tmp_path, BANK, LexicalEncoder())
    assert path.name == f"{BANK.digest[:16]}-lexical-v1.npz"
    assert vectors_file(tmp_path, SeedBank(BANK.quotes[:2]), LexicalEncoder()) != path


class Counting(LexicalEncoder):
    """A lexical encoder that remembers what it was asked for."""

    asked: list = []  # noqa: RUF012 - emptied by the test that looks at it

    def encode(self, texts):
        self.asked.extend(texts)
        return super().encode(texts)


def test_examples_of_a_bank_have_labels_documents_and_contexts():
    examples = examples_of(BANK, BOOK, LexicalEncoder())
    assert examples.labels.tolist() == [[True, True], [False, False], [False, True]]
    assert examples.documents == [None, "d1", "d1"]
    assert examples.in_context.tolist() == [False, True, False]


def test_shipped_vectors_serve_a_bank_that_begins_with_theirs(tmp_path):
    save_vectors(tmp_path, SeedBank(BANK.quotes[:2]), LexicalEncoder())
    Counting.asked.clear()
    ready = examples_of(BANK, BOOK, Counting(), shipped=tmp_path)
    assert set(Counting.asked) == {"Nurses went off."}
    np.testing.assert_allclose(
        ready.encoded.vectors, examples_of(BANK, BOOK, LexicalEncoder()).encoded.vectors, atol=2e-3
    )


def test_shipped_vectors_of_another_bank_or_model_are_not_used(tmp_path):
    save_vectors(tmp_path, SeedBank(BANK.quotes[1:]), LexicalEncoder())
    save_vectors(tmp_path, BANK, LexicalEncoder("other/v1"))
    Counting.asked.clear()
    examples_of(BANK, BOOK, Counting(), shipped=tmp_path)
    assert {quote.text for quote in BANK.quotes} <= set(Counting.asked)
