"""A transcript as a Word document whose comments are its codes: what a coder would have made with a mouse.

The paragraphs are the lines of the transcript's text, labels and all, so that the document read again is the same
transcript and its comments are the same codings.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from corpus.transcript import Span, Transcript, Turn
from pipeline.export.coded import PENDING, CodedDocument, CodedPassage, GivenCode
from pipeline.export.documents import CONFIDENTIAL, Part, clean, small, word_document
from pipeline.export.passages_sheet import percent
from pipeline.export.rows import clock

SUGGESTED_BY = "precode (suggestion)"
SUGGESTED = "Suggested, not coded: "
MEMO = "Memo: "
DOCUMENT_MEMO = "Memo on the transcript: "
_STAMP = re.compile(r"\d:\d\d")


def write_transcript(
    path: Path, document: CodedDocument, study: str = "", labels: Mapping[str, str] = MappingProxyType({})
) -> int:
    """Write one transcript with its codes as comments and return how many comments there are.

    Args:
        path: The ``.docx`` file.
        document: The transcript and what is coded in it.
        study: Name of the study, for the head of each page.
        labels: What codes are called, by id, whose own name is not enough to know them again.

    Raises:
        UsageError: If the file cannot be written.
    """
    transcript = document.transcript
    about = ", ".join(value for value in document.participant.values() if value not in ("", transcript.name))
    header = " \u00b7 ".join(part for part in (study, transcript.name, about) if part)
    footer = f"{CONFIDENTIAL} Comments are codes; those by \u201c{SUGGESTED_BY}\u201d are no codings."
    with word_document(path, header=header, footer=footer) as word:
        runs = _write_text(word, transcript, [passage.span for passage in document.passages])
        starts = sorted(runs)
        for memo in document.memos if starts else ():
            comment = word.add_comment(runs[starts[0]], clean(f"{DOCUMENT_MEMO}{memo.text}"), clean(memo.coder), "")
            comment._comment_elm.date = memo.time  # python-docx has no way to say when
        coded = sum(_comment(word, _labelled(passage, labels), runs, starts) for passage in document.passages)
        return coded + len(document.memos)


def _write_text(word: Part, transcript: Transcript, spans: Sequence[Span]) -> Mapping[int, Part]:
    """Write the text line by line and return the runs by the offset at which each begins."""
    from docx.shared import Pt

    talk = [turn.span for turn in transcript.turns]
    cuts = sorted({offset for span in (*spans, *talk) for offset in (span.start, span.end)})
    stamps, runs = stamps_of(transcript), {}
    word.styles["Normal"].paragraph_format.space_after = Pt(0 if "\n\n" in transcript.text else 5)
    for line in lines_of(transcript.text):
        paragraph = word.add_paragraph()
        for start, end in pairwise((line[0], *cuts[bisect_right(cuts, line[0]) : bisect_left(cuts, line[1])], line[1])):
            if start in stamps:
                small(paragraph, f"[{stamps[start]}] ")
            if end > start:
                runs[start] = paragraph.add_run(clean(transcript.text[start:end]))
                turn = bisect_right(talk, start, key=lambda span: span.start)
                if not turn or start >= talk[turn - 1].end:
                    runs[start].bold = True
    return runs


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each line of a text begins and ends."""
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def stamps_of(transcript: Transcript) -> dict[int, str]:
    """Return the time stamps that the text itself does not show, by the offset before which each belongs."""
    stamps: dict[int, str] = {}
    before = 0
    for turn in transcript.turns:
        gap = transcript.text[before : turn.span.start]
        if turn.started is not None and not _STAMP.search(gap):
            stamps[_label(transcript.text, before, turn)] = clock(turn.started)
        before = turn.span.end
    return stamps


def _label(text: str, before: int, turn: Turn) -> int:
    """Return where the line with a turn's label begins, or the turn itself where it has none before it."""
    gap = text[before : turn.span.start]
    start = before + gap.rstrip().rfind("\n") + 1 if gap.strip() else turn.span.start
    return start if start == 0 or text[start - 1] == "\n" else turn.span.start


def _labelled(passage: CodedPassage, labels: Mapping[str, str]) -> CodedPassage:
    """Return a passage whose codes are called by their labels."""
    named = (replace(given.code, name=labels.get(given.code.id, given.code.name)) for given in passage.codes)
    codes = tuple(replace(given, code=code) for given, code in zip(passage.codes, named, strict=True))
    return replace(passage, codes=codes)


def _comment(word: Part, passage: CodedPassage, runs: Mapping[int, Part], starts: Sequence[int]) -> int:
    """Add a comment for each code of a passage, and for each memo."""
    covered = starts[bisect_left(starts, passage.span.start) : bisect_left(starts, passage.span.end)]
    texts = list(comment_texts(passage.codes)) if covered else []
    made = max((given.time for given in passage.codes if given.time), default=None)
    author = SUGGESTED_BY if passage.pending else passage.coder
    initials = "".join(part[0] for part in author.split())[:3].upper()
    for text in dict.fromkeys(texts):
        ends = [runs[covered[0]], runs[covered[-1]]]
        comment = word.add_comment(ends, clean(text), clean(author), clean(initials))
        if made is not None:
            comment._comment_elm.date = made  # python-docx has no way to say when
    return len(dict.fromkeys(texts))


def comment_texts(codes: Sequence[GivenCode]) -> Iterator[str]:
    """Yield what the comments on a passage say: names of codes, of suggestions with the probability.

    A memo is a comment of its own behind the codes that it is on; codes without a memo come last, so that whoever reads
    the comments in their order knows which code a memo is on.
    """
    memos = dict.fromkeys(given.memo for given in sorted(codes, key=lambda given: not given.memo))
    for memo in memos:
        yield from (comment_text(given) for given in codes if given.memo == memo)
        if memo:
            yield f"{MEMO}{memo}"


def comment_text(given: GivenCode) -> str:
    """Return what the comment of a code says."""
    if given.status in PENDING:
        return f"{SUGGESTED}{given.code.name} ({percent(given)})"
    return given.code.name
