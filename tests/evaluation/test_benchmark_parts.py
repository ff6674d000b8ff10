"""Leakage, cells of measured figures, commands that are measured, and forms of the labelled set: each by itself."""

import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank, SeedQuote
from corpus.transcript import Role
from evaluation.benchmarks import leakage
from evaluation.benchmarks.cross_study import with_quotes
from evaluation.benchmarks.environment import machine, now, peak_memory_mb, revision
from evaluation.benchmarks.leakage import FEWEST_FOR_RUNS, FEWEST_WORDS, NAMED_AT_MOST, find_leaks, refuse_leakage
from evaluation.performance.encoding import Command, SpeedResult, measure_command, measure_encoders, sample_commands
from evaluation.performance.review import Figure, ReviewSpeed
from evaluation.performance.review_study import Size
from evaluation.reading.__main__ import table
from evaluation.reading.dialogues import SECONDS_PER_WORD, Dialogue, DialogueTurn, WrittenForm
from evaluation.reading.files import expected_turns, write_form
from evaluation.reading.lines import LAYOUTS, clock, label_of, lines_of
from evaluation.reading.measure import FileScore, by_group, case_turn, score_file, total
from evaluation.reading.recordings import CUES, service_label, write_cues
from evaluation.reading.scorer import LabelledTurn, ReadingScore, score_turns
from models.lexical_encoder import LexicalEncoder

VOCABULARY = [f"word{n}" for n in range(60)]
TALK = st.lists(st.sampled_from(VOCABULARY), min_size=FEWEST_FOR_RUNS, max_size=30)


def bank(*texts):
    return SeedBank(tuple(SeedQuote(text, None) for text in texts))


# Leakage


@given(TALK, TALK)
def test_find_leaks_finds_a_text_inside_a_seed_wherever_it_stands(words, around):
    seed = " ".join([*around, *words, *around])
    assert find_leaks(bank("Nothing of it.", seed), {"t": " ".join(words)}) == {"t": 1}


@given(TALK)
def test_find_leaks_knows_neither_case_nor_punctuation(words):
    text = ", ".join(word.upper() for word in words) + "!"
    assert find_leaks(bank(" ".join(words)), {"t": text}) == {"t": 0}


@given(TALK)
def test_find_leaks_finds_nothing_in_other_words(words):
    assert find_leaks(bank(" ".join(f"other{word}" for word in words)), {"t": " ".join(words)}) == {}


@pytest.mark.parametrize(
    ("words", "leaks"),
    [(FEWEST_WORDS - 1, False), (FEWEST_WORDS, True), (FEWEST_FOR_RUNS, True)],
    ids=["a stock phrase", "just long enough", "long"],
)
def test_find_leaks_of_an_equal_text_by_its_length(words, leaks):
    text = " ".join(VOCABULARY[:words])
    assert bool(find_leaks(bank(text), {"t": text})) == leaks


def test_find_leaks_of_nothing_is_nothing():
    assert find_leaks(bank(), {"t": "a b c d e f g h"}) == {}
    assert find_leaks(bank("a b c d e f g h"), {}) == {}
    refuse_leakage(bank(), {})


def test_refuse_leakage_names_so_many_texts_and_counts_the_others():
    text = " ".join(VOCABULARY[:20])
    with pytest.raises(UsageError) as caught:
        refuse_leakage(bank(text), {f"t{n}": text for n in range(NAMED_AT_MOST + 3)})
    assert "t0 (seed 1), t1 (seed 1)" in str(caught.value)
    assert str(caught.value).endswith(" and 3 more")
    assert "word3" not in str(caught.value)


def test_the_rule_of_leakage_is_that_of_its_constants(monkeypatch):
    monkeypatch.setattr(leakage, "LARGEST_SHARE", 0.25)
    assert "more than 25% of the test text's runs" in leakage.rule()


def test_with_quotes_adds_published_quotations_at_the_end():
    item = QuoteItem("q1", "Funds ran short.", frozenset({"b", "a"}), "d", source="study")
    made = with_quotes(bank("Hello."), [item])
    assert made.quotes[0].text == "Hello."
    assert made.quotes[1] == SeedQuote("Funds ran short.", "a", None, "published", source="study")


# Environment


def test_environment_says_where_it_ran():
    assert now().endswith("+00:00")
    assert revision().partition("+")[0]
    described = machine()
    assert described.python.startswith(f"{sys.version_info.major}.{sys.version_info.minor}")
    assert described.cores is None or described.cores >= 1
    assert peak_memory_mb() is None or peak_memory_mb() > 1


