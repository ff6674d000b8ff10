"""The measures of readings, by hand."""

import pytest

from corpus.transcript import Role
from evaluation.reading.scorer import LabelledTurn, ReadingScore, score_turns

ASKS, TELLS = Role.INTERVIEWER, Role.PARTICIPANT


def turns(*cells):
    return [LabelledTurn(*each) for each in cells]


RIGHT = turns(("INT", ASKS, "Who helps you?"), ("Ann", TELLS, "My nurse does."), ("INT", ASKS, "Who else?"))


def test_score_turns_what_is_right_is_right():
    score = score_turns(RIGHT, RIGHT)
    assert score == ReadingScore(1, 3, 3, 8, 8, 8, 8)
    assert score.shares() == (1, 1, 1)


def test_score_turns_white_space_case_and_composition_do_not_matter():
    found = turns(("ZOE\u0308", TELLS, "My  nurse\ncafe\u0301"))
    assert score_turns(turns(("Zoë", TELLS, "My nurse café")), found).shares() == (1, 1, 1)


def test_score_turns_a_leading_speaker_does_not_matter():
    assert score_turns(turns(("A", TELLS, "Yes")), turns(("Speaker A", TELLS, "Yes"))).shares() == (1, 1, 1)


def test_score_turns_consecutive_turns_of_one_speaker_are_one():
    found = turns(
        ("INT", ASKS, "Who helps"), ("INT", ASKS, "you?"), *(("Ann", TELLS, word) for word in ["My", "nurse", "does."])
    )
    assert score_turns(RIGHT[:2], found).turns_right == 2


def test_score_turns_a_wrong_label_spoils_turn_and_speaker_but_not_the_role():
    found = turns(("INT", ASKS, "Who helps you?"), ("AM Ann", TELLS, "My nurse does."), ("INT", ASKS, "Who else?"))
    assert score_turns(RIGHT, found).shares() == (2 / 3, 5 / 8, 1)


def test_score_turns_a_wrong_role_spoils_the_role_only():
    found = turns(("INT", TELLS, "Who helps you?"), ("Ann", TELLS, "My nurse does."), ("INT", TELLS, "Who else?"))
    assert score_turns(RIGHT, found).shares() == (1, 1, 3 / 8)


def test_score_turns_talk_in_the_turn_before_is_wrong_but_not_lost():
    found = turns(("INT", ASKS, "Who helps you? My nurse does. Who else?"))
    score = score_turns(RIGHT, found)
    assert (score.turns_right, score.speakers_right, score.roles_right, score.lost, score.added) == (0, 5, 5, 0, 0)


def test_score_turns_a_turn_that_is_missing_is_lost_and_spoils_none_after_it():
    score = score_turns(RIGHT, [RIGHT[0], RIGHT[2]])
    # The interviewer's turns meet and are one: only the words of both are still right.
    assert (score.turns_right, score.speakers_right, score.lost) == (0, 5, 3)
    assert score_turns([*RIGHT, *turns(("Ann", TELLS, "My son."))], [RIGHT[0], RIGHT[1]]).turns_right == 2


def test_score_turns_labels_and_stamps_taken_for_talk_are_added():
    found = turns(
        ("INT", ASKS, "Who helps you? [00:01]"), ("Ann", TELLS, "Ann: My nurse does."), ("INT", ASKS, "Who else?")
    )
    score = score_turns(RIGHT, found)
    assert (score.turns_right, score.added, score.lost) == (1, 2, 0)


def test_score_turns_nothing_found_is_a_refusal():
    score = score_turns(RIGHT, [])
    assert (score.refused, score.lost, score.shares()) == (1, 8, (0, 0, 0))


def test_score_turns_unnamed_talk_may_be_cut_anywhere_unless_changes_are_marked():
    talk = turns((None, None, "My nurse does. My son, too."))
    cut = turns((None, TELLS, "My nurse does."), (None, TELLS, "My son, too."))
    assert score_turns(talk, cut).shares() == (1, 1, 1)
    marked = turns((None, None, "My nurse does."), (None, None, "My son, too."))
    assert score_turns(marked, turns((None, TELLS, "My nurse does. My son, too."))).turns_right == 0
    assert score_turns(marked, cut).turns_right == 2


def test_score_turns_an_invented_name_is_wrong_where_nobody_is_named():
    assert score_turns(turns((None, None, "My nurse")), turns(("My", TELLS, "nurse"))).speakers_right == 0


def test_score_turns_chinese_is_counted_by_character():
    assert score_turns(turns(("护士", TELLS, "我们 去老人家")), turns(("护士", TELLS, "我们去"))).lost == 3


def test_reading_scores_add_up():
    both = score_turns(RIGHT, RIGHT) + score_turns(RIGHT, [])
    assert both.shares() == (pytest.approx(1 / 2), pytest.approx(1 / 2), pytest.approx(1 / 2))
    assert (both.files, both.refused, both.lost) == (2, 1, 8)
