"""Comments of a Word transcript that carry codes: where they stand, nested, overlapping, over paragraphs, answered."""

from __future__ import annotations

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.readers import read_transcript
from corpus.readers.word_comments import codings_in
from tests.corpus.readers_support import packed, saved, unpacked

EXTENDED = "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtended+xml"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"


@pytest.fixture
def document():
    return docx.Document()


@pytest.fixture
def coded(tmp_path):
    """Save a document, read it back, and return each comment's codes with the words it stands on."""

    def read(document):
        path = tmp_path / "talk.docx"
        path.write_bytes(document if isinstance(document, bytes) else saved(document))
        text = read_transcript(path).text
        return [(coding.codes, coding.span.of(text)) for coding in codings_in(path)]

    return read


def add(document, *texts):
    paragraph = document.add_paragraph()
    return [paragraph.add_run(text) for text in texts]


def test_a_comment_codes_the_words_it_stands_on(document, coded, tmp_path):
    runs = add(document, "P01: ", "It just is. ", "The nurse rang.")
    document.add_comment(runs[1], text="ACCESS; Trust in staff\nTIME", author="Ann", initials="A")
    assert coded(document) == [(("ACCESS", "Trust in staff", "TIME"), "It just is.")]
    (coding,) = codings_in(tmp_path / "talk.docx")
    assert (coding.author, coding.reply, coding.text) == ("Ann", False, "ACCESS; Trust in staff\nTIME")
    assert coding.date.startswith("20")


def test_nested_and_overlapping_comments(document, coded):
    a, b, c, d = add(document, "P01: One ", "two ", "three ", "four")[0:4]
    document.add_comment([a, d], text="WHOLE")
    document.add_comment([b, c], text="NESTED")
    document.add_comment([c, d], text="OVERLAPPING")
    assert coded(document) == [
        (("WHOLE",), "P01: One two three four"), (("NESTED",), "two three"), (("OVERLAPPING",), "three four")
    ]  # fmt: skip


def test_a_comment_over_several_paragraphs(document, coded):
    first = add(document, "P01: ", "One.")
    add(document, "Two.")
    last = add(document, "Three.", " Four.")
    document.add_comment([first[1], last[0]], text="LONG")
    assert coded(document) == [(("LONG",), "One.\nTwo.\nThree.")]


def test_a_comment_in_a_table_row_moves_with_its_words(document, coded):
    add(document, "P01: One.")
    cells = document.add_table(1, 3).rows[0].cells
    for cell, text in zip(cells, ("0:09", "P02", "In a table, so."), strict=True):
        cell.text = text
    document.add_comment(cells[2].paragraphs[0].runs, text="CELL")
    document.add_comment(cells[1].paragraphs[0].runs, text="NAME")
    assert coded(document) == [(("CELL",), "In a table, so."), (("NAME",), "0:09 P02: In a table, so.")]


def test_a_comment_on_no_text_is_about_its_paragraph(document, coded):
    (run,) = add(document, "P01: One.")
    add(document, "P01: Two.")
    document.add_comment(run, text="POINT")
    paragraph = document.paragraphs[0]._p
    for name in ("commentRangeStart", "commentRangeEnd"):
        paragraph.remove(paragraph.find(qn(f"w:{name}")))
    assert coded(document) == [(("POINT",), "P01: One.")]


def test_ranges_that_begin_and_end_between_paragraphs(document, coded):
    add(document, "P01: One.")
    (run,) = add(document, "P01: Two.")
    add(document, "P01: Three.")
    document.add_comment(run, text="BETWEEN")
    one, two, _ = (paragraph._p for paragraph in document.paragraphs)
    one.addnext(two.find(qn("w:commentRangeStart")))
    two.addnext(two.find(qn("w:commentRangeEnd")))
    assert coded(document) == [(("BETWEEN",), "P01: Two.")]


def test_a_comment_on_a_deletion_or_without_words_is_no_coding(document, coded):
    runs = add(document, "P01: One.", "gone")
    document.add_comment(runs[0], text="  ")
    assert coded(document) == []


