"""Quote sets: human-coded passages taken as given, for benchmarks with any codebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.codebook import Codebook
from corpus.errors import CodingError, InputError
from corpus.rows import TableRow, read_rows


@dataclass(frozen=True, slots=True)
class QuoteItem:
    """One passage and the codes a person gave it.

    Attributes:
        codes: Empty where the coder decided that no code fits.
        document: What the passage was taken from; splits and intervals never cut through a document.
        source: Where the set comes from.
    """

    id: str
    text: str
    codes: frozenset[str]
    document: str
    coder: str | None = None
    source: str | None = None


def load_quotes(path: Path, codebook: Codebook) -> list[QuoteItem]:
    """Read a quote set from JSONL, in file order.

    Raises:
        InputError: If the file cannot be read, is empty, or a line lacks a key.
        CodingError: If a line names a code that the codebook does not have.
    """
    items = [_item_from(row, codebook) for row in read_rows(path)]
    if not items:
        raise InputError(path, "holds no quotes")
    return items


def _item_from(row: TableRow, codebook: Codebook) -> QuoteItem:
    return QuoteItem(
        id=str(row.required("id")),
        text=row.text("text"),
        codes=_codes_of(row, codebook),
        document=str(row.required("document")),
        coder=row.optional("coder"),
        source=row.optional("source"),
    )


def _codes_of(row: TableRow, codebook: Codebook) -> frozenset[str]:
    codes = row.required("codes")
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise InputError(row.place, "key 'codes' must be a list of code ids (empty: coded as nothing)")
    for code in codes:
        if code not in codebook.by_id:
            raise CodingError(row.place, codebook.lacks(code))
    return frozenset(codes)
