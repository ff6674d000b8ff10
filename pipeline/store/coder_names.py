"""The names that coders go by now: renamings are entries of the log of events, and are taken back by another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, func, select

from pipeline.store.event_records import EventKind
from pipeline.store.schema import marks


class CoderNames:
    """Reads the renamings when the log of events has grown. Threads may share one."""

    def __init__(self) -> None:
        self._read: tuple[int, Mapping[str, str]] = (0, {})

    def now(self, connection: Connection) -> Mapping[str, str]:
        """Return the name of today by each name that a coder had before."""
        read, names = self._read
        last = connection.scalar(select(func.max(marks.c.id))) or 0
        if read != last:
            renamed = select(marks.c.coder, marks.c.text).where(marks.c.kind == EventKind.RENAMED).order_by(marks.c.id)
            if last < read or connection.execute(renamed.where(marks.c.id > read).limit(1)).first():
                names = names_now((row.coder, row.text) for row in connection.execute(renamed))
            self._read = (last, names)
        return names

    def before(self, connection: Connection, coder: str) -> list[str]:
        """Return every name under which entries of a coder are written, today's included."""
        names = self.now(connection)
        own = [] if coder in names else [coder]
        return own + [name for name, today in names.items() if today == coder]


def names_now(renamings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the name of today by each name of before.

    Args:
        renamings: A name and what it became, in the order of the log; of each name the last one holds, and an empty one
            takes it back.
    """
    held: dict[str, str] = {}
    for name, became in renamings:
        held.pop(name, None)
        if became not in {"", name}:
            end = became
            while end in held:
                end = held[end]
            if end == name:  # renamed back: to take this back must not wake the renaming that it ended
                del held[became]
            held[name] = became
    names: dict[str, str] = {}
    for name, became in held.items():
        names |= {earlier: became for earlier, today in names.items() if today == name}
        names[name] = became
    return {name: today for name, today in names.items() if name != today}