# Performance


@pytest.mark.parametrize(
    ("value", "goal", "met"),
    [(1.0, 2.0, True), (2.0, 2.0, False), (3.0, 2.0, False), (None, 2.0, None), (1.0, None, None)],
    ids=["under", "at", "over", "unknown", "no goal"],
)
def test_a_figure_meets_its_goal_under_it(value, goal, met):
    assert Figure("f", value, "s", goal).met is met


def test_review_speed_prints_figures_beside_their_goals():
    figures = (
        Figure("first page", 0.256, "s", 1.0),
        Figure("next item", 61.04, "ms", 50),
        Figure("memory", None, "MB", 500),
        Figure("decision", 3.0, "ms"),
    )
    (printed,) = ReviewSpeed(size=Size(2, 1000, 5), requests=9, figures=figures).tables()
    assert printed.title == "Review of 2 transcripts, 2,000 sentences, 10 suggestions"
    assert printed.rows == (
        ("first page", "0.26 s", "< 1 s", "yes"),
        ("next item", "61.0 ms", "< 50 ms", "no"),
        ("memory", "-", "< 500 MB", ""),
        ("decision", "3.0 ms", "", ""),
    )


def test_measure_command_tells_exit_code_time_and_memory(tmp_path):
    line = (sys.executable, "-S", "-c", "import os, sys; sys.exit(int(os.environ['LEAVE_WITH']))")
    cost = measure_command(Command("leave", line, {"LEAVE_WITH": "7"}))
    assert (cost.name, cost.exit_code) == ("leave", 7)
    assert cost.seconds > 0
    assert sys.platform == "win32" or 1 < cost.peak_memory_mb < 1000


def test_sample_commands_stay_inside_their_folder(tmp_path):
    commands = sample_commands(("precode",), tmp_path)
    assert len({command.name for command in commands}) == len(commands)
    assert all(command.argv[0] == "precode" for command in commands)
    assert {command.environment["PRECODE_CACHE"] for command in commands} == {str(tmp_path / "cache")}


def test_measure_encoders_holds_each_against_the_first():
    twin = LexicalEncoder("twin/v1")
    first, second = measure_encoders(
        ["Funds ran short.", "Nurses went off."], {"one": LexicalEncoder(), "two": twin}, rounds=3
    )
    assert (first.name, first.ratio) == ("one", 1.0)
    assert (second.name, second.fingerprint) == ("two", "twin/v1")
    assert second.cosine_mean == pytest.approx(1)
    assert second.cosine_min == pytest.approx(1)
    printed = SpeedResult(texts=2, mean_characters=16.0, encoders=(first, second)).tables()
    assert [shown.title for shown in printed] == ["Encoding 2 sentences of 16 characters"]


# Reading


def dialogue(*said, roles=None):
    named = roles or {"Ann": Role.INTERVIEWER, "P01": Role.PARTICIPANT}
    return Dialogue("talk", "en", (), (), named, said)


SAID = dialogue(("Ann", ("How do you work?",)), ("P01", ("We meet each week.", "And then we talk.")))


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "00:00:00"), (59.9, "00:00:59"), (61, "00:01:01"), (3600, "01:00:00"), (360000, "100:00:00")],
)
def test_clock_of_seconds(seconds, written):
    assert clock(seconds) == written


@pytest.mark.parametrize(
    ("name", "medium", "layout", "twists"),
    [
        ("text:square+crlf", "text", "square", {"crlf"}),
        ("word:table2", "word", "table2", set()),
        ("cues:vtt-voice", "cues", "vtt-voice", set()),
        ("text:colon+bom+wrap", "text", "colon", {"bom", "wrap"}),
    ],
)
def test_written_form_by_its_name(name, medium, layout, twists):
    assert WrittenForm.parse(name) == WrittenForm(medium, layout, frozenset(twists))


def test_turns_of_a_dialogue_follow_one_another_at_an_even_pace():
    first, second = SAID.turns
    assert first.ended == pytest.approx(first.started + 4 * SECONDS_PER_WORD)
    assert second.started > first.ended
    assert DialogueTurn("A", ("one two", "three"), 1.0).ended == pytest.approx(1 + 3 * SECONDS_PER_WORD)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lines_of_every_layout_hold_all_words_in_order(layout):
    lines = " ".join(lines_of(SAID, WrittenForm.parse(f"text:{layout}")))
    places = [lines.find(words) for turn in SAID.turns for words in turn.paragraphs]
    assert -1 not in places
    assert places == sorted(places)
    assert "ann" in lines.lower()


