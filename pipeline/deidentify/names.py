"""Names: words with a capital that stand where English would write none, judged with the help of spaCy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from corpus.transcript import Span
from pipeline.deidentify.kinds import FoundIdentifier, IdentifierKind
from pipeline.deidentify.vocabulary import (
    ACRONYMS,
    ARTICLES,
    CONNECTORS,
    KIN,
    LOCATIVES,
    ORDINARY,
    ORGANISATION_ENDINGS,
    ORGANISATIONS,
    TIMES,
    TITLES,
)
from pipeline.spacy_models import SPACY_MODEL, hidden

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Token

_WORD = re.compile(r"['\u2019]t\b|&|[^\W\d_](?:[\w'\u2019-]*\w)?")
_OPENS = re.compile(r"(?:^|[.?!:;\u2026\])\u2013\u2014]|--|[\"\u201c(\u2018])\s*[\"\u201c(\u2018-]*\s*$")
_POSSESSIVE = re.compile(r"['\u2019][sS]?$")
_SHORTENED = re.compile(r"(?:s|['\u2019]\w+)$")
_CAPITAL = re.compile(r"(?:[a-z]{1,3}['\u2019-])?(?=[^\W\d_])[^a-z]")
_NOUNS = frozenset({"NN", "NNP", "FW", "UH", "JJ"})
_NAMING = frozenset({"NOUN", "PROPN", "ADJ", "X"})
_CONTRACTED = re.compile(r"(?i:n['\u2019]t|['\u2019](?:ve|ll|re|d|m))$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LABELS = {
    "PERSON": IdentifierKind.PERSON,
    "GPE": IdentifierKind.PLACE,
    "LOC": IdentifierKind.PLACE,
    "FAC": IdentifierKind.PLACE,
    "ORG": IdentifierKind.ORGANISATION,
}
_LOADING = Lock()
ACRONYM = 5
"""Letters of the longest acronym."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of talk.

    Attributes:
        label: What spaCy's entity recogniser takes it for; empty for nothing.
        proper: Whether spaCy's tagger takes it for a proper noun.
        opens: Whether it begins a sentence.
        subject: Whether it is a noun, no stop word, and a verb follows.
        rare: Whether it is no word that spaCy's vocabulary has with a small letter.
        noun: Whether it may be the first part of a name that opens a sentence.
    """

    text: str
    start: int
    label: str
    proper: bool
    opens: bool
    subject: bool
    rare: bool
    noun: bool

    @property
    def end(self) -> int:
        """Where the word ends."""
        return self.start + len(self.text)

    @property
    def title(self) -> bool:
        """Whether it is a title that a name follows."""
        return self.text.casefold() in TITLES

    @property
    def named(self) -> bool:
        """Whether its capital makes it a name, or a part of one."""
        if not _CAPITAL.match(self.text) or self.says_nothing:
            return False
        known = self.label in _LABELS
        if self.opens:
            return known or self.proper or self.subject or self.rare
        return self.proper or self.label not in {"NORP", "LANGUAGE"}

    @property
    def says_nothing(self) -> bool:
        """Tell whether a capital is nothing special here: acronyms, languages, contractions, codes like B-21."""
        usual = _SHORTENED.sub("", self.text) in ACRONYMS or self.text in ACRONYMS
        coded = any(character.isdigit() for character in self.text)
        return usual or coded or _bare(self.text).casefold() in ORDINARY or _CONTRACTED.search(self.text) is not None


def names_in(text: str) -> Iterator[FoundIdentifier]:
    """Yield the names of people, places and organisations in a stretch of talk, in order."""
    words = _words(text)
    position = 0
    while position < len(words):
        length = _length(text, words[position:])
        if length:
            found = _found(words, position, position + length)
            if found is not None:
                yield found
        position += length or 1


def _length(text: str, words: Sequence[Word]) -> int:
    """Return how many words the name takes that begins with the first of them; 0 if none does."""
    if not (words[0].named or _leads(text, words)):
        return 0
    length = 1
    for n in range(1, len(words)):
        if not _joined(text, words[n - 1], words[n]):
            break
        if words[n].named or (words[n].text in ACRONYMS - {"I", "A"} and length == n):
            length = n + 1
        elif words[n].text not in CONNECTORS:
            break
    return length


def _leads(text: str, words: Sequence[Word]) -> bool:
    """Tell whether a word that is no name by itself begins one: a title, or a noun that opens a sentence."""
    if len(words) < 2 or not _joined(text, *words[:2]):
        return False
    first, second = words[:2]
    if first.opens and first.noun and second.named and not first.says_nothing:
        return True
    if not first.title or first.text in KIN:
        return False
    return words[1].text[:1].isupper() and words[1].text not in ACRONYMS and words[1].text.casefold() not in ORDINARY


def _joined(text: str, left: Word, right: Word) -> bool:
    """Tell whether two words may be parts of one name: a blank between them, or a full stop after an abbreviation."""
    between = text[left.end : right.start]
    if _POSSESSIVE.search(left.text) and right.text.casefold() not in ORGANISATIONS:
        return False
    short = (
        (left.title and not left.text.islower() and len(left.text) < 5)
        or (len(left.text) == 1 and left.text.isupper())
        or left.text in {"St", "Mt"}
    )
    return (between.isspace() and between.count("\n") < 2) or (short and between.strip() == "." and len(between) <= 3)


def _found(words: Sequence[Word], start: int, end: int) -> FoundIdentifier | None:
    """Return the name that words make, without an article before it and a possessive behind it."""
    while start < end and words[start].text.casefold() in ARTICLES and end - start > 1 and not words[start].label:
        start += 1
    name = words[start:end]
    last = name[-1]
    stop = last.end - (len(match.group()) if (match := _POSSESSIVE.search(last.text)) else 0)
    if all(word.title for word in name) or stop <= name[0].start + 1:
        return None
    before = words[start - 1].text.casefold() if start else ""
    weak = len(name) == 1 and name[0].opens
    return FoundIdentifier(Span(name[0].start, stop), _kind(name, before), weak)


def _kind(name: Sequence[Word], before: str) -> IdentifierKind:
    if name[0].title:
        return IdentifierKind.PERSON
    plain = [_bare(word.text).casefold() for word in name]
    if any(word in ORGANISATIONS or word.endswith(ORGANISATION_ENDINGS) for word in plain):
        return IdentifierKind.ORGANISATION
    labels = [_LABELS[word.label] for word in name if word.label in _LABELS]
    usual = max(labels, key=labels.count) if labels else None
    if before in LOCATIVES and usual is not IdentifierKind.ORGANISATION:
        return IdentifierKind.PLACE
    if before == "from" and len(name) < 3:
        return IdentifierKind.ORGANISATION if usual is IdentifierKind.ORGANISATION else IdentifierKind.PLACE
    if before in ARTICLES:
        return IdentifierKind.ORGANISATION if usual in {None, IdentifierKind.PERSON} else usual
    acronym = len(name) == 1 and name[0].text.isupper() and len(name[0].text) <= ACRONYM
    return usual or (IdentifierKind.ORGANISATION if acronym else IdentifierKind.PERSON)


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word)


def _words(text: str) -> list[Word]:
    """Return the words of a text with what spaCy says of them; line breaks count as blanks."""
    clean = _SURROGATE.sub("\ufffd", text)
    language, known = _language()
    with _LOADING:  # spaCy's pipes keep state between texts
        doc = language(re.sub(r"\s", " ", clean))
    tokens = {place: token for token in doc for place in range(token.idx, token.idx + len(token))}
    return [_word(match, tokens.get(match.start()), text, known) for match in _WORD.finditer(text)]


def _word(match: re.Match[str], token: Token | None, text: str, known: frozenset[str]) -> Word:
    word, start = match.group(), match.start()
    lower = word.casefold()
    return Word(
        word,
        start,
        label=token.ent_type_ if token else "",
        proper=token is not None and token.pos_ == "PROPN",
        opens=start == 0 or _OPENS.search(text, max(0, start - 6), start) is not None,
        subject=token is not None and _is_subject(token),
        rare=any(part not in known for part in _bare(lower).split("-")) and word[:1].isupper(),
        noun=token is not None and token.pos_ in _NAMING and not token.is_stop and lower not in TIMES,
    )


def _is_subject(token: Token) -> bool:
    following = token.nbor() if token.i + 1 < len(token.doc) else None
    verb = following is not None and following.pos_ in {"VERB", "AUX"}
    return verb and token.tag_ in _NOUNS and not token.is_stop


@cache
def _language() -> tuple[Language, frozenset[str]]:
    """Return spaCy's pipeline, and the words it knew before it read anything, since it learns what it reads."""
    with hidden("torch"):  # as in pipeline.spacy_models
        import spacy

    language = spacy.load(SPACY_MODEL, exclude=["parser", "senter", "lemmatizer"])
    return language, frozenset(word for word in language.vocab.strings if word.islower())
