"""``precode export`` of codings: every format, whose codings, of whom, and what it says when there is nothing."""

import json

import pytest

from pipeline.export.formats import CODED_FORMATS
from pipeline.session import StudySession
from pipeline.store import Action, NewDecision
from pipeline.study import create_study, open_study
from tests.pipeline.coded_support import sample_session
from tests.pipeline.run_support import put

FILES = {
    "word": {"word/children_family_mentor.docx", "word/dutch_district_nurse.docx"}
    | {"word/frailty_gp.docx", "word/hospital_it_lead.docx"},
    "passages": {"passages.xlsx"},
    "framework": {"framework.xlsx", "framework.docx"},
    "quotations": {"quotations.docx", "quotations.csv"},
    "codebook": {"codebook.docx"},
    "data": {"passages.jsonl", "passages.parquet"},
    "codetable": {"codebook.csv", "codebook.xlsx", "taguette.csv"},
    "memos": {"memos.csv", "memos.xlsx"},
    "trail": {"audit_trail.csv", "audit_trail.xlsx"},
    "qdpx": {"project.qdpx"},
    "qdc": {"codebook.qdc"},
    "taguette": {"taguette.sqlite3"},
    "label-studio": {"label-studio/tasks.json", "label-studio/labels.xml"},
    "argilla": {"argilla"},
}


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """The folder of a sample study that people coded."""
    folder = tmp_path_factory.mktemp("export") / "s"
    sample_session(create_study(folder, name="Sample", sample=True)).__exit__()
    return folder


@pytest.fixture
def exported(coded, precode, tmp_path):
    """Export and return the files by their path below the folder."""

    def call(*words):
        code, out, errors = precode("export", "--study", coded, "--to", tmp_path / "out", "--json", *words)
        assert code == 0, errors
        return {path.removeprefix(f"{tmp_path / 'out'}/") for path in json.loads(out)["files"]}

    return call


def records(folder):
    return [json.loads(line) for line in (folder / "passages.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", FILES)
def test_every_format_makes_its_files(exported, tmp_path, name):
    assert exported("--format", name) == FILES[name]
    assert all((tmp_path / "out" / file).exists() for file in FILES[name])


def test_every_format_is_told_and_tested(precode):
    assert set(FILES) == set(CODED_FORMATS)
    shown = " ".join(precode("export", "--help")[1].split())
    assert not [name for name in CODED_FORMATS if name not in shown]


def test_several_formats_come_at_once_and_the_next_step_is_told(coded, precode, tmp_path):
    words = ("--format", "data", "--format", "codebook", "--format", "data")
    code, out, _ = precode("export", "--study", coded, "--to", tmp_path, *words)
    assert code == 0
    assert out.count("Wrote ") == 3
    assert f"Next: open {tmp_path / 'passages.jsonl'}" in out


def test_whose_codings_and_of_whom(exported, tmp_path):
    exported("--format", "data", "--coder", "Ben", "--where", "sector=hospital", "--where", "sector=school")
    found = records(tmp_path / "out")
    assert {(one["coder"], one["participant"]["sector"]) for one in found} == {("Ben", "Hospital"), ("Ben", "School")}


def test_open_suggestions_come_only_if_asked_for(exported, tmp_path):
    exported("--format", "data")
    assert {one["kind"] for one in records(tmp_path / "out")} == {"coding"}
    exported("--format", "data", "--with-suggestions")
    assert {one["kind"] for one in records(tmp_path / "out")} == {"coding", "suggestion"}


def test_tools_for_review_get_what_is_open(exported, tmp_path):
    exported("--format", "label-studio")
    tasks = json.loads((tmp_path / "out" / "label-studio" / "tasks.json").read_text("utf-8"))
    assert all(task["predictions"] for task in tasks)


def test_filters_choose_suggestions_too(exported, tmp_path):
    exported("--format", "jsonl", "--where", "role=IT lead")
    lines = (tmp_path / "out" / "suggestions.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["transcript"] for line in lines} == {"hospital_it_lead"}


def test_groups_make_the_rows_of_the_matrix(exported):
    assert exported("--format", "framework", "--by", "ROLE") == {"framework-by-role.xlsx", "framework-by-role.docx"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "pdf"), "format 'pdf' is none of csv, jsonl, xlsx, html, word, passages"),
        (
            ("--format", "data", "--where", "age=7"),
            "'age' is no attribute of the participants (id, sector, role, group",
        ),
        (("--format", "framework", "--by", "age"), "'age' is no attribute"),
        (("--format", "data", "--where", "role=king"), "no transcript is of a participant"),
        (("--format", "data", "--coder", "Zoe"), "nothing has been coded yet by coder 'Zoe'"),
        (("--format", "qdpx", "--for", "word"), "'word'"),
        (("--format", "csv", "--where", "role=king"), "no transcript is of a participant"),
        (("--format", "csv", "--by", "role"), "--coder, --by and --with-suggestions are for codings"),
    ],
)
def test_what_cannot_be_done_is_one_line_that_says_why(coded, precode, tmp_path, words, message):
    code, _, errors = precode("export", "--study", coded, "--to", tmp_path / "out", *words)
    assert code == 2
    assert message in errors
    assert errors.count("\n") == 1


def test_a_study_that_nobody_coded_says_what_to_do(precode, study):
    code, _, errors = precode("export", "--study", study.folder, "--format", "word")
    assert code == 2
    assert f"precode review --study {study.folder}" in errors
    assert precode("export", "--study", study.folder, "--format", "codebook")[0] == 0


def test_codings_on_earlier_texts_are_told(precode, study, words):
    put(study, "P01")
    precode("run", "--study", study.folder, "--no-prefect")
    with StudySession(open_study(study.folder)) as session:
        (one,) = session.store.suggestions.stream()
        session.store.decisions.add(NewDecision("Anna", one.version, Action.ACCEPT, suggestion=one.id))
    put(study, "P01", "Somebody else was there.")
    precode("run", "--study", study.folder, "--no-prefect")
    code, _, errors = precode("export", "--study", study.folder, "--format", "codebook")
    assert code == 0
    assert "codings of earlier texts that found no place in the current ones (1)" in errors
    (table,) = study.folder.glob("exports/latest/not_placed.csv")
    assert table.read_text("utf-8-sig").splitlines() == [
        "transcript,coder,code,words,memo,why",
        f"P01,Anna,{one.suggestion.code},The nurse rings me.,,its words are not in the transcript's current text",
    ]
    put(study, "P01")
    precode("run", "--study", study.folder, "--no-prefect")
    precode("export", "--study", study.folder, "--format", "codebook")
    assert len(table.read_text("utf-8-sig").splitlines()) == 1  # what has a place again is not listed any more


def test_the_table_of_participants_is_named_when_it_is_wrong(coded, precode, tmp_path, study):
    (study.folder / "participants.csv").write_text("id\nP1\nP1\n", encoding="utf-8")
    code, _, errors = precode("export", "--study", study.folder, "--format", "codebook")
    assert code == 1
    assert "participants.csv:3: has the id of line 2" in errors
