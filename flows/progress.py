"""Progress of a run, transcript by transcript, for whoever shows it. A flow's parameters cannot carry a function."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.run import TranscriptOutcome

EVENTS = "PRECODE_EVENTS"
"""Environment variable of a command that somebody else shows: it writes its progress as JSON to standard error."""

Listener = Callable[["TranscriptOutcome"], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call ``listener`` with each outcome that is reported while the block runs."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def report_plan(transcripts: Sequence[str]) -> None:
    """Tell whoever shows this command which transcripts it is about to do."""
    _write({"planned": list(transcripts)})


def report_outcome(outcome: TranscriptOutcome) -> None:
    """Hand an outcome to the listener, if there is one, and to whoever shows this command."""
    if listener := _listener.get():
        listener(outcome)
    _write({"outcome": asdict(outcome)})


def _write(event: dict[str, object]) -> None:
    if os.environ.get(EVENTS):
        print(json.dumps(event), file=sys.stderr, flush=True)  # noqa: T201 - one line of JSON for another program
