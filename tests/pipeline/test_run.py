"""A run without Prefect: what is planned, what becomes of each transcript, what is left when something goes wrong."""

import json
import os
import pickle
import time
from functools import partial
from unittest.mock import Mock

import pytest

from corpus.errors import IntegrityError, InternalError, UsageError
from pipeline import run as running
from pipeline.export.run_outputs import suggestion_set, write_formats, write_run_outputs
from pipeline.run import OutcomeStatus, in_threads, plan, run_study, with_retries
from pipeline.session import StudySession
from pipeline.store import Action, NewDecision, RunState
from pipeline.study import open_study
from tests.pipeline.run_support import put

pytestmark = pytest.mark.usefixtures("words")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(running, "PAUSE_SECONDS", 0)


def run(study, *, redo=False):
    with StudySession(study) as session:
        planned = plan(session)
        return write_run_outputs(
            session, run_study(session, partial(in_threads, session), planned.redone() if redo else planned)
        )


def statuses(outputs):
    return {outcome.transcript: str(outcome.status) for outcome in outputs.finished.outcomes}


def rows(study):
    lines = (study.exports / "latest" / "suggestions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


# What is done


def test_every_transcript_is_coded_and_counted_by_domain(study):
    put(study, "P01", "The nurse rings me about money.")
    put(study, "P02", "Nothing to say.")
    outputs = run(study)
    assert statuses(outputs) == {"P01": "coded", "P02": "coded"}
    assert sum(outputs.counts["P01"].values()) == 2  # one passage, two domains
    assert outputs.totals == {"P01": 1, "P02": 0}
    assert outputs.finished.exit_code == 0


def test_a_second_run_keeps_what_is_done_and_writes_nothing(study):
    put(study, "P01")
    run(study)
    before = {path: path.stat().st_mtime_ns for path in study.exports.rglob("*")}
    again = run(study)
    assert statuses(again) == {"P01": "kept"}
    assert again.finished.run is None
    assert {path: path.stat().st_mtime_ns for path in study.exports.rglob("*")} == before


def test_a_kept_study_asks_the_precoder_for_nothing_but_its_recipe(study, words):
    put(study, "P01")
    run(study)
    words.suggest = None
    assert statuses(run(study)) == {"P01": "kept"}


def test_only_new_and_changed_files_are_done(study):
    put(study, "P01")
    put(study, "P02")
    run(study)
    put(study, "P02", "Now about money.")
    put(study, "P03")
    assert statuses(run(study)) == {"P01": "kept", "P02": "coded", "P03": "coded"}


def test_another_recipe_redoes_everything(study, words):
    put(study, "P01")
    run(study)
    words.recipe = "words/v2"
    assert statuses(run(study)) == {"P01": "coded"}


def test_other_interviewers_redo_everything(study):
    put(study, "P01")
    run(study)
    settings = '[transcripts]\ninterviewers = ["Anna"]\n'
    (study.folder / "study.toml").write_text(settings, encoding="utf-8")
    outputs = run(open_study(study.folder))
    assert statuses(outputs) == {"P01": "coded"}
    assert outputs.totals == {"P01": 0}


def test_redo_does_everything_again_with_the_same_suggestions(study):
    put(study, "P01")
    run(study)
    before = [{**row, "run": ""} for row in rows(study)]
    assert statuses(run(study, redo=True)) == {"P01": "coded"}
    assert [{**row, "run": ""} for row in rows(study)] == before


# What goes wrong


def test_a_refused_file_is_named_and_the_others_are_done(study):
    put(study, "P01")
    (study.transcripts / "P02.txt").write_bytes(b"")
    outputs = run(study)
    assert statuses(outputs) == {"P01": "coded", "P02": "refused"}
    assert "P02.txt: is empty" in outputs.finished.outcomes[1].error
    assert outputs.finished.exit_code == 1


def test_a_refused_file_is_tried_again_and_nothing_stored_is_lost(study):
    path = put(study, "P01")
    run(study)
    path.write_bytes(b"")
    assert statuses(run(study)) == {"P01": "refused"}
    assert len(rows(study)) == 1


def test_a_defect_strikes_one_transcript_and_tells_nothing_of_its_words(study, words, monkeypatch):
    put(study, "P01", "SECRET nurse")
    put(study, "P02")
    good = words.suggest

    def suggest(transcript):
        if "SECRET" in transcript.text:
            raise ValueError(transcript.text)
        return good(transcript)

    words.suggest = suggest
    outputs = run(study)
    assert statuses(outputs) == {"P01": "failed", "P02": "coded"}
    assert outputs.finished.exit_code == 3
    assert "ValueError at test_run.py:" in outputs.finished.outcomes[0].error
    assert "SECRET" not in json.dumps([outcome.error for outcome in outputs.finished.outcomes])


def test_what_strikes_every_transcript_ends_the_run_and_is_recorded(study, words):
    put(study, "P01")

    def suggest(_transcript):
        raise UsageError("study.db: the disk is full")

    words.suggest = suggest
    with pytest.raises(UsageError, match="disk is full"):
        run(study)
    with StudySession(study) as session:
        assert [one.state for one in session.store.runs.all()] == [RunState.FAILED]


def test_a_stopped_run_goes_on_where_it_was(study, words):
    put(study, "P01")
    put(study, "P02")
    (study.folder / "study.toml").write_text("[run]\nconcurrency = 1\n", encoding="utf-8")
    study, good = open_study(study.folder), words.suggest

    def suggest(transcript):
        if transcript.name == "P02":
            raise KeyboardInterrupt
        return good(transcript)

    words.suggest = suggest
    with pytest.raises(KeyboardInterrupt):
        run(study)
    words.suggest = good
    assert statuses(run(study)) == {"P01": "kept", "P02": "coded"}


def test_failures_that_may_pass_are_tried_again():
    failures = [UsageError("locked"), InternalError("P01", "OSError", "x.py:1")]

    def action():
        if failures:
            raise failures.pop()
        return "done"

    assert with_retries(action, 2) == "done"


@pytest.mark.parametrize("error", [IntegrityError("damaged"), UsageError("locked")])
def test_damage_is_not_tried_again_and_everything_else_not_for_ever(error):
    tried = []

    def action():
        tried.append(1)
        raise error

    with pytest.raises(type(error)):
        with_retries(action, 2)
    assert len(tried) == (1 if isinstance(error, IntegrityError) else 3)


def test_a_changed_file_says_what_became_of_its_codings(study):
    put(study, "P01")
    run(study)
    with StudySession(study) as session:
        one = next(iter(session.store.suggestions.stream()))
        session.store.decisions.add(
            NewDecision(coder="A", version=one.version, action=Action.ACCEPT, suggestion=one.id)
        )
    put(study, "P01", "Well. The nurse rings me.")
    assert "1 decisions moved along" in run(study).finished.outcomes[0].notes[-1]
    put(study, "P01", "Now somebody else visits.")
    assert "1 codings of the earlier text found no place" in run(study).finished.outcomes[0].notes[-1]


def test_a_renamed_file_takes_its_codings_along(study):
    path = put(study, "P01")
    run(study)
    with StudySession(study) as session:
        suggested = next(iter(session.store.suggestions.stream()))
        session.store.decisions.add(
            NewDecision(coder="A", version=suggested.version, action=Action.ACCEPT, suggestion=suggested.id)
        )
    path.rename(path.with_name("Anna.txt"))
    run(study)
    with StudySession(study) as session:
        assert [version.name for version in session.store.transcripts.versions()] == ["Anna"]
        (version,) = session.store.transcripts.versions()
        assert [current.decision.action for current in session.store.decisions.codings(version=version.id)] == [
            Action.ACCEPT
        ]


# What is handed over


def test_a_manifest_says_what_made_the_run(study):
    put(study, "P01", "The nurse rings.")
    outputs = run(study)
    manifest = json.loads((outputs.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["state"] == "finished"
    assert set(manifest["digests"]) == {"recipe", "model", "codebook", "seeds"}
    assert manifest["versions"]["precode"]
    assert manifest["transcripts"][0]["suggestions"] == 1
    assert list(manifest["transcripts"][0]["passages"].values()) == [1]


def test_each_run_keeps_its_files_and_latest_holds_the_newest(study):
    put(study, "P01")
    run(study)
    put(study, "P02")
    run(study)
    assert sorted(path.name for path in study.exports.iterdir()) == ["latest", "run-0001", "run-0002"]
    assert [row["transcript"] for row in rows(study)] == ["P01", "P02"]


def test_files_that_were_tidied_away_come_back(study):
    put(study, "P01")
    outputs = run(study)
    (outputs.folder / "manifest.json").unlink()
    run(study)
    assert (outputs.folder / "manifest.json").is_file()


def test_files_that_a_killed_run_left_unwritten_are_written_by_the_next(study, monkeypatch):
    put(study, "P01")
    run(study)
    put(study, "P02")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("pipeline.export.run_outputs._publish", Mock(side_effect=KeyboardInterrupt))
        run(study)
    assert statuses(run(study)) == {"P01": "kept", "P02": "kept"}
    assert [row["transcript"] for row in rows(study)] == ["P01", "P02"]


def test_a_transcript_that_was_taken_away_leaves_the_newest_files(study):
    put(study, "P01")
    put(study, "P02")
    run(study)
    (study.transcripts / "P02.txt").unlink()
    run(study)
    assert [row["transcript"] for row in rows(study)] == ["P01"]


@pytest.mark.parametrize(("hours", "left"), [(1, True), (48, False)])
def test_drafts_of_killed_runs_do_not_lie_about_for_ever(study, hours, left):
    put(study, "P01")
    draft = study.exports / ".precode-abc"
    draft.mkdir()
    (draft / "suggestions.csv").write_text("words")
    os.utime(draft, (time.time() - hours * 3600,) * 2)
    run(study)
    assert draft.exists() is left


def test_decisions_show_in_the_export(study, tmp_path):
    put(study, "P01")
    run(study)
    with StudySession(study) as session:
        one = next(iter(session.store.suggestions.stream()))
        session.store.decisions.add(
            NewDecision(coder="A", version=one.version, action=Action.ACCEPT, suggestion=one.id)
        )
        (path,) = write_formats(tmp_path, suggestion_set(session), ["jsonl"])
    assert json.loads(path.read_text(encoding="utf-8"))["status"] == "accept"


def test_an_unknown_format_names_the_choices(study, tmp_path):
    with StudySession(study) as session, pytest.raises(UsageError, match="'pdf' is none of csv, jsonl, xlsx, html"):
        write_formats(tmp_path, suggestion_set(session), ["pdf"])


def test_an_error_survives_the_way_between_processes():
    error = InternalError("P01", "ValueError", "x.py:1")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_status_names_are_words():
    assert {str(status) for status in OutcomeStatus} == {"coded", "kept", "refused", "failed"}
