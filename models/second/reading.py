"""From what servers send to numbers: letters with their log probabilities, letters in JSON, counts of tokens."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from models.second.client import json_object
from models.second.opinion import Failure, NoOpinion, Option, shared_out

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
AROUND = " \t\r\n\"'`*().:▁Ġ"
"""What stands around a letter in the spellings that tokenizers have for it."""

LEAST_MASS = 0.5
"""Share of the probability that must fall on the options; below it the model was about to say something else."""

THINKS = ("<think", "<|channel", "<reason")
LEAST_TOKENS = 0.8
"""Share of the tokens there must be at the least that a server must have counted; else it has cut the prompt."""

MOST_TOKENS = 1_000_000_000
"""More than any prompt has; a larger number is no count, and no database keeps it."""

SUREST, LEAST_SURE = 0.98, 0.05


def number(value: object) -> float:
    """Return a finite number.

    Raises:
        NoOpinion: If it is none.
    """
    with suppress(OverflowError):  # a whole number of hundreds of digits
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    raise NoOpinion(Failure.UNREADABLE)


def counted(told: object, key: str) -> int:
    """Return how many tokens a server says that it has read; 0 where it does not say.

    Raises:
        NoOpinion: If that is no count of tokens.
    """
    tokens = number(told.get(key, 0)) if isinstance(told, dict) else 0
    if not 0 <= tokens <= MOST_TOKENS:
        raise NoOpinion(Failure.UNREADABLE)
    return int(tokens)


def check_tokens(tokens: int, *texts: str) -> None:
    """Notice a prompt that a server has shortened; one that counts nothing cannot be checked.

    Args:
        tokens: Of the prompt, as the server counted them; 0 where it does not.
        texts: What was sent; no tokenizer joins two words, so there are at least as many tokens as words.

    Raises:
        NoOpinion: If it counted fewer tokens than there are words.
    """
    if 0 < tokens < LEAST_TOKENS * sum(len(text.split()) for text in texts):
        raise NoOpinion(Failure.TRUNCATED)


def check_thinking(text: object) -> None:
    """Notice a model that begins to think aloud.

    Raises:
        NoOpinion: If it does.
    """
    if isinstance(text, str) and text.lstrip().lower().startswith(THINKS):
        raise NoOpinion(Failure.THINKING)


def letter_chances(entries: object, options: Sequence[Option]) -> tuple[dict[str, float], float]:
    """Return what the options got of the first token's probability, and how much they got together.

    A letter has several spellings, which are added up. Servers tell these probabilities before a grammar or anything
    else narrows them, so other words are among them.

    Args:
        entries: A list of objects with ``token`` and ``logprob``.
        options: Those that the letters stand for, in order.

    Raises:
        NoOpinion: If they are unreadable, or mostly fell on something else.
    """
    masses = {option.key: 0.0 for option in options}
    keys = dict(zip(LETTERS, masses, strict=False))
    for token, chance in _tokens(entries):
        key = keys.get(token.strip(AROUND))
        if key is not None:
            masses[key] += chance
    mass = sum(masses.values())
    if mass < LEAST_MASS:
        raise NoOpinion(Failure.OFF_TOPIC)
    return shared_out(masses, options), min(mass, 1.0)


def _tokens(entries: object) -> Iterable[tuple[str, float]]:
    if not isinstance(entries, list) or not entries:
        raise NoOpinion(Failure.UNREADABLE)
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("token"), str):
            raise NoOpinion(Failure.UNREADABLE)
        yield entry["token"], math.exp(min(0.0, number(entry.get("logprob"))))


def json_chances(text: object, options: Sequence[Option]) -> dict[str, float]:
    """Return the probabilities that a letter with a confidence from 0 to 100 stands for.

    Args:
        text: What the model wrote.
        options: Those that the letters stand for, in order.

    Raises:
        NoOpinion: If it is no such JSON.
    """
    check_thinking(text)
    if not isinstance(text, str):
        raise NoOpinion(Failure.UNREADABLE)
    answer = json_object(text)
    letter = answer.get("letter")
    if not isinstance(letter, str) or letter not in LETTERS[: len(options)] or len(letter) != 1:
        raise NoOpinion(Failure.OFF_TOPIC)
    sure = min(max(number(answer.get("confidence")) / 100, LEAST_SURE), SUREST)
    rest = (1 - sure) / (len(options) - 1)
    chosen = LETTERS.index(letter)
    return shared_out({option.key: sure if n == chosen else rest for n, option in enumerate(options)}, options)


def first(items: object) -> dict[str, Any]:
    """Return the first object of a list.

    Raises:
        NoOpinion: If there is none.
    """
    if not isinstance(items, list) or not items or not isinstance(items[0], dict):
        raise NoOpinion(Failure.UNREADABLE)
    return items[0]
