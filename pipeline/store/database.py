"""The connection to the database, its transactions, and its complaints in one line each."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import local
from typing import Any

from sqlalchemy import URL, Column, Connection, Engine, Table, create_engine, event, insert, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from corpus.errors import IntegrityError, PrecodeError, UsageError
from corpus.files import private_file
from corpus.journal import set_journal

BATCH = 1_000
"""Rows that travel at once: few enough for flat memory, enough that the journey does not count."""

WAIT_SECONDS = 30
"""How long a writer waits for another one before it gives up."""

PRAGMAS = (
    "PRAGMA trusted_schema = OFF",  # a study may come from somebody else: its views and triggers do no more than ours
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",  # a decision survives a power cut, not only a killed process
)

CONNECTIONS = {"pool_size": 4, "max_overflow": 6, "pool_timeout": WAIT_SECONDS, "pool_pre_ping": True}
"""Of one process to PostgreSQL: four that stay open, ten at the most, so that ten processes fit its usual hundred."""

SESSION = f"-c lock_timeout={WAIT_SECONDS}s -c idle_in_transaction_session_timeout={20 * WAIT_SECONDS}s"
"""Nobody waits for ever for a writer that hangs, and one that lost its process lets go."""

TAKE_TURN = "SELECT pg_advisory_xact_lock(7215001)"  # any number will do that nobody else in the database uses

UNREACHABLE = "cannot be opened; check that the server runs, the database exists, and user and password are right"
ADVICE = {
    "SQLITE_FULL": "the disk is full; free some space and repeat the command, what was stored is kept",
    "SQLITE_READONLY": "cannot be written; check the permissions of file and folder",
    "SQLITE_CANTOPEN": "cannot be opened; check that the folder exists and can be written",
    "SQLITE_PERM": "cannot be opened; check the permissions of file and folder",
    "SQLITE_BUSY": f"is in use by another process for over {WAIT_SECONDS} s; close it and repeat the command",
    "SQLITE_IOERR": "the disk reports an error; check the drive or move the study to another one",
    "OperationalError": UNREACHABLE,  # psycopg gives no state when it never got as far as the database
    "08": UNREACHABLE,
    "28": UNREACHABLE,
    "3D": UNREACHABLE,
    "40": "another process wrote at the same moment; repeat the command",
    "42501": "does not let this user write; grant it CREATE on the schema",
    "53": "the server is out of disk, memory or connections; what was stored is kept",
    "55P03": f"is in use by another process for over {WAIT_SECONDS} s; close it and repeat the command",
    "57P": UNREACHABLE,
}
"""What to do, by how the error's name in SQLite or its SQLSTATE in PostgreSQL begins."""

DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class UnreadyError(UsageError):
    """The database cannot be used now; the same may well work later, when somebody has followed the advice."""


