"""Making other people's text safe to put into a file."""

from __future__ import annotations

import re

ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids or discourages: controls, lone surrogates, non-characters."""
FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""First characters that spreadsheets take for a formula, full-width forms included."""


def printable(text: str) -> str:
    """Return ``text`` with every character that XML cannot carry replaced by U+FFFD."""
    return ILLEGAL.sub("\ufffd", text)


def inert(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it for a formula: an apostrophe goes before it."""
    return f"'{text}" if FORMULA.match(text) else text


def without_guard(text: str) -> str:
    """Return ``text`` without the apostrophe of ``inert``; one that is part of a word ("'t Hart") stays."""
    return text[1:] if text[:1] == "'" and FORMULA.match(text, 1) else text
