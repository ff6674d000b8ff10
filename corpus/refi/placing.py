"""Which way of counting holds for a source, by what its selections quote and where they cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from corpus.codings import QuoteFinder, Selector
from corpus.refi.model import Selection, TextSource
from corpus.refi.offsets import HYPOTHESES, Hypothesis, OffsetMap, canonical, scanned
from corpus.transcript import Transcript

MARGIN = 2
"""Word edges that another way of counting must have more before it is believed for them alone."""
OVERSHOOT = 2
"""Positions an end may lie behind the text: tools count a last line end that their export leaves out."""
SURE = 20
"""Characters, white space left out, from which words found once in a text are taken for the ones that were selected."""
QUOTED, EDGES, NOTHING = "quoted text", "word edges", "nothing speaks against it"


@dataclass(frozen=True, slots=True)
class Placement:
    """How the positions of one source were read.

    Attributes:
        hypothesis: The way of counting that held.
        evidence: ``QUOTED``, ``EDGES`` or ``NOTHING``: what decided for it.
        selections: How many the source has.
        agree: How many of them quote the words found at their place.
        moved: How many were put where their words are, because those were elsewhere.
        outside: How many point outside the text and are left out.
    """

    source: str
    hypothesis: Hypothesis
    evidence: str
    selections: int
    agree: int
    moved: int = 0
    outside: int = 0

    @property
    def repaired(self) -> bool:
        """Whether anything was read otherwise than as the standard's plain code points."""
        return self.hypothesis != HYPOTHESES[0] or bool(self.moved or self.outside)

    @property
    def says(self) -> str:
        """One line for a person, without a word of the text."""
        line = (
            f"{self.source}: positions read as {self.hypothesis.says} ({self.evidence}; "
            f"{self.agree} of {self.selections} selections quote the words found there)"
        )
        line += f"; {self.moved} moved to the words they quote" if self.moved else ""
        return line + (f"; {self.outside} outside the text left out" if self.outside else "")


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    """How well a way of counting fits, the weightiest first."""

    quotes: int = 0
    inside: int = 0
    edges: int = 0

    def beats(self, other: _Fit) -> bool:
        same = (self.quotes, self.inside) == (other.quotes, other.inside)
        return self.edges >= other.edges + MARGIN if same else self > other

    def __add__(self, other: _Fit) -> _Fit:
        return _Fit(self.quotes + other.quotes, self.inside + other.inside, self.edges + other.edges)


class Stored:
    """A source as its file has it: text with its own line ends, selections in the tool's positions."""

    def __init__(self, source: TextSource, raw: str) -> None:
        self.source = replace(source, text=canonical(raw))
        self._scanned = scanned(raw)
        self._fits: dict[object, _Fit] = {}

    def fit(self, hypothesis: Hypothesis) -> _Fit:
        """Return how well a way of counting fits the selections."""
        alike = (*hypothesis.surplus(self._scanned).values(), hypothesis.first, hypothesis.inclusive)
        if alike not in self._fits:  # many texts cannot tell one way from another
            mapping, text = hypothesis.of(self._scanned), self.source.text
            fits = (_fit(one, mapping.span(one.start, one.end), text) for one in self.source.selections)
            self._fits[alike] = sum(fits, _Fit())
        return self._fits[alike]

    def placed(self, chosen: Hypothesis, declared: Hypothesis) -> tuple[TextSource, Placement]:
        """Return the source with canonical offsets, and how they were found.

        Args:
            chosen: How positions are counted.
            declared: What would be believed without evidence.
        """
        mapping = chosen.of(self._scanned)
        found = [self._settled(one, mapping) for one in self.source.selections]
        kept = tuple(one for one, _ in found if one is not None)
        moved, fit = sum(was_moved for _, was_moved in found), self.fit(chosen)
        evidence = QUOTED if fit.quotes else EDGES if chosen != declared else NOTHING
        outside = len(found) - len(kept)
        placement = Placement(self.source.name, chosen, evidence, len(found), fit.quotes, moved, outside)
        return replace(self.source, selections=kept), placement

    @cached_property
    def _finder(self) -> QuoteFinder:
        return QuoteFinder(Transcript("", self.source.text, ()))

    def _settled(self, selection: Selection, mapping: OffsetMap) -> tuple[Selection | None, bool]:
        """Return a selection at its offsets (None outside the text), and whether it had to be moved."""
        text, (start, end) = self.source.text, mapping.span(selection.start, selection.end)
        inside = 0 <= start <= end <= len(text) + OVERSHOOT
        at_place = replace(selection, start=start, end=min(end, len(text))) if inside else None
        if at_place and quotes(selection, text[start:end]):
            return replace(at_place, name=_own(selection, text[start:end])), False
        elsewhere = self._finder.find(Selector(selection.name)) if len(_solid(selection.name)) >= SURE else []
        if len(elsewhere) == 1:
            return replace(selection, start=elsewhere[0].start, end=elsewhere[0].end, name=""), True
        return at_place, False


def placed(stored: Sequence[Stored], declared: Hypothesis, *, sure: bool) -> list[tuple[TextSource, Placement]]:
    """Return sources with canonical offsets, and how these were found.

    A tool has one habit, so what fits the whole project is believed of a source unless its own words say otherwise.

    Args:
        stored: All sources of a project.
        declared: How the tool that wrote the project is known to count.
        sure: Whether that is beyond doubt, because the tool is ours.
    """
    habit = declared if sure else _best(lambda one: sum((each.fit(one) for each in stored), _Fit()), declared, stored)
    return [each.placed(habit if sure else _best(each.fit, habit, [each]), declared) for each in stored]


def _best(fit: Callable[[Hypothesis], _Fit], first: Hypothesis, stored: Sequence[Stored]) -> Hypothesis:
    """Return the way of counting that fits best; ``first`` unless another is clearly better."""
    chosen = first
    if fit(first).quotes < sum(len(each.source.selections) for each in stored):
        for one in HYPOTHESES:
            chosen = one if fit(one).beats(fit(chosen)) else chosen
    return chosen


def _fit(selection: Selection, span: tuple[int, int], text: str) -> _Fit:
    start, end = span
    if not 0 <= start <= end <= len(text) + OVERSHOOT:
        return _Fit()
    words = text[start:end]
    return _Fit(quotes(selection, words), 1, _starts_word(text, start) + _ends_word(text, min(end, len(text))))


def quotes(selection: Selection, words: str) -> bool:
    """Tell whether a tool wrote these words, whole or cut short, beside a selection."""
    return any(_says(written, words) for written in (selection.name, selection.description))


def _says(written: str, words: str) -> bool:
    solid, whole = _solid(written), _solid(words)
    head = solid.removesuffix("…").removesuffix("...")
    return bool(head) and (whole == solid or (head != solid and whole.startswith(head)))


def _own(selection: Selection, words: str) -> str:
    """Leave out a name that only repeats the words."""
    return "" if _says(selection.name, words) else selection.name


def _starts_word(text: str, at: int) -> bool:
    return at < len(text) and not text[at].isspace() and not (at and text[at].isalnum() and text[at - 1].isalnum())


def _ends_word(text: str, at: int) -> bool:
    if not at or text[at - 1].isspace():
        return False
    return at == len(text) or not (text[at - 1].isalnum() and text[at].isalnum())


def _solid(text: str) -> str:
    return "".join(text.split())
