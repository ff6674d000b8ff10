"""Every export of what people coded, by the name that ``--format`` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from corpus.seeds import SeedBank
from pipeline.export.argilla import write_argilla
from pipeline.export.codebook_word import examples_of, write_codebook
from pipeline.export.coded import CodedStudy
from pipeline.export.data import write_data_jsonl, write_data_parquet
from pipeline.export.framework_sheet import write_framework_sheet
from pipeline.export.framework_word import write_framework_word
from pipeline.export.gather import CodingSelection, attribute_of, gather
from pipeline.export.label_studio import write_configuration, write_tasks
from pipeline.export.passages_sheet import write_passages
from pipeline.export.quotations import write_quotations_csv, write_quotations_word
from pipeline.export.transcript_word import write_transcript

if TYPE_CHECKING:
    from pipeline.session import StudySession
    from pipeline.study import Study


@dataclass(frozen=True)
class ExportOrder:
    """What an export is made from.

    Attributes:
        coded: What was asked for of the codings.
        by: The attribute of participants that makes the rows of the framework matrix; empty for the participants.
        tool: For which analysis software a project is written.
    """

    study: Study
    coded: CodedStudy
    by: str = ""
    tool: str = "generic"


Make = Callable[[Path, ExportOrder], list[Path]]
"""Takes the folder to write into, returns what it wrote."""


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


def _word(folder: Path, order: ExportOrder) -> list[Path]:
    paths = [folder / "word" / f"{one.transcript.name}.docx" for one in order.coded.documents]
    for path, document in zip(paths, order.coded.documents, strict=True):
        write_transcript(path, document, order.coded.origin.study)
    return paths


def _passages(folder: Path, order: ExportOrder) -> list[Path]:
    write_passages(folder / "passages.xlsx", order.coded)
    return [folder / "passages.xlsx"]


def _framework(folder: Path, order: ExportOrder) -> list[Path]:
    name = "-".join(("framework", *(["by", *_words(order.by)] if order.by else [])))
    write_framework_sheet(folder / f"{name}.xlsx", order.coded, order.by)
    write_framework_word(folder / f"{name}.docx", order.coded, order.by)
    return [folder / f"{name}.xlsx", folder / f"{name}.docx"]


def _words(name: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()


def _codebook(folder: Path, order: ExportOrder) -> list[Path]:
    write_codebook(folder / "codebook.docx", order.coded.codebook, examples_of(_seeds(order.study)))
    return [folder / "codebook.docx"]


def _seeds(study: Study) -> SeedBank:
    try:
        return study.seeds()
    except UsageError:  # a codebook without a seed of its own is a codebook all the same
        return SeedBank(())


def _quotations(folder: Path, order: ExportOrder) -> list[Path]:
    write_quotations_word(folder / "quotations.docx", order.coded)
    write_quotations_csv(folder / "quotations.csv", order.coded)
    return [folder / "quotations.docx", folder / "quotations.csv"]


def _data(folder: Path, order: ExportOrder) -> list[Path]:
    write_data_jsonl(folder / "passages.jsonl", order.coded)
    write_data_parquet(folder / "passages.parquet", order.coded)
    return [folder / "passages.jsonl", folder / "passages.parquet"]


def _label_studio(folder: Path, order: ExportOrder) -> list[Path]:
    write_tasks(folder / "label-studio" / "tasks.json", order.coded)
    write_configuration(folder / "label-studio" / "labels.xml", order.coded)
    return [folder / "label-studio" / "tasks.json", folder / "label-studio" / "labels.xml"]


def _argilla(folder: Path, order: ExportOrder) -> list[Path]:
    write_argilla(folder / "argilla", order.coded)
    return [folder / "argilla"]


def _qdpx(folder: Path, order: ExportOrder) -> list[Path]:
    from pipeline.export.qdpx import write_coded_qdpx

    write_coded_qdpx(folder / "project.qdpx", order.coded, tool=order.tool)
    return [folder / "project.qdpx"]


def _qdc(folder: Path, order: ExportOrder) -> list[Path]:
    from pipeline.export.qdpx import write_qdc

    write_qdc(folder / "codebook.qdc", order.coded.codebook)
    return [folder / "codebook.qdc"]


CODED_FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "word": Format(_word),
        "passages": Format(_passages),
        "framework": Format(_framework),
        "quotations": Format(_quotations),
        "codebook": Format(_codebook, empty=True),
        "data": Format(_data),
        "qdpx": Format(_qdpx),
        "qdc": Format(_qdc, empty=True),
        "label-studio": Format(_label_studio, suggests=True),
        "argilla": Format(_argilla, suggests=True),
    }
)
"""Exports of what people coded, by name."""


@dataclass(frozen=True)
class ExportRequest:
    """What somebody wants exported.

    Attributes:
        names: Of ``CODED_FORMATS``.
        choice: Whose codings of which participants.
        by: An attribute of participants, for the rows of the framework matrix.
        tool: For which analysis software a project is written.
    """

    names: tuple[str, ...]
    choice: CodingSelection = field(default_factory=CodingSelection)
    by: str = ""
    tool: str = "generic"


def write_coded(session: StudySession, folder: Path, wish: ExportRequest) -> Iterator[list[Path]]:
    """Write the wished exports into a folder, one at each step, and yield the files of each.

    Raises:
        UsageError: If nothing that was asked for has been coded, no participant is as asked for, or a file cannot be
            written; before the first file is written where that can be known.
        InputError: If the table of participants cannot be read.
    """
    people = session.study.participants()
    by = attribute_of(wish.by, people) if wish.by else ""
    coded = _coded_for(session, wish)
    for name in wish.names:
        yield CODED_FORMATS[name].make(folder, ExportOrder(session.study, coded[name], by, wish.tool))


def _coded_for(session: StudySession, wish: ExportRequest) -> Mapping[str, CodedStudy]:
    """Return for each format what it is made from, read from the store no more often than needed."""
    kinds = {name: wish.choice.suggestions or CODED_FORMATS[name].suggests for name in wish.names}
    read = {kind: gather(session, replace(wish.choice, suggestions=kind)) for kind in set(kinds.values())}
    for name, kind in kinds.items():
        if not CODED_FORMATS[name].empty and next(read[kind].passages(), None) is None:
            raise UsageError(_nothing(session, wish.choice, name))
    return {name: read[kind] for name, kind in kinds.items()}


def _nothing(session: StudySession, choice: CodingSelection, name: str) -> str:
    by = f" by coder {choice.coder!r}" if choice.coder else ""
    folder = session.study.folder
    return (
        f"{folder}: nothing has been coded yet{by}, so there is nothing for {name}; "
        f"code in the browser (precode review --study {folder}) or add --with-suggestions"
    )
