"""Codes, domains and levels as columns: one way to ask the same question at each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Code, Codebook

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Grouping:
    """How the columns of a code matrix gather into labels.

    Attributes:
        labels: Code ids, domains or levels.
        members: Shape (codes, labels), true where the code belongs to the label.
    """

    labels: tuple[str, ...]
    members: Flags

    def truth(self, codes: Flags) -> Flags:
        """Return which rows bear a label: those that bear any of its codes."""
        return codes.astype(np.int32) @ self.members.astype(np.int32) > 0

    def chance_of_any(self, probabilities: Floats) -> Floats:
        """Return ``1 - prod(1 - p)`` over the codes of each label: the score of a label for a sentence.

        The formula takes codes as independent; it ranks by all codes of a domain instead of the best one.
        """
        misses = np.log1p(-np.clip(probabilities, 0.0, 1.0 - 1e-12))
        return np.asarray(-np.expm1(misses @ self.members), dtype=np.float64)

    def total(self, probabilities: Floats) -> Floats:
        """Return the summed probability of each label: the score of a label for a passage taken as given."""
        return np.asarray(probabilities @ self.members, dtype=np.float64)

    def columns(self) -> Numbers:
        """Return the column of each code's label, the first for a code that has none, shape (codes,)."""
        if not self.labels:
            return np.zeros(len(self.members), dtype=np.int64)
        return np.asarray(self.members.argmax(axis=1), dtype=np.int64)

    def of_code(self, codebook: Codebook) -> Mapping[str, int]:
        """Return the column of the label for each code that has one."""
        return {code: int(row.argmax()) for code, row in zip(codebook.ids, self.members, strict=True) if row.any()}


def by_construct(codebook: Codebook) -> Grouping:
    """Group every code by itself."""
    return _grouping(codebook, lambda code: code.id)


def by_domain(codebook: Codebook) -> Grouping:
    """Group codes by domain."""
    return _grouping(codebook, lambda code: code.domain)


def by_level(codebook: Codebook) -> Grouping:
    """Group codes by level; codes without one belong to no group."""
    return _grouping(codebook, lambda code: code.level)


def _grouping(codebook: Codebook, label_of: Callable[[Code], str | None]) -> Grouping:
    given = [label_of(code) for code in codebook.codes]
    labels = tuple(dict.fromkeys(label for label in given if label is not None))
    members = np.array([[own == label for label in labels] for own in given], dtype=np.bool_)
    return Grouping(labels, members.reshape(len(given), len(labels)))
