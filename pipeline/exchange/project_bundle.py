"""What a project of another tool brings: REFI-QDA's records as codings, memos and people of a study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from corpus.refi import Project, QdaCoding, QdaNote, Selection, TextSource, read_codes, read_project
from corpus.refi.model import walk
from corpus.transcript import Span
from pipeline.exchange.found import (
    SOMEBODY,
    FoundCoding,
    FoundMemo,
    ImportBundle,
    ImportRequest,
    by_people,
    coder_called,
    time_called,
    transcript_name,
)
from pipeline.export.qda_project import book_of, memos_in


def from_project(path: Path, _: ImportRequest) -> ImportBundle:
    """Read a REFI-QDA project."""
    reading = read_project(path)
    repaired = (placement.says for placement in reading.placements if placement.repaired)
    return bundle_of(path, reading.project, (*repaired, *(left.says for left in reading.left_out), *reading.remarks))


def from_codebook(path: Path, _: ImportRequest) -> ImportBundle:
    """Read a REFI-QDA codebook."""
    name, codes = read_codes(path)
    book, guids = book_of(name, codes)
    return ImportBundle(path, name, book=book, guids=guids)


def bundle_of(path: Path, project: Project, remarks: Sequence[str] = ()) -> ImportBundle:
    """Return what a project brings, whatever the file it was read from.

    Args:
        path: That file.
        project: What it holds.
        remarks: What was repaired or left out in reading.
    """
    project, names = _without_cases(project), _names(project.sources)
    book, guids = book_of(project.name, project.codes)
    view = _View(project, names, guids)
    found = [*view.codings()]
    people, machine = by_people(found)
    return ImportBundle(
        path,
        project.name,
        texts={names[source.guid]: source.text for source in project.sources},
        book=book,
        guids=guids,
        found=people,
        people=tuple(_people(project, names)),
        memos=tuple(view.memos()),
        notes=tuple(_notes(project, names)),
        remarks=(*remarks, *_lost(project, len(found)), *machine),
    )


def _without_cases(project: Project) -> Project:
    """Return a project without the codes that stand for cases, as in NVivo; cases have the sources coded with them."""
    cases = {case.guid for case in project.cases}
    coded = [(coding.code, source.guid) for source, _, coding in _codings(project) if coding.code in cases]
    known = tuple(
        replace(case, sources=tuple(dict.fromkeys((*case.sources, *(s for guid, s in coded if guid == case.guid)))))
        for case in project.cases
    )
    return replace(project, codes=tuple(code for code in project.codes if code.guid not in cases), cases=known)


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


def _codings(project: Project) -> Iterator[tuple[TextSource, Selection, QdaCoding]]:
    for source in project.sources:
        for selection in source.selections:
            yield from ((source, selection, coding) for coding in selection.codings)


@dataclass(frozen=True)
class _View:
    """A project with the names of its transcripts and the ids of its codes, both by GUID."""

    project: Project
    names: Mapping[str, str]
    codes: Mapping[str, str]

    def codings(self) -> Iterator[FoundCoding]:
        """Yield the codings of passages; what has no code of its own (cases, annotations) is none."""
        coders, notes = self._coders(), {note.guid: words_of(note) for note in self.project.notes}
        for source, selection, coding in _codings(self.project):
            if coding.code in self.codes and selection.start < selection.end:
                noted = (notes.get(guid, "") for guid in (*selection.notes, *coding.notes))
                span = Span(selection.start, selection.end)
                yield FoundCoding(
                    self.names[source.guid],
                    span,
                    self.codes[coding.code],
                    coders.get(coding.coder or selection.coder, SOMEBODY),
                    span.of(source.text),
                    "\n".join(text for text in (selection.name, selection.description, *noted) if text),
                    _time(coding, selection),
                )

    def memos(self) -> Iterator[FoundMemo]:
        """Yield the memos that hang on transcripts and codes."""
        coders = self._coders()
        notes = {note.guid: note for note in self.project.notes if note.place is None}
        for source in self.project.sources:
            name, (about, memos) = self.names[source.guid], memos_in(source.description)
            for coder, text in ((coders.get(source.coder, SOMEBODY), about), *memos):
                if text.strip():
                    yield FoundMemo(text, coder_called(coder), transcript=name)
            for note in (notes[guid] for guid in source.notes if guid in notes):
                yield FoundMemo(words_of(note), coders.get(note.coder, SOMEBODY), transcript=name)
        for code, _ in walk(self.project.codes):
            for coder, text in memos_in(code.description)[1] if code.guid in self.codes else ():
                yield FoundMemo(text, coder_called(coder), code=self.codes[code.guid])
            for note in (notes[guid] for guid in code.notes if guid in notes and code.guid in self.codes):
                yield FoundMemo(words_of(note), coders.get(note.coder, SOMEBODY), code=self.codes[code.guid])

    def _coders(self) -> dict[str, str]:
        return {user.guid: coder_called(user.name) for user in self.project.users}


def words_of(note: QdaNote) -> str:
    """Return what a memo says."""
    return note.text or note.description or note.name


def _time(coding: QdaCoding, selection: Selection) -> datetime | None:
    return time_called(coding.created) or time_called(selection.created)


def _lost(project: Project, found: int) -> Iterator[str]:
    """Yield a line if codings bear no code that can be given."""
    cases = {case.guid for case in project.cases}
    bearers = [coding.code in cases for _, _, coding in _codings(project)]
    if any(bearers):
        yield f"{sum(bearers)} passages belong to a case, which keeps their documents, and not to a code"
    lost = len(bearers) - sum(bearers) - found
    if lost:
        yield f"{lost} codings bear a case, a heading or no words in place of a code and were left out"


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
    """Yield what the study has no place for: memos of the project and its cases, annotations, codes of whole sources.

    Memos are all listed, those with a place, too.
    """
    if project.description.strip():
        yield {"kind": "project", "title": project.name, "text": project.description}
    sources = {guid: names[source.guid] for source in project.sources for guid in source.notes}
    for note in project.notes:
        text = note.text or note.description
        if note.place is None:
            yield {"kind": "memo", "title": note.name, "text": text}
        else:
            start, end = note.place
            on = {"transcript": sources.get(note.guid, ""), "start": start, "end": end}
            yield {"kind": "annotation", **on, "text": text}
    headings = ((code.name, code.description) for code, _ in walk(project.codes) if not code.codable)
    described = {"case": ((case.name, case.description) for case in project.cases), "category": headings}
    for kind, pairs in described.items():
        yield from ({"kind": kind, "title": title, "text": text} for title, text in pairs if text.strip())
    for source in project.sources:
        yield from _notes_of(source, names[source.guid])


def _notes_of(source: TextSource, name: str) -> Iterator[Mapping[str, str]]:
    if source.description:
        yield {"kind": "source", "transcript": name, "text": source.description}
    for coding in source.codings:
        yield {"kind": "code of a whole source", "transcript": name, "code": coding.code}
    for selection in source.selections:
        if not selection.codings:
            place = {"start": str(selection.start), "end": str(selection.end)}
            text = selection.description or selection.name
            yield {"kind": "annotation", "transcript": name, **place, "text": text}
