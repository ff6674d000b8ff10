"""CSV and Excel: which columns are taken, what becomes a turn, and what is refused."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from corpus.errors import InputError
from corpus.readers import read_transcript
from corpus.readers.sheet import HEADINGS
from tests.corpus.readers_support import packed, saved, unpacked, workbook

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def read(tmp_path):
    def read_content(content, name="talk.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_transcript(path)

    return read_content


def said(transcript):
    return [(turn.speaker, words) for turn, words in transcript.talk()]


def book_of(*rows, **more):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for title, others in more.items():
        sheet = book.create_sheet(title)
        for row in others:
            sheet.append(row)
    return book


def test_rows_are_turns_and_the_columns_taken_are_told(read):
    transcript = read("Speaker,Start,Text\nINT,0:03,How so?\nP01,9.5,It just is.\nP01,,And on.\n")
    assert transcript.text == "INT: How so?\nP01: It just is.\nP01: And on."
    assert said(transcript) == [("INT", "How so?"), ("P01", "It just is."), ("P01", "And on.")]
    assert [turn.started for turn in transcript.turns] == [3, 9.5, None]
    assert transcript.warnings == ("columns taken: words from 'text', speaker from 'speaker', start from 'start'",)


def test_answers_of_a_survey_have_their_id_as_speaker(read):
    transcript = read(
        'Respondent ID;Sector;Comment\r\n7;health;Good.\r\n8;care;\r\n9;care;"Two\r\n\r\n lines; here"\r\n'
    )
    assert said(transcript) == [("7", "Good."), ("9", "Two\nlines; here")]
    assert "left out rows without words: 1" in transcript.warnings


@pytest.mark.parametrize("delimiter", ["\t", "|", ";"])
def test_other_delimiters(read, delimiter):
    content = "id,answer\n1,Yes and no.\n".replace(",", delimiter)
    assert said(read(content, "t.tsv")) == [("1", "Yes and no.")]


def test_words_alone_are_enough(read):
    assert said(read("Text\nOne.\nTwo.\n")) == [(None, "One."), (None, "Two.")]


def test_several_columns_of_words_are_refused_by_name(read):
    with pytest.raises(InputError, match=r"several columns that could hold the words \(comment, answer\)"):
        read("id,Comment,Answer\n1,a,b\n")


def test_no_column_of_words_is_refused_without_a_word_of_the_file(read):
    with pytest.raises(InputError, match="no column of words; head it 'text'") as caught:
        read("My private heading,and more\nsecret,sentence\n")
    assert "private" not in str(caught.value)


@pytest.mark.parametrize("content", [b"text\n\0\n", 'text\n"' + "a" * 200_000, b"\x89PNG\r\n\x1a\n\0\0"])
def test_what_is_no_csv_is_refused(read, content):
    with pytest.raises(InputError, match=r"is not CSV|is not text"):
        read(content)


def test_too_many_rows_are_refused(read, monkeypatch):
    monkeypatch.setattr("corpus.readers.table.TABLE_ROWS", 2)
    with pytest.raises(InputError, match="more than 2 rows"):
        read("text\na\nb\nc\n")


def test_no_heading_means_two_things():
    every = [heading for synonyms in HEADINGS.values() for heading in synonyms]
    assert len(every) == len(set(every))


@given(
    st.lists(
        st.tuples(st.sampled_from(["INT", "P01"]), st.text("abc é,;\"'\n", min_size=1).filter(str.strip)), min_size=1
    )
)
def test_any_rows_come_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "talk.xlsx"
    path.write_bytes(saved(book_of(["Speaker", "Text"], *rows)))
    transcript = read_transcript(path)
    expected = ["\n".join(" ".join(line.split()) for line in words.split("\n") if line.strip()) for _, words in rows]
    assert said(transcript) == [(speaker, words) for (speaker, _), words in zip(rows, expected, strict=True)]


# Workbooks


def test_workbook_with_titles_times_and_other_sheets(read):
    book = book_of(
        ["Interviews of the spring"], [None, None], ["Speaker", "Start", "Answer"], ["INT", time(0, 1, 2), "How so?"],
        [], ["P01", timedelta(seconds=90), "It just is."], [3, "x", 5], Notes=[["Text"], ["Not read."]],
    )  # fmt: skip
    book.active.merge_cells("A1:C1")
    transcript = read(saved(book), "talk.xlsx")
    assert said(transcript) == [("INT", "How so?"), ("P01", "It just is."), ("3", "5")]
    assert [turn.started for turn in transcript.turns] == [62, 90, None]
    assert "left out other sheets: 1" in transcript.warnings


def test_workbook_whose_first_sheet_says_nothing(read):
    book = book_of(["About this file"], Data=[["id", "comment"], ["7", "Good."]])
    assert said(read(saved(book), "talk.xlsx")) == [("7", "Good.")]


def test_hidden_sheets_are_not_read(read):
    book = book_of(["About this file"], Data=[["id", "comment"], ["7", "Good."]])
    book["Data"].sheet_state = "hidden"
    with pytest.raises(InputError, match="no column of words"):
        read(saved(book), "talk.xlsx")


def changed(part, old, new):
    parts = unpacked(workbook())
    assert old in parts[part]
    return packed(parts | {part: parts[part].replace(old, new)})


@pytest.mark.parametrize(
    "row",
    [b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', b'<row r="99999999999999"/>', b"<row/>" * 20_000,
     b'<row r="9"><c r="ZZZZZZ9"><v>1</v></c></row>'],
    ids=["the last cell", "beyond the last row", "empty rows", "beyond the last column"],
)  # fmt: skip
def test_sheets_of_nothing_are_read_over(read, row, monkeypatch):
    monkeypatch.setattr("corpus.readers.sheet.LAST_ROW", 10_000)
    content = changed(SHEET, b"</sheetData>", row + b"</sheetData>")
    try:
        assert len(read(content, "talk.xlsx").turns) == 4
    except InputError as error:
        assert "no sound Excel workbook" in error.problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"words", "not an Excel workbook but something else"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or password-protected"),
        (packed({"a": "b"}), "no sound Excel workbook"),
        (changed("xl/workbook.xml", b"<workbook", b"<!DOCTYPE a [<!ENTITY x 'y'>]><workbook"), "XML entities"),
        (changed("xl/workbook.xml", b"<sheets>", b"<sheets><"), "no sound Excel workbook"),
        (
            changed("xl/styles.xml", b"<cellXfs", b"<cellXfs>" + b"<xf/>" * 200_000 + b"</cellXfs><cellXfs"),
            "unpacks to",
        ),
        (changed(SHEET, b"</sheetData>", b"<row/>" * 2_100_000 + b"</sheetData>"), "unpacks to"),
    ],
    ids=["text", "xls", "other zip", "entities", "broken", "styles", "rows"],
)
def test_what_is_no_workbook_is_refused(read, content, problem):
    with pytest.raises(InputError, match=problem):
        read(content, "talk.xlsx")
