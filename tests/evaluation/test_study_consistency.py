"""Codings that look unlike the others with their code: by vectors, and on the page and in the command."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.transcript import Span
from evaluation.study_quality.consistency import FEWEST, LEAST_SPREAD, MOST, NEAREST, ODD, SAME, odd_passages
from tests.flows.web_support import code, page, served_study

ADA = {"Precode-Coder": "Ada"}


def bundle(rng, middle, count, *, spread=0.08):
    """Unit vectors around a middle."""
    vectors = middle + spread * rng.normal(size=(count, len(middle)))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(FEWEST + 2, 25))
def test_odd_passages_finds_the_one_that_was_filed_under_the_wrong_code(seed, count):
    rng = np.random.default_rng(seed)
    team, budget = np.eye(40)[:2]
    vectors = np.vstack([bundle(rng, team, count), bundle(rng, budget, count)]).astype(np.float32)
    codes = np.array([0] * count + [1] * count)
    codes[count] = 0  # talk of a budget, filed under the team
    found = odd_passages(vectors, codes)
    assert (found[0][0].row, found[0][0].nearer) == (count, 1)
    assert found[0][0].similarity < found[0][0].usual


@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 3))
def test_odd_passages_lists_few_of_each_code_and_each_once(seed, count, codes):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count * codes, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    columns = np.repeat(np.arange(codes), count)
    for column, odd in odd_passages(vectors, columns).items():
        rows = [passage.row for passage in odd]
        assert 1 <= len(set(rows)) == len(rows) <= MOST
        assert all(columns[row] == column for row in rows)
        assert [passage.similarity for passage in odd] == sorted(passage.similarity for passage in odd)


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1])
def test_odd_passages_of_few_are_none(count):
    vectors = np.eye(8, dtype=np.float32)[:count]
    assert odd_passages(vectors, np.zeros(count, np.int64)) == {}


def test_odd_passages_does_not_compare_the_same_words_under_one_code():
    vectors = np.repeat(np.eye(8, dtype=np.float32)[:1], 12, axis=0)
    assert odd_passages(vectors, np.zeros(12, np.int64)) == {}


TALK = [
    *("The nurse came to see me.", "My nurse came again today.", "A nurse came in to see us."),
    *("The nurse came to see him.", "Her nurse came to see her.", "That nurse came to see me."),
    *("The old nurse came to see us.", "It costs 900 euros."),
]


def test_page_and_command_show_what_looks_unlike_the_others(tmp_path, words, precode):
    with served_study(tmp_path / "lhc", {"P01": " ".join(TALK)}) as session:
        with page(session) as client:
            study = client.get("/api/study", headers=ADA).json()
            (transcript,), first = study["transcripts"], study["codebook"]["codes"][0]["id"]
            text = session.store.transcripts.get(transcript["version"]).text
            for n, sentence in enumerate(TALK):
                span = Span(text.index(sentence), text.index(sentence) + len(sentence))
                assert code(client, transcript["version"], span, first, f"k{n}", "Ada").status_code == 200
            (found,) = client.get("/api/consistency", headers=ADA).json()
            assert client.get("/api/consistency", headers={"Precode-Coder": "Bo"}).json() == []
        assert (found["code"], found["codings"]) == (first, len(TALK))
        assert found["odd"][0]["text"] == TALK[-1]
        ended, out, _ = precode("consistency", "--study", session.study.folder, "--json")
        assert (ended, json.loads(out)) == (0, [found])
        assert TALK[-1] in precode("consistency", "--study", session.study.folder)[1]


def by_hand(vectors, codes, row, code):
    """How much a passage looks like the three nearest others of a code, as a person would count it."""
    cosines = [float(vectors[row] @ vectors[other]) for other in np.flatnonzero(codes == code)]
    nearest = sorted((cosine for cosine in cosines if cosine < SAME), reverse=True)[:NEAREST]
    return sum(nearest) / len(nearest) if nearest else None


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 9), min_size=2, max_size=3))
def test_odd_passages_equal_counting_one_passage_after_the_other(seed, counts):
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(len(counts)), counts)
    vectors = bundle(rng, np.ones(6), len(codes), spread=rng.choice([0.2, 1.0])).astype(np.float32)
    again = rng.integers(0, max(1, len(codes)), len(codes) // 4)
    vectors[again] = vectors[again[::-1]]  # the same words under several codes, or twice under one
    found = odd_passages(vectors, codes)
    for column in range(len(counts)):
        own = {row: by_hand(vectors, codes, row, column) for row in np.flatnonzero(codes == column).tolist()}
        told = {row: likeness for row, likeness in own.items() if likeness is not None}
        odd = found.get(column, [])
        if len(told) < FEWEST:
            assert odd == []
            continue
        usual = float(np.median([*told.values()]))
        spread = max(LEAST_SPREAD, 1.4826 * float(np.median([abs(value - usual) for value in told.values()])))
        border = usual - ODD * spread
        assert len(odd) >= min(MOST, sum(value < border - 1e-5 for value in told.values()))
        for passage in odd:
            assert told[passage.row] <= border + 1e-5
            assert (passage.similarity, passage.usual) == pytest.approx((told[passage.row], usual), abs=1e-5)
            others = [by_hand(vectors, codes, passage.row, n) for n in range(len(counts)) if n != column]
            further = max((value for value in others if value is not None), default=-1.0) - told[passage.row]
            assert abs(further) < 1e-5 or (passage.nearer is not None) == (further > 0)
