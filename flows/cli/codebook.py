"""``precode codebook check``: is this codebook sound, and do the seeds fit it?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from corpus.codebook import Codebook, load_codebook
from corpus.errors import UsageError
from corpus.seeds import SeedBank, load_seeds
from flows.cli.console import JsonOption, print_json, print_table, say

app = typer.Typer(help="Work on codebooks.", no_args_is_help=True, rich_markup_mode=None)

FEW = 5
"""Seed quotations under which a code is said to have few."""


@app.callback()
def codebook() -> None:
    """Work on codebooks."""


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A codebook in TOML.", show_default="the SELFIE codebook")] = None,
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
      precode codebook check framework.toml --seeds quotes.jsonl
      precode codebook check --study my-study
    """
    if study and (file or seeds):
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


def _of_files(file: Path | None, seeds: list[Path]) -> tuple[Codebook, SeedBank, str]:
    from pipeline.expectation import expectation
    from pipeline.precoder import bank_of

    book, bank = _loaded(file, seeds)
    return book, bank, expectation(book, bank_of(bank))


def _loaded(file: Path | None, seeds: list[Path]) -> tuple[Codebook, SeedBank]:
    if file is None:
        from corpus.shipped import selfie, selfie_seeds

        return selfie(), load_seeds(seeds, selfie()) if seeds else selfie_seeds()
    book = load_codebook(file)
    return book, load_seeds(seeds, book)


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
