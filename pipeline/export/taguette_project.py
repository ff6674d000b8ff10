"""A coded study as a project of Taguette: an SQLite file that its page takes in, or that it opens as its database.

Taguette counts bytes of UTF-8 in its HTML without the tags; here every line of a transcript is a paragraph. Tags hang
under each other by dots. Coders and dates stand in its log, which an import into a server gives to whoever imports.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.files import replace_file
from pipeline.export.qda_project import described, description_of, memos_on
from pipeline.export.safety import printable

if TYPE_CHECKING:
    from corpus.codebook import Code
    from corpus.transcript import Span
    from pipeline.export.coded import CodedDocument, CodedPassage, CodedStudy, GivenCode

DOT = "\u2024"
"""Stands for a dot in a name, because dots divide names in Taguette; it looks the same."""
LONGEST_NAME, LONGEST_TAG = 50, 200
"""Characters that Taguette accepts."""
OWNER = "admin"
"""The user that every copy of Taguette has."""
_SCHEMA = """
PRAGMA application_id = 0x54677474;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
CREATE TABLE users (login VARCHAR(30) NOT NULL PRIMARY KEY, created DATETIME NOT NULL, hashed_password VARCHAR(192),
  disabled BOOLEAN NOT NULL, password_set_date DATETIME, language VARCHAR(10), email VARCHAR(256), email_sent DATETIME);
CREATE TABLE projects (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
  description TEXT NOT NULL, created DATETIME NOT NULL);
CREATE TABLE project_members (project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  user_login VARCHAR(30) NOT NULL REFERENCES users (login) ON DELETE CASCADE ON UPDATE CASCADE,
  privileges VARCHAR(11) NOT NULL, PRIMARY KEY (project_id, user_login));
CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
  description TEXT NOT NULL, filename VARCHAR(200) NOT NULL, created DATETIME NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE, text_direction VARCHAR(13) NOT NULL,
  contents TEXT NOT NULL);
CREATE TABLE commands (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, date DATETIME NOT NULL,
  user_login VARCHAR(30) NOT NULL REFERENCES users (login) ON UPDATE CASCADE,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE, document_id INTEGER, payload TEXT NOT NULL);
CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE, path VARCHAR(200) NOT NULL,
  description TEXT NOT NULL, UNIQUE (project_id, path));
CREATE TABLE highlights (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE, start_offset INTEGER NOT NULL,
  end_offset INTEGER NOT NULL, snippet TEXT NOT NULL);
