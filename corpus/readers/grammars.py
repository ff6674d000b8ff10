"""Which way of writing labels a file keeps, and which names to believe: judged by all its lines.

Every name under every grammar collects evidence for and against being a speaker (``EVIDENCE``); names that reach
``BELIEVED`` are its speakers. The grammar whose speakers label most lines is the file's. Labels written another way
count where they name the same speakers, or say a role.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, pairwise
from types import MappingProxyType

from corpus.readers.labels import Label, candidates
from corpus.readers.names import is_known_shape, says_role, tidy
from corpus.readers.role_words import ALL_INTERVIEWERS
from corpus.readers.stamps import STAMP, stamp_alone, stamp_at

BELIEVED = 2.0
EVIDENCE: Mapping[str, float] = MappingProxyType(
    {
        "says a role, has a usual shape, or was named by the researcher": 3.0,
        "looks like a name": 1.0,
        "has no capitals": -0.5,
        "labels two lines": 1.0,
        "labels three lines or more": 0.5,
        "takes turns with others": 0.5,
        "nearly every line of the file has a label": 1.0,
        "every line of the file has a label": 1.0,
        "is the first label": 1.5,
        "has a time stamp as others do": 1.5,
        "is set apart by the document: heading, bold, chat": 1.0,
        "stands in a cell of its own, or behind the date of a message": 2.0,
        "follows a question, or an interviewer's line": 1.0,
        "without it, somebody would be labelled twice in a row": 1.0,
        "opens a paragraph": 0.5,
        "stands inside a paragraph": -0.5,
        "its words begin in lower case, unlike others'": -1.5,
        "follows a line that announces speech": -1.5,
        "is a person one quotes, and the same speaker goes on behind": -1.5,
        "its words hold a year, as in a list of references": -1.5,
        "is a number that does not alternate with another": -3.0,
    }
)
STRONG = frozenset((":", "\t", ">> ", ">>", "chat", "timed line", "heading", "bold", "@:", "#:"))
"""Grammars that can be believed for a single name; the others need two names that take turns."""
_BRACKETS = "[({<\u3010\uff08\uff3b\u300c\u00ab"
DOMINANT = 0.8
"""Share of lines with a label from which a file is taken to label every line."""
SAMPLE_LINES = 8_000
"""Lines from which a very long file's grammars are known; only those are looked for in the rest."""
STAMPED = 3
"""Labels with a time from which a file is taken to give times to labels."""

