"""The pieces of a run: retries, outcomes, plan, session, files and speakers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given

from corpus.errors import CodingError, InputError, IntegrityError, InternalError, UsageError
from corpus.speakers import SpeakerReading
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.run import (
    FinishedRun,
    OutcomeStatus,
    Plan,
    TranscriptOutcome,
    in_threads,
    may_pass,
    plan,
    precode_transcript,
    refusal,
    run_study,
    settled,
    versions,
    with_retries,
)
from pipeline.session import StudySession
from pipeline.speakers import ASKING, SURE, StudySpeakers, TranscriptCheck, check_of, first_words
from pipeline.study import Source, create_study, told_apart
from tests.corpus.support import TRANSCRIPTS
from tests.pipeline.run_support import put

# Retries and outcomes


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (UsageError("the database is locked"), True),
        (InputError("P01.txt", "is empty"), True),
        (CodingError("codings.jsonl:3", "fits nothing"), True),
        (IntegrityError("damaged"), False),
        (InternalError("P01", "ValueError", "x.py:1"), True),
        (ValueError("not ours"), False),
        (KeyboardInterrupt(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_may_pass_asks_whether_trying_again_could_help(error, passes):
    assert may_pass(error) is passes


@pytest.mark.parametrize(
    ("failures", "retries", "calls"),
    [(0, 2, 1), (2, 2, 3), (3, 2, 3), (1, 0, 1)],
    ids=["well", "late", "never", "once"],
)
def test_with_retries_calls_no_more_often_than_it_was_told(failures, retries, calls, monkeypatch):
    pauses, made = [], []
    monkeypatch.setattr("pipeline.run.time.sleep", pauses.append)

    def action():
        made.append(1)
        if len(made) <= failures:
            raise UsageError("locked")
        return "done"

    if failures > retries:
        with pytest.raises(UsageError, match="locked"):
            with_retries(action, retries)
    else:
        assert with_retries(action, retries) == "done"
    assert len(made) == calls
    assert pauses == [0.5 * 2**n for n in range(calls - 1)]


def test_settled_turns_a_defect_into_an_outcome_and_lets_other_errors_through():
    source = Source("P01", None, "transcripts/P01.txt")
    defect = InternalError("P01", "ValueError", "x.py:1")

    def raising(error):
        def result():
            raise error

        return result

    found = settled(source, raising(defect))
    assert (found.transcript, found.status, found.error) == ("P01", OutcomeStatus.FAILED, str(defect))
    with pytest.raises(UsageError, match="disk"):
        settled(source, raising(UsageError("the disk is full")))
    assert settled(source, lambda: found) is found


def test_refusal_names_the_file_and_its_transcript():
    found = refusal(InputError("transcripts/a/P01.docx", "is a link"))
    assert (found.transcript, found.source, found.status) == (
        *("P01", "transcripts/a/P01.docx", OutcomeStatus.REFUSED),
    )
    assert found.error == "transcripts/a/P01.docx: is a link"


@pytest.mark.parametrize(
    ("states", "code"),
    [([], 0), (["coded", "kept"], 0), (["coded", "refused"], 1), (["refused", "failed"], 3), (["failed"], 3)],
)
def test_exit_code_of_a_run_is_that_of_the_worst(states, code):
    outcomes = tuple(TranscriptOutcome(f"P{n}", "x", OutcomeStatus(state)) for n, state in enumerate(states))
    assert FinishedRun(1, outcomes, 0.0).exit_code == code


def test_redone_plans_everything_that_can_be_read_in_path_order():
    first, second, third = (Source(name, None, f"transcripts/{name}.txt") for name in "abc")
    refused = refusal(InputError("transcripts/d.txt", "is a link"))
    again = Plan((third,), (second, first), (refused,)).redone()
    assert [source.name for source in again.todo] == ["a", "b", "c"]
    assert (again.kept, again.refused) == ((), (refused,))


def test_versions_name_what_bears_on_a_result():
    found = versions()
    assert {"python", "precode", "spacy", "prefect"} <= found.keys()
    assert all(version[0].isdigit() for version in found.values())


# A run over small studies


@pytest.mark.usefixtures("words")
def test_in_threads_yields_outcomes_in_the_order_of_the_sources(study):
    for name in ("P03", "P01", "P02"):
        put(study, name)
    with StudySession(study) as session:
        todo = plan(session).todo[::-1]
        run = session.store.runs.start(session.facts({}))
        assert [outcome.transcript for outcome in in_threads(session, run, todo)] == ["P03", "P02", "P01"]


@pytest.mark.usefixtures("words")
def test_precode_transcript_runs_its_steps_in_order_and_stores_what_they_made(study):
    put(study, "P01")
    ran = []

    def run_step(name, step):
        ran.append(name)
        return step()

    with StudySession(study) as session:
        run = session.store.runs.start(session.facts({}))
        outcome = precode_transcript(session, run, study.sources().accepted[0], run_step=run_step)
        assert len(list(session.store.suggestions.stream(run=run))) == outcome.suggestions == 1
    assert ran == ["segment", "embed", "suggest"]


@pytest.mark.usefixtures("words")
def test_precode_transcript_of_what_cannot_be_read_is_an_outcome_that_is_kept(study):
    (study.transcripts / "P01.txt").write_bytes(b"")
    with StudySession(study) as session:
        run = session.store.runs.start(session.facts({}))
        outcome = precode_transcript(session, run, study.sources().accepted[0])
        (stored,) = session.store.runs.outcomes(run)
    assert outcome.status is OutcomeStatus.REFUSED
    assert stored.error == outcome.error


@pytest.mark.usefixtures("words")
def test_run_study_of_nothing_makes_no_run_and_asks_nobody_to_work(study):
    def work(*_):
        raise AssertionError("there is nothing to do")

    with StudySession(study) as session:
        done = run_study(session, work, plan(session))
        assert (done.run, done.outcomes, done.exit_code) == (None, (), 0)


@pytest.mark.parametrize(
    "name", ["\u05e9\u05dc\u05d5\u05dd", "👩‍⚕️ nurse", "a b.c"], ids=["Hebrew", "emoji", "blanks and dots"]
)
@pytest.mark.usefixtures("words")
def test_plan_knows_a_file_again_whatever_it_is_called(study, name):
    put(study, name)
    with StudySession(study) as session:
        first = plan(session)
        run_study(session, lambda run, todo: in_threads(session, run, todo), first)
        second = plan(session)
    assert [source.name for source in first.todo] == [source.name for source in second.kept] == [name]


# Session


def test_session_makes_its_parts_once_for_all_threads(study, monkeypatch):
    made, begun = [], threading.Barrier(4)

    def load(opened):
        made.append(opened)
        return SimpleNamespace(recipe="r")

    monkeypatch.setattr("pipeline.precoder.load_precoder", load)
    with StudySession(study) as session, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: begun.wait() >= 0 and session.precoder, range(4)))
        stores = {id(session.store) for _ in range(3)}
    assert made == [study]
    assert all(each is found[0] for each in found)
    assert len(stores) == 1


def test_session_that_was_never_used_makes_no_database_when_it_closes(study):
    with StudySession(study):
        pass
    assert not (study.folder / "study.db").exists()


def test_session_recipe_changes_with_that_of_the_precoder(study, words):
    recipes = []
    for recipe in ("a", "b", "a"):
        words.recipe = recipe
        recipes.append(StudySession(study).recipe)
    assert recipes[0] == recipes[2] != recipes[1]
    assert recipes[0] != "a", "what is stored of a transcript is part of it"


# Files of a study


@pytest.mark.parametrize(
    ("names", "accepted", "refused"),
    [
        ([], [], []),
        (["a/P01.txt", "b/P02.txt"], ["a/P01.txt", "b/P02.txt"], []),
        (["a/P01.txt", "b/P01.docx", "c/P01.pdf"], ["a/P01.txt"], ["b/P01.docx", "c/P01.pdf"]),
    ],
    ids=["none", "two names", "one name three times"],
)
def test_told_apart_keeps_the_first_of_a_name_and_refuses_the_others_with_a_remedy(tmp_path, names, accepted, refused):
    found = told_apart(Source((tmp_path / name).stem, tmp_path / name, name) for name in names)
    assert [source.relative for source in found.accepted] == accepted
    assert [error.place for error in found.refused] == refused
    assert all(error.problem == "has the same name as a/P01.txt; rename one" for error in found.refused)


# Speakers


def reading(label, role=Role.PARTICIPANT, confidence=0.9):
    return SpeakerReading(label, 1, 3, (Span(0, 3),), role, confidence, "a reason")


@pytest.mark.parametrize(
    ("speakers", "asking", "doubtful"),
    [
        ([], 0.0, set()),
        ([reading("A")], 0.0, set()),
        ([reading("A", confidence=SURE)], 0.0, set()),
        ([reading("A", confidence=SURE - 0.01)], 0.0, {"A"}),
        ([reading("A", Role.INTERVIEWER, 0.1), reading("B", confidence=0.1)], 0.0, {"B"}),
        ([reading(None, confidence=0.1)], ASKING, set()),
        ([reading(None, confidence=0.9)], ASKING + 0.01, {None}),
    ],
    ids=["nobody", "sure", "just sure", "unsure", "asks anyway", "narrative", "questions without a label"],
)
def test_doubtful_is_who_may_be_asking(speakers, asking, doubtful):
    check = TranscriptCheck("P01", "P01.txt", tuple(speakers), asking=asking)
    assert check.doubtful == doubtful
    assert check.doubts == len(doubtful)


def test_doubts_count_errors_and_labels_that_are_probably_one():
    check = TranscriptCheck("P01", "P01.txt", (reading("A", confidence=0.1),), similar=(("A", "Aa"),), error="is empty")
    assert check.doubts == 3


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"reason": "other"}, True),
        ({"turns": 9}, False),
        ({"words": 99}, False),
        ({"role": Role.INTERVIEWER}, False),
        ({"label": "B"}, False),
        ({"confidence": 0.1}, False),
        ({"confidence": 0.8}, True),
    ],
    ids=["reason", "turns", "words", "role", "label", "doubt", "as sure"],
)
def test_fingerprint_is_what_a_reading_means_for_suggestions(change, same):
    before = TranscriptCheck("P01", "P01.txt", (reading("A"),))
    after = TranscriptCheck("P01", "other.txt", (replace(reading("A"), **change),))
    assert (before.fingerprint == after.fingerprint) is same


@given(TRANSCRIPTS)
def test_check_of_counts_turns_stamps_and_questions(transcript):
    check = check_of(transcript, "transcripts/P01.txt")
    talk = [words for _, words in transcript.talk()]
    assert (check.name, check.source, check.turns, check.timed) == (
        transcript.name,
        "transcripts/P01.txt",
        len(talk),
        0,
    )
    assert check.asking == pytest.approx(sum("?" in words for words in talk) / max(1, len(talk)))
    assert sum(speaker.turns for speaker in check.speakers) == check.turns


def test_hold_back_splits_suggestions_by_who_speaks(study, monkeypatch):
    text = "Before. One. Two. Three."
    turns = tuple(
        Turn(Span(text.index(words), text.index(words) + len(words)), speaker, Role.PARTICIPANT)
        for words, speaker in (("One.", "A"), ("Two.", "B"), ("Three.", None))
    )
    transcript = Transcript("P01", text, turns)
    speakers = StudySpeakers(study)
    checked = {"P01": TranscriptCheck("P01", "P01.txt", (reading("A"), reading("B", confidence=0.1), reading(None)))}
    monkeypatch.setattr(speakers, "checks", lambda: checked)
    found = [Suggestion(span, ("t",), "team", 0.5, 1) for span in (Span(0, 6), *(turn.span for turn in turns))]
    made, held = speakers.hold_back(transcript, found)
    assert held == [found[2]]
    assert made == [found[0], found[1], found[3]]
    assert speakers.hold_back(replace(transcript, name="P99"), found) == (found, [])


def test_fingerprint_of_a_transcript_that_is_not_there_is_empty(study):
    assert StudySpeakers(study).fingerprint("P99") == ""
    assert StudySpeakers(study).checks() == {}


def test_first_words_are_read_anew_and_stand_on_one_line(study):
    (study.transcripts / "P01.txt").write_text("INT: Tell\tme   now.\nAnna: The nurse 🙂.\n", encoding="utf-8")
    check = StudySpeakers(study).checks()["P01"]
    assert dict(first_words(study, check)) == {"INT": "Tell me now.", "Anna": "The nurse 🙂."}
    (study.transcripts / "P01.txt").unlink()
    with pytest.raises(InputError, match=r"P01\.txt"):
        list(first_words(study, check))


def test_create_study_in_a_folder_with_files_keeps_them(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine.txt").write_text("mine", encoding="utf-8")
    create_study(tmp_path / "s")
    assert (tmp_path / "s" / "mine.txt").read_text(encoding="utf-8") == "mine"
