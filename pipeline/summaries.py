"""Summaries of the framework matrix: what was written into the cell of a transcript and a code, by whom and when.

A cell has one summary, the team's: whoever writes last replaces what was there, and what was there stays in the log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from pipeline.store.event_records import Event

CellKey = tuple[int, str]
"""Transcript version and id of the code."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a cell says, or once said.

    Attributes:
        id: Its place in the log of events.
        coder: Who wrote it.
        text: Empty if the summary was withdrawn.
    """

    id: int
    time: datetime
    coder: str
    version: int
    code: str
    text: str


def histories(events: Iterable[Event], codebook: Codebook) -> dict[CellKey, list[Summary]]:
    """Return everything that was ever written into each cell, the last of each holds.

    Args:
        events: All or some of the log; other kinds are left out.
        codebook: Codes that were renamed are found under their ids of today.
    """
    from pipeline.store.event_records import EventKind

    about = [event for event in events if event.kind is EventKind.SUMMARY and event.version is not None and event.code]
    about.sort(key=lambda event: (event.time, event.id))  # of two copies that were merged the later holds
    says = {event.subject: bool(event.text) for event in about}
    found: defaultdict[CellKey, list[Summary]] = defaultdict(list)
    # Of two codes that became one, what was withdrawn from one is behind what the other one says.
    for event in sorted(about, key=lambda event: says[event.subject]):
        place = event.version or 0, codebook.current_id(event.code or "")
        found[place].append(Summary(event.id, event.time, event.coder, *place, event.text))
    return dict(found)


def current_summaries(cells: Mapping[CellKey, list[Summary]]) -> dict[CellKey, Summary]:
    """Return what each cell says now; cells whose summary was withdrawn are left out."""
    return {place: entries[-1] for place, entries in cells.items() if entries[-1].text}
