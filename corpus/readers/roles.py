"""Who asks and who answers, and how sure that is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from corpus.readers.draft import Utterance
from corpus.readers.names import is_known_shape, tidy
from corpus.readers.role_words import ALL_INTERVIEWERS, ALL_PARTICIPANTS, LETTERS
from corpus.speakers import SpeakerSettings, one_slip, probably_one
from corpus.transcript import Role, RoleReading, Turn

DEFAULT_INTERVIEWERS = (
    *("Interviewer", "Int", "Intv", "Intvr", "Interviewers", "I", "IV", "IVR", "Q"),
    *("Researcher", "Moderator", "Mod", "Facilitator"),
)
"""Labels that mark interviewers, whatever their case and the number behind them; other languages have theirs, too."""

_USUAL = frozenset(word.casefold() for word in DEFAULT_INTERVIEWERS) | ALL_INTERVIEWERS
_NUMBER = re.compile(r"[\s#_-]*\d+$|[\s#_-]+[a-z]$")
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_PARTS = re.compile(r"\s*[/,|;\u2013-]\s*|\s+-\s+")
_QUESTION = re.compile(r"[?\uff1f\u061f\u037e]")
# Questions as talk without question marks holds them, and what is said instead of a question.
_INVITATION = re.compile(
    r"(?i)\b(?:tell (?:me|us)|describe|(?:can|could|would|do|did|have|are|were) you|what's your|"
    r"(?:sense|idea|picture) of (?:what|how|why|where|who)|i(?:'d| would) like to (?:ask|know|hear))\b"
)
_NUMBERED = re.compile(r"(?i)(?:p|pt|r|resp?)[ ._-]?\d{1,4}[a-z]?")
_MANY_LETTERS = 4
"""Other labels of one letter from which letters count people."""
_ALWAYS = 0.75
"""Share of turns with a question from which several people are taken for interviewers, where others hardly ask."""
_ASKS = 0.5
"""Share of turns with a question above which somebody who is not known is taken for the interviewer."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How one speaker talks.

    Attributes:
        turns: Their number.
        asking: Share of turns with a question.
        words: Mean of a turn.
        marked: Whether the file has question marks; without them, questions are known by their words.
    """

    turns: int
    asking: float
    words: float
    marked: bool = True


def folded(names: Collection[str]) -> frozenset[str]:
    """Return names in the form in which they are compared."""
    return frozenset(" ".join(tidy(name).split()).casefold() for name in names)


def interviewer_names(speakers: SpeakerSettings) -> frozenset[str]:
    """Return all labels of interviewers: the usual ones and those that the researcher named."""
    return (_USUAL | folded(speakers.interviewers)) - folded(speakers.participants)


def is_interviewer(speaker: str, interviewers: Collection[str]) -> bool:
    """Tell whether a label names an interviewer: ``INT1``, ``Jane Doe (Interviewer)``, ``Interviewer/Anna``.

    Args:
        speaker: The label as written.
        interviewers: Names as ``folded`` returns them.
    """
    return any(form in interviewers for form in _forms(speaker))


def _forms(speaker: str) -> frozenset[str]:
    """Return the parts of a label that may say a role, with and without the number behind them."""
    outside = _IN_BRACKETS.sub(" ", speaker)
    parts = [speaker, outside, *_IN_BRACKETS.findall(speaker)]
    parts += [piece for piece in _PARTS.split(outside) if len(piece) > 1]
    forms = folded(parts)
    return forms | {_NUMBER.sub("", form) for form in forms}


def read_roles(utterances: Sequence[Utterance], text: str, speakers: SpeakerSettings) -> tuple[RoleReading, ...]:
    """Give every label its role, with how sure that is and why.

    A label may say the role; otherwise who asks is told by the share of turns with a question.

    Args:
        utterances: All talk.
        text: What their spans point into.
        speakers: What the researcher says.
    """
    labels = list(dict.fromkeys(said.speaker for said in utterances))
    readings = {label: _by_label(label, labels, speakers) for label in labels}
    manners = _manners(utterances, text)
    unknown = [label for label, reading in readings.items() if reading is None and label is not None]
    asked = any(reading and reading.role is Role.INTERVIEWER for reading in readings.values())
    asking = frozenset() if asked else _who_ask(unknown, manners)
    return tuple(readings[label] or _by_manner(label, asking, manners, asked=asked) for label in labels)


def _by_label(label: str | None, labels: Sequence[str | None], speakers: SpeakerSettings) -> RoleReading | None:
    """Return what a label says about the role of its speaker, None if it says nothing."""
    if label is None:
        named = [other for other in labels if other is not None]
        if named and all(is_interviewer(other, interviewer_names(speakers)) for other in named):
            return RoleReading(None, Role.PARTICIPANT, 0.75, "has no label, where all labels are interviewers'")
        return RoleReading(None, Role.PARTICIPANT, 0.3, "has no label; a participant or unknown")
    forms = _forms(label)
    usual = tidy(label).casefold() in _USUAL
    rules = (
        (forms & folded(speakers.participants), Role.PARTICIPANT, 1.0, "named as a participant"),
        (forms & folded(speakers.interviewers), Role.INTERVIEWER, 1.0, "named as an interviewer"),
        (_asks_by_letter(label, labels), Role.INTERVIEWER, 0.8, "its letter asks beside another's that answers"),
        (_answers_by_letter(label, labels), Role.PARTICIPANT, 0.9, "its letter answers beside another's that asks"),
        (forms & ALL_PARTICIPANTS and not usual, Role.PARTICIPANT, 0.97, "a usual word for a participant"),
        (forms & _USUAL, Role.INTERVIEWER, 0.97, "a usual word for an interviewer"),
        (_nearly(forms, ALL_INTERVIEWERS), Role.INTERVIEWER, 0.75, "nearly a usual word for an interviewer"),
        (_nearly(forms, ALL_PARTICIPANTS), Role.PARTICIPANT, 0.75, "nearly a usual word for a participant"),
        (_NUMBERED.fullmatch(label), Role.PARTICIPANT, 0.95, "a usual number of a participant"),
        (_is_named_beside(label, labels, _USUAL), Role.INTERVIEWER, 0.9, "named beside a word for an interviewer"),
        (_is_named_beside(label, labels, ALL_PARTICIPANTS), Role.PARTICIPANT, 0.9, "named beside a participant's word"),
    )
    return next((RoleReading(label, role, sure, reason) for holds, role, sure, reason in rules if holds), None)


def _is_named_beside(label: str, labels: Sequence[str | None], words: frozenset[str]) -> bool:
    """Tell whether another label holds this one beside a word for a role: "Ruth" where "Interviewer (Ruth)" speaks."""
    own = tidy(label).casefold()
    for other in labels:
        forms = _forms(other) if other and other != label else frozenset()
        named = {name for form in forms - words for name in (form, form.split()[0] if form else "", _initials(form))}
        if forms & words and own in named:
            return True
    return False


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()) if " " in name else ""


def _nearly(forms: Collection[str], words: Collection[str]) -> bool:
    """Tell whether a label is a word but for one slip of the pen."""
    return any(one_slip(form, word) for form in forms if len(form) >= 6 for word in words if len(word) >= 6)


def _letters(label: str, labels: Sequence[str | None]) -> tuple[str, frozenset[str]]:
    """Return a label's letter without its number, empty if it has more than one, and those of the other labels."""
    letter = tidy(label).casefold().rstrip("0123456789")
    others = frozenset(tidy(other).casefold().rstrip("0123456789") for other in labels if other and other != label)
    if sum(len(other) == 1 for other in others) >= _MANY_LETTERS and letter not in "iq":
        return "", others  # A to H of a group: F is the sixth, and asks nothing
    return (letter if len(letter) == 1 else ""), others


