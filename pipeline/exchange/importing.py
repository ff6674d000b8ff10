"""Takes what a file from another tool brings into a study: transcripts, decisions under their coders, and the rest.

Everything of an import is kept under ``imports/NAME``: the file itself, its codings as JSONL ready for benchmarks,
codings whose code the study does not have, memos, and a report. Nothing is dropped, and a second import adds nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from corpus.codebook import STEP
from corpus.errors import InputError
from corpus.files import digest_file, private_folder, replace_text
from corpus.revision import Revision
from corpus.shipped import selfie
from corpus.solid_text import equal_words
from corpus.transcript import Transcript, digest_of
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.folder import BOOK, REPORT, UNMATCHED, folder_for, keep, keep_people, save_rows
from pipeline.exchange.found import FoundCoding, FoundMemo, ImportBundle, ImportRequest
from pipeline.exchange.placing import SAME_TALK, Placed, place, trimmed
from pipeline.export.qda_project import TOPLESS, codebook_toml, matched
from pipeline.settings import template
from pipeline.study import SETTINGS, Source, Study, create_study, open_study

if TYPE_CHECKING:
    from pipeline.session import StudySession
    from pipeline.store import Event, NewDecision

SEEDS = "seeds.jsonl"
BATCH = 500
"""Decisions written in one transaction."""
MEMO_BREAK = "\n\n"
"""Between memos that one coder has on one subject; the page shows them as one."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of an import.

    Attributes:
        folder: Where everything about it is kept.
        transcripts: Names of those that it coded or brought and that are in the study now.
        added: How many of these are new.
        codings: How many codings have a code of the study and stand in a transcript of it.
        decisions: How many of these are new in the study's log.
        codes: How many codes the file names.
        coders: Whose the codings are, with how many are whose.
        memos: How many memos on transcripts and codes are new in the study.
        unmatched: Codes that the study does not have, with the number of their codings.
        refused: Transcripts that could not be taken in.
        remarks: What was repaired or left out.
    """

    folder: Path
    transcripts: tuple[str, ...]
    added: int
    codings: int
    decisions: int
    codes: int
    coders: Mapping[str, int]
    memos: int
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


def import_file(
    path: Path, folder: Path, *, comments_as_codes: bool = False, columns: Mapping[str, str] | None = None
) -> ImportReport:
    """Take a file into the study in a folder, which is made with the codebook of the file where there is none.

    Args:
        path: The file.
        folder: Of the study.
        comments_as_codes: Whether every comment of a Word transcript is a code, known or not.
        columns: Headings of a table by what they hold (``text``, ``code``, ...), where they are not known.

    Raises:
        InputError: If the file cannot be used.
        UsageError: If the study cannot be used or written.
    """
    from pipeline.session import StudySession

    study = open_study(folder) if (folder / SETTINGS).exists() else None
    transcripts = partial(_readable, study) if study else dict
    codebook = study.codebook() if study else None
    bundle = read_bundle(path, ImportRequest(transcripts, codebook, comments_as_codes, columns or {}))
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
    if book is None or not bundle.defines_codes or len(matched(book, bundle.guids, selfie())) == len(book.codes):
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
    added = _add_transcripts(session, bundle)
    codes = matched(bundle.book, bundle.guids, study.codebook()) if bundle.book else {}
    unmatched = [coding for coding in bundle.found if coding.code not in codes]
    coded = [replace(coding, code=codes[coding.code]) for coding in bundle.found if coding.code in codes]
    stranded = [coding for coding in coded if coding.transcript not in added.transcripts]
    here = (coding for coding in coded if coding.transcript in added.transcripts)
    placed = place(here, added.brought, added.transcripts)
    memos = [replace(memo, code=codes.get(memo.code, "")) if memo.code else memo for memo in bundle.memos]
    report = ImportReport(
        folder_for(study, bundle.path),
        tuple(sorted(added.transcripts)),
        added.new,
        len(placed.codings),
        _decide(session, added, placed),
        len(bundle.book.codes) if bundle.book else 0,
        dict(Counter(coding.coder for coding in placed.codings)),
        _note_memos(session, added, memos),
        dict(Counter(_label(coding.code, bundle) for coding in unmatched)),
        added.refused,
        (*bundle.remarks, *added.told(), *placed.told(), *_stranded(len(stranded))),
    )
    keep(report.folder, bundle, placed.codings, [*unmatched, *stranded, *placed.lost])
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
    """Transcripts of an import as the study reads them, by the name the import has for them.

    Attributes:
        brought: Their texts as the file has them, where it has any.
        corrected: Names of those whose text the study has in another version.
    """

    transcripts: Mapping[str, Transcript]
    sources: Mapping[str, Source]
    brought: Mapping[str, str]
    new: int
    corrected: tuple[str, ...]
    refused: tuple[InputError, ...]

    def told(self) -> Iterator[str]:
        """Yield a line for each text that differs."""
        for name in self.corrected:
            yield f"{name}: the study has a corrected text; codings were placed by their words"


def _add_transcripts(session: StudySession, bundle: ImportBundle) -> _AddedTranscripts:
    """Put the transcripts of a file into the study and read each again."""
    study = session.study
    known = {source.name: source for source in study.sources().accepted}
    earlier = {(text.name, text.digest) for text in session.store.transcripts.versions(superseded=True)}
    refused: list[InputError] = []
    corrected: list[str] = []
    brought = dict(bundle.texts)
    with TemporaryDirectory(prefix="precode-") as folder:
        for path in (*bundle.files, *_written(Path(folder), bundle.texts)):
            try:
                read = study.read(Source(path.stem, path, path.name))
                brought.setdefault(path.stem, read.text)
                if _take(study, path, read, known.get(path.stem), earlier):
                    corrected.append(path.stem)
            except InputError as error:
                refused.append(InputError(Path(error.place).name, error.problem))
    failed = {Path(error.place).stem for error in refused}
    wanted = {*brought, *(path.stem for path in bundle.files), *(coding.transcript for coding in bundle.found)} - failed
    there = {source.name: source for source in study.sources().accepted if source.name in wanted}
    transcripts = {name: study.read(source) for name, source in there.items()}
    new = len(there.keys() - known.keys())
    return _AddedTranscripts(transcripts, there, brought, new, tuple(corrected), tuple(refused))


def _written(folder: Path, texts: Mapping[str, str]) -> Iterator[Path]:
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_bytes(text.encode("utf-8", "replace"))
        yield path


def _take(study: Study, path: Path, read: Transcript, namesake: Source | None, earlier: set[tuple[str, str]]) -> bool:
    """Copy a transcript into the study, or find the same talk there; return whether its text was corrected since.

    Args:
        study: The study.
        path: The file.
        read: What it says.
        namesake: The transcript of the study that has its name, if there is one.
        earlier: Names and digests of all texts that the study has or had.

    Raises:
        InputError: If it cannot be taken in, or is another talk than the one of its name.
    """
    if namesake is None:
        errors = study.import_files([path]).refused
        if errors:
            raise errors[0]
        return False
    if not namesake.corrections and namesake.digest() == digest_file(path):
        return False
    current = study.read(namesake).text
    if equal_words(current, read.text):
        return False
    if (namesake.name, read.digest) in earlier or Revision(read.text, current).kept >= SAME_TALK:
        return True
    raise InputError(path.name, f"differs from {namesake.relative}, which has its name; rename one of them")


def _stranded(count: int) -> Iterator[str]:
    """Yield a line for codings whose transcripts could not be taken in."""
    if count:
        yield f"{count} codings stand in transcripts that were not taken in; {UNMATCHED} keeps them"


def _decide(session: StudySession, added: _AddedTranscripts, placed: Placed) -> int:
    """Write codings as decisions of their coders and return how many are new.

    A coding that is there up to white space at its ends, which other tools add or take away, is not new.
    """
    from pipeline.store import EventKind, NewEvent

    store = session.store
    drafts: list[NewDecision] = []
    by_transcript: defaultdict[str, list[FoundCoding]] = defaultdict(list)
    for coding in placed.codings:
        by_transcript[coding.transcript].append(coding)
    changed = set(map(id, placed.changed))
    for name, transcript in added.transcripts.items():
        version, text = store.transcripts.add(transcript, added.sources[name]).version, transcript.text
        decisions = (current.decision for current in store.decisions.codings(version=version))
        there = {(d.coder, trimmed(d.span, text), d.code) for d in decisions if d.span is not None}
        for coding in by_transcript[name]:
            if (coding.coder, trimmed(coding.span, text), coding.code) not in there:
                drafts.append(_draft(coding, version, transcript))
                if id(coding) in changed:
                    store.events.add(NewEvent(coding.coder, EventKind.MOVED, version, coding.span, coding.code))
    unique = list({str(draft.key): draft for draft in drafts}.items())
    new = 0
    for batch in (dict(unique[n : n + BATCH]) for n in range(0, len(unique), BATCH)):
        known_keys = store.decisions.by_key(list(batch))
        new += len(store.decisions.add(*(draft for key, draft in batch.items() if key not in known_keys)))
    return new


def _note_memos(session: StudySession, added: _AddedTranscripts, memos: Iterable[FoundMemo]) -> int:
    """Add memos on transcripts and codes to what their coders noted there, and return how many are new."""
    from pipeline.store import EventKind, NewEvent

    store = session.store
    versions = {version.name: version.id for version in store.transcripts.versions()}
    events = [event for event in store.events.stream() if event.kind is EventKind.MEMO]
    held = {_subject(event): event.text for event in events}
    said = {(*_subject(event), line) for event in events for line in (event.text, *event.text.split(MEMO_BREAK))}
    new = 0
    for memo in memos:
        version = versions.get(memo.transcript) if memo.transcript in added.transcripts else None
        subject = (memo.coder, version, memo.code or None)
        text = memo.text.strip()
        if text and (version is not None or memo.code) and (*subject, text) not in said:
            whole = MEMO_BREAK.join(part for part in (held.get(subject, ""), text) if part)
            store.events.add(NewEvent(memo.coder, EventKind.MEMO, version, code=memo.code or None, text=whole))
            held[subject] = whole
            said.add((*subject, text))
            new += 1
    return new


def _subject(event: Event) -> tuple[str, int | None, str | None]:
    return event.coder, event.version, event.code


def _draft(coding: FoundCoding, version: int, transcript: Transcript) -> NewDecision:
    from pipeline.store import Action, NewDecision

    talk = f"{transcript.name}\x1f{transcript.digest}"  # two transcripts may say the same
    key = digest_of(f"import\x1f{talk}\x1f{coding.span.start}\x1f{coding.span.end}\x1f{coding.code}\x1f{coding.coder}")
    return NewDecision(
        coding.coder,
        version,
        Action.CODE,
        span=coding.span,
        code=coding.code,
        memo=coding.memo,
        key=key,
        time=coding.time,
    )
