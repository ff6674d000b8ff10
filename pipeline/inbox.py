"""The inbox of a study: a folder that other programs drop files into, and from which runs take them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from corpus.errors import InputError
from corpus.files import private_folder
from corpus.readers import SUFFIXES
from pipeline.study import NOT_TRANSCRIPTS, Study

INBOX = "inbox"
REFUSED = "refused"
QUIET_SECONDS = 2.0
"""A file that changed later than this ago may still be written to; it is left for the next run."""


def take_in(study: Study, *, now: float | None = None) -> tuple[InputError, ...]:
    """Move the finished files of ``inbox/`` among the study's transcripts and return an error for each refused.

    A refused file goes to ``inbox/refused/``, so that it is reported once and never lost.

    Args:
        study: The study.
        now: Seconds since the epoch, the present by default.
    """
    moment = time.time() if now is None else now
    ready = list(_ready(study.folder / INBOX, moment))
    imported = study.import_files(ready)
    for path in (*imported.copied, *imported.present):
        path.unlink()
    for error in imported.refused:
        _set_aside(Path(error.place))
    return imported.refused


def _ready(inbox: Path, moment: float) -> Iterator[Path]:
    """Yield transcripts that nobody is writing to."""
    private_folder(inbox)
    for path in sorted(inbox.iterdir()):
        wanted = path.suffix.lower() in SUFFIXES and not path.name.startswith(NOT_TRANSCRIPTS)
        if wanted and path.is_file() and not path.is_symlink() and moment - path.stat().st_mtime >= QUIET_SECONDS:
            yield path


def _set_aside(path: Path) -> None:
    if path.exists():
        folder = path.parent / REFUSED
        private_folder(folder)
        names = chain([path.name], (f"{path.stem} {n}{path.suffix}" for n in count(2)))
        path.replace(next(folder / name for name in names if not (folder / name).exists()))
