"""The table of participants: how it is read, what is refused, and which transcript is whose."""

import csv
import io
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from corpus.errors import InputError
from corpus.participants import Participants, load_participants
from pipeline.study import create_study, open_study

ROWS = [
    ["Participant ID", "Organisation type", "Job title", "Cohort", "Years"],
    ["P01", "Primary care", "Nurse", "A", 7],
    ["P02", "Hospital", "IT lead", "B", 12.0],
    ["P10", "", "Nurse", "B", None],
]
ATTRIBUTES = ("id", "sector", "role", "group", "Years")


def csv_of(rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def write(path, rows):
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        path.write_text(csv_of(rows), encoding="utf-8")
    return path


@pytest.fixture(params=["people.csv", "people.xlsx"])
def path(request, tmp_path):
    return tmp_path / request.param


def people(*ids):
    return Participants(("id",), tuple({"id": one} for one in ids))


def test_columns_are_found_under_their_usual_names(path):
    found = load_participants(write(path, ROWS))
    assert found.attributes == ATTRIBUTES
    assert found.people[0] == {"id": "P01", "sector": "Primary care", "role": "Nurse", "group": "A", "Years": "7"}


def test_cells_are_texts_as_a_person_reads_them(tmp_path):
    rows = [["id", "when", "n"], [7, datetime(2026, 3, 1), 12.0], ["P 2", "  two\nlines ", None]]
    found = load_participants(write(tmp_path / "p.xlsx", rows))
    assert [tuple(one.values()) for one in found.people] == [("7", "2026-03-01", "12"), ("P 2", "two lines", "")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_office_is_read(tmp_path, delimiter):
    path = tmp_path / "p.csv"
    path.write_bytes(csv_of([["role", "id"], ["Infirmière", "P1"]], delimiter).encode("cp1252"))
    assert load_participants(path).of("P1") == {"id": "P1", "role": "Infirmière"}


def test_empty_lines_and_columns_without_a_heading_are_left_out(path):
    found = load_participants(write(path, [["", "id"], ["x", "P1"], ["", ""], ["y", "P2"]]))
    assert [dict(one) for one in found.people] == [{"id": "P1"}, {"id": "P2"}]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["id", "role"], ["P1", "x"], ["", "SECRET"]], r":3: has no id"),
        ([["id"], ["SECRET"], ["P2"], ["secret"]], r":4: has the id of line 2"),
        ([["who", "role"], ["SECRET", "x"]], r"has no column of ids; head it 'id'"),
        ([["id", "Role", "job"], ["P1", "x", "y"], ["P1", "x", "y"]], r":3: has the id of line 2"),
        ([["id", "Shift", "shift"], ["P1", "x", "y"]], r"two columns with one heading"),
        ([[f"c{n}" for n in range(501)]], r"more than 500 columns"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused_at_its_line(path, rows, message):
    with pytest.raises(InputError, match=message) as refused:
        load_participants(write(path, rows))
    assert "SECRET" not in str(refused.value)


def test_an_empty_table_says_what_it_should_hold(tmp_path):
    (tmp_path / "p.csv").write_text("\n\n")
    with pytest.raises(InputError, match="holds no participants"):
        load_participants(tmp_path / "p.csv")


def test_a_table_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("corpus.participants.MOST_LINES", 3)
    with pytest.raises(InputError, match=r":4: is beyond the first 3 lines"):
        load_participants(write(tmp_path / "p.csv", [["id"], ["a"], ["b"], ["c"]]))


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0 old", b"id,role\n", b"PK\x05\x06" + b"\0" * 18]
)
def test_what_only_claims_to_be_a_workbook_is_refused(tmp_path, content):
    (tmp_path / "p.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=r"p\.xlsx: "):
        load_participants(tmp_path / "p.xlsx")


# Whose transcript it is


@pytest.mark.parametrize(
    ("transcript", "who"),
    [
        ("P01", "P01"),
        ("p01", "P01"),
        ("P01_2026-03-01", "P01"),
        ("interview-P10 (nurse)", "P10"),
        ("P1", None),
        ("P011", None),
        ("XP01", None),
        ("P01_and_P02", None),
    ],
)
def test_an_id_is_the_name_or_a_whole_word_of_it(transcript, who):
    assert people("P01", "P02", "P10").of(transcript).get("id") == who


def test_of_two_ids_that_fit_the_longer_is_meant():
    assert people("GP", "GP 3").of("gp 3 april")["id"] == "GP 3"


def test_a_speaker_counts_where_the_name_says_nothing():
    both = people("P01", "P02")
    assert both.of("focus_group", "P02")["id"] == "P02"
    assert both.of("P01", "P02")["id"] == "P01"
    assert both.of("P01_and_P02", "P02")["id"] == "P02"
    assert not both.of("focus_group", None)


def test_attributes_are_found_whatever_their_case():
    assert Participants(ATTRIBUTES).attribute(" years ") == "Years"
    assert Participants(ATTRIBUTES).attribute("age") is None


@given(st.lists(st.text("abc123 _-é", min_size=1, max_size=4), unique_by=str.casefold, max_size=4), st.text(max_size=8))
def test_a_match_is_always_in_the_name(ids, name):
    clean = [one for one in ids if one.strip()]
    assert people(*clean).of(name).get("id", "").casefold() in name.casefold()
    assert all(people(*clean).of(one)["id"] == one for one in clean if one == one.strip())


# In a study


@pytest.mark.parametrize("name", ["participants.csv", "participants.xlsx"])
def test_a_study_finds_the_table_in_its_folder(tmp_path, name):
    study = create_study(tmp_path / "s")
    assert len(study.participants()) == 0
    write(study.folder / name, ROWS)
    assert study.participants().of("P02")["sector"] == "Hospital"


def test_a_study_takes_the_table_that_its_settings_name(tmp_path):
    folder = create_study(tmp_path / "s").folder
    (folder / "study.toml").write_text('[study]\nparticipants = "who.csv"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"who\.csv: cannot be read"):
        open_study(folder).participants()
    write(folder / "who.csv", ROWS)
    assert len(open_study(folder).participants()) == 3


def test_two_tables_in_one_folder_are_one_too_many(tmp_path):
    study = create_study(tmp_path / "s")
    for name in ("participants.csv", "participants.xlsx"):
        write(study.folder / name, ROWS)
    with pytest.raises(InputError, match="keep one of them"):
        study.participants()
