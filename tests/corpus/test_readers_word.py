"""Word documents: what is read, what is left out and said so, and what is refused before it is parsed."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from corpus.errors import InputError
from corpus.readers import archive, read_transcript
from corpus.transcript import Role

RUN = "<w:r {0}><w:t>{1}</w:t></w:r>"


@pytest.fixture
def document():
    return docx.Document()


@pytest.fixture
def read(tmp_path):
    def read_document(document):
        path = tmp_path / "talk.docx"
        document.save(path) if hasattr(document, "save") else path.write_bytes(document)
        return read_transcript(path)

    return read_document


def said(transcript):
    return [(turn.speaker, words) for turn, words in transcript.talk()]


def add(document, *runs):
    """Add a paragraph; runs in capital tuples are bold."""
    paragraph = document.add_paragraph()
    for run in runs:
        text, bold = run if isinstance(run, tuple) else (run, None)
        paragraph.add_run(text).bold = bold
    return paragraph


def packed(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def parts_of(document):
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# What is read


def test_paragraphs_are_lines_with_their_labels(read, document):
    document.add_heading("A title")
    add(document, ("INT:", True), "\tHow so?")
    add(document, "P01: It just is.")
    add(document, "And so on.")
    transcript = read(document)
    assert transcript.text == "A title\nINT:\tHow so?\nP01: It just is.\nAnd so on."
    assert said(transcript) == [("INT", "How so?"), ("P01", "It just is.\nAnd so on.")]
    assert [turn.role for turn in transcript.turns] == [Role.INTERVIEWER, Role.PARTICIPANT]


def test_bold_label_needs_no_colon(read, document):
    add(document, ("Interviewer", True), " How so?")
    add(document, ("P01 ", True), ("It", False), " just is.")
    assert said(read(document)) == [("Interviewer", "How so?"), ("P01", "It just is.")]


def test_bold_question_is_no_label(read, document):
    add(document, "P01: One.")
    add(document, ("Never", True), " in my life.")
    add(document, ("This is all in bold", True))
    assert said(read(document)) == [("P01", "One.\nNever in my life.\nThis is all in bold")]


def test_teams_document_with_time_behind_the_name_and_a_line_break(read, document):
    add(document, ("Roe, Jane", True), "   0:03\nHow so?")
    add(document, ("P01", True), "   0:09\nIt just is.")
    add(document, ("Roe, Jane", True), "   1:02:03\nI see.")
    transcript = read(document)
    assert said(transcript) == [("Roe, Jane", "How so?"), ("P01", "It just is."), ("Roe, Jane", "I see.")]
    assert [(turn.started, turn.ended) for turn in transcript.turns] == [(3, 9), (9, 3723), (3723, None)]


def test_table_with_speaker_and_words(read, document):
    rows = [
        ("Time", "Speaker", "Text"),
        ("0:03", "INT", "How so?"),
        ("0:09", "P01:", "It just is."),
        ("", "", "And on."),
    ]
    table = document.add_table(0, 3)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    transcript = read(document)
    assert said(transcript) == [("INT", "How so?"), ("P01", "It just is.\nAnd on.")]
    assert [turn.started for turn in transcript.turns] == [3, 9]


def test_numbered_table_rows_and_several_paragraphs_in_a_cell(read, document):
    table = document.add_table(2, 3)
    for row, texts in zip(table.rows, [("1", "INT", "How so?"), ("2", "P01", "It just is.")], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.rows[1].cells[2].add_paragraph("And so on.")
    assert said(read(document)) == [("INT", "How so?"), ("P01", "It just is.\nAnd so on.")]


def test_table_of_one_column_reads_like_paragraphs(read, document):
    document.add_table(1, 1).rows[0].cells[0].text = "INT: How so?\nP01: It just is."
    assert said(read(document)) == [("INT", "How so?"), ("P01", "It just is.")]


def test_insertions_links_and_content_controls_are_talk(read, document):
    paragraph = add(document, "P01: One ")
    for wrapper in ("ins", "hyperlink", "fldSimple"):
        paragraph._p.append(parse_xml(f"<w:{wrapper} {nsdecls('w')}>{RUN.format('', wrapper + ' ')}</w:{wrapper}>"))
    control = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p>{RUN.format('', 'INT: Two')}</w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, parse_xml(control))
    assert said(read(document)) == [("P01", "One ins hyperlink fldSimple"), ("INT", "Two")]


# What is left out


def test_what_is_left_out_is_counted_in_one_line(read, document):
    paragraph = add(document, "P01: One.")
    box = f"<w:txbxContent {nsdecls('w')}><w:p>{RUN.format('', 'boxed')}</w:p></w:txbxContent>"
    fallback = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    for xml in (
        f"<w:r {nsdecls('w')}><w:pict>{box}</w:pict></w:r>",
        f'<w:r {nsdecls("w")}><mc:Fallback xmlns:mc="{fallback}">{box}</mc:Fallback></w:r>',
        f"<w:del {nsdecls('w')}><w:r><w:delText>deleted</w:delText></w:r></w:del>",
        f"<w:r {nsdecls('w')}><w:footnoteReference w:id='2'/></w:r>",
        f"<w:r {nsdecls('w')}><w:footnoteReference w:id='3'/></w:r>",
        f"<w:r {nsdecls('w')}><w:commentReference w:id='1'/></w:r>",
    ):
        paragraph._p.append(parse_xml(xml))
    add(document, "INT: Two.")
    transcript = read(document)
    assert transcript.text == "P01: One.\nINT: Two."
    assert transcript.warnings == ("left out: 1 text box, 2 footnotes, 1 comment, 1 tracked deletion",)


# What is refused


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old or password-protected"),
        (b"{\\rtf1 words}", "rich text"),
        (b"P01: plain words", "something else"),
        (b"PK\x03\x04 cut in half", "is damaged"),
        (packed({"a.txt": "words"}), "no sound Word document"),
        (packed({"[Content_Types].xml": "<Types", "_rels/.rels": "<"}), "no sound Word document"),
        (packed({"../outside.xml": "words"}), "points outside"),
        (packed({"/etc/outside.xml": "words"}), "points outside"),
        (packed({"C:\\outside.xml": "words"}), "points outside"),
    ],
)
def test_what_is_no_word_document_is_refused(read, content, problem):
    with pytest.raises(InputError, match=problem):
        read(content)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_document_cut_in_half_is_refused(read, document, share):
    add(document, "P01: One.")
    content = packed(parts_of(document))
    with pytest.raises(InputError, match="is damaged"):
        read(content[: int(len(content) * share)])


def test_external_entities_are_refused(read, document):
    add(document, "P01: One.")
    parts = parts_of(document)
    name = "word/document.xml"
    bomb = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    parts[name] = bomb + parts[name].partition(b"?>")[2].replace(b"One.", b"&x;")
    with pytest.raises(InputError, match="XML entities"):
        read(packed(parts))


def test_document_without_a_body_is_refused(read, document):
    empty = f"<w:document {nsdecls('w')}/>"
    with pytest.raises(InputError, match="no sound Word document"):
        read(packed(parts_of(document) | {"word/document.xml": empty}))


def test_unusual_compression_is_refused(read):
    content = bytearray(packed({"word/document.xml": "words"}))
    content[content.index(b"PK\x01\x02") + 10] = zipfile.ZIP_LZMA
    with pytest.raises(InputError, match="no word processor uses"):
        read(bytes(content))


def test_declared_bomb_is_refused_before_it_is_unpacked(read, monkeypatch):
    monkeypatch.setattr(archive, "UNPACKED_BYTES", 1000)
    monkeypatch.setattr(archive, "_unpacked_bytes", None)
    with pytest.raises(InputError, match="unpacks to more than"):
        read(packed({"word/document.xml": "a" * 2000}))


def test_bomb_that_lies_about_its_size_is_refused(read):
    content = packed({"word/document.xml": b"\0" * 3_000_000})
    size = (3_000_000).to_bytes(4, "little")
    with pytest.raises(InputError, match=r"is damaged|unpacks to more than"):
        read(content.replace(size, (1000).to_bytes(4, "little")))


def test_too_many_parts_are_refused(read, monkeypatch):
    monkeypatch.setattr(archive, "PACKAGE_PARTS", 2)
    with pytest.raises(InputError, match="more than 2 parts"):
        read(packed({"a": "", "b": "", "c": ""}))


def test_encrypted_archive_is_refused(read):
    content = bytearray(packed({"word/document.xml": "words"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="is encrypted"):
        read(bytes(content))


def test_document_without_talk_is_refused(read, document):
    with pytest.raises(InputError, match="no talk"):
        read(document)
