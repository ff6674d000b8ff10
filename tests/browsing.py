"""Fixtures for tests in a real browser; test modules name this file in ``pytest_plugins`` and bear the mark ``browser``.

The sample study is pre-coded once with the deterministic lexical encoder; each test gets a copy of it, served by a
server process of its own.
"""

import json
import shutil
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from process_support import Machine

from pipeline.study import create_study

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 30
"""Seconds until a server must answer."""


@dataclass
class Server:
    """``precode review`` on a study, as a process that can be killed and started again at the same address."""

    machine: Machine
    study: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=lambda: free_port())
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


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def lexical(study):
    """Let a study use the encoder that needs no model."""
    settings = study.folder / "study.toml"
    settings.write_text(settings.read_text().replace('encoder = "onnx-fp32"', 'encoder = "lexical"'))
    return study.folder


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    return Machine(tmp_path_factory.mktemp("machine"), words=False)


@pytest.fixture(scope="session")
def precoded(machine, tmp_path_factory):
    """The sample study after a run; copied, never served."""
    folder = lexical(create_study(tmp_path_factory.mktemp("sample") / "study", sample=True))
    code, _, errors = machine.precode("run", "--study", folder, "--no-prefect")
    assert code == 0, errors
    return folder


@pytest.fixture
def serve(machine):
    """Start servers; all end with the test."""
    started = []

    def start(study, *options):
        server = Server(machine, study, options)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def sample(precoded, tmp_path, serve):
    """A server on a fresh copy of the sample study."""
    return serve(Path(shutil.copytree(precoded, tmp_path / "study")))


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser to drive

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def coder(chromium):
    """Open a page as a coder with a browser profile of their own; an error in the page's script fails the test."""
    with opened(chromium) as sign_in:
        yield sign_in


@contextmanager
def opened(chromium):
    contexts, errors = [], []

    def sign_in(server, path="/", name="Ada", **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        cookie = {"name": "precode_coder", "value": urllib.parse.quote(name), "url": server.address}
        context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Strict"}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server.address + path)
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert not errors


def saved(page):
    """Wait until everything is saved."""
    page.locator("[data-testid=saved-state][data-state=saved]").wait_for()


def version_of(server, name):
    """The current version of a transcript."""
    return next(one["version"] for one in server.api("/study")["transcripts"] if one["name"] == name)


def violations(page):
    """What axe-core finds wrong, one line each."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as above

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]
