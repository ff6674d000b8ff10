"""The decision log as an Arrow table, for scripts and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

    from pipeline.store import StudyStore


def decision_table(store: StudyStore) -> pyarrow.Table:
    """Return every decision of every coder in the order they were made, one row each; spans are code points."""
    import pyarrow as arrow

    text, whole, truth, moment = arrow.string(), arrow.int64(), arrow.bool_(), arrow.timestamp("us", tz="UTC")
    kinds = {"id": whole, "time": moment, "coder": text, "transcript": text, "version": whole, "action": text}
    kinds |= {"suggestion": whole, "start": whole, "end": whole, "code": text, "memo": text, "previous": whole}
    kinds |= {"blind": truth, "recorder": text}
    names = {version.id: version.name for version in store.transcripts.versions(superseded=True)}
    rows = [
        {
            "id": decision.id,
            "time": decision.time,
            "coder": decision.coder,
            "transcript": names.get(decision.version),
            "version": decision.version,
            "action": str(decision.action),
            "suggestion": decision.suggestion,
            "start": decision.span and decision.span.start,
            "end": decision.span and decision.span.end,
            "code": decision.code,
            "memo": decision.memo,
            "previous": decision.previous,
            "blind": decision.blind,
            "recorder": decision.recorder,
        }
        for decision in store.decisions.stream()
    ]
    return arrow.Table.from_pylist(rows, schema=arrow.schema(kinds))
