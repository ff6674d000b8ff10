"""What is asked about and what is kept of it: passages, answers in the store, settings, what coders may see."""

import json
import shutil
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import NO_CODE
from corpus.coders import MACHINE
from corpus.errors import IntegrityError, UsageError
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Span
from models.examples import EncodedTexts
from models.second.opinion import ModelFacts
from models.second.stage import START, SecondStage, to_weights
from pipeline.backup import backup_study, restore_study
from pipeline.embed import participant_segments
from pipeline.merging import merge_study
from pipeline.review.opinions import OpinionLog
from pipeline.second.asking import PassageOpinion
from pipeline.second.kept import KeptTrial, load_trial, save_trial, stage_for
from pipeline.second.passages import UNSURE, passages_of, worth_asking
from pipeline.second.second_pass import revised
from pipeline.session import StudySession
from pipeline.settings import load_settings
from pipeline.settings_file import change_second
from pipeline.steps import Precoded, Scored
from pipeline.store import EventKind, NewEvent, NewOpinion
from pipeline.study import create_study, open_study
from pipeline.trust import ways_out
from tests.corpus.support import transcript_of
from tests.pipeline.run_support import one_sentence_a_turn
from tests.pipeline.store_support import add

CODES = ("team", "trust", "budget")
FACTS = ModelFacts("chat", "second/v1", "m", "http://127.0.0.1:1", "cd" * 32, "Q4", 4096, "llama.cpp")
CHANCES = {"team": 0.7, "trust": 0.2, NO_CODE: 0.1}
SPAN = Span(0, 8)


def opinion(version, *, key="k1", span=SPAN, code="", model="m", chances=CHANCES):
    return NewOpinion(key, version, span, code, model, chances, 0.9, 120, 30)


# Passages


def interview(turns=4):
    """Questions and answers in turn, a sentence each."""
    said = [(Role.INTERVIEWER, f"Question {n}?") if n % 2 == 0 else f"Answer {n} [laughs] here." for n in range(turns)]
    return transcript_of(*said)


def precoded(transcript, chances, suggested=()):
    """Scores by hand: one row a participant's turn; ``suggested`` holds first and last row of each suggestion."""
    segments = participant_segments(one_sentence_a_turn(transcript))
    scored = Scored(
        segments, EncodedTexts((), (), np.zeros((len(segments), 2), np.float32)), np.array(chances, np.float32)
    )
    made = [
        Suggestion(segments[a].span.join(segments[b].span), tuple(s.id for s in segments[a : b + 1]), "team", 0.5, 1)
        for a, b in suggested
    ]
    return Precoded(scored, made)


@given(st.data())
def test_every_sentence_is_in_a_passage_and_every_suggestion_is_one(data):
    answers = data.draw(st.integers(1, 6))
    rows = st.integers(0, answers - 1)
    suggested = data.draw(st.lists(st.tuples(rows, rows).map(sorted).map(tuple), max_size=4, unique=True))
    chances = data.draw(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=answers, max_size=answers))
    transcript = interview(2 * answers)
    passages = passages_of(1, transcript, precoded(transcript, chances, suggested))
    assert {row for passage in passages for row in range(*passage.rows)} == set(range(answers))
    assert [p.rows for p in passages if p.suggested] == sorted({(a, b + 1) for a, b in suggested})
    assert all(p.rows[1] - p.rows[0] == 1 for p in passages if not p.suggested)
    asked = worth_asking(passages, young=False)
    assert all(UNSURE[0] <= p.chances.max() <= UNSURE[1] for p in asked)
    assert [p.doubt for p in asked] == sorted(p.doubt for p in asked)
    assert sorted(p.rows for p in worth_asking(passages, young=True)) == sorted(p.rows for p in passages)


def test_a_passage_knows_the_question_the_speaker_and_its_neighbours_without_notes():
    transcript = interview()
    first, second = passages_of(1, transcript, precoded(transcript, [[0.1, 0.2, 0.3]] * 2))
    assert (first.text.question, first.text.passage) == ("Question 0?", "Answer 1 here.")
    assert second.text.question == "Question 2?"
    assert first.text.speaker == "participant"
    assert (first.text.before, first.text.after) == ("", "")  # neighbours are of the same turn
    assert first.ranked(CODES) == ["budget", "trust", "team"]


