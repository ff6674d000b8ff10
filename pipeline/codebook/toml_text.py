"""A codebook's TOML, changed where the codebook changed: comments, and what we know nothing of, stay as they are."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from corpus.codebook import Code, Codebook

HEAD = ("name", "version", "title", "source")
USUAL = {"version": "1", "provenance": "authored"}
"""What a key says where it is left out."""
NONE_YET = "code = []  # none yet\n\n"
"""Stands above all tables, below which it would be a key of the last one."""


def changed_toml(text: str, book: Codebook) -> str:
    """Return the text of a codebook's file as it has to be to hold another codebook.

    Args:
        text: The file as it is, a valid codebook.
        book: What it has to say.
    """
    import tomlkit

    document = tomlkit.parse(text)
    head = document["codebook"]
    for key in HEAD:
        _set(head, key, getattr(book, key))
    _set(head, "colours", dict(book.colours))
    known = {str(table["id"]): table for key in ("removed", "code") for table in _tables(document, key)}
    _set_codes(document, "code", book.codes, known)
    _set_codes(document, "removed", book.removed, known)
    says_none = NONE_YET if "code" not in document else ""
    changed = says_none + tomlkit.dumps(document).lstrip("\n" if says_none else "")
    if changed == text:
        return text
    tidy = re.sub(r"\n{3,}(?=\[)", "\n\n", changed).rstrip("\n") + "\n"  # tables that went left blank lines behind
    return tidy if tomllib.loads(tidy) == tomllib.loads(changed) else changed


def _tables(document: Any, key: str) -> list[Any]:  # noqa: ANN401 - tomlkit's items have no type in common
    """Return the ``[[key]]`` tables; codes that are written in any other form are written anew."""
    from tomlkit.items import AoT

    entries = document.get(key)
    return list(entries) if isinstance(entries, AoT) else []


def _set_codes(document: Any, key: str, codes: Sequence[Code], known: dict[str, Any]) -> None:  # noqa: ANN401 - likewise
    """Put codes into a document in their order, each in the table that it had.

    Args:
        document: The file.
        key: Of the tables.
        codes: What they have to say.
        known: Tables by id.
    """
    import tomlkit

    for code in codes:
        table = known.setdefault(code.id, tomlkit.table())
        for name, value in asdict(code).items():
            _set(table, name, list(value) if isinstance(value, tuple) else value)
    there, ids = [str(table["id"]) for table in _tables(document, key)], [code.id for code in codes]
    if there and there == ids[: len(there)]:
        for code in codes[len(there) :]:
            document[key].append(known[code.id])
        return
    if key in document:
        del document[key]
    if codes:
        entries = tomlkit.aot()
        for code in codes:
            entries.append(known[code.id])
        document.append(key, entries)


def _set(table: Any, key: str, value: object) -> None:  # noqa: ANN401 - likewise
    """Let a key say something; what goes without saying is left out unless it is said already."""
    if value in ("", None, [], {}) or (value == USUAL.get(key) and key not in table):
        table.pop(key, None)
    elif key not in table or json.dumps(table[key]) != json.dumps(value):  # in their order, too
        table[key] = value
