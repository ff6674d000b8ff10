"""Reads a project (``.qdpx``, or its ``.qde`` alone) and a codebook (``.qdc``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.source import ZIP, read_bytes
from corpus.refi import parse
from corpus.refi.dialects import ORIGIN, declared, ends_exclusive
from corpus.refi.model import Project, QdaCode, QdaNote
from corpus.refi.offsets import canonical
from corpus.refi.package import Package
from corpus.refi.package import parse as parse_xml
from corpus.refi.placing import Placement, Stored, placed
from corpus.refi.xml import attribute, child, children, described, local, targets

if TYPE_CHECKING:
    from lxml.etree import _Element

Fetch = Callable[[str], bytes | None]
"""From a path in a project to the bytes there."""

CHARACTERS = 30_000_000
"""Of text in a whole project: five million words, some 500 interviews of an hour."""

MEDIA = {"PictureSource": "picture", "PDFSource": "PDF", "AudioSource": "recording", "VideoSource": "video"}
UNREAD = {"Links": "Link", "Graphs": "Graph"}
ABSENT = "its text is not in the file; export the project with its documents"
_WORD = ".docx"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A source that was not read.

    Attributes:
        codings: How many codings it bears.
    """

    name: str
    why: str
    codings: int = 0

    @property
    def says(self) -> str:
        """One line for a person."""
        lost = f" with {self.codings} codings" if self.codings else ""
        return f"{self.name}: left out{lost}: {self.why}"


@dataclass(frozen=True, slots=True)
class ReadProject:
    """A project as it was read.

    Attributes:
        origin: The tool that wrote it, in its own words.
        placements: How the positions of each source with selections were read.
        left_out: Sources that were not read.
        remarks: What else was left out, one line each.
    """

    project: Project
    origin: str
    placements: tuple[Placement, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]


def read_project(path: Path) -> ReadProject:
    """Read a project with all its text sources.

    Raises:
        InputError: If the file is no sound project of sane size.
    """
    if path.suffix.lower() == ".qde":
        return _project(path, read_bytes(path), lambda _: None)
    with Package(path) as package:
        return _project(path, package.project(), package.source)


def read_codes(path: Path) -> tuple[str, tuple[QdaCode, ...]]:
    """Return name and codes of a codebook (``.qdc``), or of a project.

    Raises:
        InputError: If the file is neither.
    """
    if path.suffix.lower() == ".qdpx":
        project = read_project(path).project
        return project.name, project.codes
    root = parse_xml(path, read_bytes(path))
    book = root if local(root) == "CodeBook" else child(root, "CodeBook")
    found = parse.codes(child(book, "Codes"))
    if not found:
        raise InputError(path, "holds no codes")
    return attribute(root, "name") or path.stem, found


def _project(path: Path, data: bytes, fetch: Fetch) -> ReadProject:
    root = parse_xml(path, data)
    if local(root) != "Project":
        raise InputError(path, "is XML but no REFI-QDA project; export the project, not its codebook")
    origin = attribute(root, "origin")
    texts = _Texts(fetch)
    stored, left_out = _stored(root, texts)
    found = placed(stored, declared(origin), sure=origin.startswith(ORIGIN), exclusive=ends_exclusive(origin))
    project = Project(
        attribute(root, "name") or path.stem,
        parse.users(root),
        parse.codes(child(child(root, "CodeBook"), "Codes")),
        parse.variables(root),
        parse.cases(root),
        tuple(source for source, _ in found),
        tuple(_notes(root, texts)),
        parse.sets(root),
        described(root),
        targets(root, "NoteRef"),
    )
    placements = tuple(placement for _, placement in found if placement.selections)
    return ReadProject(project, origin, placements, tuple(left_out), tuple(_remarks(root)))


def _stored(root: _Element, texts: _Texts) -> tuple[list[Stored], list[LeftOut]]:
    stored: list[Stored] = []
    left_out: list[LeftOut] = []
    for element in children(child(root, "Sources"), "TextSource", *MEDIA):
        found = _source(element, texts)
        if isinstance(found, Stored):
            stored.append(found)
        else:
            left_out.append(found)
    return stored, left_out


def _source(element: _Element, texts: _Texts) -> Stored | LeftOut:
    kind, represented = local(element), child(element, "Representation")
    name = parse.source_name(element) or "unnamed source"
    if kind == "TextSource":
        return _text_source(element, name, texts)
    found = _text_source(represented, name, texts) if represented is not None else None
    return found if isinstance(found, Stored) else LeftOut(name, f"is a {MEDIA[kind]}", _codings(element))


def _text_source(element: _Element, name: str, texts: _Texts) -> Stored | LeftOut:
    source = parse.source(element, name)
    try:
        raw = texts.of(element)
    except InputError as error:
        return LeftOut(name, error.problem, _codings(element))
    if raw is None or not raw.strip():
        why = ABSENT if raw is None else "it is empty"
        return LeftOut(name, why, _codings(element))
    return Stored(source, raw)


class _Texts:
    """The texts of a project, as stored, up to a bound for all of them together.

    Args:
        fetch: Gets the files of the project.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._left = CHARACTERS

    def of(self, element: _Element) -> str | None:
        """Return the text of a source: inline, else its plain text, else what its Word document says; None without.

        Raises:
            InputError: If it cannot be read or is beyond the bound.
        """
        words = parse.inline(element) or next(self._files(element), None)
        self._left -= len(words or "")
        if self._left < 0:
            raise InputError("", f"the project holds more than {CHARACTERS // 1_000_000} million characters of text")
        return words

    def _files(self, element: _Element) -> Iterator[str]:
        for path in (attribute(element, "plainTextPath"), attribute(element, "richTextPath")):
            data = self._fetch(path) if path else None
            if data is not None:
                yield _word_text(data) if data.startswith(ZIP) else _decoded(data)


def _word_text(data: bytes) -> str:
    from corpus.readers.word import read_word
    from corpus.speakers import SpeakerSettings

    with TemporaryDirectory(prefix="precode-") as folder:
        path = Path(folder) / f"source{_WORD}"
        path.write_bytes(data)
        return read_word(path, SpeakerSettings()).text


def _decoded(data: bytes) -> str:
    """Decode as the standard says (UTF-8), else as old Windows programs write; line ends stay."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _notes(root: _Element, texts: _Texts) -> Iterator[QdaNote]:
    for element in children(child(root, "Notes"), "Note"):
        note = parse.note(element)
        try:
            words = None if note.text else texts.of(element)
        except InputError:  # a memo whose file is broken stays as a title
            words = None
        yield note if words is None else replace(note, text=canonical(words))


def _codings(element: _Element) -> int:
    return Counter(map(local, element.iter()))["Coding"]


def _remarks(root: _Element) -> Iterator[str]:
    for name, what in UNREAD.items():
        count = sum(1 for _ in children(child(root, name), what))
        if count:
            yield f"{count} {what.lower()}{'s' if count > 1 else ''} left out"
