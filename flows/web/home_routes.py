"""``/home`` and ``/api/home``: the studies of this machine, new and old."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from platformdirs import user_documents_path
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from corpus.errors import UsageError
from corpus.shipped import framework, frameworks
from flows.web.errors import REFUSALS
from flows.web.home_types import (
    ChoiceView,
    FolderIn,
    FolderPath,
    FoldersView,
    FolderView,
    HomeView,
    OpenedView,
    OutsideView,
    RecentView,
    StudyIn,
    StudyName,
    TrustIn,
)
from flows.web.uploads import BODY, uploaded
from pipeline.choices import NO_CODEBOOK
from pipeline.exchange.dropped import checked_name
from pipeline.recent import forget_study, recent_studies
from pipeline.settings import Settings, load_settings
from pipeline.study import SETTINGS, is_study
from pipeline.trust import allow, untrusted_ways

MOST_FOLDERS = 2_000
FIRST = "selfie"
"""The codebook that is chosen unless somebody says otherwise."""
PROJECTS = frozenset({".qdpx", ".qde", ".qda", ".sqlite3", ".sqlite"})
"""Files that bring more than a codebook: the study is made from all of it."""
OUTSIDE: dict[int | str, dict[str, Any]] = {409: {"model": OutsideView}}
Open = Callable[[Path], None]


def router(open_: Open, stop: Callable[[], None]) -> APIRouter:
    """Return the routes of the first page.

    Args:
        open_: Opens a study and shows it.
        stop: Stops the server.
    """
    routes = APIRouter(prefix="/api/home", tags=["home"], responses=REFUSALS)
    _add_lists(routes)
    _add_opening(routes, open_)
    _add_making(routes, open_)

    @routes.post("/stop", status_code=202)
    def end() -> None:
        """Stop precode; what runs ends with it, and what was finished is kept."""
        stop()

    return routes


def elsewhere_router() -> APIRouter:
    """Return the route of every other address: until a study is open, it leads to the page of all studies."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/{path:path}")
    def elsewhere(path: str) -> Response:
        return Response(status_code=303, headers={"location": "/home"})

    return routes


def _add_lists(routes: APIRouter) -> None:
    @routes.get("")
    def home() -> HomeView:
        """Return the studies opened lately, and what a new one can begin with."""
        books = {name: framework(name) for name in sorted(frameworks(), key=lambda name: (name != FIRST, name))}
        return HomeView(
            recent=[RecentView(**asdict(study)) for study in recent_studies()],
            codebooks=[
                ChoiceView(id=name, title=book.title or book.name, codes=len(book.codes))
                for name, book in books.items()
            ]
            + [ChoiceView(id=NO_CODEBOOK, title="No codes yet: they are made while reading", codes=0)],
            folder=str(_first_folder()),
        )

    @routes.get("/folders")
    def folders(path: Annotated[str, Query(max_length=2_000)] = "") -> FoldersView:
        """Return the folders in a folder, hidden ones left out."""
        return _folders(_whole(path) if path else _first_folder())

    @routes.post("/forget")
    def forget(body: FolderIn) -> HomeView:
        """Take a study off the list; nothing happens to its folder."""
        forget_study(body.folder)
        return home()


def _add_opening(routes: APIRouter, open_: Open) -> None:
    @routes.post("/open", response_model=OpenedView, responses=OUTSIDE)
    def opened(body: FolderIn) -> OpenedView | Response:
        """Open a study; 409 with everything by which it leads outside its folder, if nobody allowed that yet."""
        folder = _whole(body.folder)
        return _outside(folder) or _opened(open_, folder)

    @routes.post("/trust", response_model=OpenedView, responses=OUTSIDE)
    def trust(body: TrustIn) -> OpenedView | Response:
        """Allow a study what was shown, and open it; 409 if it is not what it leads to now."""
        folder = _whole(body.folder)
        settings, ways = _ways_out(folder)
        if list(ways) == body.ways:
            allow(folder, settings)
        return _outside(folder) or _opened(open_, folder)


