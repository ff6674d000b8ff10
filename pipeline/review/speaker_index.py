"""Who speaks where in a study, as its table of participants tells: whole transcripts, or turn by turn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.transcript import Span

if TYPE_CHECKING:
    from corpus.participants import Participants
    from corpus.transcript import Transcript
    from pipeline.store import TranscriptVersion
    from pipeline.study_filter import Filter

Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]
END = 2**62
"""Behind every text."""


@dataclass(frozen=True)
class Spoken:
    """Who speaks in a transcript, stretch by stretch; a stretch goes on to where the next begins.

    Attributes:
        starts: Ascending, the first is 0, shape (stretches,).
        people: Their attributes, as long.
    """

    starts: Rows
    people: tuple[Mapping[str, str], ...]

    def at(self, offsets: Rows) -> Rows:
        """Return the number of the stretch that each offset lies in."""
        return np.asarray(self.starts.searchsorted(offsets, side="right") - 1)


class SpeakerIndex:
    """Looks up who speaks, once a transcript and table. Not locked: its owner is.

    Args:
        participants: Returns the table as it is now.
        transcript: Returns a text; asked for only where the table does not name the transcript.
    """

    def __init__(self, participants: Callable[[], Participants], transcript: Callable[[int], Transcript]) -> None:
        self._participants = participants
        self._transcript = transcript
        self._table: Participants | None = None
        self._known: dict[int, Spoken] = {}

    @property
    def participants(self) -> Participants:
        """The people of the study, as their table is now."""
        return self._participants()

    def forget(self, versions: Iterable[int]) -> None:
        """Look these versions up anew: a run may have read their turns otherwise."""
        for version in versions:
            self._known.pop(version, None)

    def of(self, version: TranscriptVersion) -> Spoken:
        """Return who speaks in a version."""
        table = self._participants()
        if table is not self._table:
            self._table = table
            self._known.clear()
        if version.id not in self._known:
            self._known[version.id] = self._looked_up(version, table)
        return self._known[version.id]

    def places(self, versions: Iterable[TranscriptVersion], wanted: Filter) -> Places:
        """Return where the participants speak whom a filter means."""
        found: dict[int, tuple[Spoken, Flags]] = {}
        for version in versions:
            spoken = self.of(version)
            meant = np.array([wanted.is_about(version.name, person) for person in spoken.people], dtype=np.bool_)
            if meant.any():
                found[version.id] = spoken, meant
        return Places(found)

    def _looked_up(self, version: TranscriptVersion, table: Participants) -> Spoken:
        person = table.of(version.name)
        if person or not len(table):
            return Spoken(np.zeros(1, dtype=np.intp), (person,))
        turns = self._transcript(version.id).turns
        starts = np.array([0, *(turn.span.start for turn in turns[1:])], dtype=np.intp)
        return Spoken(starts, tuple(table.of(version.name, turn.speaker) for turn in turns) or (person,))


@dataclass(frozen=True)
class Places:
    """Where a filter looks: stretches of transcripts.

    Attributes:
        found: Who speaks in each version and which stretches are meant; versions without any are left out.
    """

    found: Mapping[int, tuple[Spoken, Flags]]

    @property
    def versions(self) -> Collection[int]:
        """Transcript versions in which anything is meant."""
        return self.found.keys()

    def holding(self, versions: Rows, starts: Rows) -> Flags:
        """Return which passages begin where the filter looks.

        Args:
            versions: Of each passage, shape (passages,).
            starts: Likewise.
        """
        flags = np.zeros(len(versions), dtype=np.bool_)
        order = versions.argsort(kind="stable")
        known, firsts = np.unique(versions[order], return_index=True)
        ends = np.append(firsts, len(order))[1:]
        for version, first, end in zip(known.tolist(), firsts.tolist(), ends.tolist(), strict=True):
            if version in self.found:
                rows = order[first:end]
                spoken, meant = self.found[version]
                flags[rows] = meant[spoken.at(starts[rows])]
        return flags

    def holds(self, version: int, start: int) -> bool:
        """Return whether a passage begins where the filter looks."""
        if version not in self.found:
            return False
        spoken, meant = self.found[version]
        return bool(meant[spoken.at(np.array([start]))[0]])

    def stretches(self, version: int) -> list[Span]:
        """Return what is meant of a version, in order."""
        if version not in self.found:
            return []
        spoken, meant = self.found[version]
        ends = [*spoken.starts[1:].tolist(), END]
        pairs = zip(spoken.starts.tolist(), ends, meant.tolist(), strict=True)
        return [Span(start, end) for start, end, wanted in pairs if wanted]