def _asks_by_letter(label: str, labels: Sequence[str | None]) -> bool:
    """Tell whether a letter that may mean many things asks here: "F" beside "A"."""
    letter, others = _letters(label, labels)
    return letter not in "iq" and bool(others & LETTERS.get(letter, frozenset()))


def _answers_by_letter(label: str, labels: Sequence[str | None]) -> bool:
    letter, others = _letters(label, labels)
    return any(letter in LETTERS[other] for other in others if letter and other in LETTERS)


def _manners(utterances: Sequence[Utterance], text: str) -> Mapping[str | None, _Manner]:
    turns: Counter[str | None] = Counter()
    asking: Counter[str | None] = Counter()
    words: Counter[str | None] = Counter()
    marked = any(_QUESTION.search(said.span.of(text)) for said in utterances)
    question = _QUESTION if marked else _INVITATION
    for said in utterances:
        talk = said.span.of(text)
        turns[said.speaker] += 1
        asking[said.speaker] += bool(question.search(talk))
        words[said.speaker] += 1 + talk.count(" ")
    return {label: _Manner(n, asking[label] / n, words[label] / n, marked) for label, n in turns.items()}


def _who_ask(unknown: Sequence[str], manners: Mapping[str | None, _Manner]) -> frozenset[str]:
    """Return the labels that ask, where no label says so: most of their turns hold a question, others' do not."""
    if len(manners) < 2 or not unknown:
        return frozenset()
    several = frozenset(label for label in unknown if manners[label].turns > 1 and manners[label].asking >= _ALWAYS)
    rest = [manner for label, manner in manners.items() if label not in several and label is not None]
    if len(several) > 1 and rest and max(manner.asking for manner in rest) <= 1 - _ALWAYS:
        return several
    first = max(unknown, key=lambda label: manners[label].asking)
    others = [manner for label, manner in manners.items() if label != first and label is not None]
    if not others:
        return frozenset()
    mine, most = manners[first], max(manner.asking for manner in others)
    shorter = mine.words < min(manner.words for manner in others)
    enough = mine.turns > 1 or len(manners) == 2
    if enough and mine.asking > _ASKS and most <= 0.6 * mine.asking:
        return frozenset({first})
    steady = mine.turns >= 3 and shorter and mine.asking >= 0.3 and most <= 0.4 * mine.asking
    return frozenset({first}) if steady else frozenset()


