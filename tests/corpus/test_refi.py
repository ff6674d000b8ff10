"""REFI-QDA projects and codebooks: round trip, every tool's habits, the schema."""

import io
import re
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from corpus.refi import (
    DIALECTS,
    Project,
    QdaCase,
    QdaCode,
    QdaCoding,
    QdaNote,
    Selection,
    TextSource,
    User,
    Value,
    Variable,
    codes_xml,
    project_bytes,
    read_codes,
    read_project,
)
from corpus.refi.offsets import HYPOTHESES, canonical, scanned
from corpus.refi.read import ABSENT
from corpus.refi.xml import guid_of
from tests.corpus.refi_samples import TALK, archive_of, codes_of, parts_of, project_of, qde, samples, text_source

SHARED = Path(__file__).parents[3] / "shared"
SCHEMA = SHARED / "refi-qda" / "Project.xsd"
REAL = SHARED / "data" / "formats" / "refi-qda" / "TestProject.qdpx"
needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason=f"no schema at {SCHEMA} (it is not ours to ship)")
needs_real = pytest.mark.skipif(not REAL.exists(), reason=f"no ATLAS.ti project at {REAL}")


@pytest.fixture
def keep(tmp_path):
    def write(data, name="study.qdpx"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def quoted(reading):
    """The words under every selection of a reading."""
    return [one.text[each.start : each.end] for one in reading.project.sources for each in one.selections]


@pytest.mark.parametrize("tool", DIALECTS)
def test_a_project_comes_back_as_it_was_whatever_the_tool(keep, tool):
    project = project_of()
    assert read_project(keep(project_bytes(project, DIALECTS[tool]))).project == project


@needs_schema
@pytest.mark.parametrize("tool", DIALECTS)
def test_what_is_written_is_valid(tool):
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    schema.assertValid(etree.fromstring(parts_of(project_bytes(project_of(), DIALECTS[tool]))["project.qde"]))


@needs_schema
def test_a_codebook_is_valid_where_a_project_holds_it():
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    inner = codes_xml(codes_of()).decode().partition("?>")[2].replace("codebook:1.0", "project:1.0")
    inner = inner[: inner.index(" origin")] + inner[inner.index(">") :]
    schema.assertValid(etree.fromstring(f'<Project xmlns="urn:QDA-XML:project:1.0" name="p">{inner}</Project>'))


def test_a_codebook_comes_back(keep):
    assert read_codes(keep(codes_xml(codes_of()), "book.qdc")) == ("book", codes_of())
    assert read_codes(keep(project_bytes(project_of())))[1] == codes_of()


@needs_real
def test_a_project_of_atlas_ti_is_read(keep):
    reading = read_project(REAL)
    assert reading.project.users[0].name == "ATLAS.ti"
    assert len(reading.project.codes) == 14
    assert reading.origin.startswith("ATLAS.ti 8")
    assert {one.why for one in reading.left_out} >= {ABSENT, "is a picture"}
    assert sum(one.codings for one in reading.left_out) > 10


@needs_real
def test_positions_of_atlas_ti_are_code_points_with_an_exclusive_end():
    """Its texts are not in the file, but many selections bear their words whole, and those are as long as they say."""
    found = etree.parse(REAL.with_name("Project.qde")).getroot().iter("{*}PlainTextSelection")
    spans = [(int(one.get("endPosition")) - int(one.get("startPosition")), one.get("name")) for one in found]
    assert sum(length == len(words) for length, words in spans) >= 3


VARIANTS = {
    "CR LF as one": ("\r\n", "", 1, False, 0, False),
    "CR LF as two": ("\r\n", "", 2, False, 0, False),
    "LF as two": ("\n", "", 2, False, 0, False),
    "UTF-16": ("\n", "", 1, True, 0, False),
    "UTF-16, CR LF as two": ("\r\n", "\ufeff", 2, True, 0, False),
    "mark counted": ("\n", "\ufeff", 1, False, 1, False),
    "end included": ("\n", "", 1, False, 0, True),
    "old Mac": ("\r", "", 1, False, 0, False),
}


def places_of(raw, counting, quotes, *, named=True):
    mapping = counting.of(scanned(raw))
    text = canonical(raw)
    for quote in quotes:
        start = text.index(quote)
        yield (*mapping.stretch(start, start + len(quote)), quote if named else "")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("named", [True, False], ids=["quoted", "bare"])
def test_positions_are_understood_by_the_quoted_words_or_by_word_edges(keep, variant, named):
    line_end, mark, *counting = VARIANTS[variant]
    hypothesis = type(HYPOTHESES[0])(*counting)
    raw = mark + TALK.replace("\n", line_end)
    quotes = ("nurse rang", "every week", "money", "Nobody told us", "for the ride")
    source = text_source("x", *places_of(raw, hypothesis, quotes, named=named))
    reading = read_project(keep(archive_of({"Odd Name.qde": qde(source), "Sources/ONE.TXT": raw.encode()})))
    assert quoted(reading) == list(quotes)
    [placement] = reading.placements
    if named:
        assert placement.agree == len(quotes)
        assert placement.evidence == "quoted text"
    if hypothesis.of(scanned(raw)).stretch(60, 70) != (60, 70):
        assert placement.repaired
        assert hypothesis.says in placement.says


def test_a_selection_whose_words_are_elsewhere_is_moved_and_told(keep):
    words = "Nobody told us who pays —"
    source = text_source("x", (0, 4, "INT:"), (3, 30, words))
    reading = read_project(keep(archive_of({"p.qde": qde(source), "sources/one.txt": TALK.encode()})))
    assert quoted(reading) == ["INT:", words]
    assert "1 moved to the words they quote" in reading.placements[0].says


def test_a_selection_outside_the_text_is_left_out_and_told(keep):
    source = text_source("x", (0, 3, "INT"), (9000, 9010, ""), ("-", "x", ""))
    reading = read_project(keep(archive_of({"p.qde": qde(source), "sources/one.txt": TALK.encode()})))
    assert quoted(reading) == ["INT"]
    assert "2 outside the text left out" in reading.placements[0].says


def test_a_relative_path_leads_beside_the_archive_and_nowhere_else(keep, tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "one.txt").write_text(TALK)
    (tmp_path.parent / "secret.txt").write_text("secret")
    inside = text_source("a", (0, 3, ""), path="relative:///media/one.txt", name="inside")
    outside = text_source("b", (0, 3, ""), path="relative:///../secret.txt", name="outside")
    absolute = text_source("c", (0, 3, ""), path="absolute:///etc/hostname", name="absolute")
    reading = read_project(keep(archive_of({"p.qde": qde(inside + outside + absolute)})))
    assert [one.name for one in reading.project.sources] == ["inside"]
    assert [one.says for one in reading.left_out] == [
        f"outside: left out with 1 codings: {ABSENT}",
        f"absolute: left out with 1 codings: {ABSENT}",
    ]


def test_a_text_may_stand_in_the_project_file(keep):
    inside = text_source("x", (0, 3, "INT")).replace(
        ' plainTextPath="internal://one.txt">', f"><PlainTextContent>{TALK}</PlainTextContent>"
    )
    assert quoted(read_project(keep(qde(inside), "p.qde"))) == ["INT"]


def test_a_source_may_be_a_word_document_alone(keep):
    document, buffer = docx.Document(), io.BytesIO()
    for line in TALK.splitlines():
        document.add_paragraph(line)
    document.save(buffer)
    start = TALK.index("who pays")
    source = text_source("x", (start, start + 8, "who pays")).replace("plainTextPath", "richTextPath")
    source = source.replace("one.txt", "ONE.docx")
    reading = read_project(keep(archive_of({"p.qde": qde(source), "Sources/one.DOCX": buffer.getvalue()})))
    assert quoted(reading) == ["who pays"]
    broken = read_project(keep(archive_of({"p.qde": qde(source), "sources/one.docx": b"PK\x03\x04 no zip"})))
    assert broken.left_out[0].why.startswith("is damaged")


def test_the_text_of_a_pdf_is_read_where_the_project_has_it(keep):
    inner = text_source("x", (0, 3, "INT")).replace("TextSource", "Representation")
    pdf = f'<PDFSource guid="{guid_of("pdf")}" name="paper.pdf">{inner}</PDFSource>'
    reading = read_project(keep(archive_of({"p.qde": qde(pdf), "sources/one.txt": TALK})))
    assert ([one.name for one in reading.project.sources], quoted(reading)) == (["paper.pdf"], ["INT"])


def test_guids_are_the_same_in_braces_and_in_any_case(keep):
    data = parts_of(project_bytes(project_of()))
    odd = re.sub(
        rb'(?i)((?:guid|user)=")([0-9a-f-]{36})"', lambda m: m[1] + b"{" + m[2].upper() + b'}"', data["project.qde"]
    )
    assert odd != data["project.qde"]
    assert read_project(keep(archive_of({**data, "project.qde": odd}))).project == project_of()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_texts_of_old_programs_are_decoded(keep, encoding):
    text = "INT: Où ?\nAnna: Là — \u201cvoilà\u201d.\n"
    source = text_source("x", (text.index("Là"), len(text) - 1, ""))
    reading = read_project(keep(archive_of({"p.qde": qde(source), "one.txt": text.encode(encoding)})))
    assert reading.project.sources[0].text == text
    assert quoted(reading) == ["Là — \u201cvoilà\u201d."]


def test_every_sample_can_be_read(keep):
    for name, data in samples().items():
        path = keep(data, name)
        assert read_codes(path)[1] if path.suffix == ".qdc" else read_project(path).project.codes == codes_of()


# Round trip of anything that can be held

GUIDS = st.uuids().map(str)
CHARACTERS = st.characters(
    exclude_categories=("Cs",), exclude_characters="\r\ufffe\uffff" + "".join(map(chr, range(9)))
)
LINES = st.text(CHARACTERS.filter(lambda c: c >= " " or c in "\n\t"), max_size=30)
NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
TEXTS = st.lists(
    st.one_of(LINES, st.sampled_from(["\n", "👩‍⚕️", "\u202eabc\u202c", "مرحبا", "word word", "\u2028", "é"])),
    min_size=1,
    max_size=8,
).map(lambda parts: "x" + "".join(parts))
MOMENTS = st.sampled_from(["", "2026-01-05T09:30:00Z", "2019-03-04T00:00:00.5+01:00"])
NOTED = st.lists(GUIDS, max_size=2).map(tuple)
CODINGS = st.builds(QdaCoding, GUIDS, GUIDS, GUIDS, MOMENTS, NOTED)
VALUES = st.builds(Value, GUIDS, st.sampled_from(["Text", "Integer"]), st.just("7")) | st.builds(Value, GUIDS)
LEAVES = st.builds(QdaCode, GUIDS, NAMES, LINES, st.booleans(), st.sampled_from(["", "#00ff00"]), NOTED)
CODES = st.recursive(
    LEAVES,
    lambda inner: st.builds(QdaCode, GUIDS, NAMES, codes=st.lists(inner, max_size=3).map(tuple)),
    max_leaves=6,
)


@st.composite
def sources(draw):
    text = draw(TEXTS)
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    found = [
        Selection(draw(GUIDS), *draw(ends), "", "", draw(GUIDS), draw(MOMENTS), (draw(CODINGS),), draw(NOTED))
        for _ in range(draw(st.integers(0, 4)))
    ]
    more = draw(st.lists(CODINGS, max_size=1).map(tuple)), draw(NOTED), draw(st.lists(VALUES, max_size=2).map(tuple))
    return TextSource(draw(GUIDS), draw(NAMES), text, draw(LINES), draw(GUIDS), draw(MOMENTS), tuple(found), *more)


PROJECTS = st.builds(
    Project,
    NAMES,
    st.lists(st.builds(User, GUIDS, NAMES), max_size=2).map(tuple),
    st.lists(CODES, max_size=3).map(tuple),
    st.lists(st.builds(Variable, GUIDS, NAMES, st.just("Text"), LINES), max_size=2).map(tuple),
    st.lists(
        st.builds(QdaCase, GUIDS, NAMES, LINES, NOTED, st.lists(VALUES, max_size=2).map(tuple), NOTED, NOTED),
        max_size=2,
    ).map(tuple),
    st.lists(sources(), max_size=3, unique_by=lambda one: one.guid).map(tuple),
    st.lists(st.builds(QdaNote, GUIDS, NAMES, LINES, LINES, GUIDS, MOMENTS), max_size=2).map(tuple),
)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(project=PROJECTS, tool=st.sampled_from(sorted(DIALECTS)))
def test_the_round_trip_loses_nothing(tmp_path_factory, project, tool):
    path = tmp_path_factory.mktemp("refi") / "p.qdpx"
    path.write_bytes(project_bytes(project, DIALECTS[tool]))
    assert read_project(path).project == project


@given(
    raw=st.lists(st.sampled_from(["a", " ", "\r\n", "\n", "\r", "🙂", "\u0301"])).map("".join),
    hypothesis=st.sampled_from(HYPOTHESES),
    data=st.data(),
)
def test_positions_lead_to_offsets_and_back(raw, hypothesis, data):
    mapping, text = hypothesis.of(scanned(raw)), canonical(raw)
    offset = data.draw(st.integers(0, len(text)))
    assert mapping.length == len(text)
    assert mapping.offset(mapping.position(offset)) == offset
    assert mapping.span(*mapping.stretch(offset, len(text))) == (offset, len(text))


def test_guids_are_the_same_in_every_export():
    assert guid_of("code", "a") == guid_of("code", "a") != guid_of("code", "b")
    assert project_bytes(project_of()) == project_bytes(project_of())