CREATE TABLE highlight_tags (highlight_id INTEGER NOT NULL REFERENCES highlights (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE, PRIMARY KEY (highlight_id, tag_id));
"""
"""That of Taguette 1.5, which newer versions bring up to their own."""
_VERSION = "db5e31a0233d"


@dataclass(frozen=True, slots=True)
class _Highlight:
    """What one coder coded at one time in one place."""

    span: Span
    coder: str
    time: datetime
    codes: tuple[str, ...]


def write_project(path: Path, study: CodedStudy) -> int:
    """Write a study without suggestions, which Taguette could not tell from codings; return how many highlights.

    Raises:
        UsageError: If the file cannot be written.
    """
    with replace_file(path) as draft, closing(sqlite3.connect(draft)) as connection:
        connection.executescript(_SCHEMA)
        with connection:
            connection.execute("INSERT INTO alembic_version VALUES (?)", (_VERSION,))
            return _ProjectTables(connection, study).fill()


def tag_paths(codes: Sequence[Code]) -> dict[str, str]:
    """Return the path of each code's tag by its id: domain, level and name; one that is taken gets a number."""
    paths: dict[str, str] = {}
    for code in codes:
        steps = (" ".join(part.replace(".", DOT).split()) for part in (code.domain, code.level, code.name) if part)
        path, number = ".".join(map(printable, steps))[:LONGEST_TAG], 2
        unique = path
        while unique in paths.values():
            unique, number = f"{path[: LONGEST_TAG - 6]} {number}", number + 1
        paths[code.id] = unique
    return paths


class _ProjectTables:
    """The tables of a project of Taguette that is being made.

    Args:
        connection: To the database.
        study: What people coded.
    """

    def __init__(self, connection: sqlite3.Connection, study: CodedStudy) -> None:
        self._connection, self._study = connection, study
        self._now = _moment(datetime.now(UTC))

    def fill(self) -> int:
        """Write all of the study and return how many highlights it has."""
        study = self._study
        coders = {printable(passage.coder) for passage in study.passages() if not passage.pending}
        self._add_all("users", ((coder, self._now, None, 0, None, None, None, None) for coder in {OWNER, *coders}))
        name = printable(study.origin.study)[:LONGEST_NAME].strip() or "study"
        self._add_all("projects", [(1, name, "", self._now)])
        self._add_all("project_members", [(1, OWNER, "ADMIN")])
        memos = memos_on(study.memos)
        paths = tag_paths(study.codes)
        tags = {code: number for number, code in enumerate(paths, start=1)}
        about = (printable(described(description_of(code), memos.get(code.id, ()))) for code in study.codes)
        rows = zip(tags.values(), paths.values(), about, strict=True)
        self._add_all("tags", ((number, 1, path, text) for number, path, text in rows))
        return sum(self._document(number, document, tags) for number, document in enumerate(study.documents, start=1))

    def _document(self, number: int, document: CodedDocument, tags: dict[str, int]) -> int:
        """Write a transcript with its highlights and return how many there are."""
        transcript = document.transcript
        about = printable(described("", ((memo.coder, memo.text) for memo in document.memos)))
        name = printable(transcript.name)[:LONGEST_NAME]
        html, direction = html_of(transcript.text), "LEFT_TO_RIGHT"
        self._add_all("documents", [(number, name, about, f"{name}.txt", self._now, 1, direction, html)])
        highlights = [
            highlight for passage in document.passages if not passage.pending for highlight in _highlights(passage)
        ]
        for highlight in highlights:
            given = [tags[code] for code in highlight.codes]
            self._highlight(number, transcript.text, highlight, given)
        return len(highlights)

    def _highlight(self, document: int, text: str, highlight: _Highlight, tags: list[int]) -> None:
        start, end = _offset(text, highlight.span.start), _offset(text, highlight.span.end)
        snippet = html_of(highlight.span.of(text))
        row = self._connection.execute(
            "INSERT INTO highlights (document_id, start_offset, end_offset, snippet) VALUES (?, ?, ?, ?)",
            (document, start, end, snippet),
        ).lastrowid
        self._add_all("highlight_tags", ((row, tag) for tag in tags))
        place = {"highlight_id": row, "start_offset": start, "end_offset": end}
        payload = json.dumps({"type": "highlight_add", "tags": tags, **place}, sort_keys=True)
        self._add_all("commands", [(None, _moment(highlight.time), highlight.coder, 1, document, payload)])

    def _add_all(self, table: str, rows: Iterator[tuple[object, ...]] | Sequence[tuple[object, ...]]) -> None:
        for row in rows:
            marks = ", ".join("?" * len(row))
            self._connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - names of our own


def _highlights(passage: CodedPassage) -> Iterator[_Highlight]:
    """Yield a highlight for each time at which a passage got codes; one of blanks alone is none."""
    times: defaultdict[datetime, list[GivenCode]] = defaultdict(list)
    for given in passage.codes:
        times[given.time or datetime.now(UTC)].append(given)
    if passage.text.strip():
        for time, group in times.items():
            yield _Highlight(passage.span, printable(passage.coder), time, tuple(given.code.id for given in group))


def html_of(text: str) -> str:
    """Return a text as Taguette stores one, a paragraph a line."""
    return "".join(f"<p>{escape(printable(line), quote=False)}</p>" for line in text.split("\n") if line)


def _offset(text: str, place: int) -> int:
    """Return a place as Taguette counts: bytes of what is shown, in which line breaks are no characters."""
    return len(printable(text[:place]).replace("\n", "").encode())


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
