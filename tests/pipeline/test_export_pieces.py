"""The pieces of exports: rows, cells, sheets, colours, counts, who is asked for, and the log as a table."""

import base64
import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from corpus.errors import UsageError
from corpus.participants import Participants
from corpus.transcript import Role, Span, Turn
from pipeline.export.coded import CodingStatus
from pipeline.export.decision_table import decision_table
from pipeline.export.documents import set_widths, shade, word_document
from pipeline.export.flat import COLUMNS, cells, safe_cell
from pipeline.export.framework import case_of, described, source_of
from pipeline.export.gather import ExportRequest, open_status, status_of, suggested_to
from pipeline.export.page import Document, policy_of
from pipeline.export.palette import contrast, luminance
from pipeline.export.qda_project import slug
from pipeline.export.rows import Origin, clock, moment_at, origin_of
from pipeline.export.run_outputs import passages_by_domain
from pipeline.export.safety import FORMULA
from pipeline.export.sheets import BASE, STYLES, about_sheet, inline, landscape, open_workbook, write_cell, write_text
from pipeline.export.summary import DomainCounts
from pipeline.framework import UNSTATED
from pipeline.store import Action, CurrentDecision, Decision, NewDecision, Run, RunFacts, RunState
from pipeline.study_filter import Filter, attribute_of, where_of
from tests.pipeline.coded_support import passage_of
from tests.pipeline.export_support import CODEBOOK, HOSTILE, ORIGIN, rows_for, transcript_of
from tests.pipeline.store_support import TALK, add, coded_run

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NURSE = {"id": "P01", "sector": "Primary care", "role": "Nurse"}
PEOPLE = Participants(
    ("id", "Sector", "role"),
    ({"id": "P01", "Sector": "Hospital", "role": "Nurse"}, {"id": "P02", "Sector": "", "role": "GP"}),
)

# Rows


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (0.0, "0:00:00"), (751.9, "0:12:31"), (3600.0, "1:00:00"), (36_061.0, "10:01:01")],
)
def test_clock_shows_hours_minutes_and_whole_seconds(seconds, shown):
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("started", "ended", "offset", "moment"),
    [
        (None, None, 15, None),
        (60.0, 120.0, 10, 60.0),
        (60.0, 120.0, 15, 90.0),
        (60.0, None, 15, 60.0),
    ],
    ids=["no stamp", "beginning", "middle", "no end"],
)
def test_moment_at_takes_the_pace_of_a_turn_as_even(started, ended, offset, moment):
    assert moment_at(Turn(Span(10, 20), "A", Role.PARTICIPANT, started, ended), offset) == moment


def test_moment_at_no_turn_is_unknown():
    assert moment_at(None, 3) is None


@pytest.mark.parametrize("finished", [None, NOW], ids=["killed", "finished"])
def test_origin_of_a_run_says_what_made_it(finished):
    facts = RunFacts("recipe", "words/v1", "old digest", "seeds", {})
    origin = origin_of("Study", Run(7, facts, NOW, finished, RunState.FINISHED), CODEBOOK)
    assert origin == Origin("7", "words/v1", CODEBOOK.digest, "seeds", "Study", NOW)


def test_origin_before_the_first_run_is_the_study_and_its_codebook_alone():
    origin = origin_of("Study", None, CODEBOOK)
    assert [label for label, _ in origin.facts] == ["Study", "Codebook digest"]


def test_facts_of_an_origin_leave_out_what_is_not_known():
    assert dict(ORIGIN.facts)["Date"] == "2026-03-02 14:05"
    assert dict(replace(ORIGIN, created=None, seeds="").facts).keys() == {"Study", "Run", "Model", "Codebook digest"}


@pytest.mark.parametrize("word", HOSTILE)
def test_cells_of_a_row_have_every_column_whatever_was_said(word):
    (row,) = rows_for(word)
    assert tuple(cells(row)) == COLUMNS
    assert cells(row)["text"] == word


# Cells


