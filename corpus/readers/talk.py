"""From lines to utterances: labels open them, unlabelled lines continue them, stamps date them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.readers.draft import Utterance
from corpus.readers.labels import Label, convincing, find_label, leading_stamp, stamp_alone, trailing_stamp
from corpus.transcript import Span

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
# What transcription services put below the talk; it would be the last speaker's.
_FOOTER = re.compile(r"(?i)\s*transcribed by (?:https?://)?(?:www\.)?otter\.ai/?\s*")


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One line of the canonical text.

    Attributes:
        start: Offset of the line in the text.
        bold: Number of characters at its start that are set in bold.
        opens: Whether a paragraph begins here.
    """

    start: int
    text: str
    bold: int = 0
    opens: bool = True


@dataclass(frozen=True, slots=True)
class _Piece:
    """The words of one line; ``fresh`` pieces begin an utterance."""

    said: Utterance
    fresh: bool


def lines_of(text: str, *, bold: Mapping[int, int] | None = None, wrapped: bool = False) -> list[TalkLine]:
    """Cut a text into its lines that are not blank, without the footer of a transcription service.

    Args:
        text: The canonical text.
        bold: Number of bold characters at the start of a line, by line number.
        wrapped: Whether paragraphs may run over several lines; they do if blank lines divide them.
    """
    divided = wrapped and _BLANK_LINE.search(text.strip()) is not None
    lines, start, after_blank = [], 0, True
    for number, content in enumerate(text.split("\n")):
        if content.strip() and not _FOOTER.fullmatch(content):
            lines.append(TalkLine(start, content, (bold or {}).get(number, 0), opens=after_blank or not divided))
        after_blank = not content.strip()
        start += len(content) + 1
    return lines


def utterances_of(lines: Sequence[TalkLine], interviewers: Collection[str]) -> tuple[Utterance, ...]:
    """Find who speaks where. Lines above the first believed label belong to nobody.

    Without believed labels every paragraph is an utterance of an unknown speaker.

    Args:
        lines: The lines that are not blank, in order.
        interviewers: Names of interviewers in lower case, believed even if they label one line only.
    """
    labels = [find_label(line.text, line.bold) for line in lines]
    names = convincing(labels, interviewers)
    believed = [label if label is not None and label.name in names else None for label in labels]
    return tuple(_joined(_pieces(lines, believed, labelled=bool(names))))


def _pieces(lines: Sequence[TalkLine], labels: Sequence[Label | None], *, labelled: bool) -> Iterator[_Piece]:
    speaker: str | None = None
    started: float | None = None
    fresh = True
    for line, label in zip(lines, labels, strict=True):
        words, moment = _lead(line, label)
        started = started if moment is None else moment
        fresh = fresh or label is not None or moment is not None or (line.opens and not labelled)
        speaker = label.name if label else speaker
        said = _said(line, words, speaker, started)
        if said is not None and (speaker is not None or not labelled):
            yield _Piece(said, fresh)
            # A stamp behind the words would otherwise end up inside the turn.
            started, fresh = None, said.ended is not None


def _lead(line: TalkLine, label: Label | None) -> tuple[int, float | None]:
    """Return where the words of a line start, and the seconds that stand before them."""
    if label is not None:
        return label.words, label.started
    alone = stamp_alone(line.text)
    return leading_stamp(line.text) if alone is None else (len(line.text), alone)


def _said(line: TalkLine, words: int, speaker: str | None, started: float | None) -> Utterance | None:
    """Return what a line says from offset ``words`` on, without white space and stamp around it."""
    end, ended = trailing_stamp(line.text)
    talk = line.text[words:end]
    if not talk.strip():
        return None
    start = line.start + words + len(talk) - len(talk.lstrip())
    return Utterance(Span(start, start + len(talk.strip())), speaker, started, ended)


def _joined(pieces: Iterator[_Piece]) -> Iterator[Utterance]:
    current: Utterance | None = None
    for piece in pieces:
        if current is not None and not piece.fresh:
            current = replace(current, span=current.span.join(piece.said.span), ended=piece.said.ended)
        else:
            if current is not None:
                yield current
            current = piece.said
    if current is not None:
        yield current
