"""How well files are read: ``python -m evaluation.reading [folder of cases]``.

The labelled set (``corpus/reading``, see its README) is written in all its forms and read back; then come small files
of kinds met in practice where there is a copy of them, by default in ``../shared/data/cases``.
``evaluation.reading.scorer`` defines the measures. The goals are .99, .99, .98 and no word lost.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.reading.measure import FileScore, by_group, missing_cases, score_cases, score_set, total
from evaluation.reading.scorer import ReadingScore
from evaluation.report.tables import ScoreTable

HEADER = ("files", "turns right", "speakers right", "roles right", "words lost", "words added", "refused")


def table(title: str, scores: Sequence[FileScore], *, by_file: bool = False) -> ScoreTable:
    """Return one row a group, or a file, and all of them last.

    Args:
        title: What was read.
        scores: Of its files.
        by_file: A row a file instead of a group.
    """
    rows = {f"{each.group} {each.name}": each.score for each in scores} if by_file else by_group(scores)
    return ScoreTable(title, ("", *HEADER), tuple(_row(*each) for each in {**rows, "all": total(scores)}.items()))


def _row(name: str, score: ReadingScore) -> tuple[str, ...]:
    shares = (f"{share:.3f}" for share in score.shares())
    return (name, str(score.files), *shares, f"{score.lost}/{score.words}", str(score.added), str(score.refused))


def print_table(table: ScoreTable) -> None:
    """Write a table to the terminal in columns."""
    rows = [table.header, *table.rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(table.header))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    sys.stdout.write("\n".join((table.title, *lines)) + "\n\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.reading", description="Measure how files are read.")
    parser.add_argument("cases", nargs="?", type=Path, default=Path("../shared/data/cases"), help="cases from practice")
    parser.add_argument("--files", action="store_true", help="one row a file instead of one a layout")
    options = parser.parse_args(arguments)
    print_table(table("The labelled set", list(score_set()), by_file=options.files))
    if options.cases.is_dir():
        print_table(table("Cases from practice", list(score_cases(options.cases)), by_file=options.files))
        for name in missing_cases(options.cases):
            sys.stdout.write(f"skipped {name}: not in {options.cases}\n")
    else:
        sys.stdout.write(f"Cases from practice: skipped, there is no folder {options.cases}\n")


if __name__ == "__main__":
    main()
