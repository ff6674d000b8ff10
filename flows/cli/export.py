"""``precode export``: write a study's suggestions anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, StudyOption, print_json, say


def export(
    *,
    study: StudyOption = Path(),
    to: Annotated[Path | None, typer.Option(help="Folder for the files.", show_default="exports/latest")] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="csv, jsonl, xlsx or html; may be repeated.", show_default="all"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write the suggestions of a study, with what was decided on them since, to files.

    \b
    Example:
      precode export --study my-study
      precode export --study my-study --format xlsx --to ~/Desktop
    """  # noqa: D301 - \b is typer's sign to keep the lines below it as they are; the example ends the text
    from pipeline.deliver import FORMATS, LATEST, edition_of, write_formats  # noqa: PLC0415 - the help needs no study
    from pipeline.study import open_study  # noqa: PLC0415 - as above
    from pipeline.workbench import Workbench  # noqa: PLC0415 - as above

    opened = open_study(study)
    with Workbench(opened) as bench:
        edition = edition_of(bench)
    if not edition.documents:
        raise UsageError(f"{study}: nothing has been pre-coded yet; type: precode run --study {study}")
    paths = write_formats(to or opened.exports / LATEST, edition, formats or tuple(FORMATS))
    if json:
        print_json({"files": [str(path) for path in paths]})
        return
    for path in paths:
        say(f"Wrote {path}")
