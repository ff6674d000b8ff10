"""Takes in whatever file a researcher drops: a transcript, a table of participants, a project of another tool.

What a file is follows from its suffix and, for tables, from its headings. An original is never overwritten: a file
whose name is taken by another text is asked about, and what it replaces is moved to ``replaced/`` first.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import count
from pathlib import Path

from corpus.errors import InputError
from corpus.files import digest_file, private_folder, replace_file
from corpus.participants import TABLES, load_participants
from corpus.readers import SUFFIXES
from corpus.transcript import Role, Transcript
from pipeline.exchange.bundle import CLOSED, KINDS
from pipeline.exchange.dropped import FileKind, FileOutcome, SameName, TakenFile
from pipeline.exchange.importing import ImportReport, import_file
from pipeline.exchange.segment_table import segment_table
from pipeline.study import Source, Study

REPLACED = "replaced"
"""Where originals go whose place another file took."""
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".xlsx"})


def take_file(
    study: Study, path: Path, *, kind: FileKind = FileKind.AUTO, same_name: SameName = SameName.ASK
) -> TakenFile:
    """Take a file into a study, or say why not.

    Args:
        study: The study.
        path: The file, under the name it was dropped with; it may be renamed.
        kind: What it is taken for.
        same_name: What to do if its name is taken by another text.

    Raises:
        UsageError: If the study cannot be used or written.
    """
    chosen = kind
    try:
        if kind is FileKind.AUTO:
            chosen = kind_of_file(study, path)
        if chosen is FileKind.TRANSCRIPT:
            return _take_transcript(study, path, same_name)
        if chosen is FileKind.PARTICIPANTS:
            return _take_participants(study, path, same_name)
        return _taken_project(path, import_file(path, study.folder))
    except InputError as error:
        place = Path(error.place.partition(":")[0]).name if path.name in error.place else error.place
        line = f"{place}: {error.problem}"
        return TakenFile(path.name, chosen, FileOutcome.REFUSED, (line,))


def kind_of_file(study: Study, path: Path) -> FileKind:
    """Return what a file looks like.

    Raises:
        InputError: If it is nothing that a study can take in.
    """
    suffix = path.suffix.lower()
    if suffix in TABLE_SUFFIXES:
        return _kind_of_table(study, path)
    if suffix == ".docx":
        from corpus.readers.word_comments import codings_in

        study.read(Source(path.stem, path, path.name))  # refuses what is no Word document
        return FileKind.PROJECT if codings_in(path) else FileKind.TRANSCRIPT
    if suffix == ".toml":
        raise InputError(path.name, "is a codebook, perhaps; choose it when you make a new study")
    if suffix in {".zip", ".7z", ".rar"}:
        raise InputError(path.name, "is an archive; unpack it and drop the files that are in it")
    if suffix == ".json" and not _reads(study, path):
        return FileKind.PROJECT
    is_project = (suffix in KINDS and suffix not in SUFFIXES) or any(map(suffix.startswith, CLOSED))
    return FileKind.PROJECT if is_project else FileKind.TRANSCRIPT


def _kind_of_table(study: Study, path: Path) -> FileKind:
    if segment_table(path, {}) is not None:
        return FileKind.PROJECT
    if path.stem.casefold() != "participants" and _reads(study, path):
        return FileKind.TRANSCRIPT
    try:
        load_participants(path)
    except InputError:
        return FileKind.PROJECT  # a codebook, or refused with what was looked for
    return FileKind.PARTICIPANTS


def _reads(study: Study, path: Path) -> bool:
    """Tell whether a file can be read as a transcript."""
    try:
        study.read(Source(path.stem, path, path.name))
    except InputError:
        return False
    return True


def _take_transcript(study: Study, path: Path, same_name: SameName) -> TakenFile:
    read = study.read(Source(path.stem, path, path.name))
    namesakes = study.namesakes(path.stem)
    for namesake in namesakes:
        if digest_file(namesake.path) == digest_file(path):
            return TakenFile(path.name, FileKind.TRANSCRIPT, FileOutcome.PRESENT, (f"is {namesake.relative} already",))
    if namesakes and same_name is SameName.ASK:
        question = f"differs from {namesakes[0].relative}, which has its name"
        return TakenFile(path.name, FileKind.TRANSCRIPT, FileOutcome.ASKED, (question,))
    moved: tuple[str, ...] = ()
    if namesakes and same_name is SameName.KEEP_BOTH:
        stems = (f"{path.stem} {n}" for n in count(2))
        path = path.rename(path.with_stem(next(stem for stem in stems if not study.namesakes(stem))))
        read = study.read(Source(path.stem, path, path.name))
    else:
        moved = tuple(f"the earlier file is kept as {_set_aside(study, namesake.path)}" for namesake in namesakes)
    refused = study.import_files([path]).refused
    if refused:
        raise refused[0]
    lines = (_description(read), *(warning.removeprefix(f"{path}: ") for warning in read.warnings), *moved)
    return TakenFile(path.name, FileKind.TRANSCRIPT, FileOutcome.ADDED, lines)


def _description(transcript: Transcript) -> str:
    """Say how a transcript was read, in a line."""
    roles = {turn.speaker: turn.role for turn in transcript.turns if turn.speaker}
    asking = [label for label, role in roles.items() if role is Role.INTERVIEWER]
    turns = Counter(turn.role for turn in transcript.turns)
    who = f"{', '.join(asking)} asks" if asking else "nobody is known to ask"
    number = len(transcript.turns)
    return f"{number} {'turn' if number == 1 else 'turns'}, {turns[Role.PARTICIPANT]} by participants; {who}"


def _take_participants(study: Study, path: Path, same_name: SameName) -> TakenFile:
    people = load_participants(path)
    named = study.settings.study.participants
    if named and (Path(named).suffix.lower() == ".xlsx") is not (path.suffix.lower() == ".xlsx"):
        kind = Path(named).suffix or "other"
        raise InputError(path.name, f"is another kind of table than {named}, which study.toml names; save it as {kind}")
    target = study.folder / (named or f"participants{'.xlsx' if path.suffix.lower() == '.xlsx' else '.csv'}")
    tables = {target, *(study.folder / name for name in TABLES if not named)}
    there = [table for table in sorted(tables) if table.exists()]
    if any(digest_file(table) == digest_file(path) for table in there):
        return TakenFile(path.name, FileKind.PARTICIPANTS, FileOutcome.PRESENT, ("is the study's table already",))
    if there and same_name is not SameName.REPLACE:
        question = "the study has another table of participants, and there can be only one"
        return TakenFile(path.name, FileKind.PARTICIPANTS, FileOutcome.ASKED, (question,))
    moved = tuple(f"the earlier table is kept as {_set_aside(study, table)}" for table in there)
    with replace_file(target) as draft:
        draft.write_bytes(path.read_bytes())
    columns = ", ".join(name for name in people.attributes[1:])
    return TakenFile(
        path.name,
        FileKind.PARTICIPANTS,
        FileOutcome.ADDED,
        (f"{len(people)} participants{f' with {columns}' if columns else ''}", *moved),
    )


def _taken_project(path: Path, report: ImportReport) -> TakenFile:
    """Say what an import came to."""
    lines = [f"{len(report.transcripts)} transcripts ({report.added} new), {report.codings} codings"]
    if report.decisions != report.codings:
        lines.append(f"{report.decisions} of the codings are new")
    if report.unmatched:
        total = sum(report.unmatched.values())
        lines.append(f"{total} codings with {len(report.unmatched)} codes that this study lacks are kept in imports/")
    if report.memos:
        lines.append(f"{report.memos} memos")
    lines += [str(error) for error in report.refused]
    lines += report.remarks
    nothing = report.refused and not report.transcripts
    outcome = FileOutcome.REFUSED if nothing else FileOutcome.ADDED
    return TakenFile(path.name, FileKind.PROJECT, outcome, tuple(lines))


def _set_aside(study: Study, path: Path) -> str:
    """Move an original to ``replaced/`` under a name that is free there, and return that place."""
    folder = private_folder(study.folder / REPLACED)
    moment = datetime.now().astimezone().strftime("%Y-%m-%d")
    names = (f"{path.stem} {moment}{f' {n}' if n > 1 else ''}{path.suffix}" for n in count(1))
    target = next(folder / name for name in names if not (folder / name).exists())
    path.replace(target)
    return f"{REPLACED}/{target.name}"
