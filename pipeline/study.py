"""A study: a folder with ``study.toml``, ``transcripts/``, ``study.db``, ``cache/``, ``reports/`` and ``exports/``."""

from __future__ import annotations

import errno
import os
import shutil
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from corpus.codebook import Codebook, load_codebook
from corpus.corrections import Corrected, Correction, Fit, apply_corrections
from corpus.errors import InputError, UsageError
from corpus.files import PRIVATE_FOLDER, digest_file, private_folder, replace_file, replace_text, sweep
from corpus.participants import Participants, participants_of
from corpus.seeds import SeedBank, load_seeds
from corpus.shipped import framework, framework_seeds, frameworks, sample_codings, sample_transcripts
from corpus.transcript import Transcript, digest_of
from pipeline.choices import DEFAULT_CODEBOOK
from pipeline.corrections import CorrectionLog, digest_of_corrections
from pipeline.settings import Settings, load_settings, template
from pipeline.trust import require_trust

SETTINGS = "study.toml"
FOLDERS = ("transcripts", "reports", "exports", "cache")
CODINGS = "human_codings.jsonl"
"""Where the sample study keeps its human codings."""

NOT_TRANSCRIPTS = (".", "~$")
"""How names begin that file managers and word processors leave behind."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file under ``transcripts/``.

    Attributes:
        name: The transcript's name: the file name without its suffix.
        relative: Path within the study folder, with forward slashes.
        corrections: Digest of the corrections that people made of its text on the page; empty for none.
    """

    name: str
    path: Path
    relative: str
    corrections: str = ""

    def digest(self) -> str:
        """Return the SHA-256 of all that the transcript is made of.

        That is the file's bytes, the other speakers' files that are read with it, and corrections of its text.

        Raises:
            InputError: If a file cannot be read.
        """
        from corpus.readers.pairs import companions

        digests = [digest_file(path) for path in (self.path, *companions(self.path))]
        digests += [self.corrections] if self.corrections else []
        return digests[0] if len(digests) == 1 else digest_of(" ".join(digests))


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a study: those that can be worked on, and one error for each of the others.

    Attributes:
        passed_over: Recordings, and older files beside a transcript of the same name, one line each: nobody's fault.
    """

    accepted: tuple[Source, ...]
    refused: tuple[InputError, ...]
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of files that a user asked to import."""

    copied: tuple[Path, ...]
    present: tuple[Path, ...]
    refused: tuple[InputError, ...]


