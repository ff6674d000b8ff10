"""Every file of the labelled set, and every case from practice, read and scored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.errors import InputError
from corpus.readers import read_transcript
from corpus.transcript import Role
from evaluation.reading.dialogues import dialogues
from evaluation.reading.files import expected_turns, write_form
from evaluation.reading.scorer import LabelledTurn, ReadingScore, found_turns, score_turns

CASES = Path(__file__).parent / "cases.json"
"""What is right in the cases from practice: speaker, role and words of every turn."""


@dataclass(frozen=True, slots=True)
class FileScore:
    """What came of one file.

    Attributes:
        group: What it is counted with: the medium and layout of a form, the folder of a case.
    """

    group: str
    name: str
    score: ReadingScore


def score_file(path: Path, expected: Sequence[LabelledTurn]) -> ReadingScore:
    """Read a file and compare it with what is right."""
    try:
        found = found_turns(read_transcript(path))
    except InputError:
        found = []
    return score_turns(expected, found)


def score_set() -> Iterator[FileScore]:
    """Write, read and score every form of every dialogue."""
    with TemporaryDirectory(prefix="precode-") as folder:
        for dialogue in dialogues():
            for form in dialogue.forms:
                path = write_form(dialogue, form, Path(folder))
                group = f"{form.medium} {form.layout}"
                yield FileScore(group, dialogue.name, score_file(path, expected_turns(dialogue, form)))


def score_cases(folder: Path) -> Iterator[FileScore]:
    """Score the cases from practice that are there."""
    for name, turns in json.loads(CASES.read_text(encoding="utf-8")).items():
        path = folder / name
        if path.is_file():
            yield FileScore(Path(name).parent.name, path.name, score_file(path, list(map(case_turn, turns))))


def missing_cases(folder: Path) -> list[str]:
    """Return the cases from practice that are not there."""
    return [name for name in json.loads(CASES.read_text(encoding="utf-8")) if not (folder / name).is_file()]


def case_turn(cells: Sequence[str | None]) -> LabelledTurn:
    """Return a turn of the table of cases: speaker or null, ``interviewer``, ``participant`` or null, words."""
    speaker, role, words = cells
    return LabelledTurn(speaker, Role(role) if role else None, words or "")


def by_group(scores: Sequence[FileScore]) -> dict[str, ReadingScore]:
    """Return the sums of each group in order of name."""
    groups: dict[str, ReadingScore] = {}
    for each in sorted(scores, key=lambda each: each.group):
        groups[each.group] = groups.get(each.group, ReadingScore()) + each.score
    return groups


def total(scores: Sequence[FileScore]) -> ReadingScore:
    """Return the sum of all."""
    return sum((each.score for each in scores), ReadingScore())
