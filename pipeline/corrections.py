"""The corrections of a study's texts: ``corrections.jsonl``, to which lines are only ever added.

A line is a correction, or takes one back. The file holds words of transcripts. Copies of a study are joined by taking
the lines that either has.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from corpus.corrections import Correction
from corpus.errors import InputError
from corpus.files import private_file, speaking_plainly
from corpus.transcript import digest_of

FILE = "corrections.jsonl"
LARGEST_FILE = 50_000_000
"""Bytes; more is no work of people."""
LONGEST = 20_000
"""Characters that one correction may put in the place of others."""
TICK = 2.0
"""Seconds that a disk's clock may stand still: on most some milliseconds, on memory sticks two seconds."""

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Name = Annotated[str, Field(min_length=1, max_length=500)]
Words = Annotated[str, Field(max_length=5 * LONGEST)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Id
    coder: Annotated[str, Field(min_length=1, max_length=100)]
    time: datetime

    def in_utc(self) -> datetime:
        """Return the time, which without a zone is UTC."""
        return self.time.replace(tzinfo=UTC) if self.time.tzinfo is None else self.time


class CorrectionRow(_Row):
    """A line that corrects words."""

    transcript: Name
    file: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    before: Words
    words: Annotated[Words, Field(min_length=1)]
    after: Words
    right: Annotated[Words, Field(min_length=1)]
    place: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = (1, 1)


class TakenBackRow(_Row):
    """A line that takes a correction back."""

    takes_back: Id


Row = CorrectionRow | TakenBackRow
ROW: TypeAdapter[Row] = TypeAdapter(Row)


class CorrectionLog:
    """The corrections of one study.

    Args:
        folder: The study's.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def rows(self) -> list[Row]:
        """Return all lines in the order in which they were made.

        Raises:
            InputError: If the file cannot be read or a line is none of ours.
        """
        rows = [_row(f"{FILE}:{number}", line) for number, line in enumerate(self._lines(), start=1) if line.strip()]
        return sorted(rows, key=lambda row: (row.in_utc(), row.id))

    def in_force(self) -> tuple[Correction, ...]:
        """Return the corrections that were not taken back, oldest first.

        Raises:
            InputError: If the file cannot be read or a line is none of ours.
        """
        return self.by_subject().made

    def by_subject(self) -> CorrectionsBySubject:
        """Return the same by transcript and by file; the log is read anew only when it was written meanwhile.

        Raises:
            InputError: If the file cannot be read or a line is none of ours.
        """
        try:
            found = self.path.lstat()
        except OSError:  # none, or what reading it says
            return _by_subject.__wrapped__(self.path, None)
        if time.time() - max(found.st_mtime, found.st_ctime) < TICK:  # another write may leave the stamp as it is
            return _by_subject.__wrapped__(self.path, None)
        return _by_subject(self.path, (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino))

    def add(self, correction: Correction) -> None:
        """Add a correction, made now or after what was made last.

        Raises:
            InputError: If the file cannot be read.
            UsageError: If it cannot be written.
        """
        values = {name: getattr(correction, name) for name in CorrectionRow.model_fields}
        self._append(CorrectionRow(**values))

    def take_back(self, correction: str, *, key: str, coder: str) -> None:
        """Take a correction back.

        Args:
            correction: Its id.
            key: Id of the line that says so.
            coder: Who takes it back.

        Raises:
            InputError: If the file cannot be read.
            UsageError: If it cannot be written.
        """
        self._append(TakenBackRow(id=key, coder=coder, time=datetime.now(UTC), takes_back=correction))

    def take_in(self, other: CorrectionLog) -> int:
        """Add the lines of another copy that are not here and return how many.

        Raises:
            InputError: If a file cannot be read.
            UsageError: If this one cannot be written.
        """
        known = {row.id for row in self.rows()}
        fresh = [row for row in other.rows() if row.id not in known]
        self._write(fresh)
        return len(fresh)

    def _append(self, row: Row) -> None:
        rows = self.rows()
        if rows:  # a clock that was put back must not put what is made now before what was made then
            row = row.model_copy(update={"time": max(row.in_utc(), rows[-1].in_utc() + timedelta(microseconds=1))})
        self._write([row])

    def _write(self, rows: Sequence[Row]) -> None:
        """Add lines in one piece; a line that a kill left half written is ended first."""
        if not rows:
            return
        data = "".join(json.dumps(row.model_dump(mode="json"), ensure_ascii=False) + "\n" for row in rows).encode()
        with speaking_plainly(self.path), private_file(self.path).open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                data = data if file.read() == b"\n" else b"\n" + data
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _lines(self) -> Iterator[bytes]:
        """Yield the lines; one that a kill left half written is empty, since nobody was told that it is there."""
        try:
            if self.path.is_symlink():
                raise InputError(FILE, "is a link to another place; put the file itself here")
            if self.path.stat().st_size > LARGEST_FILE:
                raise InputError(FILE, f"is larger than {LARGEST_FILE // 1_000_000} MB, and no work of people")
            lines = [line.strip() for line in self.path.read_bytes().split(b"\n")]  # an editor may end them otherwise
        except FileNotFoundError:
            return
        except OSError as error:
            raise InputError(FILE, f"cannot be read ({error.strerror})") from None
        yield from (b"" if line.startswith(b"{") and not line.endswith(b"}") else line for line in lines)


@dataclass(frozen=True, slots=True)
class CorrectionsBySubject:
    """The corrections in force, oldest first.

    Attributes:
        made: All of them.
        of_transcript: By the name that the transcript had then.
        of_file: By the digest of the file then.
    """

    made: tuple[Correction, ...]
    of_transcript: Mapping[str, Sequence[Correction]]
    of_file: Mapping[str, Sequence[Correction]]


@lru_cache(maxsize=8)
def _by_subject(path: Path, stamp: tuple[int, int, int, int] | None) -> CorrectionsBySubject:
    """Read a log as it is at a stamp: times, size and number of the file."""
    del stamp
    rows = CorrectionLog(path.parent).rows()
    taken_back = {row.takes_back for row in rows if isinstance(row, TakenBackRow)}
    kept = [row for row in rows if isinstance(row, CorrectionRow) and row.id not in taken_back]
    made = tuple(Correction(**{**row.model_dump(), "time": row.in_utc()}) for row in kept)
    of_transcript: defaultdict[str, list[Correction]] = defaultdict(list)
    of_file: defaultdict[str, list[Correction]] = defaultdict(list)
    for correction in made:
        of_transcript[correction.transcript].append(correction)
        of_file[correction.file].append(correction)
    return CorrectionsBySubject(made, of_transcript, of_file)


def digest_of_corrections(corrections: Iterable[Correction]) -> str:
    """Return what tells one set of corrections from another; empty for none."""
    parts: list[Any] = [[c.id, c.before, c.words, c.after, c.right, c.place] for c in corrections]
    return digest_of(json.dumps(parts, ensure_ascii=False)) if parts else ""


def _row(place: str, line: bytes) -> Row:
    with suppress(ValidationError, RecursionError):
        return ROW.validate_json(line)
    raise InputError(place, "is no correction; restore the file from a backup, or remove this line")
