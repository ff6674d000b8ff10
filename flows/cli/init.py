"""``precode init``: make a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import JsonOption, next_step, print_json, say

READABLE = ".docx, .vtt, .srt or .txt"


def init(
    folder: Annotated[Path, typer.Argument(help="The study folder; made when absent.")],
    *,
    name: Annotated[str | None, typer.Option(help="What to call the study.", show_default="the folder's name")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Put the four sample interviews into it.")] = False,
    json: JsonOption = False,
) -> None:
    """Make a study: a folder with study.toml and a place for transcripts.

    \b
    Example:
      precode init my-study
      precode init sample-study --sample
    """
    from pipeline.study import create_study

    study = create_study(folder, name=name, sample=sample)
    count = len(study.sources().accepted)
    if json:
        print_json({"study": str(folder), "name": study.settings.study.name, "transcripts": count})
        return
    say(f"{folder} is a study now; its settings are in {folder / 'study.toml'}.")
    if count:
        say(f"{study.transcripts} holds {count} transcripts.")
    else:
        say(f"Put your transcripts ({READABLE}) into {study.transcripts}.")
    next_step("precode", "run", "--study", folder)
