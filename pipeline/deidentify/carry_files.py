"""Takes files along into a pseudonymised study: codings, what was imported, what was learned.

Every file is written whole, and what is written twice is the same: a killed command is repeated without loss.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from corpus.codebook import load_codebook
from corpus.files import replace_text
from corpus.rows import read_rows
from corpus.seeds import SeedQuote
from corpus.transcript import Span, Transcript
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.copy_study import scrubbed_codebook
from pipeline.deidentify.merge import title_of
from pipeline.deidentify.render import Rendered
from pipeline.exchange.folder import BOOK, CODINGS, IMPORTS, NOTES, QUOTES, REPORT, UNMATCHED, save_rows
from pipeline.export.qda_project import codebook_toml
from pipeline.learned import LearnedSeeds
from pipeline.study import Study

MOVED = "deidentified.json"
"""Lists in the copy, as digests, the codings that were moved into each of its files: what was taken out of a file there
does not come back."""
KEPT_COLUMNS = frozenset({"code", "codes", "provenance", "coder", "kind"})
"""What an import says that no participant said. Coders keep their names, by which their decisions are found."""


def add_codings(target: Path, rows: Sequence[Mapping[str, object]]) -> int:
    """Add codings to a file of the copy that were never added to it before, and return how many.

    The file may have been edited since: what stands there stays, and what was taken out stays out.

    Args:
        target: The file.
        rows: All codings that belong into it, as ``load_codings`` reads them.
    """
    record = target.parent / MOVED
    moved = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    standing = [row.data for row in read_rows(target)] if target.exists() else []
    before = Counter(moved.get(target.name, []) if target.exists() else [])
    there = Counter(map(_digest, standing)) - before
    fresh = []
    for row in rows:
        digest = _digest(row)
        known = before if before[digest] else there  # there: of a command that was killed before it took note
        if known[digest]:
            known[digest] -= 1
        else:
            fresh.append(row)
    if fresh:
        save_rows(target, (*standing, *fresh))
    if rows:
        replace_text(record, json.dumps(moved | {target.name: sorted(map(_digest, rows))}, indent=1) + "\n")
    return len(fresh)


def _digest(row: Mapping[str, object]) -> str:
    """Return what a coding is known by: place, code and coder."""
    place = [row.get(name) for name in ("transcript", "start", "end", "code", "coder")]
    return hashlib.sha256(json.dumps(place).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Scrubber:
    """Takes names out of rows of files.

    Attributes:
        substitutions: What is replaced by what.
        old: Transcripts of the study by name.
        landed: What became of those that are in the copy, by the old name.
    """

    substitutions: Substitutions
    old: Mapping[str, Transcript]
    landed: Mapping[str, Rendered]

    def named(self, name: str) -> str:
        """Return what a transcript, or anything else, is called in the copy."""
        known = self.landed.get(name)
        return known.transcript.name if known else self.substitutions.applied(name)

    def rows(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return rows of an import; those about a transcript that the copy does not have are left out."""
        about = ((row, row.get("transcript", row.get("document"))) for row in rows)
        return [self.row(row) for row, name in about if name is None or name in self.landed]

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with its texts scrubbed and its place in the new text; without a place where it had none."""
        scrubbed = {
            name: self.substitutions.applied(value) if isinstance(value, str) and name not in KEPT_COLUMNS else value
            for name, value in row.items()
        }
        for name in {"transcript", "document"} & row.keys():
            scrubbed[name] = self.named(str(row[name]))
        if "start" in row:
            scrubbed |= self._place(row)
        return scrubbed

    def _place(self, row: Mapping[str, Any]) -> dict[str, Any]:
        name, start, end = str(row["transcript"]), int(row["start"]), int(row["end"])
        if not 0 <= start < end or row.get("exact", "") not in {"", self.old[name].text[start:end]}:
            return {"start": None, "end": None}  # a place in the file's own text
        span, text = self.landed[name].offsets.move_near(Span(start, end)), self.landed[name].transcript.text
        exact = {"exact": span.of(text)} if "exact" in row else {}
        return {"start": type(row["start"])(span.start), "end": type(row["end"])(span.end), **exact}


def carry_imports(study: Study, copy: Study, scrubber: Scrubber) -> None:
    """Take along what was kept of imports, but not the imported files: nobody can take the names out of these.

    Args:
        study: The original.
        copy: The pseudonymised study.
        scrubber: Of this study and this copy.

    Raises:
        InputError: If a file of an import cannot be read.
        UsageError: If the copy cannot be written.
    """
    numbers = count(1)
    for folder in sorted(path for path in (study.folder / IMPORTS).glob("*") if (path / REPORT).is_file()):
        number = next(numbers)
        named = scrubber.substitutions.spots(title_of(folder.name))
        target = copy.folder / IMPORTS / (f"import-{number:02}" if named else folder.name)
        for name in (CODINGS, UNMATCHED, QUOTES, NOTES):
            if (folder / name).is_file():
                rows = scrubber.rows(row.data for row in read_rows(folder / name))
                for n, row in enumerate(rows, start=1):
                    if name == QUOTES:  # their ids begin with the transcript's name
                        row["id"] = f"{row['document']}:{n}"
                save_rows(target / name, rows)
        if (folder / BOOK).is_file():
            book = scrubbed_codebook(load_codebook(folder / BOOK), scrubber.substitutions)
            replace_text(target / BOOK, codebook_toml(replace(book, name=target.name)), errors="replace")
        report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        kept = {name: value for name, value in report.items() if isinstance(value, int)}
        names = [scrubber.named(name) for name in report.get("transcripts", []) if name in scrubber.landed]
        replace_text(target / REPORT, json.dumps({**kept, "transcripts": names}, indent=2, ensure_ascii=False) + "\n")


def carry_learned(study: Study, copy: Study, scrubber: Scrubber) -> None:
    """Take along what the study learned, its quotations without names.

    Args:
        study: The original.
        copy: The pseudonymised study.
        scrubber: Of this study and this copy.

    Raises:
        CodebookError: If quotations name codes the codebook does not have any more.
        IntegrityError: If history or quotations are damaged.
        UsageError: If the copy cannot be written.
    """

    def changed(quote: SeedQuote) -> SeedQuote:
        applied = scrubber.substitutions.applied
        return replace(
            quote,
            text=applied(quote.text),
            context=quote.context and applied(quote.context),
            question=quote.question and applied(quote.question),
            source=quote.source and scrubber.named(quote.source),
            document=quote.document and scrubber.named(quote.document),
        )

    LearnedSeeds(study.folder).copy_to(LearnedSeeds(copy.folder), study.codebook(), changed)
