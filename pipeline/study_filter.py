"""Which participants, transcripts, codes and coders somebody looks at: one value for the page's views and for exports.

In an address it reads ``domain=People&version=7&coder=Ann&where=role=nurse&where=role=gp``; the command line has the
same ``--where``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.codebook import STEP
from corpus.errors import UsageError

if TYPE_CHECKING:
    from corpus.codebook import Code
    from corpus.participants import Participants

TRANSCRIPT = "transcript"
"""An attribute that every passage has, table of participants or not."""

Where = Mapping[str, frozenset[str]]
"""Values asked for by attribute, both in lower case."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked at; None leaves open.

    Attributes:
        version: The only transcript version.
        at_least: Lowest probability of a suggestion, and ``at_most`` the highest, both included.
        coder: Whose codings; suggestions are nobody's, so it does not bear on them.
        where: Which participants.
    """

    domain: str | None = None
    code: str | None = None
    version: int | None = None
    at_least: float = 0.0
    at_most: float = 1.0
    coder: str | None = None
    where: Where = field(default_factory=dict)

    def is_about(self, transcript: str, person: Mapping[str, str]) -> bool:
        """Return whether somebody, or the transcript, is as ``where`` wants it; without filters everybody is."""
        values = {name.casefold(): value.casefold() for name, value in person.items()}
        values[TRANSCRIPT] = transcript.casefold()
        return all(values.get(name, "") in wanted for name, wanted in self.where.items())

    def takes(self, code: str, domain: str) -> bool:
        """Return whether a code of a domain is looked at."""
        return self.code in {None, code} and self.takes_domain(domain)

    def takes_code(self, code: Code) -> bool:
        """Return whether a code is looked at."""
        return self.takes(code.id, code.domain)

    def takes_domain(self, domain: str) -> bool:
        """Return whether a domain is looked at: as it is, or as a group of the one asked for."""
        return self.domain is None or domain == self.domain or domain.startswith(self.domain + STEP)


EVERYTHING = Filter()


def where_of(filters: Iterable[str], participants: Participants) -> Where:
    """Read filters like ``role=nurse``; of one attribute named twice either value will do.

    Raises:
        UsageError: If a filter is not of that form or names an attribute that the participants do not have.
    """
    asked: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for text in filters:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise UsageError(f"--where {text!r}: write ATTRIBUTE=VALUE, for instance role=nurse")
        asked[attribute_of(name, participants).casefold()] |= {value.strip().casefold()}
    return dict(asked)


def attribute_of(name: str, participants: Participants) -> str:
    """Return the name of an attribute as the table of participants writes it.

    Raises:
        UsageError: If there is no such attribute; names those that there are.
    """
    known = TRANSCRIPT if name.strip().casefold() == TRANSCRIPT else participants.attribute(name)
    if known is None:
        there = ", ".join((*participants.attributes, TRANSCRIPT))
        raise UsageError(
            f"{name.strip()!r} is no attribute of the participants ({there}); they come from participants.csv"
        )
    return known
