"""Word comments as codings: our own export comes back as it went, suggestions and remarks never become codes."""

from dataclasses import replace
from datetime import UTC, datetime

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.transcript import Span
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.comment_bundle import is_label
from pipeline.exchange.found import ImportRequest
from pipeline.exchange.importing import import_file
from pipeline.exchange.placing import trimmed
from pipeline.export.coded import CodedDocument, CodingStatus, GivenCode
from pipeline.export.transcript_word import write_transcript
from pipeline.session import StudySession
from pipeline.study import create_study, open_study
from tests.pipeline.coded_support import passage_of
from tests.pipeline.export_support import CODEBOOK, transcript_of

TIMED = transcript_of(
    "We meet 👩‍⚕️ here. All of us.", "ليس أنا من يدفع", "The budget 🙂 is tight; who pays?", name="P01"
)
TALK = replace(TIMED, turns=tuple(replace(turn, started=None, ended=None) for turn in TIMED.turns))
ENDS = st.tuples(st.integers(0, len(TALK.text)), st.integers(0, len(TALK.text))).map(sorted)
SPANS = ENDS.filter(lambda ends: TALK.text[slice(*ends)].strip()).map(lambda ends: Span(*ends))
WHEN = datetime(2026, 3, 2, 14, 5, 7, tzinfo=UTC)
GIVEN = st.builds(
    GivenCode,
    st.sampled_from(CODEBOOK.codes),
    st.sampled_from([CodingStatus.CODED, CodingStatus.ACCEPTED, CodingStatus.SUGGESTED]),
    st.just(0.73),
    st.sampled_from(["", "Ask again; soon.", "First line\nsecond line", "مرحبا"]),
)


@st.composite
def passages(draw):
    """Passages of several coders, nested and overlapping, no two of one coder at one place."""
    found = {}
    for span, coder in draw(st.lists(st.tuples(SPANS, st.sampled_from(["Ada", "Ben"])), max_size=6)):
        codes = draw(st.lists(GIVEN, min_size=1, max_size=3, unique_by=lambda given: given.code.id))
        pending = codes[0].status is CodingStatus.SUGGESTED
        codes = [given for given in codes if (given.status is CodingStatus.SUGGESTED) == pending]
        found[trimmed(span, TALK.text), coder, pending] = passage_of(TALK, span, *codes, coder=coder)
    return tuple(found.values())


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(coded=passages())
def test_word_export_comes_back_as_it_went(tmp_path, coded):
    path = tmp_path / "P01.docx"
    write_transcript(path, CodedDocument(TALK, {}, coded))
    expected = {
        (trimmed(passage.span, TALK.text), given.code.name, passage.coder, given.memo)
        for passage in coded
        for given in passage.codes
        if not passage.pending
    }
    if not coded:
        return
    bundle = read_bundle(path, ImportRequest(codebook=CODEBOOK))
    assert {(c.span, bundle.book[c.code].name, c.coder, c.memo) for c in bundle.found} == expected
    assert not bundle.notes


def test_a_suggestion_in_word_is_no_coding_whoever_saved_the_file(tmp_path):
    path = tmp_path / "P01.docx"
    span = TALK.turns[0].span
    given = GivenCode(CODEBOOK.codes[0], CodingStatus.SUGGESTED, 0.73)
    write_transcript(path, CodedDocument(TALK, {}, (passage_of(TALK, span, given),)))
    saved = docx.Document(str(path))
    for comment in saved.comments:
        comment.author = "Ada"
    saved.save(path)
    bundle = read_bundle(path, ImportRequest(codebook=CODEBOOK, comments_as_codes=True))
    assert not bundle.found
    assert bundle.remarks == ("1 suggestions of precode are no codings and were left out",)


def word_study(tmp_path):
    """A study with the small codebook and one transcript."""
    from pipeline.export.qda_project import codebook_toml

    folder = tmp_path / "study"
    create_study(folder)
    (folder / "codes.toml").write_text(codebook_toml(CODEBOOK))
    (folder / "study.toml").write_text('[study]\ncodebook = "codes.toml"\n')
    (folder / "transcripts" / "P01.txt").write_text(TALK.text, encoding="utf-8")
    return folder


def codings_of(folder):
    with StudySession(open_study(folder)) as session:
        return [
            (s.decision.coder, s.decision.span, s.decision.code, s.decision.time)
            for s in session.store.decisions.codings()
        ]


def test_a_coding_that_ends_in_a_blank_is_not_there_twice(tmp_path):
    folder = word_study(tmp_path)
    rows = '{"transcript": "P01", "start": 4, "end": %d, "code": "work.team", "coder": "Ada"}\n'
    (tmp_path / "c.jsonl").write_text(rows % (TALK.text.index("here") + 6))
    assert import_file(tmp_path / "c.jsonl", folder).decisions == 1
    [(_, span, _, _)] = codings_of(folder)
    assert span.of(TALK.text).endswith(" ")
    given = GivenCode(CODEBOOK.codes[0], CodingStatus.CODED)
    write_transcript(tmp_path / "P01.docx", CodedDocument(TALK, {}, (passage_of(TALK, span, given, coder="Ada"),)))
    report = import_file(tmp_path / "P01.docx", folder)
    assert (report.codings, report.decisions, len(codings_of(folder))) == (1, 0, 1)


def test_dates_of_comments_are_kept(tmp_path):
    folder = word_study(tmp_path)
    given = GivenCode(CODEBOOK.codes[0], CodingStatus.CODED, time=WHEN)
    span = TALK.turns[0].span
    write_transcript(tmp_path / "P01.docx", CodedDocument(TALK, {}, (passage_of(TALK, span, given, coder="Ada"),)))
    import_file(tmp_path / "P01.docx", folder)
    assert codings_of(folder) == [("Ada", span, "work.team", WHEN)]


def commented(path, *texts):
    document = docx.Document()
    paragraph = document.add_paragraph("Anna: ")
    for text in texts:
        document.add_comment(paragraph.add_run("The nurse rang me. "), text=text, author="Ada")
    document.add_paragraph("INT: And then?")
    document.save(path)


def test_remarks_make_no_codes_unless_asked_for(tmp_path):
    path = tmp_path / "P02.docx"
    commented(path, "Team", "Check this with the recording, please.", "Other theme", "team; Skills")
    study = import_file(path, tmp_path / "new")
    assert (study.added, study.codings, study.unmatched) == (1, 0, {"Team": 2, "Other theme": 1, "Skills": 1})
    assert open_study(tmp_path / "new").settings.study.codebook == "selfie"
    assert any("1 comments read like remarks" in remark for remark in study.remarks)
    assert any("--comments-as-codes" in remark for remark in study.remarks)
    asked = import_file(path, tmp_path / "asked", comments_as_codes=True)
    assert (asked.codings, asked.codes, asked.unmatched) == (5, 4, {})
    known = import_file(path, word_study(tmp_path))
    assert (known.codings, known.unmatched, known.codes) == (3, {"Other theme": 1}, 3)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Team", True),
        ("Workforce / Team", True),
        ("Access to care and costs", True),
        ("unclear, 00:12:01, listen again?", False),
        ("She says this about her husband who died", True),
        ("She says this about her husband who died last year", False),
        ("Memo: ask again", False),
        ("x" * 61, False),
    ],
)
def test_is_label(text, label):
    assert is_label(text) is label
