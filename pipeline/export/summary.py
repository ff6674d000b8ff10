"""How many suggestions each transcript, domain and code received; counted in passing while rows stream by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from pipeline.export.rows import SuggestionRow


class DomainCounts:
    """Counts of suggestions.

    Args:
        transcripts: Names to list even when nothing is suggested in them.

    Attributes:
        transcripts: By transcript, in the order named or met.
        cells: By transcript and domain.
        domains: By domain.
        codes: By code id.
    """

    def __init__(self, transcripts: Iterable[str] = ()) -> None:
        self.transcripts = Counter(dict.fromkeys(transcripts, 0))
        self.cells: Counter[tuple[str, str]] = Counter()
        self.domains: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()

    def passing(self, rows: Iterable[SuggestionRow]) -> Iterator[SuggestionRow]:
        """Yield ``rows`` unchanged and count them."""
        for row in rows:
            self.transcripts[row.transcript] += 1
            self.cells[row.transcript, row.domain] += 1
            self.domains[row.domain] += 1
            self.codes[row.code] += 1
            yield row

    @property
    def total(self) -> int:
        """The number of suggestions."""
        return self.codes.total()