def test_the_shorter_of_two_passages_counts_where_they_share_a_sentence():
    transcript = interview(4)
    made = precoded(transcript, [[0.5, 0.5, 0.5]] * 2, [(0, 1), (1, 1)])
    long, short = passages_of(1, transcript, made)
    stage = SecondStage(np.array([1.0, 1.0, 0.0, 0.0]))
    found = {
        short: PassageOpinion({"team": -2.0}, {}, NO_CODE),
        long: PassageOpinion({"team": 2.0}, {}, "team"),
    }
    probabilities = revised(made.scored, found, CODES, stage).probabilities
    assert probabilities[0, 0] > 0.5 > probabilities[1, 0]
    assert (probabilities[:, 1:] == 0.5).all()


@given(st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3), st.floats(-4, 4), st.floats(-4, 4))
def test_a_stage_that_does_not_count_leaves_probabilities_as_they_are(chances, choice, fit):
    thinks = PassageOpinion({"team": choice, "trust": -choice}, {"trust": fit}, "team")
    weighed = thinks.weighed(np.array(chances), CODES, SecondStage(START))
    assert weighed == pytest.approx(chances)


# Kept answers


def test_an_answer_is_kept_once_and_found_by_its_key(store):
    version = add(store)
    store.opinions.add(opinion(version))
    store.opinions.add(opinion(version, chances={"team": 1.0}))
    kept = store.opinions.by_key(["k1", "k2"])
    assert list(kept) == ["k1"]
    assert (kept["k1"].chances, kept["k1"].span, kept["k1"].tokens) == (CHANCES, Span(0, 8), 120)
    assert [each.id for each in store.opinions.stream("m")] == [kept["k1"].id]
    assert list(store.opinions.stream("other")) == []


def test_an_answer_on_what_is_not_there_is_refused(store):
    version = add(store)
    with pytest.raises(UsageError, match="leaves transcript version"):
        store.opinions.add(opinion(version, span=Span(0, 10_000)))
    with pytest.raises(UsageError, match="no transcript version"):
        store.opinions.add(opinion(99))


def test_many_answers_are_found_at_once(store):
    version = add(store)
    for n in range(5):
        store.opinions.add(opinion(version, key=f"k{n}"))
    assert len(store.opinions.by_key([f"k{n}" for n in range(2_500)])) == 5


def test_a_mark_of_a_second_opinion_is_about_the_study(store):
    version = add(store)
    assert store.events.add(NewEvent(MACHINE, EventKind.SECOND, text="m")).text == "m"
    with pytest.raises(UsageError, match="not about that"):
        NewEvent(MACHINE, EventKind.SECOND, version, text="m")


# What coders may see


def test_the_card_is_told_what_the_model_thinks_of_the_passage_that_fits_best(store):
    version = add(store)
    store.opinions.add(opinion(version, span=Span(0, 20)))
    store.opinions.add(opinion(version, key="k2", span=Span(0, 8), chances={"trust": 0.8, NO_CODE: 0.2}))
    store.opinions.add(opinion(version, key="k3", span=Span(9, 20), chances={"team": 0.1, NO_CODE: 0.9}))
    store.opinions.add(opinion(version, key="k4", code="trust", chances={"yes": 0.9, "no": 0.1}))
    log = OpinionLog(store)
    log.refresh("m")
    whole, first, last = (log.view(version, span, "team") for span in (Span(0, 20), Span(0, 8), Span(9, 20)))
    assert (whole.says, whole.code, whole.probability) == ("same", "team", 0.7)
    assert (first.says, first.code) == ("other", "trust")
    assert (last.says, last.code) == ("none", None)
    assert log.view(version, Span(21, 25), "team") is None
    assert log.versions == {version}
    assert (Span(9, 20), NO_CODE) in log.choices(version)
    log.refresh("")
    assert log.view(version, Span(0, 8), "team") is None


# Trials


