"""``precode second``: a local language model as second opinion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.console import JsonOption, StudyOption, next_step, note, print_json, print_table, progress, say

if TYPE_CHECKING:
    from pipeline.second.kept import KeptTrial
    from pipeline.study import Study

app = typer.Typer(
    help="Ask a language model on this machine for a second opinion.", no_args_is_help=True, rich_markup_mode=None
)
URL = "http://127.0.0.1:11434"
"""Where Ollama listens."""


@app.callback()
def second() -> None:
    """Ask a language model on this machine for a second opinion."""
    require_second()


@app.command()
def connect(
    url: Annotated[str, typer.Argument(help="Address of the model's server.")] = URL,
    *,
    model: Annotated[str, typer.Option(help="Its name there; without one, the models are listed.")] = "",
    study: StudyOption = Path(),
    off: Annotated[bool, typer.Option("--off", help="Do without a second opinion from now on.")] = False,
    json: JsonOption = False,
) -> None:
    """Choose the model, and find out how it can be asked.

    \b
    Only this machine is asked unless study.toml allows the network. The model
    is tried out with a sentence that has nothing to do with your study. It
    counts nothing until "precode second try" has shown that it helps.
    \b
    Example:
      precode second connect http://127.0.0.1:11434
      precode second connect --model qwen3:8b --study my-study
      precode second connect --off --study my-study
    """
    from pipeline.study import open_study

    opened = open_study(study)
    if off:
        _disconnect(opened)
        if json:
            print_json({"study": str(opened.folder), "url": ""})
        else:
            say("No language model is asked any more. What it answered is kept.")
    elif model:
        _connect(opened, url, model, json=json)
    else:
        _print_models(opened, url, json=json)


@app.command("try")
def try_(
    *,
    study: StudyOption = Path(),
    human: Annotated[
        Path | None,
        typer.Option(help="Human codings, JSONL or CSV.", show_default="those that study.toml names"),
    ] = None,
    questions: Annotated[int, typer.Option(min=1, help="Passages to ask about at the most.")] = 120,
    json: JsonOption = False,
) -> None:
    """Measure whether the model helps, on codings that were made without it.

    \b
    The model is asked about passages that people have coded blind, in a file,
    in an audit, or before any opinion was shown. Only if log loss on held-out
    passages falls does it count from then on.
    \b
    Example:
      precode second try --study my-study
      precode second try --study my-study --human codings.jsonl
    """
    from evaluation.second_opinion.trial import try_model
    from pipeline.second.connecting import open_model
    from pipeline.session import StudySession
    from pipeline.study import open_study

    opened = open_study(study)
    codings = human or human_file(opened)
    with open_model(opened.settings) as model, StudySession(opened) as session, progress("Asking", questions) as bar:
        trial = try_model(
            session,
            model,
            codings,
            questions=questions,
            advance=lambda done, of: bar.update(bar.task_ids[0], completed=done, total=of),
        )
    if json:
        print_json({"study": str(opened.folder), **trial_to_dict(trial.kept())})
        return
    print_trial(trial.kept(), opened)


@app.command()
def ask(*, study: StudyOption = Path(), json: JsonOption = False) -> None:
    """Ask the model about the passages of the last run; every run does so at its end.

    \b
    What was answered before is not asked again. Stop it with ctrl-c whenever
    you like.
    \b
    Example:
      precode second ask --study my-study
    """
    from flows.second import second_pass
    from pipeline.session import StudySession
    from pipeline.study import open_study

    opened = open_study(study)
    with StudySession(opened) as session, progress("Asking") as bar:
        passed = second_pass(session, lambda done, of: bar.update(bar.task_ids[0], completed=done, total=of))
    if json:
        report = {"opinions": passed.report.answered, "run": passed.run, "changed": list(passed.changed)}
        print_json({"study": str(opened.folder), **report, "lines": passed.lines()})
        return
    for line in passed.lines():
        say(line)
    next_step("precode", "review", "--study", study)


@app.command()
def status(*, study: StudyOption = Path(), json: JsonOption = False) -> None:
    """Tell which model is asked, what it has been found to bring, and how to report it.

    \b
    Example:
      precode second status --study my-study
    """
    from pipeline.study import open_study

    opened = open_study(study)
    settings = opened.settings.second
    if not settings.url:
        if json:
            print_json({"study": str(opened.folder), "url": "", "trial": None})
        else:
            say("No language model is asked for a second opinion.")
            next_step("precode", "second", "connect", "--study", study)
        return
    from pipeline.second.kept import load_trial

    trial = load_trial(opened.folder)
    if json:
        told = {"url": settings.url, "model": settings.model, "adapter": settings.adapter}
        print_json({"study": str(opened.folder), **told, "trial": trial and trial_to_dict(trial)})
    elif trial is None:
        say(f"{settings.model} at {settings.url} is asked, and counts nothing before it has been tried.")
        next_step("precode", "second", "try", "--study", study)
    else:
        print_trial(trial, opened)


def require_second() -> None:
    """Hold that this installation can ask a language model at all.

    Raises:
        UsageError: If it was made without.
    """
    from importlib.util import find_spec

    from corpus.errors import UsageError

    if find_spec("httpx") is None or find_spec("models.second") is None:
        raise UsageError("this installation asks no language models; type: pip install 'precode[second]'")


def human_file(study: Study) -> Path | None:
    """Return the file of human codings that a study names; None without one."""
    named = study.settings.benchmark.human
    return study.folder / named if named else None


def trial_to_dict(trial: KeptTrial) -> dict[str, Any]:
    """Return a trial for machines: model, verdict, weights and figures."""
    from dataclasses import asdict

    return asdict(trial)


def print_trial(trial: KeptTrial, study: Study) -> None:
    """Print what a trial came to.

    Args:
        trial: The trial.
        study: Where.
    """
    from evaluation.second_opinion.telling import methods_sentence, verdict_line

    figures = trial.figures
    rows = [[label, *map(_figure, found)] for label, found in _table(figures.get("scores", {}))]
    if rows:
        title = f"On {figures['answered']} passages judged without sight of it ({figures['coded']} of them coded)"
        print_table(["", "without", "with", "gain"], rows, title=title)
    for line in figures.get("report", ()):
        note(line)
    say(verdict_line(trial))
    if figures.get("questions"):
        say(f"A pass would ask {figures['questions']} questions more: about {figures['minutes']:.0f} minutes.")
    say(f"For your methods section: {methods_sentence(trial)}")
    next_step("precode", "second", "ask", "--study", study.folder)


def _table(scores: Mapping[str, Any]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    named = (("log loss", "log_loss"), ("right code first", "first"))
    return [
        (label, [scores[f"{key}_{which}"] for which in ("without", "with", "gain")]) for label, key in named if scores
    ]


def _figure(score: Mapping[str, Any]) -> str:
    if score.get("value") is None:
        return "-"
    interval = "" if score.get("low") is None else f" [{score['low']:.2f}, {score['high']:.2f}]"
    return f"{score['value']:.2f}{interval}"


def _print_models(study: Study, url: str, *, json: bool) -> None:
    from dataclasses import asdict

    from pipeline.second.connecting import models_at

    models, is_open = models_at(url, study.settings)
    if json:
        print_json({"url": url, "open_to_pages": is_open, "models": [asdict(model) for model in models]})
        return
    rows = [
        [model.name, model.size, model.quantisation, "elsewhere, not used" if model.remote else "here"]
        for model in models
    ]
    print_table(["Model", "Size", "Weights", "Answers"], rows, title=f"Models at {url}")
    _warn_of_pages(is_open=is_open)
    next_step("precode", "second", "connect", url, "--model", "NAME", "--study", study.folder)


def _connect(study: Study, url: str, model: str, *, json: bool) -> None:
    from dataclasses import asdict

    from pipeline.second.connecting import connect_model

    facts, is_open = connect_model(study, url, model)
    if json:
        print_json({"study": str(study.folder), **asdict(facts), "open_to_pages": is_open})
        return
    say(
        f"{facts.model} answers as {facts.adapter} at {facts.host}"
        + (f", {facts.quantisation}." if facts.quantisation else ".")
    )
    _warn_of_pages(is_open=is_open)
    say("It counts nothing until a trial has shown that it helps.")
    next_step("precode", "second", "try", "--study", study.folder)


def _disconnect(study: Study) -> None:
    from pipeline.second.connecting import disconnect

    disconnect(study)


def _warn_of_pages(*, is_open: bool) -> None:
    if is_open:
        note("Any web page open in your browser can ask this server, too; docs/second-opinion.md says how to close it.")
