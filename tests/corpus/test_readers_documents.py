"""Rich text, OpenDocument and PDF: what is read, what is left out and said so, and what is refused."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter

from corpus.errors import InputError
from corpus.readers import archive, read_transcript
from corpus.transcript import Role
from tests.corpus.readers_support import open_document, open_document_talk, packed, pdf, rich_text, unpacked


@pytest.fixture
def read(tmp_path):
    def read_content(content, suffix):
        path = tmp_path / f"talk{suffix}"
        path.write_bytes(content)
        return read_transcript(path)

    return read_content


def said(transcript):
    return [(turn.speaker, words) for turn, words in transcript.talk()]


def paragraph(*lines):
    return "".join(f"<text:p>{line}</text:p>" for line in lines)


# OpenDocument


def test_open_document_has_labels_and_tabs(read):
    transcript = read(open_document_talk([("INT", "How so?"), ("P01", "It just is.")]), ".odt")
    assert transcript.text == "INT:\tHow so?\nP01:\tIt just is."
    assert said(transcript) == [("INT", "How so?"), ("P01", "It just is.")]
    assert [turn.role for turn in transcript.turns] == [Role.INTERVIEWER, Role.PARTICIPANT]


def test_open_document_bold_label_needs_no_colon(read):
    styles = '<style:style style:name="T1"><style:text-properties fo:font-weight="bold"/></style:style>'
    line = '<text:span text:style-name="T1">P01</text:span> It just is.'
    assert said(read(open_document(paragraph(line), styles=styles), ".odt")) == [("P01", "It just is.")]


def test_open_document_blanks_and_line_breaks(read):
    line = 'P01: One<text:s text:c="3"/>two\n  three<text:line-break/>four<text:s text:c="999999999"/>.'
    (_, words), *_ = said(read(open_document(paragraph(line)), ".odt"))
    assert words.startswith("One   two three\nfour")
    assert len(words) < 200


def test_open_document_table_and_lists(read):
    cells = "".join(
        f"<table:table-cell>{paragraph(text)}</table:table-cell>" for text in ("0:09", "P01", "In a table.")
    )
    table = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    listed = f"<text:list><text:list-item>{paragraph('INT: In a list?')}</text:list-item></text:list>"
    transcript = read(open_document(table + listed), ".odt")
    assert said(transcript) == [("P01", "In a table."), ("INT", "In a list?")]
    assert transcript.turns[0].started == 9


def test_open_document_says_what_it_leaves_out(read):
    note = f"<text:note><text:note-body>{paragraph('noted')}</text:note-body></text:note>"
    comment = f"<office:annotation>{paragraph('commented')}</office:annotation>"
    box = f"<draw:frame><draw:text-box>{paragraph('boxed')}</draw:text-box></draw:frame>"
    deleted = f"<text:changed-region><text:deletion>{paragraph('deleted')}</text:deletion></text:changed-region>"
    body = f"<text:tracked-changes>{deleted}</text:tracked-changes>" + paragraph(f"P01: One.{note}{comment}{box}")
    transcript = read(open_document(body), ".odt")
    assert transcript.text == "P01: One."
    assert transcript.warnings[0] == "left out: 1 text box, 1 note, 1 comment, 1 tracked change"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"words", "not an OpenDocument text but something else"),
        (packed({"a.xml": "<a/>"}), "no sound OpenDocument text"),
        (packed({"content.xml": "<a>"}), "no sound OpenDocument text"),
        (packed({"content.xml": "<a/>"}), "is an OpenDocument file, but no text"),
        (packed({"content.xml": "<a/>", "../b": ""}), "points outside"),
        (packed({"content.xml": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'}), "XML entities"),
        (packed({"content.xml": "\ufeff<!DOCTYPE a []><a/>".encode("utf-16-le")}), "hides its XML"),
        (packed({"content.xml": " " * 2_000_000 + "<!DOCTYPE a []><a/>"}), "XML entities"),
        (packed({"content.xml": "<a>" * 2_100_000}), "unpacks to more than"),
    ],
)
def test_what_is_no_open_document_is_refused(read, content, problem):
    with pytest.raises(InputError, match=problem):
        read(content, ".odt")


def test_declared_size_is_believed_before_unpacking(read, monkeypatch):
    monkeypatch.setattr(archive, "_unpacked_bytes", None)
    content = bytearray(open_document_talk())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (2_000_000_000).to_bytes(4, "little")
    with pytest.raises(InputError, match="unpacks to more than 100 MB"):
        read(bytes(content), ".odt")


def test_a_pages_file_is_no_open_document(read):
    with pytest.raises(InputError, match="no sound OpenDocument text"):
        read(packed({"Index/Document.iwa": "words"}), ".odt")


# Rich text


def test_rich_text_has_labels_accents_and_other_scripts(read):
    transcript = read(
        rich_text([("INT", r"\'c9t\'e9 \u8212? so?"), ("P01", r"{\f1\'c4\'e0} \u-10179?\u-8704?")]), ".rtf"
    )
    assert said(transcript) == [("INT", "Été — so?"), ("P01", "Да 😀")]


def test_rich_text_of_a_mac_has_its_fonts_in_one_group(read):
    content = rb"{\rtf1\ansi{\fonttbl\f0\fswiss\fcharset0 Helvetica;\f1\fnil Other;}{\colortbl;}\f0 P01: One.\par}"
    assert said(read(content, ".rtf")) == [("P01", "One.")]


def test_rich_text_table_reads_as_labels(read):
    content = rb"{\rtf1 \trowd 0:03\cell INT\cell How so?\cell\row \trowd 0:09\cell P01:\cell It just is.\cell\row}"
    transcript = read(content, ".rtf")
    assert said(transcript) == [("INT", "How so?"), ("P01", "It just is.")]
    assert [turn.started for turn in transcript.turns] == [3, 9]


def test_rich_text_link_keeps_its_words_only(read):
    link = rb'{\field{\*\fldinst{HYPERLINK "https://example.org"}}{\fldrslt the leaflet}}'
    assert said(read(rb"{\rtf1 P01: See " + link + rb".\par}", ".rtf")) == [("P01", "See the leaflet.")]


def test_rich_text_says_what_it_leaves_out(read):
    transcript = read(rb"{\rtf1 P01: One{\footnote noted}.{\*\annotation Mine} \deleted gone\par}", ".rtf")
    assert transcript.warnings[0] == "left out: 1 note, 1 comment"
    assert "tracked deletions" in transcript.warnings[1]


def test_rich_text_cut_off_is_read_so_far(read):
    transcript = read(rich_text()[:-12], ".rtf")
    assert any("cut off" in warning for warning in transcript.warnings)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"P01: plain words", "is not rich text but something else"),
        (packed({"a": "b"}), "but a Word document or another zip"),
        (rb"{\rtf1 \uc P01: One.\par}", "no sound rich text"),
        (b"{\\rtf1 " + b"{" * 600_000, "too large"),
        (b"{\\rtf1 " + b"words " * 2_000_000, "too large"),
    ],
)
def test_what_is_no_rich_text_is_refused(read, content, problem):
    with pytest.raises(InputError, match=problem):
        read(content, ".rtf")


def test_rich_text_is_the_same_read_in_pieces(read, monkeypatch):
    content = rich_text([("INT", r"\'c9t\'e9 \u8212? so?"), ("P01", r"{\f1\'c4\'e0} \{is\}")] * 20)
    whole = read(content, ".rtf")
    monkeypatch.setattr("corpus.readers.rich_text.RICH_TEXT_PIECE", 50)
    assert read(content, ".rtf") == whole


@pytest.mark.parametrize(
    "filling",
    [b'{\\field{\\*\\fldinst{HYPERLINK "a" ' * 20_000, b"{\\fonttbl" + b"\\f1" * 200_000,
     b"{\\fonttbl\\f0\\fcharset0 " + b"a" * 500_000],
    ids=["links", "fonts", "font name"],
)  # fmt: skip
def test_what_would_take_rich_text_hours_takes_a_moment(read, filling):
    with pytest.raises(InputError, match=r"no talk|too large"):
        read(b"{\\rtf1 " + filling, ".rtf")


def test_pictures_do_not_count_as_rich_text(read):
    picture = b"{\\pict\\pngblip\n" + (b"89504e470d0a1a0a" * 8 + b"\r\n") * 100_000 + b"}"
    assert said(read(b"{\\rtf1 P01: One." + picture + b"\\par}", ".rtf")) == [("P01", "One.")]


# PDF


def test_pdf_lines_are_joined_to_turns(read):
    transcript = read(
        pdf(["INT: How so?", "P01: It just is, as I have been", "telling everybody since the spring."]), ".pdf"
    )
    assert said(transcript) == [
        ("INT", "How so?"),
        ("P01", "It just is, as I have been telling everybody since the spring."),
    ]


def test_pdf_turn_goes_on_over_the_page_without_what_repeats(read):
    words = ["apples", "pears", "plums", "figs"]
    pages = [
        [
            "Study 7",
            f"INT: And the {word}?",
            f"P01: {word.title()} are what we had",
            "Version 3",
            f"Page {n} of 4",
        ]
        for n, word in enumerate(words, start=1)
    ]
    transcript = read(pdf(*pages), ".pdf")
    assert said(transcript)[1:3] == [("P01", "Apples are what we had"), ("INT", "And the pears?")]
    assert len(transcript.turns) == 8
    assert "left out lines that repeat on pages, and page numbers: 12" in transcript.warnings


def test_pdf_answers_that_repeat_stay(read):
    transcript = read(pdf(*([["INT: Yes?", "P01: No."]] * 4)), ".pdf")
    assert len(transcript.turns) == 8


def test_pdf_numbers_that_do_not_count_pages_stay(read):
    transcript = read(pdf(["P01: We were", "12"], ["P01: We were", "40"]), ".pdf")
    assert said(transcript) == [("P01", "We were 12"), ("P01", "We were 40")]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["P01: The commu-", "nity nurse."], "The community nurse."),
        (["P01: The follow-up. The follow-", "up came."], "The follow-up. The follow-up came."),
        (["P01: A day at day-", "care and care."], "A day at day-care and care."),
        (["P01: Go to Stoke-", "Trent."], "Go to Stoke- Trent."),
        (["P01: It was com\u00ad", "plete."], "It was complete."),
    ],
)
def test_pdf_words_divided_at_the_end_of_a_line(read, lines, expected):
    (turn,) = said(read(pdf(lines), ".pdf"))
    assert turn == ("P01", expected)


def test_pdf_speaker_and_time_on_a_line_of_their_own(read):
    lines = ["Ann Roe  0:03", "How so, would you", "say?", "Ben Doe  0:09", "It just is.", "Ann Roe  0:11", "I see."]
    transcript = read(pdf(lines), ".pdf")
    assert said(transcript) == [
        ("Ann Roe", "How so, would you say?"),
        ("Ben Doe", "It just is."),
        ("Ann Roe", "I see."),
    ]
    assert [turn.started for turn in transcript.turns] == [3, 9, 11]


def test_pdf_without_text_asks_for_text_recognition(read):
    with pytest.raises(InputError, match=r"pictures; run text recognition \(OCR\)"):
        read(pdf([], []), ".pdf")


def test_pdf_with_a_page_without_text_says_so(read):
    assert "pages without text: 1 of 2" in read(pdf(["P01: One."], []), ".pdf").warnings[0]


def locked(content):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt("secret", algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"words", "is not a PDF but something else"),
        (b"%PDF-1.7\nwords", "damaged PDF"),
        (locked(pdf(["P01: One."])), "locked with a password"),
        (pdf(["P01: One."]).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"), "damaged PDF|no text"),
        (pdf(["P01: One."] * 200_000), "too large or too intricate"),
    ],
    ids=["text", "header only", "locked", "page tree in a circle", "endless page"],
)
def test_what_is_no_sound_pdf_is_refused(read, content, problem):
    with pytest.raises(InputError, match=problem):
        read(content, ".pdf")


def test_pdf_that_takes_too_long_is_refused(read, monkeypatch):
    monkeypatch.setattr("corpus.readers.pdf.PDF_SECONDS", -1.0)
    with pytest.raises(InputError, match="too large or too intricate"):
        read(pdf(["P01: One."]), ".pdf")


def test_pdf_with_too_many_pages_or_characters_is_refused(read, monkeypatch):
    monkeypatch.setattr("corpus.readers.pdf.PDF_PAGES", 1)
    with pytest.raises(InputError, match="more than 1 pages"):
        read(pdf(["P01: One."], ["P01: Two."]), ".pdf")
    monkeypatch.setattr("corpus.readers.pdf.PDF_CHARACTERS", 3)
    with pytest.raises(InputError, match="million characters"):
        read(pdf(["P01: One."]), ".pdf")


def test_parts_can_be_taken_apart_and_put_together(read):
    assert said(read(packed(unpacked(open_document_talk())), ".odt"))[0] == ("INT", "How so?")
