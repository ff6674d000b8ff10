"""What a file from another tool brings, in one form whatever the tool: texts, codings, codes, people, memos."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from corpus.codebook import Code, Codebook
from corpus.coders import CONSENSUS, LONGEST, MACHINE
from corpus.readers import SUFFIXES
from corpus.transcript import Span, Transcript
from pipeline.export.qda_project import TOPLESS

SOMEBODY = "human"
"""The coder of codings whose file names none, as in files of codings."""
LONGEST_NAME = 100
_UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')

Transcripts = Callable[[], Mapping[str, Transcript]]
"""Gives the transcripts of the study that is to take the file in."""


@dataclass(frozen=True, slots=True)
class FoundCoding:
    """A coding as its file has it.

    Attributes:
        transcript: Name that the transcript will have in the study.
        span: Into the text that the file has for it.
        code: Id in ``ImportBundle.book``.
        exact: The words at the span.
        time: When it was made; None where the file does not say.
    """

    transcript: str
    span: Span
    code: str
    coder: str
    exact: str
    memo: str = ""
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundMemo:
    """A memo on a transcript, by its name, or on a code, by its id in ``ImportBundle.book``."""

    text: str
    coder: str = SOMEBODY
    transcript: str = ""
    code: str = ""


@dataclass(frozen=True)
class ImportBundle:
    """What one file brings.

    Attributes:
        texts: Transcripts that come as text, by name.
        files: Transcripts that come as files of their own.
        book: The codes of the file; None if it has none.
        guids: Ids in ``book`` by GUID, for codes that have one.
        people: A row of attributes for each participant, ``id`` first.
        memos: Memos on transcripts and codes.
        notes: What stands on no coding, ready for JSON.
        remarks: What was repaired or left out, one line each, without transcript text.
        defines_codes: Whether a study that is made for the file takes ``book`` for its codebook.
    """

    path: Path
    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    book: Codebook | None = None
    guids: Mapping[str, str] = field(default_factory=dict)
    found: tuple[FoundCoding, ...] = ()
    people: tuple[Mapping[str, str], ...] = ()
    memos: tuple[FoundMemo, ...] = ()
    notes: tuple[Mapping[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    defines_codes: bool = True


@dataclass(frozen=True)
class ImportRequest:
    """What is known before a file is read.

    Attributes:
        transcripts: Asked for files that bring no texts of their own.
        codebook: That of the study; None for one that is still to be made.
        comments_as_codes: Whether every comment of a Word transcript is a code, known or not.
        columns: Headings of a table by what they hold (``text``, ``code``, ...), where its own are not known.
    """

    transcripts: Transcripts = dict
    codebook: Codebook | None = None
    comments_as_codes: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)


def bare_book(name: str, codes: Iterable[str]) -> Codebook | None:
    """Return a codebook of codes of which only a name or id is known."""
    known = dict.fromkeys(codes)
    return Codebook(name, "1", tuple(Code(code, code, TOPLESS) for code in known)) if known else None


def transcript_name(name: str) -> str:
    """Return a source's name as one that a file may have anywhere, without the suffix of a document."""
    suffix = Path(name).suffix
    bare = name.removesuffix(suffix) if suffix.lower() in {*SUFFIXES, ".doc", ".rtf", ".odt", ".pdf"} else name
    fit = " ".join(_UNFIT.sub("_", bare).split())[:LONGEST_NAME].strip(" .~$")
    return fit or "source"


def coder_called(name: str) -> str:
    """Return a name as the log of decisions takes it, composed (NFC) as at sign-in; machines keep theirs."""
    composed = unicodedata.normalize("NFC", name)
    printable = "".join(character for character in composed if character.isprintable()).strip()[:LONGEST].strip()
    return CONSENSUS if printable.casefold() == CONSENSUS else printable or SOMEBODY


def time_called(written: str) -> datetime | None:
    """Return an ISO 8601 date and time in UTC, None for what is none or lies ahead; without a zone it is UTC."""
    try:
        time = datetime.fromisoformat(written.strip())
        utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return utc if utc <= datetime.now(UTC) else None


def by_people(found: Iterable[FoundCoding]) -> tuple[tuple[FoundCoding, ...], tuple[str, ...]]:
    """Return the codings of people, and a line if there are suggestions of ours, on which nobody decided."""
    found = tuple(found)
    people = tuple(coding for coding in found if not coding.coder.casefold().startswith(MACHINE))
    return people, tuple(suggestions_left_out(len(found) - len(people)))


def suggestions_left_out(count: int) -> Iterator[str]:
    """Yield a line if a file brings suggestions of ours."""
    if count:
        yield f"{count} suggestions of precode are no codings and were left out"
