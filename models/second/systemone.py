"""Decision models: ``POST /v1/systemone``, a probability for each option and no text (Ollama, llama.cpp, LocalAI)."""

from __future__ import annotations

import math
import time
from typing import Any

from models.second.client import ModelClient
from models.second.opinion import (
    NO,
    YES,
    Failure,
    Kind,
    ModelFacts,
    NoOpinion,
    Opinion,
    Option,
    Question,
    shared_out,
)
from models.second.reading import check_tokens, counted, number

NAME = "q"


class DecisionModel:
    """A model that answers typed questions.

    Args:
        client: Connected to its server.
        facts: What is known of it.
    """

    def __init__(self, client: ModelClient, facts: ModelFacts) -> None:
        self._client = client
        self.facts = facts

    def ask(self, question: Question) -> Opinion:
        """Return the probabilities of the options: passage as the state, definitions as the criteria."""
        asked: dict[str, Any] = {"type": "noul", "instructions": question.instructions}
        if question.kind is Kind.CHOICE:
            asked["type"] = "choice"
            asked["criteria"] = {
                option.key: ": ".join(filter(None, (option.label, option.description))) for option in question.options
            }
        started = time.perf_counter()
        body = {"model": self.facts.model, "state": question.state, "questions": {NAME: asked}}
        document = self._client.post("/v1/systemone", body)
        milliseconds = round(1000 * (time.perf_counter() - started))
        answers, tokens = document.get("answers"), counted(document.get("usage"), "input_tokens")
        check_tokens(tokens, question.state)
        if not isinstance(answers, dict) or not isinstance(answers.get(NAME), dict):
            raise NoOpinion(Failure.UNREADABLE)
        return Opinion(_chances(answers[NAME], question), tokens=tokens, milliseconds=milliseconds)

    def why(self, question: Question, chosen: Option) -> str:
        """Say that a decision model writes nothing."""
        raise NoOpinion(Failure.SILENT)


def _chances(answer: dict[str, Any], question: Question) -> dict[str, float]:
    if question.kind is Kind.FITS:
        fits = number(answer.get("noul"))
        if not 0 <= fits <= 1:
            raise NoOpinion(Failure.UNREADABLE)
        return shared_out({YES: fits, NO: 1 - fits}, question.options)
    given = answer.get("probabilities")
    if not isinstance(given, dict):
        raise NoOpinion(Failure.UNREADABLE)
    masses = {option.key: number(given.get(option.key)) for option in question.options}
    if min(masses.values()) < 0 or not 0 < sum(masses.values()) < math.inf:
        raise NoOpinion(Failure.UNREADABLE)
    return shared_out(masses, question.options)
