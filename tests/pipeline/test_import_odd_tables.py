"""Tables of coded segments as programs and people leave them: entities, cut and retyped quotations, odd headings."""

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.found import ImportRequest
from tests.pipeline.export_support import transcript_of

SAID = (
    "We wait nine weeks & more, it\u2019s \u201clong\u201d \u2013 every time. Nobody tells us who pays for the ride.",
    "Größe zählt nicht. We wait nine weeks, I said.",
)
TALK = transcript_of(*SAID, name="P01")
REQUEST = ImportRequest(lambda: {"P01": TALK})
SHORT = "Größe zählt nicht."


def read(path, *rows, divider=",", encoding="utf-8"):
    quoted = (divider.join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in rows)
    path.write_bytes("\n".join(quoted).encode(encoding))
    return read_bundle(path, REQUEST)


def segment(path, words):
    return read(path, ("Document name", "Code", "Segment"), ("P01", "Access", words))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (
            "We wait nine weeks &amp; more, it&rsquo;s &ldquo;long&rdquo;",
            "We wait nine weeks & more, it\u2019s \u201clong\u201d",
        ),
        ('it\'s "long" - every time.', "it\u2019s \u201clong\u201d \u2013 every time."),
        ("Nobody tells us who pays...", "Nobody tells us who pays"),
        ("... who pays for the ride", "who pays for the ride"),
        ("[...] who pays for the ride [\u2026]", "who pays for the ride"),
        ("We wait nine weeks & more ... who pays for the ride.", SAID[0]),
        ("We wait nine weeks & more \u2026 every time. (...) for the ride.", SAID[0]),
    ],
)
def test_quotations_are_found_as_programs_leave_them(tmp_path, written, found):
    assert [coding.exact for coding in segment(tmp_path / "t.csv", written).found] == [found]


@pytest.mark.parametrize(
    "written",
    ["We ...", "...", "... so", "We wait nine weeks...", "Nobody tells us ... We wait nine weeks & more", "&amp;lt;"],
)
def test_quotations_that_do_not_say_where_they_stand_are_listed(tmp_path, written):
    bundle = segment(tmp_path / "t.csv", written)
    assert not bundle.found
    assert [note["text"] for note in bundle.notes] == [written]


def test_how_many_quotations_are_cut_is_told(tmp_path):
    assert segment(tmp_path / "t.csv", "Nobody tells us who pays...").remarks == (
        "1 segments are shortened in the table; as much as it quotes is coded",
    )


@given(words=st.sampled_from(SAID), start=st.integers(0, 60), length=st.integers(12, 60))
def test_any_stretch_is_found_with_plain_marks_and_entities(tmp_path_factory, words, start, length):
    exact = words[start : start + length].strip()
    written = exact.replace("&", "&amp;").translate({0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-"})
    bundle = segment(tmp_path_factory.mktemp("t") / "t.csv", written)
    if TALK.text.count(exact) == 1 and len(exact) > 11:
        assert [coding.exact for coding in bundle.found] == [exact]


@pytest.mark.parametrize(
    ("heads", "row"),
    [
        (("Dokumentname", "Code", "Segment"), ("P01", "Zugang\\Warten", SHORT)),
        (("Kleur", "Segment", "Gewicht", "Code", "Documentnaam"), ("rood", SHORT, "5", "Zugang\\Warten", "P01")),
        (("Document", "Codes", "Contenu de la citation"), ("1 P01", "Zugang::Warten", SHORT)),
        (("Documento", "Código", "Segmento"), ("D 12: P01.docx", "Zugang > Warten", SHORT)),
        (("Code", "Segment"), ("Zugang\\Warten", SHORT)),
        (("Media Title", "Excerpt Copy", "Codes Applied Combined"), ("P01.docx", SHORT, "Zugang\\Warten")),
    ],
)
@pytest.mark.parametrize(("divider", "encoding"), [(",", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16")])
def test_headings_may_be_in_any_order_and_lack_or_have_more(tmp_path, heads, row, divider, encoding):
    bundle = read(tmp_path / "t.csv", heads, row, divider=divider, encoding=encoding)
    assert [(c.exact, bundle.book[c.code].name, bundle.book[c.code].domain) for c in bundle.found] == [
        (SHORT, "Warten", "Zugang")
    ]


def test_headings_may_stand_under_merged_titles(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Coded segments"], ["Document", None, "Coding"], ["Document name", "Begin", "Code", "Segment"]):
        book.active.append(row)
    book.active.append(["P01", 1, "Access", SHORT])
    for cells in ("A1:D1", "A2:B2", "C2:D2"):
        book.active.merge_cells(cells)
    book.save(tmp_path / "t.xlsx")
    assert [coding.exact for coding in read_bundle(tmp_path / "t.xlsx", REQUEST).found] == [SHORT]


def test_names_of_codes_differ_by_more_than_case_and_blanks(tmp_path):
    names = ("  Lead", "lead", "LEAD ", "Pay: now / later", "\U0001f642", "Who?; Where", "a\\b")
    rows = (("P01", name, SHORT) for name in names)
    bundle = read(tmp_path / "t.csv", ("Document name", "Code", "Segment"), *rows)
    assert [(code.domain, code.name) for code in bundle.book.codes] == [
        ("Codes", "Lead"),
        ("Codes", "Pay: now / later"),
        ("Codes", "\U0001f642"),
        ("Codes", "Who?"),
        ("Codes", "Where"),
        ("a", "b"),
    ]
    assert len(bundle.found) == 8


def test_codes_that_dedoose_combines_are_divided_by_commas(tmp_path):
    heads = ("Media Title", "Excerpt Copy", "Codes Applied Combined")
    bundle = read(tmp_path / "t.csv", heads, ("P01", SHORT, "Visits, Costs"))
    assert [bundle.book[coding.code].name for coding in bundle.found] == ["Visits", "Costs"]
