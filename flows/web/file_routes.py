"""``/api/files``: transcripts, participants and projects of other tools that are dropped onto the page."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from flows.web.errors import REFUSALS
from flows.web.sessions import current_coder
from flows.web.uploads import BODY, uploaded
from pipeline.exchange.dropped import FileKind, FileOutcome, SameName, TakenFile
from pipeline.study import Study

Coder = Annotated[str, Depends(current_coder)]
FileName = Annotated[str, Query(min_length=1, max_length=300, description="What the file is called, without a folder.")]


class FileView(BaseModel):
    """What became of a file; see ``pipeline.exchange.dropped.TakenFile``."""

    name: str
    kind: FileKind
    outcome: FileOutcome
    lines: list[str]


class FilesView(BaseModel):
    """What lies in the study's folder.

    Attributes:
        transcripts: Paths within the study.
        refused: Why others there are no transcripts, and what was passed over.
        suffixes: What can be dropped.
    """

    transcripts: list[str]
    refused: list[str]
    suffixes: list[str]


def router(study: Study) -> APIRouter:
    """Return the routes that take files into a study."""
    routes = APIRouter(prefix="/api", tags=["files"], responses=REFUSALS)
    one_at_a_time = Lock()

    def take_whole(path: Path, kind: FileKind, same_name: SameName) -> TakenFile:
        from pipeline.exchange.intake import take_file  # reads what other tools write: half a second of the first page

        with one_at_a_time:
            return take_file(study, path, kind=kind, same_name=same_name)

    @routes.get("/files")
    def files(_: Coder) -> FilesView:
        """List the files of the study."""
        from corpus.readers import SUFFIXES
        from pipeline.exchange.bundle import KINDS

        sources = study.sources()
        return FilesView(
            transcripts=[source.relative for source in sources.accepted],
            refused=[*map(str, sources.refused), *sources.passed_over],
            suffixes=sorted({*SUFFIXES, *KINDS}),
        )

    @routes.post("/files", openapi_extra=BODY)
    async def take(
        _: Coder,
        request: Request,
        name: FileName,
        kind: FileKind = FileKind.AUTO,
        same_name: SameName = SameName.ASK,
    ) -> FileView:
        """Take in one file, which is the body, and tell what became of it."""
        async with uploaded(request, name, study.transcripts) as path:
            taken = await run_in_threadpool(take_whole, path, kind, same_name)
        return FileView(name=taken.name, kind=taken.kind, outcome=taken.outcome, lines=list(taken.lines))

    return routes
