"""Two copies of one study become one: everything once, in any order, nothing overwritten."""

import shutil
from dataclasses import replace

import pytest

from corpus.coders import CONSENSUS
from corpus.transcript import Span
from pipeline.codebook.editing import edit_codebook, history_of
from pipeline.codebook.edits import AddCode, RemoveCode
from pipeline.merging import merge_study
from pipeline.review.consensus import Agreed, record, withdraw
from pipeline.review.service import ReviewService
from pipeline.run import in_threads, plan, run_study
from pipeline.session import StudySession
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from pipeline.study import open_study
from pipeline.summaries import histories
from tests.pipeline.run_support import put

NURSE = "The nurse rings me."


@pytest.fixture
def copies(study, words, tmp_path):
    """A study that was run, with a decision of Ann, and a colleague's copy of it."""
    put(study, "P01", f"{NURSE} It takes money.")
    run(study)
    code(study, "Ann", NURSE, key="ann-1")
    shutil.copytree(study.folder, tmp_path / "copy")
    return open_study(tmp_path / "copy"), study


def run(study):
    with StudySession(open_study(study.folder)) as session:
        run_study(session, lambda run, sources: in_threads(session, run, sources), plan(session))


def code(study, coder, words, *, name="P01", column=3, **other):
    with StudySession(open_study(study.folder)) as session:
        version = next(version.id for version in session.store.transcripts.versions() if version.name == name)
        text = session.store.transcripts.get(version).text
        span = Span(text.index(words), text.index(words) + len(words))
        draft = NewDecision(coder, version, Action.CODE, span=span, code=study.codebook().ids[column], **other)
        return session.store.decisions.add(draft)[0]


def codings(study):
    with StudySession(open_study(study.folder)) as session:
        return sorted(
            (
                version.name,
                current.decision.coder,
                current.decision.span.of(session.store.transcripts.get(version.id).text),
            )
            for version in session.store.transcripts.versions()
            for current in session.store.decisions.codings(version=version.id)
        )


def test_a_colleagues_codings_come_over(copies):
    other, ours = copies
    code(other, "Ben", "It takes money.", key="ben-1")
    report = merge_study(other, ours)
    assert report.decisions == 1
    assert codings(ours) == [("P01", "Ann", NURSE), ("P01", "Ben", "It takes money.")]


@pytest.mark.parametrize("key", ["ben-1", None], ids=["with a key", "without a key"])
def test_merging_twice_doubles_nothing(copies, key):
    other, ours = copies
    code(other, "Ben", "It takes money.", key=key)
    merge_study(other, ours)
    report = merge_study(other, ours)
    assert (report.decisions, report.events, len(codings(ours))) == (0, 0, 2)


def test_both_ways_end_with_the_same_codings(copies):
    other, ours = copies
    code(other, "Ben", "It takes money.")
    code(ours, "Ann", "It takes money.", key="ann-2")
    merge_study(other, ours)
    merge_study(ours, other)
    assert codings(ours) == codings(other)
    assert len(codings(ours)) == 3


def test_what_was_undone_in_the_copy_is_undone_here(copies):
    other, ours = copies
    with StudySession(other) as session:
        (current,) = session.store.decisions.codings()
        session.store.decisions.undo(current.decision.id, coder="Ann")
    merge_study(other, ours)
    assert codings(ours) == []


def test_an_accepted_suggestion_answers_the_same_suggestion(copies):
    other, ours = copies
    with StudySession(other) as session:
        stored = next(session.store.suggestions.stream())
        session.store.decisions.add(NewDecision("Ben", stored.version, Action.ACCEPT, suggestion=stored.id, key="b"))
    merge_study(other, ours)
    with StudySession(ours) as session:
        accepted = [c.decision for c in session.store.decisions.codings() if c.decision.coder == "Ben"]
        assert [decision.action for decision in accepted] == [Action.ACCEPT]


def test_new_transcripts_come_with_their_codings(copies):
    other, ours = copies
    put(other, "P02", "We share a desk.")
    run(other)
    code(other, "Ben", "We share a desk.", name="P02", key="b2")
    report = merge_study(other, ours)
    assert report.transcripts == ["P02"]
    assert ("P02", "Ben", "We share a desk.") in codings(ours)


def test_a_text_that_differs_stays_and_its_codings_follow_their_words(copies):
    other, ours = copies
    put(other, "P01", f"Well. {NURSE} It takes money.")
    run(other)
    code(other, "Ben", "It takes money.", key="b1")
    report = merge_study(other, ours)
    assert [line for line in report.conflicts if "P01.txt differs" in line]
    assert ("P01", "Ben", "It takes money.") in codings(ours)
    with StudySession(ours) as session:
        assert "Well." not in session.store.transcripts.get(session.store.transcripts.versions()[0].id).text


def test_memos_come_once(copies):
    other, ours = copies
    with StudySession(other) as session:
        version = session.store.transcripts.versions()[0].id
        session.store.events.add(NewEvent("Ben", EventKind.MEMO, version, text="Tired."))
    assert merge_study(other, ours).events == 1
    assert merge_study(other, ours).events == 0


def test_what_was_said_again_of_a_transcript_comes_over_as_often_as_it_was_said(copies):
    other, ours = copies
    said = [
        EventKind.ASSIGNED,
        EventKind.RELEASED,
        EventKind.ASSIGNED,
        EventKind.DONE,
        EventKind.REOPENED,
        EventKind.DONE,
    ]
    with StudySession(other) as session:
        version = session.store.transcripts.versions()[0].id
        for kind in said:
            session.store.events.add(NewEvent("Ben", kind, version))
    assert [merge_study(other, ours).events for _ in range(2)] == [len(said), 0]
    with StudySession(ours) as session:
        assert [event.kind for event in session.store.events.stream(coder="Ben")] == said


