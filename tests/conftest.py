"""What tests of several packages share: an empty study, a precoder of three words, commands run here, databases."""

import os
import shutil
import signal
import subprocess
import sys

import pytest
from filelock import FileLock
from hypothesis import is_hypothesis_test, settings

from flows.cli import main
from pipeline.store import StudyStore
from pipeline.study import create_study
from pipeline.trust import ENVIRONMENT
from tests.forms import form
from tests.pipeline.run_support import WordPrecoder
from tests.postgres_server import Databases, server

settings.register_profile("precode", deadline=None, max_examples=form(short=60, long=600))
settings.load_profile("precode")  # without a deadline, for no test asserts a time: machines are busy

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what runs in the background deaf to ctrl-c, and so would be the commands that tests stop by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


MIGRATE = """
import asyncio
from prefect.server.database import provide_database_interface
asyncio.run(provide_database_interface().create_db())
"""


def pytest_collection_modifyitems(items):
    """Mark properties as ``long``: they have more examples in the long form."""
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("long")


@pytest.fixture(scope="session", autouse=True)
def _no_trust_of_the_user(tmp_path_factory):
    """Keep what tests allow apart from what whoever runs them has allowed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(ENVIRONMENT, str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture
def study(tmp_path):
    return create_study(tmp_path / "lhc")


@pytest.fixture
def words(monkeypatch):
    """Make runs use a ``WordPrecoder``; the test may change it."""
    precoder = WordPrecoder()
    monkeypatch.setattr("pipeline.precoder.load_precoder", lambda _study: precoder)
    return precoder


@pytest.fixture
def precode(monkeypatch, capsys):
    """Run a command here and return its exit code, output and errors."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["precode", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An SQLite database at the current schema, made once and copied."""
    path = tmp_path_factory.mktemp("migrated") / "study.db"
    StudyStore(str(path)).close()
    return path


@pytest.fixture(scope="session")
def prefect_database(tmp_path_factory):
    """The database of a Prefect server that has run before, made once for all workers of pytest.

    A server that finds none makes one, which takes ten seconds of the processor.
    """
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "prefect"
    with FileLock(f"{home}.lock"):
        if not (home / "prefect.db").exists():
            environment = os.environ | {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1"}
            subprocess.run([sys.executable, "-P", "-c", MIGRATE], env=environment, check=True)
    return home / "prefect.db"


@pytest.fixture(scope="session")
def postgres():
    """A server of these tests, or the one that ``PRECODE_TEST_POSTGRES`` names, which lends databases."""
    with server() as url:
        databases = Databases(url)
        yield databases
        databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path, migrated):
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield str(shutil.copy(migrated, tmp_path / "study.db"))
    else:
        with request.getfixturevalue("postgres").lent() as url:
            yield url


@pytest.fixture
def store(place):
    with StudyStore(place) as opened:
        yield opened
