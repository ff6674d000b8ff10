"""Pseudonymises a study: a new study folder beside it, the key in the old one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from corpus.codings import Coding, load_codings
from corpus.errors import InputError, UsageError
from corpus.readers import DEFAULT_INTERVIEWERS
from corpus.rows import read_rows
from corpus.transcript import Transcript
from pipeline.deidentify.candidates import ReplacementCandidate, Substitutions
from pipeline.deidentify.carry_files import Scrubber, add_codings, carry_imports, carry_learned
from pipeline.deidentify.copy_study import interviewers_of, new_study
from pipeline.deidentify.key import Entry, Key, save_key
from pipeline.deidentify.leaks import check
from pipeline.deidentify.merge import propose, title_of
from pipeline.deidentify.pseudonyms import filled
from pipeline.deidentify.render import Rendered, render
from pipeline.study import Study

if TYPE_CHECKING:
    from pipeline.deidentify.carry import Carried

FOLDER, KEY = "deidentify", "key.json"
SUFFIX = "-deidentified"
"""What the new study's folder is called: the old one's name and this."""


@dataclass(frozen=True, slots=True)
class ReadStudy:
    """The transcripts of a study, and an error for each file that cannot be read."""

    transcripts: tuple[Transcript, ...]
    refused: tuple[InputError, ...]


@dataclass(frozen=True)
class Applied:
    """What became of a study.

    Attributes:
        replaced: How many places were replaced.
        codings: How many codings of files moved along.
    """

    study: Study
    transcripts: int
    replaced: int
    codings: int
    carried: Carried
    refused: tuple[InputError, ...]


def read_all(study: Study) -> ReadStudy:
    """Read every transcript of a study that can be read."""
    sources = study.sources()
    refused = list(sources.refused)
    transcripts: list[Transcript] = []
    for source in sources.accepted:
        try:
            transcripts.append(study.read(source))
        except InputError as error:
            refused.append(error)
    return ReadStudy(tuple(transcripts), tuple(refused))


def proposed(transcripts: Sequence[Transcript], known: Sequence[ReplacementCandidate]) -> list[ReplacementCandidate]:
    """Return the list of a study: what is known as it was decided, behind it what is new."""
    return propose(transcripts, filled(known))


def sound(candidates: Sequence[ReplacementCandidate]) -> Substitutions:
    """Return what a confirmed list replaces.

    Raises:
        UsageError: If nothing is to be hidden, or a replacement is itself on the list.
    """
    complete = filled(candidates)
    substitutions = Substitutions(complete)
    hidden = [candidate for candidate in complete if candidate.hide]
    if not hidden:
        raise UsageError("the list hides nothing; say yes under 'hide' where something is to be replaced")
    bad = sum(
        1
        for candidate in hidden
        if substitutions.spots(candidate.replacement) or not candidate.replacement.isprintable()
    )
    if bad:
        raise UsageError(f"{bad} replacements on the list are themselves to be hidden; choose others for them")
    return substitutions


def apply(
    study: Study,
    target: Path,
    candidates: Sequence[ReplacementCandidate],
    key: Key,
    passphrase: str,
    codings: Iterable[Path] = (),
) -> Applied:
    """Write the pseudonymised study; what is there already stays as it is, and what came since is added.

    The key is written before anything else: no replacement is ever made that nobody could undo. Killed at any moment,
    the same call goes on where it stopped.

    Args:
        study: The original, which is not changed but for the key.
        target: Folder of the new study.
        candidates: The confirmed list.
        key: What earlier runs replaced; empty at first.
        passphrase: Encrypts the key.
        codings: Files of human codings, which move along.

    Raises:
        UsageError: If the list or the target cannot be used.
        InputError: If a file of codings does not fit the transcripts.
        IntegrityError: If an identifier is left in the new study.
    """
    substitutions, reading = sound(candidates), read_all(study)
    old = {transcript.name: transcript for transcript in reading.transcripts}
    coded = {path: load_codings(path, old, study.codebook()) for path in codings}
    names = _names(reading.transcripts, substitutions, key.names)
    with TemporaryDirectory(prefix="precode-") as folder:
        rendered, refused = _render(study, reading.transcripts, substitutions, names, Path(folder))
        save_key(study.folder / FOLDER / KEY, key.with_more(_key(candidates, names, rendered)), passphrase)
        copy = new_study(study, target, substitutions, names)
        imported = copy.import_files(each.path for each in rendered.values())
    stale = {Path(error.place).stem for error in imported.refused}
    landed = {name: each for name, each in rendered.items() if each.transcript.name not in stale}
    moved = sum(
        add_codings(copy.folder / name, rows) for name, rows in _moved_codings(coded, landed, substitutions).items()
    )
    carried = _carry(study, copy, old, landed, substitutions)
    scrubber = Scrubber(substitutions, old, landed)
    carry_imports(study, copy, scrubber)
    carry_learned(study, copy, scrubber)
    check(copy.folder, substitutions)
    replaced = sum(len(each.originals) for each in landed.values())
    refusals = (*reading.refused, *refused, *(_changed(error, copy) for error in imported.refused))
    return Applied(copy, len(landed), replaced, moved, carried, refusals)


def _changed(error: InputError, copy: Study) -> InputError:
    name = Path(error.place).name
    return InputError(
        name, f"came out otherwise than it is in {copy.folder}; remove it there, or choose --to elsewhere"
    )


def _names(transcripts: Sequence[Transcript], substitutions: Substitutions, known: Mapping[str, str]) -> dict[str, str]:
    """Return a new name for each transcript; those that name nobody keep theirs."""
    names = dict(known)
    for transcript in transcripts:
        if transcript.name not in names:
            taken = {*names.values(), *(other.name for other in transcripts)}
            numbered = (name for n in count(1) if (name := f"transcript-{n:02}") not in taken)
            names[transcript.name] = (
                next(numbered) if substitutions.spots(title_of(transcript.name)) else transcript.name
            )
    return names


def _render(
    study: Study,
    transcripts: Sequence[Transcript],
    substitutions: Substitutions,
    names: Mapping[str, str],
    folder: Path,
) -> tuple[dict[str, Rendered], list[InputError]]:
    interviewers = interviewers_of(study, substitutions) or DEFAULT_INTERVIEWERS
    done: dict[str, Rendered] = {}
    refused: list[InputError] = []
    for transcript in transcripts:
        try:
            done[transcript.name] = render(transcript, substitutions, folder, names[transcript.name], interviewers)
        except InputError as error:
            refused.append(error)
    return done, refused


def _key(candidates: Sequence[ReplacementCandidate], names: Mapping[str, str], rendered: Mapping[str, Rendered]) -> Key:
    entries = tuple(
        Entry(candidate.text, candidate.kind, candidate.replacement)
        for candidate in filled(candidates)
        if candidate.hide
    )
    originals = {each.transcript.name: each.originals for each in rendered.values()}
    return Key(entries, {name: names[name] for name in rendered}, originals)


def _moved_codings(
    coded: Mapping[Path, Sequence[Coding]], landed: Mapping[str, Rendered], substitutions: Substitutions
) -> dict[str, list[dict[str, object]]]:
    """Return codings with moved offsets and the new words, by the name of the file they belong into."""
    files: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    for path, codings in coded.items():
        name = "codings.jsonl" if substitutions.spots(title_of(path.stem)) else f"{path.stem}.jsonl"
        memos = [substitutions.applied(row.optional("memo") or "") for row in read_rows(path)]  # a coding is a row
        for coding, memo in zip(codings, memos, strict=True):
            if coding.transcript in landed:
                files[name].append(_row(coding, memo, landed[coding.transcript]))
    return files


def _row(coding: Coding, memo: str, rendered: Rendered) -> dict[str, object]:
    span, text = rendered.offsets.move_near(coding.span), rendered.transcript.text
    place = {"transcript": rendered.transcript.name, "start": span.start, "end": span.end}
    noted = {"memo": memo} if memo else {}
    return {**place, "code": coding.code, "coder": coding.coder, "exact": span.of(text), **noted}


def _carry(
    study: Study,
    copy: Study,
    old: Mapping[str, Transcript],
    landed: Mapping[str, Rendered],
    substitutions: Substitutions,
) -> Carried:
    from pipeline.deidentify.carry import Carried, Move, carry
    from pipeline.store import StudyStore

    if not study.settings.store.url and not Path(study.database).exists():
        return Carried()
    sources = {source.name: source for source in copy.sources().accepted}
    moves = [
        Move(old[name], each.transcript, sources[each.transcript.name], each.offsets) for name, each in landed.items()
    ]
    with StudyStore(study.database) as before, StudyStore(copy.database) as after:
        return carry(before, after, moves, substitutions)
