"""The command line: ``precode``. One command a file; ``main`` alone turns errors into exit codes."""

from flows.cli.app import app, main

__all__ = ["app", "main"]