@given(st.text())
def test_safe_cell_never_begins_a_formula_and_adds_no_more_than_an_apostrophe(text):
    cell = safe_cell(text)
    assert not FORMULA.match(cell)
    assert len(cell) - len(text) in {0, 1}


@pytest.mark.parametrize("cell", [None, 0, -3, 0.25])
def test_safe_cell_leaves_numbers_and_nothing_as_they_are(cell):
    assert safe_cell(cell) is cell


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("<r><t>x</t></r>", "<r><t>x</t></r> "),
        ("<r>open", "<r>open"),
        ("\x00", "\ufffd"),
        ("", ""),
    ],
    ids=["plain", "rich text", "half of it", "null", "empty"],
)
def test_inline_text_is_never_taken_for_markup(text, written):
    assert inline(text) == written


@pytest.fixture
def sheet_of(tmp_path):
    """Writes a sheet by a function and returns it as another program reads it."""

    def made(write):
        path = tmp_path / "book.xlsx"
        with open_workbook(path, streaming=False) as book:
            styles = {name: book.add_format(BASE | style) for name, style in STYLES.items()}
            write(book.add_worksheet("Sheet"), styles)
        return load_workbook(path)["Sheet"]

    return made


def test_write_cell_keeps_text_as_text_numbers_as_numbers_and_nothing_as_nothing(sheet_of):
    def write(sheet, styles):
        for column, cell in enumerate(("=1+1", 3, 0.5, None)):
            write_cell(sheet, 0, column, cell, styles["text"])
        write_text(sheet, 1, 0, "=1+1", styles["text"])

    sheet = sheet_of(write)
    assert [cell.value for cell in sheet[1]] == ["=1+1", 3, 0.5, None]
    assert [cell.data_type for cell in sheet[1]][:3] == ["s", "n", "n"]
    assert sheet["A2"].value == "'=1+1"


def test_landscape_sheets_print_as_wide_as_a_page_with_their_head_on_each(sheet_of):
    sheet = sheet_of(lambda sheet, _: landscape(sheet))
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$1:$1"


def test_about_sheet_says_each_label_with_its_text(sheet_of):
    lines = [("What", "A file."), ("=Formula", "=1+1")]
    sheet = sheet_of(lambda sheet, styles: about_sheet(sheet, "About", lines, styles))
    assert sheet["A1"].value == "About"
    assert [(row[0].value, row[1].value) for row in sheet.iter_rows(min_row=3)] == lines
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


# Colours, documents and pages


@pytest.mark.parametrize(("colour", "value"), [("#000000", 0.0), ("#ffffff", 1.0), ("#ff0000", 0.2126)])
def test_luminance_is_that_of_wcag(colour, value):
    assert luminance(colour) == pytest.approx(value)


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_contrast_is_between_1_and_21_and_the_same_both_ways(first, second):
    a, b = f"#{first:06x}", f"#{second:06x}"
    assert 1 <= contrast(a, b) <= 21.01
    assert contrast(a, b) == contrast(b, a)
    assert contrast(a, a) == 1


def test_shaded_cells_and_widths_are_what_word_reads(tmp_path):
    with word_document(tmp_path / "x.docx") as word:
        made = word.add_table(rows=2, cols=2)
        shade(made.rows[0].cells[0], "#e9ecf1")
        set_widths(made, (3.0, 12.0))
    table = docx.Document(tmp_path / "x.docx").tables[0]
    assert 'w:fill="E9ECF1"' in table.rows[0].cells[0]._tc.xml
    assert 'w:fill="E9ECF1"' not in table.rows[1].cells[0]._tc.xml
    assert [[round(cell.width.cm) for cell in row.cells] for row in table.rows] == [[3, 12], [3, 12]]


