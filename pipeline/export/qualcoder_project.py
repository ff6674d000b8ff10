"""A project as QualCoder reads one: its names are unique, its memos stand in descriptions, its cases are coded text.

QualCoder keeps categories and codes by their names, leaves out a code that has anything but a description, and links a
case to the text that is coded with a code of the case's GUID.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from corpus.refi import Project, QdaCase, QdaCode, QdaCoding, QdaNote, Selection, TextSource
from corpus.refi.model import walk
from corpus.refi.xml import guid_of
from pipeline.export.qda_project import MEMO_LINE, STEP


def for_qualcoder(project: Project) -> Project:
    """Return a project that loses nothing of what QualCoder can hold."""
    names = Counter((code.codable, code.name) for code, _ in walk(project.codes))
    notes = {note.guid: note for note in project.notes}
    cases = tuple(QdaCode(case.guid, f"Case{STEP}{case.name}") for case in project.cases if case.sources)
    return replace(
        project,
        codes=(*(_named(code, (), names, notes) for code in project.codes), *cases),
        sources=tuple(_source(source, project.cases, notes) for source in project.sources),
        notes=tuple(note for note in project.notes if note.guid not in _used(project)),
    )


def _used(project: Project) -> set[str]:
    on_codes = (guid for code, _ in walk(project.codes) for guid in code.notes)
    return {*on_codes, *(guid for source in project.sources for guid in source.notes)}


def _named(
    code: QdaCode, above: tuple[str, ...], names: Mapping[tuple[bool, str], int], notes: Mapping[str, QdaNote]
) -> QdaCode:
    """Return a code under a name of its own: one that repeats bears the names of what is above it.

    Args:
        code: With all that is below it.
        above: The names above it.
        names: How often each name is there, for codes (true) and for categories.
        notes: Memos by GUID.
    """
    below = tuple(_named(each, (*above, code.name), names, notes) for each in code.codes)
    own = STEP.join((*above, code.name)) if names[code.codable, code.name] > 1 else code.name
    return replace(code, name=own, description=_described(code.description, code.notes, notes), notes=(), codes=below)


def _described(description: str, guids: Iterable[str], notes: Mapping[str, QdaNote]) -> str:
    memos = (f"{MEMO_LINE}{notes[guid].text}" for guid in guids if guid in notes)
    return "\n".join(part for part in (description, *memos) if part)


def _source(source: TextSource, cases: Iterable[QdaCase], notes: Mapping[str, QdaNote]) -> TextSource:
    whole = tuple(
        Selection(
            guid_of("case text", case.guid, source.guid),
            0,
            len(source.text),
            codings=(QdaCoding(guid_of("case coding", case.guid, source.guid), case.guid),),
        )
        for case in cases
        if source.guid in case.sources and source.text
    )
    memo = "\n".join(
        part for part in (source.description, *(notes[g].text for g in source.notes if g in notes)) if part
    )
    return replace(source, description=memo, notes=(), selections=(*source.selections, *whole))
