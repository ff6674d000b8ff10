"""The suggester and its scorers on the lexical encoder: what it is fitted on, what it says, and the smallest banks."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from corpus.codebook import Code, Codebook
from corpus.seeds import SeedBank, SeedQuote
from models.classifiers import EmbeddingClassifier, TfidfClassifier, classes_of, full_width, training_rows
from models.examples import definitions_of, encode_with_context
from models.lexical_encoder import LexicalEncoder
from models.seed_vectors import examples_of
from models.stacking import start_weights
from models.suggester import (
    BACKGROUND,
    FOLDS,
    Suggester,
    folds_of,
    is_trainable,
    quotations_of,
    turn_numbers,
    weighted,
)
from models.terms import NO_TERM, CountedTexts, TermWeights, is_content_term
from tests.corpus.support import BOOK, NOUNS, PATTERN, interviews, quotes, sentence

ENCODER = LexicalEncoder()


def examples(bank, codebook=BOOK):
    return examples_of(bank, codebook, ENCODER)


def talk(*texts):
    return encode_with_context(ENCODER, texts, texts)


def definitions(codebook=BOOK):
    return definitions_of(codebook, ENCODER)


def fitted(bank, codebook=BOOK):
    return Suggester([code.domain for code in codebook.codes]).fit(examples(bank, codebook), definitions(codebook))


@pytest.fixture(scope="module")
def bank():
    """Forty interviews. One is left out, so that those that are held out speak of nothing that no other speaks of."""
    return SeedBank(tuple(quote for quote in interviews(41).quotes if quote.document != "talk01"))


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
    scorer = TfidfClassifier().fit(examples(SeedBank(quotes("team", 8) + quotes(None, 8))), definitions())
    assert scorer.words(sentence("team", 0), 1) == ()
    assert scorer.words("", 0) == ()


@pytest.mark.parametrize(
    ("texts", "few", "terms"),
    [
        (["one two", "two one", "two three"], 2, ["one", "two"]),
        (["one two", "two one", "two three"], 3, ["one", "one two", "three", "two", "two one", "two three"]),
        (["one two", "three"], 1, ["one", "one two", "three", "two"]),
        (["a", "?"], 1, [NO_TERM]),
    ],
    ids=["shared", "few texts", "none shared", "no words at all"],
)
def test_a_vocabulary_is_what_many_texts_share_if_they_share_anything(texts, few, terms):
    assert TermWeights.learnt_from(texts, CountedTexts.of(texts), few=few).terms == terms


def test_far_out_words_do_not_overflow():
    scorer = TfidfClassifier().fit(examples(SeedBank(quotes("team", 2) + quotes(None, 2))), definitions())
    scorer.model_ = replace(scorer.model_, intercepts=scorer.model_.intercepts - 5_000 * np.arange(4))
    assert np.isfinite(scorer.predict(["nurses " * 1_000, ""])).all()


def test_the_meaning_scorer_needs_vectors_only():
    given = examples(SeedBank(quotes("team", 8) + quotes("budget", 8)))
    assert EmbeddingClassifier().fit(given, definitions()).predict(talk("Nurses.")).shape == (1, 4)


# What is held out


def test_every_fourth_of_many_interviews_is_held_out_whole():
    given = examples(interviews(9))
    held = folds_of(given) >= 0
    assert {name for name, out in zip(given.documents, held, strict=True) if out} == {"talk00", "talk04", "talk08"}
    assert held.sum() == 3 * len(PATTERN)


def test_folds_of_few_interviews_hold_each_out_once():
    given = examples(interviews(3, pattern=PATTERN * 4))
    folds = folds_of(given)
    assert {(name, fold) for name, fold in zip(given.documents, folds.tolist(), strict=True)} == {
        ("talk00", 0),
        ("talk01", 1),
        ("talk02", 2),
    }


def test_folds_of_a_single_interview_are_stretches_of_turns():
    talk = interviews(20, pattern=PATTERN)
    given = examples(SeedBank(tuple(replace(quote, document="one") for quote in talk.quotes)))
    folds, turns = folds_of(given), turn_numbers(given)
    assert folds.tolist() == sorted(folds.tolist())
    assert set(folds.tolist()) == set(range(FOLDS))
    assert all(len(set(folds[turns == turn].tolist())) == 1 for turn in set(turns.tolist()))


def test_folds_of_quotations_deal_out_each_code_and_no_talk_without_one():
    given = examples(SeedBank(sum((quotes(code, 8) for code in BOOK.ids), ()) + quotes(None, 8)))
    folds, classes = folds_of(given), classes_of(given)
    assert (folds[classes == len(BOOK.ids)] == -1).all()
    for column in range(len(BOOK.ids)):
        assert np.bincount(folds[classes == column], minlength=FOLDS).tolist() == [2] * FOLDS


def test_folds_never_part_the_lines_of_one_passage():
    twice = SeedBank(tuple(q for quote in sum((quotes(code, 8) for code in BOOK.ids), ()) for q in (quote, quote)))
    folds = folds_of(examples(twice))
    assert (folds[::2] == folds[1::2]).all()
    assert set(folds.tolist()) == set(range(FOLDS))


def test_folds_of_a_few_quotations_hold_none_out():
    given = examples(SeedBank(sum((quotes(code, 7) for code in BOOK.ids), ()) + quotes(None, 8)))
    assert (folds_of(given) == -1).all()


def test_one_fold_of_many_quotations_is_enough(monkeypatch):
    monkeypatch.setattr("models.suggester.MANY_QUOTATIONS", 20)
    folds = folds_of(examples(SeedBank(sum((quotes(code, 8) for code in BOOK.ids), ()))))
    assert np.unique(folds, return_counts=True)[1].tolist() == [18, 6]


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
    alone = SeedBank(tuple(replace(quote, document="talk00") for quote in quotes("team", 16) + quotes("budget", 16)))
    start = start_weights(quotations_of(examples(interviews(40)))).tolist()
    assert suggester.passages_.weights_.tolist() == start  # interviews only: nothing to settle them on
    assert fitted(interviews(8) + alone).passages_.weights_.tolist() != start


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


# Definitions, weights, several codes


def seeds(count, codes=BOOK.ids):
    return SeedBank(sum((quotes(code, count) for code in codes), ()))


DEFINED = Codebook(
    "defined",
    "1",
    tuple(
        replace(code, definition=" ".join(NOUNS[code.id])) for code in BOOK.codes
    ),
)  # fmt: skip


def test_definitions_alone_find_the_code():
    for bank in (SeedBank(()), SeedBank(quotes(None, 4))):
        ranks = fitted(bank, DEFINED).rank(talk(*(noun for code in BOOK.ids for noun in NOUNS[code])))
        assert (ranks.argmax(axis=1) == np.repeat(np.arange(3), 4)).mean() > 0.9


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_a_definition_keeps_its_voice_beside_quotations(count):
    """A code without a quotation is found by its definition, whatever the others have."""
    bank = seeds(count, tuple(code for code in BOOK.ids if code != "trust"))
    said, column = talk(" ".join(NOUNS["trust"][1:])), BOOK.ids.index("trust")
    named, defined = (fitted(bank, codebook).rank(said)[0] for codebook in (BOOK, DEFINED))
    assert defined.argmax() == column
    assert defined[column] > named[column]


def test_more_codes_than_quotations():
    codes = tuple(Code(f"c{n}", f"Matter {n}", "All") for n in range(30))
    made = fitted(SeedBank((SeedQuote("We talk about horses.", "c7"),)), Codebook("many", "1", codes))
    ranks = made.rank(talk("We talk about horses.", "Something else."))
    assert ranks.shape == (2, 30)
    assert ranks[0].argmax() == 7
    assert np.isfinite(ranks).all()


def test_a_codebook_of_one_code_without_anything_else():
    made = fitted(SeedBank(quotes("team", 3)), ONE)
    assert made.rank(talk(sentence("team", 5))) == pytest.approx(np.array([[1.0]]))
    chances = made.score(talk(sentence("team", 5), "Quite another matter."), np.arange(2))
    assert chances[0, 0] > chances[1, 0]


def test_all_codes_of_a_row_train():
    passage = "The nurses and the grants and the promises all matter here."
    bank = SeedBank((SeedQuote(passage, "team", "budget"), SeedQuote(passage, "trust"), *quotes(None, 4)))
    given = examples(bank)
    assert given.labels[:2].all()
    assert given.weights.tolist() == [0.5, 0.5, 1, 1, 1, 1]
    rows = training_rows(given, definitions(), definition_weight=2.0)
    of_passage = rows.rows < 2
    assert np.bincount(rows.classes[of_passage], rows.weights[of_passage]) == pytest.approx([1 / 3] * 3)


def test_the_order_of_codes_in_the_codebook_decides_nothing():
    """A row of two codes speaks for both alike: with the codebook turned round, probabilities are turned round."""
    passage = SeedQuote("Pens and ink.", "team", "trust")
    turned = replace(BOOK, codes=BOOK.codes[::-1])
    bank = SeedBank((passage, *quotes("budget", 2), *quotes(None, 4)))
    said = talk("Pens and ink.")
    ranks = fitted(bank).rank(said)
    assert fitted(bank, turned).rank(said)[:, ::-1] == pytest.approx(ranks, abs=0.02)


@pytest.mark.parametrize("count", [1, 4, 8])
def test_a_bank_written_twice_teaches_what_it_teaches_once(count):
    bank, said = seeds(count) + SeedBank(quotes(None, 4)), talk(sentence("trust", 11), "Quite another matter.")
    once, twice = fitted(bank).meaning_.predict(said), fitted(bank + bank).meaning_.predict(said)
    assert twice == pytest.approx(once, abs=0.01)


def test_talk_from_elsewhere_is_a_light_background():
    few = weighted(examples(seeds(2) + SeedBank(quotes(None, 16))))
    assert few.weights[:6].tolist() == [1.0] * 6
    assert few.weights[6:].sum() == pytest.approx(BACKGROUND * (6 + 2 * 3))


def test_uncoded_sentences_of_coded_interviews_weigh_in_full():
    bank = interviews(8) + SeedBank(quotes(None, 16))
    given = weighted(examples(bank))
    assert (given.weights[:40] == 1).all()
    assert given.weights[40:].sum() == pytest.approx(BACKGROUND * 16)


def test_without_a_coded_interview_no_threshold_is_backed(suggester):
    assert suggester.has_evidence
    assert not fitted(seeds(16) + SeedBank(quotes(None, 16))).has_evidence


ROUND = {
    "definitions only": SeedBank(()),
    "one quotation": SeedBank(quotes("team", 1)),
    "quotations": seeds(8) + SeedBank(quotes(None, 8)),
    "one interview": interviews(1, pattern=PATTERN * 10),
    "interviews": interviews(12) + seeds(8),
}


@pytest.mark.parametrize("bank", ROUND.values(), ids=ROUND.keys())
def test_to_arrays_and_back_gives_the_same_probabilities_bit_by_bit(bank):
    made, said = fitted(bank), talk(*(sentence(code, 3) for code in BOOK.ids), "Quite another matter.")
    again = Suggester.from_arrays(made.to_arrays())
    turns = np.array([0, 0, 1, 2])
    assert np.array_equal(again.score(said, turns), made.score(said, turns))
    assert np.array_equal(again.rank(said), made.rank(said))
    assert np.array_equal(again.thresholds_, made.thresholds_)
    assert again.has_evidence == made.has_evidence


# What surrounds a sentence

QUESTIONS = {"Who pays money?": "budget", "Have you faith?": "trust", "Is weather fine?": None}
ANSWERS = ("Nobody does.", "It depends.", "Hardly ever.")


def answers(n):
    """An interview whose answers are the same words to each question, over the interviews."""
    for place, (question, code) in enumerate(QUESTIONS.items()):
        text = ANSWERS[(n + place) % 3]
        yield SeedQuote(text, code, context=text, document=f"talk{n:02d}", question=question)


def test_score_understands_an_answer_by_its_question():
    suggester = fitted(SeedBank(tuple(quote for n in range(12) for quote in answers(n))))
    best = {}
    for question, answer in product(QUESTIONS, ANSWERS):
        asked = encode_with_context(ENCODER, [answer], [answer], [question])
        (chances,) = suggester.score(asked, np.zeros(1, dtype=np.intp))
        best[question, answer] = BOOK.ids[chances.argmax()], chances.max()
    for (question, answer), (code, chance) in best.items():
        if QUESTIONS[question]:
            assert code == QUESTIONS[question]
            assert chance > best["Is weather fine?", answer][1]


def test_rank_takes_a_passage_by_itself(suggester):
    said = sentence("trust", 1)
    alone = suggester.rank(talk(said))
    asked = suggester.rank(encode_with_context(ENCODER, [said], [said], ["Who pays the money?"]))
    assert asked == pytest.approx(alone)
