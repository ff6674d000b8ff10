"""Progress of a run, transcript by transcript, for whoever shows it. A flow's parameters cannot carry a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pipeline.run import TranscriptOutcome

Listener = Callable[[TranscriptOutcome], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call ``listener`` with each outcome that is reported while the block runs."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def report_outcome(outcome: TranscriptOutcome) -> None:
    """Hand an outcome to the listener, if there is one."""
    if listener := _listener.get():
        listener(outcome)
