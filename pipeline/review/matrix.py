"""The framework matrix: participants, or groups of them, by constructs; each cell holds its passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from corpus.transcript import Span, Transcript

BY_TRANSCRIPT = "transcript"
UNSTATED = "not stated"
"""The row of those of whom the table of participants does not say it."""

LONGEST = 300
"""Characters of a passage that a cell shows."""


@dataclass(frozen=True, slots=True, order=True)
class Coded:
    """A passage that somebody coded, without its words."""

    version: int
    span: Span
    code: str
    coder: str


@dataclass(frozen=True, slots=True)
class MatrixPassage:
    """A passage in a cell; ``text`` is cut after ``LONGEST`` characters."""

    version: int
    transcript: str
    start: int
    end: int
    text: str
    coder: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What the participants of a row said of a construct, in order of transcripts and text."""

    row: str
    code: str
    passages: tuple[MatrixPassage, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A framework matrix; cells without a passage are left out.

    Attributes:
        rows: Labels in order.
        codes: Code ids in codebook order: the columns.
    """

    rows: tuple[str, ...]
    codes: tuple[str, ...]
    cells: tuple[Cell, ...]


def framework_matrix(
    coded: Iterable[Coded],
    rows: Mapping[int, str],
    codes: Sequence[str],
    read: Callable[[int], Transcript],
) -> Matrix:
    """Return the matrix of passages; each transcript is read once, and only if somebody coded in it.

    Args:
        coded: Passages of the versions in ``rows``; those of other versions and other codes are left out.
        rows: The label of each version's row, in the order the rows should have.
        codes: The columns.
        read: Returns the transcript of a version.
    """
    cells: dict[tuple[str, str], list[MatrixPassage]] = defaultdict(list)
    known = sorted({one for one in coded if one.version in rows and one.code in codes})
    for version, found in groupby(known, key=lambda one: one.version):
        transcript = read(version)
        for one in found:
            cells[rows[version], one.code].append(_passage(one, transcript))
    labels = tuple(dict.fromkeys(rows.values()))
    return Matrix(labels, tuple(codes), tuple(_in_order(cells, labels, codes)))


def grouped(names: Mapping[int, str], by: str, attributes: Callable[[str], Mapping[str, str]]) -> dict[int, str]:
    """Return the row of each version: its transcript's name, or what an attribute says of its participant.

    Args:
        names: Transcript names by version.
        by: ``BY_TRANSCRIPT`` or the name of an attribute.
        attributes: Those of the participant of a named transcript.
    """
    if by == BY_TRANSCRIPT:
        return dict(names)
    values = {version: attributes(name).get(by) or UNSTATED for version, name in names.items()}
    return dict(sorted(values.items(), key=lambda one: (one[1] == UNSTATED, one[1].casefold(), one[0])))


def _in_order(
    cells: Mapping[tuple[str, str], Sequence[MatrixPassage]], labels: Sequence[str], codes: Sequence[str]
) -> Iterator[Cell]:
    for row in labels:
        yield from (Cell(row, code, tuple(cells[row, code])) for code in codes if (row, code) in cells)


def _passage(one: Coded, transcript: Transcript) -> MatrixPassage:
    words = one.span.of(transcript.text)
    shown = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    return MatrixPassage(one.version, transcript.name, one.span.start, one.span.end, shown, one.coder)
