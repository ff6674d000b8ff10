"""Combiners: two opinions in, one probability out; and thresholds that keep their word."""

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models import stacking as module
from models.stacking import (
    COVERED,
    NEIGHBOURS,
    BaseScores,
    PassageStacker,
    SeedSentenceStacker,
    SentenceStacker,
    logit,
    start_weights,
)
from models.thresholds import FEWEST, NEVER, TARGET_PRECISION, threshold_at_precision, thresholds

CODES = 3
SCORERS = ("meaning", "words", "context")


def distributions(rows):
    weights = arrays(np.float32, (rows, CODES + 1), elements=st.floats(0.0, 1.0, width=32))
    return weights.map(lambda drawn: (drawn + 1e-6) / (drawn + 1e-6).sum(axis=1, keepdims=True))


@st.composite
def opinions(draw):
    rows = draw(st.integers(1, 6))
    turns = np.sort(draw(arrays(np.intp, rows, elements=st.integers(0, 2))))
    return BaseScores(*(draw(distributions(rows)) for _ in SCORERS), turns)


def lean_towards(labels, strength, seed):
    """The opinion of a scorer that is right more often than not."""
    noise = np.random.default_rng(seed).random((len(labels), CODES + 1))
    nothing = ~labels.any(axis=1, keepdims=True)
    raised = np.exp(strength * np.hstack([labels, nothing]) + 2 * noise)
    return (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)


