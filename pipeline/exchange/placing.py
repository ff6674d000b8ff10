"""Where the codings of a file stand in the texts that the study has, also where these were corrected since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from corpus.revision import Revision
from corpus.solid_text import equal_words
from corpus.span_map import SpanMap
from corpus.transcript import Span, Transcript
from pipeline.exchange.found import FoundCoding

SAME_TALK = 0.5
"""Share of a text's words that must stand in another one for this to be the same talk, corrected."""


@dataclass
class Placed:
    """Codings with spans into the study's texts.

    Attributes:
        codings: Those that found their place.
        changed: Those of them whose words differ a little now, so that a person should look.
        lost: Those without a place, as the file has them.
    """

    codings: list[FoundCoding] = field(default_factory=list)
    changed: list[FoundCoding] = field(default_factory=list)
    lost: list[FoundCoding] = field(default_factory=list)

    def told(self) -> Iterator[str]:
        """Yield what a person should know, a line each."""
        for name, count in Counter(coding.transcript for coding in self.changed).items():
            yield f"{name}: {count} codings stand on words that were corrected; please look at them on the page"
        if self.lost:
            yield (
                f"{len(self.lost)} codings stand on words that the transcript of the study does not have and "
                "were left out"
            )


def place(found: Iterable[FoundCoding], brought: Mapping[str, str], transcripts: Mapping[str, Transcript]) -> Placed:
    """Return where codings stand in the study's texts.

    Args:
        found: With spans into the texts of their file.
        brought: These texts by transcript; those that are not there are the study's own.
        transcripts: What the study has under these names.
    """
    ways: dict[str, _Way] = {}
    placed = Placed()
    for coding in found:
        name, text = coding.transcript, transcripts[coding.transcript].text
        if name not in ways:
            ways[name] = _Way(brought.get(name, text), text)
        moved = ways[name].moved(coding)
        if moved is None:
            placed.lost.append(coding)
            continue
        placed.codings.append(moved)
        if not equal_words(moved.exact, coding.exact):
            placed.changed.append(moved)
    return placed


class _Way:
    """From a text of a file to the study's.

    Args:
        old: The file's.
        new: The study's.
    """

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = old, new
        self._spans = SpanMap.across_white_space(old, new) if old != new and equal_words(old, new) else None
        self._revision = Revision(old, new) if old != new and self._spans is None else None

    def moved(self, coding: FoundCoding) -> FoundCoding | None:
        """Return a coding with its span into the new text, None if it has no place there."""
        span: Span | None = coding.span
        if not equal_words(coding.span.of(self._old), coding.exact):
            return None
        if self._spans is not None:
            span = self._spans.move(coding.span)
        elif self._revision is not None:
            there = self._revision.move(coding.span)
            span = there.span if there else None
        return None if span is None else replace(coding, span=span, exact=span.of(self._new))


def trimmed(span: Span, text: str) -> Span:
    """Return a span without white space at its ends; one of blanks alone stays."""
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip())) if words.strip() else span