def test_a_consensus_that_was_withdrawn_in_the_copy_is_withdrawn_here(copies):
    other, ours = copies
    with StudySession(other) as session:
        service, version = ReviewService(session), session.store.transcripts.versions()[0].id
        made = Agreed(version, Span(0, 10), (session.study.codebook().ids[0],), "", "Ann", "made")
        record(service, made)
        merge_study(other, ours)
        withdraw(service, replace(made, key="back"))
    merge_study(other, ours)
    with StudySession(ours) as session:
        assert session.store.decisions.codings(coder=CONSENSUS) == []
        assert [entry.recorder for entry in session.store.decisions.stream(coder=CONSENSUS)] == ["Ann", "Ann"]


def test_codes_that_two_copies_made_come_together_by_their_names_with_those_taken_out(copies):
    other, ours = copies
    for study, name, gone in ((other, "Nobody rang", "Tea"), (ours, "Parking", "Coffee")):
        (study.folder / "codes.toml").write_text(BOOK, encoding="utf-8")
        (study.folder / "study.toml").write_text('[study]\ncodebook = "codes.toml"\n', encoding="utf-8")
        with StudySession(open_study(study.folder)) as session:
            for each in (name, gone, "Both"):
                edit_codebook(session, AddCode(name=each, domain="In vivo", in_vivo=True), coder="Ann", file="")
            code = next(code.id for code in session.study.codebook().codes if code.name == gone)
            edit_codebook(session, RemoveCode(code=code), coder="Ann", file="")
    report = merge_study(open_study(other.folder), open_study(ours.folder))
    book = open_study(ours.folder).codebook()
    assert sorted(code.name for code in book.codes) == ["Both", "Nobody rang", "Parking", "Team"]
    assert sorted(code.name for code in book.removed) == ["Coffee", "Tea"]
    assert (len(report.codes), report.conflicts) == (1, [])
    with StudySession(open_study(ours.folder)) as session:
        newest = history_of(session).versions[-1]
        assert (newest.change.kind, newest.change.digest) == ("merged_study", book.digest)


def test_coders_who_differ_are_listed_without_their_words(copies):
    other, ours = copies
    code(other, "Ben", NURSE, column=9, key="b3")
    report = merge_study(other, ours)
    assert [line for line in report.conflicts if line.startswith("P01: coders gave 1 passages different codes")]
    assert "nurse" not in " ".join(report.conflicts)


def test_the_other_copy_is_left_as_it_was(copies):
    other, ours = copies
    before = codings(other)
    code(ours, "Cleo", "It takes money.", key="c1")
    merge_study(other, ours)
    assert codings(other) == before


BOOK = '[codebook]\nname = "own"\nversion = "1"\n\n# mine\n[[code]]\nid = "team"\nname = "Team"\ndomain = "People"\n'


def test_codes_that_are_new_are_added_and_others_stay(copies):
    other, ours = copies
    for study, more in ((other, '\n[[code]]\nid = "trust"\nname = "Trust"\ndomain = "People"\n'), (ours, "")):
        (study.folder / "codes.toml").write_text(BOOK + more, encoding="utf-8")
        (study.folder / "study.toml").write_text('[study]\ncodebook = "codes.toml"\n', encoding="utf-8")
    report = merge_study(open_study(other.folder), open_study(ours.folder))
    assert report.codes == ["trust"]
    assert open_study(ours.folder).codebook().ids == ("team", "trust")
    assert (ours.folder / "codes.toml").read_text(encoding="utf-8").startswith(BOOK)


def test_the_command_reports_what_came_over(copies, precode):
    other, ours = copies
    code(other, "Ben", "It takes money.", key="ben-1")
    status, out, _ = precode("merge", other.folder, "--into", ours.folder)
    assert status == 0
    assert "1 decisions" in out
    assert f"precode review --study {ours.folder}" in out


def test_a_study_is_not_merged_into_itself(copies, precode):
    _, ours = copies
    status, _, errors = precode("merge", ours.folder, "--into", ours.folder)
    assert status == 2
    assert "the study itself" in errors


def summarize(study, coder, text, name="P01"):
    with StudySession(study) as session:
        version = next(version.id for version in session.store.transcripts.versions() if version.name == name)
        session.store.events.add(NewEvent(coder, EventKind.SUMMARY, version, code=study.codebook().ids[0], text=text))


def said(study):
    with StudySession(study) as session:
        cells = histories(session.store.events.stream(), study.codebook())
        return [[summary.text for summary in written] for written in cells.values()]


def test_of_two_summaries_of_a_cell_the_later_stands_in_either_copy_and_it_is_told(copies):
    theirs, mine = copies
    summarize(theirs, "Ben", "Earlier.")
    summarize(mine, "Ann", "Later.")
    told = merge_study(theirs, mine).conflicts
    assert [line for line in told if "cells of the matrix" in line] == [
        "P01: 1 cells of the matrix were summarised in both copies; the later summary stands in each"
    ]
    assert merge_study(mine, theirs).events == 1
    assert said(mine) == said(theirs) == [["Earlier.", "Later."]]
    assert merge_study(theirs, mine).conflicts == []


def test_a_summary_that_came_back_to_what_it_said_before_comes_over_so(copies):
    theirs, mine = copies
    for text in ("One.", "Two.", "One."):
        summarize(theirs, "Ben", text)
    merge_study(theirs, mine)
    assert said(mine) == [["One.", "Two.", "One."]]
    assert merge_study(theirs, mine).events == 0
