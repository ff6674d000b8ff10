"""Talk without full stops is cut where clauses begin, at about the length of spoken sentences."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clauses import LONGEST_SENTENCE, LONGEST_UNMARKED, MOST_WORDS, clause_starts, parsed_costs, word_costs
from pipeline.languages import LANGUAGES, language_code

TALK = st.lists(
    st.sampled_from(["we", "go,", "and", "so", "because", "nurse", "calls", "[pause]", "a.", "\n", "the"]), max_size=120
)


def pieces(text, language="en"):
    bounds = [0, *clause_starts(text, language), len(text)]
    return [text[start:end].strip() for start, end in pairwise(bounds)]


def test_clause_starts_cut_a_run_on_of_english_before_its_clauses():
    text = (
        "my daughter lives up the road from us and we had the kitchen done by her friend last year "
        "and I measure my own blood pressure at home and send it by the app"
    )
    assert pieces(text) == [
        "my daughter lives up the road from us",
        "and we had the kitchen done by her friend last year",
        "and I measure my own blood pressure at home and send it by the app",
    ]


def test_clause_starts_leave_sentences_of_usual_length_alone():
    assert clause_starts("She rings me every week and she knows my tablets and my son, so I never worry.", "en") == []
    assert clause_starts(" ".join(["well"] * LONGEST_SENTENCE) + ".", "en") == []
    assert clause_starts(" ".join(["well"] * LONGEST_UNMARKED), "en") == []


RUN_ONS = {
    "de": [
        "die Pflegerin kommt jeden Dienstag zu uns nach Hause",
        "aber der Hausarzt ruft uns am Freitag in der Früh an",
    ],
    "es": ["la enfermera viene todos los martes a mi casa", "pero el médico llama los viernes para saber de la pierna"],
    "hu": [
        "a nővér minden kedden kijön hozzánk reggel a városból",
        "és az orvos minden pénteken telefonál nekem délután",
    ],
    "nl": [
        "de verpleegkundige komt elke dinsdag bij ons langs",
        "en de huisarts belt op vrijdag om te horen hoe het gaat",
    ],
}


@pytest.mark.parametrize("language", RUN_ONS)
def test_clause_starts_know_the_joining_words_of_other_languages(language):
    first, second = RUN_ONS[language]
    cut = pieces(f"{first} {second} {second}", language)
    assert cut[0] == first
    assert all(piece.startswith(second.split()[0]) for piece in cut[1:])


def test_clause_starts_prefer_the_ends_of_lines():
    lines = ["the nurse rings me on monday about the tablets", "the doctor never knew that i had stopped taking them"]
    assert pieces("\n".join(lines)) == lines


def test_clause_starts_of_a_language_without_data_still_hold_the_limit():
    cut = pieces(" ".join(["слово"] * 100), "xx")
    assert max(len(piece.split()) for piece in cut) <= MOST_WORDS


@settings(max_examples=30, deadline=None)
@given(TALK, st.sampled_from(["en", "nl", "hr", "xx"]))
def test_clause_starts_ascend_begin_words_and_hold_the_limit(words, language):
    text = " ".join(words)
    starts = clause_starts(text, language)
    assert starts == sorted(set(starts))
    assert all(start > 0 and text[start - 1].isspace() and not text[start].isspace() for start in starts)
    if starts:
        assert max(len(piece.split()) for piece in pieces(text, language)) <= MOST_WORDS


def test_parsed_costs_leave_a_thought_with_its_subject_together():
    text = "i think she knows what to do and i told her so"
    assert [text[start:] for start in sorted(parsed_costs(text))] == ["and i told her so"]


def test_word_costs_are_least_before_a_joining_word_after_a_comma():
    costs = word_costs("ze belt, en ze komt, thuis en ze blijft omdat het moet", "nl")
    assert [round(costs[start], 2) for start in sorted(costs)] == [0.15, 0.3, 0.3, 0.5]


@pytest.mark.parametrize(
    ("name", "code"), [("nl", "nl"), ("Dutch", "nl"), (" NO ", "nb"), ("klingon", None), ("", None)]
)
def test_language_code(name, code):
    assert language_code(name) == code


def test_languages_have_words_and_none_is_of_both_kinds():
    for language in LANGUAGES.values():
        assert language.joining
        assert language.subordinate
        assert not language.joining & language.subordinate, language.name
