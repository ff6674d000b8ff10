"""The versions of a study's codebook, from the log of its events: what was changed, by whom, when.

The first entry holds all of a codebook, each further one what was changed. What somebody changed in the file itself is
found when it is next looked at, and gets an entry of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from corpus.codebook import Codebook
from corpus.coders import MACHINE
from corpus.errors import CodebookError
from pipeline.codebook.differences import DAMAGED, Content, Difference, applied, content_of, differences
from pipeline.store.event_records import Event, EventKind, NewEvent


class ChangeKind(StrEnum):
    """What a change of a codebook is; BEGUN is its first version here, BY_HAND one that was made in the file itself."""

    BEGUN = "begun"
    BY_HAND = "by_hand"
    MERGED_STUDY = "merged_study"
    ADD = "add"
    RENAME = "rename"
    DESCRIBE = "describe"
    MOVE = "move"
    RENAME_DOMAIN = "rename_domain"
    COLOUR = "colour"
    MERGE = "merge"
    SPLIT = "split"
    REMOVE = "remove"
    RESTORE = "restore"
    SEED = "seed"
    UNSEED = "unseed"
    TAKE_BACK = "take_back"


OUTSIDE = frozenset({ChangeKind.BEGUN, ChangeKind.BY_HAND})
"""Changes that nobody made here: they cannot be taken back here either."""


@dataclass(frozen=True, slots=True)
class CodebookChange:
    """A change of a codebook about to be written.

    Attributes:
        said: What was changed, for people.
        digest: Of the codebook after it.
        differences: What was changed; see ``pipeline.codebook.differences``.
        key: Made by whoever sends it, so that a repeated send is written once.
        takes_back: Id of the entry that it takes back.
        about: Id of the code that it is about; empty for other changes.
        added: The seed quotation that was added, as its file has it.
        dropped: The one that was taken out.
    """

    kind: ChangeKind
    said: str
    digest: str
    differences: tuple[Difference, ...] = ()
    key: str = ""
    takes_back: int | None = None
    about: str = ""
    added: Mapping[str, Any] | None = None
    dropped: Mapping[str, Any] | None = None

    def by(self, coder: str) -> NewEvent:
        """Return it as an event about to be written."""
        values = {name.name: getattr(self, name.name) for name in fields(self)}
        return NewEvent(coder, EventKind.CODEBOOK, text=json.dumps(values, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class CodebookVersion:
    """A version of a codebook: the change that led to it, by whom, when.

    Attributes:
        id: Of the entry in the log.
    """

    id: int
    time: datetime
    coder: str
    change: CodebookChange


@dataclass(frozen=True)
class CodebookHistory:
    """The versions of a codebook, oldest first."""

    versions: tuple[CodebookVersion, ...] = ()

    @classmethod
    def of(cls, events: Iterable[Event]) -> CodebookHistory:
        """Return the history that a log tells.

        Raises:
            CodebookError: If it cannot be read.
        """
        return cls(tuple(map(_version, events)))

    @cached_property
    def content(self) -> Content:
        """The newest version, taken apart; empty before the first."""
        content: Content = {}
        try:
            for version in self.versions:
                content = applied(content, version.change.differences)
        except (AttributeError, TypeError, IndexError):  # a log that was not written by us
            raise CodebookError(DAMAGED) from None
        return content

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of all codes that there ever were."""
        paths = (path for version in self.versions for path, _, _ in version.change.differences)
        return frozenset(path[1] for path in paths if len(path) > 1 and path[0] in {"codes", "removed"})

    @cached_property
    def taken_back(self) -> frozenset[int]:
        """Ids of the entries that are not in force: what takes one back may be taken back itself."""
        gone: set[int] = set()
        for version in reversed(self.versions):
            if version.change.takes_back is not None and version.id not in gone:
                gone.add(version.change.takes_back)
        return frozenset(gone)

    def lineage(self, digest: str) -> frozenset[str]:
        """Return the digests of the versions that edits here made one of another, up to the one of a digest.

        Suggestions made with one of them hold for the others, as far as their codes are still there. What was changed
        in the file itself may mean anything, so that suggestions are made anew.
        """
        found: set[str] = set()
        for version in self.versions:
            if version.change.kind in OUTSIDE:
                found = set()
            found.add(version.change.digest)
        return frozenset(found) | {digest} if digest in found else frozenset({digest})

    def noticed(self, book: Codebook, *, ships: bool = False) -> NewEvent | None:
        """Return the entry that a codebook in the file asks for; None if it is the newest version.

        Args:
            book: As it is in the file.
            ships: Whether the file is one that comes with precode, which nobody edits by hand.
        """
        now = content_of(book)
        changed = differences(self.content, now)
        if not changed:
            return None
        kind = ChangeKind.BY_HAND if self.versions else ChangeKind.BEGUN
        codes = len({path[1] for path, _, _ in changed if path[0] == "codes"})
        by_hand = f"Edited by hand: {codes} {'code' if codes == 1 else 'codes'} changed" if codes else "Edited by hand"
        changed_here = "Another version came with precode" if ships else by_hand
        said = changed_here if self.versions else f"Began with {len(book.codes)} codes"
        return CodebookChange(kind, said, book.digest, tuple(changed)).by(MACHINE)

    def of_key(self, key: str) -> CodebookVersion | None:
        """Return the version that a change of this key led to."""
        return next((version for version in self.versions if key and version.change.key == key), None)

    def in_force(self, coder: str) -> list[CodebookVersion]:
        """Return the changes of a coder that were not taken back and take back nothing, oldest first."""
        return [
            version
            for version in self.versions
            if version.coder == coder and version.id not in self.taken_back and version.change.takes_back is None
        ]


def _version(event: Event) -> CodebookVersion:
    try:
        values: dict[str, Any] = json.loads(event.text)
        found = tuple((tuple(path), before, after) for path, before, after in values["differences"])
        change = CodebookChange(**{**values, "kind": ChangeKind(values["kind"]), "differences": found})
    except (ValueError, TypeError, KeyError):  # a log that was not written by us
        raise CodebookError(DAMAGED) from None
    return CodebookVersion(event.id, event.time, event.coder, change)
