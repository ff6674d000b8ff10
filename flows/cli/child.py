"""A command of precode as the child of another process, with which it ends: ``-P -m flows.cli.child learn ...``."""

from __future__ import annotations

import os
import sys
import threading

from flows.cli.app import main as precode


def main() -> None:
    """Run a command of precode, and end at once when the pipe on standard input closes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    precode()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(130)  # what was finished is kept; the store holds all of a transcript or nothing


if __name__ == "__main__":
    main()
