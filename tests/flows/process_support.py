"""Runs ``precode`` as a process of its own: no network, a cache of its own, no settings of whoever runs the tests."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HARNESS = Path(__file__).parents[1] / "harness"
OURS = ("PREFECT_", "PRECODE_", "PYTHON")


@dataclass(frozen=True)
class Machine:
    """A folder that plays the user's machine: the cache and the notes of attempts to leave it.

    ``server`` is the address of a Prefect server that runs already, ``secret`` what it asks for, ``cwd`` the folder
    where commands are typed.
    """

    home: Path
    words: bool = True
    server: str = ""
    cwd: Path | None = None
    secret: str = ""

    @property
    def cache(self):
        return self.home / "cache"

    @property
    def attempts(self):
        """Every attempt to reach the network, by any process."""
        notes = self.home / "attempts"
        return notes.read_text() if notes.exists() else ""

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        ours = {
            "PYTHONPATH": str(HARNESS),
            "PRECODE_CACHE": str(self.cache),
            "PRECODE_DATA": str(self.home / "data"),
            "PRECODE_TEST_ATTEMPTS": str(self.home / "attempts"),
        }
        server = {"PREFECT_API_URL": self.server, "PREFECT_API_AUTH_STRING": self.secret} if self.server else {}
        return kept | ours | server | ({"PRECODE_TEST_WORDS": "1"} if self.words else {})

    def after_prefect(self, database):
        """Put down the database of a Prefect server that ran here before, and return the machine."""
        place = self.cache / "prefect"
        place.mkdir(parents=True)
        shutil.copy(database, place / "prefect.db")
        return self

    def start(self, *words, script="from flows.cli import main; main()"):
        return subprocess.Popen(
            [sys.executable, "-P", "-c", script, *map(str, words)],
            env=self.environment,
            cwd=self.cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def precode(self, *words):
        """Run a command to its end and return its exit code, output and errors."""
        return _ended(self.start(*words))

    def python(self, script, *words):
        """Run a script, with words for its ``sys.argv``, as ``precode`` runs a command."""
        return _ended(self.start(*words, script=script))


def _ended(started):
    with started as process:
        out, errors = process.communicate(timeout=600)
    return process.returncode, out, errors


def shadowing_folder(folder):
    """Make a folder whose files bear the names of our packages; importing one is a failure."""
    folder.mkdir()
    for name in ("corpus", "models", "pipeline", "evaluation", "flows", "precode", "prefect", "numpy"):
        (folder / f"{name}.py").write_text(f"raise ImportError('{name}.py of the current folder was imported')\n")
    return folder
