"""Searches a pseudonymised study for identifiers: every file of it, and every cell of its database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from corpus.errors import IntegrityError
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.merge import title_of
from pipeline.study import SETTINGS

KEPT = frozenset({"coder", "recorder", "code", "codes", "alternatives", "key", "model", "recipe", "versions"})
"""What is written by no participant. Coders keep their names, by which their decisions are found."""
SKIPPED_TYPES = frozenset({"DATETIME", "INTEGER", "FLOAT", "BOOLEAN"})


def check(folder: Path, substitutions: Substitutions) -> None:
    """Make sure that nothing that was to be replaced is left in a study.

    Raises:
        IntegrityError: If something is; names the file and how often, never what.
    """
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found = sum(len(substitutions.spots(text)) for text in _texts(path))
        found += len(substitutions.spots(title_of(path.stem)))
        if found:
            problem = f"still holds {found} of the identifiers on the list; delete it, and report this as a defect"
            raise IntegrityError(f"{path.relative_to(folder.parent)}: {problem}")


def _texts(path: Path) -> Iterator[str]:
    if path.suffix == ".db":
        yield from _cells(path)
    elif not path.name.endswith(("-wal", "-shm", "-journal")):
        yield from _lines(path)


def _lines(path: Path) -> Iterator[str]:
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".jsonl":
        for line in text.splitlines():
            yield from (str(value) for name, value in json.loads(line).items() if name not in KEPT)
    elif path.name == SETTINGS:
        yield "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    else:
        yield text


def _cells(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in names:
            columns = [
                column[1]
                for column in database.execute(f"PRAGMA table_info('{table}')")
                if column[1] not in KEPT and column[2].upper() not in SKIPPED_TYPES
            ]
            for column in columns:
                query = f'SELECT "{column}" FROM "{table}" WHERE typeof("{column}") = \'text\''  # noqa: S608 - names from the database itself
                yield from (_readable(cell) for (cell,) in database.execute(query))


def _readable(cell: str) -> str:
    """Return a cell with its JSON escapes resolved."""
    if not cell.startswith(("[", "{")):
        return cell
    try:
        return json.dumps(json.loads(cell), ensure_ascii=False)
    except ValueError:
        return cell
