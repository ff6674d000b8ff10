"""From what was found in the transcripts of a study to one list, in which the ways to write a name stand together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.transcript import Transcript
from pipeline.deidentify.candidates import ReplacementCandidate
from pipeline.deidentify.detect import detect, detect_in, named_speakers
from pipeline.deidentify.kinds import PEOPLE, IdentifierKind
from pipeline.deidentify.matcher import Form, Matcher, plain
from pipeline.deidentify.pseudonyms import Pseudonyms, tokens
from pipeline.deidentify.vocabulary import ALSO_WORDS, ARTICLES, ORDINARY, ORGANISATIONS

CONTEXTS, AROUND = 3, 45
"""Places shown of each candidate, and characters to each side."""

AMBIGUOUS = "also an ordinary word: look at every place"
MOSTLY = 3
"""How often a word is written small for each time with a capital, so that the capital says nothing."""

_WORDS = re.compile(r"[^\W\d_][\w'\u2019-]*")
_LEADING = re.compile(rf"^(?i:(?:{'|'.join(sorted(ARTICLES))})\s+)")


@dataclass(frozen=True, slots=True)
class _Place:
    """A form where it was first seen; ``sure`` unless its capital may be owed to its place alone."""

    form: Form
    sure: bool


def propose(
    transcripts: Sequence[Transcript], known: Sequence[ReplacementCandidate] = ()
) -> list[ReplacementCandidate]:
    """Return what may identify somebody in a study, in order of appearance; what is known stays as it was decided.

    Args:
        transcripts: All transcripts of the study.
        known: An earlier list; its counts and contexts are renewed.
    """
    forms = [candidate.form for candidate in known]
    fresh = _fresh(transcripts, {form.key for form in forms})
    counted = _Census(transcripts, (*forms, *fresh))
    old = [counted.with_counts(candidate) for candidate in known]
    seen = [form for form in fresh if counted.counts[form.key]]
    pseudonyms = Pseudonyms(known)
    named = pseudonyms.of(seen)
    return [*old, *(counted.with_counts(ReplacementCandidate(form.text, form.kind, named[form.key])) for form in seen)]


def _fresh(transcripts: Sequence[Transcript], known: set[str]) -> list[Form]:
    """Return the forms that are not known, in order of appearance, then the parts of people's names."""
    kinds: defaultdict[str, Counter[IdentifierKind]] = defaultdict(Counter)
    places: dict[str, _Place] = {}
    for place in (seen for transcript in transcripts for seen in _places(transcript)):
        key = place.form.key
        kinds[key][place.form.kind] += 1
        first = places.get(key, place)
        places[key] = replace(first, sure=first.sure or place.sure)
    words = Counter(word for transcript in transcripts for word in _WORDS.findall(transcript.text))
    sure = [place for place in places.values() if not _is_word(place, words)]
    usual = {
        key: IdentifierKind.INTERVIEWER if IdentifierKind.INTERVIEWER in seen else seen.most_common(1)[0][0]
        for key, seen in kinds.items()
    }
    forms = [Form(place.form.text, usual[place.form.key]) for place in sure]
    named = _as_people(_as_people(forms))  # twice: a name found so may tell another
    whole = {form.key for form in named}
    parts = [part for form in named for part in _parts(form) if part.key not in whole]
    small = (form for name in (*named, *parts) for form in _in_small_letters(name, words))
    return [form for form in {form.key: form for form in (*named, *parts, *small)}.values() if form.key not in known]


def _is_word(place: _Place, words: Mapping[str, int]) -> bool:
    """Tell whether a capital is owed to the start of a sentence, or a form is mostly written without one."""
    form = place.form.text
    if form.casefold() in ALSO_WORDS and place.form.kind in PEOPLE:
        return False
    return words[form.lower()] > (MOSTLY * words[form] if place.sure else 0) if form[:1].isupper() else False


