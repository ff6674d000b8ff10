"""Seed quotations that coders take from coded passages: lines of a seed file of the study.

The file holds words of transcripts and is written whole and private, like all that does.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from corpus.codebook import Codebook
from corpus.errors import UsageError
from corpus.files import replace_text
from corpus.seeds import PAGE
from corpus.transcript import Span, Transcript
from pipeline.codebook.book_file import free_name
from pipeline.codebook.edits import Edited
from pipeline.codebook.history import ChangeKind
from pipeline.notes import without_notes
from pipeline.settings_file import change_study
from pipeline.study import SETTINGS, Study

OWN = "seeds.jsonl"
Quote = Mapping[str, Any]
Place = tuple[str, str, str]
LONGEST_CONTEXT = 1_000
"""Characters of a turn that is still the surroundings of a passage in it."""


@dataclass(frozen=True)
class Seed:
    """A coded passage that becomes a seed quotation, or is none any more.

    Attributes:
        transcript: Where the passage is.
        span: The passage.
        code: Id of its code.
        question: What was asked before it.
        wanted: Whether it is to be one.
    """

    transcript: Transcript
    span: Span
    code: str
    question: str = ""
    wanted: bool = True

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook as it is, with the quotation."""
        code, quote = book[self.code], self.quote()
        if self.wanted:
            return Edited(ChangeKind.SEED, f"Took an example quotation for “{code.name}”", book, code.id, added=quote)
        return Edited(ChangeKind.UNSEED, f"Dropped an example quotation of “{code.name}”", book, code.id, dropped=quote)

    def quote(self) -> dict[str, Any]:
        """Return it as a seed file has it."""
        words = without_notes(self.span.of(self.transcript.text))
        if not words.strip():
            raise UsageError("nothing is said in this passage")
        at = self.transcript.turn_at(self.span.start)
        turn = self.span if at is None else self.transcript.turns[at].span
        around = without_notes(self.span.join(turn).of(self.transcript.text))
        return {
            "code": self.code,
            "text": words,
            "provenance": "accepted",
            "source": PAGE,
            "context": around if len(around) <= LONGEST_CONTEXT else words,
            "document": self.transcript.name,
            **({"question": self.question} if self.question else {}),
        }


def add_quote(study: Study, quote: Quote) -> Study:
    """Write a quotation at the end of the study's own seed file, and return the study as its settings are then.

    Raises:
        UsageError: If files cannot be written.
    """
    chosen = study.settings.study
    names = [name for name in chosen.seeds if not study.ships_seeds(name)]
    name = names[-1] if names else free_name(study.folder, OWN)
    before = _text(study, name)
    joint = "\n" if before and not before.endswith("\n") else ""
    replace_text(study.folder / name, f"{before}{joint}{json.dumps(quote, ensure_ascii=False)}\n")
    if names:
        return study
    shipped = chosen.seeds or ([chosen.codebook] if study.ships_seeds(chosen.codebook) else [])
    change_study(study.folder / SETTINGS, seeds=[*shipped, name])
    return study.reread()


def remove_quote(study: Study, quote: Quote, book: Codebook) -> None:
    """Take a quotation out of the study's seed files; nothing happens if it stands in none.

    Args:
        study: The study.
        quote: As its file has it, under any id that its code had.
        book: The codebook.

    Raises:
        UsageError: If a file cannot be written.
    """
    for name in study.settings.study.seeds:
        lines = _text(study, name).split("\n")
        kept = [
            line for line in lines if (found := _read(line)) is None or place_of(found, book) != place_of(quote, book)
        ]
        if len(kept) < len(lines):
            replace_text(study.folder / name, "\n".join(kept))


def seeded(study: Study, book: Codebook) -> frozenset[Place]:
    """Return what quotations that were taken from coded passages say: transcript, words, and the code's id now.

    Args:
        study: The study.
        book: Its codebook.
    """
    lines = (line for name in study.settings.study.seeds for line in _text(study, name).split("\n"))
    return frozenset(place_of(quote, book) for line in lines if (quote := _read(line)) is not None)


def place_of(quote: Quote, book: Codebook) -> Place:
    """Return what tells a quotation from others: its transcript, its words, and the id that its code has now."""
    return str(quote.get("document")), str(quote.get("text")), book.current_id(str(quote.get("code")))


def _read(line: str) -> Quote | None:
    """Return a quotation that was taken from a coded passage; None for any other line."""
    quote = None
    if PAGE in line:
        with suppress(ValueError):
            quote = json.loads(line)
    return quote if isinstance(quote, dict) and quote.get("source") == PAGE else None


def _text(study: Study, name: str) -> str:
    """Return what a seed file holds; nothing where there is none, or one that ships is meant.

    Raises:
        UsageError: If it cannot be read.
    """
    path = study.folder / name
    if study.ships_seeds(name) or not path.exists():
        return ""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(f"{name}: cannot be read ({type(error).__name__})") from None
