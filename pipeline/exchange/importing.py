"""Takes what a file from another tool brings into a study: transcripts, decisions under their coders, and the rest.

Everything of an import is kept under ``imports/NAME``: the file itself, its codings as JSONL ready for benchmarks,
codings whose code the study does not have, memos, and a report. Nothing is dropped, and a second import adds nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError
from corpus.files import digest_file, private_folder, replace_text
from corpus.shipped import selfie
from corpus.solid_text import equal_words
from corpus.span_map import SpanMap
from corpus.transcript import Transcript, digest_of
from pipeline.exchange.bundle import FoundCoding, ImportBundle, read_bundle
from pipeline.exchange.folder import BOOK, REPORT, UNMATCHED, folder_for, keep, keep_people, save_rows
from pipeline.export.qda_project import STEP, TOPLESS, codebook_toml, matched
from pipeline.settings import template
from pipeline.study import SETTINGS, Source, Study, create_study, open_study

if TYPE_CHECKING:
    from pipeline.session import StudySession
    from pipeline.store import NewDecision

SEEDS = "seeds.jsonl"
BATCH = 500
"""Decisions written in one transaction."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of an import.

    Attributes:
        folder: Where everything about it is kept.
        transcripts: Names of those that it coded or brought and that are in the study now.
        added: How many of these are new.
        codings: How many codings have a code of the study and stand in a transcript of it.
        decisions: How many of these are new in the study's log.
        unmatched: Codes that the study does not have, with the number of their codings.
        refused: Transcripts that could not be taken in.
        remarks: What was repaired or left out.
    """

    folder: Path
    transcripts: tuple[str, ...]
    added: int
    codings: int
    decisions: int
    unmatched: Mapping[str, int]
    refused: tuple[InputError, ...]
    remarks: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return counts and names for machines."""
        return {
            **asdict(replace(self, refused=())),
            "folder": str(self.folder),
            "refused": [str(error) for error in self.refused],
        }


def import_file(path: Path, folder: Path) -> ImportReport:
    """Take a file into the study in a folder, which is made with the codebook of the file where there is none.

    Raises:
        InputError: If the file cannot be used.
        UsageError: If the study cannot be used or written.
    """
    from pipeline.session import StudySession

    study = open_study(folder) if (folder / SETTINGS).exists() else None
    bundle = read_bundle(path, partial(_readable, study) if study else dict)
    with StudySession(study or study_for(bundle, folder)) as session:
        return import_bundle(bundle, session)


def study_for(bundle: ImportBundle, folder: Path) -> Study:
    """Open the study in a folder; make it, with the codebook of the file, where there is none.

    A file whose codes are all SELFIE's makes a study with SELFIE. Seeds of any other codebook are its own names and
    definitions until there are better ones.

    Raises:
        UsageError: If the folder cannot be used.
    """
    if (folder / SETTINGS).exists():
        return open_study(folder)
    book = bundle.book
    if book is None or len(matched(book, bundle.guids, selfie())) == len(book.codes):
        return create_study(folder, name=bundle.name)
    private_folder(folder)
    replace_text(folder / BOOK, codebook_toml(book))
    seeds = ({"code": c.id, "text": f"{c.name}. {c.definition}".strip(), "provenance": "authored"} for c in book.codes)
    save_rows(folder / SEEDS, seeds)
    create_study(folder, name=bundle.name)
    settings = template(bundle.name).replace('codebook = "selfie"', f'codebook = "{BOOK}"', 1)
    replace_text(folder / SETTINGS, settings.replace("seeds = []", f'seeds = ["{SEEDS}"]', 1))
    return open_study(folder)


