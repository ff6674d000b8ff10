"""The framework matrix as an Excel workbook: a sheet a domain, two lines a case, one of them for the summaries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.files import replace_file
from pipeline.export.coded import CodedPassage, CodedStudy
from pipeline.export.framework import Domain, Framework, FrameworkRow, framework_of, source_of
from pipeline.export.palette import palette
from pipeline.export.safety import inert, printable
from pipeline.export.sheets import BASE, LINE_HEIGHT, STYLES, TALLEST, about_sheet, landscape, open_workbook, write_text

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST_CELL = 32_000
"""UTF-16 units that surely fit an Excel cell, whose limit is 32,767."""

SHEET_NAME = 31
LONGEST_LINE = 42
"""About how many characters there are in a line of a cell."""

BOX = {"border": 1, "border_color": "#c9cdd5"}
MORE_STYLES: dict[str, dict[str, object]] = {
    "case": {"bold": True, "text_wrap": True, **BOX},
    "kind": {"font_color": "#5c626d", **BOX},
    "cell": {"text_wrap": True, **BOX},
    "summary": {"text_wrap": True, "bg_color": "#fdf7e3", **BOX},
}
ABOUT = (
    (
        "What this is",
        "A matrix as the Framework Method uses it: a sheet for each domain, a column for each construct, two lines for "
        "each case. The first line holds the passages coded there, the second the summary that the team wrote on the "
        "page's matrix; where there is none it is yours to fill.",
    ),
    (
        "Empty cells",
        "Nobody coded such a passage there. All constructs of the codebook have a column: gaps are findings, too.",
    ),
    (
        "Suggestions",
        "Passages marked 'suggestion, not coded' are there only if asked for. No person coded them.",
    ),
    ("Confidential", "This file holds words of participants. Treat it like the transcripts."),
)


def write_framework_sheet(path: Path, study: CodedStudy, by: str = "") -> int:
    """Write the framework matrix of a study as a workbook and return how many cases it has.

    Args:
        path: The file.
        study: What was coded.
        by: The attribute of participants that makes the rows; empty for the participants.

    Raises:
        UsageError: If the file cannot be written.
    """
    framework = framework_of(study, by)
    colours = palette([domain.name for domain in framework.domains])
    with replace_file(path) as draft, open_workbook(draft, streaming=False) as book:
        styles = {name: book.add_format(BASE | style) for name, style in (STYLES | MORE_STYLES).items()}
        for domain, name in zip(
            framework.domains, sheet_names(domain.name for domain in framework.domains), strict=True
        ):
            head = BASE | STYLES["head"] | {"bg_color": colours[domain.name].light, "font_color": "#ffffff"}
            _domain_sheet(book.add_worksheet(name), framework, domain, styles | {"head": book.add_format(head)})
        about_sheet(book.add_worksheet("About this file"), "Framework matrix", (*study.origin.facts, *ABOUT), styles)
    return len(framework.cases)


_AT_EDGES = re.compile(r"^[\s=+\-@\uff1d\uff0b\uff0d\uff20]+|[\s=+\-@\uff1d\uff0b\uff0d\uff20]+$")
"""White space of any kind and what begins a formula: taken off together, since one hides behind the other."""


def sheet_names(names: Iterable[str]) -> Iterator[str]:
    """Yield a name that Excel allows for each domain: short, without the signs it forbids, no two alike."""
    taken = {"about this file", "history"}
    for name in names:
        clean = _AT_EDGES.sub("", re.sub(r"[\[\]:*?/\\']+", " ", printable(name))) or "Domain"
        numbered = (clean[:SHEET_NAME].strip(), *(f"{clean[: SHEET_NAME - 4].strip()} {n}" for n in range(2, 1000)))
        free = next(candidate for candidate in numbered if candidate.casefold() not in taken)
        taken.add(free.casefold())
        yield free


def _domain_sheet(sheet: Worksheet, framework: Framework, domain: Domain, styles: Mapping[str, Format]) -> None:
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 1 + len(domain.codes), 42)
    sheet.set_row(0, 34)
    names = (f"{code.name} ({code.level})" if code.level else code.name for code in domain.codes)
    titles = (framework.by.capitalize() or "Case", "", *names)
    for column, title in enumerate(titles):
        write_text(sheet, 0, column, title, styles["head"])
    for n, case in enumerate(framework.cases):
        places = [(case.label, code.id) for code in domain.codes]
        cells = [quoted(domain.cells.get(place, ()), framework.by) for place in places]
        _case(sheet, 1 + 2 * n, case, cells, [domain.summaries.get(place, "") for place in places], styles)
    sheet.freeze_panes(1, 2)
    landscape(sheet)


def _case(
    sheet: Worksheet,
    line: int,
    case: FrameworkRow,
    cells: Sequence[str],
    summaries: Sequence[str],
    styles: Mapping[str, Format],
) -> None:
    label = "\n".join(part for part in (case.label, case.about) if part)
    sheet.merge_range(line, 0, line + 1, 0, inert(printable(label)), styles["case"])
    write_text(sheet, line, 1, "Passages", styles["kind"])
    write_text(sheet, line + 1, 1, "Summary", styles["kind"])
    for column, (text, summary) in enumerate(zip(cells, summaries, strict=True), start=2):
        write_text(sheet, line, column, text, styles["cell"])
        write_text(sheet, line + 1, column, summary[:LONGEST_CELL] or None, styles["summary"])
    for row, texts, least in ((line, cells, 2), (line + 1, summaries, 3)):
        lines = (sum(1 + len(part) // LONGEST_LINE for part in text.split("\n")) for text in texts)
        sheet.set_row(row, min(TALLEST, LINE_HEIGHT * max(least, *lines)))


def quoted(passages: Sequence[CodedPassage], by: str) -> str:
    """Return the passages of a cell one below the other, as many as a cell holds, and how many more there are."""
    shown: list[str] = []
    size = 0
    for n, passage in enumerate(passages):
        source = source_of(passage, by)
        text = f"\u201c{passage.text}\u201d" + (f" ({source})" if source else "")
        size += len(text.encode("utf-16-le", "surrogatepass")) // 2 + 2
        if size > LONGEST_CELL:
            return "\n\n".join([*shown, f"\u2026 and {len(passages) - n} more, too long for a cell"])
        shown.append(text)
    return "\n\n".join(shown)
