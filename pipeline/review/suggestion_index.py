"""All suggestions of a study that coders may be asked about, as columns: filters and orders take milliseconds.

Nothing here knows words: what is shown with a suggestion is read when it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import GONE, Codebook
from pipeline.review.ordering import Floats, QueueOrder, Rows, by
from pipeline.store.records import Action, CurrentDecision, StoredCandidate
from pipeline.study_filter import Filter

Flags = NDArray[np.bool_]
States = NDArray[np.int8]


class Stage(IntEnum):
    """How far a coder is with a suggestion; a memo alone decides nothing."""

    UNDECIDED = 0
    UNSURE = 1
    DECIDED = 2


class Wanted(StrEnum):
    """Which suggestions a coder wants to be asked about."""

    UNDECIDED = "undecided"
    UNSURE = "unsure"
    ALL = "all"


def stage_of(standing: CurrentDecision | None) -> Stage:
    """Return how far a coder who stands there is."""
    if standing is None or standing.decision.action is Action.MEMO:
        return Stage.UNDECIDED
    return Stage.UNSURE if standing.decision.action is Action.UNSURE else Stage.DECIDED


@dataclass(frozen=True)
class SuggestionIndex:
    """The columns, one row a suggestion, by id. Never changed: when a run has stored something there is another index.

    Attributes:
        codes: Ids of codes by code number: those of the codebook first, in its order.
        domains: Domain numbers by code number.
        domain_names: Names of domains by domain number.
        names: Place of each transcript version in the order of names, by version.
    """

    ids: Rows
    versions: Rows
    starts: Rows
    ends: Rows
    code_numbers: Rows
    probabilities: Floats
    codes: tuple[str, ...]
    domains: Rows
    domain_names: tuple[str, ...]
    names: Mapping[int, int]

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, suggestion: int) -> int | None:
        """Return the row of a suggestion, None if it is not here."""
        at = int(self.ids.searchsorted(suggestion))
        return at if at < len(self) and self.ids[at] == suggestion else None

    def order(self, order: QueueOrder) -> Rows:
        """Return all rows in one of the orders that do not depend on the coder."""
        return self._orders[order]

    def matching(self, wanted: Filter, hidden: Collection[int] = ()) -> Flags:
        """Return which rows a filter means, without those of hidden versions, shape (rows,).

        Who speaks is not known here: see ``StudyState.matching``.
        """
        flags = (self.probabilities >= wanted.at_least) & (self.probabilities <= wanted.at_most)
        if wanted.code is not None:
            flags &= self.code_numbers == (self.codes.index(wanted.code) if wanted.code in self.codes else -1)
        if wanted.domain is not None:
            taken = np.array([wanted.takes_domain(name) for name in self.domain_names], dtype=np.bool_)
            flags &= taken[self.domains[self.code_numbers]]
        if wanted.version is not None:
            flags &= self.versions == wanted.version
        if hidden:
            flags &= ~np.isin(self.versions, list(hidden))
        return flags

    def renewed(self, fresh: SuggestionIndex, versions: Collection[int]) -> SuggestionIndex:
        """Return this index with what ``fresh`` has of these versions, and without versions that are not current."""
        current = [version for version in fresh.names if version not in versions]
        kept = np.isin(self.versions, current)
        mine, theirs = self._columns(), fresh._columns()
        order = np.concatenate([self.ids[kept], fresh.ids]).argsort(kind="stable")
        merged: dict[str, Any] = {name: np.concatenate([mine[name][kept], theirs[name]])[order] for name in mine}
        return replace(fresh, **merged)

    def carried(self, before: SuggestionIndex, stages: States) -> States:
        """Return the stages that another index's rows had, for the rows here; UNDECIDED for those it had not."""
        rows = before.ids.searchsorted(self.ids)
        known = np.isin(self.ids, before.ids)
        moved = np.full(len(self), Stage.UNDECIDED, dtype=np.int8)
        moved[known] = stages[rows[known]]
        return moved

    def _columns(self) -> dict[str, NDArray[Any]]:
        return {name: getattr(self, name) for name in COLUMNS}

    def counts(self, flags: Flags) -> dict[int, int]:
        """Return how many of the flagged rows each version has; versions without any are left out."""
        versions, counts = np.unique(self.versions[flags], return_counts=True)
        return dict(zip(versions.tolist(), counts.tolist(), strict=True))

    @cached_property
    def _orders(self) -> dict[QueueOrder, Rows]:
        place = {version: at for at, version in enumerate(sorted(self.names, key=self.names.__getitem__))}
        known, inverse = np.unique(self.versions, return_inverse=True)
        where = np.array([place.get(version, -1) for version in known.tolist()], dtype=np.intp)[inverse]
        in_text = (where, self.starts, self.ends, self.ids)
        likely = -self.probabilities
        return {
            QueueOrder.CERTAIN: by(likely, *in_text),
            QueueOrder.UNCERTAIN: by(self.probabilities, *in_text),
            QueueOrder.CODE: by(self.code_numbers, likely, *in_text),
            QueueOrder.DOMAIN: by(self.domains[self.code_numbers], likely, *in_text),
            QueueOrder.TRANSCRIPT: by(*in_text),
        }


PORTION = 50_000
"""Rows that are Python objects at one time: a tuple takes five times what its numbers take."""

COLUMNS = ("ids", "versions", "starts", "ends", "code_numbers", "probabilities")


def index_of(
    candidates: Iterable[StoredCandidate], codebook: Codebook, versions: Sequence[int], codes: Sequence[str] = ()
) -> SuggestionIndex:
    """Return the index of suggestions.

    Args:
        candidates: By id; those with codes of an earlier codebook, which somebody decided on, get further numbers.
        codebook: The study's.
        versions: Current transcript versions in order of their names.
        codes: Codes that have numbers already, the codebook's first.
    """
    numbers = {code: n for n, code in enumerate(codes or codebook.ids)}
    rows = (
        (
            candidate.id,
            candidate.version,
            candidate.start,
            candidate.end,
            numbers.setdefault(codebook.current_id(candidate.code), len(numbers)),
            candidate.probability,
        )
        for candidate in candidates
    )
    portions = [np.zeros((0, 6))]  # ids and offsets are far below 2**53
    while portion := list(islice(rows, PORTION)):
        portions.append(np.array(portion))
    table = np.concatenate(portions)
    ids, places, starts, ends, found = np.ascontiguousarray(table[:, :5].astype(np.intp).T)
    names = (*codebook.domains, GONE)
    domain = {code.id: names.index(code.domain) for code in codebook.codes}
    domains = np.array([domain.get(code, len(names) - 1) for code in numbers], dtype=np.intp)
    by_name = {version: n for n, version in enumerate(versions)}
    likely = np.ascontiguousarray(table[:, 5])
    return SuggestionIndex(ids, places, starts, ends, found, likely, tuple(numbers), domains, names, by_name)
