"""The framework matrix: participants, or groups of them, by constructs; each cell holds its passages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from corpus.transcript import Span, Transcript
from pipeline.framework import cells_of, group_of, group_order

BY_TRANSCRIPT = "transcript"
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
        versions: The transcript versions of each row.
        codes: Code ids in codebook order: the columns.
    """

    rows: tuple[str, ...]
    versions: tuple[tuple[int, ...], ...]
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
    known = sorted({passage for passage in coded if passage.version in rows and passage.code in codes})
    placed = (
        (rows[version], passage.code, _passage(passage, transcript))
        for version, found in groupby(known, key=lambda passage: passage.version)
        for transcript in [read(version)]
        for passage in found
    )
    cells = cells_of(placed, alike=lambda passage: passage)
    labels = tuple(dict.fromkeys(rows.values()))
    ordered = (Cell(row, code, cells[row, code]) for row in labels for code in codes if (row, code) in cells)
    members = (tuple(version for version, label in rows.items() if label == row) for row in labels)
    return Matrix(labels, tuple(members), tuple(codes), tuple(ordered))


def grouped(names: Mapping[int, str], by: str, attributes: Callable[[str], Mapping[str, str]]) -> dict[int, str]:
    """Return the row of each version: its transcript's name, or what an attribute says of its participant.

    Args:
        names: Transcript names by version.
        by: ``BY_TRANSCRIPT`` or the name of an attribute.
        attributes: Those of the participant of a named transcript.
    """
    if by == BY_TRANSCRIPT:
        return dict(names)
    groups = {version: group_of(attributes(name), by) for version, name in names.items()}
    return dict(sorted(groups.items(), key=lambda row: (group_order(row[1]), row[0])))


def _passage(coded: Coded, transcript: Transcript) -> MatrixPassage:
    words = coded.span.of(transcript.text)
    shown = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    return MatrixPassage(coded.version, transcript.name, coded.span.start, coded.span.end, shown, coded.coder)
