"""``precode init``: make a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import JsonOption, next_step, print_json, say
from pipeline.choices import DEFAULT_CODEBOOK

READABLE = ".docx, .vtt, .srt or .txt"


def init(
    folder: Annotated[Path, typer.Argument(help="The study folder; made when absent.")],
    *,
    name: Annotated[str | None, typer.Option(help="What to call the study.", show_default="the folder's name")] = None,
    codebook: Annotated[
        str,
        typer.Option(
            help="What is coded with: a framework that ships (see precode codebook list), a file with a codebook "
            "(.toml, .csv, .xlsx, .qdc), which is copied into the study, or none: codes are made while reading."
        ),
    ] = DEFAULT_CODEBOOK,
    sample: Annotated[bool, typer.Option("--sample", help="Put the four sample interviews into it.")] = False,
    json: JsonOption = False,
) -> None:
    """Make a study: a folder with study.toml and a place for transcripts.

    \b
    Example:
      precode init my-study
      precode init my-study --codebook cfir
      precode init sample-study --sample
    """
    from pipeline.exchange.codebook_file import study_with_codebook

    study = study_with_codebook(folder, codebook, name=name, sample=sample)
    count, book = len(study.sources().accepted), study.codebook()
    if json:
        facts = {"study": str(folder), "name": study.settings.study.name, "codebook": book.name}
        print_json({**facts, "transcripts": count})
        return
    say(f"{folder} is a study now; its settings are in {folder / 'study.toml'}.")
    say(f"It is coded with {book.title or book.name}: {len(book.codes)} codes.")
    if count:
        say(f"{study.transcripts} holds {count} transcripts.")
    else:
        say(f"Put your transcripts ({READABLE}) into {study.transcripts}.")
    next_step("precode", "run", "--study", folder)
