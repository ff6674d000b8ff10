"""The filter that the page's views share, as addresses and requests carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Query

from flows.web.coding_types import LARGEST, Probability
from pipeline.study_filter import Filter, where_of

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from corpus.participants import Participants

NameQuery = Annotated[str | None, Query(min_length=1, max_length=200)]
IdQuery = Annotated[int | None, Query(ge=1, le=LARGEST)]
WhereQuery = Annotated[list[Annotated[str, Query(max_length=400)]] | None, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class FilterQuery:
    """A filter as it was asked for; which attributes there are is known to the table of participants only."""

    domain: str | None
    code: str | None
    version: int | None
    at_least: float
    at_most: float
    coder: str | None
    where: tuple[str, ...]

    def filter(self, participants: Participants, codebook: Codebook) -> Filter:
        """Return it as everything else takes it, with the id that its code has now.

        Args:
            participants: Of the study.
            codebook: Of the study.

        Raises:
            UsageError: If it names an attribute that the participants do not have.
        """
        where = where_of(self.where, participants)
        code = self.code and codebook.current_id(self.code)
        return Filter(self.domain, code, self.version, self.at_least, self.at_most, self.coder, where)


def filter_query(  # noqa: PLR0913 - one argument for each field of the query
    *,
    domain: NameQuery = None,
    code: NameQuery = None,
    version: IdQuery = None,
    at_least: Annotated[Probability, Query()] = 0.0,
    at_most: Annotated[Probability, Query()] = 1.0,
    of: Annotated[str, Query(alias="coder", max_length=200)] = "",
    where: WhereQuery = None,
) -> FilterQuery:
    """Return the filter of a request's address."""
    return FilterQuery(domain, code, version, at_least, at_most, of or None, tuple(where or ()))
