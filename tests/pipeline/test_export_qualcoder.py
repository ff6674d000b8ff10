"""What QualCoder can hold arrives there: every code under its domain, cases with documents, memos; and comes back."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.refi import DIALECTS, project_bytes, read_project
from corpus.refi.model import walk
from corpus.shipped import selfie
from corpus.transcript import Span
from pipeline.exchange.bundle import read_bundle
from pipeline.export.coded import CodedDocument, CodedStudy, CodingStatus, GivenCode, Memo
from pipeline.export.qda_project import book_of, described, matched, memos_in, project_of
from pipeline.export.qdpx import write_coded_qdpx
from pipeline.export.qualcoder_project import for_qualcoder
from tests.pipeline.coded_support import passage_of
from tests.pipeline.export_support import ORIGIN, transcript_of

WHEN = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
CODES = (
    Code("a.team", "Team", "Workforce", "micro", "People.", "Rounds", "Families"),
    Code("b.team", "Team", "Payers", "micro"),
    Code("a.core", "Core", "Workforce", "core"),
    Code("b.core", "Purse", "Payers", "core"),
    Code("loose", "Loose", "Payers"),
)
BOOK = Codebook("demo", "1", CODES)
TALK = transcript_of("We meet 🙂 here.", "ليس أنا", name="P01")


def study_of(book=BOOK):
    given = [GivenCode(code, CodingStatus.CODED, time=WHEN) for code in book.codes[:3]]
    person = {"id": "P01", "role": "nurse"}
    passages = (passage_of(TALK, TALK.turns[0].span, *given, participant=person),)
    document = CodedDocument(TALK, person, passages, (Memo("Anna", "Sounded tired.", WHEN),))
    return CodedStudy(
        book, (document,), ORIGIN, ("id", "role"), memos=(Memo("Ben", "Too broad?", WHEN, book.codes[0].id),)
    )


def test_names_are_unique_in_categories_and_in_codes():
    for book in (BOOK, selfie()):
        project = for_qualcoder(project_of(study_of(book)))
        names = Counter((code.codable, code.name) for code, _ in walk(project.codes))
        assert max(names.values()) == 1
        assert all(not code.notes for code, _ in walk(project.codes))  # QualCoder leaves such a code out


def test_every_code_keeps_its_domain_and_level_there_and_back():
    for book in (BOOK, selfie()):
        project = for_qualcoder(project_of(study_of(book)))
        own, _ = book_of("back", project.codes[: len(book.domains)])
        assert sorted((c.name, c.domain, c.level or "", c.definition) for c in own.codes) == sorted(
            (c.name, c.domain, c.level or "", c.definition) for c in book.codes
        )
        known_by_name = matched(own, {}, book)
        assert len(known_by_name) == len(book.codes)


def test_a_case_is_coded_on_its_documents_and_is_no_code_of_ours(tmp_path):
    write_coded_qdpx(tmp_path / "p.qdpx", study_of(), tool="qualcoder")
    project = read_project(tmp_path / "p.qdpx").project
    [case] = project.cases
    coded = [s for s in project.sources[0].selections if case.guid in {coding.code for coding in s.codings}]
    assert [Span(s.start, s.end) for s in coded] == [Span(0, len(TALK.text))]
    assert case.guid in {code.guid for code, _ in walk(project.codes)}
    bundle = read_bundle(tmp_path / "p.qdpx")
    assert len(bundle.book.codes) == 5
    assert [dict(person) for person in bundle.people] == [{"id": "P01", "role": "nurse"}]
    assert bundle.remarks == ("1 passages belong to a case, which keeps their documents, and not to a code",)
    assert len(bundle.found) == 3


def test_memos_and_dates_come_back_whatever_the_tool(tmp_path):
    for tool in DIALECTS:
        write_coded_qdpx(tmp_path / f"{tool}.qdpx", study_of(), tool=tool)
        bundle = read_bundle(tmp_path / f"{tool}.qdpx")
        assert {(memo.text, bool(memo.transcript), bool(memo.code)) for memo in bundle.memos} == {
            ("Sounded tired.", True, False),
            ("Too broad?", False, True),
        }
        assert {coding.time for coding in bundle.found} == {WHEN}
        assert {(memo.coder, memo.text) for memo in bundle.memos} == {("Anna", "Sounded tired."), ("Ben", "Too broad?")}
    assert project_bytes(project_of(study_of())) == project_bytes(project_of(study_of()))


TEXTS_OF_MEMOS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=30)


@given(
    about=TEXTS_OF_MEMOS.filter(lambda text: "Memo" not in text),
    memos=st.lists(st.tuples(st.sampled_from(["Ana", "Ben (2)", "هدى", "a: b"]), TEXTS_OF_MEMOS), max_size=3),
)
def test_memos_at_the_end_of_a_description_are_known_again(about, memos):
    memos = [(coder, text.strip()) for coder, text in memos if "Memo" not in text]
    before, found = memos_in(described(about, memos))
    assert found == memos
    assert before == (about.strip() if memos else about)


def test_codes_of_one_passage_keep_memos_and_dates_of_their_own(tmp_path):
    later = WHEN + timedelta(days=1)
    given_codes = [
        GivenCode(CODES[0], CodingStatus.CODED, memo="first", time=WHEN),
        GivenCode(CODES[1], CodingStatus.CODED, memo="second\nline", time=later),
        GivenCode(CODES[2], CodingStatus.CODED, time=later),
    ]
    passages = (passage_of(TALK, TALK.turns[0].span, *given_codes),)
    study = CodedStudy(BOOK, (CodedDocument(TALK, {}, passages),), ORIGIN)
    for tool in DIALECTS:
        write_coded_qdpx(tmp_path / f"{tool}.qdpx", study, tool=tool)
        found = read_bundle(tmp_path / f"{tool}.qdpx").found
        assert [(coding.memo, coding.time) for coding in found] == [
            ("first", WHEN),
            ("second\nline", later),
            ("", later),
        ]
