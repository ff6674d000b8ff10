"""Every export of what people coded, by the name that ``--format`` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from pipeline.export.argilla import write_argilla
from pipeline.export.codebook_table import write_codebook_csv, write_codebook_sheet, write_tags
from pipeline.export.codebook_word import examples_of, write_codebook
from pipeline.export.coded import CodedStudy, labels_of
from pipeline.export.data import write_data_jsonl, write_data_parquet
from pipeline.export.framework_sheet import write_framework_sheet
from pipeline.export.framework_word import write_framework_word
from pipeline.export.gather import ExportRequest, gather
from pipeline.export.label_studio import write_configuration, write_tasks
from pipeline.export.noted import MEMO_COLUMNS, TRAIL_COLUMNS, memo_rows, memos_to, trail_rows, trail_to
from pipeline.export.passages_sheet import write_passages
from pipeline.export.plain_table import write_csv, write_sheet
from pipeline.export.quotations import write_quotations_csv, write_quotations_word
from pipeline.export.taguette_project import write_project
from pipeline.export.transcript_word import write_transcript
from pipeline.study_filter import attribute_of

if TYPE_CHECKING:
    from pipeline.session import StudySession

Make = Callable[[Path, CodedStudy, ExportRequest], list[Path]]
"""Takes the folder to write into, what was coded and what was asked for; returns what it wrote."""


@dataclass(frozen=True)
class Format:
    """One export.

    Attributes:
        make: Writes it.
        suggests: Whether open suggestions belong into it, asked for or not: it is for a tool to review them in.
        empty: Whether it makes sense without a single coding.
    """

    make: Make
    suggests: bool = False
    empty: bool = False


def _each(writers: Mapping[str, Callable[[Path, CodedStudy], object]]) -> Make:
    """Return what writes files that always have the same names."""

    def make(folder: Path, coded: CodedStudy, _: ExportRequest) -> list[Path]:
        for name, write in writers.items():
            write(folder / name, coded)
        return [folder / name for name in writers]

    return make


def _word(folder: Path, coded: CodedStudy, _: ExportRequest) -> list[Path]:
    paths = [folder / "word" / f"{document.transcript.name}.docx" for document in coded.documents]
    for path, document in zip(paths, coded.documents, strict=True):
        write_transcript(path, document, coded.origin.study, labels_of(coded.codes))
    return paths


def _framework(folder: Path, coded: CodedStudy, request: ExportRequest) -> list[Path]:
    by = "".join(letter if letter.isalnum() else " " for letter in request.by.lower()).split()
    name = "-".join(("framework", *(["by", *by] if by else [])))
    write_framework_sheet(folder / f"{name}.xlsx", coded, request.by)
    write_framework_word(folder / f"{name}.docx", coded, request.by)
    return [folder / f"{name}.xlsx", folder / f"{name}.docx"]


def _qdpx(folder: Path, coded: CodedStudy, request: ExportRequest) -> list[Path]:
    from pipeline.export.qdpx import write_coded_qdpx

    write_coded_qdpx(folder / "project.qdpx", coded, tool=request.tool)
    return [folder / "project.qdpx"]


def _qdc(folder: Path, coded: CodedStudy, _: ExportRequest) -> list[Path]:
    from pipeline.export.qdpx import write_qdc

    write_qdc(folder / "codebook.qdc", coded.codebook)
    return [folder / "codebook.qdc"]


def _memos(folder: Path, coded: CodedStudy, _: ExportRequest) -> list[Path]:
    rows = [*memo_rows(coded, coded.memo_list)]
    write_csv(folder / "memos.csv", MEMO_COLUMNS, rows)
    write_sheet(folder / "memos.xlsx", "Memos", MEMO_COLUMNS, rows)
    return [folder / "memos.csv", folder / "memos.xlsx"]


def _trail(folder: Path, coded: CodedStudy, _: ExportRequest) -> list[Path]:
    write_csv(folder / "audit_trail.csv", TRAIL_COLUMNS, trail_rows(coded.trail))
    write_sheet(folder / "audit_trail.xlsx", "Audit trail", TRAIL_COLUMNS, trail_rows(coded.trail))
    return [folder / "audit_trail.csv", folder / "audit_trail.xlsx"]


CODED_FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "word": Format(_word),
        "passages": Format(_each({"passages.xlsx": write_passages})),
        "framework": Format(_framework),
        "quotations": Format(_each({"quotations.docx": write_quotations_word, "quotations.csv": write_quotations_csv})),
        "codebook": Format(
            _each({"codebook.docx": lambda path, coded: write_codebook(path, coded.codebook, coded.examples)}),
            empty=True,
        ),
        "codetable": Format(
            _each(
                {
                    "codebook.csv": lambda path, coded: write_codebook_csv(path, coded.codebook, coded.memos),
                    "codebook.xlsx": lambda path, coded: write_codebook_sheet(path, coded.codebook, coded.memos),
                    "taguette.csv": lambda path, coded: write_tags(path, coded.codebook, coded.memos),
                }
            ),
            empty=True,
        ),
        "taguette": Format(_each({"taguette.sqlite3": write_project})),
        "data": Format(_each({"passages.jsonl": write_data_jsonl, "passages.parquet": write_data_parquet})),
        "memos": Format(_memos, empty=True),
        "trail": Format(_trail, empty=True),
        "qdpx": Format(_qdpx),
        "qdc": Format(_qdc, empty=True),
        "label-studio": Format(
            _each({"label-studio/tasks.json": write_tasks, "label-studio/labels.xml": write_configuration}),
            suggests=True,
        ),
        "argilla": Format(_each({"argilla": write_argilla}), suggests=True),
    }
)
"""Exports of what people coded, by name."""


def write_coded(session: StudySession, folder: Path, request: ExportRequest) -> Iterator[list[Path]]:
    """Write exports into a folder, one at each step, and yield the files of each.

    Args:
        session: The study.
        folder: Where to.
        request: Which exports of whose codings.

    Raises:
        UsageError: If nothing that was asked for has been coded, no participant is as asked for, or a file cannot be
            written; before the first file is written where that can be known.
        InputError: If the table of participants cannot be read.
    """
    if request.by:
        request = replace(request, by=attribute_of(request.by, session.study.participants()))
    coded = _coded_for(session, request)
    for name in request.formats:
        yield CODED_FORMATS[name].make(folder, coded[name], request)


def _coded_for(session: StudySession, request: ExportRequest) -> Mapping[str, CodedStudy]:
    """Return for each format what it is made from, read from the store no more often than needed."""
    kinds = {name: request.suggestions or CODED_FORMATS[name].suggests for name in request.formats}
    read = {kind: gather(session, replace(request, suggestions=kind)) for kind in set(kinds.values())}
    for name, kind in kinds.items():
        if not CODED_FORMATS[name].empty and next(read[kind].passages(), None) is None:
            by = f" by coder {request.filter.coder!r}" if request.filter.coder else ""
            folder = session.study.folder
            raise UsageError(
                f"{folder}: nothing has been coded yet{by}, so there is nothing for {name}; "
                f"code in the browser (precode review --study {folder}) or add --with-suggestions"
            )
    examples = examples_of(session.study.seeds()) if "codebook" in kinds else {}
    memos = memos_to(session, request) if "memos" in kinds else ()
    trail = trail_to(session, request) if "trail" in kinds else ()
    return {name: replace(read[kind], examples=examples, memo_list=memos, trail=trail) for name, kind in kinds.items()}
