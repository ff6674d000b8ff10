"""What a study has learned: seed quotations in ``learned/``, and the history that says which of them are in force.

``seeds-<digest>.jsonl`` holds quotations and never changes. ``history.jsonl`` has one line for each time they were
replaced or taken back; folded, its lines are a stack, and the quotations on top are in force. Quotations are written
before the line that names them, each file whole or not at all: a kill leaves what was in force before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from corpus.codebook import Codebook
from corpus.errors import CodebookError, InputError, IntegrityError, UsageError
from corpus.files import replace_text
from corpus.rows import TableRow, read_rows
from corpus.seeds import SeedBank, SeedQuote, read_seeds

FOLDER = "learned"
HISTORY = "history.jsonl"
INSTALL, BACK = "install", "back"


@dataclass(frozen=True, slots=True)
class Lesson:
    """One learning that is or was in force.

    Attributes:
        seeds: Digest of the quotations.
        created: When, in UTC, ISO 8601.
        facts: What spoke for it: counts and held-out scores by name.
    """

    seeds: str
    created: str
    facts: Mapping[str, float] = field(default_factory=dict)


class LearnedSeeds:
    """The ``learned`` folder of a study.

    Args:
        study: The study folder.
    """

    def __init__(self, study: Path) -> None:
        self.study = study
        self.folder = study / FOLDER

    def lessons(self) -> list[Lesson]:
        """Return the lessons in force, the last on top; empty for a study that has learned nothing.

        Raises:
            IntegrityError: If the history is damaged.
        """
        stack: list[Lesson] = []
        for action, lesson in self._history():
            stack = [*stack, lesson] if action == INSTALL else stack[:-1]
        return stack

    def seeds(self, codebook: Codebook) -> SeedBank:
        """Return the quotations in force.

        Raises:
            CodebookError: If they name codes the codebook does not have any more.
            IntegrityError: If their file is gone or is not what was written.
        """
        lessons = self.lessons()
        return self._load(lessons[-1].seeds, codebook) if lessons else SeedBank(())

    def install(self, bank: SeedBank, facts: Mapping[str, float]) -> Lesson:
        """Put quotations in force; those before stay for ``back``.

        Raises:
            UsageError: If the folder cannot be written.
        """
        lesson = Lesson(bank.digest, _now(), dict(facts))
        replace_text(self._file(bank.digest), "".join(f"{_line(quote)}\n" for quote in bank.quotes))
        self._append({"action": INSTALL, **asdict(lesson)})
        return lesson

    def back(self) -> Lesson | None:
        """Take the last lesson back and return the one in force now, None for the seeds the study began with.

        Raises:
            UsageError: If nothing has been learned, or the folder cannot be written.
        """
        lessons = self.lessons()
        if not lessons:
            raise UsageError(f"{self.study}: has learned nothing that could be taken back")
        self._append({"action": BACK, "seeds": lessons[-1].seeds, "created": _now(), "facts": {}})
        return lessons[-2] if len(lessons) > 1 else None

    def copy_to(self, other: LearnedSeeds, codebook: Codebook, changed: Callable[[SeedQuote], SeedQuote]) -> None:
        """Give another study what was learned here; one that has learned by itself since is left as it is.

        Args:
            other: Of the other study.
            codebook: Of both.
            changed: Makes the other study's quotation of one of this study.

        Raises:
            CodebookError: If quotations name codes the codebook does not have any more.
            IntegrityError: If history or quotations are damaged.
        """
        lines, digests = "", dict[str, str]()
        for action, lesson in self._history():
            if lesson.seeds not in digests:
                bank = SeedBank(tuple(map(changed, self._load(lesson.seeds, codebook).quotes)))
                digests[lesson.seeds] = bank.digest
                replace_text(other._file(bank.digest), "".join(f"{_line(quote)}\n" for quote in bank.quotes))
            lines += json.dumps({"action": action, **asdict(lesson), "seeds": digests[lesson.seeds]}) + "\n"
        path = other.folder / HISTORY
        if lines and lines.startswith(path.read_text(encoding="utf-8") if path.exists() else ""):
            replace_text(path, lines)

    def _load(self, digest: str, codebook: Codebook) -> SeedBank:
        path, remedy = self._file(digest), f"to do without it, type: precode learn --study {self.study} --back"
        try:
            bank = read_seeds([path], codebook)
        except CodebookError as error:
            raise CodebookError(f"{error}; {remedy}") from None
        except InputError as error:
            raise IntegrityError(f"{error}; {remedy}") from None
        if bank.digest != digest:
            raise IntegrityError(f"{path}: is not what was learned (digest differs); {remedy}")
        return bank.under(codebook)

    def _history(self) -> list[tuple[str, Lesson]]:
        path = self.folder / HISTORY
        try:
            return [_entry(row) for row in read_rows(path)] if path.exists() else []
        except InputError as error:
            raise IntegrityError(f"{error}; mend the line, or delete {self.folder} to begin afresh") from None

    def _file(self, digest: str) -> Path:
        return self.folder / f"seeds-{digest[:16]}.jsonl"

    def _append(self, entry: Mapping[str, object]) -> None:
        path = self.folder / HISTORY
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        replace_text(path, f"{before}{json.dumps(entry)}\n")


def _entry(row: TableRow) -> tuple[str, Lesson]:
    action, facts = row.text("action"), row.required("facts")
    if action not in {INSTALL, BACK} or not isinstance(facts, dict):
        raise InputError(row.place, "is no line of a history")
    return action, Lesson(row.text("seeds"), row.text("created"), facts)


def _line(quote: SeedQuote) -> str:
    kept = {key: value for key, value in asdict(quote).items() if value is not None}
    return json.dumps({"code": None, **kept}, ensure_ascii=False)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
