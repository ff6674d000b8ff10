"""``precode threshold``: which suggestions a study gets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.console import JsonOption, StudyOption, next_step, print_json, say
from pipeline.choices import ThresholdRule

PATTERNS = {
    ThresholdRule.AUTO: "auto: sure where coded interviews support it ({precision:.0%}), else the best {best}",
    ThresholdRule.SURE: "sure: those that coded interviews show to be right {precision:.0%} of the time",
    ThresholdRule.THOROUGH: "thorough: everything from a probability of {floor:.0%} on",
    ThresholdRule.BEST: "best: the best {best} of each transcript",
}


def threshold(
    rule: Annotated[
        ThresholdRule | None, typer.Argument(help="Which suggestions are made.", show_default="as it is")
    ] = None,
    *,
    study: StudyOption = Path(),
    precision: Annotated[
        float | None, typer.Option(help="Share that should be right, 0.5 to 0.99.", show_default="as it is")
    ] = None,
    floor: Annotated[
        float | None, typer.Option(help="Probability from which thorough suggests.", show_default="as it is")
    ] = None,
    best: Annotated[
        int | None, typer.Option(help="Suggestions a transcript, for best.", show_default="as it is")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Choose from which probability on codes are suggested, or show what was chosen.

    \b
    sure      those shown to be right as often as --precision asks for
    thorough  everything from --floor on
    best      the best so many of each transcript
    auto      sure where coded interviews support it, else best
    Suggestions that no coded interview bears out are marked as uncertain. The
    choice is kept in study.toml; the next run goes by it.
    \b
    Example:
      precode threshold --study my-study
      precode threshold sure --precision 0.8 --study my-study
    """
    from pipeline.expectation import study_expectation
    from pipeline.settings_file import change_suggestions
    from pipeline.study import SETTINGS, open_study

    opened = open_study(study)
    said = {"threshold": rule, "precision": precision, "floor": floor, "best": best}
    changes = {name: value for name, value in said.items() if value is not None}
    if changes:
        change_suggestions(opened.folder / SETTINGS, opened.settings.suggest.model_copy(update=changes))
        opened = open_study(study)
    chosen, expected = opened.settings.suggest, study_expectation(opened)
    if json:
        print_json(chosen.model_dump(mode="json") | {"expectation": expected})
        return
    say(PATTERNS[chosen.threshold].format(**chosen.model_dump()))
    say(expected)
    if changes:
        next_step("precode", "run", "--study", opened.folder)
