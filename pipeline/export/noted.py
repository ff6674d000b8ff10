"""The list of memos and the audit trail of a study as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.export.coded import CodedStudy, path_of
from pipeline.export.flat import Cell
from pipeline.memo_list import MemoEntry, memo_list
from pipeline.trail import TrailEntry, of_coder, trail

if TYPE_CHECKING:
    from pipeline.export.gather import ExportRequest
    from pipeline.session import StudySession

MEMO_COLUMNS = (
    *(("On", 11), ("Document", 22), ("Passage", 60), ("Code", 30), ("Path", 44), ("Decision", 11)),
    *(("Memo", 60), ("Coder", 16), ("Date", 20), ("Start", 8), ("End", 8)),
)
TRAIL_COLUMNS = (
    *(("Id", 8), ("Date", 20), ("Coder", 16), ("Did", 14), ("Document", 22), ("Version", 8), ("Code", 30)),
    *(("Start", 8), ("End", 8), ("Suggestion", 10), ("Text", 50), ("Undid", 8), ("Blind", 7), ("Recorded by", 16)),
    ("In force", 9),
)


def memos_to(session: StudySession, request: ExportRequest) -> tuple[MemoEntry, ...]:
    """Return the memos that a request is about."""
    store, wanted = session.store, request.filter
    people, codebook = session.study.participants(), session.study.codebook()
    names = {
        version.id: version.name
        for version in store.transcripts.versions()
        if wanted.version in {None, version.id} and wanted.is_about(version.name, people.of(version.name))
    }

    held = {event.subject: event for event in store.events.stream(coder=wanted.coder)}
    found = memo_list(store.decisions.current(coder=wanted.coder), held.values(), names)
    narrow = wanted.code is not None or wanted.domain is not None
    return tuple(
        memo for memo in found if not narrow or (memo.code is not None and wanted.takes_code(codebook.find(memo.code)))
    )


def trail_to(session: StudySession, request: ExportRequest) -> tuple[TrailEntry, ...]:
    """Return the entries of the audit trail that a request is about, oldest first."""
    store, wanted = session.store, request.filter
    people = session.study.participants()
    versions = store.transcripts.versions(superseded=True)
    names = {version.id: version.name for version in versions}
    about = {name for name in names.values() if wanted.is_about(name, people.of(name))}
    only = None if wanted.version is None else names.get(wanted.version)
    entries = of_coder(trail([*store.decisions.stream()], [*store.events.stream()], names), wanted.coder)
    return tuple(
        entry
        for entry in entries
        if (entry.transcript in about or (not entry.transcript and not wanted.where))
        and only in {None, entry.transcript}
    )


def memo_rows(study: CodedStudy, memos: tuple[MemoEntry, ...]) -> Iterator[list[Cell]]:
    """Yield a row for each memo, as ``MEMO_COLUMNS`` has them."""
    texts = {document.transcript.name: document.transcript.text for document in study.documents}
    for memo in memos:
        code = None if memo.code is None else study.codebook.find(memo.code)
        text = texts.get(memo.transcript, "")[memo.start : memo.end] if memo.start is not None else ""
        named = (code.name, path_of(code)) if code else ("", "")
        about = [str(memo.kind), memo.transcript, text, *named, memo.action]
        yield [*about, memo.text, memo.coder, _date(memo), memo.start, memo.end]


def trail_rows(entries: tuple[TrailEntry, ...]) -> Iterator[list[Cell]]:
    """Yield a row for each entry, as ``TRAIL_COLUMNS`` has them."""
    for entry in entries:
        act = [entry.id, _date(entry), entry.coder, entry.did, entry.transcript, entry.version, entry.code]
        place = [entry.start, entry.end, entry.suggestion]
        says = [entry.text, entry.undid, "yes" if entry.blind else "", entry.recorder]
        yield [*act, *place, *says, "yes" if entry.in_force else "no"]


def _date(entry: MemoEntry | TrailEntry) -> str:
    return entry.time.isoformat(sep=" ", timespec="seconds")
