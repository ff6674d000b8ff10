"""The list that a researcher confirms: what may identify people, what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.deidentify.kinds import IdentifierKind
from pipeline.deidentify.matcher import Form, Matcher, Spot, plain


@dataclass(frozen=True, slots=True)
class ReplacementCandidate:
    """One line of the list.

    Attributes:
        text: The identifier as it stands in the transcripts.
        replacement: What takes its place; equal replacements mean the same person or thing.
        hide: The decision: whether it is replaced.
        count: How often it stands in the study by itself, not as a part of a longer one.
        transcripts: In how many transcripts.
        contexts: Places where it stands, with the words around it.
        note: What to look at.
    """

    text: str
    kind: IdentifierKind
    replacement: str
    hide: bool = True
    count: int = 0
    transcripts: int = 0
    contexts: tuple[str, ...] = ()
    note: str = ""

    @property
    def form(self) -> Form:
        """What to look for."""
        return Form(self.text, self.kind)


class Substitutions:
    """What is replaced by what.

    Args:
        candidates: The list; what is not to be hidden is left out.
    """

    def __init__(self, candidates: Iterable[ReplacementCandidate]) -> None:
        hidden = [candidate for candidate in candidates if candidate.hide]
        self._replacements = {plain(candidate.text): candidate.replacement for candidate in reversed(hidden)}
        self._matcher = Matcher(candidate.form for candidate in hidden)

    def spots(self, text: str) -> list[Spot]:
        """Return what is to be replaced in a text, in order."""
        return self._matcher.spots(text)

    def replacement(self, form: Form) -> str:
        """Return what takes the place of a form."""
        return self._replacements[form.key]

    def applied(self, text: str) -> str:
        """Return a text with everything replaced."""
        pieces, position = [], 0
        for spot in self.spots(text):
            pieces += [text[position : spot.span.start], self.replacement(spot.form)]
            position = spot.span.end
        return "".join((*pieces, text[position:]))
