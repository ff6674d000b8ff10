"""Suggestions as an Excel workbook: the rows, a summary by transcript and domain, and what this file is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice
from itertools import count as numbers
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.codebook import Codebook
from corpus.files import replace_file
from corpus.suggestion import SOURCES
from pipeline.export import sheets
from pipeline.export.flat import Cell, cells
from pipeline.export.palette import book_colours
from pipeline.export.rows import Origin, SuggestionRow
from pipeline.export.safety import printable
from pipeline.export.sheets import (
    BAR,
    BASE,
    STYLES,
    about_sheet,
    header,
    inline,
    landscape,
    open_workbook,
    sheet_title,
    write_cell,
)
from pipeline.export.summary import DomainCounts

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the first sheet: a key of ``cells``, its heading, its width in characters, its style."""

    key: str
    title: str
    width: int
    style: str = "plain"


FROM = frozenset({"seed_1_provenance", "seed_2_provenance"})
"""Columns that say in words where a quotation comes from."""

SHEET = (
    Column("transcript", "Transcript", 22),
    Column("timestamp", "Time", 9),
    Column("speaker", "Speaker", 12),
    Column("text", "Passage", 70, "text"),
    Column("code_name", "Suggested code", 28, "text"),
    Column("domain", "Domain", 24, "domain"),
    Column("level", "Level", 9),
    Column("probability", "Probability", 13, "percent"),
    Column("uncertain", "Uncertain", 10, "quiet"),
    Column("status", "Decision", 12),
    Column("seed_1", "Nearest seed quotation", 50, "quiet"),
    Column("seed_1_similarity", "Similarity", 11, "cosine"),
    Column("seed_1_provenance", "It is", 24, "quiet"),
    Column("seed_2", "Second seed quotation", 50, "quiet"),
    Column("seed_2_similarity", "Similarity", 11, "cosine"),
    Column("seed_2_provenance", "It is", 24, "quiet"),
    Column("words", "Words that weighed most", 26, "quiet"),
    Column("code", "Code id", 30),
    Column("rank", "Rank", 7, "number"),
    Column("segment", "Sentences", 16, "quiet"),
    Column("start", "Start", 9, "number"),
    Column("end", "End", 9, "number"),
    Column("run", "Run", 10),
    Column("model", "Model", 24),
    Column("codebook", "Codebook digest", 24),
)
PROBABILITY = next(n for n, column in enumerate(SHEET) if column.key == "probability")
DATA_BAR = {
    **{"type": "data_bar", "bar_color": BAR, "bar_solid": True, "bar_border_color": BAR},
    **{"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1},
}
"""A bar that fills its cell at probability 1."""

ABOUT = (
    (
        "What this is",
        "Codes that software proposes for passages of your transcripts. A suggestion is not a coding: it becomes one "
        "when a person accepts it.",
    ),
    (
        "Probability",
        "The chance that a human coder would give this code to this passage, as estimated on coded interviews. Of "
        "suggestions at 70%, about seven in ten should hold. It is no measure of how important a passage is.",
    ),
    (
        "Seed quotations",
        "The quotations known to bear the code that lie nearest to the passage (similarity 1 = the same). They "
        "explain a suggestion; they do not decide it.",
    ),
    (
        "What is missing",
        "Passages without a suggestion are not passages without meaning: the software keeps silent where it does not "
        "know. Read the transcripts, too.",
    ),
    (
        "What to do next",
        "Filter the first sheet by domain and read from the highest probability down, with the page of the run beside "
        "it for the context. Then measure them against your own coding with 'precode benchmark study'.",
    ),
    ("Offsets", "Start and End count characters (Unicode code points) from 0 in the text as precode read it."),
    ("Confidential", "This file holds words of participants. Treat it like the transcripts."),
)


def write_xlsx(
    path: Path,
    rows: Iterable[SuggestionRow],
    codebook: Codebook,
    origin: Origin,
    *,
    transcripts: Iterable[str] = (),
) -> int:
    """Write rows as a formatted workbook and return how many.

    Rows stream through XlsxWriter's constant-memory mode. What a sheet cannot hold is continued on the next one.

    Args:
        path: The ``.xlsx`` file.
        rows: In the order in which they should appear.
        codebook: Gives the domains their order and colours.
        origin: Told on the third sheet.
        transcripts: Names that the summary lists even when nothing is suggested in them.

    Raises:
        UsageError: If the file cannot be written.
    """
    tally = DomainCounts(transcripts)
    with replace_file(path) as draft, open_workbook(draft) as book:
        book.set_properties({"title": f"Suggestions of run {printable(origin.run)}", "created": origin.created})
        styles = _Styles(book, codebook)
        _suggestion_sheets(book, tally.passing(rows), styles)
        _summary_sheet(book.add_worksheet("Summary"), tally, codebook, styles)
        lines = (*origin.facts, *ABOUT)
        about_sheet(book.add_worksheet("About this file"), "Suggestions by precode", lines, styles.named)
    return tally.total


class _Styles:
    """The formats of one workbook: named ones, and one chip per domain."""

    def __init__(self, book: Workbook, codebook: Codebook) -> None:
        self.named: dict[str, Format] = {name: book.add_format(BASE | style) for name, style in STYLES.items()}
        self.chips: dict[str, Format] = {
            domain: book.add_format(BASE | {"bg_color": colour.light, "font_color": "#ffffff", "text_wrap": True})
            for domain, colour in book_colours(codebook).items()
        }

    def of(self, column: Column, cell: Cell) -> Format:
        """Return the format of one cell of the first sheet."""
        return self.chips[str(cell)] if column.style == "domain" else self.named[column.style]


def _suggestion_sheets(book: Workbook, rows: Iterable[SuggestionRow], styles: _Styles) -> None:
    """Write rows over as many sheets as they need; one at least."""
    waiting = iter(rows)
    for number in numbers(1):
        sheet, lines = book.add_worksheet(sheet_title("Suggestions", number)), 0
        for n, column in enumerate(SHEET):
            sheet.set_column(n, n, column.width)
        header(sheet, [column.title for column in SHEET], styles.named["head"])
        for lines, row in enumerate(islice(waiting, sheets.MOST_ROWS), start=1):
            values = cells(row)
            values |= {key: SOURCES.get(str(value), value) for key, value in values.items() if key in FROM}
            for n, column in enumerate(SHEET):
                write_cell(sheet, lines, n, values[column.key], styles.of(column, values[column.key]))
        sheet.autofilter(0, 0, lines, len(SHEET) - 1)
        landscape(sheet)
        sheet.conditional_format(1, PROBABILITY, max(lines, 1), PROBABILITY, DATA_BAR)
        following = next(waiting, None) if lines == sheets.MOST_ROWS else None
        if following is None:
            return
        waiting = chain([following], waiting)


def _summary_sheet(sheet: Worksheet, tally: DomainCounts, codebook: Codebook, styles: _Styles) -> None:
    """Write transcripts by domains with sums in the last line and column."""
    domains, last = codebook.domains, len(codebook.domains) + 1
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, last, 15)
    header(sheet, ["Transcript", *domains, "All"], styles.named["head"])
    for n, domain in enumerate(domains, start=1):
        sheet.write_string(0, n, inline(domain), styles.chips[domain])
    for line, name in enumerate(tally.transcripts, start=1):
        counts = [tally.cells[name, domain] for domain in domains]
        _counts(sheet, line, name, [*counts, tally.transcripts[name]], styles.named["plain"], styles.named["count"])
    sums = [tally.domains[domain] for domain in domains]
    bottom = len(tally.transcripts) + 1
    _counts(sheet, bottom, "All transcripts", [*sums, tally.total], styles.named["bold"], styles.named["total"])
    landscape(sheet)


def _counts(sheet: Worksheet, line: int, name: str, counts: Iterable[int], label: Format, number: Format) -> None:
    write_cell(sheet, line, 0, name, label)
    for n, count in enumerate(counts, start=1):
        write_cell(sheet, line, n, count, number)
