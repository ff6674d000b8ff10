"""A module of ours in a process of its own: what is heavy, or needs another environment, leaves nothing behind here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def run_module(
    module: str, *arguments: str, environment: Mapping[str, str | None], shows_progress: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m MODULE ARGUMENTS`` away from the user's folder, and return how it ended and what it said.

    Args:
        module: To be run.
        arguments: Its own.
        environment: Variables on top of this process's; None takes one away.
        shows_progress: Lets what it says on standard error through to the terminal.
    """
    roots = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join(roots)}
    return subprocess.run(  # noqa: S603 - our own module on our own interpreter
        [sys.executable, "-P", "-m", module, *arguments],
        env={name: value for name, value in variables.items() if value is not None},
        stdout=subprocess.PIPE,
        stderr=None if shows_progress else subprocess.PIPE,
        text=True,
        check=False,
    )


def is_of_the_machine(error: BaseException) -> bool:
    """Return whether the machine stood in the way: a full disk, a folder that is not ours, too little memory.

    Libraries raise much else as OSError; what the system said has a number.
    """
    if isinstance(error, ConnectionError | TimeoutError):
        return False
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno is not None)
