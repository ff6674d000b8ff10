"""Trying and asking a language model beside the review page, in a process of its own, one at a time."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from flows.web.jobs import PRECODE, start_child

Doing = Literal["trying", "asking"]
COMMANDS: dict[Doing, tuple[str, ...]] = {"trying": ("second", "try", "--json"), "asking": ("second", "ask", "--json")}


class SecondJob:
    """Runs ``precode second try`` or ``precode second ask`` for a study.

    Args:
        study: The study folder.
        precode: How precode is called; the words of a command come behind.
    """

    def __init__(self, study: Path, *, precode: Sequence[str] = PRECODE) -> None:
        self._study, self._precode = study, precode
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self.state: Literal["idle", "trying", "asking", "failed"] = "idle"
        self.message = ""

    def begin(self, doing: Doing) -> None:
        """Begin; do nothing while something runs."""
        with self._lock:
            if self.state in COMMANDS:
                return
            self._child = start_child((*self._precode, *COMMANDS[doing], "--study", str(self._study)))
            self.state, self.message = doing, ""
            threading.Thread(target=self._watch, args=(self._child,), daemon=True).start()

    def close(self) -> None:
        """End what runs."""
        with self._lock:
            if self._child and self._child.poll() is None:
                self._child.kill()
                self._child.wait()

    def _watch(self, child: subprocess.Popen[str]) -> None:
        leash, child.stdin = child.stdin, None  # communicate would close it, and the child end
        out, errors = child.communicate()
        if leash:
            leash.close()
        with self._lock:
            self.state = "failed" if child.returncode else "idle"
            last = errors.strip().rpartition("\n")[2].removeprefix("precode: ")
            self.message = (last or "it was stopped; try again") if child.returncode else _lines(out)


def _lines(out: str) -> str:
    """Return what asking came to, in one line; a trial is told by what the study keeps of it."""
    try:
        return " ".join(json.loads(out).get("lines", ()))
    except (ValueError, AttributeError, TypeError):
        return ""
