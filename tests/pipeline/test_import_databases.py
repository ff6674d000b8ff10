"""Projects of QualCoder and Taguette as they lie on disk, annotations of Label Studio and doccano."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.transcript import Span
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.found import ImportRequest
from pipeline.exchange.importing import import_file
from pipeline.exchange.taguette_database import text_in
from pipeline.export.coded import CodingStatus, GivenCode
from pipeline.export.label_studio import write_tasks
from tests.pipeline.coded_support import coded_study, passage_of
from tests.pipeline.export_support import CODEBOOK, transcript_of

TEXT = "Int: And 🙂?\nJane: I wait nine weeks. ليس أنا\nJane: I wait nine weeks, I said.\n"

QUALCODER = """
CREATE TABLE project (databaseversion text, date text, memo text, about text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text, owner text,
  date text);
CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text, supercatid integer);
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text,
  date text, color text);
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text, pos0 integer, pos1 integer,
  owner text, date text, memo text);
CREATE TABLE annotation (anid integer primary key, fid integer, pos0 integer, pos1 integer, memo text, owner text);
CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text);
CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer);
CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer);
"""


def database(path, schema, **tables):
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema)
        for table, rows in tables.items():
            for row in rows:
                marks = ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
        connection.commit()
    return path


def ward(tmp_path, shift=0):
    """A project of QualCoder; positions are off by ``shift`` as when emoji count two."""
    first = TEXT.index("I wait")
    return database(
        tmp_path / "ward.qda" / "data.qda",
        QUALCODER,
        project=[("v5", "", "What this is about.", "")],
        source=[(1, "P01.docx", TEXT, None, "By phone.", "Ada", ""), (2, "a.mp3", None, "/audio/a.mp3", "", "Ada", "")],
        code_cat=[(1, "Access", "Ada", "", "All of it.", None), (2, "Waiting", "Ada", "", "", 1)],
        code_name=[(1, "Weeks", "How long.", 2, "Ada", "", ""), (2, " ", "", None, "Ada", "", "")],
        code_text=[
            (1, 1, 1, "I wait nine weeks", first + shift, first + 17 + shift, "José ", "2024-03-10 02:30:00", "again"),
            (2, 2, 1, "ليس أنا", TEXT.index("ليس") + shift, TEXT.index("ليس") + 7 + shift, "Ben", "", ""),
        ],
        annotation=[(1, 1, 0, 3, "Who?", "Ada")],
        cases=[(1, "P01", "The first.", "Ada", "")],
        case_text=[(1, 1, 1, 0, len(TEXT))],
        attribute=[(1, "role", "case", "carer", 1)],
    ).parent


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("shift", [0, 1], ids=["code points", "UTF-16"])
def test_a_project_folder_of_qualcoder(tmp_path, alone, shift):
    folder = ward(tmp_path, shift)
    bundle = read_bundle(folder / "data.qda" if alone else folder)
    assert bundle.name == "ward"
    assert [(c.span.of(TEXT), c.code, c.coder, c.memo) for c in bundle.found] == [
        ("I wait nine weeks", "weeks", "José", "again"),
        ("ليس أنا", "unnamed", "Ben", ""),
    ]
    assert bundle.found[0].time == datetime(2024, 3, 10, 2, 30, tzinfo=UTC)
    assert [(c.name, c.domain, c.definition) for c in bundle.book.codes] == [
        ("unnamed", "Codes", ""),
        ("Weeks", "Access / Waiting", "How long."),
    ]
    assert [dict(person) for person in bundle.people] == [{"id": "P01", "role": "carer"}]
    assert {note["kind"] for note in bundle.notes} == {"project", "case", "category", "source", "annotation"}
    assert [(memo.text, memo.transcript, memo.coder) for memo in bundle.memos] == [("By phone.", "P01", "Ada")]
    assert "1 sources without text left out" in bundle.remarks


def test_a_folder_of_qualcoder_becomes_a_study_once(tmp_path):
    folder = ward(tmp_path)
    first, again = (import_file(folder, tmp_path / "study") for _ in range(2))
    assert (first.added, first.codings, first.decisions, first.memos) == (1, 2, 2, 1)
    assert (again.added, again.codings, again.decisions, again.memos) == (0, 2, 0, 0)


TAGUETTE = """
CREATE TABLE projects (id integer primary key, name text, description text);
CREATE TABLE documents (id integer primary key, name text, description text, contents text);
CREATE TABLE tags (id integer primary key, path text, description text);
CREATE TABLE highlights (id integer primary key, document_id integer, start_offset integer, end_offset integer,
  snippet text);
