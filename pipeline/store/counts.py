"""Questions about a whole study that are answered without reading it all."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from pipeline.store.records import OutcomeState
from pipeline.store.schema import outcomes, runs


def precoded(connection: Connection, codebook: str) -> frozenset[int]:
    """Return the versions whose newest outcome came from the codebook of this digest."""
    newest = select(func.max(outcomes.c.id)).where(outcomes.c.state == OutcomeState.DONE).group_by(outcomes.c.version)
    query = (
        select(outcomes.c.version)
        .join(runs, runs.c.id == outcomes.c.run)
        .where(outcomes.c.id.in_(newest), runs.c.codebook == codebook)
    )
    return frozenset(connection.scalars(query))
