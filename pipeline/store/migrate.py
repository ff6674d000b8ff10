"""Bring a database to the current schema. Alembic is loaded only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from corpus.errors import UsageError
from pipeline.store.database import Database

SCRIPTS = Path(__file__).parent / "migrations"

HEAD = max(script.name[:4] for script in (SCRIPTS / "versions").glob("[0-9]*.py"))
"""The newest revision; the files of revisions begin with their numbers."""


def revision_of(connection: Connection) -> str | None:
    """Return the revision a database is at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def prepare(database: Database) -> None:
    """Bring a database to the current schema, whole or not at all.

    Raises:
        UsageError: If it was written by a newer precode.
    """
    with database.reading() as connection:
        current = revision_of(connection) == HEAD
    if not current:
        with database.writing() as connection:
            upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the caller's transaction; looks again, for another process may be done by now."""
    if revision_of(connection) != HEAD:
        _run_alembic(connection)


def _run_alembic(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise UsageError("the study was written by a newer precode; update precode to open it") from None
