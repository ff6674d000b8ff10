"""``precode model``: which encoders are on this machine, and adding one."""

from __future__ import annotations

import json as json_of_text
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, next_step, note, print_json, print_table, say

if TYPE_CHECKING:
    from models.added_encoders import EncoderFacts

app = typer.Typer(help="See and add encoders.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def model() -> None:
    """See and add encoders."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="base, multilingual, hub:OWNER/MODEL, or a folder with a model.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Fetch without asking.")] = False,
    json: JsonOption = False,
) -> None:
    """Make a larger or another encoder ready, as fast on this machine as the one that ships.

    \b
    A model that is not on this machine is fetched from Hugging Face, once, after
    you have said yes. A folder is used where it lies. The model is then exported
    to one graph, and the graph's vectors are compared with the model's own. After
    that no network is needed.
    \b
    Example:
      precode model add base
      precode model add hub:intfloat/e5-small-v2 --yes
      precode model add /models/all-mpnet-base-v2
    """
    from models.added_encoders import GRAPH, facts_of, is_here, make_ready
    from models.encoders import ENCODERS, SMALL

    if name in ENCODERS or name == SMALL:
        raise UsageError(f"encoder {name} ships with precode; there is nothing to add")
    if not is_here(name):
        _fetch(name, yes=yes)
    if facts_of(name).runtime != GRAPH:
        note("Exporting the model to one graph and comparing its vectors: once, a minute or two for a model of 400 MB.")
    facts = make_ready(name)
    if json:
        print_json(_to_dict(facts))
        return
    _print_facts(facts)
    _print_next(facts)


@app.command("list")
def listed(*, json: JsonOption = False) -> None:
    """List the encoders on this machine, and what could be added.

    \b
    Example:
      precode model list
    """
    from models.added_encoders import added_encoders
    from models.encoders import SMALL
    from models.hub import BY_NEED

    found = added_encoders()
    if json:
        print_json([_to_dict(facts) for facts in found])
        return
    rows = [
        [
            facts.name,
            f"{facts.megabytes:,.0f}",
            str(facts.dimension or "·"),
            str(facts.max_tokens or "·"),
            facts.runtime or "not exported yet",
            "ships with precode" if facts.name == SMALL else str(facts.folder),
        ]
        for facts in found
    ]
    print_table(["Encoder", "MB", "Dimension", "Longest text (tokens)", "Run by", "Where"], rows)
    for facts in found:
        if facts.reason:
            say(f"{facts.name}: {facts.reason}")
    missing = [name for name in BY_NEED if name not in {facts.name for facts in found}]
    if missing:
        say(f"Not on this machine: {', '.join(missing)}, and any sentence-transformers model of Hugging Face.")
    next_step("precode", "model", "add", *(missing[:1] or ["hub:OWNER/MODEL"]))


def _fetch(name: str, *, yes: bool) -> None:
    """Fetch a model, once the person at this machine has said yes.

    Raises:
        UsageError: If nobody can be asked, or it cannot be fetched.
    """
    from models.hub import MEGABYTES, fetch, folder_of, hub_address, repository_of

    size = f"about {MEGABYTES[name]} MB" if name in MEGABYTES else "of a size that is not known before"
    note(f"{repository_of(name)}, {size}, would be fetched from {hub_address()} to {folder_of(name)}.")
    note("Only the model comes in; nothing of yours goes out.")
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"nothing is fetched unasked; type: precode model add {name} --yes")
        if not typer.confirm("Fetch it?", err=True):
            note("Nothing was fetched.")
            raise typer.Exit(1)
    fetch(repository_of(name), folder_of(name))


def _to_dict(facts: EncoderFacts) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(facts), "folder": str(facts.folder), "megabytes": round(facts.megabytes, 1)}


def _print_facts(facts: EncoderFacts) -> None:
    if facts.cosine is None:
        say(f"{facts.name} is run in torch, several times slower than as a graph: {facts.reason}.")
        return
    say(
        f"{facts.name} is ready: {facts.dimension} dimensions, texts up to {facts.max_tokens} tokens. "
        f"Its vectors are the model's own (cosine {facts.cosine:.5f} at the least)."
    )


def _print_next(facts: EncoderFacts) -> None:
    from models.hub import BY_NEED

    say(f"Next: write encoder = {json_of_text.dumps(facts.name, ensure_ascii=False)} under [model] in study.toml")
    if facts.name not in BY_NEED:
        next_step("precode", "trust", "STUDY")
