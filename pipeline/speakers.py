"""Who speaks in the transcripts of a study: read once, judged over all files, corrected by the researcher.

A file alone may not tell who asks. So the speakers of all files are judged together, and what the researcher says in
``[speakers]`` of ``study.toml`` overrules everything. Readings are kept in the study's cache by the digest of each
file, so that a run reads nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError, PrecodeError
from corpus.files import replace_text
from corpus.speakers import SpeakerReading, judge_study, probably_one, speakers_of
from corpus.transcript import Role, Span, Transcript, digest_of
from pipeline.study import Source, Study

if TYPE_CHECKING:
    from corpus.suggestion import Suggestion

READING = "speakers/v1"
"""How speakers are read and judged; part of what decides whether a transcript is pre-coded anew."""
SURE = 0.7
"""Confidence from which a role is taken as known."""
ASKING = 0.25
"""Share of paragraphs with a question above which talk without any label is doubtful: a question may be among it."""
CACHE = "speakers.json"


@dataclass(frozen=True, slots=True)
class TranscriptCheck:
    """How one file was read, for a person to check.

    Attributes:
        name: The transcript's name.
        source: Path of the file within the study.
        speakers: In the order in which they first speak, with roles as all files together suggest.
        turns: How many there are, and how many of them have a time stamp (``timed``).
        asking: Share of turns with a question mark.
        similar: Labels that are probably one, the rarer second.
        warnings: What the reader left out or repaired.
        error: Why the file could not be read; then all else is empty.
    """

    name: str
    source: str
    speakers: tuple[SpeakerReading, ...] = ()
    turns: int = 0
    timed: int = 0
    asking: float = 0.0
    similar: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""

    @property
    def doubtful(self) -> frozenset[str | None]:
        """Labels whose talk gets no suggestions until somebody says who they are; None for talk without a label."""
        if [speaker.label for speaker in self.speakers] == [None]:  # a narrative, a written answer, a monologue
            return frozenset({None}) if self.asking > ASKING else frozenset()
        return frozenset(
            speaker.label for speaker in self.speakers if speaker.confidence < SURE and speaker.role is Role.PARTICIPANT
        )

    @property
    def doubts(self) -> int:
        """How many things a person should look at."""
        return bool(self.error) + len(self.doubtful) + len(self.similar)

    @property
    def fingerprint(self) -> str:
        """Digest of what the reading of speakers means for suggestions."""
        read = [
            (speaker.label, speaker.turns, speaker.words, str(speaker.role), speaker.label in self.doubtful)
            for speaker in self.speakers
        ]
        return digest_of(json.dumps([READING, read], ensure_ascii=False))


class StudySpeakers:
    """The speakers of a study's transcripts. Threads may share one.

    Args:
        study: The study.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._lock = Lock()
        self._checks: Mapping[str, TranscriptCheck] | None = None

    def checks(self) -> Mapping[str, TranscriptCheck]:
        """Return how each file was read, by transcript name; files that were not read before are read now."""
        with self._lock:
            if self._checks is None:
                alone = _read_all(self._study)
                judged = judge_study({check.name: check.speakers for check in alone})
                self._checks = {check.name: replace(check, speakers=judged[check.name]) for check in alone}
            return self._checks

    def read(self, source: Source) -> Transcript:
        """Read one file and give its turns the roles that all files together suggest.

        Raises:
            InputError: If it is no transcript.
        """
        return self.judged(self._study.read(source))

    def judged(self, transcript: Transcript) -> Transcript:
        """Return a transcript whose turns have the roles that all files together suggest."""
        check = self.checks().get(transcript.name)
        roles = {speaker.label: speaker.role for speaker in check.speakers} if check else {}
        turns = tuple(replace(turn, role=roles.get(turn.speaker, turn.role)) for turn in transcript.turns)
        return replace(transcript, turns=turns)

    def fingerprint(self, name: str) -> str:
        """Return the digest of how a transcript's speakers are read now; empty where it is not in the folder."""
        check = self.checks().get(name)
        return check.fingerprint if check else ""

    def hold_back(
        self, transcript: Transcript, suggestions: Sequence[Suggestion]
    ) -> tuple[list[Suggestion], list[Suggestion]]:
        """Split suggestions into those that may be made and those on talk of speakers whose role is doubtful."""
        check = self.checks().get(transcript.name)
        doubtful = check.doubtful if check else frozenset()
        made: list[Suggestion] = []
        held: list[Suggestion] = []
        for suggestion in suggestions:
            at = transcript.turn_at(suggestion.span.start)
            speaker = None if at is None else transcript.turns[at].speaker
            (held if speaker in doubtful else made).append(suggestion)
        return made, held


def _read_all(study: Study) -> list[TranscriptCheck]:
    """Read the speakers of every file, those in the cache by their digest alone."""
    path = study.cache / CACHE
    kept = _kept(path)
    entries = {source.name: _entry(study, source, kept) for source in study.sources().accepted}
    if entries != kept:
        with suppress(PrecodeError):  # it can be made again; a run says itself if the folder cannot be written
            replace_text(path, json.dumps(entries, ensure_ascii=False))
    return [_check(entry) for entry in entries.values()]


def _kept(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _entry(study: Study, source: Source, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of one file: its check as JSON and the digest of all that it was made from."""
    try:
        said = study.settings.speakers.of(source.name, study.settings.transcripts.interviewers)
        made_from = digest_of("\n".join((READING, source.digest(), source.relative, repr(said))))
        known = kept.get(source.name)
        if isinstance(known, dict) and known.get("made_from") == made_from and _is_whole(known):
            return known
        return {"made_from": made_from, "check": asdict(check_of(study.read(source), source.relative))}
    except InputError as error:
        return {"made_from": "", "check": asdict(TranscriptCheck(source.name, source.relative, error=str(error)))}


def check_of(transcript: Transcript, source: str) -> TranscriptCheck:
    """Return how a file was read, judged by itself alone.

    Args:
        transcript: As read.
        source: Path of the file within the study.
    """
    speakers = speakers_of(transcript)
    words = [turn.span.of(transcript.text) for turn in transcript.turns]
    counts = {speaker.label: speaker.turns for speaker in speakers if speaker.label is not None}
    return TranscriptCheck(
        transcript.name,
        source,
        speakers,
        len(words),
        sum(turn.started is not None for turn in transcript.turns),
        sum("?" in talk for talk in words) / max(1, len(words)),
        probably_one(counts),
        transcript.warnings,
    )


def _is_whole(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry of the cache can be read; a study's cache may come from somebody else."""
    try:
        _check(entry)
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _check(entry: Mapping[str, Any]) -> TranscriptCheck:
    values = dict(entry["check"])
    speakers = tuple(
        SpeakerReading(
            **{
                **speaker,
                "first_words": tuple(Span(**span) for span in speaker["first_words"]),
                "role": Role(speaker["role"]),
            }
        )
        for speaker in values["speakers"]
    )
    similar = tuple((str(first), str(second)) for first, second in values["similar"])
    return TranscriptCheck(
        **{**values, "speakers": speakers, "similar": similar, "warnings": tuple(map(str, values["warnings"]))}
    )


def first_words(study: Study, check: TranscriptCheck) -> Iterator[tuple[str | None, str]]:
    """Yield each label with the first words of its first turn; the file is read anew, since no words are kept.

    Raises:
        InputError: If the file cannot be read any more.
    """
    text = study.read(study.source(check.source)).text
    for speaker in check.speakers:
        yield speaker.label, " ".join(speaker.first_words[0].of(text).split()) if speaker.first_words else ""