def _add_making(routes: APIRouter, open_: Open) -> None:
    @routes.post("/studies")
    def make(body: StudyIn) -> OpenedView:
        """Make a study with a codebook that ships, or without codes, and open it."""
        if body.codebook not in (*frameworks(), NO_CODEBOOK):
            raise UsageError(f"codebook: choose one of {', '.join(frameworks())}, or a file")
        from pipeline.exchange.codebook_file import study_with_codebook

        folder = _new_folder(body.parent, body.name)
        study_with_codebook(folder, body.codebook, name=body.name, sample=body.sample)
        return _opened(open_, folder)

    @routes.post("/studies/from-file", openapi_extra=BODY)
    async def make_from_file(
        request: Request,
        name: Annotated[StudyName, Query()],
        parent: Annotated[FolderPath, Query()],
        file: Annotated[str, Query(min_length=1, max_length=300)],
    ) -> OpenedView:
        """Make a study from a codebook, a project of another tool, or a backup, which is the body, and open it."""
        folder = _new_folder(parent, name)
        async with uploaded(request, file, folder) as path:
            lines = await run_in_threadpool(_made_from, path, folder, name)
        return await run_in_threadpool(_opened, open_, folder, lines)


def _made_from(path: Path, folder: Path, name: str) -> list[str]:
    """Make a study of a file and return what is to be told of it."""
    suffix = path.suffix.lower()
    if suffix == ".zip":
        from pipeline.backup import restore_study

        return [f"{restore_study(path, folder).files} files of the backup"]
    if suffix in PROJECTS:
        from pipeline.exchange.importing import import_file

        report = import_file(path, folder)
        told = f"{report.added} transcripts, {report.codings} codings, {report.codes} codes"
        return [told, *map(str, report.refused), *report.remarks]
    from pipeline.exchange.codebook_file import study_with_codebook

    study_with_codebook(folder, str(path), name=name)
    return []


def _opened(open_: Open, folder: Path, lines: list[str] | None = None) -> OpenedView:
    open_(folder)
    return OpenedView(folder=str(folder), lines=lines or [])


def _outside(folder: Path) -> Response | None:
    """Return the question about a study that leads outside its folder."""
    _, ways = _ways_out(folder)
    if not ways:
        return None
    question = OutsideView(detail="this study leads outside its own folder", ways=list(ways))
    return JSONResponse(question.model_dump(), 409)


def _ways_out(folder: Path) -> tuple[Settings, tuple[str, ...]]:
    """Return a study's settings, and by what it leads outside its folder that nobody has allowed.

    Raises:
        UsageError: If it is no study, or cannot be looked into.
    """
    if not is_study(folder):
        raise UsageError(f"{folder}: is no study (no {SETTINGS}); make one, or choose another folder")
    settings, _ = load_settings(folder / SETTINGS)
    try:
        return settings, untrusted_ways(folder, settings)
    except OSError as error:
        raise _unseen(folder, error) from None


def _unseen(folder: Path, error: OSError) -> UsageError:
    return UsageError(f"{folder}: cannot be looked into ({error.strerror or type(error).__name__})")


def _new_folder(parent: str, name: str) -> Path:
    """Return the folder of a new study.

    Raises:
        UsageError: If it cannot be called so, something is there, or it would lie within another study.
    """
    folder = _whole(parent) / checked_name(name)
    outer = next(filter(is_study, folder.parents), None)
    if outer is not None:
        raise UsageError(f"{outer}: is a study, and none can lie within another; choose another place")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: holds something already; choose another name or place")
    except OSError as error:
        raise _unseen(folder, error) from None
    return folder


def _first_folder() -> Path:
    documents = user_documents_path()
    return documents if documents.is_dir() else Path.home()


def _whole(path: str) -> Path:
    """Return a folder that somebody named, as a whole path.

    Raises:
        UsageError: If it is none.
    """
    try:
        folder = Path(path).expanduser()
        if not folder.is_absolute():
            raise UsageError("name the folder by its whole path")
        return Path(os.path.realpath(folder))
    except (ValueError, RuntimeError):  # a NUL; a home that nobody has
        raise UsageError("this is no folder's path") from None


def _folders(folder: Path) -> FoldersView:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".") and _is_folder(entry)]
    except OSError as error:
        raise _unseen(folder, error) from None
    found = [
        FolderView(name=name, path=str(folder / name), study=is_study(folder / name))
        for name in sorted(names, key=str.casefold)[:MOST_FOLDERS]
        if name.isprintable()
    ]
    parent = "" if folder.parent == folder else str(folder.parent)
    return FoldersView(path=str(folder), parent=parent, folders=found)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
