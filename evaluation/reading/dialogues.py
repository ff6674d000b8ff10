"""The labelled set: invented interviews with what was said by whom, and the forms that each is written in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from corpus.shipped import HERE
from corpus.transcript import Role

SET = HERE / "reading"
SECONDS_PER_WORD = 0.4
SECONDS_BETWEEN_TURNS = 0.5


@dataclass(frozen=True, slots=True)
class DialogueTurn:
    """What one person says.

    Attributes:
        paragraphs: At least one.
        started: Seconds, at an even pace from the start of the recording.
    """

    speaker: str
    paragraphs: tuple[str, ...]
    started: float

    @property
    def ended(self) -> float:
        """The second at which the last word is over."""
        return self.started + SECONDS_PER_WORD * sum(len(words.split()) for words in self.paragraphs)


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """One way to write a dialogue down: ``text:square+crlf``.

    Attributes:
        medium: ``text``, ``word``, ``cues`` or ``json``.
        layout: How speakers are marked; a name in the table of that medium.
        twists: What else is unlike the plain form: ``blank``, ``bom``, ``cp1252``, ``crlf``, ``header``, ``lower``,
            ``nfd``, ``utf16``, ``wrap``.
    """

    medium: str
    layout: str
    twists: frozenset[str]

    @classmethod
    def parse(cls, name: str) -> Self:
        """Return the form of a name such as ``text:square+crlf``."""
        medium, _, rest = name.partition(":")
        layout, *twists = rest.split("+")
        return cls(medium, layout, frozenset(twists))


@dataclass(frozen=True)
class Dialogue:
    """An invented interview.

    Attributes:
        language: ISO 639-1.
        header: Lines above the talk that nobody says, such as title, date and facts of the participant.
        roles: Of every speaker, in the order in which they are introduced.
        said: Speaker and paragraphs of every turn.
    """

    name: str
    language: str
    forms: tuple[WrittenForm, ...]
    header: tuple[str, ...]
    roles: dict[str, Role]
    said: tuple[tuple[str, tuple[str, ...]], ...]

    @cached_property
    def turns(self) -> tuple[DialogueTurn, ...]:
        """The turns with their times."""
        turns: list[DialogueTurn] = []
        for speaker, paragraphs in self.said:
            started = turns[-1].ended + SECONDS_BETWEEN_TURNS if turns else SECONDS_BETWEEN_TURNS
            turns.append(DialogueTurn(speaker, paragraphs, round(started, 1)))
        return tuple(turns)


def load_dialogue(path: Path) -> Dialogue:
    """Read one dialogue of the set."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Dialogue(
        name=data["name"],
        language=data["language"],
        forms=tuple(map(WrittenForm.parse, data["forms"])),
        header=tuple(data["header"]),
        roles={speaker: Role(role) for speaker, role in data["speakers"].items()},
        said=tuple((speaker, tuple(paragraphs)) for speaker, *paragraphs in data["turns"]),
    )


def dialogues() -> list[Dialogue]:
    """Return the whole set in order of name."""
    return [load_dialogue(path) for path in sorted(SET.glob("*.json"))]