def material(rows=120):
    labels = np.zeros((rows, CODES), bool)
    coded = np.flatnonzero(np.arange(rows) % 3)
    labels[coded, coded // 2 % CODES] = True
    each = (lean_towards(labels, strength, seed) for seed, strength in enumerate((2, 1.5, 1)))
    return BaseScores(*each, np.arange(rows) // 4), labels


@cache
def fitted_sentences(*, words=True):
    return SentenceStacker(words=words).fit(*material())


@pytest.fixture(scope="module")
def sentences():
    return fitted_sentences()


@pytest.fixture(scope="module")
def passages():
    return PassageStacker().fit(*material(), quotations=32)


# Sentences


@given(opinions())
def test_sentences_get_probabilities(sentences, drawn):
    chances = sentences.predict(drawn)
    assert chances.shape == (len(drawn.turns), CODES)
    assert chances.dtype == np.float32
    assert ((chances >= 0) & (chances <= 1)).all()


def test_on_what_they_were_fitted_to_chances_add_up_to_what_happened(sentences):
    """Logistic regression with an intercept is calibrated in the large; regularisation spares the intercept."""
    drawn, labels = material()
    assert sentences.predict(drawn).sum() == pytest.approx(labels.sum(), rel=1e-3)


@given(opinions(), st.sampled_from(SCORERS), st.data())
def test_no_scorer_speaks_for_a_code_in_vain(sentences, drawn, scorer, data):
    """The scorers of the material are right more often than not, so more of their opinion means more chance."""
    row, code = data.draw(st.integers(0, len(drawn.turns) - 1)), data.draw(st.integers(0, CODES - 1))
    louder = getattr(drawn, scorer).copy()
    louder[row, code] = min(1.0, louder[row, code] + 0.3)
    raised = sentences.predict(replace(drawn, **{scorer: louder}))
    assert raised[row, code] >= sentences.predict(drawn)[row, code]


@given(opinions(), distributions(6), st.booleans())
def test_sentence_stacker_hears_words_only_if_told_to(drawn, others, words):
    stacker = fitted_sentences(words=words)
    again = SentenceStacker.from_arrays(stacker.to_arrays())
    assert (again.predict(drawn) == stacker.predict(drawn)).all()
    other = replace(drawn, words=others[: len(drawn.turns)], context=others[: len(drawn.turns)])
    changed = not np.array_equal(stacker.predict(other), stacker.predict(drawn))
    assert words or not changed


def test_neighbours_speak_within_a_turn_only(sentences):
    drawn, _ = material(4)
    alone = replace(drawn, turns=np.arange(4))
    together, apart = sentences.predict(drawn), sentences.predict(alone)
    assert not np.allclose(together, apart)
    only = sentences.predict(drawn.take(np.array([2])))
    assert apart[2] == pytest.approx(only[0])


def test_neighbours_by_hand():
    odds = np.array([[1.0], [2.0], [3.0]])
    before, after = module._neighbours(odds, np.array([7, 7, 8]))
    rare = logit(np.array(0.003))
    assert before.ravel().tolist() == [rare, 1.0, rare]
    assert after.ravel().tolist() == [2.0, rare, rare]


@settings(max_examples=30)
@given(opinions(), st.integers(1, 4))
def test_rows_combined_in_parts_equal_rows_combined_at_once(sentences, drawn, at_once):
    whole = sentences.predict(drawn)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "AT_ONCE", at_once)
        assert sentences.predict(drawn) == pytest.approx(whole, abs=1e-6)


def test_log_odds_by_hand_and_certainty_is_finite():
    assert logit(np.array([0.5, 0.75])) == pytest.approx([0, np.log(3)])
    assert logit(np.array([0.0, 1.0])) == pytest.approx([-11.5129, 11.5129], abs=1e-3)


# Passages


@given(opinions())
def test_a_passage_gets_a_distribution_over_codes(passages, drawn):
    ranked = passages.predict(drawn)
    assert ranked.shape == (len(drawn.turns), CODES)
    assert (ranked >= 0).all()
    assert ranked.sum(axis=1) == pytest.approx(1, abs=1e-5)


@given(opinions(), st.sampled_from(["meaning", "words"]), st.data())
def test_a_louder_opinion_never_lowers_its_code(passages, drawn, scorer, data):
    row, code = data.draw(st.integers(0, len(drawn.turns) - 1)), data.draw(st.integers(0, CODES - 1))
    louder = getattr(drawn, scorer).copy()
    louder[row, code] = min(1.0, louder[row, code] + 0.3)
    assert passages.predict(replace(drawn, **{scorer: louder}))[row, code] >= passages.predict(drawn)[row, code] - 1e-6


def test_a_weighted_product_by_hand():
    combiner = PassageStacker()
    combiner.weights_ = np.array([1.0, 2.0])
    meaning, words = np.array([[0.2, 0.4, 0.2, 0.2]]), np.array([[0.3, 0.1, 0.1, 0.5]])
    drawn = BaseScores(*(each.astype(np.float32) for each in (meaning, words, words)), np.zeros(1, np.intp))
    assert combiner.predict(drawn)[0] == pytest.approx(np.array([0.018, 0.004, 0.002]) / 0.024, rel=1e-5)


def test_the_better_scorer_weighs_more_and_none_is_turned_round(passages):
    assert passages.weights_[0] > passages.weights_[1] > 0
    many, coded = material(12_000)
    contrary = replace(many, words=np.roll(many.words, 1, axis=1))
    meaning, words = PassageStacker().fit(contrary, coded, quotations=32).weights_
    assert 0 < words < meaning / 5


@pytest.mark.parametrize(("quotations", "meaning"), [(0, 3.0), (1, 2.5), (4, 1.7), (32, 1.0), (5_000, 1.0)])
def test_without_coded_passages_weights_are_those_to_start_with(quotations, meaning):
    drawn, labels = material(6)
    fitted = PassageStacker().fit(drawn, np.zeros_like(labels), quotations=quotations)
    assert fitted.weights_.tolist() == start_weights(quotations).tolist() == [meaning, 1.0]


@given(st.floats(0, 10_000), st.floats(0, 10_000))
def test_more_quotations_never_raise_the_weight_of_meaning(one, other):
    fewer, more = sorted((one, other))
    assert start_weights(fewer)[0] >= start_weights(more)[0] >= 1


def test_little_evidence_moves_the_weights_less_than_much():
    (few, few_labels), (many, many_labels) = material(30), material(3_000)
    start = start_weights(4)
    little = PassageStacker().fit(few, few_labels, quotations=4).weights_
    much = PassageStacker().fit(many, many_labels, quotations=4).weights_
    assert np.abs(np.log(little / start)).sum() < np.abs(np.log(much / start)).sum()


# Sentences where no interview is coded


@given(opinions(), st.floats(0, 100))
def test_sentences_get_modest_chances_while_no_interview_is_coded(drawn, quotations):
    chances = SeedSentenceStacker(quotations).predict(drawn)
    assert chances.shape == (len(drawn.turns), CODES)
    assert chances.dtype == np.float32
    assert (chances >= 0).all()
    assert (chances.sum(axis=1) <= COVERED + 1e-6).all()


def test_seed_sentence_stacker_by_hand():
    """One sentence alone and two in a turn: log scores are mixed with the neighbour's, 1 to .3."""
    meaning = np.array([[0.6, 0.1, 0.1, 0.2], [0.6, 0.1, 0.1, 0.2], [0.1, 0.6, 0.1, 0.2]], dtype=np.float32)
    stacker = SeedSentenceStacker(4)
    stacker.weights_ = np.array([1.0, 0.0])
    chances = stacker.predict(BaseScores(meaning, meaning, meaning, np.array([0, 1, 1])))
    assert chances[0] == pytest.approx(COVERED * meaning[0, :3], rel=1e-5)
    mixed = (meaning[1] * meaning[2] ** NEIGHBOURS) ** (1 / (1 + NEIGHBOURS))
    assert chances[1] == pytest.approx(COVERED * mixed[:3] / mixed.sum(), rel=1e-5)


@given(opinions(), st.floats(0, 100))
def test_stackers_of_seeds_and_passages_come_back_from_arrays(passages, drawn, quotations):
    for stacker in (SeedSentenceStacker(quotations), passages):
        again = type(stacker).from_arrays(stacker.to_arrays())
        assert (again.predict(drawn) == stacker.predict(drawn)).all()


@given(opinions(), opinions(), st.floats(0, 100))
def test_seed_sentence_stacker_does_not_reach_into_another_turn(drawn, other, quotations):
    stacker = SeedSentenceStacker(quotations)
    turns = np.concatenate([drawn.turns, other.turns + drawn.turns[-1] + 1])
    joined = BaseScores(*(np.vstack([getattr(drawn, name), getattr(other, name)]) for name in SCORERS), turns)
    apart = np.vstack([stacker.predict(drawn), stacker.predict(other)])
    assert stacker.predict(joined) == pytest.approx(apart, abs=1e-6)


@given(opinions(), st.permutations(range(CODES)))
def test_stackers_do_not_know_the_order_of_codes(sentences, passages, drawn, order):
    other = replace(drawn, **{name: getattr(drawn, name)[:, [*order, CODES]] for name in SCORERS})
    for stacker in (sentences, passages, SeedSentenceStacker(8)):
        assert stacker.predict(other) == pytest.approx(stacker.predict(drawn)[:, order], abs=1e-6)


def test_opinions_are_taken_row_by_row():
    drawn, _ = material(5)
    taken = drawn.take(np.array([3, 1]))
    assert all((getattr(taken, field.name) == getattr(drawn, field.name)[[3, 1]]).all() for field in fields(BaseScores))


# Thresholds


LEVELS = st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.8])