_ANNOUNCES = re.compile(r"[:,\u201c\u201e\u00ab\"]\s*$")
_QUESTION = re.compile(r"[?\uff1f\u061f]['\"\u201d)\]]?\s*$")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_QUOTED = re.compile(
    r"(?i)(?:the |dr\.? ?)?(?:doctors?|nurses?|mum|mom|mother|father|dad|husband|wife|son|daughter|sister|brother|gp|"
    r"physio|therapist|pharmacist|receptionist|boss|friend|neighbou?r|arzt|\u00e4rztin|dokter|arts|mama|papa|"
    r"m\u00e9dico|m\u00e9decin|lege|lije\u010dnik|orvos|he|she|they|me|them|him)"
)


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One line of the canonical text.

    Attributes:
        start: Offset of the line in the text.
        bold: Number of characters at its start that are set in bold.
        opens: Whether a paragraph begins here.
        heading: Whether it is set as a heading.
        given: Whether the document says that its label is one: a cell of a table.
    """

    start: int
    text: str
    bold: int = 0
    opens: bool = True
    heading: bool = False
    given: bool = False


@dataclass
class _Names:
    """The labels of one grammar: where each name stands, in order; what follows from all of them is told once."""

    places: dict[str, list[int]] = field(default_factory=dict)
    labels: dict[int, Label] = field(default_factory=dict)

    def add(self, place: int, label: Label) -> None:
        self.labels[place] = label
        self.places.setdefault(label.name, []).append(place)

    @cached_property
    def order(self) -> list[str]:
        """The names in the order of their lines."""
        return [label.name for _, label in sorted(self.labels.items())]

    @cached_property
    def has_repeats(self) -> bool:
        """Whether a name labels two lines in a row."""
        return any(name == following for name, following in pairwise(self.order))

    @cached_property
    def takeovers(self) -> Counter[str]:
        """How often a name takes over from another, or begins."""
        return Counter(name for name, _ in groupby(self.order))

    @cached_property
    def framed(self) -> frozenset[str]:
        """Names before and behind whose every stretch the same other name stands."""
        squeezed = [None, *(name for name, _ in groupby(self.order)), None]
        parted = {
            name for before, name, after in zip(squeezed, squeezed[1:], squeezed[2:], strict=False)
            if name is not None and (before is None or before != after)
        }  # fmt: skip
        return frozenset(self.places) - parted

    @cached_property
    def numbers_alternate(self) -> bool:
        """Whether numbers are labels and no list: each comes back, and they take turns."""
        order = [name for name in self.order if name.isdecimal()]
        return len(set(order)) > 1 and len(order) >= 1.5 * len(set(order)) and len(set(order)) <= 12


def judged(
    lines: Sequence[TalkLine], known: Collection[str] = (), only: re.Pattern[str] | None = None
) -> list[Label | None]:
    """Return the speaker label of each line, None where it has none that is believed.

    Args:
        lines: The lines that hold anything, in order.
        known: Names to believe wherever they occur, in lower case.
        only: What labels look like, if the researcher said so; group ``name`` is the name.
    """
    if only is not None:
        return [_given(line.text, only) for line in lines]
    looked_for: frozenset[str] | None = None
    if len(lines) > 2 * SAMPLE_LINES:
        looked_for = frozenset((*_accepted(*_collected(lines[:SAMPLE_LINES], known)), ":", ">> "))
    grammars, believed, file = _collected(lines, known, looked_for)
    accepted = _accepted(grammars, believed, file)
    if not accepted:
        return [None] * len(lines)
    speakers = believed[accepted[0]] - {""}
    found: list[Label | None] = [None] * len(lines)
    for grammar in accepted:
        for place, label in grammars[grammar].labels.items():
            if found[place] is None and label.name in believed[grammar]:
                found[place] = label
    return _others(found, grammars, speakers, accepted)


def _collected(
    lines: Sequence[TalkLine], known: Collection[str], looked_for: Collection[str] | None = None
) -> tuple[dict[str, _Names], dict[str, frozenset[str]], _File]:
    """Return all possible labels by grammar, and the names that are believed under each.

    Args:
        lines: The lines of the file.
        known: Names to believe wherever they occur.
        looked_for: The grammars that are worth a look, None for all.
    """
    grammars: dict[str, _Names] = {}
    for place, line in enumerate(lines):
        for label in candidates(line.text, bold=line.bold, heading=line.heading, grammars=looked_for):
            grammars.setdefault(label.grammar, _Names()).add(place, label)
    file = _File(lines, known)
    return grammars, {grammar: file.believed(grammar, names) for grammar, names in grammars.items()}, file


def _accepted(grammars: Mapping[str, _Names], believed: Mapping[str, frozenset[str]], file: _File) -> list[str]:
    """Return the grammars in which the file's labels are written, the one that explains most lines first."""
    scores = {
        grammar: _weight(grammar) * sum(len(grammars[grammar].places[name]) for name in names)
        for grammar, names in believed.items()
    }
    best = sorted((grammar for grammar in scores if scores[grammar]), key=lambda grammar: -scores[grammar])
    return [grammar for grammar in best if file.accepts(grammar, grammars[grammar], believed[grammar])]


def _others(
    found: list[Label | None], grammars: Mapping[str, _Names], speakers: Collection[str], accepted: Collection[str]
) -> list[Label | None]:
    """Add labels written in another way than the file's where they name its speakers.

    Args:
        found: The labels found so far, by line.
        grammars: All possible labels.
        speakers: The names believed.
        accepted: The grammars already used.
    """
    for grammar, names in grammars.items():
        if grammar in accepted or grammar in ("blank", "alone"):
            continue
        for place, label in names.labels.items():
            if found[place] is None and label.name in speakers and label.likely:
                found[place] = label
    return found


def _given(text: str, only: re.Pattern[str]) -> Label | None:
    match = only.match(text)
    if match is None or not match["name"].strip():
        return None
    time = match.groupdict().get("time")
    stamp = stamp_at(time, 0) if time else None
    return Label(tidy(match["name"]), match.end(), stamp.started if stamp else None, grammar="given")


