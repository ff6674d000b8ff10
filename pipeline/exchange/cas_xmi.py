"""Reads UIMA CAS XMI as INCEpTION and WebAnno export it: a document a file, with what one person annotated on spans.

What a layer calls its annotations is free: the first word among an annotation's features is taken for the code, else
the name of its layer. Layers of grammar (tokens, sentences, parts of speech) are no codings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.source import read_bytes
from corpus.refi.offsets import AS_STORED, Hypothesis, canonical, scanned
from corpus.refi.package import parse
from corpus.refi.xml import attribute, local
from pipeline.exchange.annotations import Region, bundle_of_regions
from pipeline.exchange.found import ImportBundle, ImportRequest, transcript_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_JAVA = Hypothesis(line_end=AS_STORED, utf16=True)
"""How UIMA counts: in UTF-16 units of the text as it stands."""
_GRAMMAR = ("/segmentation/", "/metadata/", "/uima/", "/syntax/", "/morph", "/lexmorph/", "/transform/")
_PLACE = frozenset({"sofa", "begin", "end"})
_POSITION = re.compile("[0-9]{1,12}")
_NO_WORD = re.compile(r"[\s\d.,+-]*|true|false", re.IGNORECASE)
"""Values of features that name no code: numbers, references to other annotations, yes and no."""


def from_cas(path: Path, request: ImportRequest) -> ImportBundle:
    """Read one document with its annotations.

    Raises:
        InputError: If the file is no XMI or has no text.
    """
    root = parse(path, read_bytes(path))
    sofas = {_id(element): attribute(element, "sofaString") for element in root if local(element) == "Sofa"}
    number, raw = max(sofas.items(), key=lambda sofa: len(sofa[1]), default=("", ""))
    if not raw.strip():
        raise InputError(path, "holds no text; export it as UIMA CAS XMI 1.0")
    title = next((attribute(element, "documentTitle") for element in root if local(element) == "DocumentMetaData"), "")
    name = transcript_name(title or path.name)
    coder = (
        path.stem if title and transcript_name(path.name) != name else ""
    )  # INCEpTION names the file after the person
    regions = list(_regions(root, number, name, coder, raw))
    return bundle_of_regions(path, request, {name: canonical(raw)}, regions)


def _regions(root: _Element, sofa: str, name: str, coder: str, raw: str) -> Iterator[Region]:
    positions = _JAVA.of(scanned(raw))
    for element in root:
        begin, end = attribute(element, "begin"), attribute(element, "end")
        ours = attribute(element, "sofa") == sofa and _POSITION.fullmatch(begin) and _POSITION.fullmatch(end)
        if ours and isinstance(element.tag, str) and not any(part in element.tag for part in _GRAMMAR):
            start, stop = positions.span(int(begin), int(end))
            yield Region(name, start, stop, _label(element), coder)


def _label(element: _Element) -> str:
    features = (
        str(value) for key, value in element.attrib.items() if key not in _PLACE and not str(key).startswith("{")
    )
    return next((value for value in features if not _NO_WORD.fullmatch(value)), local(element))


def _id(element: _Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")
