"""The steps of pre-coding: segment transcripts, embed sentences, suggest codes by similarity to seed quotations.

``precode`` is all of them for one transcript. Whoever wants to see the steps one by one, as a Prefect flow does, hands
in a ``StepRunner``; the steps, and so the results, are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Segment, Transcript
from models.embedder import Embedder, FloatArray, unit_vectors
from models.examples import EncodedTexts
from pipeline.embed import embed_segments
from pipeline.passages import Passage, alternatives, merge_sentences
from pipeline.selection import select
from pipeline.settings import SuggestSettings

if TYPE_CHECKING:
    from models.suggester import Suggester

EVIDENCE_SHOWN = 2
"""Seed quotations that speak for a suggestion."""

EVIDENCE_CONSIDERED = 8
"""Nearest seed quotations to choose them from: a sentence of a practice interview is often also part of a passage."""

T = TypeVar("T")


class StepRunner(Protocol):
    """Runs a named step and returns what it returns; may record that it ran, never what it returned."""

    def __call__(self, name: str, step: Callable[[], T], /) -> T:
        """Run one step."""
        ...


class CodingModel(Protocol):
    """What the steps need of a model; ``pipeline.precoder.Precoder`` has this shape."""

    @property
    def codebook(self) -> Codebook:
        """The framework; its order is the order of columns."""
        ...

    @property
    def bank(self) -> SeedBank:
        """The seed quotations that the suggester was fitted on."""
        ...

    @property
    def language(self) -> str:
        """What is spoken, ISO 639-1."""
        ...

    def sentences(self, transcript: Transcript, /) -> tuple[Segment, ...]:
        """Return the sentences of a transcript that may be suggested a code, in order."""
        ...

    @property
    def embedder(self) -> Embedder:
        """Text to unit vectors."""
        ...

    @property
    def suggester(self) -> Suggester:
        """Fitted on the bank; gives calibrated probabilities and one threshold a code."""
        ...

    @property
    def chosen(self) -> SuggestSettings:
        """The rule by which probabilities become suggestions."""
        ...


@dataclass(frozen=True)
class Scored:
    """The participant sentences of one transcript with their scores.

    Attributes:
        segments: Participant sentences in order.
        encoded: The same sentences as the suggester saw them.
        probabilities: Shape (segments, codes), columns in codebook order, calibrated.
    """

    segments: tuple[Segment, ...]
    encoded: EncodedTexts
    probabilities: FloatArray

    @property
    def coded(self) -> FloatArray:
        """Shape (segments,): the chance that a sentence bears any code, codes taken as independent."""
        return np.asarray(1 - np.prod(1 - self.probabilities, axis=1), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Precoded:
    """One transcript after all steps."""

    scored: Scored
    suggestions: list[Suggestion]


def run_directly(_name: str, step: Callable[[], T], /) -> T:
    """Run a step as the plain function it is."""
    return step()


def precode(transcript: Transcript, model: CodingModel, run_step: StepRunner) -> Precoded:
    """Segment, embed, suggest: everything that is done with one transcript; without codes it is only segmented.

    Args:
        transcript: Only what participants say is suggested a code.
        model: The codebook, and what was fitted on its seed quotations.
        run_step: Runs each step under its name; see ``run_directly``.
    """
    sentences = run_step("segment", lambda: model.sentences(transcript))
    if not model.codebook.codes:
        nothing = EncodedTexts([], [], np.zeros((0, 0), dtype=np.float32))
        return Precoded(Scored(sentences, nothing, np.zeros((len(sentences), 0), dtype=np.float32)), [])
    encoded = run_step("embed", lambda: embed_segments(transcript, sentences, model.embedder))
    return run_step("suggest", lambda: suggest(transcript, sentences, encoded, model))


def suggest(
    transcript: Transcript, sentences: tuple[Segment, ...], encoded: EncodedTexts, model: CodingModel
) -> Precoded:
    """Score sentences, merge neighbours with one code into passages, and say what speaks for each.

    Args:
        transcript: Where the sentences come from.
        sentences: Participant sentences in order.
        encoded: Those sentences, row by row; vectors of shape (sentences, dimension).
        model: What scores them.
    """
    if not sentences:
        return Precoded(Scored((), encoded, np.zeros((0, len(model.codebook.ids)), dtype=np.float32)), [])
    turns: NDArray[np.intp] = np.array([sentence.turn for sentence in sentences], dtype=np.intp)
    probabilities = model.suggester.score(encoded, turns)  # (sentences, codes)
    scored = Scored(sentences, encoded, probabilities)
    return Precoded(scored, suggestions_of(transcript, scored, model))


def suggestions_of(transcript: Transcript, scored: Scored, model: CodingModel) -> list[Suggestion]:
    """Merge scored sentences into passages and say what speaks for each.

    Args:
        transcript: Where the sentences come from.
        scored: The sentences, at least one, with their probabilities.
        model: Whose rule of thresholds, seed quotations and words.
    """
    selection = select(scored.probabilities, model.suggester, model.chosen)
    passages = merge_sentences(scored.segments, scored.probabilities, selection.thresholds)
    found = ((passage, explain(passage, transcript, scored, model)) for passage in passages)
    return [
        replace(suggestion, uncertain=selection.is_uncertain(passage.column, passage.probability))
        for passage, suggestion in found
    ]


def explain(passage: Passage, transcript: Transcript, scored: Scored, model: CodingModel) -> Suggestion:
    """Return a passage as a suggestion: with seed quotations and words that speak for it, and the runner-up codes.

    Args:
        passage: One of ``merge_sentences``.
        transcript: Where it is.
        scored: What it was merged from.
        model: What scored it.
    """
    span, codes = passage.span(scored.segments), model.codebook.ids
    others = alternatives(passage, scored.probabilities)
    return Suggestion(
        span=span,
        segments=tuple(sentence.id for sentence in passage.segments(scored.segments)),
        code=codes[passage.column],
        probability=round(passage.probability, 4),
        rank=passage.rank,
        evidence=evidence_for(scored.encoded.vectors[slice(*passage.rows)], passage.column, model),
        words=model.suggester.words(span.of(transcript.text), passage.column, model.language),
        alternatives=tuple((codes[column], round(probability, 4)) for column, probability in others),
    )


def evidence_for(vectors: FloatArray, column: int, model: CodingModel) -> tuple[Evidence, ...]:
    """Return the seed quotations of a code that are nearest to a passage, none of which holds another.

    Args:
        vectors: Of the passage's sentences, shape (sentences, dimension).
        column: The code's place in the codebook.
        model: Whose seed quotations.
    """
    shown: list[Evidence] = []
    for near in model.suggester.nearest(unit_vectors(vectors.mean(axis=0)), column, most=EVIDENCE_CONSIDERED):
        quote = model.bank.quotes[near.row]
        if not any(quote.text in other.text or other.text in quote.text for other in shown):
            shown.append(Evidence(quote.text, round(near.similarity, 4), quote.provenance))
    return tuple(shown[:EVIDENCE_SHOWN])
