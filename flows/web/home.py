"""The page over all studies: one server that shows the study that was opened last, and keeps others at work.

A request of a page says which study the page shows; so a tab of one study stays that study's when another is opened.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.files import replace_text
from flows.web.app import make_app, make_home_app
from flows.web.guard import STUDY, Access
from flows.web.jobs import ReviewJobs
from flows.web.pages import study_id
from pipeline.recent import remember_study
from pipeline.session import StudySession
from pipeline.study import Study, open_study
from pipeline.trust import data_home

RECORD = "server.json"
"""In the user's data folder: the address of the page that is served, for whoever starts precode again."""
PATIENCE_SECONDS = 2.0
Place = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class OpenedStudy:
    """A study that is open, and what answers for it.

    Attributes:
        place: What tells its folder and its database from others that take their place.
    """

    session: StudySession
    app: Starlette
    place: Place

    def is_there(self) -> bool:
        """Tell whether the folder is still the one that was opened: what is written to a removed one is lost."""
        return _place(self.session.study) == self.place

    def close(self) -> None:
        """End what runs and close the study: its files hold everything then."""
        self.app.state.close()
        self.session.close()


class OpenStudies:
    """The studies that are open, one of them shown.

    Args:
        access: Where they are served and who may see them.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._opened: dict[str, OpenedStudy] = {}
        self._shown = ""

    def open(self, folder: Path) -> None:
        """Open a study and show it; one that is open is only shown.

        Raises:
            UsageError: If it is no study, cannot be used, or leads outside its folder and nobody has allowed that.
        """
        with self._lock:
            study = open_study(Path(folder).resolve())
            name = study_id(study)
            if name in self._opened and not self._opened[name].is_there():
                self._opened.pop(name).close()  # its folder was removed or moved, and another is there now
            if name not in self._opened:
                session = StudySession(study)
                app = make_app(session, jobs=ReviewJobs(study.folder), access=self._access, home=True)
                self._opened[name] = OpenedStudy(session, app, _place(study))
            self._shown = name
            remember_study(study.folder)

    def app_for(self, wanted: str) -> Starlette | None:
        """Return what answers a request; None if no study is open, or its folder is gone.

        Args:
            wanted: Id of the study that the asking page shows; empty for a page that is opened.
        """
        opened = self._opened.get(wanted) or self._opened.get(self._shown)
        return opened.app if opened and opened.is_there() else None

    def close(self) -> None:
        """End what runs and close all studies: their files hold everything then."""
        with self._lock:
            for opened in self._opened.values():
                opened.close()
            self._opened.clear()


class HomeServer:
    """The application: the first page, and behind it the study that is shown.

    Args:
        access: Where it is served and who may see it.
    """

    def __init__(self, access: Access) -> None:
        self.studies = OpenStudies(access)
        self._stop: Callable[[], None] | None = None
        self._home = make_home_app(self.studies.open, lambda: self._stop() if self._stop else None, access)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._app_for(scope)(scope, receive, send)

    def stopped_by(self, stop: Callable[[], None]) -> None:
        """Say what stops the server, for the button that does."""
        self._stop = stop

    def _app_for(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        if path == "/home" or path.startswith("/api/home"):
            return self._home
        asked = QueryParams(scope.get("query_string", b"")).get("study", "")
        return self.studies.app_for(Headers(scope=scope).get(STUDY) or asked) or self._home

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                self.studies.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def running_server() -> str | None:
    """Return the address of the page that this user has open already; None if there is none, or it does not answer."""
    try:
        url = str(json.loads((data_home() / RECORD).read_text(encoding="utf-8"))["url"])
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname != "127.0.0.1":
            return None
        token = parse_qs(parts.query).get("token", [""])[0]
        # No proxy, and no redirect is followed: whatever has our port now may lead away from this machine.
        with closing(HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)) as connection:
            connection.request("GET", "/api/home", headers={"Authorization": f"Bearer {token}"})
            return url if connection.getresponse().status == 200 else None
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None


@contextmanager
def announce_server(url: str) -> Iterator[None]:
    """Keep the address for whoever starts precode again, as long as the block runs; only its owner may read it."""
    record = data_home() / RECORD
    replace_text(record, json.dumps({"url": url}) + "\n")
    try:
        yield
    finally:
        with suppress(OSError, ValueError, KeyError, TypeError):  # gone, or somebody wrote something else there
            if json.loads(record.read_text(encoding="utf-8"))["url"] == url:
                record.unlink()


def _place(study: Study) -> Place:
    """Return what the disk knows a study's folder and database by; None for what is not there."""

    def known(path: Path) -> tuple[int, int] | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    return known(study.folder), known(study.folder / "study.db")