def _weight(grammar: str) -> float:
    """Return how far a line explained by a grammar counts: marks that talk has too count less."""
    return 1.0 if grammar in STRONG or grammar[0] in _BRACKETS else 0.6


class _File:
    """The lines of a file with what all its labels are judged by."""

    def __init__(self, lines: Sequence[TalkLine], known: Collection[str]) -> None:
        self.lines = lines
        self._known = known
        timed = sum(len(line.text) < 40 and stamp_alone(line.text) is not None for line in lines)
        self._spoken = len(lines) - timed
        self._divided = any(not line.opens for line in lines)
        self._opening = sum(line.opens for line in lines) or 1

    def is_known(self, name: str) -> bool:
        """Tell whether a name needs no further support."""
        return is_known_shape(name) or says_role(name) or name.casefold() in self._known

    def believed(self, grammar: str, names: _Names) -> frozenset[str]:
        """Return the names of one grammar that are speakers."""
        if grammar == ">> ":
            return frozenset(names.places)
        order = names.order
        habit = len(order) >= max(2, DOMINANT * self._spoken)
        stamped = sum(label.started is not None for label in names.labels.values()) >= STAMPED
        lower = sum(self._is_lower(place, label) for place, label in names.labels.items())
        capitals = lower <= 0.4 * len(order)
        shared = {
            "every line of the file has a label": len(order) >= max(4, 0.95 * self._spoken),
            "nearly every line of the file has a label": habit,
            "has a time stamp as others do": stamped,
            "its words begin in lower case, unlike others'": capitals,
        }
        return frozenset(name for name in names.places if self._score(name, names, shared, grammar) >= BELIEVED)

    def _score(self, name: str, names: _Names, shared: Mapping[str, bool], grammar: str) -> float:
        """Add up the evidence on one name.

        Args:
            name: The name.
            names: All labels of its grammar.
            shared: What holds for all labels of the grammar.
            grammar: How they are written.
        """
        places = names.places[name]
        labels = [names.labels[place] for place in places]
        known = self.is_known(name)
        likely = any(label.likely for label in labels)
        number = name.isdecimal()
        found = {
            "says a role, has a usual shape, or was named by the researcher": known,
            "looks like a name": not known and likely,
            "has no capitals": not known and not likely and name[:1].islower(),
            "labels two lines": len(places) > 1,
            "labels three lines or more": len(places) > 2,
            "takes turns with others": len(places) > 1
            and len(names.places) > 1
            and names.takeovers[name] > 0.5 * len(places),
            "nearly every line of the file has a label": shared["nearly every line of the file has a label"],
            "every line of the file has a label": shared["every line of the file has a label"],
            "is the first label": likely and names.order[0] == name,
            "has a time stamp as others do": shared["has a time stamp as others do"]
            and any(label.started is not None for label in labels),
            "is set apart by the document: heading, bold, chat": grammar in ("heading", "bold", "chat", "bold line"),
            "stands in a cell of its own, or behind the date of a message": any(label.dated for label in labels)
            or any(self.lines[place].given for place in places),
            "is a number that does not alternate with another": number and not names.numbers_alternate,
        }
        if not known:
            found |= self._context(name, names, shared)
        return sum(EVIDENCE[reason] for reason, holds in found.items() if holds)

    def _context(self, name: str, names: _Names, shared: Mapping[str, bool]) -> dict[str, bool]:
        """Return the evidence that the lines around a name give."""
        places = names.places[name]
        half = len(places) / 2
        opening = sum(self.lines[place].opens for place in places)
        announced = sum(self._announced(place, names) for place in places)
        asked = any(_QUESTION.search(self._before(place)) or self._is_asked(place, names) for place in places)
        words = [self.lines[place].text[names.labels[place].words :] for place in places]
        return {
            "follows a question, or an interviewer's line": asked,
            "without it, somebody would be labelled twice in a row": len(names.order) > 4
            and name in names.framed
            and not names.has_repeats,
            "opens a paragraph": self._divided and opening >= half,
            "stands inside a paragraph": self._divided and opening < half,
            "its words begin in lower case, unlike others'": shared["its words begin in lower case, unlike others'"]
            and all(self._is_lower(place, names.labels[place]) for place in places),
            "follows a line that announces speech": announced >= half,
            "is a person one quotes, and the same speaker goes on behind": bool(_QUOTED.fullmatch(name))
            and not asked
            and not shared["nearly every line of the file has a label"]
            and name in names.framed,
            "its words hold a year, as in a list of references": len(places) == 1 and bool(_YEAR.search(words[0])),
        }

    def _announced(self, place: int, names: _Names) -> bool:
        """Tell whether the line before ends as if somebody were quoted; a label alone on its line does not."""
        before = self._before(place)
        label = names.labels.get(place - 1)
        return bool(_ANNOUNCES.search(before)) and (label is None or bool(before[label.words :].strip()))

    def _is_asked(self, place: int, names: _Names) -> bool:
        """Tell whether the line before is labelled as an interviewer's."""
        label = names.labels.get(place - 1)
        return label is not None and label.name.casefold() in ALL_INTERVIEWERS

    def _before(self, place: int) -> str:
        """Return the line before, over one that holds only a time."""
        before = [line.text for line in self.lines[max(0, place - 2) : place]]
        if len(before) == 2 and len(before[1]) < 40 and stamp_alone(before[1]) is not None:
            return before[0]
        return before[-1] if before else ""

    def _is_lower(self, place: int, label: Label) -> bool:
        return self.lines[place].text[label.words :].lstrip()[:1].islower()

    def accepts(self, grammar: str, names: _Names, believed: Collection[str]) -> bool:
        """Tell whether labels are written in a grammar at all: one that talk shares needs two names that alternate."""
        counts = Counter({name: len(names.places[name]) for name in believed if name})
        known = sum(n for name, n in counts.items() if self.is_known(name))
        if not known and len(counts) > 2 and max(counts.values()) < 2:
            return False  # a list of names, each there once
        if grammar in STRONG or grammar[0] in _BRACKETS:
            return grammar in STRONG or len(counts) > 1 or known > 0 or len(grammar) > 2
        order = [label.name for _, label in sorted(names.labels.items()) if label.name in believed]
        changes = sum(a != b for a, b in pairwise(order)) / (len(order) - 1 or 1)
        coverage = len(order) / (self._opening if self._divided else self._spoken or 1)
        if len(counts) < 2 or changes < 0.5:
            return False
        if grammar in ("alone", "bold line"):
            return known > 1 or (coverage >= 0.2 and min(counts.values()) > 1)
        return coverage >= DOMINANT if grammar == "blank" else coverage >= 0.5 or (len(order) >= 4 and changes >= 0.9)


