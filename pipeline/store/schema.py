"""The tables. A change here needs a migration beside ``migrations/versions``; a test holds both equal."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC. SQLite has no time zones, so they are dropped on the way in and put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant without its zone."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant with its zone."""
        return value and value.replace(tzinfo=UTC)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _link(name: str, target: str, *, nullable: bool = False, index: bool = True) -> Column[int]:
    return Column(name, Integer, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


# AUTOINCREMENT everywhere: an id that a browser tab still holds must never come to mean another row.

transcripts = Table(
    "transcripts",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_digest", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("turns", JSON, nullable=False),
    Column("turns_digest", String(64), nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("added", UtcDateTime, nullable=False),
    Column("superseded", UtcDateTime),
    UniqueConstraint("name", "digest"),
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("started", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime),
    Column("state", String(16), nullable=False),
    Column("recipe", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("codebook", Text, nullable=False),
    Column("seeds", Text, nullable=False),
    Column("versions", JSON, nullable=False),
    sqlite_autoincrement=True,
)

outcomes = Table(
    "outcomes",
    metadata,
    _id(),
    _link("run", "runs"),
    _link("version", "transcripts", nullable=True),
    Column("transcript", Text, nullable=False),
    Column("turns_digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("error", Text, nullable=False),
    Column("suggestions", Integer, nullable=False),
    Column("recorded", UtcDateTime, nullable=False),
    Column("sentences", JSON, nullable=False, server_default="[]"),
    sqlite_autoincrement=True,
)

suggestions = Table(
    "suggestions",
    metadata,
    _id(),
    _link("outcome", "outcomes", index=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("probability", Float, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("segments", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("words", JSON, nullable=False),
    Column("alternatives", JSON, nullable=False, server_default="[]"),
    Column("uncertain", Boolean, nullable=False, server_default=false()),
    Index(None, "outcome", "start", "end"),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    _id(),
    Column("time", UtcDateTime, nullable=False),
    Column("coder", Text, nullable=False),
    _link("version", "transcripts"),
    Column("action", String(16), nullable=False),
    _link("suggestion", "suggestions", nullable=True),
    Column("start", Integer),
    Column("end", Integer),
    Column("code", Text),
    Column("memo", Text, nullable=False),
    _link("previous", "decisions", nullable=True, index=False),
    Column("blind", Boolean, nullable=False),
    Column("recorder", Text, nullable=False, server_default=""),
    Column("key", String(64)),
    Index(None, "key", unique=True),
    sqlite_autoincrement=True,
)

marks = Table(
    "marks",
    metadata,
    _id(),
    Column("time", UtcDateTime, nullable=False),
    Column("coder", Text, nullable=False),
    _link("version", "transcripts", nullable=True),
    Column("kind", String(16), nullable=False),
    Column("start", Integer),
    Column("end", Integer),
    Column("code", Text),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)

opinions = Table(
    "opinions",
    metadata,
    _id(),
    Column("key", String(64), nullable=False),
    Column("time", UtcDateTime, nullable=False),
    _link("version", "transcripts"),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("chances", JSON, nullable=False),
    Column("mass", Float, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Index(None, "key", unique=True),
    sqlite_autoincrement=True,
)
