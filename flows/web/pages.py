"""The pages: shells of HTML that the browser fills from the API. None holds a word of a transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from corpus.transcript import digest_of
from flows.web.sessions import coder_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from pipeline.session import StudySession
    from pipeline.study import Study

FOLDER = Path(__file__).parent
VIEWS = (
    *("files", "check", "queue", "search", "analysis", "progress", "compare", "matrix", "audit", "learn", "second"),
    *("unplaced", "results", "deidentify", "codebook"),
)


class Pages:
    """Renders the shells of one study.

    Args:
        session: The study.
        home: Whether the page with all studies stands above it.
    """

    def __init__(self, session: StudySession, *, home: bool = False) -> None:
        self._session = session
        self._home = home
        self._templates = _templates()

    def start(
        self, coder: str | None = None, *, problem: str = "", known: Sequence[str] = (), new: str = ""
    ) -> Response:
        """Return the start page.

        Args:
            coder: Who is signed in.
            problem: Why signing in failed.
            known: Coders to choose from.
            new: A name that nobody has had; the page asks whether it is somebody new.
        """
        return self.shell("start", coder, status=400 if problem else 200, problem=problem, known=known, new=new)

    def shell(self, page: str, coder: str | None, *, status: int = 200, **more: object) -> Response:
        """Return one page.

        Args:
            page: Name of the template.
            coder: Who is signed in.
            status: HTTP status.
            more: What the template needs besides.
        """
        study = self._session.study
        html = self._templates.get_template(f"{page}.html").render(
            page=page,
            coder=coder,
            study=study_name(study),
            study_id=study_id(study),
            home=self._home,
            **{"version": None, "problem": "", "known": (), "new": ""} | more,
        )
        return HTMLResponse(html, status)

    def has(self, version: int) -> bool:
        """Tell whether the study has a transcript version, superseded or not."""
        return any(known.id == version for known in self._session.store.transcripts.versions(superseded=True))


def render_home() -> Response:
    """Return the page on which studies are made and opened."""
    html = (
        _templates()
        .get_template("home.html")
        .render(page="home", coder=None, study="on this computer", study_id="", version=None, problem="", home=True)
    )
    return HTMLResponse(html)


def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def study_name(study: Study) -> str:
    """Return what the study is called: the name in its settings, else its folder's."""
    return study.settings.study.name or study.folder.resolve().name


def study_id(study: Study) -> str:
    """Return what tells this study from others that a browser saw at the same address, whatever they are called."""
    return digest_of(str(study.folder.resolve()))[:16]


def router(pages: Pages, known: Callable[[], Sequence[str]]) -> APIRouter:
    """Return the routes of the pages; all but the start page lead there until somebody signs in.

    Args:
        pages: Renders them.
        known: Coders to choose from when signing in.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def start(request: Request) -> Response:
        coder = coder_of(request)
        return pages.start(coder, known=() if coder else known())

    @routes.get("/read/{version:int}")
    def read(request: Request, version: int) -> Response:
        if not pages.has(version):
            raise HTTPException(404, "the study has no such transcript")
        return _signed_in(request, "read", version)

    @routes.get("/{view}")
    def view(request: Request, view: str) -> Response:
        if view not in VIEWS:
            raise HTTPException(404, "there is no such page")
        return _signed_in(request, view)

    def _signed_in(request: Request, page: str, version: int | None = None) -> Response:
        coder = coder_of(request)
        return pages.shell(page, coder, version=version) if coder else RedirectResponse("/", 303)

    return routes