def pattern_of(pattern: str) -> re.Pattern[str]:
    """Return what matches labels that a researcher described, such as ``[NAME]`` or ``TIME NAME -``.

    Raises:
        ValueError: If NAME is not in it exactly once.
    """
    if pattern.count("NAME") != 1 or pattern.count("TIME") > 1:
        raise ValueError("a label pattern holds NAME once and TIME at most once")
    escaped = re.sub(r"(?:\\ |\\\t)+", r"\\s+", re.escape(pattern.strip()))
    bounded = r"(?P<name>[^\\n]{1,64}?)" if not pattern.strip().endswith("NAME") else r"(?P<name>\\w[\\w.-]{0,63})"
    return re.compile(r"\s*" + re.sub("NAME", bounded, escaped).replace("TIME", f"(?P<time>{STAMP})") + r"\s*")


def without_numbers(order: Iterable[str]) -> dict[str, str]:
    """Return for numbered questions and answers ("Q1", "A1", "Q2", "A2") the letter that is the speaker.

    Only where every number comes once and they count on; "P1", "P2" of a group come back, and are people.
    """
    stems: dict[str, list[int]] = {}
    names = list(order)
    for name in names:
        match = re.fullmatch(r"([^\W\d_]+)[ .#_-]*(\d{1,3})", name)
        if match:
            stems.setdefault(match[1], []).append(int(match[2]))
    counting = {
        stem
        for stem, numbers in stems.items()
        if len(numbers) > 2
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and (len(stem) == 1 or stem.casefold() in ALL_INTERVIEWERS or says_role(stem))
    }
    if len(counting) < 2:
        return {}
    return {name: stem for name in names for stem in counting if re.fullmatch(rf"{stem}[ .#_-]*\d{{1,3}}", name)}
