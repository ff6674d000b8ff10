"""How much suggestions owe to punctuation: ``python -m evaluation.punctuation``.

The sample study is pre-coded as it is, and once more as speech recognisers would write it: every letter small and no
mark but apostrophes, hyphens inside words and transcriber's notes. Kept: the share of suggestions that are there
again, that is with the same code on a passage that shares at least half of the shorter of both. New: the share of
suggestions on the bare text that are not there with punctuation. Precision and recall are those of benchmark
``study/v1`` for passages and domains, the human codings moved along.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.codings import Coding, load_codings
from corpus.readers import read_transcript
from corpus.shipped import sample_codings, sample_transcripts, selfie, selfie_seeds
from corpus.suggestion import Suggestion
from corpus.transcript import Span, Transcript
from evaluation.benchmarks.coded_study import coded_talk
from evaluation.benchmarks.scorer import Scorer
from evaluation.metrics.grouping import by_domain
from evaluation.metrics.intervals import Block
from evaluation.metrics.measures import operating_point
from evaluation.report.tables import ScoreTable, cell

KEPT_MARKS = re.compile(r"\[[^\]\n]*\]|\([^)\n]*\)|(?<=\w)['\u2019-](?=\w)")
_MARK = re.compile(r"[^\w\s]")


@dataclass(frozen=True)
class BareTranscript:
    """A transcript without punctuation and capitals.

    Attributes:
        origins: Where each character of its text stood before, ascending.
    """

    transcript: Transcript
    origins: Sequence[int]

    def moved(self, span: Span) -> Span | None:
        """Return where a span of the text before stands now; None if nothing of it is left."""
        start, end = bisect_left(self.origins, span.start), bisect_left(self.origins, span.end)
        return Span(start, end) if start < end else None


@dataclass(frozen=True)
class PunctuationScore:
    """What punctuation does to the suggestions of a study.

    Attributes:
        kept: Suggestions with punctuation that are there without.
        found: Suggestions without punctuation that are there with it.
        n_with: Suggestions with punctuation.
        n_without: Suggestions without.
        with_marks: Passages against human coding, by domain.
        without_marks: The same on the bare text.
    """

    kept: int
    found: int
    n_with: int
    n_without: int
    with_marks: Block
    without_marks: Block

    def table(self) -> ScoreTable:
        """Return one row for each text."""
        rows = (
            self._row("as it is", self.n_with, f"{self.kept}/{self.n_with}", self.with_marks),
            self._row("bare", self.n_without, f"{self.found}/{self.n_without}", self.without_marks),
        )
        return ScoreTable("Punctuation", ("text", "suggestions", "in the other", "precision", "recall"), rows)

    def _row(self, name: str, suggestions: int, shared: str, block: Block) -> tuple[str, ...]:
        return name, str(suggestions), shared, cell(block["precision"]), cell(block["recall"])


def bare(transcript: Transcript) -> BareTranscript:
    """Return a transcript in small letters and without punctuation inside its turns."""
    spared = {n for match in KEPT_MARKS.finditer(transcript.text) for n in range(match.start(), match.end())}
    dropped = {match.start() for match in _MARK.finditer(transcript.text)} - spared
    talk = {n for turn in transcript.turns for n in range(turn.span.start, turn.span.end)}
    origins = [n for n in range(len(transcript.text)) if n not in dropped or n not in talk]
    letters = (transcript.text[n] for n in origins)
    text = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in letters)
    result = BareTranscript(transcript, origins)
    turns = tuple(
        replace(turn, span=span, breaks=(), pauses=())
        for turn in transcript.turns
        if (span := result.moved(turn.span)) is not None
    )
    return replace(result, transcript=replace(transcript, text=text, turns=turns))


def score_punctuation(scorer: Scorer, transcripts: Sequence[Transcript], codings: Sequence[Coding]) -> PunctuationScore:
    """Compare suggestions on a coded study with those on the same talk without punctuation.

    Args:
        scorer: The suggester.
        transcripts: The study as it is.
        codings: What people coded there.
    """
    texts = {transcript.name: bare(transcript) for transcript in transcripts}
    before = {name: _on_bare(scorer.suggest(each), texts[name]) for name, each in zip(texts, transcripts, strict=True)}
    after = {name: [(each.code, each.span) for each in scorer.suggest(text.transcript)] for name, text in texts.items()}
    moved = [replace(coding, span=span) for coding in codings if (span := texts[coding.transcript].moved(coding.span))]
    return PunctuationScore(
        kept=sum(_shared(before[name], after[name]) for name in texts),
        found=sum(_shared(after[name], before[name]) for name in texts),
        n_with=sum(map(len, before.values())),
        n_without=sum(map(len, after.values())),
        with_marks=_passages(scorer, transcripts, codings),
        without_marks=_passages(scorer, [text.transcript for text in texts.values()], moved),
    )


def _on_bare(suggestions: Sequence[Suggestion], text: BareTranscript) -> list[tuple[str, Span]]:
    return [(each.code, span) for each in suggestions if (span := text.moved(each.span)) is not None]


def _shared(ours: Sequence[tuple[str, Span]], theirs: Sequence[tuple[str, Span]]) -> int:
    """Return how many of ours are among theirs: the same code on half of the shorter passage at least."""
    return sum(
        any(code == other and 2 * span.overlap(place) >= min(len(span), len(place)) for other, place in theirs)
        for code, span in ours
    )


def _passages(scorer: Scorer, transcripts: Sequence[Transcript], codings: Sequence[Coding]) -> Block:
    talk = coded_talk(scorer, transcripts, codings)
    hits = talk.comparison(by_domain(scorer.codebook)).hits
    return operating_point(hits.micro(), talk.rows.bootstrap)[0]


def sample_score(scorer: Scorer) -> PunctuationScore:
    """Return the score on the sample study."""
    transcripts = [read_transcript(path) for path in sample_transcripts()]
    codings = load_codings(sample_codings(), {each.name: each for each in transcripts}, selfie())
    return score_punctuation(scorer, transcripts, codings)


def main() -> None:
    """Print the scores."""
    from models.encoders import load_encoder
    from models.vector_cache import VectorCache
    from models.weights import cache_home
    from pipeline.precoder import make_precoder

    embedder = VectorCache(load_encoder("openvino"), cache_home() / "benchmark")
    table = sample_score(make_precoder(selfie(), selfie_seeds(), embedder, kept=cache_home())).table()
    sys.stdout.writelines(f"{' | '.join(row)}\n" for row in (table.header, *table.rows))


if __name__ == "__main__":
    main()
