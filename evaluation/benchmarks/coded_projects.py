"""Interviews that people coded, wherever they are: a study, a project of another tool, or a table with a folder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.codings import Coding
from corpus.errors import InputError, UsageError
from corpus.readers import SUFFIXES, read_transcript
from evaluation.benchmarks.hand_coded import CodedProject
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.found import ImportRequest
from pipeline.exchange.importing import import_bundle, study_for
from pipeline.learn import decided
from pipeline.session import StudySession
from pipeline.settings_file import SpeakerChanges, change_speakers
from pipeline.study import SETTINGS, open_study


def coded_project(path: Path, *, transcripts: Path | None = None, interviewers: Sequence[str] = ()) -> CodedProject:
    """Return the interviews and codings of a project, which is left as it is.

    Args:
        path: A study folder, whose decisions count; a project that holds its transcripts (``.qdpx``, Taguette's
            ``.sqlite3``, QualCoder's ``.qda``); or a table of coded segments or codings.
        transcripts: Folder of the transcript files that such a table is about.
        interviewers: Speaker labels of interviewers, where files do not make clear who asks.

    Raises:
        InputError: If something cannot be read.
        UsageError: If there are no transcripts or no codings.
    """
    if (path / SETTINGS).exists():
        with StudySession(open_study(path)) as session:
            return _decided(session)
    if transcripts is not None:
        return _beside(path, transcripts, interviewers)
    bundle = read_bundle(path)
    with TemporaryDirectory() as folder:
        study = study_for(bundle, Path(folder) / "study")
        change_speakers(study.folder / SETTINGS, SpeakerChanges(interviewers=interviewers))
        with StudySession(open_study(study.folder)) as session:
            import_bundle(bundle, session)
            return _decided(session)


def _decided(session: StudySession) -> CodedProject:
    """Return what the log of a study says of the newest text of each transcript."""
    codebook = session.study.codebook()
    readings = {reading.transcript.name: reading for reading in decided(session.store, codebook)}
    codings = [coding for reading in readings.values() for coding in reading.codings]
    return CodedProject(codebook, [reading.transcript for reading in readings.values()], codings)


def _beside(path: Path, folder: Path, interviewers: Sequence[str]) -> CodedProject:
    """Return a table's codings of the transcripts in a folder.

    Args:
        path: The table.
        folder: Of transcript files; what cannot be read is left out.
        interviewers: Their labels.
    """
    found = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.suffix.lower() in SUFFIXES:
            with suppress(InputError):
                transcript = read_transcript(file, interviewers=interviewers)
                found[transcript.name] = transcript
    if not found:
        raise UsageError(f"{folder}: holds no transcripts that can be read")
    bundle = read_bundle(path, ImportRequest(lambda: found))
    if bundle.book is None:
        raise InputError(path, "holds no codings")
    codings = [Coding(coding.transcript, coding.span, coding.code, coding.coder) for coding in bundle.found]
    return CodedProject(bundle.book, [*found.values()], codings)
