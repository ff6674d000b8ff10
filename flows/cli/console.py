"""What every command says things with: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import Progress

WIDTH = 140
"""Columns of a table that goes into a file or a pipe."""

StudyOption = Annotated[Path, typer.Option("--study", help="The study folder.", show_default="this folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines instead of text.")]


def _version(show: bool) -> None:
    if show:
        from importlib.metadata import version as version_of

        typer.echo(f"precode {version_of('precode')}")
        raise typer.Exit


VersionOption = Annotated[
    bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
]


def say(line: str = "") -> None:
    """Print a line of the result."""
    typer.echo(line)


def note(line: str) -> None:
    """Print a line about the work, on standard error."""
    typer.echo(line, err=True)


def complain(line: str) -> None:
    """Print what went wrong, on standard error."""
    typer.echo(f"precode: {' '.join(line.splitlines())}", err=True)


def next_step(*words: object) -> None:
    """Print the command to type next."""
    say(f"Next: {shlex.join(str(word) for word in words)}")


def print_json(value: object) -> None:
    """Print one JSON object."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def save_json(path: Path, value: object) -> None:
    """Write one JSON object.

    Raises:
        UsageError: If the file cannot be written.
    """
    try:
        path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print rows under a header; columns that hold no words are set flush right.

    Args:
        header: Headings, one a column.
        rows: Cells, each row as long as the header.
        title: Stands above the table.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1), pad_edge=False)
    for n, heading in enumerate(header):
        numeric = n > 0 and not any(row[n].isalpha() for row in rows)
        table.add_column(heading, no_wrap=n == 0, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False, highlight=False)
    console.width = console.width if console.is_terminal else WIDTH
    console.print(table)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Progress]:
    """Show a bar, rate and time left on standard error, on a terminal only; its first task is the one to advance."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(TextColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{60 * speed:,.0f} a minute", style="progress.data.speed")

    rate, left = Rate(""), TimeRemainingColumn(compact=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), rate, left)
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        bar.add_task(label, total=total)
        yield bar
