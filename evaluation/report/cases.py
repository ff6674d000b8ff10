"""The worst mistakes in context: what a reader of scores wants to see before believing them. Holds transcript text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.codings import Coding
from corpus.quotes import QuoteItem
from corpus.transcript import Transcript
from evaluation.benchmarks.coded_study import CodedTalk, coded_talk
from evaluation.benchmarks.protocols import quote_rows
from evaluation.benchmarks.scorer import Scorer
from evaluation.metrics.grouping import Flags, Floats
from evaluation.metrics.measures import Rows, first_choice

CONTEXT = 220
"""Characters shown on either side of a sentence."""
EACH = 3


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A row as the report shows it.

    Attributes:
        place: Transcript and sentence, or the id of a quote.
    """

    place: str
    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ReportCase:
    """One mistake.

    Attributes:
        probability: What the suggester gave the code here.
        human: Codes that people gave.
        suggested: Codes that were suggested.
    """

    shown: ShownPassage
    probability: float
    human: tuple[str, ...]
    suggested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The worst mistakes with one code, worst first: surest false positives, least expected misses."""

    false_positives: tuple[ReportCase, ...]
    misses: tuple[ReportCase, ...]


def worst_mistakes(rows: Rows, machine: Flags, shown: Sequence[ShownPassage]) -> Mapping[str, Mistakes]:
    """Return the worst mistakes with each code that has any.

    Args:
        rows: Scores and human codes.
        machine: What was suggested, shape (n, codes).
        shown: The rows as text.
    """
    found = {}
    for column, code in enumerate(rows.codebook.ids):
        scores, wrong = rows.scores[:, column], machine[:, column] & ~rows.truth[:, column]
        missed = rows.truth[:, column] & ~machine[:, column]
        if wrong.any() or missed.any():
            cases = [
                _cases(rows, machine, shown, column, _worst(flags, order))
                for flags, order in ((wrong, -scores), (missed, scores))
            ]
            found[code] = Mistakes(*cases)
    return found


def sentences_shown(talk: CodedTalk, transcripts: Sequence[Transcript]) -> list[ShownPassage]:
    """Return the sentences of a coded study with the words around them, in the order of its rows."""
    by_name = {transcript.name: transcript.text for transcript in transcripts}
    names = [place.rpartition("#")[0] for place in talk.texts]
    spans = [segment.span for segments in talk.segments for segment in segments]
    return [
        ShownPassage(place, _folded(words), _head(by_name[name], span.start), _tail(by_name[name], span.end))
        for (place, words), name, span in zip(talk.texts.items(), names, spans, strict=True)
    ]


def study_mistakes(
    scorer: Scorer, transcripts: Sequence[Transcript], codings: Sequence[Coding]
) -> Mapping[str, Mistakes]:
    """Return the worst mistakes of a suggester on whole transcripts.

    Args:
        scorer: The suggester.
        transcripts: Those that are coded and others.
        codings: Human codings of them.
    """
    talk = coded_talk(scorer, transcripts, codings)
    return worst_mistakes(talk.rows, talk.suggested, sentences_shown(talk, transcripts))


def quote_mistakes(scorer: Scorer, items: Sequence[QuoteItem]) -> Mapping[str, Mistakes]:
    """Return the worst mistakes of a suggester on passages taken as given, the first code being its suggestion."""
    coded = [item for item in items if item.codes]
    rows = quote_rows(scorer.codebook, coded, scorer.rank([item.text for item in coded]))
    return worst_mistakes(rows, first_choice(rows), [ShownPassage(item.id, item.text) for item in coded])


def _worst(flags: Flags, order: Floats) -> list[int]:
    rows = np.flatnonzero(flags)
    return [int(row) for row in rows[np.argsort(order[rows], kind="stable")][:EACH]]


def _cases(
    rows: Rows, machine: Flags, shown: Sequence[ShownPassage], column: int, chosen: Sequence[int]
) -> tuple[ReportCase, ...]:
    def named(flags: Flags) -> tuple[str, ...]:
        return tuple(code for code, flag in zip(rows.codebook.ids, flags, strict=True) if flag)

    return tuple(
        ReportCase(shown[row], float(rows.scores[row, column]), named(rows.truth[row]), named(machine[row]))
        for row in chosen
    )


def _head(text: str, start: int) -> str:
    """Return the words before, cut at a word's edge."""
    part = text[max(0, start - CONTEXT) : start]
    return _folded(part if start <= CONTEXT else f"… {part.partition(' ')[2]}")


def _tail(text: str, end: int) -> str:
    part = text[end : end + CONTEXT]
    return _folded(part if end + CONTEXT >= len(text) else f"{part.rpartition(' ')[0]} …")


def _folded(text: str) -> str:
    return " ".join(text.split())