@pytest.mark.parametrize("layout", CUES)
def test_cues_of_every_layout_hold_all_words(layout):
    written = write_cues(SAID, WrittenForm.parse(f"cues:{layout}"))
    assert written.count("-->") == 3
    assert all(words in written for turn in SAID.turns for words in turn.paragraphs)
    assert ("Ann" in written or "ANN" in written) == CUES[layout].named


@pytest.mark.parametrize("name", ["text:colon", "text:square+crlf", "text:tab+bom", "word:colon", "json:whisperx"])
def test_a_file_is_written_twice_alike_and_read_as_expected(name, tmp_path):
    form = WrittenForm.parse(name)
    first = write_form(SAID, form, tmp_path)
    score = score_file(first, expected_turns(SAID, form))
    assert (score.lost, score.refused) == (0, 0)
    if form.medium != "word":
        content = first.read_bytes()
        assert write_form(SAID, form, tmp_path).read_bytes() == content


@pytest.mark.parametrize(("layout", "label"), [("assemblyai", "B"), ("deepgram", "1"), ("whisperx", "P01")])
def test_service_label_of_the_second_speaker(layout, label):
    assert service_label(SAID, "P01", WrittenForm.parse(f"json:{layout}")) == label


def test_label_of_a_form_in_small_letters():
    assert label_of("Ann", WrittenForm.parse("text:colon+lower")) == "ann"
    assert label_of("Ann", WrittenForm.parse("text:colon")) == "Ann"


def test_a_file_that_is_refused_loses_all_its_words(tmp_path):
    (tmp_path / "talk.docx").write_bytes(b"no Word document")
    score = score_file(tmp_path / "talk.docx", [LabelledTurn("A", Role.PARTICIPANT, "three words here")])
    assert (score.refused, score.lost, score.turns_right) == (1, 3, 0)
    assert score.shares() == (0, 0, 0)


def test_shares_of_nothing_are_whole():
    assert ReadingScore().shares() == (1, 1, 1)


TURNS = st.lists(
    st.builds(
        LabelledTurn,
        st.sampled_from(["A", "B", None]),
        st.sampled_from([Role.PARTICIPANT, Role.INTERVIEWER, None]),
        st.lists(st.sampled_from(["yes", "no", "we", "met"]), min_size=1, max_size=5).map(" ".join),
    ),
    min_size=1,
    max_size=6,
)


@given(TURNS, TURNS)
def test_score_turns_counts_no_word_twice(expected, found):
    score = score_turns(expected, found)
    assert score.speakers_right <= score.words - score.lost <= score.words
    assert score.roles_right <= score.role_words <= score.words
    assert score.turns_right <= score.turns
    assert score.added - score.lost == sum(len(turn.words.split()) for turn in found) - score.words


@given(TURNS)
def test_score_turns_of_what_is_right_is_whole(turns):
    score = score_turns(turns, turns)
    assert (score.turns_right, score.speakers_right, score.roles_right) == (score.turns, score.words, score.role_words)
    assert (score.lost, score.added, score.refused) == (0, 0, 0)


SCORES = st.builds(ReadingScore, *[st.integers(0, 9)] * 10)


@given(st.lists(st.tuples(st.sampled_from("abc"), SCORES), max_size=6))
def test_groups_add_up_to_the_total(scored):
    scores = [FileScore(group, f"f{n}", score) for n, (group, score) in enumerate(scored)]
    groups = by_group(scores)
    assert list(groups) == sorted(groups)
    assert sum(groups.values(), ReadingScore()) == total(scores)


def test_table_has_a_row_a_group_or_a_file_and_all_of_them_last():
    score = ReadingScore(files=1, turns=4, turns_right=3, words=10, speakers_right=9, role_words=0, lost=1)
    scores = [FileScore("text", "a", score), FileScore("text", "b", replace(score, turns_right=1))]
    assert table("set", scores).rows == (
        ("text", "2", "0.500", "0.900", "1.000", "2/20", "0", "0"),
        ("all", "2", "0.500", "0.900", "1.000", "2/20", "0", "0"),
    )
    assert [row[0] for row in table("set", scores, by_file=True).rows] == ["text a", "text b", "all"]


@pytest.mark.parametrize(
    ("cells", "turn"),
    [
        (["A", "participant", "yes"], LabelledTurn("A", Role.PARTICIPANT, "yes")),
        ([None, None, "yes"], LabelledTurn(None, None, "yes")),
        (["A", None, None], LabelledTurn("A", None, "")),
    ],
)
def test_case_turn_of_a_table(cells, turn):
    assert case_turn(cells) == turn
