"""Small words for XML from many tools: any namespace version, any spelling of a GUID."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACE = UUID("5d0f1f0e-9d0a-5c86-8a43-7b1de3a1b7c1")
"""Of every GUID that precode makes, so that the same thing has the same GUID in every export."""

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOMENT = re.compile(r"-?\d{4,9}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)?")
_COLOR = re.compile(r"#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def guid_of(*parts: object) -> str:
    """Return the GUID of something told by its parts."""
    return str(uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


def guid(written: str) -> str:
    """Return a GUID in one spelling; what is none gets one of its own."""
    bare = written.strip().strip("{}").lower()
    return bare if is_guid(bare) or not bare else guid_of("odd", bare)


def is_guid(written: str) -> bool:
    """Return whether something is a GUID, braces or not."""
    return bool(_GUID.fullmatch(written.strip().strip("{}").lower()))


def moment(written: str) -> str:
    """Return a dateTime, empty if it is none."""
    return written.strip() if _MOMENT.fullmatch(written.strip()) else ""


def color(written: str) -> str:
    """Return a colour, empty if it is none."""
    return written.strip() if _COLOR.fullmatch(written.strip()) else ""


def legal(text: str) -> str:
    """Return a text with U+FFFD for every character that XML cannot carry; offsets stay."""
    return _ILLEGAL.sub("\ufffd", text)


def children(element: _Element | None, *names: str) -> Iterator[_Element]:
    """Yield the children of these names, in whatever namespace."""
    for child in element if element is not None else ():
        if local(child) in names:
            yield child


def child(element: _Element | None, name: str) -> _Element | None:
    """Return the first child of a name."""
    return next(children(element, name), None)


def local(element: _Element) -> str:
    """Return an element's name without namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def text(element: _Element | None) -> str:
    """Return the text of an element, whole, with line feeds."""
    words = "" if element is None else "".join(element.itertext())
    return words.replace("\r\n", "\n").replace("\r", "\n")


def described(element: _Element) -> str:
    """Return an element's description."""
    return text(child(element, "Description"))


def attribute(element: _Element, *names: str) -> str:
    """Return the first attribute that is there, empty if none is."""
    return next((str(element.get(name)) for name in names if element.get(name)), "")


def targets(element: _Element | None, name: str) -> tuple[str, ...]:
    """Return the GUIDs that references of a name point at."""
    return tuple(guid(attribute(each, "targetGUID")) for each in children(element, name))
