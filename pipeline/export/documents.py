"""What every Word document of ours shares: page, fonts, headings, tables, and text that Word can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from corpus.files import replace_file
from pipeline.export.rows import Origin
from pipeline.export.safety import printable

FONT, INK, QUIET, RULE = "Calibri", "22252B", "5C626D", "C9CDD5"
CONFIDENTIAL = "Holds words of participants: treat it like the transcripts."
Part = Any
"""A document, paragraph, cell or run of python-docx, which ships no types."""


@contextmanager
def word_document(path: Path, *, wide: bool = False, header: str = "", footer: str = CONFIDENTIAL) -> Iterator[Part]:
    """Give a new document and put it in the place of ``path`` when the block ends well.

    Args:
        path: The ``.docx`` file.
        wide: Landscape.
        header: Stands on top of every page.
        footer: Stands at the foot of every page, before the page's number.

    Raises:
        UsageError: If the file cannot be written.
    """
    import docx

    document = docx.Document()
    _set_page(document.sections[0], wide=wide)
    _set_styles(document)
    _write_margins(document.sections[0], header, footer)
    properties = document.core_properties
    properties.author, properties.title, properties.comments = "precode", clean(header)[:250], ""
    yield document
    with replace_file(path) as draft:
        document.save(str(draft))


def clean(text: str) -> str:
    """Return text that XML can carry; what ends a line elsewhere does not end one in Word."""
    return printable(text)


def _set_page(section: Part, *, wide: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    long, short = Cm(29.7), Cm(21)
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if wide else (short, long)
    side = Cm(1.8 if wide else 2.3)
    section.left_margin = section.right_margin = side
    section.top_margin = section.bottom_margin = Cm(2)


def _set_styles(document: Part) -> None:
    from docx.shared import Pt, RGBColor

    sizes = {"Normal": 10.5, "Title": 22, "Heading 1": 15, "Heading 2": 12, "Heading 3": 11}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), RGBColor.from_string(INK)
        _name_everywhere(style)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    for name in ("Heading 1", "Heading 2", "Heading 3"):
        document.styles[name].paragraph_format.keep_with_next = True


def _name_everywhere(style: Part) -> None:
    """Set the font for all scripts: headings take theirs from the theme otherwise."""
    from docx.oxml.ns import qn

    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)
        fonts.attrib.pop(qn(f"w:{script}Theme"), None)


def _write_margins(section: Part, header: str, footer: str) -> None:
    small(section.header.paragraphs[0], header)
    below = section.footer.paragraphs[0]
    small(below, f"{footer}  Page ")
    _page_number(below)


def _page_number(paragraph: Part) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
    run = small(paragraph, "1")
    field.append(run._r)


def small(paragraph: Part, text: str) -> Part:
    """Add small grey text to a paragraph and return its run."""
    run = paragraph.add_run(clean(text))
    run._r.insert(0, deepcopy(_small_grey()))
    return run


@cache
def _small_grey() -> Part:
    """Return the properties of small text, made once: a transcript has a thousand time stamps."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    return parse_xml(f'<w:rPr {nsdecls("w")}><w:color w:val="{QUIET}"/><w:sz w:val="18"/></w:rPr>')


def colour(run: Part, value: str) -> None:
    """Give a run a colour, ``#rrggbb``."""
    from docx.shared import RGBColor

    run.font.color.rgb = RGBColor.from_string(value.removeprefix("#").upper())


def shade(cell: Part, value: str) -> None:
    """Fill a table cell with a colour, ``#rrggbb``."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    filling = OxmlElement("w:shd")
    for name, setting in (("val", "clear"), ("color", "auto"), ("fill", value.removeprefix("#").upper())):
        filling.set(qn(f"w:{name}"), setting)
    cell._tc.get_or_add_tcPr().append(filling)


def table(document: Part, heads: Sequence[str], widths: Sequence[float], background: str) -> Part:
    """Add a table with a head that is repeated on every page.

    Args:
        document: Where.
        heads: Texts of the first row.
        widths: Of the columns, in centimetres.
        background: Colour of the first row, dark enough for white text.
    """
    made = document.add_table(rows=1, cols=len(heads))
    made.style, made.autofit = "Table Grid", False
    _rule(made)
    for cell, text in zip(made.rows[0].cells, heads, strict=True):
        shade(cell, background)
        run = cell.paragraphs[0].add_run(clean(text))
        run.bold = True
        colour(run, "#ffffff")
    _repeat(made.rows[0])
    set_widths(made, widths)
    return made


def _rule(made: Part) -> None:
    """Draw a table's lines in grey."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, setting in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", RULE)):
            line.set(qn(f"w:{name}"), setting)
        borders.append(line)
    made._tbl.tblPr.append(borders)


def set_widths(made: Part, widths: Sequence[float]) -> None:
    """Set the widths of columns, and of the cells that are there, which is what Word goes by."""
    from docx.shared import Cm

    for column, width in zip(made.columns, widths, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)


def _repeat(row: Part) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def facts(document: Part, origin: Origin, more: Iterable[tuple[str, str]] = ()) -> None:
    """Add a small block that says what made the document.

    Args:
        document: Where.
        origin: Run, model, codebook.
        more: Further lines, each a label and a value.
    """
    lines = (*((label, value) for label, value in origin.facts), *more)
    small(document.add_paragraph(), "\n".join(f"{label}: {value}" for label, value in lines))
