"""``/api/export`` and ``/api/backup``: what a study hands over, as downloads that leave nothing behind."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from corpus.files import draft_folder
from flows.web.coding_types import Body, Id
from flows.web.errors import REFUSALS
from flows.web.filter_query import FilterQuery, filter_query
from flows.web.pages import study_name
from flows.web.sessions import current_coder
from flows.web.work_routes import Work

if TYPE_CHECKING:
    from pipeline.export.gather import ExportRequest
    from pipeline.session import StudySession
    from pipeline.study import Study

Coder = Annotated[str, Depends(current_coder)]
Text = Annotated[str, Field(max_length=200)]

ABOUT = {
    "csv": ("Suggestions as CSV", "one row a suggestion, for any spreadsheet or statistics program"),
    "jsonl": ("Suggestions as JSON lines", "for programmers"),
    "xlsx": ("Suggestions in Excel", "with filters, a summary, and a sheet that explains the columns"),
    "html": ("Suggestions as a page", "to read in any browser and to print; several files in a zip"),
    "word": ("Transcripts in Word", "codings as comments in the margin, a document for each transcript"),
    "passages": ("Coded passages in Excel", "one row a passage, by code, with participants' attributes"),
    "framework": ("Framework matrix", "participants by codes, in Excel and Word"),
    "quotations": ("Quotations", "by code, in Word and CSV, to write a paper from"),
    "codebook": ("Codebook in Word", "definitions and examples"),
    "codetable": ("Codebook as tables", "Excel, CSV, and one that Taguette imports"),
    "memos": ("Memo list", "memos on passages, transcripts and codes, in Excel and CSV"),
    "trail": ("Audit trail", "everything that anybody did, with its time, in Excel and CSV"),
    "data": ("Coded passages as data", "JSON lines and Parquet, for R and Python"),
    "qdpx": ("Project for NVivo, ATLAS.ti, MAXQDA, QualCoder", "REFI-QDA with codes, coders and memos"),
    "taguette": ("Project for Taguette", "codings with coders, dates and memos"),
    "qdc": ("Codebook for other tools", "REFI-QDA codebook"),
    "label-studio": ("Label Studio", "tasks and labels"),
    "argilla": ("Argilla", "a data set to annotate"),
}
"""What a researcher calls an export, and what it is for, by the name that ``--format`` takes."""
OPEN = frozenset({"codebook", "codetable", "qdc"})
"""Exports that hold neither suggestions nor codings: those who code blind may have them."""


class FormatView(BaseModel):
    """An export.

    Attributes:
        codings: Whether it holds codings; else suggestions.
    """

    name: str
    title: str
    about: str
    codings: bool


class ExportsView(BaseModel):
    """What can be exported, and what may be chosen for it.

    Attributes:
        attributes: Of participants, for the rows of the framework matrix.
        tools: For which a project may be written.
        left_out: What a backup does not hold.
        blind: Transcripts that the asking coder codes blind; most exports wait for them.
    """

    formats: list[FormatView]
    coders: list[str]
    attributes: list[str]
    tools: list[str]
    left_out: list[str]
    blind: list[str]


class ExportIn(Body):
    """An export to be kept in the study's ``exports/latest``."""

    format: Text
    domain: Text = ""
    code: Text = ""
    version: Id | None = None
    coder: Text = ""
    where: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    by: Text = ""
    tool: Text = "generic"
    suggestions: bool = False

    def request(self, study: Study) -> ExportRequest:
        """Return it as the exporters take it.

        Raises:
            UsageError: If it names an attribute that the participants do not have.
        """
        from pipeline.export.gather import ExportRequest

        asked = filter_query(
            domain=self.domain or None, code=self.code or None, version=self.version, of=self.coder, where=self.where
        )
        wanted = asked.filter(study.participants(), study.codebook())
        return ExportRequest((self.format,), wanted, suggestions=self.suggestions, by=self.by, tool=self.tool)


class KeptView(BaseModel):
    """Files that were written into the study, as paths within it."""

    files: list[str]


def router(work: Work) -> APIRouter:
    """Return the routes of exports and backups."""
    routes = APIRouter(prefix="/api", tags=["handover"], responses=REFUSALS)
    _add_exports(routes, work)
    _add_backup(routes, work)
    return routes


