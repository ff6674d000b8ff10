"""Passages from scores of sentences, and vectors in a quarter of their size."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.ranking import LONGEST, NEAR, best_passages
from pipeline.search.sentence_index import STEPS, in_bytes

ROWS = st.lists(st.tuples(st.integers(-20, 20).map(lambda tenths: tenths / 20), st.booleans()), min_size=1, max_size=40)


def ranked(rows, most):
    scores = np.array([score for score, _ in rows], dtype=np.float32)
    turns = np.cumsum([begins for _, begins in rows])
    return scores, turns, best_passages(scores, turns, most)


@given(ROWS, st.integers(1, 10))
def test_passages_lie_in_one_turn_and_do_not_overlap(rows, most):
    scores, turns, passages = ranked(rows, most)
    assert len(passages) <= most
    held = [row for passage in passages for row in range(passage.first, passage.end)]
    assert len(held) == len(set(held))
    for passage in passages:
        inside = slice(passage.first, passage.end)
        assert len(set(turns[inside])) == 1
        assert 1 <= passage.end - passage.first <= LONGEST
        assert scores[inside].max() == np.float32(passage.score)
        assert scores[inside].min() >= np.float32(passage.score) - np.float32(NEAR) - 1e-6


@given(ROWS, st.integers(1, 10))
def test_passages_begin_with_the_best_sentence_and_fall(rows, most):
    scores, _, passages = ranked(rows, most)
    assert passages[0].score == scores.max()
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)


@given(ROWS, st.integers(1, 10))
def test_asking_for_more_passages_only_adds_to_the_end(rows, most):
    assert ranked(rows, most)[2] == ranked(rows, most + 3)[2][:most]


@given(ROWS)
def test_passages_of_everything_hold_every_sentence_that_is_wanted(rows):
    scores, turns, _ = ranked(rows, 1)
    scores[::3] = -np.inf
    held = [row for p in best_passages(scores, turns, len(rows)) for row in range(p.first, p.end)]
    assert sorted(held) == np.flatnonzero(scores > -np.inf).tolist()


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.7))
def test_vectors_in_bytes_have_nearly_the_same_cosines(seed, unevenness):
    """Vectors as encoders make them: many numbers, some dimensions larger than others."""
    chance = np.random.default_rng(seed)
    vectors = chance.standard_normal((6, 384)) * chance.lognormal(0, unevenness, 384)

    def cosines(rows):
        units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return units @ units.T

    small = in_bytes(vectors.astype(np.float32)).astype(np.float64)
    step = np.abs(vectors).max(axis=1) / STEPS / np.linalg.norm(vectors, axis=1)
    chance = np.sqrt((step[:, None] ** 2 + step**2) / 12)  # deviation of a cosine by rounding both to whole steps
    assert (np.abs(cosines(small) - cosines(vectors)) < 6 * chance).all()
