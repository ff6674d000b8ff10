"""Names of coders: what a person may be called in the log."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from corpus.errors import UsageError

LONGEST = 80
CONSENSUS = "consensus"
"""The coder under whose name coders who discussed a passage record what they agree on."""

MACHINE = "precode"
"""The coder whose codings are the machine's suggestions; no name may begin like it."""

SECOND = f"{MACHINE} second opinion"
"""The coder whose codings are what a language model chose."""


def folded(name: str) -> str:
    """Return what two spellings of one name share: without case, accents, and white space that differs."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return " ".join(plain.casefold().split())


def known_as(name: str, known: Iterable[str]) -> str | None:
    """Return the coder who is meant by a name, however it is spelt; None for nobody who is known.

    Args:
        name: As typed.
        known: Names of coders; one that is equal comes before those that are only spelt otherwise.
    """
    alike = [coder for coder in known if folded(coder) == folded(name)]
    return name if name in alike else next(iter(alike), None)


def coder_name(text: str) -> str:
    """Return a name as the log keeps it: composed (NFC), without blanks around it.

    Raises:
        UsageError: If it is empty, too long, kept for precode's own use, or holds a sign that does not print.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= LONGEST:
        raise UsageError(f"a coder's name has 1 to {LONGEST} letters")
    if not name.isprintable():
        raise UsageError("a coder's name holds only signs that print")
    if name.casefold() == CONSENSUS or name.casefold().startswith(MACHINE):
        raise UsageError(f"the names {CONSENSUS} and {MACHINE}... are taken; choose another")
    return name