def _add_exports(routes: APIRouter, work: Work) -> None:
    session = work.session

    @routes.get("/exports")
    def exports(coder: Coder) -> ExportsView:
        """Tell what can be exported."""
        return _exports(work, coder)

    @routes.get("/export", response_class=Response, dependencies=[Depends(_from_our_page)])
    def export(
        *,
        signed_in: Coder,
        asked: Annotated[FilterQuery, Depends(filter_query)],
        name: Annotated[str, Query(alias="format", max_length=200)],
        by: Annotated[str, Query(max_length=200)] = "",
        tool: Annotated[str, Query(max_length=200)] = "generic",
        suggestions: bool = False,
    ) -> Response:
        """Return an export: the file, or a zip where there are several. Nothing is left in the study."""
        from pipeline.export.gather import ExportRequest

        wanted = asked.filter(session.study.participants(), session.study.codebook())
        request = ExportRequest((name,), wanted, suggestions=suggestions, by=by, tool=tool)
        if name not in OPEN:
            work.require_open_eyes(signed_in)
        return _download(session, request)

    @routes.post("/export")
    def keep(coder: Coder, body: ExportIn) -> KeptView:
        """Write an export into the study's ``exports/latest``, as ``precode export`` does."""
        from flows.exporting import export_files

        if body.format not in OPEN:
            work.require_open_eyes(coder)
        made = [path for paths, _ in export_files(session, None, body.request(session.study)) for path in paths]
        return KeptView(files=[path.relative_to(session.study.folder).as_posix() for path in made])


def _download(session: StudySession, request: ExportRequest) -> Response:
    """Return an export as a file, or as a zip where there are several; what is written for it goes with the answer."""
    (name,) = request.formats
    with ExitStack() as stack:
        folder = stack.enter_context(draft_folder(session.study.exports / "download"))
        files = [*_written(session, folder / "files", request)]
        path = files[0] if len(files) == 1 else _zipped(folder / f"{_file_name(session.study)}-{name}.zip", files)
        return FileResponse(path, filename=path.name, background=BackgroundTask(stack.pop_all().close))


def _add_backup(routes: APIRouter, work: Work) -> None:
    study = work.session.study

    @routes.get("/backup", response_class=Response, dependencies=[Depends(_from_our_page)])
    def backup(coder: Coder) -> Response:
        """Return the whole study in one file, which ``precode restore`` or the first page makes a study of again."""
        from pipeline.backup import backup_study

        work.require_open_eyes(coder)
        now = datetime.now().astimezone()
        with ExitStack() as stack:
            # The archive may not lie in the study itself; the folder is for its owner only.
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="precode-")))
            made = backup_study(study, folder / f"{_file_name(study)}-{now:%Y-%m-%d-%H%M%S}.zip")
            return FileResponse(made.path, filename=made.path.name, background=BackgroundTask(stack.pop_all().close))


def _file_name(study: Study) -> str:
    """Return what a study is called, as a part of a file's name on every system."""
    return "".join(letter if letter.isalnum() or letter in " -_" else "-" for letter in study_name(study))


def _from_our_page(request: Request) -> None:
    """Hold that no other site starts a download: it would cost work and leave a transcript among the downloads."""
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        raise HTTPException(403, "refused: the request comes from another page than this server's own")


def _exports(work: Work, coder: str) -> ExportsView:
    from pipeline.backup import left_out
    from pipeline.export.formats import CODED_FORMATS
    from pipeline.export.qdpx import TOOLS
    from pipeline.export.run_outputs import FORMATS

    study, blind = work.session.study, work.hidden_names(coder)
    with work.service.now() as state:
        coders = [] if blind else list(state.decision_log.coders)
    return ExportsView(
        formats=[
            FormatView(name=name, title=ABOUT[name][0], about=ABOUT[name][1], codings=name in CODED_FORMATS)
            for name in (*FORMATS, *CODED_FORMATS)
        ],
        coders=coders,
        attributes=list(study.participants().attributes),
        tools=list(TOOLS),
        left_out=list(left_out(study)),
        blind=sorted(blind),
    )


def _written(session: StudySession, folder: Path, request: ExportRequest) -> Iterable[Path]:
    """Write an export into a folder of its own and return its files."""
    from flows.exporting import export_files

    for _ in export_files(session, folder, request):
        pass
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _zipped(path: Path, files: Iterable[Path]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for file in files:
            archive.write(file, file.relative_to(path.parent / "files"))
    return path
