"""Names of coders: what a person may be called in the log."""

from __future__ import annotations

import unicodedata

from corpus.errors import UsageError

LONGEST = 80
CONSENSUS = "consensus"
"""The coder under whose name coders who discussed a passage record what they agree on."""

MACHINE = "precode"
"""The coder whose codings are the machine's suggestions; no name may begin like it."""

SECOND = f"{MACHINE} second opinion"
"""The coder whose codings are what a language model chose."""


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
