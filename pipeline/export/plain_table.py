"""Rows of text as CSV and as a sheet, for lists that have no form of their own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus.files import replace_file
from pipeline.export.flat import Cell, safe_cell
from pipeline.export.sheets import BASE, STYLES, header, landscape, open_workbook, write_text

Columns = Sequence[tuple[str, int]]
"""Headings with their widths in characters."""


def write_csv(path: Path, columns: Columns, rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table as CSV that Excel opens as UTF-8.

    Args:
        path: The file.
        columns: Headings; their widths do not matter here.
        rows: Cells in their order.

    Raises:
        UsageError: If the file cannot be written.
    """
    with replace_file(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([heading for heading, _ in columns])
        lines.writerows([safe_cell(cell) for cell in row] for row in rows)


def write_sheet(path: Path, title: str, columns: Columns, rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table as a workbook of one sheet.

    Args:
        path: The file.
        title: Of the sheet.
        columns: Headings with their widths.
        rows: Cells in their order.

    Raises:
        UsageError: If the file cannot be written.
    """
    with replace_file(path) as draft, open_workbook(draft) as book:
        styles = {name: book.add_format(BASE | STYLES[name]) for name in ("head", "text")}
        sheet = book.add_worksheet(title)
        for number, (_, width) in enumerate(columns):
            sheet.set_column(number, number, width)
        header(sheet, [heading for heading, _ in columns], styles["head"])
        for line, row in enumerate(rows, start=1):
            for number, cell in enumerate(row):
                write_text(sheet, line, number, cell, styles["text"])
        landscape(sheet)
