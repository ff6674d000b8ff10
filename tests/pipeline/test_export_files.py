"""Word, Excel and CSV files of what people coded, read back with other eyes than the ones that wrote them."""

import csv
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from corpus.codebook import Code, Codebook
from corpus.readers import read_transcript
from corpus.readers.word import word_pages
from corpus.readers.word_comments import codings_in
from corpus.seeds import SeedBank, SeedQuote
from corpus.shipped import selfie
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.export.codebook_word import examples_of, write_codebook
from pipeline.export.coded import CodedDocument, CodingStatus, GivenCode
from pipeline.export.framework import framework_of
from pipeline.export.framework_sheet import sheet_names, write_framework_sheet
from pipeline.export.framework_word import write_framework_word
from pipeline.export.gather import ExportRequest, gather
from pipeline.export.passages_sheet import write_passages
from pipeline.export.quotations import write_quotations_csv, write_quotations_word
from pipeline.export.safety import FORMULA, inert, printable
from pipeline.export.transcript_word import SUGGESTED_BY, write_transcript
from pipeline.framework import UNSTATED
from pipeline.study import create_study
from pipeline.summaries import Summary
from tests.pipeline.coded_support import coded_study, hostile_study, passage_of, sample_session, span_of
from tests.pipeline.export_support import CODEBOOK, HOSTILE, transcript_of

TEAM, SKILLS, BUDGET = CODEBOOK.codes
TALK = transcript_of("We meet on Mondays. All of us.", "The budget is tight.", name="P01")
ACCEPTED = GivenCode(TEAM, CodingStatus.ACCEPTED, 0.73, "see P02", ("A seed.",), "words/v1", 1, "c1")
CODED = GivenCode(BUDGET, CodingStatus.CODED, key="c2")
OPEN = GivenCode(SKILLS, CodingStatus.SUGGESTED, 0.6, model="words/v1", run=1, key="s1")
NURSE = {"id": "P01", "sector": "Primary care", "role": "Nurse"}
DANGEROUS = tuple(word for word in HOSTILE if FORMULA.match(word))


def small_study():
    first, second = (turn.span for turn in TALK.turns)
    passages = [
        passage_of(TALK, first, ACCEPTED, CODED, participant=NURSE),
        passage_of(TALK, second, OPEN, participant=NURSE, coder="precode"),
    ]
    silent = transcript_of("Nothing to say.", name="P02")
    return coded_study((TALK, NURSE, passages), (silent, {}, []), attributes=tuple(NURSE))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample study with its human codings and what is still open."""
    session = sample_session(create_study(tmp_path_factory.mktemp("sample") / "s", name="Sample", sample=True))
    with session:
        yield gather(session, ExportRequest(suggestions=True))


def cells_of(path):
    return [
        cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]


def rows_of(path, sheet):
    head, *rest = load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rest]


def words_of(path):
    """Every text of a Word document's body, tables included."""
    return [text.text or "" for text in docx.Document(path).element.body.iter(docx.oxml.ns.qn("w:t"))]


# Passages


def test_a_row_holds_a_passage_with_all_its_codes(tmp_path):
    assert write_passages(tmp_path / "p.xlsx", small_study()) == 2
    first, second = rows_of(tmp_path / "p.xlsx", "Passages")
    assert (first["Document"], first["Participant"], first["Sector"], first["Role"]) == (
        "P01",
        "P01",
        "Primary care",
        "Nurse",
    )
    assert (first["Time"], first["Passage"], first["Memo"]) == ("0:00:00", "We meet on Mondays. All of us.", "see P02")
    assert first["Codes"] == "Team\nBudget"
    assert first["Path"] == "Workforce > micro > Team\nPaying & <costs> > Budget"
    assert (first["Probability"], first["Decision"]) == ("73%\n", "accepted\ncoded")
    assert (second["Probability"], second["Decision"], second["Coder"]) == (0.6, "suggested", "precode")


def test_matrices_hold_ones_and_zeros_of_codings_only(tmp_path):
    write_passages(tmp_path / "p.xlsx", small_study())
    (row,) = rows_of(tmp_path / "p.xlsx", "Passages x codes")
    assert row == {"Document": "P01", "Start": 4, "End": 34, "Coder": "Anna", "Team": 1, "Skills": 0, "Budget": 1}
    assert [list(row.values()) for row in rows_of(tmp_path / "p.xlsx", "Transcripts x codes")] == [
        ["P01", 1, 0, 1],
        ["P02", 0, 0, 0],
    ]


