"""Rows and the files made of them, read back with other libraries than the ones that wrote them."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from corpus.errors import CodebookError
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.export import rows_of, write_csv, write_jsonl, write_xlsx
from pipeline.export.flat import COLUMNS, cells
from pipeline.export.rows import UNDECIDED, clock
from pipeline.export.safety import inert, printable
from tests.pipeline.export_support import CODEBOOK, HOSTILE, ORIGIN, rows_for, suggest, transcript_of

# openpyxl does not know the data bars of Excel 2010 and says so.
pytestmark = pytest.mark.filterwarnings("ignore:.* extension is not supported")


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_says_what_where_and_by_whom():
    transcript = transcript_of("We meet. All of us meet.", "Yes.")
    (row,) = rows_of(transcript, CODEBOOK, [suggest(Span(13, 28), words=("meet",))], ORIGIN)
    assert (row.text, row.speaker, row.timestamp) == ("All of us meet.", "P1", "0:00:22")
    assert (row.code_name, row.domain, row.level, row.status) == ("Team", "Workforce", "micro", UNDECIDED)
    assert row.origin is ORIGIN


def test_rows_come_in_order_of_place_then_rank():
    transcript = transcript_of("One two three.")
    late, second, first = suggest(Span(8, 11)), suggest(Span(4, 7), "pay.budget", rank=2), suggest(Span(4, 7))
    rows = rows_of(transcript, CODEBOOK, [late, second, first], ORIGIN, {second: "accepted"})
    assert [(row.start, row.code, row.status) for row in rows] == [
        (4, "work.team", UNDECIDED),
        (4, "pay.budget", "accepted"),
        (8, "work.team", UNDECIDED),
    ]


def test_evidence_is_cut_to_the_two_nearest():
    (row,) = rows_for("Hello there.")
    assert [seed.text for seed in row.evidence] == ["=3", "=2"]


def test_an_unknown_code_is_an_error():
    with pytest.raises(CodebookError, match=r"no\.such"):
        list(rows_of(transcript_of("Hello."), CODEBOOK, [suggest(Span(4, 6), "no.such")], ORIGIN))


def test_a_transcript_without_time_stamps_has_empty_time_stamps():
    transcript = Transcript("t", "Hello.", (Turn(Span(0, 6), None, Role.PARTICIPANT),))
    (row,) = rows_of(transcript, CODEBOOK, [suggest(Span(0, 6))], ORIGIN)
    assert (row.timestamp, row.speaker) == ("", None)


@pytest.mark.parametrize(("seconds", "shown"), [(None, ""), (0, "0:00:00"), (751.9, "0:12:31"), (36_000, "10:00:00")])
def test_clock(seconds, shown):
    assert clock(seconds) == shown


def test_columns_are_the_keys_of_the_cells():
    assert tuple(cells(rows_for("Hello.")[0])) == COLUMNS


def test_csv_reads_back(tmp_path):
    path = tmp_path / "s.csv"
    assert write_csv(path, rows_for("Hello, you.", "Zwölf 👩‍⚕️")) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    first, second = read_csv(path)
    assert (first["text"], first["probability"], first["run"]) == ("Hello, you.", "0.73", "7")
    assert (second["text"], second["seed_1_similarity"], second["words"]) == ("Zwölf 👩‍⚕️", "0.25", "a, b")


def test_no_rows_make_a_header(tmp_path):
    assert write_csv(tmp_path / "s.csv", []) == 0
    assert (tmp_path / "s.csv").read_text("utf-8-sig").strip().split(",") == list(COLUMNS)
    assert write_jsonl(tmp_path / "s.jsonl", []) == 0
    assert write_xlsx(tmp_path / "s.xlsx", [], CODEBOOK, ORIGIN) == 0
    assert load_workbook(tmp_path / "s.xlsx")["Suggestions"].max_row == 1


def test_csv_cells_never_start_a_formula(tmp_path):
    write_csv(tmp_path / "s.csv", rows_for(*HOSTILE))
    rows = read_csv(tmp_path / "s.csv")
    assert rows[0]["text"] == "'=HYPERLINK(1)"
    assert rows[0]["seed_1"] == "'=3"
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@\t\r")]


@given(st.text())
def test_inert_and_printable_change_only_what_is_dangerous(text):
    clean = printable(text)
    assert len(clean) == len(text)
    assert inert(clean).removeprefix("'") == clean.removeprefix("'")
    assert inert(inert(clean)) == inert(clean)
    clean.encode("utf-8")


def test_jsonl_holds_the_exact_text(tmp_path):
    write_jsonl(tmp_path / "s.jsonl", rows_for(*HOSTILE))
    lines = (tmp_path / "s.jsonl").read_text("utf-8").split("\n")[:-1]
    records = [json.loads(line) for line in lines]
    assert [record["text"] for record in records] == list(HOSTILE)
    assert records[0]["evidence"] == [
        {"text": "=3", "similarity": 0.25, "provenance": "authored"},
        {"text": "=2", "similarity": 0.0, "provenance": "authored"},
    ]
    assert (records[0]["segment"], records[0]["words"]) == (["t0000s000"], ["a", "b"])


def sheet_rows(path, name="Suggestions"):
    head, *rest = load_workbook(path)[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rest]


def test_xlsx_holds_text_as_text(tmp_path):
    write_xlsx(tmp_path / "s.xlsx", rows_for(*HOSTILE), CODEBOOK, ORIGIN)
    sheet = load_workbook(tmp_path / "s.xlsx")["Suggestions"]
    assert not [cell.coordinate for row in sheet for cell in row if cell.data_type == "f"]
    shown = [unescape(row["Passage"]) for row in sheet_rows(tmp_path / "s.xlsx")]
    assert shown[:5] == list(HOSTILE[:5])
    assert shown[5] == "<r><t>x</t></r> "
    assert shown[6:] == [printable(text) for text in HOSTILE[6:]]


def test_xlsx_is_formatted_for_reading(tmp_path):
    write_xlsx(tmp_path / "s.xlsx", rows_for("One.", "Two."), CODEBOOK, ORIGIN)
    sheet = load_workbook(tmp_path / "s.xlsx")["Suggestions"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:Y3")
    assert (sheet["H2"].value, sheet["H2"].number_format, sheet["D2"].alignment.wrap_text) == (0.73, "0%", True)
    assert sheet["F2"].fill.start_color.rgb == "FF455EF8"
    (bar,) = [rule for ranges in sheet.conditional_formatting for rule in ranges.rules]
    assert (bar.type, [limit.val for limit in bar.dataBar.cfvo]) == ("dataBar", [0, 1])


def test_xlsx_sums_up_by_transcript_and_domain(tmp_path):
    transcript = transcript_of("One two three.")
    rows = rows_of(transcript, CODEBOOK, [suggest(Span(4, 7)), suggest(Span(8, 11), "pay.budget")], ORIGIN)
    write_xlsx(tmp_path / "s.xlsx", rows, CODEBOOK, ORIGIN, transcripts=["silent", "talk"])
    assert [tuple(row.values()) for row in sheet_rows(tmp_path / "s.xlsx", "Summary")] == [
        ("silent", 0, 0, 0),
        ("talk", 1, 1, 2),
        ("All transcripts", 1, 1, 2),
    ]


def test_xlsx_says_what_made_it(tmp_path):
    write_xlsx(tmp_path / "s.xlsx", [], CODEBOOK, ORIGIN)
    about = dict(load_workbook(tmp_path / "s.xlsx")["About this file"].iter_rows(min_row=3, values_only=True))
    assert (about["Run"], about["Model"], about["Codebook digest"]) == ("7", "model/abc", CODEBOOK.digest)
    assert "human coder" in about["Probability"]


def test_text_beyond_what_a_cell_holds_does_not_break_the_workbook(tmp_path):
    write_xlsx(tmp_path / "s.xlsx", rows_for("👩" * 40_000), CODEBOOK, ORIGIN)
    (row,) = sheet_rows(tmp_path / "s.xlsx")
    assert 16_000 < len(row["Passage"]) <= 32_767 // 2


def test_text_beyond_what_a_cell_holds_says_that_it_is_cut(tmp_path):
    write_xlsx(tmp_path / "s.xlsx", rows_for("word " * 8_000, "short"), CODEBOOK, ORIGIN)
    long, short = sheet_rows(tmp_path / "s.xlsx")
    assert long["Passage"].startswith("word word") and len(long["Passage"]) <= 32_767
    assert "[cut: an Excel cell holds no more of 40,000 characters" in long["Passage"]
    assert short["Passage"] == "short"


@pytest.mark.parametrize(("most", "sheets"), [(1, 3), (2, 2), (3, 1), (4, 1)])
def test_more_rows_than_a_sheet_holds_go_on_with_the_next(tmp_path, monkeypatch, most, sheets):
    monkeypatch.setattr("pipeline.export.sheets.MOST_ROWS", most)
    assert write_xlsx(tmp_path / "s.xlsx", rows_for("One.", "Two.", "Three."), CODEBOOK, ORIGIN) == 3
    book = load_workbook(tmp_path / "s.xlsx")
    names = [name for name in book.sheetnames if name.startswith("Suggestions")]
    assert names == ["Suggestions", "Suggestions 2", "Suggestions 3"][:sheets]
    passages = [row[3] for name in names for row in book[name].iter_rows(min_row=2, values_only=True)]
    assert passages == ["One.", "Two.", "Three."]
