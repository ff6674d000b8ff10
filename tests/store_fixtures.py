"""Databases for the tests of the study store; test modules name this file in ``pytest_plugins``."""

import shutil
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from store_support import SERVER

from pipeline.store import StudyStore


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An SQLite database at the current schema, made once and copied."""
    path = tmp_path_factory.mktemp("migrated") / "study.db"
    StudyStore(str(path)).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def place(request, tmp_path, migrated):
    """An empty database of each kind that is at hand."""
    if request.param == "sqlite":
        yield str(shutil.copy(migrated, tmp_path / "study.db"))
    else:
        with new_database(SERVER) as url:
            yield url


@pytest.fixture
def store(place):
    with StudyStore(place) as opened:
        yield opened


@contextmanager
def new_database(server):
    name = f"precode_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
