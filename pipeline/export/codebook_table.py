"""A codebook as a table: CSV and Excel with everything about a code, and Taguette's two columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus.codebook import Codebook
from corpus.files import replace_file
from pipeline.export.coded import Memo, labels_of
from pipeline.export.flat import safe_cell
from pipeline.export.qda_project import described, memos_on
from pipeline.export.sheets import BASE, STYLES, header, landscape, open_workbook, write_text

COLUMNS = (
    ("Id", 24),
    ("Name", 30),
    ("Domain", 26),
    ("Level", 9),
    ("Definition", 60),
    ("Include", 40),
    ("Exclude", 40),
    ("Aliases", 30),
    ("Memos", 40),
)
"""Headings with their widths in characters."""


def write_codebook_csv(path: Path, codebook: Codebook, memos: Sequence[Memo] = ()) -> None:
    """Write every code with all that is said about it.

    Args:
        path: The file.
        codebook: Of the study.
        memos: On its codes.

    Raises:
        UsageError: If the file cannot be written.
    """
    _write_csv(path, [heading for heading, _ in COLUMNS], rows_of(codebook, memos))


def write_codebook_sheet(path: Path, codebook: Codebook, memos: Sequence[Memo] = ()) -> None:
    """Write the same as a workbook.

    Args:
        path: The file.
        codebook: Of the study.
        memos: On its codes.

    Raises:
        UsageError: If the file cannot be written.
    """
    with replace_file(path) as draft, open_workbook(draft) as book:
        styles = {name: book.add_format(BASE | STYLES[name]) for name in ("head", "text")}
        sheet = book.add_worksheet("Codebook")
        for number, (_, width) in enumerate(COLUMNS):
            sheet.set_column(number, number, width)
        header(sheet, [heading for heading, _ in COLUMNS], styles["head"])
        for line, row in enumerate(rows_of(codebook, memos), start=1):
            for number, cell in enumerate(row):
                write_text(sheet, line, number, cell, styles["text"])
        landscape(sheet)


def write_tags(path: Path, codebook: Codebook, memos: Sequence[Memo] = ()) -> None:
    """Write a codebook as Taguette takes it in; names that repeat bear their domain, memos end the description.

    Args:
        path: The file.
        codebook: Of the study.
        memos: On its codes.

    Raises:
        UsageError: If the file cannot be written.
    """
    labels, noted = labels_of(codebook.codes), memos_on(memos)
    rows = ((labels[code.id], described(code.definition, noted.get(code.id, ()))) for code in codebook.codes)
    _write_csv(path, ["tag", "description"], rows)


def rows_of(codebook: Codebook, memos: Sequence[Memo] = ()) -> Iterator[tuple[str, ...]]:
    """Yield a row for each code, as ``COLUMNS`` has them."""
    noted = memos_on(memos)
    for code in codebook.codes:
        about = (code.definition, code.include, code.exclude, "; ".join(code.aliases))
        yield code.id, code.name, code.domain, code.level or "", *about, described("", noted.get(code.id, ()))


def _write_csv(path: Path, headings: list[str], rows: Iterator[tuple[str, ...]]) -> None:
    with replace_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(headings)
        lines.writerows([safe_cell(cell) for cell in row] for row in rows)
