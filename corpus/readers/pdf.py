"""PDF files that hold text: lines of pages, put together to paragraphs."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from corpus.readers.draft import Draft
from corpus.readers.limits import PDF_BYTES, PDF_CHARACTERS, PDF_PAGES, PDF_SECONDS
from corpus.readers.pages import edges_removed, margins_removed, paragraphs_of, repeats_removed
from corpus.readers.source import kind_of, read_bytes
from corpus.readers.talk import find_talk, lines_of
from corpus.speakers import SpeakerSettings

if TYPE_CHECKING:
    from pypdf import PdfReader

_START = b"%PDF"
_START_WITHIN = 1024
# A page of talk has about 3,000 operators; these bounds are a hundred times that.
_BOUNDS: dict[str, Any] = {
    "maximum_declared_stream_length": 50_000_000,
    "array_based_stream_maximum_output_length": 5_000_000,
    "zlib_maximum_output_length": 5_000_000,
    "zlib_maximum_recovery_input_length": 200_000,  # a damaged stream is tried byte by byte
    "lzw_maximum_output_length": 5_000_000,
    "run_length_maximum_output_length": 5_000_000,
    "brotli_maximum_output_length": 5_000_000,
    "stream_decoding_work_maximum_length": 40_000_000,
    "stream_parsing_work_maximum_count": 300_000,
    "page_tree_maximum_entries": 2 * PDF_PAGES,
    "xform_maximum_invocations_per_extraction": 200,
}
_CONTROL = dict.fromkeys((*range(9), *range(11, 32), 127))


class _TooLongError(Exception):
    """Stops a page that takes more time than a file may; never seen outside."""


def read_pdf(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read the text of a ``.pdf`` transcript, without what repeats on its pages.

    Raises:
        InputError: If the file is no sound PDF, is locked, takes too long, or holds pictures of text only.
    """
    data = read_bytes(path)
    if len(data) > PDF_BYTES:
        raise InputError(
            path, f"is larger than {PDF_BYTES // 1_000_000} MB; print it to a new PDF, or save it as .docx"
        )
    if _START not in data[:_START_WITHIN]:
        raise InputError(path, f"is not a PDF but {kind_of(data) or 'something else'}")
    printed = [_lines(text) for text in _texts(path, data)]
    if not any(printed):
        raise InputError(path, "holds no text: its pages are pictures; run text recognition (OCR) on it first")
    pages, numbers = margins_removed(printed)
    inner, removed = edges_removed(pages)
    cut, twice = repeats_removed(inner)
    paragraphs, hyphens = paragraphs_of([line for page in cut for line in page], speakers)
    text = "\n".join(paragraphs)
    talk = find_talk(lines_of(text), speakers, text=text)
    return Draft(text, talk.utterances, (*_doubts(printed, removed + twice, numbers, hyphens), *talk.warnings))


def _texts(path: Path, data: bytes) -> list[str]:
    with _bounded(path):
        texts: list[str] = []
        deadline = time.monotonic() + PDF_SECONDS
        reader = _opened(path, data)
        if len(reader.pages) > PDF_PAGES:
            raise InputError(path, f"has more than {PDF_PAGES:,} pages; this is no interview")
        for page in reader.pages:
            texts.append(page.extract_text(visitor_operand_before=lambda *_: _check(deadline)))
            if sum(map(len, texts)) > PDF_CHARACTERS:
                raise InputError(path, f"holds more than {PDF_CHARACTERS // 1_000_000} million characters")
        return texts


def _opened(path: Path, data: bytes) -> PdfReader:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise InputError(path, "is locked with a password; save it without one")
    return reader


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise _TooLongError


@contextmanager
def _bounded(path: Path) -> Iterator[None]:
    """Bound what pypdf may unpack and walk through, silence what it logs, and tell what it stumbles over."""
    from pypdf import apply_configuration
    from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

    log = logging.getLogger("pypdf")
    before, log.level = log.level, logging.CRITICAL + 1
    try:
        with apply_configuration(**_BOUNDS):
            yield
    except (LimitReachedError, _TooLongError):
        raise InputError(path, "is too large or too intricate for a transcript; save it as .docx or .txt") from None
    except DependencyError:
        raise InputError(path, "is encrypted in a way that cannot be read; save it without a password") from None
    # What pypdf lets through where objects are not what they should be.
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError,
            NotImplementedError, AssertionError, OSError, EOFError):  # fmt: skip
        raise InputError(path, "is a damaged PDF; open it and print it to a new one, or save it as .docx") from None
    finally:
        log.setLevel(before)


def _lines(text: str) -> list[str]:
    """Return the lines of a page that are not blank; half a surrogate pair is no character."""
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").translate(_CONTROL)
    return [line for line in (" ".join(line.split()) for line in sound.split("\n")) if line]


def _doubts(pages: list[list[str]], removed: int, numbers: int, hyphens: int) -> Iterator[str]:
    """Yield what a person should know of the reading.

    Args:
        pages: The lines of each page, as they are in the file.
        removed: Headers, footers and page numbers that were left out.
        numbers: Line numbers that were left out.
        hyphens: Words that were made whole.
    """
    if blank := sum(not page for page in pages):
        yield f"pages without text: {blank} of {len(pages)}; if they are pictures of text, run text recognition first"
    if removed:
        yield f"left out lines that repeat on pages, and page numbers: {removed}"
    if numbers:
        yield f"left out numbers of lines: {numbers}"
    if hyphens:
        yield f"joined words that were divided at the end of a line: {hyphens}"
    yield "read from a PDF, which does not say where paragraphs end; check the turns against the original"