CREATE TABLE highlight_tags (highlight_id integer, tag_id integer);
CREATE TABLE commands (id integer primary key, user_login text, payload text);
"""
HTML = "<p>Int: And 🙂?</p><p>Jane: I wait <b>nine</b> weeks. ليس أنا</p><p>Jane: I wait nine weeks, I said.</p>"


def test_a_database_of_taguette(tmp_path):
    second = len(TEXT[: TEXT.rindex("I wait")].replace("\n", "").encode())
    path = database(
        tmp_path / "ward.sqlite3",
        TAGUETTE,
        projects=[(1, "ward", "")],
        documents=[(1, "P01.txt", "", HTML)],
        tags=[(1, "access.waiting", "How long."), (2, "money", "")],
        highlights=[
            (1, 1, second, second + 17, "I wait nine weeks"),
            (2, 1, 0, 9, "Int: And 🙂"),
            (3, 1, 0, 9, "<p>never said</p>"),
        ],
        highlight_tags=[(1, 1), (1, 2), (2, 2), (3, 2)],
        commands=[
            (1, "ada", json.dumps({"type": "highlight_add", "highlight_id": 1})),
            (2, "ben", json.dumps({"type": "highlight_add", "highlight_id": 2})),
            (3, "ben", "no json"),
        ],
    )
    bundle = read_bundle(path)
    assert bundle.texts == {"P01": TEXT.strip()}
    assert [(c.span.start, c.exact, bundle.book[c.code].name, c.coder) for c in bundle.found] == [
        (TEXT.rindex("I wait"), "I wait nine weeks", "waiting", "ada"),
        (TEXT.rindex("I wait"), "I wait nine weeks", "money", "ada"),
        (0, "Int: And 🙂", "money", "ben"),
    ]
    assert bundle.remarks == ("1 highlights left out: words found nowhere",)


def test_text_in_html_has_a_line_for_each_block():
    assert text_in(HTML) == TEXT.strip()
    assert text_in("a &amp; b<br/>c<!-- no --><script></script>") == "a & b\nc"
    assert text_in("") == ""


@given(st.binary(max_size=300))
def test_any_file_is_a_database_or_told(tmp_path_factory, data):
    for name in ("p.qda", "p.sqlite3"):
        path = tmp_path_factory.mktemp("db") / name
        path.write_bytes(b"SQLite format 3\x00" + data)
        with pytest.raises(InputError):
            read_bundle(path)


def test_a_database_of_something_else_is_told(tmp_path):
    other = database(tmp_path / "x.sqlite3", "CREATE TABLE t (a)")
    with pytest.raises(InputError, match="no database of Taguette"):
        read_bundle(other)
    other.rename(tmp_path / "x.qda")
    with pytest.raises(InputError, match="no project of QualCoder"):
        read_bundle(tmp_path / "x.qda")
    (tmp_path / "empty.qda").mkdir()
    with pytest.raises(InputError, match=r"holds no data\.qda"):
        read_bundle(tmp_path / "empty.qda")


@pytest.mark.parametrize(
    "name", ["a.nvp", "a.nvpx", "a.mx22", "a.mx24", "a.mex22", "a.atlproj", "a.atlproj23", "A.NVPX"]
)
def test_closed_projects_are_answered_with_the_way_out(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match="export it there as REFI-QDA"):
        read_bundle(tmp_path / name)


def test_tasks_of_label_studio_come_back_with_what_was_decided_there(tmp_path):
    talk = transcript_of("We meet 🙂 here.", "ليس أنا", name="P01")
    team, skills, _ = CODEBOOK.codes
    kept = passage_of(talk, talk.turns[0].span, GivenCode(team, CodingStatus.CODED, memo="odd", key="c1"))
    open_one = passage_of(talk, talk.turns[1].span, GivenCode(skills, CodingStatus.SUGGESTED, 0.7, key="s1"))
    write_tasks(tmp_path / "t.json", coded_study((talk, {}, [kept, open_one])))
    tasks = json.loads((tmp_path / "t.json").read_text())
    ours = tasks[0]["annotations"][0]["result"][0]
    fresh = {
        "type": "labels",
        "id": "x",
        "value": {"start": 4, "end": 6, "labels": ["Skills", "Odd"]},
        "origin": "manual",
    }
    cancelled = {"completed_by": 1, "was_cancelled": True, "result": [fresh]}
    theirs = {"completed_by": {"email": "ben@x.org"}, "created_at": "2026-01-02T10:00:00Z", "result": [fresh]}
    outside = {"completed_by": 3, "result": [{"value": {"start": 5, "end": 9999, "labels": ["Team"]}}, {"value": None}]}
    tasks[0]["annotations"] = [{"result": [ours]}, cancelled, theirs, outside]
    (tmp_path / "t.json").write_text(json.dumps(tasks))
    bundle = read_bundle(tmp_path / "t.json", ImportRequest(transcripts=lambda: {"P01": talk}))
    assert [(c.transcript, c.span, bundle.book[c.code].name, c.coder, c.memo) for c in bundle.found] == [
        ("P01", talk.turns[0].span, "Team", "Anna", "odd"),
        ("P01", Span(4, 6), "Skills", "ben@x.org", ""),
        ("P01", Span(4, 6), "Odd", "ben@x.org", ""),
    ]
    assert bundle.found[1].time == datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert bundle.remarks == (
        "1 predictions are no codings and were left out",
        "1 regions outside their text were left out",
    )


@pytest.mark.parametrize("data", ["", "[", "{}", "[]", "[1]", '[{"data": {"text": 1}}]', "[" * 100_000])
def test_json_of_something_else_is_told(tmp_path, data):
    (tmp_path / "t.json").write_text(data)
    with pytest.raises(InputError):
        read_bundle(tmp_path / "t.json")


def test_texts_of_doccano(tmp_path):
    talk = transcript_of("We meet 🙂 here.", name="P01")
    rows = [
        {"id": 1, "text": talk.text, "label": [[4, 8, "Team"], [4, 99, "Team"]]},
        {
            "id": 2,
            "text": "P2: Other talk.",
            "entities": [{"id": 5, "start_offset": 4, "end_offset": 9, "label": "Odd"}],
        },
    ]
    (tmp_path / "d.jsonl").write_text("\n".join(map(json.dumps, rows)))
    bundle = read_bundle(tmp_path / "d.jsonl", ImportRequest(transcripts=lambda: {"P01": talk}))
    assert [(c.transcript, c.exact, bundle.book[c.code].name) for c in bundle.found] == [
        ("P01", "We m", "Team"),
        ("d 2", "Other", "Odd"),
    ]


XMI = (
    '<?xml version="1.0" encoding="UTF-8"?><xmi:XMI xmlns:xmi="http://www.omg.org/XMI" '
    'xmlns:cas="http:///uima/cas.ecore" xmlns:custom="http:///webanno/custom.ecore" '
    'xmlns:seg="http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore" '
    'xmlns:meta="http:///de/tudarmstadt/ukp/dkpro/core/api/metadata/type.ecore" xmi:version="2.0">'
    '<cas:NULL xmi:id="0"/><meta:DocumentMetaData xmi:id="2" sofa="1" begin="0" end="9" documentTitle="P01.txt"/>'
    '<seg:Token xmi:id="3" sofa="1" begin="0" end="3"/>'
    '<custom:Codes xmi:id="4" sofa="1" begin="{start}" end="{end}" code="Waiting &amp; co"/>'
    '<custom:Plain xmi:id="5" sofa="1" begin="0" end="3"/><custom:Out xmi:id="6" sofa="1" begin="0" end="999" a="b"/>'
    '<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString="{text}"/>'
    '<cas:View sofa="1" members="2 3 4"/></xmi:XMI>'
)


def test_annotations_of_inception_are_read_in_units_of_java(tmp_path):
    start = TEXT.index("I wait") + 1  # the smiley before it counts two
    path = tmp_path / "ana.xmi"
    path.write_text(XMI.format(start=start, end=start + 17, text=TEXT.replace("\n", "&#10;")), encoding="utf-8")
    bundle = read_bundle(path)
    assert bundle.texts == {"P01": TEXT}
    assert [(c.exact, bundle.book[c.code].name, c.coder) for c in bundle.found] == [
        ("I wait nine weeks", "Waiting & co", "ana"),
        ("Int", "Plain", "ana"),
    ]
    assert bundle.remarks == ("1 regions outside their text were left out",)


@pytest.mark.parametrize("text", ["", "no xml", "<a/>", XMI.format(start=0, end=1, text=" ")])
def test_xmi_without_a_text_is_told(tmp_path, text):
    (tmp_path / "a.xmi").write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_bundle(tmp_path / "a.xmi")


def test_what_is_not_read_is_answered_with_what_to_import(tmp_path):
    (tmp_path / "a.requal").write_bytes(b"x")
    with pytest.raises(InputError, match="as a table"):
        read_bundle(tmp_path / "a.requal")


def test_codes_under_codes_of_qualcoder_keep_their_parents(tmp_path):
    schema = QUALCODER.replace("date text, color text);", "date text, color text, supercid integer);", 1)
    folder = database(
        tmp_path / "ward.qda" / "data.qda",
        schema,
        source=[(1, "P01", TEXT, None, "", "Ada", "")],
        code_cat=[(1, "Access", "Ada", "", "", None)],
        code_name=[
            (1, "Waiting", "", 1, "Ada", "", "", None),
            (2, "Weeks", "", None, "Ada", "", "", 1),
            (3, "Days", "", None, "Ada", "", "", 2),
            (4, "Lost parent", "", None, "Ada", "", "", 99),
        ],
        code_text=[(1, 3, 1, "I wait", TEXT.index("I wait"), TEXT.index("I wait") + 6, "Ada", "", "")],
    ).parent
    bundle = read_bundle(folder)
    assert {(code.domain, code.name) for code in bundle.book.codes} == {
        ("Access", "Waiting"),
        ("Access / Waiting", "Weeks"),
        ("Access / Waiting / Weeks", "Days"),
        ("Codes", "Lost parent"),
    }
    assert [bundle.book[coding.code].name for coding in bundle.found] == ["Days"]
