"""Whatever is dropped onto the page: what it is taken for, what came of it, and that no original is ever lost."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from pipeline.exchange.intake import REPLACED, FileKind, FileOutcome, SameName, checked_name, take_file
from pipeline.study import create_study

TALK = "Interviewer: How do the teams work?\nP01: The nurse rings me every day.\n"
OTHER = "Interviewer: How do the teams work?\nP01: Nobody ever rings me.\n"


@pytest.fixture
def study(tmp_path):
    return create_study(tmp_path / "study")


def dropped(tmp_path, name, text=TALK):
    """A file as a browser sends it: alone in a folder."""
    path = tmp_path / "dropped" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def originals(study):
    return {path.name: path.read_text() for path in study.transcripts.iterdir()}


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("P01.txt", TALK, FileKind.TRANSCRIPT),
        ("P02.txt", "\ufeff" + TALK, FileKind.TRANSCRIPT),
        ("P03.csv", "speaker,text\nInterviewer,How are you?\nP03,The nurse rings.\n", FileKind.TRANSCRIPT),
        ("people.csv", "id,role\nP01,nurse\nP02,GP\n", FileKind.PARTICIPANTS),
        ("participants.csv", "id;role\nP01;nurse\n", FileKind.PARTICIPANTS),
        ("codes.csv", "name,definition\nTrust,People trust each other\n", FileKind.PROJECT),
    ],
)
def test_take_file_knows_a_file_by_its_suffix_and_headings(study, tmp_path, name, text, kind):
    taken = take_file(study, dropped(tmp_path, name, text))
    assert (taken.kind, taken.outcome) == (kind, FileOutcome.ADDED), taken.lines


def test_take_file_places_coded_segments_in_transcripts_that_are_there(study, tmp_path):
    take_file(study, dropped(tmp_path, "P01.txt"))
    code = study.codebook().codes[0].name
    taken = take_file(
        study, dropped(tmp_path, "segments.csv", f"Document,Code,Segment\nP01,{code},The nurse rings me\n")
    )
    assert (taken.kind, taken.outcome) == (FileKind.PROJECT, FileOutcome.ADDED)
    assert taken.lines[0] == "1 transcripts (0 new), 1 codings"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("P01.mp3", b"\xff\xfb", "is a recording"),
        ("P01.xyz", "words", "has a suffix that cannot be read"),
        ("P01.txt", "   \n", "holds no talk"),
        ("P01.docx", b"no zip", ""),
        ("P01.nvp", b"words", "REFI-QDA"),
        ("P01.zip", b"PK\x03\x04", "unpack it"),
        ("codebook.toml", "[code]", "make a new study"),
        ("project.qdpx", b"no zip", ""),
    ],
)
def test_take_file_refuses_in_a_line_and_keeps_nothing(study, tmp_path, name, text, told):
    taken = take_file(study, dropped(tmp_path, name, text))
    assert taken.outcome is FileOutcome.REFUSED
    assert told in taken.lines[0]
    assert str(tmp_path) not in taken.lines[0]
    assert originals(study) == {}


def test_take_file_says_that_a_file_is_there_already(study, tmp_path):
    take_file(study, dropped(tmp_path, "P01.txt"))
    assert take_file(study, dropped(tmp_path, "P01.txt")).outcome is FileOutcome.PRESENT


@pytest.mark.parametrize("name", ["P01.txt", "P01.md.txt", "p01.txt"])
def test_take_file_asks_before_another_text_takes_a_name(study, tmp_path, name):
    take_file(study, dropped(tmp_path, "P01.txt"))
    taken = take_file(study, dropped(tmp_path, name, OTHER))
    assert taken.outcome is (FileOutcome.ADDED if name == "P01.md.txt" else FileOutcome.ASKED)
    assert originals(study)["P01.txt"] == TALK


def test_take_file_moves_what_it_replaces_aside(study, tmp_path):
    for text in (TALK, OTHER, TALK):
        taken = take_file(study, dropped(tmp_path, "P01.txt", text), same_name=SameName.REPLACE)
        assert taken.outcome is FileOutcome.ADDED
    assert originals(study) == {"P01.txt": TALK}
    assert sorted(path.read_text() for path in (study.folder / REPLACED).iterdir()) == sorted([TALK, OTHER])


def test_take_file_keeps_both_under_a_free_name(study, tmp_path):
    for text in (TALK, OTHER, TALK + "P01: Yes.\n"):
        take_file(study, dropped(tmp_path, "P01.txt", text), same_name=SameName.KEEP_BOTH)
    assert sorted(originals(study)) == ["P01 2.txt", "P01 3.txt", "P01.txt"]


def test_take_file_asks_about_a_second_table_of_participants_and_keeps_the_first_aside(study, tmp_path):
    first, second = "id,role\nP01,nurse\n", "id,role\nP01,GP\n"
    take_file(study, dropped(tmp_path, "people.csv", first))
    assert take_file(study, dropped(tmp_path, "more.csv", second)).outcome is FileOutcome.ASKED
    taken = take_file(study, dropped(tmp_path, "more.csv", second), same_name=SameName.REPLACE)
    assert taken.outcome is FileOutcome.ADDED
    assert study.participants().of("P01")["role"] == "GP"
    assert [path.read_text() for path in (study.folder / REPLACED).iterdir()] == [first]


@pytest.mark.parametrize(
    "name",
    ["", " ", "..", "../P01.txt", "a/b.txt", "a\\b.txt", "C:P01.txt", ".hidden.txt", "~$P01.docx", "nul", "CON.txt",
     "a\n.txt", "P01.txt.", "P01.txt ", "x" * 200 + ".txt", "a\u202eb.txt", "a\0.txt"],
)  # fmt: skip
def test_checked_name_refuses_what_is_no_name_everywhere(name):
    with pytest.raises(UsageError) as refused:
        checked_name(name)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=40))
def test_checked_name_never_leads_out_of_a_folder(name):
    try:
        known = checked_name(name)
    except UsageError:
        return
    assert Path("/study/transcripts", known).parent == Path("/study/transcripts")
    assert known == name
