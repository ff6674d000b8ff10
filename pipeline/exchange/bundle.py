"""What a file from another tool brings, in one form whatever the tool: texts, codings, codes, people, memos."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType

from corpus.codebook import Code, Codebook
from corpus.coders import CONSENSUS, LONGEST, MACHINE
from corpus.codings import load_codings
from corpus.errors import InputError
from corpus.readers import SUFFIXES
from corpus.refi import Project, QdaCode, QdaCoding, Selection, TextSource, read_codes, read_project
from corpus.rows import read_rows
from corpus.transcript import Span, Transcript
from pipeline.exchange.highlights import are_highlights, highlights_in
from pipeline.export.qda_project import TOPLESS, book_of

SOMEBODY = "human"
"""The coder of codings whose file names none, as in files of codings."""
LONGEST_NAME = 100
_UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class FoundCoding:
    """A coding as its file has it.

    Attributes:
        transcript: Name that the transcript will have in the study.
        span: Into the text that the file has for it.
        code: Id in ``ImportBundle.book``.
        exact: The words at the span.
    """

    transcript: str
    span: Span
    code: str
    coder: str
    exact: str
    memo: str = ""


@dataclass(frozen=True)
class ImportBundle:
    """What one file brings.

    Attributes:
        texts: Transcripts that come as text, by name.
        files: Transcripts that come as files of their own.
        book: The codes of the file; None if it has none.
        guids: Ids in ``book`` by GUID, for codes that have one.
        people: A row of attributes for each participant, ``id`` first.
        notes: Memos that stand on no coding, ready for JSON.
        remarks: What was repaired or left out, one line each, without transcript text.
    """

    path: Path
    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    book: Codebook | None = None
    guids: Mapping[str, str] = field(default_factory=dict)
    found: tuple[FoundCoding, ...] = ()
    people: tuple[Mapping[str, str], ...] = ()
    notes: tuple[Mapping[str, str], ...] = ()
    remarks: tuple[str, ...] = ()


Transcripts = Callable[[], Mapping[str, Transcript]]
"""Gives the transcripts of the study that is to take the file in."""


def read_bundle(path: Path, transcripts: Transcripts = dict) -> ImportBundle:
    """Read what a file brings.

    Args:
        path: A file whose suffix is one of ``KINDS``.
        transcripts: Asked for files of codings, which bring no texts of their own.

    Raises:
        InputError: If the file cannot be used.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise InputError(path, f"has a suffix that cannot be imported; these can: {', '.join(KINDS)}")
    return kind(path, transcripts)


def _from_project(path: Path, _: Transcripts) -> ImportBundle:
    reading = read_project(path)
    project = reading.project
    names = _names(project.sources)
    book, guids = book_of(project.name, project.codes)
    found = [*_found(project, names, guids)]
    by_people = tuple(coding for coding in found if not _is_machine(coding.coder))
    return ImportBundle(
        path,
        project.name,
        texts={names[source.guid]: source.text for source in project.sources},
        book=book,
        guids=guids,
        found=by_people,
        people=tuple(_people(project, names)),
        notes=tuple(_notes(project, names)),
        remarks=(
            *(placement.says for placement in reading.placements if placement.repaired),
            *(left_out.says for left_out in reading.left_out),
            *reading.remarks,
            *_lost(project, len(found)),
            *_by_machine(len(found) - len(by_people)),
        ),
    )


def _from_codebook(path: Path, _: Transcripts) -> ImportBundle:
    name, codes = read_codes(path)
    book, guids = book_of(name, codes)
    return ImportBundle(path, name, book=book, guids=guids)


def _from_comments(path: Path, _: Transcripts) -> ImportBundle:
    from corpus.readers import read_transcript
    from corpus.readers.word_comments import codings_in

    text, comments = read_transcript(path).text, codings_in(path)
    named = dict.fromkeys(code for comment in comments for code in comment.codes)
    book, ids = book_of(path.stem, tuple(QdaCode(name, name) for name in named))
    found = tuple(
        FoundCoding(path.stem, comment.span, ids[code], coder_called(comment.author), comment.span.of(text))
        for comment in comments
        for code in comment.codes
    )
    if not found:
        raise InputError(path, "holds no comments; to add a transcript, put it into transcripts/")
    return ImportBundle(path, path.stem, files=(path,), book=book, found=found)


def _from_codings(path: Path, transcripts: Transcripts) -> ImportBundle:
    if are_highlights(read_rows(path)):
        return _from_highlights(path, transcripts)
    known = transcripts()
    book = _bare(path.stem, (row.text("code") for row in read_rows(path)))
    if book is None:
        raise InputError(path, "holds no codings")
    codings = load_codings(path, known, book)
    memos = (row.optional("memo") or "" for row in read_rows(path))  # a coding is a row, in the same order
    found = [
        FoundCoding(c.transcript, c.span, c.code, coder_called(c.coder), c.span.of(known[c.transcript].text), memo)
        for c, memo in zip(codings, memos, strict=True)
    ]
    by_people = tuple(coding for coding in found if not _is_machine(coding.coder))
    return ImportBundle(
        path, path.stem, book=book, found=by_people, remarks=tuple(_by_machine(len(found) - len(by_people)))
    )


