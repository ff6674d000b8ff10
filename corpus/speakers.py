"""Who speaks in a transcript, as it was read: for people to check, and for a study to judge by all its files.

``speakers_of`` lists the labels of one transcript, ``judge_study`` reconsiders roles over many, ``probably_one`` names
labels that differ by a slip. ``SpeakerSettings`` is what a researcher may say about a file before it is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from corpus.transcript import Role, Span, Transcript

FIRST_WORDS = 60
"""Characters of each turn that stand for it in ``SpeakerReading.first_words``."""
SHOWN_TURNS = 3
"""Turns of a speaker of which the first words are given."""


@dataclass(frozen=True, slots=True)
class SpeakerSettings:
    """What a researcher says about the speakers of a file, or of all files of a study.

    Attributes:
        interviewers: Labels of interviewers, added to the usual ones; case and a number behind them do not matter.
        participants: Labels of participants; they overrule everything else.
        names: From labels as written to the label they are kept under; several may lead to one.
        pattern: What labels look like, such as ``[NAME]``, ``NAME -`` or ``[TIME] NAME:``; None to find out.
        first_line: Number of the line of the canonical text, from 1, on which talk begins; None to find out.
    """

    interviewers: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    pattern: str | None = None
    first_line: int | None = None

    def renamed(self, label: str) -> str:
        """Return the label under which a label as written is kept."""
        return self.names.get(label, label)


@dataclass(frozen=True, slots=True)
class SpeakerReading:
    """One speaker of a transcript, for a person to check.

    Attributes:
        label: As in the file, None for talk that has no label.
        turns: Number of turns, ``words`` number of words in them.
        first_words: Where the first words of the first turns stand.
        confidence: Of the role, 0 to 1; below .7 is a doubt.
        reason: Why the role was given, without transcript text.
    """

    label: str | None
    turns: int
    words: int
    first_words: tuple[Span, ...]
    role: Role
    confidence: float
    reason: str


def speakers_of(transcript: Transcript) -> tuple[SpeakerReading, ...]:
    """Return the speakers of a transcript in the order in which they first speak."""
    judged = {reading.label: reading for reading in transcript.roles}
    labels = dict.fromkeys(turn.speaker for turn in transcript.turns)
    found = []
    for label in labels:
        turns = [turn for turn in transcript.turns if turn.speaker == label]
        spans = [turn.span for turn in turns]
        words = sum(len(span.of(transcript.text).split()) for span in spans)
        first = tuple(Span(span.start, min(span.end, span.start + FIRST_WORDS)) for span in spans[:SHOWN_TURNS])
        known = judged.get(label)
        confidence, reason = (known.confidence, known.reason) if known else (0.5, "as it was kept")
        found.append(SpeakerReading(label, len(turns), words, first, turns[0].role, confidence, reason))
    return tuple(found)


def judge_study(
    readings: Mapping[str, tuple[SpeakerReading, ...]],
) -> dict[str, tuple[SpeakerReading, ...]]:
    """Reconsider the roles of labels over all transcripts of a study.

    Where a transcript has no interviewer that is sure, a label that recurs over files is an interviewer's. A label that
    equals the file's name is a participant's. Labels that say their role ("Participant", "P1") keep it.

    Args:
        readings: The speakers of each transcript, by the transcript's name.

    Returns:
        The same speakers with roles, confidence and reasons as all files together suggest.
    """
    files = Counter(
        key for speakers in readings.values() for key in {plain_label(r.label) for r in speakers if r.label}
    )
    return {
        name: tuple(_judged(reading, name, speakers, files, len(readings)) for reading in speakers)
        for name, speakers in readings.items()
    }


def _judged(
    reading: SpeakerReading, name: str, speakers: Iterable[SpeakerReading], files: Counter[str], count: int
) -> SpeakerReading:
    """Judge one label of one transcript.

    Args:
        reading: The label as its file alone suggests.
        name: The transcript's name.
        speakers: All labels of the transcript.
        files: In how many transcripts each plain label occurs.
        count: Number of transcripts.
    """
    if reading.label is None or reading.confidence >= 0.9:
        return reading
    key = plain_label(reading.label)
    if key == plain_label(name):
        return replace(reading, role=Role.PARTICIPANT, confidence=0.95, reason="its label is the file's name")
    sure = any(other.role is Role.INTERVIEWER and other.confidence >= 0.9 for other in speakers)
    rivals = max((files[plain_label(other.label)] for other in speakers if other.label and other != reading), default=0)
    if not sure and files[key] >= 2 and files[key] > rivals:
        confidence = 0.95 if files[key] >= 3 else 0.8
        reason = f"its label recurs in {files[key]} of {count} files"
        return replace(reading, role=Role.INTERVIEWER, confidence=confidence, reason=reason)
    if not sure and rivals >= 2 and files[key] < rivals:
        return replace(reading, role=Role.PARTICIPANT, confidence=0.85, reason="another label recurs over files")
    return reading


def probably_one(counts: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    """Return pairs of labels that differ by case, accents, a mark or one letter; the rarer comes second.

    Labels that differ in a number ("P1" and "P2") are two.

    Args:
        counts: Number of turns by label.
    """
    labels = sorted(counts, key=lambda label: (-counts[label], label))[:200]
    return tuple(
        (label, other)
        for n, label in enumerate(labels)
        for other in labels[n + 1 :]
        if _is_slip(label, other, rare=counts[other] <= max(2, counts[label] // 4))
    )


def _is_slip(label: str, other: str, *, rare: bool) -> bool:
    if plain_label(label) == plain_label(other):
        return True
    if re.findall(r"\d+", label) != re.findall(r"\d+", other):
        return False
    return rare and min(len(label), len(other)) >= 4 and one_slip(plain_label(label), plain_label(other))


def plain_label(label: str) -> str:
    """Return a label without case, accents, blanks and marks, the form in which labels are compared."""
    letters = unicodedata.normalize("NFKD", label).casefold()
    return "".join(letter for letter in letters if letter.isalnum()) or letters


def one_slip(word: str, other: str) -> bool:
    """Tell whether two words differ by one letter: wrong, missing, or two exchanged."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    mine, theirs = word[start:], other[start:]
    if len(mine) == len(theirs):
        return mine[1:] == theirs[1:] or (mine[:2] == theirs[1::-1] and mine[2:] == theirs[2:])
    return mine[1:] == theirs if len(mine) > len(theirs) else mine == theirs[1:]
