"""Batches of tokens: every row once, little padding, within the budget."""

import os
import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.token_batches import batches, cores, padded, tokenised

LENGTHS = st.lists(st.integers(0, 40), max_size=40)
TOKENS = st.lists(st.lists(st.integers(1, 99), max_size=12), min_size=1, max_size=8)


@given(LENGTHS, st.integers(1, 100))
def test_batches_hold_every_row_once_longest_first_and_within_the_budget(lengths, budget):
    found = [*batches(lengths, budget)]
    order = [row for batch in found for row in batch]
    assert sorted(order) == [*range(len(lengths))]
    assert [lengths[row] for row in order] == sorted(lengths, reverse=True)
    assert all(len(batch) == 1 or len(batch) * lengths[batch[0]] <= budget for batch in found)


@given(LENGTHS, st.integers(1, 100))
def test_batches_are_as_full_as_the_budget_lets_them_be(lengths, budget):
    found = [*batches(lengths, budget)]
    for batch in found[:-1]:
        assert (len(batch) + 1) * max(1, lengths[batch[0]]) > budget


@given(LENGTHS)
def test_batches_keep_rows_of_one_length_in_their_order(lengths):
    order = [row for batch in batches(lengths, 30) for row in batch]
    assert order == sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))


@given(TOKENS, st.integers(0, 200))
def test_padded_holds_the_tokens_and_masks_the_rest(tokens, pad_id):
    batch = padded(tokens, pad_id)
    assert {value.shape for value in batch.values()} == {(len(tokens), max(map(len, tokens)))}
    for text, ids, mask in zip(tokens, batch["input_ids"], batch["attention_mask"], strict=True):
        assert ids[mask == 1].tolist() == text
        assert mask.tolist() == [1] * len(text) + [0] * (len(mask) - len(text))
        assert (ids[mask == 0] == pad_id).all()


@given(st.lists(st.text(st.characters(codec=None), max_size=20), max_size=6))
def test_tokenised_gives_the_tokenizer_only_what_utf_8_can_write(texts):
    seen = []

    def encode_batch_fast(given_texts):
        seen.extend(given_texts)
        return [SimpleNamespace(ids=[*text.encode("utf-8")]) for text in given_texts]

    tokens = tokenised(SimpleNamespace(encode_batch_fast=encode_batch_fast), texts)
    assert len(tokens) == len(texts)
    assert seen == [re.sub("[\ud800-\udfff]", "?", text) for text in texts]


@pytest.mark.parametrize(("affinity", "count", "expected"), [({1, 3}, 8, 2), (None, 8, 8), (None, None, 1)])
def test_cores_are_those_that_this_process_was_given(monkeypatch, affinity, count, expected):
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    if affinity:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: affinity, raising=False)
    assert cores() == expected


def test_padded_is_of_whole_numbers_that_graphs_take():
    assert {value.dtype for value in padded([[1], [2, 3]], 0).values()} == {np.dtype(np.int64)}
