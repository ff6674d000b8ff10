"""Answers of language models, each kept under the digest of prompt, model and adapter; the prompts are not kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select

from corpus.transcript import Span
from pipeline.store.database import BATCH, Database
from pipeline.store.records import NewOpinion, StoredOpinion
from pipeline.store.schema import opinions
from pipeline.store.transcripts import check_span


class OpinionStore:
    """What language models answered about passages.

    Args:
        database: Where it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, draft: NewOpinion) -> None:
        """Keep an answer; one that is kept under the same key stays as it is.

        Raises:
            UsageError: If it is about a version or span that is not there.
        """
        values = {
            "key": draft.key,
            "time": datetime.now(UTC),
            "version": draft.version,
            "start": draft.span.start,
            "end": draft.span.end,
            "code": draft.code,
            "model": draft.model,
            "chances": dict(draft.chances),
            "mass": draft.mass,
            "tokens": draft.tokens,
            "milliseconds": draft.milliseconds,
        }
        with self._database.writing() as connection:
            check_span(connection, draft.version, draft.span)
            known = connection.scalar(select(opinions.c.id).where(opinions.c.key == draft.key))
            if known is None:
                connection.execute(insert(opinions).values(values))

    def by_key(self, keys: Collection[str]) -> dict[str, StoredOpinion]:
        """Return those of the wanted answers that are kept."""
        wanted, found = list(keys), dict[str, StoredOpinion]()
        with self._database.reading() as connection:
            for start in range(0, len(wanted), BATCH):
                query = select(opinions).where(opinions.c.key.in_(wanted[start : start + BATCH]))
                found |= {row.key: _opinion(row) for row in connection.execute(query)}
        return found

    def stream(self, model: str) -> Iterator[StoredOpinion]:
        """Yield the answers of one model, by its fingerprint, oldest first."""
        query = select(opinions).where(opinions.c.model == model).order_by(opinions.c.id)
        with self._database.reading() as connection, connection.execute(query) as rows:
            yield from map(_opinion, rows)


def _opinion(row: Row[Any]) -> StoredOpinion:
    return StoredOpinion(
        key=row.key,
        version=row.version,
        span=Span(row.start, row.end),
        code=row.code,
        model=row.model,
        chances=row.chances,
        mass=row.mass,
        tokens=row.tokens,
        milliseconds=row.milliseconds,
        id=row.id,
        time=row.time,
    )
