"""The table of quotations that a paper prints: by domain, level and construct, each with who said it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from corpus.codebook import LEVELS, Code
from corpus.files import replace_file
from pipeline.export.coded import CodedPassage, CodedStudy, domains_of
from pipeline.export.documents import Part, clean, facts, shade, small, table, word_document
from pipeline.export.flat import Cell, safe_cell
from pipeline.export.framework import described
from pipeline.export.palette import palette

WIDTHS = (3.9, 12.5)
LEVEL_NAMES = {"core": "Core", "micro": "Micro level", "meso": "Meso level", "macro": "Macro level"}


@dataclass(frozen=True, slots=True)
class Quotation:
    """A passage under one of its codes."""

    code: Code
    passage: CodedPassage

    @property
    def source(self) -> str:
        """Who says it, as papers print it: id, sector, role."""
        about = described(self.passage.participant)
        speaker = self.passage.speaker if not self.passage.participant else ""
        mark = "suggestion, not coded" if self.passage.pending else ""
        return ", ".join(part for part in (self.passage.who, speaker, about, mark) if part)


def quotations_of(study: CodedStudy) -> list[Quotation]:
    """Return every coded passage once under each of its codes, by domain, level, construct and place."""
    order = {code.id: n for n, code in enumerate(study.codes)}
    domains = {name: n for n, name in enumerate(domains_of(study.codes))}
    found = {(given.code.id, row.transcript, row.span): Quotation(given.code, row) for row, given in study.given()}
    rank = {level: n for n, level in enumerate(LEVELS)}
    return sorted(
        found.values(),
        key=lambda quotation: (
            domains[quotation.code.domain],
            rank.get(quotation.code.level or "", len(rank)),
            order[quotation.code.id],
        ),
    )


def write_quotations_csv(path: Path, study: CodedStudy) -> int:
    """Write the quotations as CSV and return how many there are.

    Raises:
        UsageError: If the file cannot be written.
    """
    quotations = quotations_of(study)
    heads = ("domain", "level", "construct", "quotation", "participant", *_attributes(study))
    with replace_file(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([safe_cell(head) for head in (*heads, "transcript", "speaker", "time", "coder", "decision")])
        for quotation in quotations:
            writer.writerow([safe_cell(cell) for cell in _cells(quotation, study)])
    return len(quotations)


def _attributes(study: CodedStudy) -> tuple[str, ...]:
    """Return what there is to say of participants beside their id."""
    return tuple(name for name in study.attributes if name != "id") or ("sector", "role")


def _cells(quotation: Quotation, study: CodedStudy) -> Iterator[Cell]:
    passage, code = quotation.passage, quotation.code
    yield from (code.domain, code.level, code.name, passage.text, passage.who)
    yield from (passage.participant.get(name) for name in _attributes(study))
    status = next(given.status for given in passage.codes if given.code.id == code.id)
    yield from (passage.transcript, passage.speaker, passage.timestamp, passage.coder, str(status))


def write_quotations_word(path: Path, study: CodedStudy) -> int:
    """Write the quotations as a Word document and return how many there are.

    Raises:
        UsageError: If the file cannot be written.
    """
    quotations, colours = quotations_of(study), palette(domains_of(study.codes))
    name = study.origin.study
    with word_document(path, header=f"{name} \u00b7 Quotations" if name else "Quotations") as word:
        word.add_heading("Quotations by domain and construct", 0)
        facts(word, study.origin)
        for domain, group in groupby(quotations, key=lambda quotation: quotation.code.domain):
            word.add_heading(clean(domain), 1)
            _domain(word, list(group), colours[domain].light)
    return len(quotations)


def _domain(word: Part, quotations: list[Quotation], background: str) -> None:
    made = table(word, ("Construct", "Quotations"), WIDTHS, background)
    for level, of_level in groupby(quotations, key=lambda quotation: quotation.code.level):
        if level:
            _band(made, LEVEL_NAMES.get(level, level))
        for code, group in groupby(of_level, key=lambda quotation: quotation.code):
            _construct(made, code, list(group))


def _band(made: Part, title: str) -> None:
    row = made.add_row()
    merged = row.cells[0].merge(row.cells[1])
    shade(merged, "#e9ecf1")
    merged.paragraphs[0].add_run(clean(title)).bold = True


def _construct(made: Part, code: Code, quotations: list[Quotation]) -> None:
    row = made.add_row()
    row.cells[0].paragraphs[0].add_run(clean(code.name)).bold = True
    paragraph: Part | None = None
    for quotation in quotations:
        paragraph = row.cells[1].paragraphs[0] if paragraph is None else row.cells[1].add_paragraph()
        paragraph.add_run(clean(f"\u201c{quotation.passage.text}\u201d ")).italic = quotation.passage.pending or None
        small(paragraph, f"({quotation.source})")
