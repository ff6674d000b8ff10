"""The folder that keeps an import whole: the file, its codings, what has no place in the study, a report."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from corpus.files import digest_file, replace_file, replace_text
from corpus.participants import TABLES
from corpus.transcript import Span
from pipeline.exchange.found import FoundCoding, ImportBundle, transcript_name
from pipeline.export.qda_project import codebook_toml
from pipeline.export.safety import inert
from pipeline.study import Study

IMPORTS = "imports"
CODINGS, UNMATCHED, QUOTES = "codings.jsonl", "unmatched.jsonl", "quotes.jsonl"
NOTES, BOOK, REPORT = "notes.jsonl", "codebook.toml", "import.json"


def folder_for(study: Study, path: Path) -> Path:
    """Return the folder of an import: the one that keeps this very file already, else a new one named after it."""
    stem, digest = transcript_name(path.stem), digest_file(path)
    names = chain([stem], (f"{stem} {n}" for n in count(2)))
    folders = (study.folder / IMPORTS / name for name in names)
    kept = ((folder, folder / path.name) for folder in folders)
    return next(folder for folder, copy in kept if not copy.exists() or digest_file(copy) == digest)


def keep(folder: Path, bundle: ImportBundle, known: Sequence[FoundCoding], unmatched: Sequence[FoundCoding]) -> None:
    """Write everything about an import but its report.

    Args:
        folder: One of ``folder_for``.
        bundle: What the file brings.
        known: Its codings, with the study's codes and spans into the study's texts.
        unmatched: Codings without a code or a transcript of the study, as the file has them.
    """
    with replace_file(folder / bundle.path.name) as draft:
        shutil.copyfile(bundle.path, draft)
    save_rows(folder / CODINGS, map(_row, known))
    save_rows(folder / UNMATCHED, map(_row, unmatched))
    save_rows(folder / QUOTES, _quotes(known))
    save_rows(folder / NOTES, bundle.notes)
    if bundle.book:
        replace_text(folder / BOOK, codebook_toml(bundle.book))


def _row(coding: FoundCoding) -> dict[str, object]:
    """Return a coding as ``load_codings`` reads it."""
    place = {"transcript": coding.transcript, "start": coding.span.start, "end": coding.span.end}
    memo = {"memo": coding.memo} if coding.memo else {}
    time = {"time": coding.time.isoformat()} if coding.time else {}
    return {**place, "code": coding.code, "coder": coding.coder, "exact": coding.exact, **memo, **time}


def _quotes(known: Iterable[FoundCoding]) -> Iterator[dict[str, object]]:
    """Yield each coded passage once for each coder, as ``load_quotes`` reads it."""
    passages: defaultdict[tuple[str, Span, str], list[FoundCoding]] = defaultdict(list)
    for coding in known:
        if coding.exact.strip():
            passages[coding.transcript, coding.span, coding.coder].append(coding)
    for n, ((transcript, span, coder), group) in enumerate(passages.items(), start=1):
        codes = sorted({coding.code for coding in group})
        quote = {"text": group[0].exact, "codes": codes, "document": transcript, "coder": coder}
        yield {"id": f"{transcript}:{span.start}:{n}", **quote}


def keep_people(study: Study, bundle: ImportBundle) -> None:
    """Write the cases of a file as the table of participants, where the study has none."""
    if not bundle.people or study.settings.study.participants or any((study.folder / n).exists() for n in TABLES):
        return
    headings = dict.fromkeys(name for person in bundle.people for name in person)
    people: dict[str, dict[str, str]] = {}
    for person in bundle.people:
        people.setdefault(person["id"].casefold(), {}).update(person)
    buffer = io.StringIO(newline="")
    lines = csv.writer(buffer)
    lines.writerow([inert(name) for name in headings])
    lines.writerows([inert(person.get(name, "")) for name in headings] for person in people.values())
    replace_text(study.folder / TABLES[0], buffer.getvalue())


def save_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write one JSON object a line, the file whole or not at all."""
    replace_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), errors="replace")