def _by_manner(
    label: str | None, asking: frozenset[str], manners: Mapping[str | None, _Manner], *, asked: bool
) -> RoleReading:
    """Judge a label that says nothing.

    Args:
        label: The label.
        asking: Those who ask, if somebody was found.
        manners: How everybody talks.
        asked: Whether another label says that it is an interviewer's.
    """
    manner = manners[label]
    share = f"{round(100 * manner.asking)}% of its {manner.turns} turns hold a question"
    # What only words tell stays a doubt, which is asked about.
    sure = min(1.0, manner.turns / 10) if manner.marked else 0.2
    if label is not None and label in asking:
        return RoleReading(label, Role.INTERVIEWER, round(0.55 + 0.3 * sure, 2), f"asks: {share}")
    if asked:
        confidence = 0.55 if manner.asking > _ASKS and manner.turns > 2 else 0.85
        return RoleReading(label, Role.PARTICIPANT, confidence, f"another label is an interviewer's; {share}")
    if asking:
        return RoleReading(label, Role.PARTICIPANT, round(0.55 + 0.3 * sure, 2), f"another speaker asks; {share}")
    shape = is_known_shape(label or "")
    return RoleReading(label, Role.PARTICIPANT, 0.6 if shape else 0.4, f"nobody is known to ask; {share}")


def turns_of(utterances: Sequence[Utterance], roles: Sequence[RoleReading]) -> tuple[Turn, ...]:
    """Give every utterance its role, and its end where the next beginning tells it."""
    by_label = {reading.label: reading.role for reading in roles}
    return tuple(
        Turn(
            said.span,
            said.speaker,
            by_label[said.speaker],
            said.started,
            _end(said, following),
            said.breaks,
            said.pauses,
        )
        for said, following in zip_longest(utterances, utterances[1:])
    )


def _end(said: Utterance, following: Utterance | None) -> float | None:
    if said.ended is not None or said.started is None or following is None or following.started is None:
        return said.ended
    return following.started if following.started >= said.started else None


def role_warnings(turns: Sequence[Turn], readings: Sequence[RoleReading]) -> Iterator[str]:
    """Yield what a person should know about the speakers, without naming anybody."""
    labels = Counter(turn.speaker for turn in turns if turn.speaker is not None)
    roles = {turn.role for turn in turns}
    asks = sum(reading.role is Role.INTERVIEWER and reading.reason.startswith("asks") for reading in readings)
    if not labels:
        yield "no speaker labels found; all talk is treated as a participant's"
    elif Role.INTERVIEWER not in roles:
        yield (
            f"none of its {len(labels)} speaker labels names a known interviewer; all are treated as participants "
            "(set the names of your interviewers to change that)"
        )
    elif Role.PARTICIPANT not in roles:
        yield "every speaker label names an interviewer; nothing will be suggested"
    elif asks:
        yield (
            f"none of its {len(labels)} speaker labels names a known interviewer; who asks most was taken for one "
            "(set the names of your interviewers to be sure)"
        )
    if alike := len(probably_one(labels)):
        yield f"speaker labels that are probably one, by a slip of the pen: {alike} pairs"
