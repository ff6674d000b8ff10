"""A study without codes: opened, read, pre-coded without suggestions, coded, and pre-coded with some."""

from functools import partial

import pytest

from corpus.errors import UsageError
from pipeline.choices import NO_CODEBOOK
from pipeline.codebook.book_file import BookFile
from pipeline.codebook.editing import edit_codebook, history_of
from pipeline.codebook.edits import AddCode, DescribeCode
from pipeline.exchange.codebook_file import study_with_codebook
from pipeline.expectation import NO_CODES, study_expectation
from pipeline.export.run_outputs import suggestion_set
from pipeline.run import in_threads, plan, run_study
from pipeline.session import StudySession
from pipeline.study import open_study

TALK = (
    "Interviewer: How was it?\n"
    "P01: The nurse rings me every week. It takes a lot of money, the parking and the taxi. We have tea.\n"
)


@pytest.fixture
def study(tmp_path):
    study = study_with_codebook(tmp_path / "ward", NO_CODEBOOK, name="The ward")
    settings = study.folder / "study.toml"
    text = settings.read_text(encoding="utf-8").replace('encoder = "openvino"', 'encoder = "lexical"')
    settings.write_text(text, encoding="utf-8")
    (study.transcripts / "P01.txt").write_text(TALK, encoding="utf-8")
    return open_study(study.folder)


def run(session):
    return run_study(session, partial(in_threads, session), plan(session))


def test_a_study_without_codes_is_pre_coded_without_suggestions_and_says_so(study):
    assert (study.codebook().codes, study.codebook().title) == ((), "The ward")
    assert study_expectation(study) == NO_CODES
    with StudySession(study) as session:
        finished = run(session)
        assert [(outcome.suggestions, outcome.error) for outcome in finished.outcomes] == [(0, "")]
        assert [len(session.store.runs.sentences(version.id)) for version in session.store.transcripts.versions()] == [
            3
        ]
        assert list(suggestion_set(session).rows()) == []


def test_codes_made_while_reading_are_suggested_by_the_next_run_from_their_definitions(study):
    with StudySession(study) as session:
        run(session)
        made = [
            edit_codebook(session, AddCode(name=name, domain="In vivo", in_vivo=True), coder="Ada", file="")
            for name in ("It takes a lot of money", "The nurse rings me")
        ]
        money, nurse = (version.change.about for version in made)
        said = DescribeCode(code=money, definition="Money for parking and taxi.")
        edit_codebook(session, said, coder="Ada", file=BookFile.of(session.study).digest)
    opened = open_study(study.folder)
    assert "names and definitions only" in study_expectation(opened)
    with StudySession(opened) as session:
        finished = run(session)
        assert [outcome.suggestions > 0 for outcome in finished.outcomes] == [True]
        assert {row.code for row in suggestion_set(session).rows()} <= {money, nurse}
        assert session.store.runs.all()[-1].facts.codebook == history_of(session).versions[-1].change.digest
        kinds = [version.change.kind for version in history_of(session).versions]
        assert kinds == ["begun", "add", "add", "describe"]


def test_a_run_finds_what_was_edited_by_hand(study):
    with StudySession(study) as session:
        run(session)
    path = study.folder / "codebook.toml"
    head = path.read_text(encoding="utf-8").replace("code = []\n", "")
    path.write_text(head + '[[code]]\nid = "tea"\nname = "Tea"\ndomain = "Home"\n', encoding="utf-8")
    with StudySession(open_study(study.folder)) as session:
        run(session)
        assert [version.change.kind for version in history_of(session).versions] == ["begun", "by_hand"]


def test_no_codebook_is_not_put_over_one_that_is_there(tmp_path):
    (tmp_path / "ward").mkdir()
    (tmp_path / "ward" / "codebook.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        study_with_codebook(tmp_path / "ward", NO_CODEBOOK)
