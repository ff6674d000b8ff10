"""``precode trust``: let a study lead outside its own folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import JsonOption, next_step, print_json, say


def trust(
    study: Annotated[Path, typer.Argument(help="The study folder.", show_default="this folder")] = Path(),
    *,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Allow the study nothing any more.")] = False,
    json: JsonOption = False,
) -> None:
    """Allow a study to use files, a database or a model outside its own folder.

    \b
    A study that names such things, whoever wrote its settings, is not opened until
    this has been said once. It holds for this study at this place on this machine,
    and for what is printed; when the study asks for more, it has to be said again.
    \b
    Example:
      precode trust their-study
      precode trust their-study --withdraw
    """
    from pipeline import trust as trusted
    from pipeline.settings import load_settings
    from pipeline.study import SETTINGS

    settings, _ = load_settings(study / SETTINGS)
    if withdraw:
        trusted.withdraw(study)
    ways = () if withdraw else trusted.allow(study, settings)
    if json:
        print_json({"study": str(study), "allowed": list(ways)})
        return
    for way in ways:
        say(f"Allowed: {way}")
    if not ways:
        say(f"{study} may use nothing outside its own folder.")
    next_step("precode", "run", "--study", study)
