"""Chat models: one letter and its log probability, or, where a server tells none, a letter and a confidence in JSON."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from models.second.client import ModelClient
from models.second.opinion import Failure, ModelFacts, NoOpinion, Opinion, Option, Question
from models.second.reading import (
    LETTERS,
    check_thinking,
    check_tokens,
    counted,
    first,
    json_chances,
    letter_chances,
)

MOST_LOGPROBS = 20
"""The most that every server gives."""

ROOM_FOR_JSON = 60
ROOM_FOR_SENTENCE = 90
WINDOW = 8_192
"""Tokens of context that Ollama is asked for; by itself it keeps 4,096 and cuts the codebook off without a word."""

UNSHOWN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no page can show, and what would turn round the words beside a sentence."""

NO_THINKING = {"chat_template_kwargs": {"enable_thinking": False}}
WHY = (
    'Say in one short sentence why "{label}" fits the passage or does not, by the code\'s definition. '
    "Write the sentence only."
)


class ChatModel:
    """An OpenAI-compatible server (llama.cpp, vLLM, LM Studio) that tells the log probabilities of a letter.

    Args:
        client: Connected to its server.
        facts: What is known of the model.
    """

    def __init__(self, client: ModelClient, facts: ModelFacts) -> None:
        self._client = client
        self.facts = facts

    def ask(self, question: Question) -> Opinion:
        """Return the probabilities of the letters."""
        more = {"logprobs": True, "top_logprobs": MOST_LOGPROBS}
        said, tokens, milliseconds = self._answered(question, lettered(question), 1, more)
        told = said.get("logprobs")
        token = first(told.get("content")) if isinstance(told, dict) else {}
        chances, mass = letter_chances(token.get("top_logprobs"), question.options)
        return Opinion(chances, mass, tokens, milliseconds)

    def why(self, question: Question, chosen: Option) -> str:
        """Return one sentence."""
        messages = [*spoken(question), {"role": "user", "content": WHY.format(label=chosen.label)}]
        said, _ = self._said(messages, ROOM_FOR_SENTENCE, {})
        return sentence_of(_text(said))

    def _answered(
        self, question: Question, messages: list[dict[str, str]], most: int, more: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], int, int]:
        """Return what was said to a whole question, the tokens of its prompt, and the milliseconds it took."""
        started = time.perf_counter()
        said, tokens = self._said(messages, most, more)
        milliseconds = round(1000 * (time.perf_counter() - started))
        check_tokens(tokens, question.system, question.state)
        check_thinking(_text(said))
        return said, tokens, milliseconds

    def _said(
        self, messages: list[dict[str, str]], most: int, more: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], int]:
        """Return what a conversation was answered with at most so many tokens, and the tokens of its prompt."""
        body = {"model": self.facts.model, "messages": messages, "temperature": 0, "seed": 0, "stream": False}
        document = self._client.post("/v1/chat/completions", {**body, "max_tokens": most, **NO_THINKING, **more})
        return first(document.get("choices")), counted(document.get("usage"), "prompt_tokens")


class JsonChatModel(ChatModel):
    """The same without log probabilities: the model writes how sure it is, which is one more uncalibrated number."""

    def ask(self, question: Question) -> Opinion:
        """Return the letter with its confidence as probabilities; JSON that is none is asked for once more."""
        try:
            return self._asked(question)
        except NoOpinion as none:
            if none.failure is not Failure.UNREADABLE:
                raise
        return self._asked(question)

    def _asked(self, question: Question) -> Opinion:
        letters = list(LETTERS[: len(question.options)])
        properties = {"letter": {"enum": letters}, "confidence": {"type": "integer", "minimum": 0, "maximum": 100}}
        schema = {
            "type": "object",
            "properties": properties,
            "required": [*properties],
            "additionalProperties": False,
        }
        form = {"type": "json_schema", "json_schema": {"name": "opinion", "strict": True, "schema": schema}}
        said, tokens, milliseconds = self._answered(
            question, lettered(question, JSON_ANSWER), ROOM_FOR_JSON, {"response_format": form}
        )
        if said.get("finish_reason") == "length":
            raise NoOpinion(Failure.CUT)
        return Opinion(json_chances(_text(said), question.options), 1.0, tokens, milliseconds)


class OllamaModel(ChatModel):
    """Ollama's own API, the only one of its two that takes the length of the context."""

    def _said(
        self, messages: list[dict[str, str]], most: int, more: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], int]:
        window = min(self.facts.window or WINDOW, WINDOW)
        options = {"temperature": 0, "seed": 0, "num_predict": most, "num_ctx": window}
        body = {"model": self.facts.model, "messages": messages, "stream": False, "think": False, "options": options}
        document = self._client.post("/api/chat", {**body, "keep_alive": "10m", **more})
        told = {"content": document.get("logprobs")}  # where the other servers have them
        return {**document, "logprobs": told}, counted(document, "prompt_eval_count")


ONE_LETTER = "Answer with one letter."
JSON_ANSWER = 'Answer with the letter and how sure you are from 0 to 100, as JSON: {"letter": ..., "confidence": ...}'


def spoken(question: Question) -> list[dict[str, str]]:
    """Return task and passage as a conversation that has yet to ask something."""
    return [{"role": "system", "content": question.system}, {"role": "user", "content": question.state}]


def lettered(question: Question, answer: str = ONE_LETTER) -> list[dict[str, str]]:
    """Return a question as a conversation whose answer is a letter.

    The system turn is the same for all questions of a run, so that servers keep what they have read of it.
    """
    shown = (
        f"{letter}: {option.label}" + (f" - {option.description}" if option.description and not question.told else "")
        for letter, option in zip(LETTERS, question.options, strict=False)
    )
    asked = "\n".join([question.state, "", question.instructions, *shown, answer])
    return [{"role": "system", "content": question.system}, {"role": "user", "content": asked}]


def sentence_of(text: object) -> str:
    """Return what a model wrote in one line of modest length.

    Raises:
        NoOpinion: If it wrote nothing, or thinks aloud.
    """
    check_thinking(text)
    words = UNSHOWN.sub("", text).split() if isinstance(text, str) else []
    line = " ".join(words)
    if not line:
        raise NoOpinion(Failure.OFF_TOPIC)
    return line[:400]


def _text(said: Mapping[str, Any]) -> object:
    message = said.get("message")
    return message.get("content") if isinstance(message, dict) else None
