"""Who is where on the page now: heartbeats in the server's memory, never written anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

GONE_SECONDS = 30.0
"""Without a heartbeat for so long somebody is gone; pages send one every ten seconds while they are seen."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a coder was seen last.

    Attributes:
        version: The transcript version on the screen; None on pages of none.
        seen: When, by the clock of the one who keeps it.
    """

    coder: str
    version: int | None
    seen: float


class Presence:
    """Keeps where each coder was seen last. Threads may share one.

    Args:
        clock: Tells seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: dict[str, Whereabouts] = {}

    def note(self, coder: str, version: int | None) -> None:
        """Take in a heartbeat: of several windows of one coder the last one counts."""
        with self._lock:
            self._forget()
            self._seen[coder] = Whereabouts(coder, version, self._clock())

    def others(self, coder: str) -> list[Whereabouts]:
        """Return where everybody else is, by name."""
        with self._lock:
            self._forget()
            return sorted((seen for seen in self._seen.values() if seen.coder != coder), key=lambda seen: seen.coder)

    def _forget(self) -> None:
        now = self._clock()
        self._seen = {name: seen for name, seen in self._seen.items() if now - seen.seen <= GONE_SECONDS}
