"""The table of participants as it is now: it may come, or be replaced, while the page is open."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.participants import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.participants import Participants
    from pipeline.study import Study


class ParticipantTable:
    """Reads the table again when its file has changed.

    Args:
        study: The study.

    Raises:
        InputError: If the table cannot be read when the page is opened.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._lock = Lock()
        self._seen = self._state()
        self._participants = study.participants()

    def current(self) -> Participants:
        """Return the people; those of before while the file cannot be read."""
        with self._lock:
            state = self._state()
            if state != self._seen:
                self._seen = state
                with suppress(InputError):  # the next change is looked at again; exports say what is wrong
                    self._participants = self._study.participants()
            return self._participants

    def _state(self) -> list[tuple[str, int, int]]:
        named = self._study.settings.study.participants
        return [(path.name, *_moment(path)) for path in map(self._study.folder.joinpath, [named] if named else TABLES)]


def _moment(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
