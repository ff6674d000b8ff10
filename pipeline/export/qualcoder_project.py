"""A project as QualCoder reads one: its names are unique, its memos stand in descriptions, its cases are coded text.

QualCoder keeps categories and codes by their names, leaves out a code that has anything but a description, dates a
coding by its selection, and links a case to the text that is coded with a code of the case's GUID.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from corpus.codebook import STEP
from corpus.refi import Project, QdaCase, QdaCode, QdaCoding, Selection, TextSource
from corpus.refi.model import walk
from corpus.refi.xml import guid_of
from pipeline.export.qda_project import described

Memos = Mapping[str, tuple[str, str]]
"""Coder and text of memos by GUID."""


def for_qualcoder(project: Project) -> Project:
    """Return a project that loses nothing of what QualCoder can hold."""
    names = Counter((code.codable, code.name) for code, _ in walk(project.codes))
    users = {user.guid: user.name for user in project.users}
    notes = {note.guid: (users.get(note.coder, ""), note.text) for note in project.notes}
    cases = tuple(QdaCode(case.guid, f"Case{STEP}{case.name}") for case in project.cases if case.sources)
    on_codes = (guid for code, _ in walk(project.codes) for guid in code.notes)
    used = {*on_codes, *(guid for source in project.sources for guid in source.notes)}
    return replace(
        project,
        codes=(*(_named(code, (), names, notes) for code in project.codes), *cases),
        sources=tuple(_source(source, project.cases, notes) for source in project.sources),
        notes=tuple(note for note in project.notes if note.guid not in used),
    )


def _named(code: QdaCode, above: tuple[str, ...], names: Mapping[tuple[bool, str], int], notes: Memos) -> QdaCode:
    """Return a code under a name of its own: one that repeats bears the names of what is above it.

    Args:
        code: With all that is below it.
        above: The names above it.
        names: How often each name is there, for codes (true) and for categories.
        notes: On codes and sources.
    """
    below = tuple(_named(each, (*above, code.name), names, notes) for each in code.codes)
    own = STEP.join((*above, code.name)) if names[code.codable, code.name] > 1 else code.name
    memos = (notes[guid] for guid in code.notes if guid in notes)
    return replace(code, name=own, description=described(code.description, memos), notes=(), codes=below)


def _source(source: TextSource, cases: Iterable[QdaCase], notes: Memos) -> TextSource:
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
    coded = tuple(alone for selection in source.selections for alone in _each_alone(selection))
    memo = described(source.description, (notes[guid] for guid in source.notes if guid in notes))
    return replace(source, description=memo, notes=(), selections=(*coded, *whole))


def _each_alone(selection: Selection) -> Iterator[Selection]:
    """Yield a selection for each coding, with its date."""
    for coding in selection.codings:
        yield replace(selection, guid=guid_of("alone", coding.guid), created=coding.created, codings=(coding,))