@dataclass(frozen=True)
class Study:
    """A study folder and its settings.

    Attributes:
        warnings: Settings that were ignored, one line each.
    """

    folder: Path
    settings: Settings
    warnings: tuple[str, ...] = ()

    @property
    def transcripts(self) -> Path:
        """The originals, which precode never changes."""
        return self.folder / "transcripts"

    @property
    def reports(self) -> Path:
        """Where benchmarks and run pages go."""
        return self.folder / "reports"

    @property
    def exports(self) -> Path:
        """Where suggestions and codings go."""
        return self.folder / "exports"

    @property
    def cache(self) -> Path:
        """Vectors and other things that can be made again."""
        return self.folder / "cache"

    @property
    def database(self) -> str:
        """What ``StudyStore`` opens: the URL from the settings, else a file in the folder."""
        return self.settings.store.url or str(self.folder / "study.db")

    def reread(self) -> Study:
        """Return the study with its settings as they are in the file now; a page stays open while they change.

        Raises:
            UsageError: If the file cannot be read.
        """
        settings, warnings = load_settings(self.folder / SETTINGS)
        return replace(self, settings=settings, warnings=warnings)

    def codebook(self) -> Codebook:
        """Return the codebook that the settings name.

        Raises:
            CodebookError: If it cannot be read or contradicts itself.
        """
        name = self.settings.study.codebook
        return framework(name) if name in frameworks() else load_codebook(self.folder / name)

    def codebook_stamp(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Return what is another one whenever settings or codebook were written: times, sizes and numbers of files."""
        return tuple(_stamp(self.folder / name) for name in (SETTINGS, self.settings.study.codebook))

    def seeds(self) -> SeedBank:
        """Return the seed bank: what the settings name, else the one shipped with the codebook, else none.

        Raises:
            CodebookError: If a seed names no code.
            InputError: If a seed file cannot be read.
        """
        chosen, bank = self.settings.study, SeedBank(())
        if not chosen.seeds:
            return framework_seeds(chosen.codebook) if chosen.codebook in frameworks() else bank
        codebook = self.codebook()
        for name in chosen.seeds:
            shipped = self.ships_seeds(name)
            bank += framework_seeds(name).under(codebook) if shipped else load_seeds([self.folder / name], codebook)
        return bank

    @property
    def ships_quotations(self) -> bool:
        """Whether the study's example quotations are all of those that come with precode."""
        chosen = self.settings.study
        return all(map(self.ships_seeds, chosen.seeds)) if chosen.seeds else chosen.codebook in frameworks()

    def ships_seeds(self, name: str) -> bool:
        """Tell whether a name among the seeds means those that ship with a codebook, and not a file of the study."""
        return name in frameworks() and not (self.folder / name).exists()

    def participants(self) -> Participants:
        """Return who was interviewed: the table that the settings name, else the one in the folder, else nobody.

        Raises:
            InputError: If the table cannot be read, or an id is missing or there twice.
        """
        return participants_of(self.folder, self.settings.study.participants)

    def encoder(self) -> str:
        """Return the encoder that the settings name; a folder of the study does not hide a name of ours."""
        from models.encoders import is_encoder_name

        name = self.settings.model.encoder
        return str(self.folder / name) if not is_encoder_name(name) and (self.folder / name).is_dir() else name

    def sources(self) -> Sources:
        """Return the files under ``transcripts/`` in path order.

        Of two with one name the second is refused, and so are links: what they lead to may be anywhere.
        """
        found = told_apart(self._files())
        accepted = tuple(self._with_corrections(found.accepted))
        return replace(found, accepted=accepted, refused=(*found.refused, *self.links()))

    def source(self, relative: str) -> Source:
        """Return one file by its path within the study, with what its text was corrected to."""
        path = self.folder / relative
        return next(self._with_corrections([Source(path.stem, path, relative)]))

    def corrections(self, source: Source) -> tuple[Correction, ...]:
        """Return the corrections of a file's text, also those that were made when it had another name.

        Raises:
            InputError: If the corrections cannot be read.
        """
        return next(self._corrections_of([source]))[1]

    def read(self, source: Source) -> Transcript:
        """Read one file by itself, with what the settings say about its speakers, and correct its text.

        ``pipeline.speakers`` judges who asks by all files of the study.

        Raises:
            InputError: If it is no transcript.
        """
        return self.read_corrected(source).transcript

    def read_corrected(self, source: Source) -> Corrected:
        """Read one file by itself and return its text as it is and as it was corrected.

        Raises:
            InputError: If it is no transcript, or the corrections cannot be read.
        """
        return self.corrected(self.read_file(source), source)

    def corrected(self, transcript: Transcript, source: Source) -> Corrected:
        """Return what a file says as it is corrected now.

        Raises:
            InputError: If the corrections cannot be read.
        """
        found = apply_corrections(transcript, self.corrections(source) if source.corrections else ())
        lost = sum(fit is Fit.LOST for fit in found.fits.values())
        if not lost:
            return found
        line = f"{lost} corrections of its text find no place in the file any more; the page lists them"
        return replace(found, transcript=replace(found.transcript, warnings=(*found.transcript.warnings, line)))

    def read_file(self, source: Source) -> Transcript:
        """Read one file as it is, without the corrections that were made of its text.

        Raises:
            InputError: If it is no transcript.
        """
        from corpus.readers import read_transcript

        speakers = self.settings.speakers.of(source.name, self.settings.transcripts.interviewers)
        return read_transcript(source.path, speakers=speakers)

    def import_files(self, paths: Iterable[Path]) -> Imported:
        """Copy files into ``transcripts/``, each whole or not at all, never over a different file.

        Raises:
            UsageError: If the study folder cannot be written; what was copied stays.
        """
        copied: list[Path] = []
        present: list[Path] = []
        refused: list[InputError] = []
        for path in paths:
            try:
                (copied if self._import(path) else present).append(path)
            except InputError as error:
                refused.append(error)
        return Imported(tuple(copied), tuple(present), tuple(refused))

    def namesakes(self, name: str) -> tuple[Source, ...]:
        """Return the files of a name, however it is cased or composed; recordings may lie beside their transcripts."""
        from corpus.readers import RECORDINGS

        files = (source for source in self._files() if source.path.suffix.lower() not in RECORDINGS)
        return tuple(source for source in files if _spelling(source.name) == _spelling(name))

    def _files(self) -> Iterator[Source]:
        with _plainly(self.transcripts):
            for path in sorted(self.transcripts.rglob("*")):
                relative = path.relative_to(self.folder)
                if (
                    path.is_file()
                    and not path.is_symlink()
                    and not any(part.startswith(NOT_TRANSCRIPTS) for part in relative.parts)
                ):
                    yield Source(path.stem, path, relative.as_posix())

    def links(self) -> Iterator[InputError]:
        """Yield a refusal for each link under ``transcripts/``."""
        with _plainly(self.transcripts):
            for path in sorted(self.transcripts.rglob("*")):
                if path.is_symlink() and not path.name.startswith(NOT_TRANSCRIPTS):
                    place = path.relative_to(self.folder).as_posix()
                    yield InputError(place, "is a link to another place; put the file itself here")

    def _with_corrections(self, sources: Iterable[Source]) -> Iterator[Source]:
        for source, corrections in self._corrections_of(sources):
            yield replace(source, corrections=digest_of_corrections(corrections)) if corrections else source

    def _corrections_of(self, sources: Iterable[Source]) -> Iterator[tuple[Source, tuple[Correction, ...]]]:
        """Yield files with their corrections; those whose transcript is gone belong to the file that is the same."""
        made = CorrectionLog(self.folder).by_subject()
        named: frozenset[str] | None = None
        for source in sources:
            own, same = made.of_transcript.get(source.name, []), list[Correction]()
            with suppress(InputError):  # reported in full when the file is read
                if made.of_file:
                    digest = replace(source, corrections="").digest()
                    same = [c for c in made.of_file.get(digest, []) if c.transcript != source.name]
            if same and named is None:  # only now it matters which files there are: a run asks for each of thousands
                named = frozenset(file.name for file in self._files())
            gone = [correction for correction in same if named is not None and correction.transcript not in named]
            yield source, tuple(sorted([*own, *gone], key=lambda correction: (correction.time, correction.id)))

    def _import(self, path: Path) -> bool:
        """Copy one file; False if it is here already."""
        if path.is_dir():
            raise InputError(path, "is a folder; name the files in it")
        digest = digest_file(path)
        target = self.transcripts / path.name
        namesake = next((source for source in self.namesakes(path.stem) if source.name == path.stem), None)
        if namesake is None and target.exists():  # on a disk that takes two spellings for one name
            namesake = self.source(target.relative_to(self.folder).as_posix())
        if namesake is None:
            with replace_file(target) as draft:
                shutil.copyfile(path, draft)
            return True
        if digest_file(namesake.path) != digest:
            raise InputError(
                path, f"differs from {namesake.relative}, which has its name; rename it or replace that one"
            )
        return False


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _spelling(name: str) -> str:
    """Return what spellings of one name share: some disks take them for one file."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def is_study(folder: Path) -> bool:
    """Tell whether a folder holds a study; one that cannot be looked into holds none."""
    try:
        return (folder / SETTINGS).is_file()
    except (OSError, ValueError):
        return False


def told_apart(files: Iterable[Source]) -> Sources:
    """Return files with one transcript for each name and recording.

    Of two transcripts with one name the second is refused. A recording is no transcript; an old Word document, or a
    file that cannot be read, beside a transcript of its name is taken for where that came from.
    """
    from corpus.readers.pairs import leader

    named: defaultdict[str, list[Source]] = defaultdict(list)
    for source in (source for source in files if leader(source.path) == source.path):
        named[source.name].append(source)
    accepted: list[Source] = []
    refused: list[InputError] = []
    passed_over: list[str] = []
    for sources in named.values():
        best = min(map(_preference, sources))
        chosen = next(source for source in sources if _preference(source) == best)
        if best is Preference.RECORDING:
            passed_over += [f"{source.relative}: {NO_TRANSCRIPT}" for source in sources]
            continue
        accepted.append(chosen)
        for other in (source for source in sources if source is not chosen):
            if _preference(other) is best:
                refused.append(InputError(other.relative, f"has the same name as {chosen.relative}; rename one"))
            else:
                passed_over.append(f"{other.relative}: passed over, because {chosen.relative} is its transcript")
    return Sources(tuple(accepted), tuple(refused), tuple(passed_over))


class Preference(IntEnum):
    """Which of several files with one name is the transcript: the first kind that is there."""

    TRANSCRIPT = 0
    OLD_WORD = 1
    UNREADABLE = 2
    RECORDING = 3


NO_TRANSCRIPT = (
    "is a recording and was passed over; a recogniser on this machine, such as noScribe or whisper.cpp, "
    "can write its transcript"
)


def _preference(source: Source) -> Preference:
    from corpus.readers import RECORDINGS, SUFFIXES

    suffix = source.path.suffix.lower()
    if suffix in RECORDINGS:
        return Preference.RECORDING
    if suffix == ".doc":
        return Preference.OLD_WORD
    return Preference.TRANSCRIPT if suffix in SUFFIXES else Preference.UNREADABLE


def create_study(
    folder: Path, *, name: str | None = None, sample: bool = False, codebook: str = DEFAULT_CODEBOOK
) -> Study:
    """Make a study in a new or existing folder; ``study.toml`` comes last and makes it one.

    Args:
        folder: Where; made when absent.
        name: What to call it; the folder's name by default.
        sample: Put the shipped sample interviews into it, with SELFIE also their human codings.
        codebook: One of ``corpus.shipped.frameworks``, or a TOML file relative to the folder.

    Raises:
        UsageError: If the folder is a study already or cannot be written.
    """
    with _plainly(folder):
        if (folder / SETTINGS).exists():
            raise UsageError(f"{folder}: is a study already; type: precode run --study {folder}")
        for each in FOLDERS:
            private_folder(folder / each)
        folder.chmod(PRIVATE_FOLDER)  # also one that was there; a team that shares it may open it again
    title = name or folder.resolve().name
    coded = sample and codebook == DEFAULT_CODEBOOK
    if sample:
        Study(folder, Settings()).import_files(sample_transcripts())
    if coded:
        with replace_file(folder / CODINGS) as draft:
            shutil.copyfile(sample_codings(), draft)
    replace_text(folder / SETTINGS, template(title, human=CODINGS if coded else "", codebook=codebook))
    return open_study(folder)


def open_study(folder: Path) -> Study:
    """Open a study folder; folders that somebody tidied away are made again.

    Raises:
        UsageError: If it is no study, cannot be written, its settings are wrong, or it leads outside its folder and
            nobody has allowed that; says what to type.
    """
    with _plainly(folder):
        if not (folder / SETTINGS).is_file():
            raise UsageError(f"{folder}: is no study (no {SETTINGS}); type: precode init {folder}")
        settings, warnings = load_settings(folder / SETTINGS)
        require_trust(folder, settings)
        sweep(folder)
        for each in FOLDERS:
            sweep(private_folder(folder / each))
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, "Permission denied")
    return Study(folder, settings, warnings)


@contextmanager
def _plainly(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{folder}: cannot be used ({reason}); check it or choose another folder") from None