def test_the_sheets_of_a_whole_study_agree(sample, tmp_path):
    write_passages(tmp_path / "p.xlsx", sample)
    passages = [row for row in rows_of(tmp_path / "p.xlsx", "Passages") if row["Decision"] != "suggested"]
    matrix = rows_of(tmp_path / "p.xlsx", "Passages x codes")
    assert len(passages) == len(matrix) > 80
    marked = sum(
        value for row in matrix for name, value in row.items() if name not in {"Start", "End"} and value in (0, 1)
    )
    assert marked == sum(row["Codes"].count("\n") + 1 for row in passages)


WRITERS = {
    "passages": write_passages,
    "framework": write_framework_sheet,
    "framework-by": lambda path, study: write_framework_sheet(path, study, "sector"),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_no_cell_of_a_workbook_can_be_taken_for_a_formula(tmp_path, write):
    words = [word for word in HOSTILE if word.strip()] + ["\tx", "\uff1dx", "\uff20x"]
    write(tmp_path / "x.xlsx", hostile_study(words))
    cells = cells_of(tmp_path / "x.xlsx")
    assert len(cells) > 50
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or FORMULA.match(str(cell.value))]
    assert not [name for name in load_workbook(tmp_path / "x.xlsx").sheetnames if FORMULA.match(name)]


def test_no_cell_of_the_csv_can_be_taken_for_a_formula(tmp_path):
    write_quotations_csv(tmp_path / "q.csv", hostile_study([*HOSTILE, "\uff0bx"]))
    with (tmp_path / "q.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if FORMULA.match(cell)]


@example(["\xa0"])
@example(["\xa0=1+1"])
@example(["x" * 40, "X" * 40])
@given(st.lists(st.text(max_size=40), max_size=6))
def test_names_of_sheets_are_such_as_excel_allows(names):
    made = list(sheet_names(names))
    assert len({name.casefold() for name in made}) == len(names)
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\]|^'|'$", name) for name in made)
    assert not any(FORMULA.match(name) for name in made)


# The framework matrix


def test_rows_are_participants_coded_or_not():
    framework = framework_of(small_study())
    assert [(one.label, one.about) for one in framework.cases] == [("P01", "Primary care, Nurse"), ("P02", "")]
    assert [domain.name for domain in framework.domains] == list(CODEBOOK.domains)
    workforce, paying = framework.domains
    assert [passage.text for passage in workforce.cells["P01", TEAM.id]] == ["We meet on Mondays. All of us."]
    assert (workforce.used(), paying.used()) == ((TEAM, SKILLS), (BUDGET,))


def test_rows_are_groups_if_asked_for_and_who_has_none_comes_last():
    assert [one.label for one in framework_of(small_study(), "role").cases] == ["Nurse", UNSTATED]


def test_what_two_coders_coded_alike_stands_once():
    both = [passage_of(TALK, TALK.turns[0].span, ACCEPTED, coder=name) for name in ("Anna", "Ben")]
    (workforce, _) = framework_of(coded_study((TALK, {}, both))).domains
    assert len(workforce.cells["P01", TEAM.id]) == 1


def test_the_workbook_has_a_sheet_a_domain_and_a_line_for_each_summary(tmp_path):
    assert write_framework_sheet(tmp_path / "f.xlsx", small_study()) == 2
    book = load_workbook(tmp_path / "f.xlsx")
    assert book.sheetnames == [
        "Workforce",
        "Paying & costs".replace("& ", "& <").replace("costs", "costs>"),
        "About this file",
    ]
    rows = [row[:4] for row in book["Workforce"].iter_rows(values_only=True)]
    assert rows[0] == ("Case", None, "Team (micro)", "Skills (meso)") or rows[0][2:] == (
        "Team (micro)",
        "Skills (meso)",
    )
    assert rows[1][1:] == (
        "Passages",
        "\u201cWe meet on Mondays. All of us.\u201d (0:00:00)",
        "\u201cThe budget is tight.\u201d (0:01:00, suggestion, not coded)",
    )
    assert rows[2][1:] == ("Summary", None, None)


def summarised(study, *texts):
    """The study with a summary of the first code on each of its first transcripts."""
    documents = list(study.documents)
    for n, text in enumerate(texts):
        summary = Summary(n + 1, datetime(2026, 1, 1, tzinfo=UTC), "Ann", n + 1, TEAM.id, text)
        documents[n] = replace(documents[n], summaries=(summary,))
    return replace(study, documents=tuple(documents))


def test_summaries_stand_in_the_rows_of_their_transcripts_and_under_their_names_in_groups():
    study = summarised(small_study(), "Weekly.", "=Nothing")
    (workforce, _) = framework_of(study).domains
    assert workforce.summaries == {("P01", TEAM.id): "Weekly.", ("P02", TEAM.id): "=Nothing"}
    same = tuple(replace(document, participant={"role": "Nurse"}) for document in study.documents)
    (workforce, _) = framework_of(replace(study, documents=same), "role").domains
    names = [document.transcript.name for document in study.documents]
    assert workforce.summaries == {("Nurse", TEAM.id): f"{names[0]}: Weekly.\n\n{names[1]}: =Nothing"}


