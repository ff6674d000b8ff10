"""The help of every command as one page: ``python -m flows.cli.reference > docs/cli.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from typer.main import get_group
from typer.testing import CliRunner

from flows.cli.app import app

HEAD = """\
# Command line

Written by `python -m flows.cli.reference > docs/cli.md`; a test holds it equal to the commands' own help.
"""


def commands() -> Iterator[tuple[str, ...]]:
    """Yield every command as the words that follow ``precode``, groups before their commands."""
    yield ()
    for name, command in get_group(app).commands.items():
        yield (name,)
        yield from ((name, inner) for inner in getattr(command, "commands", ()))


def help_of(words: tuple[str, ...]) -> str:
    """Return what ``precode WORDS --help`` prints, 90 columns wide."""
    result = CliRunner().invoke(app, [*words, "--help"], prog_name="precode", terminal_width=90)
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


def reference() -> str:
    """Return the page."""
    sections = (f"## {' '.join(('precode', *words))}\n\n```\n{help_of(words)}\n```\n" for words in commands())
    return "\n".join((HEAD, *sections))


if __name__ == "__main__":
    sys.stdout.write(reference())
