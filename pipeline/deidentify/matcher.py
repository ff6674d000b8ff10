"""Where the identifiers of a list stand in any text: whole words, the longest first, however white space falls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.transcript import Span
from pipeline.deidentify.kinds import PEOPLE, IdentifierKind
from pipeline.deidentify.patterns import ages

_APOSTROPHE = re.compile("['\u2019\u02bc]")
_BLANK = r"(?:[^\S\n]+|[^\S\n]*\n[^\S\n]*)"
_ANY_APOSTROPHE = "['\u2019\u02bc]"


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which an identifier is written."""

    text: str
    kind: IdentifierKind

    @property
    def loose(self) -> bool:
        """Whether small letters mean the same: so with e-mail addresses and with people's names of several words."""
        return self.kind is IdentifierKind.EMAIL or (self.kind in PEOPLE and " " in self.text)

    @property
    def key(self) -> str:
        """What forms are compared by."""
        return plain(self.text)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a form stands."""

    span: Span
    form: Form


def plain(text: str) -> str:
    """Return an identifier as lists show it: on one line, with straight apostrophes."""
    return _APOSTROPHE.sub("'", " ".join(text.split()))


class Matcher:
    """Finds forms in texts.

    Args:
        forms: What to look for; of two with one key the first counts.
    """

    def __init__(self, forms: Iterable[Form]) -> None:
        self._forms: dict[str, Form] = {}
        self._folded: dict[str, Form] = {}
        for form in forms:
            self._forms.setdefault(form.key, form)
            self._folded.setdefault(form.key.casefold(), form)

    def spots(self, text: str) -> list[Spot]:
        """Return every place of every form, in order, never overlapping; the leftmost longest wins."""
        here = plain(text).casefold()
        wanted = [form for form in self._forms.values() if form.key.casefold() in here]
        found = [*self._written(text, [form for form in wanted if form.kind is not IdentifierKind.AGE])]
        old = [Spot(span, self._forms[key]) for span in ages(text) if (key := plain(span.of(text))) in self._forms]
        free = (spot for spot in old if not any(spot.span.overlap(other.span) for other in found))
        return sorted((*found, *free), key=lambda spot: spot.span)

    def _written(self, text: str, forms: list[Form]) -> Iterator[Spot]:
        if not forms:
            return
        pieces = (_pattern(form) for form in sorted(forms, key=lambda form: -len(form.text)))
        for match in re.finditer(rf"(?<![^\W_])(?:{'|'.join(pieces)})(?![^\W_])", text):
            yield Spot(Span(*match.span()), self._named(match.group()))

    def _named(self, written: str) -> Form:
        key = plain(written)
        same = self._forms.get(key) or self._folded.get(key.casefold())
        return same or next(form for form in self._forms.values() if re.fullmatch(_pattern(form), written))


def _pattern(form: Form) -> str:
    spaced, capitals = _spaced(plain(form.text)), _spaced(plain(form.text).upper())
    return f"(?i:{spaced})" if form.loose else f"{spaced}|{capitals}"


def _spaced(text: str) -> str:
    words = (re.escape(word) for word in text.split())
    return _BLANK.join(_APOSTROPHE.sub(lambda _: _ANY_APOSTROPHE, word) for word in words)
