"""Readers: from a researcher's file to a transcript."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from corpus.errors import InputError
from corpus.readers.chat import read_chat
from corpus.readers.decode import mojibake
from corpus.readers.draft import Draft, Utterance
from corpus.readers.old_word import read_old_word
from corpus.readers.open_document import read_open_document
from corpus.readers.pdf import read_pdf
from corpus.readers.plain import read_plain
from corpus.readers.praat import read_text_grid
from corpus.readers.rich_text import read_rich_text
from corpus.readers.roles import DEFAULT_INTERVIEWERS, read_roles, role_warnings, turns_of
from corpus.readers.source import check_is_file
from corpus.readers.speech import read_speech
from corpus.readers.subtitles import read_subtitles
from corpus.readers.table import read_csv, read_workbook
from corpus.readers.tiers import read_elan, read_exmaralda
from corpus.readers.web_page import read_web_page
from corpus.readers.word import read_word
from corpus.speakers import SpeakerSettings
from corpus.transcript import Transcript

__all__ = ["DEFAULT_INTERVIEWERS", "READERS", "RECORDINGS", "SUFFIXES", "read_transcript"]

Reader = Callable[[Path, SpeakerSettings], Draft]
"""Takes the file and what the researcher says about its speakers."""

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".cha": read_chat,
        ".csv": read_csv,
        ".doc": read_old_word,
        ".docx": read_word,
        ".eaf": read_elan,
        ".exb": read_exmaralda,
        ".htm": read_web_page,
        ".html": read_web_page,
        ".json": read_speech,
        ".odt": read_open_document,
        ".pdf": read_pdf,
        ".rtf": read_rich_text,
        ".srt": read_subtitles,
        ".textgrid": read_text_grid,
        ".tsv": read_csv,
        ".txt": read_plain,
        ".vtt": read_subtitles,
        ".xlsx": read_workbook,
    }
)
SUFFIXES = tuple(READERS)
"""File name endings that can be read, in lower case with their dot."""

RECORDINGS = frozenset(
    (".aac", ".aif", ".aiff", ".amr", ".avi", ".caf", ".dss", ".ds2", ".flac", ".m4a", ".m4v", ".mkv", ".mov", ".mp3",
     ".mp4", ".mpeg", ".mpg", ".ogg", ".opus", ".wav", ".webm", ".wma", ".wmv")
)  # fmt: skip
"""Endings of sound and video, which are no transcripts and may lie beside them."""


def read_transcript(
    path: Path, *, interviewers: Collection[str] = (), speakers: SpeakerSettings | None = None
) -> Transcript:
    """Read one interview.

    Args:
        path: A file whose suffix is one of ``SUFFIXES``, in any case.
        interviewers: Labels that mark interviewers besides the usual ones; case and a number behind them do not matter.
        speakers: What a researcher says about the speakers, its interviewers added to those above; None for nothing.

    Raises:
        InputError: If the file cannot be read, is not what its suffix says, or holds no talk.
    """
    said = speakers or SpeakerSettings()
    said = replace(said, interviewers=(*said.interviewers, *(set(interviewers) - set(DEFAULT_INTERVIEWERS))))
    check_is_file(path)
    draft = _reader_for(path)(path, said)
    if not draft.utterances:
        raise InputError(path, "holds no talk that could be read")
    utterances = tuple(_kept_label(utterance, said) for utterance in draft.utterances)
    roles = read_roles(utterances, draft.text, said)
    turns = turns_of(utterances, roles)
    warnings = (*draft.warnings, *mojibake(draft.text), *role_warnings(turns, roles))
    return Transcript(path.stem, draft.text, turns, warnings, roles)


def _kept_label(utterance: Utterance, speakers: SpeakerSettings) -> Utterance:
    """Return an utterance under the label that the researcher keeps its speaker under, as composed characters."""
    if utterance.speaker is None:
        return utterance
    label = speakers.renamed(unicodedata.normalize("NFC", utterance.speaker))
    return utterance if label == utterance.speaker else replace(utterance, speaker=label)


def _reader_for(path: Path) -> Reader:
    suffix = path.suffix.lower()
    if suffix in RECORDINGS:
        raise InputError(
            path, "is a recording, not a transcript; a recogniser on this machine, such as noScribe or whisper.cpp, "
            "can write one"
        )  # fmt: skip
    reader = READERS.get(suffix)
    if reader is None:
        raise InputError(path, f"has a suffix that cannot be read; these can: {', '.join(SUFFIXES)}")
    return reader
