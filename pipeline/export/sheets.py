"""What every workbook of ours shares: how one is opened, how cells are written, how sheets look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.export.flat import Cell, safe_cell
from pipeline.export.safety import printable

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

INK, RULE, BAR = "#22252b", "#d5d8de", "#a9c4ec"
LINE_HEIGHT, TALLEST = 15, 400
"""Points of a line of text, and of the tallest row that Excel shows (409); not every program fits rows to text."""

BASE = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "top"}
STYLES: dict[str, dict[str, object]] = {
    "text": {"text_wrap": True},
    "plain": {},
    "quiet": {"font_color": "#5c626d", "text_wrap": True},
    "number": {"num_format": "0"},
    "cosine": {"num_format": "0.00", "font_color": "#5c626d"},
    "percent": {"num_format": "0%", "align": "left"},
    "head": {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#e9ecf1", "bottom": 1},
    "count": {"num_format": '0;-0;"·"', "align": "center"},
    "total": {"num_format": '0;-0;"·"', "align": "center", "bold": True, "top": 1},
    "bold": {"bold": True, "text_wrap": True},
    "title": {"bold": True, "font_size": 16},
}


@contextmanager
def open_workbook(draft: Path, *, streaming: bool = True) -> Iterator[Workbook]:
    """Give a workbook and close it whatever happens, so that no scratch file stays open.

    Raises:
        OSError: If the disk is full; XlsxWriter wraps the system's error in its own.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    # Scratch files hold transcript text: they stay in the study, not in the system's temporary folder.
    book = Workbook(
        str(draft), {"constant_memory": streaming, "tmpdir": str(draft.parent), "strings_to_formulas": False}
    )
    try:
        yield book
    finally:
        try:
            book.close()
        except FileCreateError as error:
            raise OSError(*error.args[0].args) from None


def write_cell(sheet: Worksheet, line: int, column: int, cell: Cell, style: Format) -> None:
    """Write one cell; text is always text, whatever it begins with.

    Args:
        sheet: Where.
        line: From 0.
        column: From 0.
        cell: None for an empty cell that has a style.
        style: One of the workbook's formats.
    """
    if isinstance(cell, str):
        sheet.write_string(line, column, inline(cell), style)
    elif cell is None:
        sheet.write_blank(line, column, None, style)
    else:
        sheet.write_number(line, column, cell, style)


MOST_ROWS = 1_048_575
"""Excel's limit on a sheet, header taken off."""
CELL_UNITS = 32_767
"""Excel's limit on a cell, in UTF-16 units."""


def fitted(text: str) -> str:
    """Return text as a cell holds it: what is too long is cut and says so at its end."""
    units = len(text.encode("utf-16-le", "replace")) // 2
    if units <= CELL_UNITS:
        return text
    note = f" [cut: an Excel cell holds no more of {len(text):,} characters; JSONL and Word have all of them]"
    room = CELL_UNITS - 3 * len(note)
    kept = text.encode("utf-16-le", "replace")[: 2 * room].decode("utf-16-le", "ignore")
    return kept + note


def sheet_title(name: str, number: int) -> str:
    """Return what the sheets over which a table runs on are called: Passages, Passages 2, ..."""
    return name if number == 1 else f"{name} {number}"


def inline(text: str) -> str:
    """Return text that XlsxWriter will escape: it takes ``<r>...</r>`` for its own rich-text markup."""
    clean = fitted(printable(text))
    return f"{clean} " if clean.startswith("<r>") and clean.endswith("</r>") else clean


def header(sheet: Worksheet, titles: Iterable[str], style: Format) -> None:
    """Write the first line of a sheet and keep it in sight.

    Args:
        sheet: Where.
        titles: Of the columns, from the first.
        style: One of the workbook's formats.
    """
    sheet.set_row(0, 32)
    for n, title in enumerate(titles):
        write_text(sheet, 0, n, title, style)
    sheet.freeze_panes(1, 0)


def landscape(sheet: Worksheet) -> None:
    """Let a sheet print on landscape A4, as wide as the page, its first line on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&RPage &P of &N")


def write_text(sheet: Worksheet, line: int, column: int, cell: Cell, style: Format) -> None:
    """Write one cell that a spreadsheet takes for no formula, not even when the sheet is saved as CSV.

    Args:
        sheet: Where.
        line: From 0.
        column: From 0.
        cell: None for an empty cell that has a style.
        style: One of the workbook's formats.
    """
    write_cell(sheet, line, column, safe_cell(cell), style)


def about_sheet(sheet: Worksheet, title: str, lines: Iterable[tuple[str, str]], styles: Mapping[str, Format]) -> None:
    """Write the sheet that says what the others are.

    Args:
        sheet: An empty one.
        title: Stands above.
        lines: A label and a text each.
        styles: The formats named ``title``, ``bold`` and ``text``.
    """
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 95)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, title, styles["title"])
    for line, (label, text) in enumerate(lines, start=2):
        sheet.set_row(line, LINE_HEIGHT * max(1 + len(text) // 88, 1 + len(label) // 20))
        write_cell(sheet, line, 0, label, styles["bold"])
        write_cell(sheet, line, 1, text, styles["text"])
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