def test_summaries_are_written_into_workbook_and_document(tmp_path):
    study = summarised(small_study(), "They meet.\nOften.", "Silent on it.")
    write_framework_sheet(tmp_path / "f.xlsx", study)
    rows = [row[:3] for row in load_workbook(tmp_path / "f.xlsx")["Workforce"].iter_rows(values_only=True)]
    assert [row[2] for row in rows if row[1] == "Summary"] == ["They meet.\nOften.", "Silent on it."]
    write_framework_word(tmp_path / "f.docx", study)
    table = docx.Document(str(tmp_path / "f.docx")).tables[0]
    cells = [row.cells[1].text for row in table.rows[1:]]
    assert cells[0].endswith("Summary:\nThey meet.\nOften.")
    assert cells[1].strip() == "Summary:\nSilent on it."


def test_a_cell_takes_no_more_than_excel_does_and_says_so(tmp_path):
    long = transcript_of(*["word " * 2_000] * 5)
    passages = [passage_of(long, turn.span, ACCEPTED) for turn in long.turns]
    write_framework_sheet(tmp_path / "f.xlsx", coded_study((long, {}, passages)))
    (cell,) = [cell.value for cell in cells_of(tmp_path / "f.xlsx") if str(cell.value).startswith("\u201cword")]
    assert len(cell) < 32_767
    assert cell.endswith("\u2026 and 2 more, too long for a cell")


def test_the_word_matrix_has_a_table_for_each_domain_with_passages(tmp_path):
    write_framework_word(tmp_path / "f.docx", small_study())
    document = docx.Document(tmp_path / "f.docx")
    assert document.sections[0].page_width > document.sections[0].page_height
    workforce, paying = document.tables
    assert [cell.text for cell in workforce.rows[0].cells] == ["Case", "Team (micro)", "Skills (meso)"]
    assert workforce.cell(1, 1).text == "\u201cWe meet on Mondays. All of us.\u201d (0:00:00)\nSummary:\n"
    assert [cell.text for cell in paying.rows[2].cells] == ["P02", ""]


def test_many_constructs_are_shared_out_over_tables(sample, tmp_path):
    write_framework_word(tmp_path / "f.docx", sample)
    columns = [len(table.columns) for table in docx.Document(tmp_path / "f.docx").tables]
    assert max(columns) <= 6
    assert sum(columns) - len(columns) == len(sample.used)


# Codebook and quotations


def test_the_codebook_says_all_that_is_known_of_a_code(tmp_path):
    book = Codebook(
        "b", "2", (Code("x", "X", "D", "micro", "What.", "This.", "That.", ("Y", "Z")),), "The book", "Here"
    )
    write_codebook(tmp_path / "c.docx", book, {"x": "Like so."})
    text = "\n".join(paragraph.text for paragraph in docx.Document(tmp_path / "c.docx").paragraphs)
    for part in ("The book", "Version: 2", "1 in 1 domains", "Here", "D", "X   micro level", "What.", "Include  This."):
        assert part in text
    for part in ("Exclude  That.", "Also called  Y; Z", "Example  \u201cLike so.\u201d", "\nx"):
        assert part in text


def test_an_example_is_never_what_a_participant_said():
    authored, learned = SeedQuote("Ours. " * 10, "x"), SeedQuote("Theirs. " * 10, "x", provenance="accepted")
    assert examples_of(SeedBank((learned, SeedQuote("Short.", "x"), authored))) == {"x": authored.text}
    assert examples_of(SeedBank((learned,))) == {}


def test_the_whole_codebook_is_there(tmp_path):
    assert write_codebook(tmp_path / "c.docx", selfie(), {}) == len(selfie().codes)
    text = "\n".join(words_of(tmp_path / "c.docx"))
    assert not [code.id for code in selfie().codes if code.name not in text or code.definition not in text]


def test_quotations_are_told_by_domain_level_and_construct_with_who_said_them(tmp_path):
    assert write_quotations_csv(tmp_path / "q.csv", small_study()) == 3
    with (tmp_path / "q.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["domain"], row["level"], row["construct"]) for row in rows] == [
        ("Workforce", "micro", "Team"),
        ("Workforce", "meso", "Skills"),
        ("Paying & <costs>", "", "Budget"),
    ]
    assert (rows[0]["participant"], rows[0]["sector"], rows[0]["role"]) == ("P01", "Primary care", "Nurse")
    assert [row["decision"] for row in rows] == ["accepted", "suggested", "coded"]