def import_bundle(bundle: ImportBundle, session: StudySession) -> ImportReport:
    """Take what a file brings into a study, and keep all of it in a folder of ``imports/``.

    Raises:
        InputError: If a transcript of the study cannot be read.
        UsageError: If the study cannot be written.
    """
    study = session.study
    added = _add_transcripts(study, bundle)
    found = [coding for coding in bundle.found if coding.transcript in added.transcripts]
    moved = [*_moved(found, bundle, added.transcripts)]
    codes = matched(bundle.book, bundle.guids, study.codebook()) if bundle.book else {}
    known = [replace(coding, code=codes[coding.code]) for coding in moved if coding.code in codes]
    unmatched = [coding for coding in bundle.found if coding.code not in codes]
    stranded = [c for c in bundle.found if c.code in codes and c.transcript not in added.transcripts]
    report = ImportReport(
        folder_for(study, bundle.path),
        tuple(sorted(added.transcripts)),
        added.new,
        len(known),
        _decide(session, added, known),
        dict(Counter(_label(coding.code, bundle) for coding in unmatched)),
        added.refused,
        (*bundle.remarks, *_left_out(len(found) - len(moved), len(stranded))),
    )
    keep(report.folder, bundle, known, [*unmatched, *stranded])
    keep_people(study, bundle)
    replace_text(report.folder / REPORT, json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n")
    return report


def _readable(study: Study) -> dict[str, Transcript]:
    """Return the transcripts of a study; ``precode run`` says which cannot be read."""
    found: dict[str, Transcript] = {}
    for source in study.sources().accepted:
        with suppress(InputError):
            found[source.name] = study.read(source)
    return found


def _label(code: str, bundle: ImportBundle) -> str:
    """Return what a person calls a code of the file."""
    known = bundle.book[code] if bundle.book else None
    return f"{known.domain}{STEP}{known.name}".removeprefix(f"{TOPLESS}{STEP}") if known else code


@dataclass(frozen=True, slots=True)
class _AddedTranscripts:
    """Transcripts of an import as the study reads them, by the name the import has for them."""

    transcripts: Mapping[str, Transcript]
    sources: Mapping[str, Source]
    new: int
    refused: tuple[InputError, ...]


def _add_transcripts(study: Study, bundle: ImportBundle) -> _AddedTranscripts:
    """Put the transcripts of a file into the study and read each again."""
    known = {source.name: source for source in study.sources().accepted}
    refused: list[InputError] = []
    with TemporaryDirectory(prefix="precode-") as folder:
        for path in (*bundle.files, *_written(Path(folder), bundle.texts)):
            try:
                _take(study, path, known.get(path.stem))
            except InputError as error:
                refused.append(InputError(Path(error.place).name, error.problem))
    failed = {Path(error.place).stem for error in refused}
    wanted = {
        *bundle.texts,
        *(path.stem for path in bundle.files),
        *(coding.transcript for coding in bundle.found),
    } - failed
    there = {source.name: source for source in study.sources().accepted if source.name in wanted}
    transcripts = {name: study.read(source) for name, source in there.items()}
    return _AddedTranscripts(transcripts, there, len(there.keys() - known.keys()), tuple(refused))


def _written(folder: Path, texts: Mapping[str, str]) -> Iterator[Path]:
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_bytes(text.encode("utf-8", "replace"))
        yield path


def _take(study: Study, path: Path, namesake: Source | None) -> None:
    """Copy a transcript into the study, once it is known to read as the same talk as what is there under its name."""
    read = study.read(Source(path.stem, path, path.name))
    if namesake is None:
        errors = study.import_files([path]).refused
        if errors:
            raise errors[0]
    elif namesake.digest() != digest_file(path) and not equal_words(study.read(namesake).text, read.text):
        raise InputError(path.name, f"differs from {namesake.relative}, which has its name; rename one of them")


def _moved(
    found: Iterable[FoundCoding], bundle: ImportBundle, transcripts: Mapping[str, Transcript]
) -> Iterator[FoundCoding]:
    """Yield the codings with spans into the study's texts; only those whose words are the same there."""
    maps: dict[str, SpanMap] = {}
    for coding in found:
        name, text = coding.transcript, transcripts[coding.transcript].text
        brought = bundle.texts.get(name, text)
        if brought != text and name not in maps:
            maps[name] = SpanMap.across_white_space(brought, text)
        span = maps[name].move(coding.span) if name in maps else coding.span
        if span is not None and equal_words(span.of(text), coding.exact):
            yield replace(coding, span=span, exact=span.of(text))


def _left_out(misplaced: int, stranded: int) -> Iterator[str]:
    """Yield a line for codings that could not be taken in."""
    if misplaced:
        yield f"{misplaced} codings stand on words that the transcript of the study does not have and were left out"
    if stranded:
        yield f"{stranded} codings stand in transcripts that were not taken in; {UNMATCHED} keeps them"


def _decide(session: StudySession, added: _AddedTranscripts, known: Sequence[FoundCoding]) -> int:
    """Write codings as decisions of their coders and return how many are new."""
    store = session.store
    drafts: list[NewDecision] = []
    by_transcript: defaultdict[str, list[FoundCoding]] = defaultdict(list)
    for coding in known:
        by_transcript[coding.transcript].append(coding)
    for name, transcript in added.transcripts.items():
        version = store.transcripts.add(transcript, added.sources[name]).version
        there = {(s.decision.coder, s.decision.span, s.decision.code) for s in store.decisions.codings(version=version)}
        fresh = (coding for coding in by_transcript[name] if (coding.coder, coding.span, coding.code) not in there)
        drafts += (_draft(coding, version, transcript) for coding in fresh)
    unique = list({str(draft.key): draft for draft in drafts}.items())
    new = 0
    for batch in (dict(unique[n : n + BATCH]) for n in range(0, len(unique), BATCH)):
        known_keys = store.decisions.by_key(list(batch))
        new += len(store.decisions.add(*(draft for key, draft in batch.items() if key not in known_keys)))
    return new


def _draft(coding: FoundCoding, version: int, transcript: Transcript) -> NewDecision:
    from pipeline.store import Action, NewDecision

    talk = f"{transcript.name}\x1f{transcript.digest}"  # two transcripts may say the same
    key = digest_of(f"import\x1f{talk}\x1f{coding.span.start}\x1f{coding.span.end}\x1f{coding.code}\x1f{coding.coder}")
    return NewDecision(
        coding.coder, version, Action.CODE, span=coding.span, code=coding.code, memo=coding.memo, key=key
    )
