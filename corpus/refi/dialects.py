"""How each tool wants its files, and how it is known to count. What was seen and what is hearsay: docs/tools/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from corpus.refi.offsets import AS_STORED, PLAIN, Hypothesis


@dataclass(frozen=True, slots=True)
class Dialect:
    """The variant of the format that a tool reads best.

    Attributes:
        line_end: Of the text files.
        mark: Whether text files begin with a byte order mark.
        counting: How positions into them are counted.
    """

    name: str
    line_end: str = "\n"
    mark: bool = False
    counting: Hypothesis = PLAIN


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "generic": Dialect("generic"),
        "atlasti": Dialect("ATLAS.ti", "\r\n", mark=True),
        "maxqda": Dialect("MAXQDA", "\r\n", mark=True),
        "nvivo": Dialect("NVivo", "\r\n", mark=True, counting=Hypothesis(line_end=AS_STORED)),
        "qualcoder": Dialect("QualCoder"),
    }
)
"""Variants by the name that ``--for`` takes."""

ORIGIN = "precode, for "
"""How the ``origin`` of our own files begins."""


def origin_of(dialect: Dialect) -> str:
    """Return what our files say about themselves."""
    return f"{ORIGIN}{dialect.name}"


def declared(origin: str) -> Hypothesis:
    """Return how the tool that a file names is known to count; the data may say otherwise."""
    if origin.startswith(ORIGIN):
        named = origin.removeprefix(ORIGIN)
        return next((dialect.counting for dialect in DIALECTS.values() if dialect.name == named), PLAIN)
    return DIALECTS["nvivo"].counting if "nvivo" in origin.casefold() else PLAIN


def ends_exclusive(origin: str) -> bool:
    """Return whether a file names a tool that is known not to count an end as part of a passage."""
    return any(tool in origin.casefold() for tool in (*DIALECTS, "atlas.ti", "taguette", "dedoose", "quirkos"))