@pytest.mark.parametrize("style", ["", "p { color: red }", "\u202b\u05e9"])
def test_policy_of_a_page_allows_this_style_sheet_only(style):
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = dict(rule.split(" ", 1) for rule in policy_of(style).split("; "))
    assert rules == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Team work", "team_work"),
        ("  --  ", "code"),
        ("\u00c9quipe/soins", "\u00e9quipe_soins"),
        ("", "code"),
        ("A__b", "a_b"),
    ],
)
def test_slug_is_letters_digits_and_underscores(name, id_):
    assert slug(name) == id_


# Counts


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=8))
def test_counts_pass_every_row_on_and_add_up(words):
    rows = rows_for(*words) if words else []
    counts = DomainCounts(["talk", "silent"])
    assert list(counts.passing(rows)) == rows
    assert counts.total == counts.transcripts["talk"] == sum(counts.domains.values()) == len(rows)
    assert sum(counts.cells.values()) == len(rows)
    assert counts.transcripts["silent"] == 0


def test_passages_by_domain_count_two_codes_of_a_domain_in_one_passage_once():
    (row,) = rows_for("We meet.")
    skills = replace(row, code="work.skills")
    budget = replace(row, code="pay.budget", domain="Paying")
    assert passages_by_domain([row, skills, budget]) == Counter({row.domain: 1, "Paying": 1})
    assert passages_by_domain([]) == Counter()


# Who is asked for


@pytest.mark.parametrize(
    ("where", "transcript", "person", "found"),
    [
        ({}, "P01", {}, True),
        ({"role": {"nurse"}}, "P01", {"Role": "NURSE"}, True),
        ({"role": {"nurse"}}, "P01", {"Role": "gp"}, False),
        ({"role": {"nurse", "gp"}}, "P01", {"Role": "gp"}, True),
        ({"role": {"nurse"}, "transcript": {"p01"}}, "P01", {"role": "nurse"}, True),
        ({"role": {"nurse"}, "transcript": {"p02"}}, "P01", {"role": "nurse"}, False),
        ({"role": {"nurse"}}, "P01", {}, False),
    ],
    ids=["everybody", "any case", "another", "either", "both", "another transcript", "not stated"],
)
def test_is_about_asks_every_attribute_whatever_its_case(where, transcript, person, found):
    wanted = Filter(where={name: frozenset(values) for name, values in where.items()})
    assert wanted.is_about(transcript, person) is found


def test_where_of_two_values_of_one_attribute_takes_either():
    assert where_of([" ROLE = Nurse ", "role=GP", "transcript=P01"], PEOPLE) == {
        "role": {"nurse", "gp"},
        "transcript": {"p01"},
    }


@pytest.mark.parametrize(("name", "known"), [("sector", "Sector"), (" ROLE ", "role"), ("Transcript", "transcript")])
def test_attribute_of_is_the_name_as_the_table_writes_it(name, known):
    assert attribute_of(name, PEOPLE) == known


@pytest.mark.parametrize("people", [PEOPLE, Participants()], ids=["table", "no table"])
def test_attribute_of_no_such_name_says_which_there_are(people):
    with pytest.raises(UsageError, match=r"'age' is no attribute of the participants \(.*transcript\)"):
        attribute_of("age", people)


def test_suggested_to_keeps_the_rows_of_those_asked_for():
    transcript = transcript_of("We meet.", "We talk.", name="P01")
    rows = [replace(row, speaker=speaker) for row, speaker in zip(rows_for("a", "b"), ("P1", "P2"), strict=True)]
    document, other = Document(transcript, rows), Document(replace(transcript, name="P02"), rows)
    asked = ExportRequest(filter=Filter(where={"role": frozenset({"nurse"})}))
    (found,) = suggested_to(asked, [document, other], PEOPLE)
    assert (found.transcript.name, found.rows) == ("P01", rows)
    assert suggested_to(ExportRequest(), [document, other], PEOPLE) == [document, other]


# How a coding came about


def current(action, suggestion=None):
    span = None if action is Action.MEMO else Span(0, 5)
    return CurrentDecision(Decision("Ann", 1, action, suggestion, span, "team", id=1, time=NOW))


