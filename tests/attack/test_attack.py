"""The attacks in their short form: a kill of each command, a look at every page. ``make attack`` is the long one.

Of damaged files, ``tests/corpus/test_fuzzing.py`` is the short form.
"""

import sys

import pytest

from tests.attack import xss
from tests.attack.kills import COMMANDS, Victim, killed, killed_review
from tests.browser.support import CHROMIUM
from tests.flows.process_support import Machine

pytestmark = [pytest.mark.slow]
needs_kills = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")


@pytest.fixture(scope="module")
def victim(tmp_path_factory):
    """One machine for all: studies are prepared on it once."""
    return Victim(tmp_path_factory.mktemp("machine"), words=False)


@needs_kills
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_killed_command_loses_and_doubles_nothing(victim, tmp_path, command):
    losses = killed(victim, command, tmp_path, 1)
    assert losses.sound, losses


@needs_kills
def test_a_killed_page_keeps_what_it_acknowledged(victim, tmp_path):
    losses = killed_review(victim, tmp_path, 2)
    assert losses.sound, losses


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)")
def test_markup_of_a_stranger_stays_text_on_every_page(tmp_path):
    watch = xss.attacked(Machine(tmp_path / "machine", words=False), tmp_path)
    assert watch.alive == []
    assert watch.missing == []
