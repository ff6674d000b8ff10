"""The pages: shells of HTML that the browser fills from the API. None holds a word of a transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from corpus.transcript import digest_of
from flows.web.sessions import coder_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from pipeline.session import StudySession
    from pipeline.study import Study

FOLDER = Path(__file__).parent
SECTIONS = {
    "Transcripts": {"start": "Overview", "files": "Files", "check": "Who speaks", "unplaced": "Not placed"},
    "Coding": {"queue": "Queue", "search": "Search", "audit": "Audit"},
    "Codebook": {"codebook": "Codebook"},
    "Analysis": {"analysis": "Counts", "matrix": "Matrix"},
    "Quality": {"progress": "Progress", "compare": "Compare", "learn": "Learn", "second": "Second opinion"},
    "Results": {"results": "Download", "deidentify": "Without names"},
}
"""The pages a coder finds, by what they are for; `read` is reached from all over."""

LONGEST_NUMBER = 18
"""Digits; a database counts no further."""

VIEWS = frozenset(page for pages in SECTIONS.values() for page in pages) - {"start"}


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
            sections=SECTIONS,
            **{"version": None, "problem": "", "known": (), "new": ""} | more,
        )
        return HTMLResponse(html, status)

    def has(self, version: int) -> bool:
        """Tell whether the study has a transcript version, superseded or not."""
        return any(known.id == version for known in self._session.store.transcripts.versions(superseded=True))


@cache
def _templates() -> Environment:
    """Return the templates, each of which is compiled once for all studies and answers."""
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


def page_routes(pages: Pages, known: Callable[[], Sequence[str]]) -> list[BaseRoute]:
    """Return the routes of the pages; all but the start page lead there until somebody signs in.

    Args:
        pages: Renders them.
        known: Coders to choose from when signing in.
    """

    def start(request: Request) -> Response:
        coder = coder_of(request)
        return pages.start(coder, known=() if coder else known())

    def read(request: Request) -> Response:
        digits = request.path_params["version"]
        # Not a converter of the route: one stumbles over more digits than Python reads as a number.
        version = int(digits) if digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None
        if version is None or not pages.has(version):
            raise HTTPException(404, "the study has no such transcript")
        return signed_in(request, "read", version)

    def signed_in(request: Request, page: str, version: int | None = None) -> Response:
        coder = coder_of(request)
        return pages.shell(page, coder, version=version) if coder else RedirectResponse("/", 303)

    views = [Route(f"/{name}", partial(signed_in, page=name)) for name in sorted(VIEWS)]
    return [static_files(), Route("/", start), Route("/read/{version}", read), *views]


def home_routes() -> list[BaseRoute]:
    """Return the route of the page on which studies are made and opened."""

    def home(_: Request) -> Response:
        html = (
            _templates()
            .get_template("home.html")
            .render(page="home", coder=None, study="on this computer", study_id="", version=None, problem="", home=True)
        )
        return HTMLResponse(html)

    return [static_files(), Route("/home", home)]


def static_files() -> Mount:
    """Return the route of scripts, styles and pictures."""
    return Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
