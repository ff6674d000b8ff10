"""A codebook as a Word document: for the appendix of a paper, and for coders to have beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from corpus.codebook import Code, Codebook
from corpus.seeds import SeedBank
from pipeline.export.documents import Part, clean, colour, small, word_document
from pipeline.export.palette import book_colours

HANDY = range(50, 241)
"""Characters of an example that is neither a scrap nor a story."""


def examples_of(bank: SeedBank) -> dict[str, str]:
    """Return an example for each code: authored quotations only, since a codebook travels and nobody's talk should."""
    found: dict[str, str] = {}
    quotes = [quote for quote in bank.coded if quote.provenance == "authored"]
    for quote in (*(quote for quote in quotes if len(quote.text) in HANDY), *quotes):
        found.setdefault(quote.code or "", quote.text)
    return found


def write_codebook(path: Path, codebook: Codebook, examples: Mapping[str, str]) -> int:
    """Write a codebook and return how many codes it has.

    Args:
        path: The ``.docx`` file.
        codebook: Its codes stand in its own order, domain by domain.
        examples: A quotation by id of the code.

    Raises:
        UsageError: If the file cannot be written.
    """
    title, colours = codebook.title or codebook.name, book_colours(codebook)
    with word_document(path, header=f"Codebook \u00b7 {title}", footer=f"Version {codebook.version}.") as word:
        word.add_heading(clean(title), 0)
        small(word.add_paragraph(), "\n".join(f"{label}: {value}" for label, value in _head(codebook)))
        for domain in codebook.domains:
            colour(word.add_heading(clean(domain), 1).runs[0], colours[domain].light)
            for code in codebook.codes:
                if code.domain == domain:
                    _code(word, code, examples.get(code.id, ""))
    return len(codebook.codes)


def _head(codebook: Codebook) -> Iterator[tuple[str, str]]:
    yield "Version", codebook.version
    yield "Codes", f"{len(codebook.codes)} in {len(codebook.domains)} domains"
    if codebook.source:
        yield "Source", codebook.source
    yield "Digest", codebook.digest


def _code(word: Part, code: Code, example: str) -> None:
    heading = word.add_heading(clean(code.name), 2)
    small(heading, f"   {code.level} level" if code.level and code.level != "core" else f"   {code.level or ''}")
    if code.definition:
        word.add_paragraph(clean(code.definition)).paragraph_format.keep_with_next = True
    for label, text in _parts(code, example):
        paragraph = word.add_paragraph()
        paragraph.add_run(f"{label}  ").bold = True
        paragraph.add_run(clean(text)).italic = label == "Example" or None
    small(word.add_paragraph(), code.id)


def _parts(code: Code, example: str) -> Iterator[tuple[str, str]]:
    named = (("Include", code.include), ("Exclude", code.exclude), ("Also called", "; ".join(code.aliases)))
    yield from ((label, text) for label, text in named if text)
    if example:
        yield "Example", f"\u201c{example}\u201d"