def test_quotations_in_word_name_their_source_as_papers_do(tmp_path):
    write_quotations_word(tmp_path / "q.docx", small_study())
    first, _ = docx.Document(tmp_path / "q.docx").tables
    texts = [[cell.text for cell in row.cells] for row in first.rows]
    assert texts[1] == ["Micro level", "Micro level"]
    assert texts[2] == ["Team", "\u201cWe meet on Mondays. All of us.\u201d (P01, Primary care, Nurse)"]
    assert texts[4][1].endswith("(P01, Primary care, Nurse, suggestion, not coded)")


# Transcripts with comments


def document_of(transcript, *passages):
    return CodedDocument(transcript, {}, passages)


def test_comments_are_the_codings_of_their_coder(tmp_path):
    study = small_study()
    assert write_transcript(tmp_path / "P01.docx", study.documents[0], "Study") == 4
    found = codings_in(tmp_path / "P01.docx")
    read = read_transcript(tmp_path / "P01.docx")
    assert [(one.span.of(read.text), one.text, one.author) for one in found] == [
        ("We meet on Mondays. All of us.", "Team", "Anna"),
        ("We meet on Mondays. All of us.", "Memo: see P02", "Anna"),
        ("We meet on Mondays. All of us.", "Budget", "Anna"),
        ("The budget is tight.", "Suggested, not coded: Skills (60%)", SUGGESTED_BY),
    ]


def test_speakers_and_times_are_kept(tmp_path):
    write_transcript(tmp_path / "P01.docx", document_of(TALK))
    read = read_transcript(tmp_path / "P01.docx")
    assert [(turn.speaker, turn.started, words) for turn, words in read.talk()] == [
        ("P1", 0.0, "We meet on Mondays. All of us."),
        ("P1", 60.0, "The budget is tight."),
    ]


def test_a_text_without_times_is_read_again_as_it_was(sample, tmp_path):
    plain = next(one for one in sample.documents if one.transcript.turns[0].started is None)
    write_transcript(tmp_path / f"{plain.transcript.name}.docx", plain)
    read = read_transcript(tmp_path / f"{plain.transcript.name}.docx")
    assert read.text == plain.transcript.text
    assert [turn.span for turn in read.turns] == [turn.span for turn in plain.transcript.turns]


def test_every_coding_of_a_study_comes_back_from_its_comments(sample, tmp_path):
    names = {code.name for code in sample.codes}
    for document in sample.documents:
        path = tmp_path / f"{document.transcript.name}.docx"
        write_transcript(path, document)
        text = read_transcript(path).text
        found = Counter((one.span.of(text), one.text, one.author) for one in codings_in(path) if one.text in names)
        kept = [one for one in document.passages if not one.pending]
        assert found == Counter((one.text.strip(), given.code.name, one.coder) for one in kept for given in one.codes)


PIECES = st.sampled_from(["Yes", " ", "\n", "👩‍⚕️", "مرحبا", "e\u0301", "\t", "\ud800", "\x0b", "<b>", "&"])


@settings(max_examples=15, deadline=None)
@given(st.data(), st.lists(PIECES, min_size=1, max_size=12).map("".join))
def test_a_comment_stands_on_the_words_of_its_passage_whatever_they_are(tmp_path_factory, data, words):
    text = f"P1: Well, {words} then."
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    transcript = Transcript("t", text, (Turn(Span(4, len(text)), "P1", Role.PARTICIPANT),))
    path = tmp_path_factory.mktemp("word") / "t.docx"
    write_transcript(path, document_of(transcript, passage_of(transcript, span, CODED)))
    solid = "".join(printable(span.of(text)).split())
    if solid:  # a comment on nothing but blanks is taken for one on its paragraph
        (found,) = codings_in(path)
        assert "".join(found.span.of(_body(path)).split()) == solid


def _body(path):
    return word_pages(docx.Document(path).element.body).text


def test_word_files_hold_only_what_word_can_read(tmp_path):
    study = hostile_study(HOSTILE)
    write_quotations_word(tmp_path / "q.docx", study)
    write_framework_word(tmp_path / "f.docx", study)
    for document in study.documents:
        write_transcript(tmp_path / "t.docx", document)
        assert [one.author for one in codings_in(tmp_path / "t.docx")]
    texts = " ".join(words_of(tmp_path / "q.docx") + words_of(tmp_path / "f.docx"))
    assert printable("_x0041_ and \x0b\x00\ufffe") in texts
    assert span_of(TALK, "We").start == 4
    assert inert(DANGEROUS[0]).startswith("'")
