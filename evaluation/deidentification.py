"""How much of what identifies people is found: ``python -m evaluation.deidentification``.

The sample is ``corpus/deidentification``: ten extracts of our own writing from ten settings, every identifier marked as
``[[kind:text]]``. Each is read as a study of its own, and scored as if a researcher confirmed the list as it is.

Recall: an identifier counts as found if every word of it that has a capital or a digit is covered (all of an address of
the web or of e-mail). What stays of ``the young Egger`` when ``Egger`` goes names nobody. Precision: a place that would
be replaced counts as right if it touches an identifier of whatever kind, since what matters is that it goes.

Five extracts were open while the rules were written, the others were held back (``HELD``) and scored once, at commit
0e2468d; ``docs/deidentify.md`` has that score, and says what changed since.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.readers import read_transcript
from corpus.shipped import HERE
from corpus.transcript import Span, Transcript
from evaluation.report.tables import ScoreTable
from evaluation.study_quality.shares import wilson
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.kinds import PEOPLE, IdentifierKind
from pipeline.deidentify.matcher import Spot
from pipeline.deidentify.merge import propose

SAMPLE = HERE / "deidentification"
HELD = ("auckland_whanau", "cork_pharmacy", "glasgow_carers", "mumbai_outreach", "zagreb_bolnica")
"""Extracts that nobody looked at while rules were written."""

ALL = "all"
_MARK = re.compile(r"\[\[(\w+):(.*?)\]\]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A marked stretch of an extract, at its place in the text without marks."""

    span: Span
    kind: IdentifierKind


@dataclass(frozen=True)
class Extract:
    """A marked extract."""

    name: str
    text: str
    identifiers: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with its 95% interval (Wilson)."""

    hits: int
    n: int

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.n + other.n)

    def __str__(self) -> str:
        interval = wilson(self.hits, self.n)
        if interval is None:
            return "-"
        return f"{self.hits / self.n:.2f} [{interval[0]:.2f}, {interval[1]:.2f}] {self.hits}/{self.n}"


@dataclass(frozen=True)
class FoundSpan:
    """How many identifiers of each kind were found, and how many places of each kind were right."""

    recall: dict[str, Share]
    precision: dict[str, Share]

    def table(self, title: str) -> ScoreTable:
        """Return one row a kind, all of them last."""
        names = [kind.value for kind in IdentifierKind if kind.value in self.recall or kind.value in self.precision]
        none = Share(0, 0)
        rows = [(name, str(self.recall.get(name, none)), str(self.precision.get(name, none))) for name in (*names, ALL)]
        return ScoreTable(title, ("kind", "recall", "precision"), tuple(rows))


def load_extract(path: Path) -> Extract:
    """Read a marked extract."""
    marked = path.read_text(encoding="utf-8")
    pieces: list[str] = []
    identifiers: list[Identifier] = []
    position = length = 0
    for match in _MARK.finditer(marked):
        pieces += [marked[position : match.start()], match[2]]
        start = length + match.start() - position
        identifiers.append(Identifier(Span(start, start + len(match[2])), IdentifierKind(match[1])))
        position, length = match.end(), start + len(match[2])
    return Extract(path.stem, "".join((*pieces, marked[position:])), tuple(identifiers))


def extracts(*, held: bool) -> list[Extract]:
    """Return the extracts that were open, or those that were held back."""
    paths = sorted(SAMPLE.glob("*.txt"))
    return [load_extract(path) for path in paths if (path.stem in HELD) == held]


def score(several: Iterable[Extract]) -> FoundSpan:
    """Return recall and precision of what is proposed for some extracts."""
    recall: dict[str, Share] = {}
    precision: dict[str, Share] = {}
    for extract in several:
        spots = places(extract)
        for identifier in extract.identifiers:
            _count(recall, identifier.kind, hit=is_found(identifier, extract.text, spots))
        for spot in spots:
            touched = any(spot.span.overlap(identifier.span) for identifier in extract.identifiers)
            _count(precision, IdentifierKind.PERSON if spot.form.kind in PEOPLE else spot.form.kind, hit=touched)
    return FoundSpan(recall, precision)


def places(extract: Extract) -> list[Spot]:
    """Return what would be replaced in an extract if its list were confirmed as it is."""
    transcript = _read(extract)
    return Substitutions(propose([transcript])).spots(transcript.text)


def is_found(identifier: Identifier, text: str, spots: Sequence[Spot]) -> bool:
    """Return whether nothing that identifies is left of an identifier.

    Args:
        identifier: Where it stands, and of what kind it is.
        text: Of the extract.
        spots: What would be replaced in it.
    """
    words = [
        Span(identifier.span.start + match.start(), identifier.span.start + match.end())
        for match in _WORD.finditer(identifier.span.of(text))
    ]
    whole = identifier.kind in {IdentifierKind.EMAIL, IdentifierKind.WEB}
    telling = [
        word for word in words if whole or any(not letter.islower() for letter in word.of(text) if letter != "_")
    ]
    gone = {place for spot in spots for place in range(spot.span.start, spot.span.end)}
    return all(gone.issuperset(range(word.start, word.end)) for word in telling or words)


def _read(extract: Extract) -> Transcript:
    with TemporaryDirectory(prefix="precode-") as folder:
        path = Path(folder) / "extract.txt"
        path.write_text(extract.text, encoding="utf-8", newline="")
        return read_transcript(path)


def _count(shares: dict[str, Share], kind: IdentifierKind, *, hit: bool) -> None:
    for name in (kind.value, ALL):
        shares[name] = shares.get(name, Share(0, 0)) + Share(int(hit), 1)


def tables() -> list[ScoreTable]:
    """Return the scores of the open extracts and of those held back."""
    return [
        score(extracts(held=False)).table("Extracts open while the rules were written"),
        score(extracts(held=True)).table("Extracts held back"),
    ]


def main() -> None:
    """Print the scores."""
    for table in tables():
        sys.stdout.write(f"{table.title}\n{' | '.join(table.header)}\n")
        sys.stdout.writelines(f"{' | '.join(row)}\n" for row in table.rows)


if __name__ == "__main__":
    main()
