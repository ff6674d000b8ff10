"""What a Word transcript with comments brings: codes that people wrote in its margin, memos, remarks, suggestions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.codebook import Codebook
from corpus.coders import MACHINE
from corpus.errors import InputError
from corpus.readers.word_comments import CommentCoding, codings_in
from corpus.refi import QdaCode
from corpus.shipped import selfie
from pipeline.exchange.found import FoundCoding, FoundMemo, ImportBundle, ImportRequest, coder_called, time_called
from pipeline.export.qda_project import book_of, matched, name_key
from pipeline.export.transcript_word import DOCUMENT_MEMO, MEMO, SUGGESTED

LABEL_WORDS, LABEL_CHARACTERS = 8, 60
"""What is longer is a remark; names of codes are shorter."""


def from_comments(path: Path, request: ImportRequest) -> ImportBundle:
    """Read a Word transcript whose comments are codings.

    A comment counts as coding if it names a code of the study (of SELFIE, where there is no study yet), or looks like
    the name of one that the study lacks, which is then told; with ``comments_as_codes`` all of them count.

    Raises:
        InputError: If there is no comment at all.
    """
    from corpus.readers import read_transcript

    text = read_transcript(path).text
    sorted_out = _sort_out(codings_in(path), request)
    if not sorted_out.seen:
        raise InputError(path, "holds no comments; to add a transcript, put it into transcripts/")
    named = {name_key(code): code for code, _, _ in reversed(sorted_out.codings)}
    book, ids = book_of(path.stem, tuple(QdaCode(key, name) for key, name in reversed(named.items())))
    found = tuple(
        FoundCoding(
            path.stem,
            comment.span,
            ids[name_key(code)],
            coder_called(comment.author),
            comment.span.of(text),
            memo,
            time_called(comment.date or ""),
        )
        for code, comment, memo in sorted_out.codings
    )
    memos = tuple(replace(memo, transcript=path.stem) for memo in sorted_out.memos)
    return ImportBundle(
        path,
        path.stem,
        files=(path,),
        book=book,
        found=found,
        memos=memos,
        notes=tuple(_note(comment, path.stem) for comment in sorted_out.remarks),
        remarks=tuple(_told(sorted_out, _new_names(book, request))),
        defines_codes=request.comments_as_codes or not _new_names(book, request),
    )


@dataclass
class _SortedOut:
    """Comments by what they are: codings (name, comment, memo), memos on the transcript, remarks, our suggestions."""

    seen: int
    codings: list[tuple[str, CommentCoding, str]]
    memos: list[FoundMemo]
    remarks: list[CommentCoding]
    suggestions: int = 0


def _sort_out(comments: Sequence[CommentCoding], request: ImportRequest) -> _SortedOut:
    """Tell what each comment is, in the order of the file, in which a memo follows the codes that it is on."""
    found = _SortedOut(len(comments), [], [], [])
    waiting: list[int] = []  # codings that no memo has followed yet
    known = _Known(request.codebook or selfie())
    for comment in comments:
        if waiting and _place(found.codings[waiting[-1]][1]) != _place(comment):
            waiting = []
        if comment.author.casefold().startswith(MACHINE) or comment.text.startswith(SUGGESTED):
            found.suggestions += 1
        elif comment.text.startswith(DOCUMENT_MEMO):
            text = comment.text.removeprefix(DOCUMENT_MEMO).strip()
            found.memos.append(FoundMemo(text, coder_called(comment.author)))
        elif comment.text.startswith(MEMO) and waiting:
            for at in waiting:
                found.codings[at] = (*found.codings[at][:2], comment.text.removeprefix(MEMO).strip())
            waiting = []
        elif codes := known.codes_in(comment, everything=request.comments_as_codes):
            waiting += range(len(found.codings), len(found.codings) + len(codes))
            found.codings += [(code, comment, "") for code in codes]
        else:
            found.remarks.append(comment)
    return found


def _place(comment: CommentCoding) -> tuple[object, str]:
    return comment.span, comment.author


class _Known:
    """The codes of a study, by any of their names.

    Args:
        codebook: That of the study.
    """

    def __init__(self, codebook: Codebook) -> None:
        self._codebook = codebook
        self._answers: dict[str, bool] = {}

    def codes_in(self, comment: CommentCoding, *, everything: bool) -> tuple[str, ...]:
        """Return the codes that a comment names; all of it is one name where there is such a code."""
        if len(comment.codes) > 1 and self._is_code(comment.text):
            return (comment.text,)
        if everything:
            return () if comment.text.startswith(MEMO) else comment.codes
        return tuple(code for code in comment.codes if self._is_code(code) or is_label(code))

    def _is_code(self, name: str) -> bool:
        if name not in self._answers:
            book, _ = book_of("comment", (QdaCode(name, name),))
            self._answers[name] = bool(book and matched(book, {}, self._codebook))
        return self._answers[name]


def is_label(text: str) -> bool:
    """Return whether a comment reads like the name of a code and not like a remark on the talk."""
    words = text.split()
    sentence = len(words) > 2 and text.rstrip(")\"'\u201d ").endswith((".", "?", "!", "\u2026"))
    return not (text.startswith(MEMO) or sentence or len(words) > LABEL_WORDS or len(text) > LABEL_CHARACTERS)


def _new_names(book: Codebook | None, request: ImportRequest) -> int:
    """Return how many names in comments are no code of the study, or of SELFIE where there is none."""
    return len(book.codes) - len(matched(book, {}, request.codebook or selfie())) if book else 0


def _note(comment: CommentCoding, transcript: str) -> dict[str, str]:
    place = {"start": str(comment.span.start), "end": str(comment.span.end)}
    return {"kind": "comment", "transcript": transcript, **place, "coder": comment.author, "text": comment.text}


def _told(sorted_out: _SortedOut, new_names: int) -> Iterator[str]:
    if sorted_out.suggestions:
        yield f"{sorted_out.suggestions} suggestions of precode are no codings and were left out"
    if sorted_out.remarks:
        yield f"{len(sorted_out.remarks)} comments read like remarks, name no code and are kept in notes.jsonl"
    if new_names:
        yield (
            f"{new_names} names in comments are no code of the codebook; "
            "if they are your codes, import the file into a new folder with --comments-as-codes"
        )
