"""Reads QualCoder's own projects: a folder ``NAME.qda`` with the database ``data.qda``, or that database alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from corpus.refi import (
    Project,
    QdaCase,
    QdaCode,
    QdaCoding,
    QdaNote,
    Selection,
    TextSource,
    User,
    Value,
    Variable,
)
from corpus.refi.offsets import PLAIN
from corpus.refi.placing import Stored, placed
from corpus.refi.xml import guid_of
from pipeline.exchange.database import open_database, text_of
from pipeline.exchange.found import ImportBundle, ImportRequest
from pipeline.exchange.project_bundle import bundle_of

DATABASE = "data.qda"
Row = Mapping[str, Any]


def from_qualcoder(path: Path, _: ImportRequest) -> ImportBundle:
    """Read a project folder of QualCoder, or its database.

    Raises:
        InputError: If it is none.
    """
    database = path / DATABASE if path.is_dir() else path
    if not database.is_file():
        raise InputError(path, f"is no project of QualCoder: it holds no {DATABASE}")
    with open_database(database) as tables:
        if not {"source", "code_name", "code_text"} <= {table for table in _TABLES if table in tables}:
            raise InputError(path, "is no project of QualCoder: its database has no codings")
        rows = {table: tables.rows(table) for table in _TABLES}
    name = path.stem if path.is_dir() or path.name != DATABASE else path.resolve().parent.stem
    project, remarks = project_in(name, rows)
    return bundle_of(database, project, remarks)


_TABLES = (
    *("source", "code_name", "code_cat", "code_text", "annotation", "cases", "case_text", "attribute"),
    *("journal", "project"),
)


def project_in(name: str, rows: Mapping[str, list[dict[str, Any]]]) -> tuple[Project, list[str]]:
    """Return a project of QualCoder and what was left out of it.

    Args:
        name: Of the project.
        rows: Of its tables, by name.
    """
    categories = _rooted(rows["code_cat"], "catid", "supercatid")
    known = {row["catid"] for row in categories}
    codes = [
        row if row.get("catid") in known else {**row, "catid": None}
        for row in _rooted(rows["code_name"], "cid", "supercid")
    ]
    rows = {**rows, "code_cat": categories, "code_name": codes}
    texts = [row for row in rows["source"] if text_of(row, "fulltext").strip()]
    stored = [Stored(_source(row, rows), text_of(row, "fulltext")) for row in texts]
    found = placed(stored, PLAIN, sure=False, exclusive=True)
    owners = dict.fromkeys(text_of(row, "owner") for rows_ in rows.values() for row in rows_ if text_of(row, "owner"))
    about = next((text_of(row, "memo") for row in rows["project"]), "")
    remarks = [placement.says for _, placement in found if placement.repaired]
    media = len(rows["source"]) - len(texts)
    return Project(
        name,
        tuple(User(guid_of("user", owner), owner) for owner in owners),
        _codes(rows, None),
        tuple(Variable(guid_of("variable", each), each) for each in dict.fromkeys(_attributes(rows))),
        tuple(_case(row, rows) for row in rows["cases"]),
        tuple(source for source, _ in found),
        tuple(
            QdaNote(guid_of("journal", n), text_of(row, "name"), text_of(row, "jentry"))
            for n, row in enumerate(rows["journal"])
        ),
        description=about,
    ), [*remarks, *([f"{media} sources without text left out"] if media else [])]


def _rooted(rows: list[dict[str, Any]], key: str, above: str) -> list[dict[str, Any]]:
    """Return rows on top where they hang under themselves or under nothing that is there: their codings stay.

    Args:
        rows: Of a table.
        key: Column of the id of a row.
        above: Column of the id of the row that it hangs under.
    """
    parents = {row[key]: row.get(above) for row in rows}
    for own, parent in parents.items():
        seen, place = {own}, parent
        while place in parents and place not in seen and len(seen) <= _DEEPEST:
            seen.add(place)
            place = parents[place]
        if place == own or parent not in parents:
            parents[own] = None
    return [{**row, above: parents[row[key]]} for row in rows]


def _attributes(rows: Mapping[str, list[dict[str, Any]]]) -> Iterable[str]:
    return (text_of(row, "name") for row in rows["attribute"])


def _codes(rows: Mapping[str, list[dict[str, Any]]], above: object, depth: int = 0) -> tuple[QdaCode, ...]:
    """Return the codes and categories below a category."""
    known = {row["cid"] for row in rows["code_name"]}
    codes = [
        _code(row, rows, depth)
        for row in rows["code_name"]
        if row.get("catid") == above and row.get("supercid") not in known
    ]
    categories = [
        QdaCode(
            guid_of("category", row["catid"]),
            text_of(row, "name").strip() or "unnamed",
            text_of(row, "memo"),
            codable=False,
            codes=_codes(rows, row["catid"], depth + 1),
        )
        for row in rows["code_cat"]
        if row.get("supercatid") == above and depth < _DEEPEST
    ]
    return (*codes, *categories)


def _code(row: Row, rows: Mapping[str, list[dict[str, Any]]], depth: int) -> QdaCode:
    """Return a code with those below it; QualCoder 4 lets codes hang under codes."""
    below = (each for each in rows["code_name"] if each.get("supercid") == row["cid"] and depth < _DEEPEST)
    name, codes = text_of(row, "name").strip() or "unnamed", tuple(_code(each, rows, depth + 1) for each in below)
    return QdaCode(guid_of("code", "qualcoder", row["cid"]), name, text_of(row, "memo"), codes=codes)


_DEEPEST = 50


def _source(row: Row, rows: Mapping[str, list[dict[str, Any]]]) -> TextSource:
    """Return a document with the tool's positions."""
    selections: list[Selection] = []
    for n, coded in enumerate(each for each in rows["code_text"] if each.get("fid") == row["id"]):
        place = _place(coded)
        code, owner = guid_of("code", "qualcoder", coded.get("cid")), guid_of("user", text_of(coded, "owner"))
        coding = QdaCoding(guid_of("coding", row["id"], n), code, owner, _moment(text_of(coded, "date")))
        memo = text_of(coded, "memo")
        guid = guid_of("selection", row["id"], n)
        selections.append(Selection(guid, *place, text_of(coded, "seltext"), memo, owner, codings=(coding,)))
    for n, note in enumerate(each for each in rows["annotation"] if each.get("fid") == row["id"]):
        selections.append(
            Selection(guid_of("annotation", row["id"], n), *_place(note), description=text_of(note, "memo"))
        )
    owner = guid_of("user", text_of(row, "owner"))
    values = _values(rows, "file", row["id"])
    guid = guid_of("source", "qualcoder", row["id"])
    return TextSource(
        guid, text_of(row, "name"), "", text_of(row, "memo"), owner, selections=tuple(selections), values=values
    )


