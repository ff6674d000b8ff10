"""Readers: from a researcher's file to a transcript."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from corpus.errors import InputError
from corpus.readers.draft import Draft
from corpus.readers.open_document import read_open_document
from corpus.readers.pdf import read_pdf
from corpus.readers.plain import read_plain
from corpus.readers.praat import read_text_grid
from corpus.readers.rich_text import read_rich_text
from corpus.readers.roles import DEFAULT_INTERVIEWERS, folded, role_warnings, turns_of
from corpus.readers.source import check_is_file
from corpus.readers.speech import read_speech
from corpus.readers.subtitles import read_subrip, read_webvtt
from corpus.readers.table import read_csv, read_workbook
from corpus.readers.word import read_word
from corpus.transcript import Transcript

__all__ = ["DEFAULT_INTERVIEWERS", "READERS", "SUFFIXES", "read_transcript"]

Reader = Callable[[Path, Collection[str]], Draft]
"""Takes the file and the interviewers' names in lower case."""

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".csv": read_csv,
        ".docx": read_word,
        ".json": read_speech,
        ".odt": read_open_document,
        ".pdf": read_pdf,
        ".rtf": read_rich_text,
        ".srt": read_subrip,
        ".textgrid": read_text_grid,
        ".tsv": read_csv,
        ".txt": read_plain,
        ".vtt": read_webvtt,
        ".xlsx": read_workbook,
    }
)
SUFFIXES = tuple(READERS)
"""File name endings that can be read, in lower case with their dot."""


def read_transcript(path: Path, *, interviewers: Collection[str] = DEFAULT_INTERVIEWERS) -> Transcript:
    """Read one interview.

    Args:
        path: A file whose suffix is one of ``SUFFIXES``, in any case.
        interviewers: Labels that mark interviewers; case and a number behind them do not matter.

    Raises:
        InputError: If the file cannot be read, is not what its suffix says, or holds no talk.
    """
    check_is_file(path)
    draft = _reader_for(path)(path, folded(interviewers))
    turns = turns_of(draft.utterances, interviewers)
    if not turns:
        raise InputError(path, "holds no talk that could be read")
    return Transcript(path.stem, draft.text, turns, (*draft.warnings, *role_warnings(turns)))


def _reader_for(path: Path) -> Reader:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(path, f"has a suffix that cannot be read; these can: {', '.join(SUFFIXES)}")
    return reader
