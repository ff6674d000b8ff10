"""What the framework matrix of the page and those of the exports have in common: how rows and cells are gathered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

P = TypeVar("P")

UNSTATED = "not stated"
"""The row of those of whom the table of participants does not say it."""


def group_of(attributes: Mapping[str, str], by: str) -> str:
    """Return the row of a participant where an attribute makes the rows."""
    return attributes.get(by) or UNSTATED


def group_order(label: str) -> tuple[bool, str, str]:
    """Return what sorts rows that an attribute makes: by name whatever its case, those not stated last."""
    return label == UNSTATED, label.casefold(), label


def cells_of(
    placed: Iterable[tuple[str, str, P]], *, alike: Callable[[P], Hashable]
) -> dict[tuple[str, str], tuple[P, ...]]:
    """Return the passages of each cell in the order given; cells without a passage are left out.

    Args:
        placed: Row label and code id of each passage.
        alike: Passages of a cell for which this is the same stand there once, as the first of them.
    """
    cells: defaultdict[tuple[str, str], dict[Hashable, P]] = defaultdict(dict)
    for row, code, passage in placed:
        cells[row, code].setdefault(alike(passage), passage)
    return {place: tuple(passages.values()) for place, passages in cells.items()}
