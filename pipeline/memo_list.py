"""The memos of a study, as one list: on passages, on transcripts, and on codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.store.event_records import Event, EventKind
from pipeline.store.records import CurrentDecision


class MemoKind(StrEnum):
    """What a memo is on."""

    PASSAGE = "passage"
    TRANSCRIPT = "transcript"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class MemoEntry:
    """A memo that holds.

    Attributes:
        time: When it was written, or what it is on was decided last.
        transcript: Name of the transcript; empty for a memo on a code.
        action: What was decided on the passage; empty for the other kinds.
    """

    kind: MemoKind
    coder: str
    time: datetime
    transcript: str
    version: int | None
    start: int | None
    end: int | None
    code: str | None
    action: str
    text: str


def memo_list(
    standings: Iterable[CurrentDecision], events: Iterable[Event], names: Mapping[int, str]
) -> list[MemoEntry]:
    """Return the memos that hold, transcript by transcript, on the whole before its passages, and on codes last.

    Args:
        standings: Where coders stand.
        events: Those in force.
        names: Of the transcripts that are looked at, by version, in order.
    """
    found = [_on_passage(each, names) for each in standings if each.memo and each.decision.version in names]
    for event in events:
        if event.kind is EventKind.MEMO and event.text and (event.version is None or event.version in names):
            found.append(_on_whole(event, names))
    order = {version: n for n, version in enumerate(names)}
    return sorted(
        found,
        key=lambda memo: (
            len(order) if memo.version is None else order[memo.version],
            memo.start is not None,
            memo.start or 0,
            memo.code or "",
            memo.coder,
        ),
    )


def _on_passage(standing: CurrentDecision, names: Mapping[int, str]) -> MemoEntry:
    about = standing.decision
    start, end = (None, None) if about.span is None else (about.span.start, about.span.end)
    place = names[about.version], about.version, start, end
    return MemoEntry(MemoKind.PASSAGE, about.coder, about.time, *place, about.code, str(about.action), standing.memo)


def _on_whole(event: Event, names: Mapping[int, str]) -> MemoEntry:
    kind = MemoKind.CODE if event.version is None else MemoKind.TRANSCRIPT
    name = "" if event.version is None else names[event.version]
    return MemoEntry(kind, event.coder, event.time, name, event.version, None, None, event.code, "", event.text)
