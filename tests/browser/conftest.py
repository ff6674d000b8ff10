"""Fixtures for tests in a real browser; test modules name this file in ``pytest_plugins`` and bear the mark.

The sample study is pre-coded once with the deterministic lexical encoder; each test gets a copy of it, served from a
thread, or by a process of its own where the server is killed.
"""

import shutil
import urllib.parse
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.study import create_study
from tests.browser.support import CHROMIUM, Server, ThreadServer, lexical
from tests.flows.process_support import Machine


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
def serve(machine, monkeypatch):
    """Serve studies on the machine, from threads of this process; all end with the test."""
    for name, value in machine.environment.items():
        monkeypatch.setenv(name, value)
    started = []

    def start(study, *options):
        started.append(ThreadServer(machine, Path(study), options))
        return started[-1].start()

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def sample(precoded, tmp_path, serve):
    """A server on a fresh copy of the sample study."""
    return serve(shutil.copytree(precoded, tmp_path / "study"))


@pytest.fixture
def mortal(machine, precoded, tmp_path):
    """A process that serves a fresh copy of the sample study, to be killed and started again."""
    server = Server(machine, Path(shutil.copytree(precoded, tmp_path / "study"))).start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

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
