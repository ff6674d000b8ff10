"""``precode codebook``: which codebooks ship; is a codebook sound, and do the seeds fit it?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, next_step, print_json, print_table, say
from pipeline.choices import DEFAULT_CODEBOOK

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from corpus.seeds import SeedBank

app = typer.Typer(help="Work on codebooks.", no_args_is_help=True, rich_markup_mode=None)

FEW = 5
"""Seed quotations under which a code is said to have few."""


@app.callback()
def codebook() -> None:
    """Work on codebooks."""


@app.command("list")
def listed(*, json: JsonOption = False) -> None:
    """List the codebooks that come with precode.

    \b
    Example:
      precode codebook list
      precode init my-study --codebook cfir
    """
    from corpus.shipped import framework, framework_codebook, framework_seeds, frameworks

    facts = [
        {
            "codebook": name,
            "title": framework(name).title,
            "codes": len(framework(name).codes),
            "domains": list(framework(name).domains),
            "seeds": len(framework_seeds(name).coded),
            "source": framework(name).source,
            "file": str(framework_codebook(name)),
        }
        for name in frameworks()
    ]
    if json:
        print_json(facts)
        return
    rows = [[str(fact["codebook"]), str(fact["codes"]), str(fact["seeds"]), str(fact["title"])] for fact in facts]
    print_table(["Codebook", "Codes", "Seed quotations", "Title"], rows)
    say("Without seed quotations names and definitions suggest codes, until you have coded an interview.")
    next_step("precode", "init", "my-study", "--codebook", "cfir")


@app.command()
def check(
    file: Annotated[
        str,
        typer.Argument(help="A codebook that ships (see precode codebook list), or a codebook in TOML."),
    ] = DEFAULT_CODEBOOK,
    *,
    seeds: Annotated[
        list[Path] | None, typer.Option(help="Seed quotations in JSONL; may be repeated.", show_default=False)
    ] = None,
    study: Annotated[
        Path | None, typer.Option(help="Check what this study works with instead.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check a codebook and its seed quotations, and say what is thin.

    \b
    Example:
      precode codebook check
      precode codebook check cfir
      precode codebook check framework.toml --seeds quotes.jsonl
      precode codebook check --study my-study
    """
    if study and (file != DEFAULT_CODEBOOK or seeds):
        raise UsageError("--study takes codebook and seeds from the study; leave the others out")
    book, bank, expected = _of_study(study) if study else _of_files(file, seeds or [])
    counts = Counter(quote.code for quote in bank.coded)
    thin = [code for code in book.ids if counts[code] < FEW] if bank.quotes else []
    if json:
        by_code = {code: counts[code] for code in book.ids}
        print_json({**_facts(book, bank), "seeds_by_code": by_code, "thin": thin, "expectation": expected})
        return
    _print_summary(book, bank, counts)
    for code in thin:
        say(f"Code {code} has {counts[code]} seed quotations; give it at least {FEW}.")
    say(expected)
    say(f"The codebook is sound: {len(book.codes)} codes in {len(book.domains)} domains.")


def _of_study(folder: Path) -> tuple[Codebook, SeedBank, str]:
    from pipeline.expectation import study_expectation
    from pipeline.study import open_study

    opened = open_study(folder)
    return opened.codebook(), opened.seeds(), study_expectation(opened)


def _of_files(name: str, seeds: list[Path]) -> tuple[Codebook, SeedBank, str]:
    from pipeline.expectation import expectation
    from pipeline.precoder import bank_of

    book, bank = _loaded(name, seeds)
    return book, bank, expectation(book, bank_of(bank))


def _loaded(name: str, seeds: list[Path]) -> tuple[Codebook, SeedBank]:
    from corpus.codebook import load_codebook
    from corpus.seeds import load_seeds
    from corpus.shipped import framework, framework_seeds, frameworks

    if name not in frameworks():
        book = load_codebook(Path(name))
        return book, load_seeds(seeds, book)
    return framework(name), load_seeds(seeds, framework(name)) if seeds else framework_seeds(name)


def _facts(book: Codebook, bank: SeedBank) -> dict[str, object]:
    return {
        "codebook": book.name,
        "version": book.version,
        "digest": book.digest,
        "codes": len(book.codes),
        "domains": list(book.domains),
        "seeds": len(bank.coded),
        "uncoded": len(bank.uncoded),
        "seeds_digest": bank.digest,
    }


def _print_summary(book: Codebook, bank: SeedBank, counts: Counter[str | None]) -> None:
    rows = [
        [domain, str(len(codes)), str(sum(counts[code] for code in codes)) if bank.quotes else "·"]
        for domain in book.domains
        for codes in [[code.id for code in book.codes if code.domain == domain]]
    ]
    print_table(["Domain", "Codes", "Seed quotations"], rows, title=f"{book.title or book.name} {book.version}")