def _place(row: Row) -> tuple[int, int]:
    """Return start and end; what is no number points outside every text."""
    ends = [row.get("pos0"), row.get("pos1")]
    numbers = [end if isinstance(end, int) else -1 for end in ends]
    return numbers[0], numbers[1]


def _case(row: Row, rows: Mapping[str, list[dict[str, Any]]]) -> QdaCase:
    files = dict.fromkeys(each.get("fid") for each in rows["case_text"] if each.get("caseid") == row["caseid"])
    sources = tuple(guid_of("source", "qualcoder", file) for file in files)
    values = _values(rows, "case", row["caseid"])
    return QdaCase(guid_of("case", row["caseid"]), text_of(row, "name"), text_of(row, "memo"), (), values, sources)


def _values(rows: Mapping[str, list[dict[str, Any]]], kind: str, id_: object) -> tuple[Value, ...]:
    held = (row for row in rows["attribute"] if row.get("attr_type") == kind and row.get("id") == id_)
    return tuple(Value(guid_of("variable", text_of(row, "name")), "Text", text_of(row, "value")) for row in held)


def _moment(written: str) -> str:
    """Return a date of QualCoder, which is local time without a zone, as it stands."""
    try:
        return datetime.fromisoformat(written).isoformat()
    except ValueError:
        return ""
