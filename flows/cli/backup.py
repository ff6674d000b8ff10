"""``precode backup`` and ``precode restore``: a study as one file, and back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import JsonOption, next_step, note, print_json, say


def backup(
    study: Annotated[Path, typer.Argument(help="The study folder.", show_default="this folder")] = Path(),
    *,
    to: Annotated[
        Path | None, typer.Option("--to", help="The archive.", show_default="STUDY-DATE-TIME.zip beside the study")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write a study into one zip: transcripts, decisions, settings, codebook, what was learned and imported, exports.

    \b
    The page and runs may go on meanwhile. Caches are left out; they are made again.
    The archive holds the transcripts: treat it like them.
    \b
    Example:
      precode backup my-study
      precode backup my-study --to /backups/my-study.zip
    """
    from pipeline.backup import backup_study
    from pipeline.study import open_study

    opened = open_study(study)
    folder = opened.folder.resolve()
    now = datetime.now().astimezone()
    made = backup_study(opened, to or folder.with_name(f"{folder.name}-{now:%Y-%m-%d-%H%M%S}.zip"))
    for remark in made.remarks:
        note(remark)
    if json:
        print_json({"backup": str(made.path), "files": made.files, "remarks": list(made.remarks)})
        return
    say(f"{made.path} holds {made.files} files of {study}. It holds transcript text: treat it like the transcripts.")
    next_step("precode", "restore", made.path, "FOLDER")


def restore(
    archive: Annotated[Path, typer.Argument(help="What precode backup wrote.")],
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    *,
    json: JsonOption = False,
) -> None:
    """Make a study from a backup, whole or not at all.

    \b
    Example:
      precode restore my-study-2027-01-31-170000.zip my-study
    """
    from pipeline.backup import restore_study

    made = restore_study(archive, folder)
    if json:
        print_json({"study": str(folder), "files": made.files})
        return
    say(f"{folder} holds the study again: {made.files} files.")
    next_step("precode", "run", "--study", folder)
