"""From lines to utterances: labels open them, unlabelled lines continue them, stamps date them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.readers.draft import Utterance
from corpus.readers.front import front_end, is_notice, is_sentence, references_start, topics
from corpus.readers.grammars import TalkLine, judged, pattern_of, without_numbers
from corpus.readers.labels import Label
from corpus.readers.names import INVISIBLE, could_be_name, is_known_shape, looks_like_name, says_role, tidy
from corpus.readers.roles import interviewer_names, is_interviewer
from corpus.readers.stamps import stamp_alone, stamp_at, trailing_stamp
from corpus.speakers import SpeakerSettings
from corpus.transcript import Span

__all__ = ["Talk", "TalkLine", "find_talk", "lines_of", "without_line_numbers"]

FIRST_NUMBER = 20
"""The largest number of a first line; years of a life are no numbers of lines."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_NUMBERED = re.compile(r"[ \t]*[(\[]?(\d{1,5})(?:[.):|\]]{0,2}[ \t]+|\t)(?=\S)|[ \t]*(\d{1,5})[ \t]*$")
_INLINE = re.compile(
    r"(?<=[.?!\u2026\"\u201d)\]\u3002\uff1f])\s+(?P<label>[\[({*]{0,2}(?P<name>[^\W_][^\n.?!:\uff1a;,\"\u201c\u201d]{0,40}?)"
    r"[\])}*]{0,2}\s?[:\uff1a][*]{0,2})(?=\s)"
)
_COUNTED = re.compile(r"[ .#_-]*\d+$")
_SENDER = re.compile(r"(?i)\s*(?:from|von|van|de|fra|da|od|felad\u00f3)\s*[:\uff1a]\s*(?=\S)")
_MAIL = re.compile(
    r"(?i)\s*(?:sent|date|to|cc|bcc|subject|re|gesendet|datum|an|betreff|verzonden|aan|onderwerp|enviado|para|asunto|"
    r"fecha|sendt|til|emne|dato|poslano|za|predmet|k\u00fcldve|c\u00edmzett|t\u00e1rgy|envoy\u00e9|\u00e0|objet)\s*[:\uff1a].{0,200}"
)
_WORDS = re.compile(r"[^\W\d_]{2}")
_MARKS = " \t" + INVISIBLE


