"""Reads Taguette's SQLite files: documents, tags, highlights, and who made them.

Taguette counts in its own HTML; every highlight also bears its words. If these do not stand at its position they are
looked for, and of several places the one nearest to the tool's position is taken.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus.codings import QuoteFinder, Selector
from corpus.errors import InputError
from corpus.refi import Project, QdaCode, QdaCoding, Selection, TextSource, User
from corpus.refi.xml import guid_of
from corpus.solid_text import SolidText, without_space
from corpus.transcript import Span, Transcript
from pipeline.exchange.database import open_database, text_of
from pipeline.exchange.found import ImportBundle, ImportRequest
from pipeline.exchange.project_bundle import bundle_of
from pipeline.export.taguette_project import DOT

BLOCKS = frozenset({"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "blockquote", "pre", "br", "body"})
_TABLES = ("projects", "documents", "tags", "highlights", "highlight_tags", "commands")
Rows = Mapping[str, list[dict[str, Any]]]


def from_taguette(path: Path, _: ImportRequest) -> ImportBundle:
    """Read a database of Taguette.

    Raises:
        InputError: If it is none.
    """
    with open_database(path) as tables:
        if not all(table in tables for table in _TABLES[1:5]):
            raise InputError(path, "is no database of Taguette")
        rows = {table: tables.rows(table) for table in _TABLES}
    lost = _Lost()
    made = _made(rows)
    sources = tuple(_source(row, rows, made, lost) for row in rows["documents"])
    name = next((text_of(row, "name") for row in rows["projects"]), "") or path.stem
    people = tuple(User(guid_of("user", login), login) for login in dict.fromkeys(login for login, _ in made.values()))
    codes = tuple(
        QdaCode(
            guid_of("tag", row["id"]),
            text_of(row, "path").strip().replace(".", "::").replace(DOT, ".") or "unnamed",
            text_of(row, "description"),
        )
        for row in rows["tags"]
    )
    several = f"{len(rows['projects'])} projects of the database came as one study"
    remarks = [several] * (len(rows["projects"]) > 1) + [
        f"{lost.count} highlights left out: words found nowhere"
    ] * bool(lost.count)
    return bundle_of(path, Project(name, people, codes, sources=sources), remarks)


class _Lost:
    """Counts highlights without a place."""

    count = 0


def _made(rows: Rows) -> dict[int, tuple[str, str]]:
    """Return who made each highlight and when, by its id, as the log of the project has it."""
    found: dict[int, tuple[str, str]] = {}
    for row in rows["commands"]:
        try:
            payload = json.loads(text_of(row, "payload") or "null")
        except ValueError:
            continue
        if isinstance(payload, dict) and isinstance(payload.get("highlight_id"), int):
            found.setdefault(payload["highlight_id"], (text_of(row, "user_login"), text_of(row, "date")))
    return found


def _source(document: Mapping[str, Any], rows: Rows, made: Mapping[int, tuple[str, str]], lost: _Lost) -> TextSource:
    text = text_in(text_of(document, "contents"))
    finder = QuoteFinder(Transcript("document", text, ()))
    tags: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows["highlight_tags"]:
        tags[row["highlight_id"]].append(row["tag_id"])
    selections: list[Selection] = []
    for row in rows["highlights"]:
        if row.get("document_id") != document["id"]:
            continue
        words = text_in(text_of(row, "snippet"))
        span = _at(words, text, row.get("start_offset"))
        span = span or _nearest(finder.find(Selector(words)), text, row.get("start_offset"))
        if span is None:
            lost.count += 1
            continue
        login, date = made.get(row["id"], ("", ""))
        user = guid_of("user", login)
        codings = tuple(
            QdaCoding(guid_of("ht", row["id"], tag), guid_of("tag", tag), user, date) for tag in tags[row["id"]]
        )
        selections.append(Selection(guid_of("highlight", row["id"]), span.start, span.end, coder=user, codings=codings))
    name, about = text_of(document, "name"), text_of(document, "description")
    return TextSource(guid_of("document", document["id"]), name, text, about, selections=tuple(selections))


def _at(words: str, text: str, position: object) -> Span | None:
    """Return the span of words that stand at a position, counted as in ``_nearest``; None if others do."""
    solid, looked_for = SolidText(text), without_space(words)
    if not isinstance(position, int) or position < 0 or not looked_for:
        return None
    before = text.replace("\n", "").encode("utf-8", "replace")[:position].decode("utf-8", "ignore")
    place = len(without_space(before))
    there = solid.characters[place : place + len(looked_for)] == looked_for
    return solid.span(place, len(looked_for)) if there else None


def _nearest(spans: list[Span], text: str, position: object) -> Span | None:
    """Return the span that begins nearest to a position, which counts the bytes of the text without line breaks."""
    if not spans or len(spans) == 1 or not isinstance(position, int):
        return spans[0] if len(spans) == 1 else None
    return min(spans, key=lambda span: abs(len(text[: span.start].replace("\n", "").encode()) - position))


def text_in(html: str) -> str:
    """Return the text of HTML, a line for each block."""
    from lxml import etree

    if not html.strip():
        return ""
    parser = etree.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")
    root = etree.fromstring(f"<div>{html}</div>".encode("utf-8", "replace"), parser)
    parts: list[str] = []
    if root is not None:
        for event, element in etree.iterwalk(root, events=("start", "end")):
            block = isinstance(element.tag, str) and element.tag in BLOCKS
            if event == "start":
                parts.append(element.text or "" if isinstance(element.tag, str) else "")
            else:
                parts += ["\n" * block, element.tail or ""]
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