def trial(**other):
    weights = to_weights(SecondStage(np.array([0.9, 0.4, 0.1, -0.2])))
    return KeptTrial(**{"facts": FACTS, "verdict": "used", "weights": weights, "figures": {"answered": 50}} | other)


def test_a_trial_is_kept_and_is_about_one_model_only(tmp_path):
    assert load_trial(tmp_path) is None
    save_trial(tmp_path, trial())
    assert load_trial(tmp_path) == trial()
    assert stage_for(tmp_path, FACTS.fingerprint).weight == pytest.approx(0.4)
    assert not stage_for(tmp_path, "m@other/chat/second/v1").is_used


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "second/v1"}', '{"format": "second/v1", "facts": {}, "verdict": "", "weights": {}}'],
)
def test_a_damaged_trial_says_what_to_type(tmp_path, text):
    save_trial(tmp_path, trial())
    (tmp_path / "second" / "trial.json").write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError, match="precode second try"):
        load_trial(tmp_path)


def test_a_trial_by_another_rule_counts_no_more(tmp_path):
    save_trial(tmp_path, trial())
    path = tmp_path / "second" / "trial.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "format": "second/v0"}), encoding="utf-8")
    assert load_trial(tmp_path) is None


def test_a_fingerprint_tells_model_weights_adapter_and_prompt():
    assert FACTS.fingerprint == "m@cdcdcdcdcdcd/chat/second/v1"
    assert ModelFacts("chat", "second/v1", "m", "h").fingerprint == "m/chat/second/v1"


# Settings, and what leaves a study


def test_connecting_changes_three_lines_and_no_comment(tmp_path):
    path = create_study(tmp_path / "s").folder / "study.toml"
    before = path.read_text(encoding="utf-8").splitlines()
    change_second(path, url="http://127.0.0.1:1", model="m", adapter="chat")
    after = path.read_text(encoding="utf-8").splitlines()
    changed = [line for line in after if line not in before]
    assert changed == ['url = "http://127.0.0.1:1"', 'model = "m"', 'adapter = "chat"']
    assert load_settings(path)[0].second.budget == 400


@pytest.mark.parametrize(
    ("line", "said"), [("budget = 0", "at least 1"), ("timeout = 1.5", "whole number"), ("url = 3", "a text")]
)
def test_settings_that_do_not_fit_are_said(tmp_path, line, said):
    path = tmp_path / "study.toml"
    path.write_text(f"[second]\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        load_settings(path)


@pytest.mark.parametrize(
    ("url", "ways"), [("", 0), ("http://localhost:1", 0), ("http://[::1]:1", 0), ("http://192.0.2.1:1", 1)]
)
def test_only_a_model_elsewhere_leads_out_of_a_study(tmp_path, url, ways):
    study = create_study(tmp_path / "s")
    change_second(study.folder / "study.toml", url=url)
    assert len(ways_out(study.folder, load_settings(study.folder / "study.toml")[0])) == ways


def test_a_backup_holds_answers_and_trial(study, words, tmp_path):
    with StudySession(study) as session:
        session.store.opinions.add(opinion(add(session.store)))
    save_trial(study.folder, trial())
    backup_study(study, tmp_path / "b.zip")
    restore_study(tmp_path / "b.zip", tmp_path / "again")
    assert load_trial(tmp_path / "again") == trial()
    with StudySession(open_study(tmp_path / "again")) as session:
        assert len(list(session.store.opinions.stream("m"))) == 1


def test_a_merged_copy_does_not_decide_whose_opinions_are_seen_here(study, words, tmp_path):
    copy = open_study(shutil.copytree(study.folder, tmp_path / "copy"))
    with StudySession(copy) as session:
        session.store.events.add(NewEvent(MACHINE, EventKind.SECOND, text="m"))
    merge_study(copy, study)
    with StudySession(study) as session:
        assert list(session.store.events.stream()) == []


def test_the_table_of_second_opinions_is_off_in_a_new_study(tmp_path):
    written = tomllib.loads((create_study(tmp_path / "s").folder / "study.toml").read_text(encoding="utf-8"))
    assert written["second"] == {
        **{"url": "", "model": "", "adapter": "", "budget": 400, "timeout": 60, "show_untested": False}
    }