def _from_highlights(path: Path, transcripts: Transcripts) -> ImportBundle:
    highlights = highlights_in(read_rows(path), transcripts())
    found = tuple(FoundCoding(h.transcript, h.span, h.tag, SOMEBODY, h.words) for h in highlights if h.span is not None)
    lost = [highlight for highlight in highlights if highlight.span is None]
    notes = ({"kind": "highlight", "transcript": h.transcript, "code": h.tag, "text": h.words} for h in lost)
    problems = Counter(highlight.problem for highlight in lost)
    remarks = tuple(f"{count} highlights left out: {problem}" for problem, count in problems.items())
    book = _bare(path.stem, (highlight.tag for highlight in highlights))
    return ImportBundle(path, path.stem, book=book, found=found, notes=tuple(notes), remarks=remarks)


KINDS: Mapping[str, Callable[[Path, Transcripts], ImportBundle]] = MappingProxyType(
    {
        ".qdpx": _from_project,
        ".qde": _from_project,
        ".qdc": _from_codebook,
        ".docx": _from_comments,
        ".jsonl": _from_codings,
        ".csv": _from_codings,
    }
)
"""What can be imported, by suffix."""


def _bare(name: str, codes: Iterable[str]) -> Codebook | None:
    """Return a codebook of codes of which only a name or id is known."""
    known = dict.fromkeys(codes)
    return Codebook(name, "1", tuple(Code(code, code, TOPLESS) for code in known)) if known else None


def _names(sources: Iterable[TextSource]) -> dict[str, str]:
    """Return a transcript's name for each source by its GUID; of equal names the later ones get a number."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for source in sources:
        wanted = transcript_name(source.name)
        names[source.guid] = next(
            name for name in chain([wanted], (f"{wanted} {n}" for n in count(2))) if name.casefold() not in taken
        )
        taken.add(names[source.guid].casefold())
    return names


def transcript_name(name: str) -> str:
    """Return a source's name as one that a file may have anywhere, without the suffix of a document."""
    suffix = Path(name).suffix
    bare = name.removesuffix(suffix) if suffix.lower() in {*SUFFIXES, ".doc", ".rtf", ".odt", ".pdf"} else name
    fit = " ".join(_UNFIT.sub("_", bare).split())[:LONGEST_NAME].strip(" .~$")
    return fit or "source"


def _codings(project: Project) -> Iterator[tuple[TextSource, Selection, QdaCoding]]:
    for source in project.sources:
        for selection in source.selections:
            yield from ((source, selection, coding) for coding in selection.codings)


def _found(project: Project, names: Mapping[str, str], guids: Mapping[str, str]) -> Iterator[FoundCoding]:
    """Yield the codings of passages; what has no code of its own (cases, annotations) is none."""
    users = {user.guid: coder_called(user.name) for user in project.users}
    notes = {note.guid: note.text or note.description or note.name for note in project.notes}
    for source, selection, coding in _codings(project):
        if coding.code in guids and selection.start < selection.end:
            coder = users.get(coding.coder or selection.coder, SOMEBODY)
            noted = (notes.get(guid, "") for guid in (*selection.notes, *coding.notes))
            memo = "\n".join(text for text in (selection.name, selection.description, *noted) if text)
            span = Span(selection.start, selection.end)
            yield FoundCoding(names[source.guid], span, guids[coding.code], coder, span.of(source.text), memo)


def _lost(project: Project, found: int) -> Iterator[str]:
    """Yield a line if codings bear no code that can be given."""
    lost = sum(1 for _ in _codings(project)) - found
    if lost:
        yield f"{lost} codings bear a case, a heading or no words in place of a code and were left out"


def coder_called(name: str) -> str:
    """Return a name as the log of decisions takes it; machines keep theirs."""
    printable = "".join(character for character in name if character.isprintable()).strip()[:LONGEST].strip()
    return CONSENSUS if printable.casefold() == CONSENSUS else printable or SOMEBODY


def _is_machine(coder: str) -> bool:
    return coder.casefold().startswith(MACHINE)


def _by_machine(count: int) -> Iterator[str]:
    """Yield a line if a file brings suggestions of ours, on which nobody decided."""
    if count:
        yield f"{count} suggestions of precode are no codings and were left out"


def _people(project: Project, names: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Yield cases with their variables, then sources with theirs (where some tools keep them)."""
    variables = {variable.guid: variable.name for variable in project.variables}
    for case in project.cases:
        values = {
            variables[value.variable]: value.text for value in case.values if value.variable in variables and value.text
        }
        theirs = [names[guid] for guid in case.sources if guid in names]
        if values and (case.name or theirs):
            shared = all(case.name.casefold() in name.casefold() for name in theirs)
            only = theirs[0] if len(theirs) == 1 else case.name or theirs[0]
            yield {"id": case.name if case.name and shared else only, **values}
    for source in project.sources:
        values = {
            variables[value.variable]: value.text
            for value in source.values
            if value.variable in variables and value.text
        }
        if values:
            yield {"id": names[source.guid], **values}


def _notes(project: Project, names: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Yield memos of the project, its sources and its annotations; those of codings go with these."""
    for note in project.notes:
        yield {"kind": "memo", "title": note.name, "text": note.text or note.description}
    for source in project.sources:
        name = names[source.guid]
        if source.description:
            yield {"kind": "source", "transcript": name, "text": source.description}
        for coding in source.codings:
            yield {"kind": "code of a whole source", "transcript": name, "code": coding.code}
        for selection in source.selections:
            if not selection.codings:
                place = {"start": str(selection.start), "end": str(selection.end)}
                text = selection.description or selection.name
                yield {"kind": "annotation", "transcript": name, **place, "text": text}
