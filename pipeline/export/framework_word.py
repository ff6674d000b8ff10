"""The framework matrix as a Word document: landscape, a table a domain, room for a summary in every cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus.codebook import Code
from pipeline.export.coded import CodedPassage, CodedStudy
from pipeline.export.documents import Part, clean, facts, small, table, word_document
from pipeline.export.framework import Domain, Framework, FrameworkRow, framework_of, source_of
from pipeline.export.palette import palette

ABREAST = 5
"""Constructs that stand side by side on a landscape page; a domain with more gets a table for each so many."""

PAGE, LABEL = 26.1, 3.1
"""Centimetres between the margins, and of the column of cases."""


def write_framework_word(path: Path, study: CodedStudy, by: str = "") -> int:
    """Write the framework matrix of a study as a Word document and return how many cases it has.

    Args:
        path: The file.
        study: What was coded.
        by: The attribute of participants that makes the rows; empty for the participants.

    Raises:
        UsageError: If the file cannot be written.
    """
    framework = framework_of(study, by)
    colours = palette([domain.name for domain in framework.domains])
    name = study.origin.study
    with word_document(
        path, wide=True, header=f"{name} \u00b7 Framework matrix" if name else "Framework matrix"
    ) as word:
        word.add_heading("Framework matrix", 0)
        rows = f"one row for each {by}" if by else "one row for each participant"
        word.add_paragraph(f"A table for each domain, {rows}. Every cell ends with its summary, or with room for one.")
        facts(word, study.origin)
        for domain in framework.domains:
            _domain(word, framework, domain, colours[domain.name].light)
    return len(framework.cases)


def _domain(word: Part, framework: Framework, domain: Domain, background: str) -> None:
    word.add_heading(clean(domain.name), 1)
    used = domain.used()
    for codes in _abreast(used):
        _table(word, framework, domain, codes, background)
        word.add_paragraph()
    silent = [code.name for code in domain.codes if code not in used]
    if silent:
        small(word.add_paragraph(), f"Nothing coded: {', '.join(silent)}")


def _abreast(codes: Sequence[Code]) -> Iterator[Sequence[Code]]:
    """Share columns out evenly, so that no table ends up with one alone."""
    tables = -(-len(codes) // ABREAST)
    for n in range(tables):
        yield codes[n * len(codes) // tables : (n + 1) * len(codes) // tables]


def _table(word: Part, framework: Framework, domain: Domain, codes: Sequence[Code], background: str) -> None:
    widths = [LABEL, *[(PAGE - LABEL) / len(codes)] * len(codes)]
    heads = [
        framework.by.capitalize() or "Case",
        *(f"{c.name} ({c.level})" if c.level else c.name for c in codes),
    ]
    made = table(word, heads, widths, background)
    for case in framework.cases:
        row = made.add_row()
        _label(row.cells[0], case)
        for cell, code, width in zip(row.cells[1:], codes, widths[1:], strict=True):
            place = (case.label, code.id)
            _fill(cell, domain.cells.get(place, ()), framework.by, domain.summaries.get(place, ""))
            _widen(cell, width)
        _widen(row.cells[0], LABEL)


def _widen(cell: Part, width: float) -> None:
    from docx.shared import Cm

    cell.width = Cm(width)


def _label(cell: Part, case: FrameworkRow) -> None:
    cell.paragraphs[0].add_run(clean(case.label)).bold = True
    if case.about:
        small(cell.add_paragraph(), case.about)


def _fill(cell: Part, passages: Sequence[CodedPassage], by: str, summary: str) -> None:
    paragraph = cell.paragraphs[0]
    for passage in passages:
        run = paragraph.add_run(clean(f"\u201c{passage.text}\u201d"))
        run.italic = passage.pending or None
        source = source_of(passage, by)
        if source:
            small(paragraph, f" ({source})")
        paragraph = cell.add_paragraph()
    if passages or summary:
        small(paragraph, "Summary:")
        for part in summary.split("\n"):
            cell.add_paragraph(clean(part))
