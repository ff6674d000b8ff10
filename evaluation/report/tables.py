"""A result as rows of cells, for the terminal; whoever prints them decides how they look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evaluation.benchmarks.result import Result
from evaluation.metrics.intervals import Block, Score

LINE_COLUMNS = {
    "positives": "human",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "average precision",
    "wss95": "WSS@95",
}


@dataclass(frozen=True)
class ScoreTable:
    """Rows of cells under a header."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(result: Result) -> list[ScoreTable]:
    """Return the scores, each beside the baselines that have it, then one table by domain and one by code."""
    lines = [_lines("By domain", "domain", result.per_domain), _lines("By code", "code", result.per_code)]
    return [_overall(result), *(table for table in lines if table.rows)]


def cell(score: Block | Score | int | None) -> str:
    """Return ``.62 [.41, .77]``; a dash where the evidence is insufficient or there is no such score."""
    if isinstance(score, int):
        return str(score)
    if not isinstance(score, Score) or score.value is None:
        return "-"
    if score.low is None or score.high is None:
        return number(score.value)
    return f"{number(score.value)} [{number(score.low)}, {number(score.high)}]"


def _overall(result: Result) -> ScoreTable:
    baselines = {name: dict(flat(block)) for name, block in result.baselines.items() if isinstance(block, Mapping)}
    rows = tuple(
        (name, cell(score), str(score.n), *(bare(scores.get(name)) for scores in baselines.values()))
        for name, score in flat(result.scores)
    )
    return ScoreTable(result.protocol, ("score", "precode [95% interval]", "n", *baselines), rows)


def _lines(title: str, first: str, block: Block) -> ScoreTable:
    rows = tuple(
        (label, *(cell(line.get(key)) for key in LINE_COLUMNS))
        for label, line in block.items()
        if isinstance(line, Mapping) and line.get("positives")
    )
    return ScoreTable(title, (first, *LINE_COLUMNS.values()), rows)


def flat(block: Block, prefix: str = "") -> Iterator[tuple[str, Score]]:
    """Yield the scores of a nested block by their dotted names."""
    for name, value in block.items():
        if isinstance(value, Score):
            yield prefix + name, value
        elif isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")


def bare(score: Score | None) -> str:
    """Return the value alone; a dash where there is none."""
    return "-" if score is None or score.value is None else number(score.value)


def number(value: float) -> str:
    """Return two decimals without the leading zero, as papers print scores."""
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.2f}"
