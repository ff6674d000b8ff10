"""Questions about a whole study that are answered without reading it all."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from pipeline.store.records import ChangeCounters, OutcomeState
from pipeline.store.runs import newest
from pipeline.store.schema import decisions, marks, outcomes, runs

PULSE = select(*(select(func.max(table.c.id)).scalar_subquery() for table in (decisions, marks, outcomes)))
"""Made once: every request asks."""


def pulse(connection: Connection) -> ChangeCounters:
    """Return the ids of the newest decision, mark and outcome."""
    return ChangeCounters(*(last or 0 for last in connection.execute(PULSE).one()))


def coded_since(connection: Connection, outcome: int) -> frozenset[int]:
    """Return the versions that have an outcome newer than that one."""
    query = select(outcomes.c.version).where(outcomes.c.id > outcome, outcomes.c.state == OutcomeState.DONE)
    return frozenset(connection.scalars(query))


def precoded(connection: Connection, codebook: str) -> frozenset[int]:
    """Return the versions whose newest outcome came from the codebook of this digest."""
    query = (
        select(outcomes.c.version)
        .join(runs, runs.c.id == outcomes.c.run)
        .where(outcomes.c.id.in_(newest()), runs.c.codebook == codebook)
    )
    return frozenset(connection.scalars(query))
