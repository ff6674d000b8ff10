"""Whatever people coded comes back from every form that holds it: same place, code, coder and memo."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.readers import read_transcript
from corpus.refi import DIALECTS
from corpus.transcript import Span
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.found import ImportRequest
from pipeline.exchange.placing import place, trimmed
from pipeline.export.codebook_table import write_codebook_csv, write_codebook_sheet, write_tags
from pipeline.export.coded import CodedDocument, CodedStudy, CodingStatus, GivenCode, Memo, labels_of
from pipeline.export.label_studio import write_tasks
from pipeline.export.passages_sheet import write_passages
from pipeline.export.qda_project import matched
from pipeline.export.qdpx import write_coded_qdpx
from pipeline.export.taguette_project import write_project
from pipeline.export.transcript_word import write_transcript
from tests.pipeline.coded_support import passage_of
from tests.pipeline.export_support import ORIGIN, transcript_of

BOOK = Codebook(
    "ward",
    "1",
    (
        Code("work.team", "Team", "Workforce", "micro", "People: all.", "Rounds", "Families"),
        Code("pay.team", "Team", "Payers", "micro"),
        Code("pay.plan", "Plan: who / when", "Payers", "macro"),
        Code("mood", "🙂 mood & <more>", "Payers"),
        Code("dots", "e.g. Dr. B.", "Über alles"),
    ),
)
SAID = (
    "We meet 👩‍⚕️ here. All of us.",
    "ليس أنا من يدفع",
    "All of us.",
    "So. 🙂 So. e\u0301 & <b>",
    "All of us. All of us.",
)
TIMED = transcript_of(*SAID, name="P01")
TALK = replace(TIMED, turns=tuple(replace(turn, started=None, ended=None) for turn in TIMED.turns))
TEXT = TALK.text
LINE_STARTS = [0, *(n + 1 for n, character in enumerate(TEXT) if character == "\n")]
PARAGRAPHS = list(pairwise(LINE_STARTS))
ENDS = st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(sorted)
SPANS = (
    (ENDS | st.sampled_from(PARAGRAPHS)).filter(lambda ends: TEXT[slice(*ends)].strip()).map(lambda ends: Span(*ends))
)
MEMOS = st.sampled_from(["", "", "Ask again; soon.", "First line\nsecond line", "مرحبا & <b>", "=1+1"])
STATUSES = st.sampled_from([CodingStatus.CODED, CodingStatus.CODED, CodingStatus.ACCEPTED, CodingStatus.SUGGESTED])
WHEN = datetime(2026, 3, 2, 14, 5, 7, tzinfo=UTC)
CODERS = st.sampled_from(["Ada", "Ben (2)", "Zoë", "هدى"])


@st.composite
def studies(draw):
    """Passages of several coders, nested and overlapping, no two of one coder at one place; memos everywhere."""
    found = {}
    for span, coder in draw(st.lists(st.tuples(SPANS, CODERS), max_size=7)):
        status = draw(STATUSES)
        codes = draw(st.lists(st.sampled_from(BOOK.codes), min_size=1, max_size=3, unique=True))
        pending = status is CodingStatus.SUGGESTED
        given = [
            GivenCode(code, status, 0.7, "" if pending else draw(MEMOS), key=f"c{len(found)}{n}", time=WHEN)
            for n, code in enumerate(codes)
        ]
        whose = "precode x" if pending else coder
        found[trimmed(span, TEXT), whose] = passage_of(TALK, span, *given, coder=whose)
    texts = st.sampled_from(["", "Sounded tired.", "Two\n\nlines: مرحبا", "Memo of the day 🙂"])
    on_text = {coder: text for coder in ("Ada", "Ben (2)") if (text := draw(texts))}
    on_code = {code: text for code in BOOK.codes if (text := draw(texts))}
    memos = tuple(Memo(coder, text, WHEN) for coder, text in on_text.items())
    document = CodedDocument(TALK, {}, tuple(found.values()), memos)
    return CodedStudy(BOOK, (document,), ORIGIN, memos=tuple(Memo("Ada", t, WHEN, c.id) for c, t in on_code.items()))


def there_and_back(write, name, study, folder):
    """Return the codings and memos that a file brings into the study that it came from."""
    path = folder / name
    write(path, study)
    bundle = read_bundle(path, ImportRequest(lambda: {"P01": TALK}, BOOK))
    brought = dict(bundle.texts) or {file.stem: read_transcript(file).text for file in bundle.files}
    placed = place(bundle.found, brought, {"P01": TALK})
    assert not placed.lost
    assert not placed.changed
    codes = matched(bundle.book, bundle.guids, BOOK) if bundle.book else {}
    found = {(trimmed(c.span, TEXT), codes[c.code], c.coder, c.memo) for c in placed.codings}
    return found, {(memo.transcript, codes.get(memo.code, ""), memo.coder, memo.text) for memo in bundle.memos}


def codings_of(study, memo_of=lambda passage, given: given.memo):
    return {
        (trimmed(passage.span, TEXT), given.code.id, passage.coder, memo_of(passage, given))
        for passage, given in study.given()
        if not passage.pending
    }


def memos_of(study, *, codes=True):
    on_text = {("P01", "", memo.coder, memo.text) for memo in study.documents[0].memos}
    return on_text | {("", memo.code, memo.coder, memo.text) for memo in study.memos if codes}


many = settings(
    max_examples=20,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink documents takes minutes
)


@pytest.mark.parametrize("tool", sorted(DIALECTS))
@many
@given(study=studies())
def test_projects_come_back_whatever_the_tool(tmp_path, tool, study):
    def write(path, coded):
        write_coded_qdpx(path, coded, tool=tool)

    codings, memos = there_and_back(write, "p.qdpx", study, tmp_path)
    assert codings == codings_of(study)
    assert memos == memos_of(study)


@many
@given(study=studies())
def test_word_documents_come_back(tmp_path, study):
    if not any(True for _ in study.passages()) and not study.documents[0].memos:
        return  # a document without comments says so
    codings, memos = there_and_back(
        lambda path, coded: write_transcript(path, coded.documents[0], "", labels_of(BOOK.codes)),
        "P01.docx",
        study,
        tmp_path,
    )
    assert codings == codings_of(study)
    assert memos == memos_of(study, codes=False)


@many
@given(study=studies())
def test_passages_in_excel_come_back(tmp_path, study):
    if not codings_of(study):
        return  # nothing but memos is no table of codings

    def memo_of(passage, _):
        return "\n".join(dict.fromkeys(given.memo for given in passage.codes if given.memo))

    codings, memos = there_and_back(write_passages, "p.xlsx", study, tmp_path)
    assert codings == codings_of(study, memo_of)
    assert memos == memos_of(study)


@many
@given(study=studies())
def test_projects_of_taguette_come_back(tmp_path, study):
    codings, memos = there_and_back(write_project, "p.sqlite3", study, tmp_path)
    assert codings == codings_of(study, lambda passage, given: "")
    assert memos == memos_of(study)


@many
@given(study=studies())
def test_tasks_of_label_studio_come_back(tmp_path, study):
    codings, memos = there_and_back(write_tasks, "p.json", study, tmp_path)
    assert codings == codings_of(study)
    assert memos == memos_of(study)


@pytest.mark.parametrize(
    ("name", "write"),
    [("c.csv", write_codebook_csv), ("c.xlsx", write_codebook_sheet), ("tags.csv", write_tags)],
)
@many
@given(study=studies())
def test_memos_on_codes_come_back_from_codebook_tables(tmp_path, name, write, study):
    write(tmp_path / name, study.codebook, study.memos)
    bundle = read_bundle(tmp_path / name)
    codes = matched(bundle.book, bundle.guids, BOOK)
    assert {(codes[memo.code], memo.coder, memo.text) for memo in bundle.memos} == {
        (memo.code, memo.coder, memo.text) for memo in study.memos
    }
    assert {codes[code.id]: code.definition for code in bundle.book.codes} == {
        code.id: code.definition for code in BOOK.codes
    }