def _in_small_letters(form: Form, words: Mapping[str, int]) -> Iterator[Form]:
    """Yield a person's name of one word in small letters where these are hardly a word of their own."""
    small = form.text.lower()
    if form.kind in PEOPLE and small not in ALSO_WORDS | {form.text} and 0 < words[small] < words[form.text]:
        yield Form(small, form.kind)


def _places(transcript: Transcript) -> Iterator[_Place]:
    for speaker, kind in named_speakers(transcript).items():
        yield _Place(Form(plain(speaker), kind), sure=True)
    title = title_of(transcript.name)
    for text, found in ((transcript.text, detect_in(transcript)), (title, detect(title))):
        for identifier in found:
            written = _LEADING.sub("", plain(identifier.span.of(text)), count=1)
            if written:
                yield _Place(Form(written, identifier.kind), sure=not identifier.weak)


def _parts(form: Form) -> Iterator[Form]:
    """Yield the parts of a person's name by which it may be called later."""
    words = tokens(form.text, r"\s+") if form.kind in PEOPLE else []
    for part in (*words, *(part for word in words for part in word.split("-"))):
        usable = len(part) > 1 and part[0].isupper() and part.casefold() not in ORDINARY
        if usable and part != form.key:
            yield Form(part, form.kind)


def _as_people(forms: Sequence[Form]) -> list[Form]:
    """Take names for people's that were taken for places or organisations but share a word with a person's."""
    people = [words for form in forms if form.kind in PEOPLE and (words := tokens(form.text))]
    first = {words[0].casefold() for words in people if len(words) > 1}
    last = {words[-1].casefold() for words in people}
    return [replace(form, kind=IdentifierKind.PERSON) if _is_person(form, first, last) else form for form in forms]


def _is_person(form: Form, first: set[str], last: set[str]) -> bool:
    words = [word.casefold() for word in tokens(form.text)]
    if (
        form.kind not in {IdentifierKind.PLACE, IdentifierKind.ORGANISATION}
        or not 0 < len(words) <= 3
        or ORGANISATIONS & set(words)
    ):
        return False
    return words[-1] in last or (len(words) == 1 and words[0] in first)


def title_of(name: str) -> str:
    """Return a transcript's name as words: ``Interview_AnnLee`` is ``Interview Ann Lee``."""
    return re.sub(r"[_.]+|(?<=[a-z])(?=[A-Z])", " ", name)


class _Census:
    """Counts and contexts of forms in a study."""

    def __init__(self, transcripts: Sequence[Transcript], forms: Sequence[Form]) -> None:
        self.counts: Counter[str] = Counter()
        self._transcripts: Counter[str] = Counter()
        self._contexts: defaultdict[str, list[str]] = defaultdict(list)
        matcher = Matcher(forms)
        for transcript in transcripts:
            self._add(transcript, matcher)

    def _add(self, transcript: Transcript, matcher: Matcher) -> None:
        here = set()
        for spot in (*matcher.spots(transcript.text), *matcher.spots(title_of(transcript.name))):
            self.counts[spot.form.key] += 1
            here.add(spot.form.key)
        self._transcripts.update(here)
        for spot in matcher.spots(transcript.text):
            if len(self._contexts[spot.form.key]) < CONTEXTS:
                before = transcript.text[max(0, spot.span.start - AROUND) : spot.span.start]
                after = transcript.text[spot.span.end : spot.span.end + AROUND]
                shown = f"{before}\u00bb{spot.span.of(transcript.text)}\u00ab{after}"
                self._contexts[spot.form.key].append(" ".join(shown.split()))

    def with_counts(self, candidate: ReplacementCandidate) -> ReplacementCandidate:
        """Return a candidate with its counts and contexts."""
        key = plain(candidate.text)
        note = candidate.note or (AMBIGUOUS if key.casefold() in ALSO_WORDS and candidate.kind in PEOPLE else "")
        counted = replace(candidate, count=self.counts[key], transcripts=self._transcripts[key], note=note)
        return replace(counted, contexts=tuple(self._contexts[key]))
