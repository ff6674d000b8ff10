"""Transcript versions in the store. A text never changes; another text is another version."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from corpus.errors import InputError, UsageError
from corpus.transcript import Role, Span, Transcript, Turn, digest_of
from pipeline.store.database import Database, insert_row
from pipeline.store.records import Added, Change, TranscriptVersion
from pipeline.store.schema import decisions, transcripts
from pipeline.study import Source

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that PostgreSQL or UTF-8 have no place for."""

FACTS = [column for column in transcripts.c if column.name not in {"text", "turns", "turns_digest"}]


class TranscriptStore:
    """The transcript versions of a study.

    Args:
        database: Where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, transcript: Transcript, source: Source) -> Added:
        """Make a transcript's text the current version under its name.

        The same text is the same version, whatever became of the file around it; who speaks in which turn is a
        reading of the text, which may be corrected without making it another version. A changed text is a new
        version and the old one is superseded; decisions stay with the text they were made on, and the answer says
        how many.

        Raises:
            InputError: If the file is gone or the text holds characters no database stores.
        """
        values = _values(transcript, source.relative, source.digest())
        with self._database.writing() as connection:
            current = _current(connection, transcript.name)
            known = _known(connection, transcript)
            if known is None:
                version = insert_row(connection, transcripts, {**values, "added": datetime.now(UTC)})
            else:
                version = _renew(connection, known, values)
            if current is None:
                return Added(version, Change.NEW)
            if current == version:
                return Added(version, Change.UNCHANGED)
            return _supersede(connection, current, version)

    def get(self, version: int) -> Transcript:
        """Return the transcript of a version, superseded or not, as its reader produced it.

        Raises:
            UsageError: If there is no such version.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(transcripts).where(transcripts.c.id == version)).one_or_none()
        if row is None:
            raise unknown(version)
        return Transcript(row.name, row.text, tuple(map(_turn, row.turns)), tuple(row.warnings))

    def versions(self, *, superseded: bool = False) -> list[TranscriptVersion]:
        """Return the current versions, or all versions ever, by name and age."""
        query = select(*FACTS).order_by(transcripts.c.name, transcripts.c.id)
        if not superseded:
            query = query.where(transcripts.c.superseded.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings()
            return [TranscriptVersion(**{**row, "warnings": tuple(row["warnings"])}) for row in rows]

    def keep(self, transcript: Transcript, like: TranscriptVersion) -> int:
        """Keep a text of another copy of the study and return its version; it is current only under a new name.

        Args:
            transcript: With the turns that the other copy read.
            like: What the other copy knows of it.

        Raises:
            InputError: If the text holds characters no database stores.
        """
        values = _values(transcript, like.source, like.source_digest)
        with self._database.writing() as connection:
            known = _known(connection, transcript)
            if known is not None:
                return int(known.id)
            current = _current(connection, transcript.name)
            version = insert_row(connection, transcripts, {**values, "added": datetime.now(UTC)})
            if like.superseded is not None or current is not None:
                retired = update(transcripts).where(transcripts.c.id == version)
                connection.execute(retired.values(superseded=datetime.now(UTC)))
            return version

    def retire(self, version: int) -> None:
        """Supersede a version whose file is gone, because its text stands under another name."""
        with self._database.writing() as connection:
            gone = update(transcripts).where(transcripts.c.id == version, transcripts.c.superseded.is_(None))
            connection.execute(gone.values(superseded=datetime.now(UTC)))


def check_span(connection: Connection, version: int, span: Span | None) -> None:
    """Refuse a version that the study does not have, and a span that leaves its text.

    Args:
        connection: Any.
        version: Id of the transcript version.
        span: In code points; None for the version as a whole.
    """
    length = connection.scalar(select(transcripts.c.characters).where(transcripts.c.id == version))
    if length is None:
        raise unknown(version)
    if span is not None and span.end > length:
        raise UsageError(f"span {span.start}..{span.end} leaves transcript version {version}")


def unknown(version: int) -> UsageError:
    """Return the error for a version id that the study does not have."""
    return UsageError(f"the study has no transcript version {version}")


def _values(transcript: Transcript, source: str, source_digest: str) -> dict[str, Any]:
    """Return the columns of a text.

    Args:
        transcript: The text with its turns.
        source: Path of its file within the study.
        source_digest: Of the file's bytes.
    """
    if found := UNSTORABLE.search(transcript.text):
        raise InputError(source, f"holds a character that cannot be stored (at {found.start()}); remove it")
    turns = list(map(_turn_cells, transcript.turns))
    return {
        "name": transcript.name,
        "source": source,
        "source_digest": source_digest,
        "digest": transcript.digest,
        "text": transcript.text,
        "characters": len(transcript.text),
        "turns": turns,
        "turns_digest": digest_of(json.dumps(turns)),
        "warnings": list(transcript.warnings),
    }


def _turn_cells(turn: Turn) -> list[Any]:
    """Return a turn as the list that is kept, which holds breaks only where there are any."""
    cells = [turn.span.start, turn.span.end, turn.speaker, turn.role, turn.started, turn.ended]
    return [*cells, turn.breaks, turn.pauses] if turn.breaks or turn.pauses else cells


def _turn(cells: list[Any]) -> Turn:
    start, end, speaker, role, started, ended, *places = cells
    breaks, pauses = map(tuple, places or ((), ()))
    return Turn(Span(start, end), speaker, Role(role), started, ended, breaks, pauses)


def _current(connection: Connection, name: str) -> int | None:
    named = (transcripts.c.name == name) & transcripts.c.superseded.is_(None)
    return connection.scalar(select(transcripts.c.id).where(named))


def _known(connection: Connection, transcript: Transcript) -> Row[Any] | None:
    same = (transcripts.c.name == transcript.name) & (transcripts.c.digest == transcript.digest)
    columns = (*FACTS, transcripts.c.turns_digest)
    return connection.execute(select(*columns).where(same)).one_or_none()


def _renew(connection: Connection, known: Row[Any], values: dict[str, Any]) -> int:
    """Bring back a text that was superseded, and take over what may change around a text."""
    kept = known._mapping
    fresh = {name: values[name] for name in ("source", "source_digest", "turns_digest", "warnings")}
    if kept["superseded"] is not None or any(kept[name] != value for name, value in fresh.items()):
        renewed = {**fresh, "turns": values["turns"], "superseded": None}
        connection.execute(update(transcripts).where(transcripts.c.id == known.id).values(**renewed))
    return int(known.id)


def _supersede(connection: Connection, old: int, new: int) -> Added:
    connection.execute(update(transcripts).where(transcripts.c.id == old).values(superseded=datetime.now(UTC)))
    left_behind = select(func.count()).select_from(decisions).where(decisions.c.version == old)
    return Added(new, Change.CHANGED, replaced=old, decisions=connection.scalar(left_behind) or 0)
