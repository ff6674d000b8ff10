"""Writes a project as ``.qdpx`` and codes as ``.qdc``, valid against the REFI-QDA 1.0 schema."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import TYPE_CHECKING

from corpus.refi.dialects import DIALECTS, Dialect, origin_of
from corpus.refi.model import (
    Project,
    QdaCase,
    QdaCode,
    QdaCoding,
    QdaNote,
    QdaSet,
    Selection,
    TextSource,
    User,
    Value,
    Variable,
)
from corpus.refi.offsets import PositionMap, scanned
from corpus.refi.xml import legal

if TYPE_CHECKING:
    from lxml.etree import _Element

PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"
SHOWN = 100
"""Characters of the selected words that stand in a selection's name, as ATLAS.ti has it."""
EPOCH = (2000, 1, 1, 0, 0, 0)
"""Date of every part, so that equal projects are equal files."""


def project_bytes(project: Project, dialect: Dialect = DIALECTS["generic"]) -> bytes:
    """Return a project as the bytes of a ``.qdpx`` file for one tool."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, "project.qde", _serialized(_project(project, dialect)))
        for source in project.sources:
            # Lower case: the standard says so, and some tools open no other folder.
            _add(archive, f"sources/{source.guid}.txt", _stored(source.text, dialect).encode("utf-8"))
    return buffer.getvalue()


def codes_xml(codes: Iterable[QdaCode]) -> bytes:
    """Return codes as the bytes of a ``.qdc`` file."""
    book = _Writer(CODEBOOK)
    root = book.root("CodeBook", origin=origin_of(DIALECTS["generic"]))
    book.codes(root, codes)
    return _serialized(root)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    part = zipfile.ZipInfo(name, EPOCH)
    archive.writestr(part, data, zipfile.ZIP_DEFLATED)


def _stored(text: str, dialect: Dialect) -> str:
    return "\ufeff" * dialect.mark + text.replace("\n", dialect.line_end).encode("utf-8", "replace").decode("utf-8")


def _serialized(root: _Element) -> bytes:
    from lxml import etree

    data: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return data


def _project(project: Project, dialect: Dialect) -> _Element:
    made = _Writer(PROJECT)
    root = made.root("Project", name=project.name, origin=origin_of(dialect))
    made.users(root, project.users)
    if project.codes:
        made.codes(made.add(root, "CodeBook"), project.codes)
    made.variables(root, project.variables)
    made.cases(root, project.cases)
    sources = made.group(root, "Sources", project.sources)
    for source in project.sources:
        made.source(sources, source, dialect)
    made.notes(root, project.notes)
    made.sets(root, project.sets)
    made.described(root, project.description)
    made.refs(root, "NoteRef", project.memos)
    return root


class _Writer:
    """Adds records to a tree in the order that the schema asks for.

    Args:
        namespace: Of every element.
    """

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def root(self, tag: str, **attributes: str) -> _Element:
        from lxml import etree

        element = etree.Element(f"{{{self._namespace}}}{tag}", nsmap={None: self._namespace})
        return _with(element, attributes)

    def add(self, parent: _Element, tag: str, text: str = "", **attributes: str) -> _Element:
        from lxml import etree

        element = _with(etree.SubElement(parent, f"{{{self._namespace}}}{tag}"), attributes)
        element.text = legal(text) or None
        return element

    def group(self, parent: _Element, tag: str, members: object) -> _Element:
        """Add a container; the schema allows none that is empty."""
        return self.add(parent, tag) if members else parent

    def described(self, parent: _Element, description: str) -> None:
        if description:
            self.add(parent, "Description", description)

    def refs(self, parent: _Element, tag: str, guids: Iterable[str]) -> None:
        for each in guids:
            self.add(parent, tag, targetGUID=each)

    def users(self, root: _Element, users: tuple[User, ...]) -> None:
        group = self.group(root, "Users", users)
        for each in users:
            self.add(group, "User", guid=each.guid, name=each.name)

    def codes(self, parent: _Element, codes: Iterable[QdaCode]) -> None:
        group = self.add(parent, "Codes")
        for each in codes:
            self.code(group, each)

    def code(self, parent: _Element, code: QdaCode) -> None:
        codable = str(code.codable).lower()
        element = self.add(parent, "Code", guid=code.guid, name=code.name, isCodable=codable, color=code.color)
        self.described(element, code.description)
        self.refs(element, "NoteRef", code.notes)
        for each in code.codes:
            self.code(element, each)

    def variables(self, root: _Element, variables: tuple[Variable, ...]) -> None:
        group = self.group(root, "Variables", variables)
        for each in variables:
            element = self.add(group, "Variable", guid=each.guid, name=each.name, typeOfVariable=each.kind)
            self.described(element, each.description)

    def cases(self, root: _Element, cases: tuple[QdaCase, ...]) -> None:
        group = self.group(root, "Cases", cases)
        for each in cases:
            element = self.add(group, "Case", guid=each.guid, name=each.name)
            self.described(element, each.description)
            self.refs(element, "CodeRef", each.codes)
            self.values(element, each.values)
            self.refs(element, "SourceRef", each.sources)
            self.refs(element, "SelectionRef", each.selections)

    def values(self, parent: _Element, values: tuple[Value, ...]) -> None:
        for each in values:
            element = self.add(parent, "VariableValue")
            self.add(element, "VariableRef", targetGUID=each.variable)
            if each.kind:
                self.add(element, f"{each.kind}Value", each.text)

    def source(self, parent: _Element, source: TextSource, dialect: Dialect) -> None:
        path = f"internal://{source.guid}.txt"
        element = self.add(parent, "TextSource", name=source.name, plainTextPath=path, **_made(source))
        self.described(element, source.description)
        mapping = dialect.counting.of(scanned(_stored(source.text, dialect)))
        for each in source.selections:
            self.selection(element, each, source.text, mapping)
        self.codings(element, source.codings)
        self.refs(element, "NoteRef", source.notes)
        self.values(element, source.values)

    def selection(self, parent: _Element, one: Selection, text: str, mapping: PositionMap) -> None:
        start, end = mapping.stretch(one.start, one.end)
        name = one.name or shown(text[one.start : one.end])
        place = {"startPosition": str(start), "endPosition": str(end)}
        element = self.add(parent, "PlainTextSelection", name=name, **place, **_made(one))
        self.described(element, one.description)
        self.codings(element, one.codings)
        self.refs(element, "NoteRef", one.notes)

    def codings(self, parent: _Element, codings: tuple[QdaCoding, ...]) -> None:
        for each in codings:
            element = self.add(parent, "Coding", **_made(each))
            self.add(element, "CodeRef", targetGUID=each.code)
            self.refs(element, "NoteRef", each.notes)

    def notes(self, root: _Element, notes: tuple[QdaNote, ...]) -> None:
        group = self.group(root, "Notes", notes)
        for each in notes:
            element = self.add(group, "Note", name=each.name, **_made(each))
            self.described(element, each.description)
            self.add(element, "PlainTextContent", each.text)

    def sets(self, root: _Element, sets: tuple[QdaSet, ...]) -> None:
        group = self.group(root, "Sets", sets)
        for each in sets:
            element = self.add(group, "Set", guid=each.guid, name=each.name)
            self.described(element, each.description)
            self.refs(element, "MemberCode", each.codes)
            self.refs(element, "MemberSource", each.sources)
            self.refs(element, "MemberNote", each.notes)


def shown(words: str) -> str:
    """Return selected words as a selection's name: on one line, cut after ``SHOWN`` characters."""
    line = " ".join(words.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


def _made(record: QdaCoding | Selection | TextSource | QdaNote) -> dict[str, str]:
    return {"guid": record.guid, "creatingUser": record.coder, "creationDateTime": record.created}


def _with(element: _Element, attributes: dict[str, str]) -> _Element:
    """Set the attributes that say anything; a name may be empty where the schema asks for one."""
    for name, value in attributes.items():
        if value or name == "name":
            element.set(name, legal(value))
    return element