def with_reply(document, parent, reply):
    """Say in the file that one comment answers another, as Word does: by their last paragraphs' ids."""
    parts = unpacked(saved(document))
    comments = parts["word/comments.xml"].decode()
    for number, key in ((parent, "0000000A"), (reply, "0000000B")):
        head, tail = comments.split(f'w:id="{number}"', 1)
        comments = f'{head}w:id="{number}"' + tail.replace("<w:p>", f'<w:p xmlns:w14="{W14}" w14:paraId="{key}">', 1)
    links = (
        f'<w15:commentsEx xmlns:w15="{W15}"><w15:commentEx w15:paraId="0000000A"/>'
        '<w15:commentEx w15:paraId="0000000B" w15:paraIdParent="0000000A"/></w15:commentsEx>'
    )
    relation = (
        '<Relationship Id="rId99" Target="commentsExtended.xml" '
        'Type="http://schemas.microsoft.com/office/2011/relationships/commentsExtended"/></Relationships>'
    )
    override = f'<Override PartName="/word/commentsExtended.xml" ContentType="{EXTENDED}"/></Types>'
    relations, types = "word/_rels/document.xml.rels", "[Content_Types].xml"
    return packed(
        parts
        | {"word/comments.xml": comments, "word/commentsExtended.xml": links}
        | {relations: parts[relations].decode().replace("</Relationships>", relation)}
        | {types: parts[types].decode().replace("</Types>", override)}
    )


def test_a_reply_has_the_span_of_what_it_answers(document, tmp_path):
    first, second = add(document, "P01: One.", " Two.")
    document.add_comment(first, text="ACCESS", author="Ann")
    document.add_comment(second, text="I agree", author="Ben")
    path = tmp_path / "talk.docx"
    path.write_bytes(with_reply(document, 0, 1))
    coding, reply = codings_in(path)
    assert (coding.reply, reply.reply) == (False, True)
    assert reply.span == coding.span
    assert (reply.author, reply.codes) == ("Ben", ("I agree",))


def test_a_document_without_comments_has_no_codings(document, coded):
    add(document, "P01: One.")
    assert coded(document) == []


def test_broken_comments_are_refused(document, tmp_path):
    (run,) = add(document, "P01: One.")
    document.add_comment(run, text="ACCESS")
    path = tmp_path / "talk.docx"
    path.write_bytes(packed(unpacked(saved(document)) | {"word/comments.xml": "<"}))
    with pytest.raises(InputError, match=r"no sound Word document|comments that cannot be read"):
        codings_in(path)


def test_comments_change_nothing_of_the_transcript(document, tmp_path):
    runs = add(document, "P01: One.", " Two.")
    empty = document.add_table(1, 2).rows[0].cells
    empty[1].text = "words in a cell, without a name"
    (tmp_path / "bare.docx").write_bytes(saved(document))
    document.add_comment(runs[1], text="ACCESS")
    empty[0].paragraphs[0]._p.append(parse_xml(f'<w:commentRangeStart {nsdecls("w")} w:id="0"/>'))
    (tmp_path / "coded.docx").write_bytes(saved(document))
    assert read_transcript(tmp_path / "coded.docx").text == read_transcript(tmp_path / "bare.docx").text


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_stretch_of_runs_comes_back_exactly(tmp_path_factory, data):
    document = docx.Document()
    texts = data.draw(
        st.lists(st.lists(st.text("ab é🙂", min_size=1, max_size=5), min_size=1, max_size=4), min_size=1, max_size=4)
    )
    runs = [run for line in texts for run in add(document, *line)]
    first = data.draw(st.integers(0, len(runs) - 1))
    last = data.draw(st.integers(first, len(runs) - 1))
    starts = [sum(map(len, line)) for line in texts]
    document.add_comment([runs[first], runs[last]], text="CODE")
    path = tmp_path_factory.mktemp("comments") / "talk.docx"
    path.write_bytes(saved(document))
    flat = [(n, text) for n, line in enumerate(texts) for text in line][first : last + 1]
    lines = {n: "".join(text for m, text in flat if m == n) for n, _ in flat}
    expected = "\n".join(lines.values()).strip()
    whole = "\n".join("".join(line) for line in texts)
    assert sum(starts) + len(texts) - 1 == len(whole)
    if expected and whole.strip():
        (coding,) = codings_in(path)
        assert coding.span.of(whole) == expected
