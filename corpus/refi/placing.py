"""Which way of counting holds for a source, by what its selections quote and where they cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from math import inf

from corpus.refi.model import Selection, TextSource
from corpus.refi.offsets import HYPOTHESES, Hypothesis, Scanned, canonical, scanned
from corpus.solid_text import SolidText, without_space
from corpus.transcript import Span

MARGIN = 2
"""Word edges that another way of counting must have more before it is believed for them alone."""
INCLUSIVE_MARGIN, INCLUSIVE_SHARE = 4, 0.5
"""The same for an end that is included, which no tool is known for: so many, and so large a share of the selections."""
OVERSHOOT = 2
"""Positions an end may lie behind the text: tools count a last line end that their export leaves out."""
SURE = 20
"""Characters, white space left out, from which words found once in a text are taken for the ones that were selected."""
WITNESSES = 200
"""Selections of a source that are asked which way of counting holds; more would say the same."""
SEARCHES = 200
"""Selections of a source that are looked for elsewhere."""
LONG = 5_000_000
"""Characters of the longest text in which any is looked for."""
PEEK = 60
"""Characters that are compared before all of them are."""
LONGEST_QUOTE = 5_000
"""Characters beside a selection that may still quote it; tools cut after a hundred or so."""
_AGREES, _MOVED, _STAYS, _OUTSIDE = "agrees", "moved", "stays", "outside"
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

    def beats(self, other: _Fit, margin: float) -> bool:
        same = (self.quotes, self.inside) == (other.quotes, other.inside)
        return self.edges >= other.edges + margin if same else self > other

    def __add__(self, other: _Fit) -> _Fit:
        return _Fit(self.quotes + other.quotes, self.inside + other.inside, self.edges + other.edges)


class Stored:
    """A source as its file has it: text with its own line ends, selections in the tool's positions."""

    def __init__(self, source: TextSource, raw: str) -> None:
        self.source = replace(source, text=canonical(raw))
        self.witnesses = source.selections[:WITNESSES]
        self._raw = raw
        self._solid = SolidText(self.source.text)
        self._fits: dict[object, _Fit] = {}
        self._searches = SEARCHES if len(raw) <= LONG else 0

    def fit(self, hypothesis: Hypothesis) -> _Fit:
        """Return how well a way of counting fits the selections."""
        alike = (*hypothesis.surplus(self._scanned).values(), hypothesis.first, hypothesis.inclusive)
        if alike not in self._fits:  # many texts cannot tell one way from another
            mapping, text = hypothesis.of(self._scanned), self.source.text
            fits = (_fit(quoted, mapping.span(quoted.start, quoted.end), text) for quoted in self.witnesses)
            self._fits[alike] = sum(fits, _Fit())
        return self._fits[alike]

    def placed(self, chosen: Hypothesis, declared: Hypothesis) -> tuple[TextSource, Placement]:
        """Return the source with canonical offsets, and how they were found.

        Args:
            chosen: How positions are counted.
            declared: What would be believed without evidence.
        """
        found = [*self._settled(chosen)]
        verdicts = Counter(verdict for _, verdict in found)
        evidence = QUOTED if verdicts[_AGREES] else EDGES if chosen != declared else NOTHING
        counts = (verdicts[verdict] for verdict in (_AGREES, _MOVED, _OUTSIDE))
        placement = Placement(self.source.name, chosen, evidence, len(found), *counts)
        return replace(self.source, selections=tuple(selection for selection, _ in found if selection)), placement

    @cached_property
    def _scanned(self) -> Scanned:
        return scanned(self._raw)

    def _settled(self, chosen: Hypothesis) -> Iterator[tuple[Selection | None, str]]:
        """Yield each selection at its offsets (None outside the text), and what was found there."""
        if self.source.selections:
            mapping = chosen.of(self._scanned)
            yield from (self._at(each, *mapping.span(each.start, each.end)) for each in self.source.selections)

    def _at(self, one: Selection, start: int, end: int) -> tuple[Selection | None, str]:
        text = self.source.text
        inside = 0 <= start <= end <= len(text) + OVERSHOOT
        end = min(end, len(text))
        if inside and _quotes(one, text, start, end):
            own = "" if _says(one.name, text, start, end) else one.name
            return replace(one, start=start, end=end, name=own), _AGREES
        elsewhere = self._elsewhere(one.name)
        if elsewhere is not None:
            return replace(one, start=elsewhere.start, end=elsewhere.end, name=""), _MOVED
        return (replace(one, start=start, end=end), _STAYS) if inside else (None, _OUTSIDE)

    def _elsewhere(self, words: str) -> Span | None:
        """Return where words stand that stand in one place only."""
        needle = without_space(words)
        if not self._searches or len(needle) < SURE:
            return None
        self._searches -= 1
        places = [*islice(self._solid.find(needle), 2)]
        return self._solid.span(places[0], len(needle)) if len(places) == 1 else None


