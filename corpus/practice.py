"""Practice interviews: written whole for the seed bank, with the questions, coded sentence by sentence.

A text file each. Lines that begin with ``#`` say who speaks (``# speaker: carer``) and where (``# country:``,
``# setting:``); ``I>`` is the interviewer, ``P>`` a sentence of the participant with its codes in braces at the end::

    # name: carer_wife
    # speaker: carer

    I> And who pays for that?

    P> Nobody.
    P> I do it on Fridays. {service_delivery.informal_caregiver_involvement; core.environment}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from corpus.codebook import Codebook
from corpus.errors import CodebookError, InputError
from corpus.seeds import SeedBank, SeedQuote

INTERVIEWER, PARTICIPANT, FACT = "I>", "P>", "#"
_CODED = re.compile(r"(?P<words>.*\S)\s*\{(?P<codes>[^{}]*)\}\s*")


@dataclass(frozen=True, slots=True)
class PracticeSentence:
    """What a participant says in one sentence, with all its codes."""

    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PracticeTurn:
    """The sentences of one answer, and what was asked before it; empty where nothing was."""

    question: str
    sentences: tuple[PracticeSentence, ...]


@dataclass(frozen=True)
class PracticeInterview:
    """One interview.

    Attributes:
        facts: What the head of the file says: ``name``, ``speaker``, ``country``, ``setting``.
    """

    facts: Mapping[str, str]
    turns: tuple[PracticeTurn, ...]

    def quotes(self) -> Iterator[SeedQuote]:
        """Yield every sentence with those beside it in its turn; one with more than two codes on several lines."""
        for turn in self.turns:
            texts = [sentence.text for sentence in turn.sentences]
            for n, sentence in enumerate(turn.sentences):
                context = " ".join(texts[max(0, n - 1) : n + 2])
                for code, also in zip_longest(sentence.codes[::2] or (None,), sentence.codes[1::2]):
                    yield SeedQuote(
                        sentence.text,
                        code,
                        also,
                        context=context,
                        document=self.facts["name"],
                        question=turn.question or None,
                    )


def load_practice(folder: Path, codebook: Codebook) -> SeedBank:
    """Read the interviews of a folder as one bank, in the order of their names.

    Raises:
        CodebookError: If a sentence bears a code that the codebook does not have.
        InputError: If a file cannot be read or is none of this form.
    """
    interviews = [read_practice(path, codebook) for path in sorted(folder.glob("*.txt"))]
    return SeedBank(tuple(quote for interview in interviews for quote in interview.quotes()))


def read_practice(path: Path, codebook: Codebook) -> PracticeInterview:
    """Read one interview.

    Raises:
        CodebookError: If a sentence bears a code that the codebook does not have.
        InputError: If the file cannot be read or a line is none of this form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, f"cannot be read ({type(error).__name__})") from None
    facts = {"name": path.stem}
    turns: list[PracticeTurn] = []
    said: list[PracticeSentence] = []
    asked: list[str] = []
    for number, line in enumerate([*lines, INTERVIEWER], start=1):
        mark, _, words = line.strip().partition(" ")
        if mark == PARTICIPANT:
            said.append(_sentence(words.strip(), codebook, f"{path}:{number}"))
        elif mark == INTERVIEWER:
            if said:
                turns.append(PracticeTurn(" ".join(asked), tuple(said)))
                said, asked = [], []
            asked.append(words.strip())
        elif mark == FACT:
            key, _, value = words.partition(":")
            facts[key.strip()] = value.strip()
        elif mark:
            raise InputError(f"{path}:{number}", "begins with none of '# ', 'I> ' and 'P> '")
    if not turns:
        raise InputError(path, "holds no talk")
    return PracticeInterview({**facts, "name": path.stem}, tuple(turns))


def _sentence(words: str, codebook: Codebook, place: str) -> PracticeSentence:
    """Return a sentence without its codes.

    Args:
        words: The line without its mark.
        codebook: Its codes are the only ones known.
        place: For errors.

    Raises:
        CodebookError: If the codebook lacks a code.
        InputError: If nothing is said, or braces stand elsewhere: their codes would pass for talk.
    """
    match = _CODED.fullmatch(words)
    codes = [code.strip() for code in match["codes"].split(";")] if match else []
    text = match["words"] if match else words
    if not text or "{" in text or "}" in text:
        raise InputError(place, "is no sentence with its codes in one pair of braces at the end")
    return PracticeSentence(text, _known(codes, codebook, place))


def _known(codes: Sequence[str], codebook: Codebook, place: str) -> tuple[str, ...]:
    for code in codes:
        if code not in codebook.by_id:
            raise CodebookError(f"{place}: {codebook.lacks(code)}")
    return tuple(dict.fromkeys(codes))
