"""What identifies people, and where it stands in a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from corpus.transcript import Span


class IdentifierKind(StrEnum):
    """What an identifier is; INTERVIEWER is a person who labels turns that ask."""

    PERSON = "person"
    INTERVIEWER = "interviewer"
    PLACE = "place"
    ORGANISATION = "organisation"
    DATE = "date"
    AGE = "age"
    PHONE = "phone"
    EMAIL = "email"
    WEB = "web"
    ADDRESS = "address"
    ID = "id"


PEOPLE = frozenset({IdentifierKind.PERSON, IdentifierKind.INTERVIEWER})


@dataclass(frozen=True, slots=True)
class FoundIdentifier:
    """A stretch of text that may identify somebody.

    Attributes:
        weak: A single word at the start of a sentence, which may owe its capital to its place.
    """

    span: Span
    kind: IdentifierKind
    weak: bool = False
