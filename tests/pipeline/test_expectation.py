"""What is said to be expected from a codebook and its quotations."""

from dataclasses import replace

import pytest

from corpus.seeds import SeedBank, SeedQuote
from corpus.shipped import selfie, selfie_seeds
from pipeline.expectation import coded_interviews, expectation
from pipeline.settings import SuggestSettings
from tests.corpus.support import BOOK, PATTERN, interviews, quotes


def seeds(count):
    return SeedBank(sum((quotes(code, count) for code in BOOK.ids), ()))


@pytest.mark.parametrize(
    ("bank", "basis", "share"),
    [
        (SeedBank(()), "names and definitions only", "15 to 25%"),
        (seeds(1), "1.0 quotations a code", "18 to 34%"),
        (seeds(3), "3.0 quotations a code", "30 to 38%"),
        (seeds(40), "40.0 quotations a code", "45 to 66%"),
    ],
    ids=["none", "one", "three", "forty"],
)
def test_expectation_by_number_of_quotations(bank, basis, share):
    said = expectation(BOOK, bank)
    assert basis in said
    assert share in said
    assert "code one whole interview" in said


def test_expectation_once_interviews_are_coded():
    said = expectation(BOOK, interviews(1, pattern=PATTERN * 10))
    assert "1 interview coded completely" in said
    assert "75%" in said
    assert "code one whole interview" not in said


def test_expectation_names_codes_without_definition_or_example():
    assert "define trust, budget." in expectation(BOOK, SeedBank(quotes("team", 4)))
    defined = replace(BOOK, codes=tuple(replace(code, definition="Something.") for code in BOOK.codes))
    assert "give an example of trust, budget." in expectation(defined, SeedBank(quotes("team", 4)))


def test_expectation_without_any_quotation_asks_for_some():
    defined = replace(BOOK, codes=tuple(replace(code, definition="Something.") for code in BOOK.codes))
    assert "write a dozen quotations a code" in expectation(defined, SeedBank(()))
    assert "write a dozen" not in expectation(defined, SeedBank(quotes("team", 1)))


def test_expectation_counts_second_codes():
    assert "define" not in expectation(BOOK, SeedBank((SeedQuote("A", "team", "trust"), SeedQuote("B", "budget"))))


def test_expectation_of_what_ships_holds_no_advice_on_single_codes():
    said = expectation(selfie(), selfie_seeds())
    assert "interviews coded completely" in said
    assert "define" not in said
    assert "give an example" not in said


def test_decisions_here_and_there_are_no_coded_interview():
    assert coded_interviews(interviews(3)) == 0
    assert coded_interviews(interviews(8)) == 8
    assert coded_interviews(seeds(40)) == 0


@pytest.mark.parametrize(
    ("chosen", "bare", "coded"),
    [
        ({}, "best 20 suggestions, uncertain ones", "right 75% of the time"),
        ({"threshold": "sure", "precision": 0.9}, "only what is 95% certain", "right 90% of the time"),
        ({"threshold": "thorough", "floor": 0.4}, "from a probability of 40% on", "from a probability of 40% on"),
        (
            {"threshold": "best", "best": 7},
            "best 7 suggestions, uncertain ones",
            "best 7 suggestions; what is not shown",
        ),
    ],
    ids=["auto", "sure", "thorough", "best"],
)
def test_expectation_says_which_suggestions_the_chosen_rule_makes(chosen, bare, coded):
    rule = SuggestSettings.model_validate(chosen)
    assert bare in expectation(BOOK, seeds(3), rule)
    assert coded in expectation(BOOK, interviews(1, pattern=PATTERN * 10), rule)
