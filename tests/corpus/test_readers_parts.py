"""Small parts that readers share: names, symbols of fonts, timed talk, files that belong together, bytes of files."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.readers.archive import leaves
from corpus.readers.names import (
    INVISIBLE,
    LONGEST,
    could_be_name,
    is_known_shape,
    looks_like_name,
    says_role,
    tidy,
)
from corpus.readers.pairs import companions, leader, part_of
from corpus.readers.source import ZIP, check_is_file, kind_of, read_bytes
from corpus.readers.spoken import PAUSE_SECONDS, SpokenWords, joined, written
from corpus.readers.symbols import SYMBOL, UNKNOWN, WINGDINGS, symbol

# Names


@given(st.text(max_size=80))
def test_names_are_judged_without_raising_and_a_look_implies_a_chance(name):
    assert not looks_like_name(name) or could_be_name(name)
    assert isinstance(is_known_shape(name), bool)
    assert isinstance(says_role(name), bool)


@given(st.text(max_size=40))
def test_tidy_changes_nothing_twice_and_leaves_no_invisible_mark(name):
    tidied = tidy(name)
    assert tidy(tidied) == tidied
    assert not set(tidied) & set(INVISIBLE)
    assert unicodedata.is_normalized("NFC", tidied)


@pytest.mark.parametrize(
    ("written", "tidied"),
    [
        ("Anna:", "Anna"),
        (" - Anna  Berg -", "Anna Berg"),
        ("**Anna:**", "Anna"),
        ("A\u200bnna", "Anna"),
        ("Rene\u0301", "Ren\u00e9"),
        ("\uff1a", ""),
        ("", ""),
    ],
    ids=ascii,
)
def test_tidy_of_a_label(written, tidied):
    assert tidy(written) == tidied


@pytest.mark.parametrize(
    "name", ["P01", "INT", "int2b", "Interviewer", "Participant B", "Speaker 2", "GP 1", "SPEAKER_00", "P-7"]
)
def test_is_known_shape_of_what_transcribers_write(name):
    assert is_known_shape(name)
    assert looks_like_name(name)


@pytest.mark.parametrize("name", ["Anna", "Speaker", "GP", "2024", "Yes", "", "P 1234", "Mother"])
def test_is_known_shape_of_anything_else(name):
    assert not is_known_shape(name)


@pytest.mark.parametrize(
    "name", ["Anna", "Anna Berg", "Dr. van der Berg", "O'Neill", "\u0130pek", "\u674e\u660e", "ANNA", "Mary-Jane"]
)
def test_looks_like_name_of_people(name):
    assert looks_like_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "so we met again",
        "Because it is hard",
        "Note",
        "Date",
        "(laughs)",
        "What is it?",
        "Interview 3: the beginning",
        "",
        "A" * (LONGEST + 1),
        "The nurse said",
        "one two three four five six seven eight nine",
        "I think",
    ],
)
def test_looks_like_name_of_talk_and_headings(name):
    assert not looks_like_name(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Interviewer", True), ("interviewer 2", True), ("Participant", True), ("Anna", False), ("", False), ("X", False)],
)
def test_says_role_of_a_label(name, expected):
    assert says_role(name) == expected


# Symbols


@pytest.mark.parametrize(
    ("font", "code", "character"),
    [
        ("Symbol", "F061", "\u03b1"),
        ("symbol", "61", "\u03b1"),
        ("Wingdings", "F0FC", "\u2713"),
        ("WINGDINGS", "FC", "\u2713"),
        ("Arial", "0041", "A"),
        ("Arial", "1F600", "\U0001f600"),
        ("Symbol", "F031", "1"),
        ("Wingdings", "F031", UNKNOWN),
        ("Arial", "F041", UNKNOWN),
        ("Arial", "D800", UNKNOWN),
        ("Arial", "110000", UNKNOWN),
        ("Arial", "07", UNKNOWN),
        ("Arial", "no", UNKNOWN),
        ("", "", UNKNOWN),
    ],
)
def test_symbol_of_a_font(font, code, character):
    assert symbol(font, code) == character


@given(st.text(max_size=10), st.text(st.sampled_from("0123456789ABCDEFabcdef-+_x "), max_size=8))
def test_symbol_is_always_one_character_that_can_be_written(font, code):
    found = symbol(font, code)
    assert len(found) == 1
    assert found.encode("utf-8")


def test_tables_of_symbols_hold_single_characters_of_codes_of_one_byte():
    for table in (SYMBOL, WINGDINGS):
        assert all(0x20 < code < 0x100 and len(character) == 1 for code, character in table.items())


# Timed talk

PIECES = st.lists(
    st.builds(
        SpokenWords,
        st.sampled_from([None, "A", "B"]),
        st.sampled_from(["yes", "well then", "no"]),
        st.none() | st.floats(0, 100),
        st.none() | st.floats(0, 100),
        st.booleans(),
    ),
    max_size=12,
)


@given(PIECES)
def test_joined_loses_no_word_and_no_change_of_a_named_speaker(pieces):
    turns = list(joined(pieces))
    assert " ".join(turn.words for turn in turns) == " ".join(piece.words for piece in pieces)
    changes = [piece.speaker for n, piece in enumerate(pieces) if not n or pieces[n - 1].speaker != piece.speaker]
    kept = [turn.speaker for n, turn in enumerate(turns) if not n or turns[n - 1].speaker != turn.speaker]
    assert kept == changes


@given(PIECES)
def test_written_utterances_point_at_their_words(pieces):
    turns = list(joined(pieces))
    draft = written(turns, ("left out",))
    assert [utterance.span.of(draft.text) for utterance in draft.utterances] == [turn.words for turn in turns]
    assert [utterance.speaker for utterance in draft.utterances] == [turn.speaker for turn in turns]
    assert draft.warnings == ("left out",)
    assert len(draft.text.split("\n")) == max(1, len(turns))


@pytest.mark.parametrize(
    ("speaker", "pause", "fresh", "turns"),
    [
        ("A", 60.0, False, 1),
        ("A", 0.0, True, 2),
        (None, PAUSE_SECONDS, False, 1),
        (None, PAUSE_SECONDS + 0.1, False, 2),
        (None, 0.0, True, 2),
    ],
    ids=["named over a pause", "named anew", "unnamed at once", "unnamed over a pause", "unnamed anew"],
)
def test_joined_ends_a_turn(speaker, pause, fresh, turns):
    pieces = [SpokenWords(speaker, "yes", 0.0, 1.0), SpokenWords(speaker, "and no", 1 + pause, 3 + pause, fresh)]
    assert len(list(joined(pieces))) == turns


def test_joined_lasts_from_the_first_start_to_the_latest_end():
    pieces = [SpokenWords("A", "one", 1.0, 9.0), SpokenWords("A", "two", 2.0, 3.0), SpokenWords("A", "three")]
    assert list(joined(pieces)) == [SpokenWords("A", "one two three", 1.0, 9.0)]


def test_nothing_spoken_is_an_empty_draft():
    draft = written([])
    assert (draft.text, draft.utterances, draft.warnings) == ("", (), ())


# One file a speaker


def grid(folder, name, seconds):
    path = folder / name
    path.write_text(f'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = {seconds}\n')
    return path


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("day1_doctor.TextGrid", "Doctor"),
        ("day1-speaker 1.textgrid", "Speaker 1"),
        ("day1.patient.TextGrid", "Patient"),
        ("doctor.TextGrid", ""),
        ("day1.TextGrid", ""),
        ("day1_doctor.txt", ""),
        ("day1_dog.TextGrid", ""),
    ],
)
def test_part_of_a_file_name(tmp_path, name, part):
    assert part_of(tmp_path / name) == part


def test_companions_are_named_alike_and_equally_long(tmp_path):
    doctor, patient = grid(tmp_path, "day1_doctor.TextGrid", 60), grid(tmp_path, "day1_patient.TextGrid", 60.9)
    grid(tmp_path, "day1_nurse.TextGrid", 90)
    grid(tmp_path, "day2_patient.TextGrid", 60)
    (tmp_path / "day1_client.TextGrid").mkdir()
    (tmp_path / "day1_carer.TextGrid").write_text("no grid at all")
    assert companions(doctor) == (patient,)
    assert companions(patient) == (doctor,)
    assert leader(patient) == leader(doctor) == doctor


def test_companions_of_a_file_alone_or_absent_are_none(tmp_path):
    alone = grid(tmp_path, "day1.TextGrid", 60)
    assert companions(alone) == ()
    assert leader(alone) == alone
    assert companions(tmp_path / "gone_doctor.TextGrid") == ()


def test_companions_are_found_whatever_the_encoding(tmp_path):
    doctor, patient = grid(tmp_path, "x_doctor.TextGrid", 60), grid(tmp_path, "x_patient.TextGrid", 60)
    patient.write_bytes(patient.read_text().encode("utf-16"))
    assert companions(doctor) == (patient,)


# Bytes of files


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"%PDF-1.7", "PDF"), (ZIP + b"x", "zip"), (b"\xd0\xcf\x11\xe0", "Office"), (b"{\\rtf1", "RTF")],
    ids=["pdf", "zip", "old Office", "rich text"],
)
def test_kind_of_known_bytes(data, kind):
    assert kind in kind_of(data)


@pytest.mark.parametrize("data", [b"", b"PK", b"INT: yes", b" %PDF"])
def test_kind_of_other_bytes_is_unknown(data):
    assert kind_of(data) is None


def test_read_bytes_names_file_and_problem(tmp_path, monkeypatch):
    path = tmp_path / "talk.txt"
    with pytest.raises(InputError, match=r"talk\.txt: cannot be read"):
        read_bytes(path)
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"talk\.txt: is empty"):
        read_bytes(path)
    path.write_bytes(b"ten bytes.")
    assert read_bytes(path) == b"ten bytes."
    monkeypatch.setattr("corpus.readers.source.FILE_BYTES", 9)
    with pytest.raises(InputError, match="is larger than"):
        read_bytes(path)


def test_check_is_file_refuses_folders_and_what_is_not_there(tmp_path):
    with pytest.raises(InputError, match="is a folder; name the files inside it"):
        check_is_file(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        check_is_file(tmp_path / "gone.txt")


@pytest.mark.parametrize("name", ["/etc/passwd", "\\x", "C:\\x", "../x", "a/../../x", "a\\..\\x"])
def test_leaves_is_true_of_names_that_point_outside(name):
    assert leaves(name)


@pytest.mark.parametrize("name", ["word/document.xml", "a..b/c", "x", "mimetype", ""])
def test_leaves_is_false_of_names_inside(name):
    assert not leaves(name)
