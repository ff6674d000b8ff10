"""The attacks in their short form: two kills of each command. ``make attack`` is the long one."""

import sys

import pytest

from tests.attack.kills import COMMANDS, Victim, killed, killed_review

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_killed_command_loses_and_doubles_nothing(tmp_path, command):
    losses = killed(Victim(tmp_path / "machine", words=False), command, tmp_path, 2)
    assert losses.sound, losses


def test_a_killed_page_keeps_what_it_acknowledged(tmp_path):
    losses = killed_review(Victim(tmp_path / "machine", words=False), tmp_path, 2)
    assert losses.sound, losses