def placed(
    stored: Sequence[Stored], declared: Hypothesis, *, sure: bool, exclusive: bool = False
) -> list[tuple[TextSource, Placement]]:
    """Return sources with canonical offsets, and how these were found.

    A tool has one habit, so what fits the whole project is believed of a source unless its own words say otherwise.

    Args:
        stored: All sources of a project.
        declared: How the tool that wrote the project is known to count.
        sure: Whether that is beyond doubt, because the tool is ours.
        exclusive: Whether the tool is known for ends that are not part of a passage: only quoted words may deny it.
    """
    if sure:
        return [source.placed(declared, declared) for source in stored]
    habit = _best(lambda way: sum((source.fit(way) for source in stored), _Fit()), declared, stored, exclusive)
    return [source.placed(_best(source.fit, habit, [source], exclusive), declared) for source in stored]


def _best(
    fit: Callable[[Hypothesis], _Fit], first: Hypothesis, stored: Sequence[Stored], exclusive: bool
) -> Hypothesis:
    """Return the way of counting that fits best; ``first`` unless another is clearly better.

    Passages that end where a line does fit both kinds of end, so that a few odd ones would decide for an end that is
    included; hence its own margin.
    """
    selections = sum(len(source.witnesses) for source in stored)
    if fit(first).quotes == selections:
        return first
    plain = max((first, *(way for way in HYPOTHESES if not way.inclusive)), key=fit)
    chosen = plain if fit(plain).beats(fit(first), MARGIN) else first
    included = max((way for way in HYPOTHESES if way.inclusive), key=fit)
    strong = inf if exclusive else max(INCLUSIVE_MARGIN, INCLUSIVE_SHARE * selections)
    return included if fit(included).beats(fit(chosen), strong) else chosen


def _fit(selection: Selection, span: tuple[int, int], text: str) -> _Fit:
    start, end = span
    if not 0 <= start <= end <= len(text) + OVERSHOOT:
        return _Fit()
    end = min(end, len(text))
    return _Fit(_quotes(selection, text, start, end), 1, _starts_word(text, start) + _ends_word(text, end))


def _quotes(selection: Selection, text: str, start: int, end: int) -> bool:
    """Tell whether a tool wrote the words of a stretch, whole or cut short, beside a selection."""
    return any(_says(written, text, start, end) for written in (selection.name, selection.description))


def _says(written: str, text: str, start: int, end: int) -> bool:
    if not written or len(written) > LONGEST_QUOTE:
        return False
    solid = without_space(written)
    head = solid.removesuffix("…").removesuffix("...")
    if not _begins_alike(head, without_space(text[start : min(end, start + PEEK)])):
        return False
    whole = without_space(text[start : min(end, start + 5 * len(written))])  # never all of a hostile megabyte
    return whole == solid or (head != solid and whole.startswith(head))


def _begins_alike(head: str, words: str) -> bool:
    """Tell whether two texts could be one by their beginnings, which is cheap."""
    length = min(len(head), len(words))
    return bool(head) and head[:length] == words[:length]


def _starts_word(text: str, at: int) -> bool:
    """Tell whether a start is that of a word or of a line, blanks before its first word or not."""
    if at >= len(text) or not at or text[at - 1] == "\n":
        return at < len(text)
    return not text[at].isspace() and not (text[at].isalnum() and text[at - 1].isalnum())


def _ends_word(text: str, at: int) -> bool:
    """Tell whether an end cuts no word; one after a line break, where the next line's word begins, cuts none either."""
    return at > 0 and (at == len(text) or not (text[at - 1].isalnum() and text[at].isalnum()))
