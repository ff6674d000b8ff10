"""What tests in a real browser share: the server as a process, and what a page is waited for."""

import json
import queue
import shutil
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from flows.cli.page_server import listener_at, serve_app
from flows.web.app import make_app
from flows.web.guard import Access
from flows.web.jobs import ReviewJobs
from pipeline.session import StudySession
from pipeline.study import open_study
from tests import shared_adapters  # noqa: F401 - importing it is what it is for
from tests.flows.process_support import Machine

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 30
"""Seconds until a server must answer."""


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@dataclass
class Server:
    """``precode review`` on a study, as a process that can be killed and started again at the same address."""

    machine: Machine
    study: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: object = None

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        words = ("review", "--study", self.study, "--no-open", "--port", self.port, *self.options)
        self.process = self.machine.start(*words)
        self._wait()
        return self

    def kill(self):
        """End it without a chance to say goodbye."""
        self.process.kill()
        self.process.communicate()

    def api(self, path, coder="Ada", **query):
        """Return what the API answers a notebook of that coder."""
        address = f"{self.address}/api{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(address, headers={"Precode-Coder": coder})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def send(self, path, body, coder="Ada"):
        """Post JSON as a notebook does, and return the answer."""
        headers = {"Precode-Coder": coder, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def _wait(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                self.api("/pulse")
            except urllib.error.HTTPError as error:
                error.close()
                raise
            except OSError:
                assert self.process.poll() is None, self.process.communicate()[1]
                time.sleep(0.05)
            else:
                return
        raise TimeoutError(f"no answer at {self.address}")


@dataclass
class ThreadServer(Server):
    """What ``precode review`` serves, from a thread of this process: nothing has to be started and imported first.

    It ends as by ctrl-c; where a server must die, take a ``Server``.
    """

    session: object = None
    stop: object = None

    def start(self):
        listening, stops = listener_at("127.0.0.1", self.port), queue.SimpleQueue()
        access = Access.at("127.0.0.1", self.port)
        self.session = StudySession(open_study(self.study))
        jobs = ReviewJobs(self.session.study.folder.resolve())
        app = make_app(self.session, jobs=jobs, access=access, blind="--blind" in self.options)
        self.process = threading.Thread(target=serve_app, args=(app, listening, None), kwargs={"on_start": stops.put})
        self.process.start()
        self.stop = stops.get(timeout=PATIENCE)
        return self

    def kill(self):
        if self.process is not None:
            self.stop()
            self.process.join()
            self.session.__exit__()
            self.process = None


def lexical(study):
    """Let a study use the encoder that needs no model."""
    settings = study.folder / "study.toml"
    settings.write_text(settings.read_text().replace('encoder = "openvino"', 'encoder = "lexical"'))
    return study.folder


def saved(page):
    """Wait until everything is saved."""
    page.locator("[data-testid=saved-state][data-state=saved]").wait_for()


def version_of(server, name):
    """The current version of a transcript."""
    return next(one["version"] for one in server.api("/study")["transcripts"] if one["name"] == name)


def violations(page):
    """What axe-core finds wrong, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]
