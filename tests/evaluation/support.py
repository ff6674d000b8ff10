"""A scripted suggester and a study whose every score is known."""

from dataclasses import dataclass

import numpy as np

from corpus.codebook import Code, Codebook
from corpus.codings import Coding
from corpus.seeds import SeedBank, SeedQuote
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Segment, Span, Transcript, Turn

BOOK = Codebook(
    "tiny",
    "1",
    (
        Code("money", "Money", "Means", level="macro", definition="Budgets and funding."),
        Code("staff", "Staff", "Means", level="micro", definition="Nurses and doctors."),
        Code("trust", "Trust", "Culture", level="micro", definition="Relying on each other."),
    ),
)
SEEDS = SeedBank((SeedQuote("A budget line for it.", "money"), SeedQuote("Good morning to you all.", None)))
WORDS = {"money": "Funds ran short. ", "staff": "Nurses went off. ", "trust": "One can rely. ", "": "Well, anyway. "}


@dataclass(frozen=True)
class Scored:
    segments: tuple[Segment, ...]
    probabilities: np.ndarray
    coded: np.ndarray


@dataclass(frozen=True)
class Scripted:
    """Knows the truth of every sentence by its words, except that it takes ``blind`` for nothing."""

    blind: str | None = None
    codebook: Codebook = BOOK
    recipe: str = "scripted"
    model: str = "scripted/v1"

    def rank(self, texts):
        return np.array([self._row(text) for text in texts], dtype=np.float32)

    def score(self, transcript):
        spans = [Span(start, start + len(words) - 1) for start, words in sentences(transcript.text)]
        segments = tuple(Segment(f"s{n}", span, 0, "P", Role.PARTICIPANT) for n, span in enumerate(spans))
        probabilities = self.rank([span.of(transcript.text) for span in spans])
        return Scored(segments, probabilities, probabilities.max(axis=1))

    def suggest(self, transcript):
        scored = self.score(transcript)
        return [
            Suggestion(segment.span, (segment.id,), BOOK.ids[row.argmax()], float(row.max()), 1)
            for segment, row in zip(scored.segments, scored.probabilities, strict=True)
            if row.max() > 0.5
        ]

    def _row(self, text):
        said = next(code for code, words in WORDS.items() if words.strip() == text.strip())
        return [0.9 if said == code != self.blind else 0.01 for code in BOOK.ids]


def sentences(text):
    start = 0
    while start < len(text):
        words = next(words for words in WORDS.values() if text.startswith(words, start))
        yield start, words
        start += len(words)


def interview(name, *codes):
    """Build a transcript with one sentence for each code, and the codings that are true of it."""
    text = "".join(WORDS[code] for code in codes)
    transcript = Transcript(name, text, (Turn(Span(0, len(text)), "P", Role.PARTICIPANT),))
    spans = [Span(start, start + len(words) - 1) for start, words in sentences(text)]
    return transcript, [Coding(name, span, code) for span, code in zip(spans, codes, strict=True) if code]


STUDY = [interview(name, *["money", "", "staff", "", "trust"] * 2) for name in ("one", "two", "three")]
TALK = [transcript for transcript, _ in STUDY]
CODINGS = [coding for _, codings in STUDY for coding in codings]
