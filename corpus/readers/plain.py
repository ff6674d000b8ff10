"""Plain text: the canonical text is the decoded file itself, without numbers of lines."""

from __future__ import annotations

from pathlib import Path

from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.talk import find_talk, lines_of, without_line_numbers
from corpus.speakers import SpeakerSettings


def read_plain(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.txt`` transcript.

    Raises:
        InputError: If the file cannot be read or is not text.
    """
    decoded = read_text(path)
    text, numbers = without_line_numbers(decoded.text)
    talk = find_talk(lines_of(text, wrapped=True), speakers, text=text)
    return Draft(text, talk.utterances, (*decoded.warnings, *numbers, *talk.warnings))
