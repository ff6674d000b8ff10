"""Seed banks: quotations that show what a code sounds like, and quotations that get no code.

A quote may come from a whole interview; then it knows its document and the words around it. Authored
practice interviews and a researcher's own accepted codings are such quotes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from corpus.codebook import Codebook
from corpus.errors import CodebookError, InputError
from corpus.rows import TableRow, read_rows
from corpus.transcript import digest_of

PAGE = "page"
"""The ``source`` of quotations that were taken from a coded passage of the study itself."""
PROVENANCES = ("authored", "published", "accepted", "rejected")


@dataclass(frozen=True, slots=True)
class SeedQuote:
    """A quotation and the code it speaks for; ``code`` None is an example of what gets no code.

    Attributes:
        also: A second code the quotation may bear.
        provenance: One of ``PROVENANCES``.
        context: The quotation with its neighbouring sentences, where it comes from an interview.
        document: The interview it comes from: what a split by document keeps together.
        question: What the interviewer said before the turn it comes from.
    """

    text: str
    code: str | None
    also: str | None = None
    provenance: str = "authored"
    source: str | None = None
    context: str | None = None
    document: str | None = None
    question: str | None = None


@dataclass(frozen=True)
class SeedBank:
    """An ordered collection of seed quotations."""

    quotes: tuple[SeedQuote, ...]

    @cached_property
    def digest(self) -> str:
        """Digest of all a model is trained on, in order: banks with equal digests train equal models."""
        return digest_of(json.dumps([_identity(quote) for quote in self.quotes]))

    @cached_property
    def coded(self) -> tuple[SeedQuote, ...]:
        """The quotations that bear a code."""
        return tuple(quote for quote in self.quotes if quote.code is not None)

    @cached_property
    def uncoded(self) -> tuple[SeedQuote, ...]:
        """Examples of what gets no code."""
        return tuple(quote for quote in self.quotes if quote.code is None)

    def without(self, source: str) -> SeedBank:
        """Return the bank without the quotations of a source."""
        return SeedBank(tuple(quote for quote in self.quotes if quote.source != source))

    def under(self, codebook: Codebook) -> SeedBank:
        """Return the bank under the ids that codes have now, without quotations whose codes were all taken out."""
        found = (_under(quote, codebook) for quote in self.quotes)
        return SeedBank(tuple(quote for quote in found if quote is not None))

    def __add__(self, other: SeedBank) -> SeedBank:
        return SeedBank(self.quotes + other.quotes)


def load_seeds(paths: Iterable[Path], codebook: Codebook) -> SeedBank:
    """Read one or more JSONL seed files as one bank, under the ids that codes have now.

    Raises:
        CodebookError: If a line names a code that the codebook neither has nor had.
        InputError: If a file cannot be read or a line lacks its text or its code; what gets no code says so by null.
    """
    return read_seeds(paths, codebook).under(codebook)


def read_seeds(paths: Iterable[Path], codebook: Codebook) -> SeedBank:
    """Read seed files as they are written, under ids that codes may have had before.

    Raises:
        CodebookError: If a line names a code that the codebook neither has nor had.
        InputError: If a file cannot be read or a line lacks its text or its code.
    """
    return SeedBank(tuple(_quote_from(row, codebook) for path in paths for row in read_rows(path)))


def _identity(quote: SeedQuote) -> tuple[str | None, ...]:
    """Return what a model is trained on; a bank that knows no questions has the digest it had before there were any."""
    known = (quote.code, quote.also, quote.document, quote.context, quote.text)
    return known if quote.question is None else (*known, quote.question)


def _under(quote: SeedQuote, codebook: Codebook) -> SeedQuote | None:
    if quote.code is None:
        return quote
    now = dict.fromkeys(codebook.current_id(code) for code in (quote.code, quote.also) if code)
    code, also = [*(code for code in now if code in codebook.by_id), None, None][:2]
    if (code, also) == (quote.code, quote.also):
        return quote
    return None if code is None else replace(quote, code=code, also=also)


def _quote_from(row: TableRow, codebook: Codebook) -> SeedQuote:
    row.required("code")  # a misspelt key must not turn a coded quotation into an uncoded one
    code, also = row.optional("code"), row.optional("also")
    for name in (code, also):
        if name is not None and not codebook.knows(name):
            raise CodebookError(f"{row.place}: {codebook.lacks(name)}")
    provenance = row.optional("provenance") or "authored"
    if provenance not in PROVENANCES:
        raise InputError(row.place, f"provenance {provenance!r} is none of {', '.join(PROVENANCES)}")
    return SeedQuote(
        row.text("text"),
        code,
        also,
        provenance,
        source=row.optional("source"),
        context=row.optional("context"),
        document=row.optional("document"),
        question=row.optional("question"),
    )
