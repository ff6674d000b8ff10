"""Corrections of typing errors in a transcript: which words were wrong, where, and what is right.

The file that was read never changes. A correction quotes the wrong words with a little of the text around them, all as
the file has them, so that it finds its place again whatever else becomes of the file. ``apply_corrections`` makes the
corrected transcript; ``Corrected.propose`` makes of words that a person changed there the correction to keep.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from corpus.solid_text import PlainText, plain_words
from corpus.span_map import Piece, SpanMap
from corpus.transcript import Span, Transcript, Turn

if TYPE_CHECKING:
    from corpus.revision import MovedSpan

CONTEXT = 40
"""Characters of a turn that are quoted on each side; more, and more than the turn, where they are there twice."""
MOST_CONTEXT = 640
UNTYPABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
"""What no keyboard writes and no database keeps."""
LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Correction:
    """Words of a file that were corrected.

    Attributes:
        id: Known in every copy of a study.
        transcript: Name of the transcript when it was made.
        file: Digest of the file then, by which it is known under another name.
        before: What the file has before the words, ``after`` what it has behind them.
        words: The wrong words as the file has them.
        right: The right ones.
        coder: Who says so.
        place: Which of so many places that read like this; nearly always ``(1, 1)``.
    """

    id: str
    transcript: str
    file: str
    before: str
    words: str
    after: str
    right: str
    coder: str
    time: datetime
    place: tuple[int, int] = (1, 1)


class Fit(StrEnum):
    """What became of a correction: in force, part of a later one, in the file by now, or without a place in it."""

    APPLIED = "applied"
    REPLACED = "replaced"
    IN_FILE = "in_file"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Edit:
    """A correction that found its place.

    Attributes:
        span: Of the wrong words in the text of the file.
        right: What stands there instead.
        correction: Its id.
    """

    span: Span
    right: str
    correction: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a file's text as it is quoted; see ``Correction``."""

    before: str
    words: str
    after: str
    place: tuple[int, int]


@dataclass(frozen=True)
class Corrected:
    """A transcript with its corrections.

    Attributes:
        original: As its file has it.
        transcript: As it should be.
        edits: The corrections in force, in text order; they never overlap.
        fits: What became of each correction, by its id.
    """

    original: Transcript
    transcript: Transcript
    edits: tuple[Edit, ...]
    fits: Mapping[str, Fit]

    def propose(self, span: Span, right: str) -> tuple[Quote, str]:
        """Return what to quote of the file, and the right words, for words that a person changed.

        Args:
            span: Of the words in the corrected text.
            right: What should stand there; nothing to remove them.

        Raises:
            UsageError: If nothing would change, a turn would be empty, or the words are of two turns or of none.
        """
        wanted = _typed(right, span.of(self.transcript.text))
        span, wanted = _whole(self.transcript, span, wanted)
        if wanted == span.of(self.transcript.text):
            raise UsageError("these are the words as they are; nothing was changed")
        for now in self.places().values():  # whoever corrects a correction replaces it
            if now.overlap(span):
                wide = span.join(now)
                text = self.transcript.text
                wanted = text[wide.start : span.start] + wanted + text[span.end : wide.end]
                span = wide
        region = Span(_moved_back(self.edits, span.start), _moved_back(self.edits, span.end))
        if all(not edit.span.overlap(region) for edit in self.edits):
            region, wanted = _smallest(region, region.of(self.original.text), wanted)
        return _quote(self.original, region), wanted

    def places(self) -> dict[str, Span]:
        """Return where the right words of each correction in force stand in the corrected text, by its id."""
        starts = {edit: _moved(self.edits, edit.span.start) for edit in self.edits}
        return {edit.correction: Span(start, start + len(edit.right)) for edit, start in starts.items()}

    def revision(self, later: Corrected) -> CorrectionMap:
        """Return where passages are in a later state of the same file's text."""
        return CorrectionMap(self, later)


class CorrectionMap:
    """Moves passages between two states of one file's text, of which it is known where they differ.

    Args:
        old: The state that passages point into.
        new: The other one.
    """

    def __init__(self, old: Corrected, new: Corrected) -> None:
        self._old, self._new = old.transcript.text, new.transcript.text
        self._map = SpanMap(list(_pieces_between(old, new)))

    def move(self, span: Span) -> MovedSpan | None:
        """Return where a span is; None where all its words were removed."""
        from corpus.revision import MovedSpan, words_of

        found = self._map.move(span)
        old, words = span.of(self._old), "" if found is None else found.of(self._new)
        if found is None or not words.strip():
            return None
        start, end = found.start, found.end  # where words at its ends are gone, the blanks beside them are not its own
        start += 0 if old[0].isspace() else len(words) - len(words.lstrip())
        end -= 0 if old[-1].isspace() else len(words) - len(words.rstrip())
        moved = Span(start, end)
        return MovedSpan(moved, changed=words_of(old)[1] != words_of(moved.of(self._new))[1])


