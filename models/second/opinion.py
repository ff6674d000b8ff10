"""What a language model is asked and what it answers; replaceable behind one Protocol.

No class here keeps a prompt longer than the question lives, and no error holds a word of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from corpus.codebook import NO_CODE
from corpus.transcript import digest_of

NONE = NO_CODE
"""Stands for no code among the options of a choice."""

NO, YES = "no", "yes"
"""The options of a question whether a code fits."""


class Kind(StrEnum):
    """What is asked: which of several codes, or whether one fits, too."""

    CHOICE = "choice"
    FITS = "fits"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be given.

    Attributes:
        key: Id of the code, or ``NONE``, ``YES``, ``NO``.
        label: What the model reads.
        description: What the label means; may be empty.
    """

    key: str
    label: str
    description: str = ""


@dataclass(frozen=True)
class Question:
    """One prompt, before an adapter writes it as its server wants it.

    Attributes:
        system: The task and what all questions of a run share, first so that servers keep it at hand.
        state: The passage with what is around it, marked as data.
        instructions: The question itself.
        options: In the order they are shown.
        told: Whether ``system`` describes all options already.
    """

    kind: Kind
    system: str
    state: str
    instructions: str
    options: tuple[Option, ...]
    told: bool = False

    @cached_property
    def digest(self) -> str:
        """Digest of every word that is sent."""
        options = [part for option in self.options for part in (option.key, option.label, option.description)]
        return digest_of("\x1f".join([self.kind, self.system, self.state, self.instructions, *options]))


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model thinks of one question.

    Attributes:
        chances: A probability for each option by its key; they sum to 1. Not calibrated.
        mass: Share of the model's own probability that fell on the options, 0 to 1; 1 where it cannot be known.
        tokens: Of the prompt as the server counted them; 0 where it does not say.
        milliseconds: What the answer took.
    """

    chances: Mapping[str, float]
    mass: float = 1.0
    tokens: int = 0
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of the model that answers; part of every result it has a share in.

    Attributes:
        adapter: Name of the adapter, a key of ``models.second.adapters.ADAPTERS``.
        prompt: Version of the prompt.
        model: Its name at the server.
        host: Where it answers.
        digest: Of its weights, or of what the server tells of them; empty where it tells nothing.
        quantisation: Such as ``Q4_K_M``; empty where unknown.
        window: Tokens of context; 0 where unknown.
        server: What serves it, such as ``ollama``.
    """

    adapter: str
    prompt: str
    model: str
    host: str
    digest: str = ""
    quantisation: str = ""
    window: int = 0
    server: str = ""

    @property
    def fingerprint(self) -> str:
        """What tells apart what could answer otherwise: model, weights, adapter and prompt."""
        weights = f"@{self.digest[:12]}" if self.digest else ""
        return f"{self.model}{weights}/{self.adapter}/{self.prompt}"


class Failure(StrEnum):
    """Why there is no opinion; the value is what people read."""

    AWAY = "the server does not answer"
    NOT_FOUND = "the server does not know the model, or not this way to ask (404)"
    NO_DECISIONS = "the model is no decision model (501)"
    LOADING = "the model is still loading (503)"
    HUNG = "no answer in time"
    REDIRECTED = "the server sends elsewhere, which is not followed"
    REFUSED = "the server refuses the question"
    TOO_LONG = "the question is longer than the model's context"
    UNREADABLE = "the answer is not of the form agreed on"
    THINKING = "the model thinks aloud instead of answering"
    OFF_TOPIC = "the model answers with something else than the options"
    SILENT = "a decision model gives probabilities and writes nothing"
    CUT = "the answer was cut off"
    TRUNCATED = "the server cuts the question without saying so: give the model a longer context"


class NoOpinion(Exception):  # noqa: N818 - it is an answer that did not come about, not an error of precode
    """There is no opinion on this question; the study goes on without it.

    Args:
        failure: Why.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class SecondOpinion(Protocol):
    """A model that can be asked."""

    @property
    def facts(self) -> ModelFacts:
        """What is known of it."""
        ...

    def ask(self, question: Question) -> Opinion:
        """Return what it thinks.

        Raises:
            NoOpinion: If it does not answer, or with something that is no answer.
        """
        ...

    def why(self, question: Question, chosen: Option) -> str:
        """Return one sentence on why an option was or was not a good answer, in the model's words.

        Raises:
            NoOpinion: If it does not answer, or cannot write.
        """
        ...


def shared_out(masses: Mapping[str, float], options: Sequence[Option], floor: float = 1e-4) -> dict[str, float]:
    """Return probabilities that sum to 1 over the options; what was not named gets next to nothing.

    Args:
        masses: Probability by option key, not negative.
        options: All that there are.
        floor: The least share of an option.
    """
    raised = {option.key: max(masses.get(option.key, 0.0), floor) for option in options}
    total = sum(raised.values())
    return {key: value / total for key, value in raised.items()}
