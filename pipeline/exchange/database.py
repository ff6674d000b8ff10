"""Opens SQLite files of other tools: read only, and never trusted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpus.errors import InputError

MAXIMUM_BYTES = 2_000_000_000
MOST_ROWS = 2_000_000
SIGNATURE = b"SQLite format 3\x00"


@contextmanager
def open_database(path: Path) -> Iterator[Tables]:
    """Give the tables of a SQLite file.

    Raises:
        InputError: If it is none, is too large or is damaged.
    """
    try:
        with path.open("rb") as file:
            signature = file.read(len(SIGNATURE))
        if signature != SIGNATURE or path.stat().st_size > MAXIMUM_BYTES:
            raise InputError(path, "is no SQLite database of usable size")
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            yield Tables(connection)
    except sqlite3.Error:
        raise InputError(path, "is damaged or in use; close it in its program and copy it again") from None
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None


class Tables:
    """The tables of a database.

    Args:
        connection: To it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        self._names = {str(name) for (name,) in rows}

    def __contains__(self, table: str) -> bool:
        return table in self._names

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of a table by column name; none where the database has no such table."""
        if table not in self._names:
            return []
        query = f'SELECT * FROM "{table}" LIMIT {MOST_ROWS}'  # noqa: S608 - the name is one of the reader's own
        found = self._connection.execute(query)
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found]


def text_of(row: Mapping[str, Any], column: str) -> str:
    """Return a cell as text; empty where it is absent or no text."""
    value = row.get(column)
    return value if isinstance(value, str) else "" if value is None or isinstance(value, bytes) else str(value)
