"""What the tests of peers share: where the tools are, and the study that goes through them.

They run when ``PRECODE_PEERS`` names the folder of the tools' environments, which ``make peers`` makes.
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.peers.coded_study import make_study
from tests.peers.facts import in_page, kept, lost, table

ENVIRONMENTS = "PRECODE_PEERS"
REWRITE = "PRECODE_PEERS_WRITE"
PAGES = Path(__file__).parents[2] / "docs" / "tools"
SECONDS = 180
"""Within which every command of a tool ends."""


def pytest_collection_modifyitems(config, items):
    if not os.environ.get(ENVIRONMENTS):
        peers = [item for item in items if item.get_closest_marker("peers")]
        config.hook.pytest_deselected(items=peers)
        items[:] = [item for item in items if item not in peers]


@pytest.fixture(scope="session")
def environment():
    """Give the folder of commands in a tool's environment, or skip."""

    def folder(tool):
        found = Path(os.environ[ENVIRONMENTS]).resolve() / tool / "bin"
        if not (found / "python").exists():
            pytest.skip(f"{tool} is not installed; make peers installs it")
        return found

    return folder


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """The study that goes through the tools; no test may change it."""
    return make_study(tmp_path_factory.mktemp("peers") / "ward")


@pytest.fixture
def report(capfd):
    """Print what was kept, and hold a page of the docs to it."""

    def show(page, name, ways):
        """Print and compare.

        ``ways`` has for each title the facts that were there and those that came through.
        """
        counts = {title: kept(there, came) for title, (there, came) in ways.items()}
        made, path = table(counts), PAGES / page
        with capfd.disabled():
            print(f"\n{name}\n{made}")
            for title, (there, came) in ways.items():
                print("\n".join(f"  {title}: {line}" for line in lost(there, came)))
        text = path.read_text(encoding="utf-8")
        wanted = in_page(text, name, made)
        if os.environ.get(REWRITE):
            path.write_text(wanted, encoding="utf-8")
        else:
            assert text == wanted, f"{page} says something else; look at it, then make peers WRITE=1"
        return counts

    return show


@pytest.fixture
def run():
    """Run a command of a tool to its end."""

    def call(*words, **environment):
        done = subprocess.run(
            [*map(str, words)],
            env=dict(os.environ) | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    return call