def apply_corrections(transcript: Transcript, corrections: Sequence[Correction]) -> Corrected:
    """Return a transcript with its corrections.

    Args:
        transcript: As its file was read.
        corrections: In the order in which they were made: a later one replaces what it overlaps.
    """
    plain = PlainText(transcript.text)
    fits: dict[str, Fit] = {}
    taken: list[Edit] = []
    for correction in reversed(corrections):
        span = _place_of(plain, correction)
        if span is None or not _in_a_turn(transcript, span):
            there = _place_of(plain, replace(correction, words=correction.right))
            fits[correction.id] = Fit.LOST if there is None else Fit.IN_FILE
            continue
        over = [edit for edit in taken if edit.span.overlap(span)]
        if over:
            inside = any(edit.span.join(span) == edit.span for edit in over)
            fits[correction.id] = Fit.REPLACED if inside else Fit.LOST
        else:
            fits[correction.id] = Fit.APPLIED
            taken.append(Edit(span, correction.right, correction.id))
    edits = tuple(sorted(taken, key=lambda edit: edit.span))
    return Corrected(transcript, _edited(transcript, edits), edits, fits)


def _edited(transcript: Transcript, edits: Sequence[Edit]) -> Transcript:
    if not edits:
        return transcript
    bounds = [0, *(offset for edit in edits for offset in (edit.span.start, edit.span.end)), len(transcript.text)]
    kept = [transcript.text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    text = kept[0] + "".join(edit.right + behind for edit, behind in zip(edits, kept[1:], strict=True))
    places = SpanMap(list(_pieces(transcript.text, edits)))
    turns = tuple(_moved_turn(turn, edits, places) for turn in transcript.turns)
    return replace(transcript, text=text, turns=turns)


def _moved_turn(turn: Turn, edits: Sequence[Edit], places: SpanMap) -> Turn:
    span = Span(_moved(edits, turn.span.start), _moved(edits, turn.span.end))

    def moved(offsets: Iterable[int]) -> tuple[int, ...]:
        found = (places.move(Span(offset, offset + 1)) for offset in offsets)
        inside = {there.start for there in found if there is not None and span.start < there.start < span.end}
        return tuple(sorted(inside))

    breaks = moved(turn.breaks)
    return replace(turn, span=span, breaks=breaks, pauses=tuple(n for n in moved(turn.pauses) if n in breaks))


def _moved(edits: Iterable[Edit], offset: int) -> int:
    """Return where an offset of the file's text that no edit holds is in the corrected one."""
    return offset + sum(len(edit.right) - len(edit.span) for edit in edits if edit.span.end <= offset)


def _moved_back(edits: Iterable[Edit], offset: int) -> int:
    """Return where an offset of the corrected text that no edit holds is in the file's."""
    for edit in edits:
        if _moved(edits, edit.span.start) + len(edit.right) <= offset:
            continue
        return offset - _moved(edits, edit.span.start) + edit.span.start
    return offset + sum(len(edit.span) - len(edit.right) for edit in edits)


def _pieces(text: str, edits: Iterable[Edit]) -> Iterator[Piece]:
    """Yield what became of a file's text."""
    old = new = 0
    for edit in edits:
        yield from _kept(old, new, edit.span.start - old)
        new += edit.span.start - old
        yield from _word_pieces(edit.span.of(text), edit.right, edit.span.start, new)
        old, new = edit.span.end, new + len(edit.right)
    yield from _kept(old, new, len(text) - old)


def _kept(old: int, new: int, length: int) -> Iterator[Piece]:
    if length > 0:
        yield Piece(Span(old, old + length), Span(new, new + length), kept=True)


def _pieces_between(old: Corrected, new: Corrected) -> Iterator[Piece]:
    """Yield what became of the text between two states: kept where both agree, word by word where they do not."""
    differing = sorted({*old.edits} ^ {*new.edits}, key=lambda edit: edit.span)
    begin = 0
    for region in _joined(edit.span for edit in differing):
        here, there = (Span(_moved(s.edits, region.start), _moved(s.edits, region.end)) for s in (old, new))
        yield from _kept(_moved(old.edits, begin), _moved(new.edits, begin), here.start - _moved(old.edits, begin))
        words, right = here.of(old.transcript.text), there.of(new.transcript.text)
        yield from _word_pieces(words, right, here.start, there.start)
        begin = region.end
    rest = len(old.transcript.text) - _moved(old.edits, begin)
    yield from _kept(_moved(old.edits, begin), _moved(new.edits, begin), rest)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans, those that overlap as one; they come in order."""
    held: Span | None = None
    for span in spans:
        if held is not None and held.overlap(span):
            held = held.join(span)
        else:
            if held is not None:
                yield held
            held = span
    if held is not None:
        yield held


def _word_pieces(words: str, right: str, start: int, place: int) -> Iterator[Piece]:
    """Yield which words became which; what was removed or put in is no piece.

    Args:
        words: The words as they were.
        right: As they are.
        start: Where the first begin in their text.
        place: Where the others begin in theirs.
    """
    from corpus.revision import SETTLED_WORDS, words_of

    (old, before), (new, after) = words_of(words), words_of(right)
    if max(len(old), len(new)) > SETTLED_WORDS:
        yield Piece(Span(start, start + len(words)), Span(place, place + len(right)), kept=words == right)
        return
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            for was, now in zip(old[a:b], new[c:d], strict=True):
                same = was.of(words) == now.of(right)
                yield Piece(_at(was, start), _at(now, place), kept=same)
        elif tag == "replace":
            yield Piece(_at(old[a].join(old[b - 1]), start), _at(new[c].join(new[d - 1]), place), kept=False)


def _at(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)


def _place_of(plain: PlainText, correction: Correction) -> Span | None:
    """Return where the words of a correction stand; None where they do not, or nobody can tell which are meant."""
    before, words = plain_words(correction.before), plain_words(correction.words)
    quote = before + words + plain_words(correction.after)
    if not words:
        return None
    found = [*plain.find(quote)]
    which, of = correction.place
    if len(found) != of or not 1 <= which <= of:
        return None
    return plain.span(found[which - 1] + len(before), len(words))


def _in_a_turn(transcript: Transcript, span: Span) -> bool:
    at = transcript.turn_at(span.start)
    return at is not None and span.end <= transcript.turns[at].span.end


def _typed(right: str, words: str) -> str:
    """Return what a person typed as a transcript has it: composed, in lines only where lines were.

    Raises:
        UsageError: If it holds what no keyboard writes.
    """
    text = unicodedata.normalize("NFC", LINE_BREAK.sub("\n", right))
    if UNTYPABLE.search(text):
        raise UsageError("the right words hold a character that cannot be stored; remove it")
    return (text if "\n" in words else re.sub(r"\s*\n\s*", " ", text)).replace("\t", " ").strip()


def _whole(transcript: Transcript, span: Span, wanted: str) -> tuple[Span, str]:
    """Return a stretch without white space at its ends and without half letters, inside one turn.

    What would leave nothing takes the next word along, so that a correction always has words.
    """
    text = transcript.text
    words = span.of(text).strip()
    if not plain_words(words):
        raise UsageError("select the words to correct")
    start = span.start + span.of(text).index(words)
    end = start + len(words)
    while start > 0 and unicodedata.combining(text[start]):
        start -= 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    at = transcript.turn_at(start)
    if at is None or end > transcript.turns[at].span.end:
        raise UsageError("select words of one speaker's turn; who speaks is corrected under Who speaks")
    if plain_words(wanted):
        return Span(start, end), wanted
    return _with_neighbour(text, transcript.turns[at].span, Span(start, end))


def _with_neighbour(text: str, turn: Span, span: Span) -> tuple[Span, str]:
    """Return a stretch whose words are removed with the word behind it, or before it, which stays."""
    if behind := re.match(r"(\S*\s+)?\S+", text[span.end : turn.end]):
        kept = behind[0].strip() if not text[span.end].isspace() else behind[0].split()[-1]
        return Span(span.start, span.end + behind.end()), kept
    if before := re.search(r"\S+\s*\Z", text[turn.start : span.start]):
        return Span(turn.start + before.start(), span.end), before[0].rstrip()
    raise UsageError("a turn cannot be emptied; leave a word of it")


def _smallest(region: Span, words: str, right: str) -> tuple[Span, str]:
    """Return what differs between words and right words, at least a word of both.

    Args:
        region: Of the words in their text.
        words: As they are.
        right: As they should be.
    """
    old, new = (list(re.finditer(r"\s*\S+", text)) for text in (words, right))
    most = min(len(old), len(new)) - 1
    first = next((n for n in range(most) if old[n][0] != new[n][0]), most)
    last = next((n for n in range(most - first) if old[-1 - n][0] != new[-1 - n][0]), most - first)
    start, end = old[first].end() - len(old[first][0].lstrip()), old[-1 - last].end()
    begin, stop = new[first].end() - len(new[first][0].lstrip()), new[-1 - last].end()
    return Span(region.start + start, region.start + end), right[begin:stop]


def _quote(transcript: Transcript, region: Span) -> Quote:
    """Quote a stretch with as much around it as tells it from all others.

    Raises:
        UsageError: If it cannot be found again by its letters.
    """
    text, plain = transcript.text, PlainText(transcript.text)
    turn = transcript.turns[transcript.turn_at(region.start) or 0].span
    reach, bounds, places = CONTEXT, turn, [0]
    while True:
        start, end = max(bounds.start, region.start - reach), min(bounds.end, region.end + reach)
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        before = text[start : region.start]
        places = [*plain.find(plain_words(text[start:end]))]
        if len(places) == 1 or reach > MOST_CONTEXT:
            break
        reach, bounds = 4 * reach, Span(0, len(text))
    if not places:
        raise UsageError("these words cannot be told from others; select a few more")
    starts = [plain.span(place + len(plain_words(before)), 1).start for place in places]
    which = min(range(len(starts)), key=lambda n: abs(starts[n] - region.start)) + 1
    return Quote(before, region.of(text), text[region.end : end], (which, len(places)))
