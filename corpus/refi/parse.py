"""From the XML of a project to records; texts and offsets are still as the tool left them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from corpus.refi import xml
from corpus.refi.model import KINDS, QdaCase, QdaCode, QdaCoding, QdaNote, QdaSet, Selection, TextSource, User, Value
from corpus.refi.model import Variable as QdaVariable
from corpus.refi.xml import attribute, child, children, described, targets

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST = 50
"""Levels of nested codes that are read; no codebook goes deeper."""
FURTHEST = 10**12
"""Positions beyond this are nonsense."""


def codes(element: _Element | None, depth: int = 1) -> tuple[QdaCode, ...]:
    """Return the codes below an element."""
    if depth > DEEPEST:
        return ()
    return tuple(_code(each, depth) for each in children(element, "Code"))


def users(root: _Element) -> tuple[User, ...]:
    """Return the coders of a project."""
    found = children(child(root, "Users"), "User")
    return tuple(User(_guid(each), attribute(each, "name", "id")) for each in found)


def variables(root: _Element) -> tuple[QdaVariable, ...]:
    """Return the attributes that cases and sources may have."""
    return tuple(_variable(each) for each in children(child(root, "Variables"), "Variable"))


def cases(root: _Element) -> tuple[QdaCase, ...]:
    """Return the cases of a project."""
    return tuple(_case(each) for each in children(child(root, "Cases"), "Case"))


def sets(root: _Element) -> tuple[QdaSet, ...]:
    """Return the sets of a project."""
    return tuple(_set(each) for each in children(child(root, "Sets"), "Set"))


def source(element: _Element, name: str = "") -> TextSource:
    """Return a text source with its inline text, if it has one, and the tool's positions."""
    return TextSource(
        _guid(element),
        name or attribute(element, "name") or "source",
        inline(element),
        described(element),
        _coder(element),
        _created(element),
        tuple(_selections(element)),
        tuple(_codings(element)),
        targets(element, "NoteRef"),
        tuple(_values(element)),
    )


def source_name(element: _Element) -> str:
    """Return a source's name; without one that of its file, unless it is a GUID. Empty if neither says anything."""
    own = attribute(element, "name").strip()
    path = unquote(attribute(element, "plainTextPath", "richTextPath", "path")).replace("\\", "/")
    stem = PurePosixPath(path).stem.strip()
    return own or ("" if xml.is_guid(stem) else stem)


def note(element: _Element) -> QdaNote:
    """Return a memo with its inline text, if it has one."""
    name, on = attribute(element, "name"), child(element, "PlainTextSelection")
    place = None if on is None else (attribute(on, "startPosition"), attribute(on, "endPosition"))
    return QdaNote(_guid(element), name, inline(element), described(element), _coder(element), _created(element), place)


def inline(element: _Element) -> str:
    """Return the text that an element itself holds."""
    return xml.text(child(element, "PlainTextContent"))


def _code(element: _Element, depth: int) -> QdaCode:
    return QdaCode(
        _guid(element),
        attribute(element, "name").strip() or "unnamed",
        described(element),
        attribute(element, "isCodable").strip().lower() not in ("false", "0"),
        xml.color(attribute(element, "color")),
        targets(element, "NoteRef"),
        codes(element, depth + 1),
    )


def _selections(element: _Element) -> Iterator[Selection]:
    for each in children(element, "PlainTextSelection"):
        yield Selection(
            _guid(each),
            _position(each, "startPosition"),
            _position(each, "endPosition"),
            attribute(each, "name"),
            described(each),
            _coder(each),
            _created(each),
            tuple(_codings(each)),
            targets(each, "NoteRef"),
        )


def _codings(element: _Element) -> Iterator[QdaCoding]:
    """Yield codings; one without a code says nothing."""
    for each in children(element, "Coding"):
        code = targets(each, "CodeRef")
        if code and code[0]:
            yield QdaCoding(_guid(each), code[0], _coder(each), _created(each), targets(each, "NoteRef"))


def _values(element: _Element) -> Iterator[Value]:
    for each in children(element, "VariableValue"):
        variable = targets(each, "VariableRef")
        held = next(
            ((kind, child(each, f"{kind}Value")) for kind in KINDS if child(each, f"{kind}Value") is not None), None
        )
        if variable and variable[0]:
            yield Value(variable[0], held[0], xml.text(held[1])) if held else Value(variable[0])


def _variable(element: _Element) -> QdaVariable:
    kind = attribute(element, "typeOfVariable")
    name = attribute(element, "name") or "unnamed"
    return QdaVariable(_guid(element), name, kind if kind in KINDS else "Text", described(element))


def _case(element: _Element) -> QdaCase:
    refs = (targets(element, name) for name in ("CodeRef", "SourceRef", "SelectionRef"))
    codes_, sources, selections = refs
    values = tuple(_values(element))
    return QdaCase(_guid(element), attribute(element, "name"), described(element), codes_, values, sources, selections)


def _set(element: _Element) -> QdaSet:
    members = (targets(element, name) for name in ("MemberCode", "MemberSource", "MemberNote"))
    return QdaSet(_guid(element), attribute(element, "name") or "unnamed", described(element), *members)


def _position(element: _Element, name: str) -> int:
    """Return a position; what is none points outside every text."""
    written = attribute(element, name).strip()
    digits = written.removeprefix("+").removeprefix("-")
    value = int(written) if digits.isascii() and digits.isdigit() and len(digits) < 13 else FURTHEST
    return min(value, FURTHEST)


def _guid(element: _Element) -> str:
    """Return an element's GUID; one that lacks it gets one by its place."""
    return xml.guid(attribute(element, "guid")) or xml.guid_of("place", element.getroottree().getpath(element))


def _coder(element: _Element) -> str:
    return xml.guid(attribute(element, "creatingUser", "modifyingUser"))


def _created(element: _Element) -> str:
    return xml.moment(attribute(element, "creationDateTime", "modifiedDateTime"))