class Database:
    """A pool of connections to one database.

    Args:
        place: Path of an SQLite file, or a database URL.

    Raises:
        UsageError: If the URL means no database we can use.
    """

    def __init__(self, place: str) -> None:
        url = _url(place)
        self.label = url.database if url.get_backend_name() == "sqlite" else f"{url.host or 'localhost'}/{url.database}"
        self._engine = _engine(url)
        self._writer = self._engine.execution_options(writes=True)
        self._reader = self._engine
        if url.get_backend_name() == "postgresql":  # which by itself looks anew at each statement
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._joined = local()

    @contextmanager
    def one_transaction(self) -> Iterator[None]:
        """Make all that this thread reads and writes in the block one transaction, which happens whole or not at all.

        Raises:
            UsageError: If the database cannot be written now.
            IntegrityError: If it is damaged.
        """
        with self.writing() as connection:
            before, self._joined.connection = self._joined_connection(), connection
            try:
                yield
            finally:
                self._joined.connection = before  # within another block, that one goes on

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a consistent view that never blocks a writer.

        Raises:
            UsageError: If the database cannot be reached.
            IntegrityError: If it is damaged.
        """
        if (joined := self._joined_connection()) is not None:
            yield joined
            return
        with self._speaking_plainly(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that happens whole or not at all. Writers take turns, whatever the database.

        Raises:
            UsageError: If the database cannot be written now.
            IntegrityError: If it is damaged.
        """
        if (joined := self._joined_connection()) is not None:
            yield joined
            return
        with self._speaking_plainly(), self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(TAKE_TURN)  # SQLite's BEGIN IMMEDIATE does the same
            yield connection

    def close(self) -> None:
        """Close every pooled connection; what SQLite's log holds goes into the file, whoever else has it open."""
        if self._engine.dialect.name == "sqlite":
            with suppress(PrecodeError), self._speaking_plainly(), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")  # waits for nobody
        self._engine.dispose()

    def _joined_connection(self) -> Connection | None:
        """Return the connection of the transaction that this thread is in, see ``one_transaction``."""
        return getattr(self._joined, "connection", None)

    @contextmanager
    def _speaking_plainly(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise _plain(self.label or "study.db", error.orig) from None
        except self._engine.dialect.loaded_dbapi.Error as error:  # of COPY, which SQLAlchemy knows nothing of
            raise _plain(self.label or "study.db", error) from None
        except PoolTimeoutError:
            raise UnreadyError(f"{self.label}: all its connections are in use; try again") from None


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert one row and return its id.

    Args:
        connection: A writing one.
        table: Where to.
        values: By column, without the id.
    """
    new: int = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return new


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows of the same columns, by COPY where the database has it.

    Args:
        connection: A writing one.
        table: Where to.
        rows: By column, without the ids; at least one.
    """
    if connection.dialect.name == "postgresql":
        _copy(connection, [table.c[name] for name in rows[0]], rows)
    else:
        connection.execute(insert(table), rows)


def _copy(connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[Mapping[str, Any]]) -> None:
    """Send rows in the way that psycopg has for many; values pass SQLAlchemy's types as in any other statement."""
    processors = [column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in columns]
    names = ", ".join(f'"{column.name}"' for column in columns)
    statement = f"COPY {columns[0].table} ({names}) FROM STDIN"
    cursor = connection.connection.cursor()
    with closing(cursor), cursor.copy(statement) as target:
        for row in rows:
            cells = ((process, row[column.name]) for process, column in zip(processors, columns, strict=True))
            target.write_row([process(cell) if process else cell for process, cell in cells])


def _url(place: str) -> URL:
    try:
        url = make_url(place) if "://" in place else URL.create("sqlite", database=place)
        name = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise UsageError("[store] url is not a database URL; write postgresql+psycopg://user@host/name") from None
    if name not in {"sqlite", "postgresql"}:
        raise UsageError(f"[store] url: {name!r} is neither sqlite nor postgresql")
    return url


def _engine(url: URL) -> Engine:
    # Parameters are hidden because they hold transcript text and a database error would quote them.
    options: dict[str, Any] = {"hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        return _with_sqlite_manners(create_engine(url, connect_args={"timeout": WAIT_SECONDS}, **options), url)
    try:
        given = url.query.get("options", "")
        asked = {"options": f"{SESSION} {given if isinstance(given, str) else ' '.join(given)}".strip()}
        return create_engine(url, connect_args=asked, **CONNECTIONS, **options)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise UsageError("[store] url needs a driver; type: pip install 'precode[postgresql]'") from None


def _with_sqlite_manners(engine: Engine, url: URL) -> Engine:
    """Take transactions into our own hands: the driver would begin them late and never for DDL."""
    path = Path(url.database) if url.database and url.database != ":memory:" else None
    if path and path.parent.is_dir():
        with suppress(OSError):  # SQLite says itself what is wrong
            private_file(path)  # the mode that SQLite gives log and journal, too

    @event.listens_for(engine, "connect")
    def _connected(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        if path:
            set_journal(raw, path)
        for pragma in PRAGMAS:
            raw.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _plain(label: str, problem: BaseException | None) -> PrecodeError:
    """Say what the driver said without quoting it: PostgreSQL's details hold the values of the row."""
    state = getattr(problem, "sqlite_errorname", None) or getattr(problem, "sqlstate", None)
    name = str(state or type(problem).__name__)
    if name.startswith(DAMAGED):
        return IntegrityError(f"{label}: is damaged or no study database; restore it from a copy")
    advice = next((text for start, text in ADVICE.items() if name.startswith(start)), None)
    return UnreadyError(f"{label}: {advice}") if advice else UsageError(f"{label}: refused the operation ({name})")
