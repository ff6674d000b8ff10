"""One replacement for each person and thing; ways to write a name that clearly belong together share it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.deidentify.candidates import ReplacementCandidate
from pipeline.deidentify.kinds import PEOPLE, IdentifierKind
from pipeline.deidentify.matcher import Form, plain
from pipeline.deidentify.vocabulary import CONNECTORS, TITLES

LABELS: Mapping[IdentifierKind, str] = {kind: kind.value.capitalize() for kind in IdentifierKind} | {
    IdentifierKind.EMAIL: "E-mail",
    IdentifierKind.WEB: "Web address",
    IdentifierKind.ID: "Number",
}
OLD = "[Age 90 or over]"


def tokens(name: str, divider: str = r"[\s-]+") -> list[str]:
    """Return the parts of a name without titles and small words."""
    words = (word.strip(".,()'\u2019") for word in re.split(divider, plain(name)))
    return [word for word in words if word and word.casefold() not in TITLES | CONNECTORS]


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name taken apart: ``Dr Ann Lee`` is ``dr`` and ``ann lee``."""

    title: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, form: Form) -> Name:
        """Take a form apart."""
        first = plain(form.text).split()[0].rstrip(".").casefold()
        return cls(first if first in TITLES else "", tuple(word.casefold() for word in tokens(form.text)))

    def within(self, other: Name) -> bool:
        """Tell whether this may be a shorter way to write the other: its beginning, its end, or without its title."""
        if self.words == other.words:
            return not self.title and bool(other.title)
        size = len(self.words)
        return 0 < size < len(other.words) and self.words in (other.words[:size], other.words[-size:])


class Pseudonyms:
    """Replacements, given once and kept.

    Args:
        known: Candidates that have theirs.
    """

    def __init__(self, known: Sequence[ReplacementCandidate]) -> None:
        self._taken = {candidate.replacement for candidate in known}
        self._people: defaultdict[str, set[Name]] = defaultdict(set)
        self._things: dict[str, str] = {}
        for candidate in known:
            self._keep(candidate.form, candidate.replacement)

    def of(self, forms: Sequence[Form]) -> dict[str, str]:
        """Return a replacement for each form by its key; numbers follow the order of the forms."""
        people = {name: form for form in forms if form.kind in PEOPLE for name in [Name.of(form)]}
        named: dict[str, str] = {}
        for form in forms:
            leader = _leader(form, people)
            named[form.key] = self._known(form) or (leader and self._known(leader)) or self._new((leader or form).kind)
            for written in (form, *([leader] if leader else [])):
                self._keep(written, named[form.key])
        return named

    def _known(self, form: Form) -> str | None:
        """Return the one replacement that a form can only have."""
        if form.kind not in PEOPLE:
            return self._things.get(_thing(form))
        own = Name.of(form)
        same = [replacement for replacement, names in self._people.items() if own in names]
        fits = same or [r for r, names in self._people.items() if any(own.within(name) for name in names)]
        return fits[0] if len(fits) == 1 else None

    def _keep(self, form: Form, replacement: str) -> None:
        self._taken.add(replacement)
        if form.kind in PEOPLE:
            self._people[replacement].add(Name.of(form))
        else:
            self._things.setdefault(_thing(form), replacement)

    def _new(self, kind: IdentifierKind) -> str:
        if kind is IdentifierKind.AGE:
            return OLD
        number = 1
        while (name := f"[{LABELS[kind]} {number}]") in self._taken:
            number += 1
        return name


def filled(candidates: Sequence[ReplacementCandidate]) -> list[ReplacementCandidate]:
    """Return a list in which lines that a researcher added without a replacement have one."""
    pseudonyms = Pseudonyms([candidate for candidate in candidates if candidate.replacement])
    named = pseudonyms.of([candidate.form for candidate in candidates if not candidate.replacement])
    return [
        candidate if candidate.replacement else replace(candidate, replacement=named[plain(candidate.text)])
        for candidate in candidates
    ]


def _leader(form: Form, people: Mapping[Name, Form]) -> Form | None:
    """Return the one fullest name that a form can only belong to."""
    if form.kind not in PEOPLE:
        return None
    own = Name.of(form)
    if own.title and any(other.words == own.words and other.title not in {"", own.title} for other in people):
        return None  # Mr Lee and Mrs Lee: who of them is Ann Lee?
    fits = [other for other in people if own.within(other)]
    fullest = [name for name in fits if not any(name.within(other) for other in fits)]
    return people[fullest[0]] if len(fullest) == 1 else None


def _thing(form: Form) -> str:
    """Return what things are the same by: numbers by their digits, all else by their words."""
    key = form.key.casefold()
    by_digits = form.kind in {IdentifierKind.PHONE, IdentifierKind.ID}
    return f"{form.kind}:{re.sub(r'[^0-9a-z]', '', key) if by_digits else key}"