@dataclass(frozen=True, slots=True)
class Talk:
    """Who says what, and what could not be told.

    Attributes:
        warnings: One line each, without transcript text.
    """

    utterances: tuple[Utterance, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """The words of one line; ``fresh`` pieces begin an utterance."""

    said: Utterance
    fresh: bool


def without_line_numbers(text: str) -> tuple[str, tuple[str, ...]]:
    """Leave out numbers that count the lines of a text, so that they are nobody's words.

    Returns:
        The text, and a warning if there were any.
    """
    lines = text.split("\n")
    matches = [_NUMBERED.match(line) for line in lines]
    filled = sum(bool(line.strip()) for line in lines)
    numbers = [int(match[1] or match[2]) for match in matches if match]
    if not _are_counted(numbers, filled):
        return text, ()
    kept = [line[match.end() :] if match else line for line, match in zip(lines, matches, strict=True)]
    return "\n".join(kept), (f"left out numbers of lines: {len(numbers)}",)


def lines_of(
    text: str,
    *,
    bold: Mapping[int, int] | None = None,
    wrapped: bool = False,
    headings: Collection[int] = (),
    given: Collection[int] = (),
) -> list[TalkLine]:
    """Cut a text into its lines that are not blank, without notices of the tools that wrote it.

    Args:
        text: The canonical text.
        bold: Number of bold characters at the start of a line, by line number.
        wrapped: Whether paragraphs may run over several lines; they do if blank lines divide them.
        headings: Numbers of lines that are headings.
        given: Numbers of lines whose label stood in a cell of its own.
    """
    divided = wrapped and _BLANK_LINE.search(text.strip()) is not None
    lines, start, after_blank = [], 0, True
    for number, content in enumerate(text.split("\n")):
        if content.strip(_MARKS + ">") and content.strip() and not is_notice(content):
            first = (bold or {}).get(number, 0)
            opens = after_blank or not divided
            lines.append(TalkLine(start, content, first, opens, number in headings, number in given))
        after_blank = not content.strip()
        start += len(content) + 1
    return lines


def find_talk(lines: Sequence[TalkLine], speakers: SpeakerSettings, *, text: str = "") -> Talk:
    """Find who speaks where.

    Without believed labels every paragraph is an utterance of an unnamed speaker. Talk that stands above the first
    label, or has a time but no label where labels have times, belongs to an unnamed speaker, too.

    Args:
        lines: The lines that are not blank, in order.
        speakers: What the researcher says about them.
        text: The canonical text, if the researcher said on which of its lines talk begins.
    """
    interviewers = interviewer_names(speakers)
    known = interviewers | {name.casefold() for name in (*speakers.names, *speakers.participants)}
    only = pattern_of(speakers.pattern) if speakers.pattern else None
    lines, heads = _unposted(lines)
    begin, end = _first_line(lines, speakers, text), references_start(lines)
    headings = topics(lines[begin:end])
    talk = _unnumbered([line for n, line in enumerate(lines[begin:end]) if n not in headings])
    labels = judged(talk, known, only)
    divided = -len(talk)
    if only is None and (split := _split(talk, labels)) is not None:
        talk, labels = split, judged(split, known)
    divided += len(talk)
    labels = _renamed(labels, speakers)
    titles = {n for n, (label, after) in enumerate(pairwise(labels)) if _is_title(label, after)}
    talk = [line for n, line in enumerate(talk) if n not in titles]
    labels = [label for n, label in enumerate(labels) if n not in titles]
    pieces = list(_pieces(talk, labels, one_sided=_is_one_sided(talk, labels, interviewers)))
    left = {"heads of messages": heads, "headings of topics": len(headings) + len(titles)}
    doubts = [*_unnamed(pieces, labels), *_same_line(divided), *_left_out(talk, labels)]
    doubts += [f"left out {what}: {count}" for what, count in left.items() if count]
    if end < len(lines):
        doubts.append(f"left out a list of references: {len(lines) - end} lines")
    return Talk(tuple(_joined(pieces)), tuple(doubts))


def _unposted(lines: Sequence[TalkLine]) -> tuple[list[TalkLine], int]:
    """Take the heads of messages out of an interview by mail: who sent each becomes its label.

    Returns:
        The lines without them, and how many lines were left out.
    """
    senders = [n for n, line in enumerate(lines) if _SENDER.match(line.text) and len(line.text) < 200]
    heads = {n: [m for m in range(n + 1, min(n + 5, len(lines))) if _MAIL.fullmatch(lines[m].text)] for n in senders}
    senders = [n for n in senders if n + 1 in heads[n]]
    if len(senders) < 2:
        return list(lines), 0
    left = {m for n in senders for m in heads[n] if set(range(n + 1, m)) <= set(heads[n])}
    kept = []
    for n, line in enumerate(lines):
        match = _SENDER.match(line.text) if n in senders else None
        if match:
            name = line.text[match.end() :].partition("<")[0].rstrip()
            kept.append(replace(line, start=line.start + match.end(), text=name, heading=True))
        elif n not in left:
            kept.append(line)
    return kept, len(left)


def _unnumbered(lines: Sequence[TalkLine]) -> list[TalkLine]:
    """Let lines begin behind the numbers that count them, where a document holds such."""
    matches = [_NUMBERED.match(line.text) for line in lines]
    if not _are_counted([int(match[1] or match[2]) for match in matches if match], len(lines)):
        return list(lines)
    return [
        line
        if match is None
        else replace(
            line, start=line.start + match.end(), text=line.text[match.end() :], bold=max(0, line.bold - match.end())
        )
        for line, match in zip(lines, matches, strict=True)
    ]


def _are_counted(numbers: Sequence[int], lines: int) -> bool:
    """Tell whether numbers at the start of lines count them, from 1 again on each page perhaps."""
    if len(numbers) < max(3, 0.6 * lines):
        return False
    rising = all(before < after for before, after in pairwise(numbers))
    if rising and len(numbers) >= max(5, 0.8 * lines) and numbers[0] <= FIRST_NUMBER:
        return True  # paragraphs with the number of their first line
    return sum(after == before + 1 for before, after in pairwise(numbers)) >= 0.85 * (len(numbers) - 1)


def _first_line(lines: Sequence[TalkLine], speakers: SpeakerSettings, text: str) -> int:
    """Return the index of the line on which talk begins."""
    if speakers.first_line is None:
        return front_end(lines)
    start = 0
    for _ in range(speakers.first_line - 1):
        start = text.find("\n", start) + 1 or len(text)
    return next((n for n, line in enumerate(lines) if line.start >= start), len(lines))


def _renamed(labels: Sequence[Label | None], speakers: SpeakerSettings) -> list[Label | None]:
    numbered = without_numbers(label.name for label in labels if label is not None)
    return [label and replace(label, name=speakers.renamed(numbered.get(label.name, label.name))) for label in labels]


def _split(lines: Sequence[TalkLine], labels: Sequence[Label | None]) -> list[TalkLine] | None:
    """Divide lines that hold several labels, None if none does.

    A name within a line is a label if it comes twice and stands behind a sentence, and one of such names is believed.
    """
    found = [
        [
            match
            for match in _INLINE.finditer(line.text, label.words if label else 0)  # "Dr. Meyer:" is one label
            if _WORDS.search(line.text, 0, match.start())
        ]
        for line, label in zip(lines, labels, strict=True)
    ]
    at_start = Counter(label.name for label in labels if label is not None)
    inline = Counter(tidy(match["name"]) for matches in found for match in matches if could_be_name(match["name"]))
    sure = {name for name in inline if is_known_shape(name) or says_role(name) or at_start[name] > 1}
    likely = {name for name, n in inline.items() if n + at_start[name] > 1 and looks_like_name(name)}
    names = (sure | likely) if sure or len(likely) > 1 else set()
    if not any(n for name, n in inline.items() if name in names):
        return None
    divided: list[TalkLine] = []
    for line, matches in zip(lines, found, strict=True):
        cuts = [0, *(match.start("label") for match in matches if tidy(match["name"]) in names), len(line.text)]
        for n, (start, end) in enumerate(pairwise(cuts)):
            part = replace(line, start=line.start + start, text=line.text[start:end])
            divided.append(part if n == 0 else replace(part, bold=0, opens=True, heading=False))
    return divided


def _is_one_sided(lines: Sequence[TalkLine], labels: Sequence[Label | None], interviewers: Collection[str]) -> bool:
    """Tell whether only one of two speakers has a label: who asks, or who answers.

    Args:
        lines: The lines of talk.
        labels: The label of each.
        interviewers: Their names, in lower case.
    """
    names = {_COUNTED.sub("", label.name) or label.name for label in labels if label is not None}
    if len(names) != 1 or any(label is not None and label.dated for label in labels):
        return False
    labelled = [n for n, label in enumerate(labels) if label is not None]
    others = [n for n, label in enumerate(labels) if label is None and lines[n].opens]
    answered = sum(n + 1 < len(lines) and labels[n + 1] is None and lines[n + 1].opens for n in labelled)
    asking, asked = (sum("?" in lines[n].text for n in places) for places in (labelled, others))
    if min(len(labelled), len(others)) < 2:
        return False
    if is_interviewer(names.pop(), interviewers):
        return answered >= 0.6 * len(labelled) and asking >= 0.5 * len(labelled)
    return asked >= 0.6 * len(others) and asking <= 0.3 * len(labelled)


def _pieces(lines: Sequence[TalkLine], labels: Sequence[Label | None], *, one_sided: bool = False) -> Iterator[_Piece]:
    """Yield the words of each line with who says them.

    Args:
        lines: The lines of talk.
        labels: The label of each.
        one_sided: Whether a paragraph without a label is somebody else's.
    """
    speaker: str | None = None
    started: float | None = None
    begun = not any(labels)
    labelled = not begun
    timed = sum(label is not None and label.started is not None for label in labels)
    each_timed = labelled and timed >= 0.5 * sum(label is not None for label in labels)
    chat = labelled and sum(label is not None and label.dated for label in labels) >= 2
    bare = not labelled and _bare_stamps(lines)
    fresh = True
    for line, label in zip(lines, labels, strict=True):
        words, moment, ended = _lead(line, label, bare=bare or each_timed)
        if chat and label is None and words and moment is None and _is_dated(line.text):
            continue  # a notice of the chat itself
        started = started if moment is None else moment
        fresh = fresh or label is not None or moment is not None or (line.opens and not labelled)
        if label is not None:
            speaker, begun = label.name or None, True
        elif one_sided and line.opens:
            speaker, fresh = None, fresh or speaker is not None
        elif each_timed and moment is not None and stamp_alone(line.text) is None and begun:
            speaker = None
        said = _said(line, words, speaker, started, ended)
        if said is not None and (begun or is_sentence(said.span.of(" " * line.start + line.text))):
            yield _Piece(said, fresh)
            # A stamp behind the words would otherwise end up inside the turn.
            started, fresh = None, said.ended is not None


def _is_dated(text: str) -> bool:
    stamp = stamp_at(text, len(text) - len(text.lstrip(_MARKS)))
    return stamp is not None and stamp.kind == "dated"


def _bare_stamps(lines: Sequence[TalkLine]) -> bool:
    """Tell whether lines begin with times that no bracket sets apart, as transcripts without labels have them."""
    stamps = [stamp_at(line.text, 0) for line in lines]
    return sum(stamp is not None for stamp in stamps) >= max(2, 0.5 * len(lines))


def _lead(line: TalkLine, label: Label | None, *, bare: bool) -> tuple[int, float | None, float | None]:
    """Return where the words of a line start, and the seconds that stand before them.

    Args:
        line: The line.
        label: Its label, if it has one.
        bare: Whether times at the start of lines need no bracket.
    """
    if label is not None:
        return label.words, label.started, label.ended
    alone = stamp_alone(line.text)
    if alone is not None:
        return len(line.text), alone, None
    stamp = stamp_at(line.text, len(line.text) - len(line.text.lstrip(_MARKS)))
    if stamp is None or (stamp.kind == "bare" and not bare):
        return 0, None, None
    return stamp.end, stamp.started, stamp.ended


def _said(
    line: TalkLine, words: int, speaker: str | None, started: float | None, ended: float | None
) -> Utterance | None:
    """Return what a line says from offset ``words`` on, without white space and stamp around it.

    Args:
        line: The line.
        words: Where its words begin.
        speaker: Who says them.
        started: Seconds.
        ended: Seconds.
    """
    end, stamped = trailing_stamp(line.text)
    talk = line.text[words:end]
    lead = len(talk) - len(talk.lstrip(_MARKS).lstrip())
    stripped = talk[lead:].rstrip(_MARKS).rstrip()
    if not stripped:
        return None
    ended = stamped if ended is None else ended
    if ended is not None and started is not None:
        ended = max(started, ended)
    start = line.start + words + lead
    return Utterance(Span(start, start + len(stripped)), speaker, started, ended)


def _joined(pieces: Sequence[_Piece]) -> Iterator[Utterance]:
    current: Utterance | None = None
    for piece in pieces:
        if current is not None and not piece.fresh:
            ended = piece.said.ended
            if ended is not None and current.started is not None:
                ended = max(ended, current.started)
            current = replace(current, span=current.span.join(piece.said.span), ended=ended)
        else:
            if current is not None:
                yield current
            current = piece.said
    if current is not None:
        yield current


def _unnamed(pieces: Sequence[_Piece], labels: Sequence[Label | None]) -> Iterator[str]:
    unnamed = sum(piece.said.speaker is None and piece.fresh for piece in pieces)
    if any(labels) and unnamed:
        yield f"talk that has no speaker's label and was given to an unnamed speaker: {unnamed} passages"


def _is_title(label: Label | None, following: Label | None) -> bool:
    """Tell whether a heading is a topic's: nothing stands below it but the label of somebody who speaks."""
    return (
        label is not None
        and label.grammar == "heading"
        and not is_known_shape(label.name)
        and not says_role(label.name)
        and following is not None
        and following.grammar != "heading"
    )


def _same_line(divided: int) -> Iterator[str]:
    if divided > 0:
        yield f"several speakers on one line, which was divided: {divided} times"


def _left_out(lines: Sequence[TalkLine], labels: Sequence[Label | None]) -> Iterator[str]:
    if sum(label is not None and label.dated for label in labels) >= 2:
        notices = sum(label is None and _is_dated(line.text) for line, label in zip(lines, labels, strict=True))
        if notices:
            yield f"left out notices of the chat: {notices}"