@given(st.lists(st.tuples(LEVELS, st.booleans()), max_size=80), st.sampled_from([0.5, TARGET_PRECISION, 0.9]))
def test_the_lowest_threshold_keeps_its_precision(pairs, precision):
    probabilities, labels = np.array([p for p, _ in pairs]), np.array([label for _, label in pairs], bool)

    def keeps(threshold):
        suggested = labels[probabilities >= threshold]
        return len(suggested) >= FEWEST and suggested.mean() >= precision

    allowed = [float(threshold) for threshold in np.unique(probabilities) if keeps(threshold)]
    assert threshold_at_precision(probabilities, labels, precision=precision) == (min(allowed) if allowed else None)


def column(count, right, probability):
    """Suggestions of one code at one probability, the first ``right`` of them right."""
    return np.full((count, 1), probability, np.float32), (np.arange(count) < right)[:, None]


def test_a_domain_has_its_own_threshold_where_it_has_the_cases():
    chances, labels = zip(column(40, 40, 0.6), column(40, 36, 0.4), strict=True)
    found = thresholds(np.hstack(chances), np.hstack(labels), ["People", "Means"])
    assert found == pytest.approx([0.6, 0.4])


def test_codes_of_a_domain_share_a_threshold():
    chances, labels = zip(column(12, 12, 0.6), column(12, 12, 0.4), strict=True)
    assert thresholds(np.hstack(chances), np.hstack(labels), ["People", "People"]) == pytest.approx([0.4, 0.4])


def test_a_domain_without_the_cases_takes_the_threshold_of_all():
    chances, labels = zip(column(30, 30, 0.6), column(30, 0, 0.2), strict=True)
    assert thresholds(np.hstack(chances), np.hstack(labels), ["People", "Means"]) == pytest.approx([0.6, 0.6])


def test_where_nothing_reaches_the_precision_only_certainty_is_suggested():
    assert thresholds(*column(40, 10, 0.6), ["People"]) == pytest.approx([NEVER])
    assert thresholds(*column(FEWEST - 1, FEWEST - 1, 0.6), ["People"]) == pytest.approx([NEVER])
