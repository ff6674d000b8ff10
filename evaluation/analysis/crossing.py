"""Counting in cells: how often, in how many units, and which codes stand together. Arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


def crossed(rows: Numbers, columns: Numbers, shape: tuple[int, int]) -> Numbers:
    """Return how many items fall into each cell.

    Args:
        rows: Row of each item, shape (items,).
        columns: Its column, likewise.
        shape: Of the table.

    Returns:
        Shape ``shape``.
    """
    height, width = shape
    return np.bincount(rows * width + columns, minlength=height * width).reshape(shape).astype(np.int64)


def distinct(rows: Numbers, columns: Numbers, units: Numbers, shape: tuple[int, int]) -> Numbers:
    """Return of how many different units the items of each cell are.

    Args:
        rows: Row of each item, shape (items,).
        columns: Its column, likewise.
        units: The unit that each item is of, likewise.
        shape: Of the table.

    Returns:
        Shape ``shape``.
    """
    height, width = shape
    known, unit = np.unique(units, return_inverse=True)
    cells = np.unique((rows * width + columns) * max(len(known), 1) + unit) // max(len(known), 1)
    return np.bincount(cells, minlength=height * width).reshape(shape).astype(np.int64)


@dataclass(frozen=True)
class Together:
    """Which codes stand together.

    Attributes:
        units: In how many units each code stands, shape (codes,).
        shared: In how many units two codes stand both, shape (codes, codes); the diagonal holds ``units``.
    """

    units: Numbers
    shared: Numbers

    @property
    def jaccard(self) -> Floats:
        """Units with both codes as a share of those with either (Jaccard 1912), 0 where there are none.

        ATLAS.ti calls it the c-coefficient.
        """
        either = self.units[:, np.newaxis] + self.units - self.shared
        return np.asarray(np.divide(self.shared, either, out=np.zeros(self.shared.shape), where=either > 0))


def together(units: Numbers, codes: Numbers, count: int) -> Together:
    """Return which codes stand together in how many units; what is there twice counts once.

    Args:
        units: The unit of each coding, shape (codings,), any numbers.
        codes: Column of its code, likewise.
        count: How many codes there are.
    """
    _, rows = np.unique(units, return_inverse=True)
    bearing, code = np.divmod(np.unique(rows * count + codes), max(count, 1))  # each unit once with each of its codes
    many = np.bincount(bearing)
    begins = np.cumsum(many) - many
    partners = many[bearing]
    within = np.arange(partners.sum()) - np.repeat(np.cumsum(partners) - partners, partners)
    second = code[np.repeat(begins[bearing], partners) + within]
    shared = crossed(np.repeat(code, partners), second, (count, count))
    return Together(shared.diagonal().copy(), shared)


def parts_of(positions: Floats, count: int) -> Numbers:
    """Return in which of ``count`` equal parts of a text each position lies, from 0; the end is in the last.

    Args:
        positions: As shares of the text, 0 to 1.
        count: How many parts.
    """
    return np.clip((positions * count).astype(np.int64), 0, count - 1)