@pytest.mark.parametrize(
    ("action", "suggestion", "status"),
    [
        (Action.ACCEPT, 3, CodingStatus.ACCEPTED),
        (Action.CODE, None, CodingStatus.CODED),
        (Action.CODE, 3, CodingStatus.CHANGED),
    ],
)
def test_status_of_a_coding_says_whether_it_answered_a_suggestion(action, suggestion, status):
    assert status_of(current(action, suggestion).decision) is status


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        ([], CodingStatus.SUGGESTED),
        ([Action.MEMO], CodingStatus.SUGGESTED),
        ([Action.UNSURE, Action.MEMO], CodingStatus.UNSURE),
        ([Action.UNSURE, Action.REJECT], None),
        ([Action.ACCEPT], None),
        ([Action.CODE], None),
    ],
)
def test_open_status_ends_with_the_first_answer_of_anybody(actions, status):
    assert open_status([current(action, 3) for action in actions]) is status


# Who says it


@pytest.mark.parametrize(
    ("participant", "shown"),
    [
        (NURSE, "Primary care, Nurse"),
        ({"id": "P01", "sector": "", "role": "Nurse"}, "Nurse"),
        ({"id": "P01", "age": "40", "town": "X", "shoe": "42"}, "40, X"),
        ({"id": "P01"}, ""),
        ({}, ""),
    ],
    ids=["sector and role", "role only", "the first two others", "id only", "nobody"],
)
def test_described_is_what_a_paper_says_beside_an_id(participant, shown):
    assert described(participant) == shown


@pytest.mark.parametrize(
    ("by", "participant", "label"),
    [("", NURSE, "P01"), ("", {}, "talk"), ("role", NURSE, "Nurse"), ("role", {}, UNSTATED), ("age", NURSE, UNSTATED)],
)
def test_case_of_a_passage_is_its_participant_or_group(by, participant, label):
    transcript = transcript_of("We meet.")
    passage = passage_of(transcript, transcript.turns[0].span, participant=participant)
    assert case_of(passage, by).label == label


def test_source_of_a_passage_names_who_says_it_in_a_group_only():
    transcript = transcript_of("We meet.", "We talk.")
    passage = passage_of(transcript, transcript.turns[1].span, participant=NURSE)
    assert source_of(replace(passage, codes=())).startswith("0:01:00")
    assert source_of(passage, "role").startswith("P01, 0:01:00")


# The log


def test_decision_table_holds_every_entry_in_order_undone_ones_too(store):
    version = add(store)
    coded_run(store, version)
    (stored,) = store.suggestions.stream()
    accepted, own = store.decisions.add(
        NewDecision("Ann", version, Action.ACCEPT, suggestion=stored.id, memo="👩‍⚕️"),
        NewDecision("Ben", version, Action.CODE, span=Span(0, len(TALK)), code="own", blind=True),
    )
    store.decisions.undo(accepted.id, coder="Ann")
    rows = decision_table(store).to_pylist()
    assert [(row["id"], row["coder"], row["action"], row["previous"]) for row in rows] == [
        (accepted.id, "Ann", "accept", None),
        (own.id, "Ben", "code", None),
        (own.id + 1, "Ann", "undo", accepted.id),
    ]
    assert [(row["transcript"], row["start"], row["end"], row["memo"], row["blind"]) for row in rows] == [
        ("P01", 0, 5, "👩‍⚕️", False),
        ("P01", 0, len(TALK), "", True),
        ("P01", None, None, "", False),
    ]
    json.dumps(rows, default=str)


def test_decision_table_names_the_transcript_of_an_earlier_text(store):
    version = add(store)
    store.decisions.add(NewDecision("Ann", version, Action.CODE, span=Span(0, 5), code="own"))
    add(store, words=TALK + " More.")
    assert decision_table(store).column("transcript").to_pylist() == ["P01"]


def test_decision_table_of_an_empty_study_has_its_columns(store):
    table = decision_table(store)
    assert table.num_rows == 0
    assert {"id", "coder", "transcript", "action", "recorder"} <= {*table.schema.names}
