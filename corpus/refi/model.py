"""What a REFI-QDA project holds, as neutral records; nothing here knows XML or a study.

Everything has a ``guid``: lower case, without braces. Records point at each other by it. Offsets are code points
into ``TextSource.text``, end exclusive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

KINDS = ("Text", "Boolean", "Integer", "Float", "Date", "DateTime")
"""Of variables and their values."""


@dataclass(frozen=True, slots=True)
class User:
    """A coder."""

    guid: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class QdaCode:
    """A code or, where ``codable`` is false, a heading over codes.

    Attributes:
        color: ``#rrggbb`` or empty.
        notes: Of ``QdaNote``, here as everywhere.
        codes: Those nested below it.
    """

    guid: str
    name: str
    description: str = ""
    codable: bool = True
    color: str = ""
    notes: tuple[str, ...] = ()
    codes: tuple[QdaCode, ...] = ()


@dataclass(frozen=True, slots=True)
class QdaCoding:
    """One code on one selection, or on a whole source.

    Attributes:
        code: Of ``QdaCode``; NVivo puts a ``QdaCase`` here for talk that belongs to a case.
        coder: Of ``User``, empty where unknown.
        created: As in XML Schema's dateTime, empty where unknown.
    """

    guid: str
    code: str
    coder: str = ""
    created: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """A stretch of a source with its codings; without any it is an annotation.

    Attributes:
        name: A title of its own; empty where the tool wrote the selected words themselves.
    """

    guid: str
    start: int
    end: int
    name: str = ""
    description: str = ""
    coder: str = ""
    created: str = ""
    codings: tuple[QdaCoding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """What a case or source has for a variable.

    Attributes:
        kind: One of ``KINDS``; empty where there is no value.
    """

    variable: str
    kind: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class TextSource:
    """A document with its selections.

    Attributes:
        text: Canonical, newline = line feed.
        codings: Of the whole document.
    """

    guid: str
    name: str
    text: str
    description: str = ""
    coder: str = ""
    created: str = ""
    selections: tuple[Selection, ...] = ()
    codings: tuple[QdaCoding, ...] = ()
    notes: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class QdaNote:
    """A memo.

    Attributes:
        place: Start and end in its source, as the tool counts, of a memo that is an annotation, as in QualCoder.
    """

    guid: str
    name: str = ""
    text: str = ""
    description: str = ""
    coder: str = ""
    created: str = ""
    place: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """An attribute of cases or sources; ``kind`` is one of ``KINDS``."""

    guid: str
    name: str
    kind: str = "Text"
    description: str = ""


@dataclass(frozen=True, slots=True)
class QdaCase:
    """A unit of the study, mostly a participant."""

    guid: str
    name: str = ""
    description: str = ""
    codes: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    sources: tuple[str, ...] = ()
    selections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QdaSet:
    """A named collection."""

    guid: str
    name: str
    description: str = ""
    codes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A whole project, as far as precode holds it: text sources and everything about them."""

    name: str
    users: tuple[User, ...] = ()
    codes: tuple[QdaCode, ...] = ()
    variables: tuple[Variable, ...] = ()
    cases: tuple[QdaCase, ...] = ()
    sources: tuple[TextSource, ...] = ()
    notes: tuple[QdaNote, ...] = ()
    sets: tuple[QdaSet, ...] = ()
    description: str = ""
    memos: tuple[str, ...] = ()


def walk(codes: tuple[QdaCode, ...], path: tuple[str, ...] = ()) -> Iterator[tuple[QdaCode, tuple[str, ...]]]:
    """Yield every code with the names above it, parents before children."""
    for code in codes:
        yield code, path
        yield from walk(code.codes, (*path, code.name))
