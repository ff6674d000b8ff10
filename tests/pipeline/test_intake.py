"""Whatever is dropped onto the page: what it is taken for, what came of it, and that no original is ever lost."""

import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UsageError
from pipeline.exchange.dropped import FileKind, FileOutcome, SameName, checked_name
from pipeline.exchange.intake import REPLACED, take_file
from pipeline.study import create_study, open_study

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
     "a\n.txt", "P01.txt.", "P01.txt ", "x" * 200 + ".txt", "a\u202eb.txt", "a\0.txt", "con .txt",
     "CONIN$", "conout$.csv", "lpt\u00b9.txt", "aux.tar.gz", "a\ud800.txt", "\u00e9" * 80 + ".txt", "..."],
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


@given(st.sampled_from(["con", "PRN", "aux", "Nul", "com1", "LPT9"]), st.sampled_from(["", " ", "  "]),
       st.sampled_from(["", ".", ".txt", ".a.b"]))  # fmt: skip
def test_checked_name_refuses_every_spelling_of_a_device(device, blanks, suffix):
    with pytest.raises(UsageError):
        checked_name(device + blanks + suffix)


@given(
    st.text(alphabet=st.characters(min_codepoint=48, max_codepoint=122, whitelist_categories=["L", "N"]), min_size=5)
)
def test_checked_name_takes_plain_names_as_they_are(stem):
    assert checked_name(stem[:40] + ".txt") == stem[:40] + ".txt"


def put_in(study, relative, text):
    path = study.transcripts / relative
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("same_name", [SameName.REPLACE, SameName.KEEP_BOTH])
def test_take_file_takes_a_name_that_two_files_have_and_loses_neither(study, tmp_path, same_name):
    put_in(study, "a/P01.txt", TALK)
    put_in(study, "b/P01.txt", OTHER)
    third = TALK + "P01: Yes.\n"
    taken = take_file(study, dropped(tmp_path, "P01.txt", third), same_name=same_name)
    assert taken.outcome is FileOutcome.ADDED, taken.lines
    kept = [path.read_text() for path in study.folder.rglob("*.txt")]
    assert sorted(kept) == sorted([TALK, OTHER, third])
    names = {source.name for source in study.sources().accepted}
    assert names == ({"P01"} if same_name is SameName.REPLACE else {"P01", "P01 2"})


def test_take_file_knows_the_second_of_two_files_of_a_name_again(study, tmp_path):
    put_in(study, "a/P01.txt", TALK)
    put_in(study, "b/P01.txt", OTHER)
    taken = take_file(study, dropped(tmp_path, "P01.txt", OTHER))
    assert (taken.outcome, taken.lines) == (FileOutcome.PRESENT, ("is transcripts/b/P01.txt already",))


@pytest.mark.parametrize("recording", ["P01.mp3", "P01.WAV"])
def test_take_file_takes_the_transcript_of_a_recording_that_lies_there(study, tmp_path, recording):
    put_in(study, recording, "sound")
    assert take_file(study, dropped(tmp_path, "P01.txt")).outcome is FileOutcome.ADDED
    assert originals(study) == {recording: "sound", "P01.txt": TALK}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_take_file_takes_two_compositions_of_a_name_for_one(study, tmp_path, form):
    other = "NFD" if form == "NFC" else "NFC"
    take_file(study, dropped(tmp_path, unicodedata.normalize(form, "M\u00fcller.txt")))
    path = dropped(tmp_path, unicodedata.normalize(other, "m\u00fcller.txt"), OTHER)
    assert take_file(study, path).outcome is FileOutcome.ASKED
    assert list(originals(study).values()) == [TALK]


SPELLINGS = ["P01.txt", "p01.txt", "P01.TXT", "\u00c9a.txt", "e\u0301A.txt", "P01 2.txt", "P02.txt"]
DROPS = st.tuples(st.sampled_from(SPELLINGS), st.sampled_from("ABC"), st.sampled_from(SameName))


@settings(max_examples=12, deadline=None)
@given(st.lists(DROPS, max_size=6))
def test_take_file_never_loses_an_original_and_leaves_no_two_of_a_name(drops):
    """Whatever is dropped in whatever order: each text that was taken in is somewhere in the study."""
    with tempfile.TemporaryDirectory() as place:
        study, taken = create_study(Path(place) / "study"), set()
        for name, sign, same_name in drops:
            text = f"{TALK}P01: {sign}.\n"
            outcome = take_file(study, dropped(Path(place), name, text), same_name=same_name).outcome
            assert outcome in {FileOutcome.ADDED, FileOutcome.PRESENT, FileOutcome.ASKED}
            assert outcome is not FileOutcome.ASKED or same_name is SameName.ASK
            taken |= {text} if outcome is FileOutcome.ADDED else set()
        kept = {
            path.read_text() for folder in (study.transcripts, study.folder / REPLACED) for path in folder.glob("*")
        }
        assert kept == taken
        sources = study.sources()
        spelled = [unicodedata.normalize("NFC", source.name).casefold() for source in sources.accepted]
        assert (len(spelled), sources.refused) == (len(set(spelled)), ())


def workbook(path):
    from openpyxl import Workbook

    book = Workbook()
    for row in (("id", "role"), ("P01", "GP")):
        book.active.append(row)
    path.parent.mkdir(exist_ok=True)
    book.save(path)
    return path


def test_take_file_puts_no_workbook_where_the_settings_name_a_text_table(study, tmp_path):
    toml = study.folder / "study.toml"
    toml.write_text(toml.read_text().replace('participants = ""', 'participants = "people.csv"'))
    (study.folder / "people.csv").write_text("id,role\nP01,nurse\n")
    study = open_study(study.folder)
    assert study.settings.study.participants == "people.csv"
    path = workbook(tmp_path / "dropped" / "people.xlsx")
    taken = take_file(study, path, kind=FileKind.PARTICIPANTS, same_name=SameName.REPLACE)
    assert (taken.outcome, "another kind of table" in taken.lines[0]) == (FileOutcome.REFUSED, True)
    assert study.participants().of("P01")["role"] == "nurse"


@pytest.mark.parametrize("first", ["csv", "xlsx"])
def test_take_file_leaves_one_table_of_participants_whatever_kind_replaces_which(study, tmp_path, first):
    paths = {"csv": dropped(tmp_path, "people.csv", "id,role\nP01,nurse\n"),
             "xlsx": workbook(tmp_path / "dropped" / "staff.xlsx")}  # fmt: skip
    for suffix in sorted(paths, key=lambda suffix: suffix != first):
        taken = take_file(study, paths[suffix], kind=FileKind.PARTICIPANTS, same_name=SameName.REPLACE)
        assert taken.outcome is FileOutcome.ADDED, taken.lines
    assert study.participants().of("P01")["role"] == ("GP" if first == "csv" else "nurse")
